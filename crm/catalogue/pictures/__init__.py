"""Product pictures drawn by our code: `draw_product`, `draw_generic` and `draw_category` return SVG.

The functions are pure. The same arguments always give the same bytes; another seed gives another picture of
the same family. The documents hold no script, no reference to another resource and no text of a user.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from crm.catalogue.pictures.accessories import accessory
from crm.catalogue.pictures.air import cartridge, purifier
from crm.catalogue.pictures.brewers import filter_machine, grinder
from crm.catalogue.pictures.canvas import Canvas, Params
from crm.catalogue.pictures.consumables import bag, cleaner
from crm.catalogue.pictures.generic import generic
from crm.catalogue.pictures.machines import automatic, espresso
from crm.catalogue.pictures.parts import part

FAMILIES: Mapping[str, Callable[[Canvas, Params], None]] = MappingProxyType(
    {
        "espresso": espresso,
        "automatic": automatic,
        "filter_machine": filter_machine,
        "grinder": grinder,
        "accessory": accessory,
        "bag": bag,
        "purifier": purifier,
        "cartridge": cartridge,
        "cleaner": cleaner,
        "part": part,
    }
)

_CATEGORIES: Mapping[str, tuple[str, Mapping[str, object]]] = MappingProxyType(
    {
        "espresso-machines": ("espresso", {"body": "steel", "gauges": 1, "cups": 3, "handle": "walnut"}),
        "coffee-machines": ("automatic", {"body": "graphite", "panel": "touch", "milk": "jug"}),
        "grinders-accessories": ("grinder", {"body": "black", "accent": "copper", "handle": "walnut"}),
        "coffee-beans": ("bag", {"shape": "sampler", "tone": "navy", "accent": "copper", "label": "cream"}),
        "air-purifiers": (
            "purifier",
            {"shape": "column", "body": "white", "handle": True, "accent": "copper"},
        ),
        "purifier-filters": ("cartridge", {"shape": "set", "tone": "grey", "count": 3}),
        "cleaning": ("cleaner", {"kind": "kit", "tone": "white", "label": "teal"}),
        "spare-parts": ("part", {"kind": "pump"}),
    }
)


def draw_product(family: str, params: Mapping[str, object], seed: str) -> str:
    """The picture of a product. ValueError for an unknown family or a parameter out of its range."""
    canvas, _ = _drawn(family, params, seed)
    return canvas.svg()


def unknown_params(family: str, params: Mapping[str, object], seed: str) -> set[str]:
    """Parameters that the drawing never asked for: usually a spelling mistake in a data file."""
    return _drawn(family, params, seed)[1].unread()


def draw_generic(name: str, seed: str) -> str:
    """A picture for a product without a family: the thing that the words of its (English) name suggest."""
    canvas = Canvas(seed)
    generic(canvas, name)
    return canvas.svg()


def draw_category(slug: str) -> str:
    """The picture of a category; a slug that is not one of the demo's gets a box in its own colours."""
    if slug not in _CATEGORIES:
        return draw_generic(slug.replace("-", " "), f"category:{slug}")
    family, params = _CATEGORIES[slug]
    return draw_product(family, params, f"category:{slug}")


def _drawn(family: str, params: Mapping[str, object], seed: str) -> tuple[Canvas, Params]:
    if family not in FAMILIES:
        raise ValueError(f"unknown picture family {family!r}; known are {', '.join(FAMILIES)}")
    canvas, values = Canvas(seed), Params(params)
    FAMILIES[family](canvas, values)
    return canvas, values


__all__ = ["FAMILIES", "draw_category", "draw_generic", "draw_product", "unknown_params"]
