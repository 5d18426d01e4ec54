"""Spare parts, each drawn large on its own."""

from collections.abc import Callable

from crm.catalogue.pictures import parts_inside as inside
from crm.catalogue.pictures import parts_outside as outside
from crm.catalogue.pictures.canvas import Canvas, Params

DRAWINGS: dict[str, tuple[Callable[[Canvas, Params, str], None], str, float]] = {
    "gasket": (outside.gasket, "rubber", 1.15),
    "screen": (outside.screen, "steel", 1.15),
    "pump": (inside.pump, "graphite", 1.15),
    "hose": (inside.hose, "silver", 1.1),
    "valve": (inside.valve, "brass", 1.05),
    "screws": (outside.screws, "steel", 1.2),
    "thermostat": (inside.thermostat, "ivory", 1.05),
    "heater": (inside.heater, "steel", 1.08),
    "boiler": (inside.boiler, "copper", 1.1),
    "board": (inside.board, "pcb", 1.1),
    "tray": (outside.tray, "graphite", 1.15),
    "tank": (outside.tank, "black", 1.08),
    "basket": (outside.basket, "steel", 1.3),
    "fan": (inside.fan, "graphite", 1.05),
    "sensor": (inside.sensor, "white", 1.1),
    "castors": (outside.castors, "black", 1.2),
    "remote": (outside.remote, "white", 1.1),
    "cord": (outside.cord, "black", 1.15),
    "burrs": (outside.burrs, "steel", 1.1),
    "brewunit": (inside.brew_unit, "grey", 1.1),
    "tip": (outside.tip, "steel", 1.05),
    "jug": (outside.jug, "black", 1.1),
    "lid": (outside.lid, "graphite", 1.25),
    "knob": (outside.knobs, "black", 1.1),
    "orings": (outside.oring, "rubber", 1.15),
    "motor": (inside.motor, "graphite", 1.1),
}


def part(c: Canvas, p: Params) -> None:
    """One spare part, or a small set of the same."""
    draw, usual, zoom = DRAWINGS[p.word("kind", tuple(DRAWINGS))]
    c.zoom(zoom, 8 + (zoom - 1) * 110)
    draw(c, p, p.colour("tone", usual))
