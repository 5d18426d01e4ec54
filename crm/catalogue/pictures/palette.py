"""Colours of the product pictures: names a person can write in a data file, and how light changes them."""

import re

COLOURS: dict[str, str] = {
    "steel": "#b9c0c9",
    "graphite": "#474e59",
    "black": "#2a2e36",
    "white": "#f4f5f6",
    "cream": "#efe4cf",
    "sand": "#cfb997",
    "red": "#b3312f",
    "coral": "#dd6f5b",
    "rose": "#d9a3a3",
    "amber": "#d9962b",
    "yellow": "#e6bf48",
    "sage": "#93a78c",
    "green": "#3f7d57",
    "forest": "#2f5245",
    "teal": "#2b7f83",
    "mint": "#a5d3c1",
    "sky": "#8fbbdc",
    "blue": "#2f62ad",
    "navy": "#2b3c60",
    "violet": "#6f5aa0",
    "plum": "#6d3a58",
    "copper": "#bf7a4c",
    "brass": "#c2a056",
    "brown": "#6a4a35",
    "wood": "#a9764a",
    "walnut": "#6f4c33",
    "silver": "#cfd4da",
    "grey": "#8d96a2",
    "kraft": "#c19a6b",
    "ivory": "#f3ead9",
    "coffee": "#3a2419",
    "crema": "#b9803f",
    "rubber": "#33373d",
    "ceramic": "#fbfaf7",
    "water": "#9cc7e2",
    "pcb": "#1f6b4c",
    "gold": "#d3a73c",
    "pink": "#e39ab0",
    "orange": "#de7f34",
}
"""Named colours; a parameter may also be written as #rrggbb."""

METALS = frozenset({"steel", "silver", "copper", "brass", "gold"})
_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")


def colour(word: str) -> str:
    """The #rrggbb of a colour name or of a hexadecimal colour; ValueError for anything else."""
    if word in COLOURS:
        return COLOURS[word]
    if _HEX.match(word):
        return word.lower()
    raise ValueError(f"unknown colour {word!r}")


def mix(first: str, second: str, share: float) -> str:
    """`first` with `share` (0 to 1) of `second` in it."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def lighter(tone: str, share: float) -> str:
    return mix(tone, "#ffffff", share)


def darker(tone: str, share: float) -> str:
    """Towards a cool near-black, as a shadow in daylight is."""
    return mix(tone, "#10141c", share)


def luminance(tone: str) -> float:
    """Perceived brightness, 0 to 1 (Rec. 601 weights)."""
    red, green, blue = (int(tone[i : i + 2], 16) for i in (1, 3, 5))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
