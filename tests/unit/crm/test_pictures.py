"""Drawn product pictures: valid, small, safe, repeatable, and different from each other."""

import re
from xml.etree import ElementTree as ET

import pytest

from crm.catalogue.pictures import FAMILIES, draw_category, draw_generic, draw_product, unknown_params
from crm.catalogue.pictures.palette import colour, luminance, mix
from crm.catalogue.pictures.parts import DRAWINGS as PARTS

LARGEST = 7_600
NAMES = [
    "RED RETROSPOT CAKE STAND",
    "JUMBO BAG RED RETROSPOT",
    "ALARM CLOCK BAKELIKE GREEN",
    "HEART OF WICKER LARGE",
    "PAPER CHAIN KIT",
    "REGENCY TEACUP AND SAUCER",
    "WRAP ROSES",
    "DOTCOM POSTAGE",
    "陶瓷杯",
    "",
]
VARIANTS = [("espresso", {"groups": n}) for n in (1, 2, 3)] + [
    ("automatic", {"panel": "keys", "milk": "jug", "cups": 2}),
    *[("filter_machine", {"style": s}) for s in ("classic", "tower", "urn", "colddrip", "moka", "press")],
    *[("purifier", {"shape": s}) for s in ("column", "box", "desk", "wall", "office", "car")],
    *[("cartridge", {"shape": s}) for s in ("drum", "panel", "carbon", "mesh", "set", "water", "ring")],
    *[("part", {"kind": k}) for k in PARTS],
]


def shapes(svg: str) -> str:
    """The document without what only names things: generated ids and their references."""
    return re.sub(r'(id="|url\(#|href="#)\w+', r"\1", svg)


def check(svg: str) -> None:
    root = ET.fromstring(svg)
    assert root.get("viewBox") == "0 0 640 480"
    assert len(svg.encode()) <= LARGEST
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'(?:url\(|href=")#(\w+)', svg))
    assert used <= set(ids)
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert tags <= {
        "svg",
        "defs",
        "g",
        "use",
        "path",
        "rect",
        "circle",
        "ellipse",
        "stop",
        "pattern",
        "clipPath",
        "linearGradient",
        "radialGradient",
    }
    attributes = {name for node in root.iter() for name in node.attrib}
    assert not {name for name in attributes if name.startswith("on") or name == "style"}
    assert svg.count("http") == 1, "the namespace is the only address"
    assert "nan" not in svg and "None" not in svg


@pytest.mark.parametrize(("family", "params"), [(f, {}) for f in FAMILIES] + VARIANTS)
def test_every_family_draws_a_small_and_closed_document(family: str, params: dict[str, object]) -> None:
    check(draw_product(family, params, "AH-1"))
    assert unknown_params(family, params, "AH-1") == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_generic_picture_is_drawn_for_any_name(name: str) -> None:
    check(draw_generic(name, f"imported:{name}"))


def test_the_words_of_a_name_choose_the_thing_and_its_colour() -> None:
    umbrella, parcel = draw_generic("UMBRELLA RED", "1"), draw_generic("XYZZY", "1")
    assert colour("red") in umbrella
    assert colour("red") not in draw_generic("UMBRELLA BLUE SPOTS", "1")
    assert shapes(umbrella) != shapes(parcel)
    assert shapes(draw_generic("SET OF 6 MUGS", "1")) == shapes(draw_generic("MUGS", "1"))


def test_a_name_never_becomes_markup() -> None:
    svg = draw_generic('"><script>alert(1)</script><image href="http://x/"/>', "1")
    check(svg)
    assert "script" not in svg


def test_pictures_repeat_exactly_and_another_seed_gives_another_picture() -> None:
    for family in FAMILIES:
        assert draw_product(family, {}, "a") == draw_product(family, {}, "a")
    assert draw_generic("MUG", "a") == draw_generic("MUG", "a")
    assert len({shapes(draw_generic("MUG", str(n))) for n in range(40)}) == 40


def test_categories_have_their_own_pictures() -> None:
    slugs = (
        "espresso-machines",
        "coffee-machines",
        "grinders-accessories",
        "coffee-beans",
        "air-purifiers",
        "purifier-filters",
        "cleaning",
        "spare-parts",
        "imported-gifts",
    )
    pictures = [draw_category(slug) for slug in slugs]
    for svg in pictures:
        check(svg)
    assert len({shapes(svg) for svg in pictures}) == len(slugs)


@pytest.mark.parametrize(
    ("family", "params", "message"),
    [
        ("teapot", {}, "unknown picture family 'teapot'"),
        ("espresso", {"groups": 9}, "groups must be a number from 1 to 3"),
        ("espresso", {"groups": True}, "groups must be a number"),
        ("espresso", {"body": "see-through"}, "unknown colour 'see-through'"),
        ("espresso", {"display": "yes"}, "display must be true or false"),
        ("part", {"kind": "flux capacitor"}, "kind must be one of gasket"),
        ("bag", {"tone": '#fff"/><script>'}, "unknown colour"),
    ],
)
def test_wrong_parameters_are_refused_with_their_name(
    family: str, params: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        draw_product(family, params, "AH-1")


def test_a_misspelt_parameter_is_reported() -> None:
    assert unknown_params("grinder", {"boddy": "red", "body": "red"}, "x") == {"boddy"}


def test_colours_mix_and_have_a_brightness() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert colour("#A0B1C2") == "#a0b1c2"
    assert luminance("#ffffff") == pytest.approx(1)
    assert luminance("#ff0000") == pytest.approx(0.299)
