"""What every page must keep, wherever a test meets it: no axe violation (WCAG 2.2 AA and best practice) light and
dark on phone and desktop, nothing wider than a small phone."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A theme changes colours only, so the second theme is asked about colours only.
COLOURS = ["color-contrast", "link-in-text-block"]
WIDTHS = (320, 390, 1280)
# The bar of consent stands over the page until it is answered or the page is scrolled: what it covers in part is
# not small.
_RUN = """async ([options]) => {
  const bar = document.querySelector('.consent-bar'), over = bar?.getBoundingClientRect();
  const isCrossed = node => {
    const one = document.querySelector(node.target[0]), box = one?.getBoundingClientRect();
    return bar && box && !bar.contains(one) && box.top < over.bottom && box.bottom > over.top;
  };
  const found = await axe.run(document, options);
  const told = found.violations.map(v => v.id === 'target-size' ? {...v, nodes: v.nodes.filter(n => !isCrossed(n))} : v);
  return told.filter(v => v.nodes.length).map(v => `${v.id}: ${v.help} at ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`);
}"""
# Colours are looked at where they end, not on their way there.
_STILL = """() => {
  const still = new CSSStyleSheet();
  still.replaceSync('*, ::before, ::after { transition: none !important; animation: none !important; }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
}"""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _violations(page: Page, only_colours: bool) -> list[str]:
    chosen = {"type": "rule", "values": COLOURS} if only_colours else {"type": "tag", "values": TAGS}
    options = {"runOnly": chosen, "resultTypes": ["violations"]}
    return [str(found) for found in page.evaluate(_RUN, [options])]


def look_at(page: Page) -> list[str]:
    """What is wrong with the page that is open now, as readable lines; the page is left light and wide."""
    told: list[str] = []
    page.emulate_media(color_scheme="light")
    page.evaluate(SCRIPT)
    page.evaluate(_STILL)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate(_WIDER)
        if over > 1:
            told.append(f"{over} px wider than {width}")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            told += [f"{width} {theme}: {found}" for found in _violations(page, theme == "dark")]
    page.emulate_media(color_scheme="light")
    return told


def check(page: Page) -> None:
    """Fails when anything is wrong with the page that is open now."""
    told = look_at(page)
    assert not told, "\n".join([page.url, *told])
