"""Colours and pattern of a product that came without a family, taken from the words of its name."""

from copy import copy

from crm.catalogue.pictures.canvas import Canvas, fmt
from crm.catalogue.pictures.palette import COLOURS, darker, lighter, luminance

_TONES = (
    "red",
    "coral",
    "rose",
    "amber",
    "yellow",
    "sage",
    "green",
    "teal",
    "mint",
    "sky",
    "blue",
    "navy",
    "violet",
    "plum",
    "copper",
    "sand",
    "cream",
    "pink",
)
_COLOUR_WORDS = {
    word: word for word in COLOURS if word not in {"wood", "water", "rubber", "ceramic", "coffee"}
} | {
    "gray": "grey",
    "purple": "violet",
    "wooden": "wood",
    "turquoise": "teal",
    "metal": "steel",
    "natural": "kraft",
    "lilac": "violet",
    "chocolate": "brown",
    "lavender": "violet",
    "antique": "brass",
    "zinc": "silver",
    "enamel": "white",
    "retrospot": "red",
    "christmas": "red",
    "jumbo": "red",
    "glass": "sky",
    "vintage": "sage",
    "paisley": "plum",
}
_PATTERN_WORDS = {
    "spot": "dots",
    "spots": "dots",
    "retrospot": "dots",
    "polkadot": "dots",
    "dotcom": "dots",
    "stripe": "stripes",
    "stripes": "stripes",
    "striped": "stripes",
    "regency": "stripes",
    "heart": "hearts",
    "hearts": "hearts",
    "gingham": "checks",
    "check": "checks",
    "tartan": "checks",
    "flower": "flowers",
    "floral": "flowers",
    "rose": "flowers",
    "roses": "flowers",
    "daisy": "flowers",
    "poppy": "flowers",
    "star": "stars",
    "stars": "stars",
}


class Look:
    """Colours and surface of one generic product."""

    def __init__(self, c: Canvas, words: list[str]) -> None:
        named = [_COLOUR_WORDS[word] for word in words if word in _COLOUR_WORDS]
        self.tone = COLOURS[named[0] if named else c.choose("tone", _TONES)]
        self.accent = COLOURS[
            named[1] if len(named) > 1 and named[1] != named[0] else c.choose("accent", _TONES)
        ]
        if self.accent == self.tone:
            self.accent = darker(self.tone, 0.35) if luminance(self.tone) > 0.4 else lighter(self.tone, 0.5)
        kinds = ("plain", "dots", "stripes", "checks", "flowers", "stars", "hearts")
        found = [_PATTERN_WORDS[word] for word in words if word in _PATTERN_WORDS]
        self.kind = found[0] if found else c.choose("pattern", kinds)
        self.size = c.vary("size", 0.9, 1.08)
        self.turn = round(c.vary("turn", 0, 90))

    def swapped(self) -> "Look":
        """The same pattern with the two colours exchanged, for a label or a second roll."""
        other = copy(self)
        other.tone, other.accent = self.accent, self.tone
        return other

    def surface(self, c: Canvas) -> str:
        ink = lighter(self.tone, 0.72) if luminance(self.tone) < 0.72 else self.accent
        step = round(22 * self.size)
        h = step / 2
        body = {
            "plain": "",
            "dots": f'<circle cx="{fmt(h / 2)}" cy="{fmt(h / 2)}" r="4" fill="{ink}"/><circle cx="{fmt(h * 1.5)}" cy="{fmt(h * 1.5)}" r="4" '
            f'fill="{ink}"/>',
            "stripes": f'<path d="M0 0h{fmt(h)}v{step}H0z" fill="{ink}" opacity=".75"/>',
            "checks": f'<path d="M0 0h{fmt(h)}v{step}H0zM0 0h{step}v{fmt(h)}H0z" fill="{ink}" opacity=".42"/>',
            "flowers": f'<g fill="{ink}" transform="scale({step / 22:.2f})"><circle cx="11" cy="6.500" r="4"/><circle cx="11" cy="15.500" r="4"/>'
            f'<circle cx="6.500" cy="11" r="4"/><circle cx="15.500" cy="11" r="4"/></g><circle cx="{fmt(h)}" cy="{fmt(h)}" r="3" '
            f'fill="{self.accent}"/>',
            "stars": f'<path transform="scale({step / 22:.2f})" d="M11 2l3 6 6 1-4 5 1 6-6-3-6 3 1-6-4-5 6-1z" fill="{ink}"/>',
            "hearts": f'<path transform="scale({step / 22:.2f})" d="M11 18L4 10Q2 4 7 4q3 0 4 3 1-3 4-3 5 0 3 6z" fill="{ink}"/>',
        }[self.kind]
        turn = self.turn if self.kind in {"stripes", "checks"} else 0
        return c.pattern(step, step, f'<path d="M0 0h{step}v{step}H0z" fill="{self.tone}"/>{body}', turn)
