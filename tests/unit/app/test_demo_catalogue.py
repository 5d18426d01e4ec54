"""The demo catalogue: complete in three languages, consistent, and pictured without two alike."""

import re
from collections import Counter
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from shutil import copytree

import pytest
import typst
from PIL import Image, ImageChops

from app.demo.catalogue import LOCALES, CatalogueError, DemoProduct, load_catalogue, read_catalogue
from crm.catalogue.pictures import draw_product

DATA = Path(__file__).parents[3] / "app" / "demo" / "data" / "catalogue"
CATALOGUE = load_catalogue()
CHINESE = re.compile(r"[一-鿿]")
LATIN_ALLOWED = {"Plus", "Pro", "USB", "OLED", "HEPA", "ml", "kg", "mm", "cm", "dB", "bar", "AH"}


def texts(product: DemoProduct, locale: str) -> list[str]:
    rows = [part for row in product.specs for part in (row.label[locale], row.value[locale])]
    return [product.names[locale], product.taglines[locale], product.descriptions[locale], *rows]


def holds(codec: str, character: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def foreign(character: str, locale: str) -> bool:
    """True for a character of the other script: GB 2312 has the simplified forms only, Big5 the traditional."""
    if not CHINESE.match(character) or character == "着":
        return False
    simplified, traditional = holds("gb2312", character), holds("big5", character)
    return simplified and not traditional if locale == "zh-Hant" else traditional and not simplified


def test_there_are_eight_categories_each_with_a_dozen_products() -> None:
    counted = Counter(product.category for product in CATALOGUE.products)
    assert [category.slug for category in CATALOGUE.categories] == [
        "espresso-machines",
        "coffee-machines",
        "grinders-accessories",
        "coffee-beans",
        "air-purifiers",
        "purifier-filters",
        "cleaning",
        "spare-parts",
    ]
    assert len(CATALOGUE.products) >= 128
    assert min(counted.values()) >= 12
    assert [category.position for category in CATALOGUE.categories] == list(range(1, 9))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_product_has_its_own_name_and_a_full_text(locale: str) -> None:
    names = Counter(product.names[locale] for product in CATALOGUE.products)
    assert names.most_common(1)[0][1] == 1
    stops = r"[.!?](?=\s|$)" if locale == "en" else "[。！？；]"
    for product in CATALOGUE.products:
        sentences = len(re.findall(stops, product.descriptions[locale]))
        assert 1 <= sentences <= 4, (product.sku, sentences)
        assert 4 <= len(product.specs) <= 6, product.sku
        assert all(text.strip() == text != "" for text in texts(product, locale)), product.sku


def test_english_texts_have_two_to_four_sentences() -> None:
    short = [
        product.sku
        for product in CATALOGUE.products
        if not 2 <= len(re.findall(r"[.!?](?=\s|$)", product.descriptions["en"])) <= 4
    ]
    assert short == []


@pytest.mark.parametrize("locale", ["zh-Hant", "zh-Hans"])
def test_chinese_is_written_in_its_own_script_with_its_own_punctuation(locale: str) -> None:
    wrong: list[tuple[str, str]] = []
    for product in CATALOGUE.products:
        for text in texts(product, locale):
            wrong += [(product.sku, character) for character in text if foreign(character, locale)]
        prose = "".join(texts(product, locale)[:3])
        wrong += [(product.sku, match) for match in re.findall(r"[一-鿿][,.;:!?()]|[,;:!?()][一-鿿]", prose)]
        words = set(re.findall(r"[A-Za-z]{2,}", " ".join(texts(product, locale)))) - LATIN_ALLOWED
        wrong += [
            (product.sku, word) for word in words if not re.search(rf"-?{word}-?\d|\b[A-Z]{{2}}\b", word)
        ]
    for category in CATALOGUE.categories:
        wrong += [
            (category.slug, character)
            for character in category.names[locale] + category.descriptions[locale]
            if foreign(character, locale)
        ]
    assert wrong == []


def test_taiwan_and_mainland_words_differ_where_usage_does() -> None:
    everything = {
        locale: " ".join(text for product in CATALOGUE.products for text in texts(product, locale))
        for locale in LOCALES
    }
    for taiwan, mainland in (
        ("空氣清淨機", "空气净化器"),
        ("義式", "意式"),
        ("螢幕", "屏幕"),
        ("幫浦", "水泵"),
        ("保固", "保修"),
        ("品質", "质量"),
        ("深焙", "深烘"),
    ):
        assert taiwan in everything["zh-Hant"], taiwan
        assert mainland in everything["zh-Hans"], mainland
    assert "净化器" not in everything["zh-Hant"]
    assert "清淨機" not in everything["zh-Hans"]


def test_machines_are_serialised_and_what_is_used_up_comes_again() -> None:
    for product in CATALOGUE.products:
        if product.category in {"espresso-machines", "air-purifiers"}:
            assert product.is_serialised and product.warranty_months >= 12, product.sku
        if product.category in {"coffee-beans", "purifier-filters", "cleaning"}:
            assert product.consumable_days, product.sku
            assert not product.is_serialised
        assert product.tax_rate == (700 if product.category == "coffee-beans" else 1900)
        assert product.price == product.price.quantize(Decimal("0.01"))
        low, high = product.stock_range
        assert 0 <= low <= high
    fitting = CATALOGUE.list_fitting("AH-CM-310")
    assert {"AH-CL-210", "AH-SP-145", "AH-SP-195"} <= {product.sku for product in fitting}


def test_every_purifier_has_a_filter_and_every_espresso_machine_a_part() -> None:
    for product in CATALOGUE.products:
        if product.category == "air-purifiers":
            assert "purifier-filters" in {other.category for other in CATALOGUE.list_fitting(product.sku)}, (
                product.sku
            )
        if product.category == "espresso-machines":
            assert "spare-parts" in {other.category for other in CATALOGUE.list_fitting(product.sku)}, (
                product.sku
            )


def test_the_next_model_up_costs_more() -> None:
    for product in CATALOGUE.products:
        if product.successor:
            follower = CATALOGUE.get_product(product.successor)
            assert follower.price > product.price, (product.sku, follower.sku)
            assert product.sku in follower.predecessors


def test_no_two_products_look_alike() -> None:
    """Compared as the visitor sees them: thumbnails, apart by a visible amount."""
    pictures = [draw_product(product.family, product.picture, product.sku) for product in CATALOGUE.products]
    pages = "\n".join(
        f'#page(image(bytes(sys.inputs.p{n}), format: "svg", width: 64pt))' for n in range(len(pictures))
    )
    source = "#set page(width: 64pt, height: 48pt, margin: 0pt)\n" + pages
    rendered = typst.compile(
        source.encode(),
        format="png",
        ppi=72,
        ignore_system_fonts=True,
        sys_inputs={f"p{n}": svg for n, svg in enumerate(pictures)},
    )
    assert isinstance(rendered, list)
    thumbnails = [Image.open(BytesIO(page)).convert("RGB") for page in rendered]
    assert len(thumbnails) == len(pictures)
    near = []
    for first in range(len(thumbnails)):
        for second in range(first):
            red, green, blue = ImageChops.difference(thumbnails[first], thumbnails[second]).split()
            strongest = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
            apart = sum(strongest[16:])
            if apart < 30:
                near.append((CATALOGUE.products[first].sku, CATALOGUE.products[second].sku, apart))
    assert near == []
    assert max(len(svg.encode()) for svg in pictures) <= 7_600


def broken(folder: Path, name: str, old: str, new: str) -> str:
    copytree(DATA, folder)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("8-spare-parts.yaml", "sku: AH-SP-102", "sku: AH-SP-101", "share the code 'AH-SP-101'"),
        (
            "8-spare-parts.yaml",
            "goes_with: [AH-SP-106]",
            "goes_with: [AH-SP-999]",
            "AH-SP-102: goes_with names AH-SP-999",
        ),
        ("8-spare-parts.yaml", "price: 6.90", "price: cheap", "8-spare-parts.yaml: AH-SP-101: price"),
        ("8-spare-parts.yaml", "tone: rubber", "tone: invisible", "AH-SP-101: unknown colour 'invisible'"),
        ("8-spare-parts.yaml", "tone: rubber", "tune: rubber", "AH-SP-101: the drawing does not know tune"),
        ("8-spare-parts.yaml", "$epdm", "$moon_dust", "terms.yaml has no value '$moon_dust'"),
        (
            "8-spare-parts.yaml",
            "material: $epdm",
            "material: stuff",
            "'stuff' is neither a measure nor a term",
        ),
        (
            "8-spare-parts.yaml",
            '  zh-Hant: {name: "沖煮頭墊圈 58 mm"',
            '  zh-TW: {name: "沖煮頭墊圈 58 mm"',
            "zh-Hant: Field required",
        ),
        (
            "8-spare-parts.yaml",
            "Group gasket 54 mm",
            "Group gasket 58 mm",
            "share the en name 'Group gasket 58 mm'",
        ),
        ("5-air-purifiers.yaml", "successor: AH-AP-220", "successor: AH-AP-110", "go round in a circle"),
        ("5-air-purifiers.yaml", "products:", "products: {", "5-air-purifiers.yaml: while parsing"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
    assert message in broken(tmp_path / "catalogue", name, old, new)
