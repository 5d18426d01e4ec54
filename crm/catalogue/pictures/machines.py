"""Espresso machines, fully automatic machines and brewers, seen from the front."""

from crm.catalogue.pictures.canvas import FLOOR, Canvas, Params, fmt
from crm.catalogue.pictures.palette import METALS, colour, darker, lighter, luminance

DARK, STEEL = "#23272e", "#b4bbc4"


def is_metal(params: Params, name: str, default: str) -> bool:
    """True when the parameter names a metal, which is then drawn brushed instead of lacquered."""
    return params.text(name, default) in METALS


def cup(
    c: Canvas,
    x: float,
    y: float,
    width: float,
    tone: str = "#fbfaf7",
    *,
    coffee: bool = True,
    handle: int = 1,
) -> None:
    """A cup standing at y; `handle` is 1 for the right side, -1 for the left, 0 for none."""
    c.stamp(f"cup{width:.0f}{tone}{coffee}{handle}", x, y, lambda: _cup(c, width, tone, coffee, handle))


def _cup(c: Canvas, width: float, tone: str, coffee: bool, handle: int) -> None:
    cx, y = 0.0, 0.0
    rx, high = width / 2, width * 0.78
    c.ellipse(cx + 3, y, rx * 0.9, 3.5, "#10141c", opacity=0.25)
    if handle:
        x = cx + handle * rx * 0.9
        c.path(
            f"M{fmt(x)} {fmt(y - high * 0.82)}q{fmt(handle * rx * 0.75)} {fmt(high * 0.06)} {fmt(-handle * rx * 0.16)} "
            f"{fmt(high * 0.56)}",
            stroke=darker(tone, 0.16),
            width=max(2.4, width * 0.09),
        )
    c.path(
        f"M{fmt(cx - rx)} {fmt(y - high)}C{fmt(cx - rx)} {fmt(y - high * 0.2)} {fmt(cx - rx * 0.7)} {fmt(y)} {fmt(cx - rx * 0.4)} "
        f"{fmt(y)}H{fmt(cx + rx * 0.4)}C{fmt(cx + rx * 0.7)} {fmt(y)} {fmt(cx + rx)} {fmt(y - high * 0.2)} {fmt(cx + rx)} "
        f"{fmt(y - high)}Z",
        c.round_matt(tone),
    )
    c.ellipse(cx, y - high, rx, rx * 0.2, lighter(tone, 0.4), stroke=darker(tone, 0.2), width=0.8)
    if coffee:
        c.ellipse(
            cx,
            y - high + rx * 0.06,
            rx * 0.84,
            rx * 0.14,
            c.radial((0, "#d6a262"), (0.7, "#a8703a"), (1, "#6d4020")),
        )


def feet(c: Canvas, left: float, right: float) -> None:
    for x in (left + 16, right - 40):
        c.rect(x, FLOOR - 9, 24, 9, DARK, 3)


def drip_grid(c: Canvas, x: float, y: float, w: float) -> None:
    """The slotted steel cover of a drip tray."""
    c.rect(x, y, w, 11, c.gradient((0, "#eef1f4"), (1, "#8f99a5"), direction="down"), 3)
    slots = c.pattern(9, 11, '<path d="M3 2h4v6H3z" fill="#2c323a"/>')
    c.rect(x + 6, y + 1, w - 12, 9, slots, 2)


def gauge(c: Canvas, x: float, y: float, r: float, turn: float) -> None:
    c.stamp(f"gauge{r}", x, y, lambda: _dial(c, r))
    c.group(f"rotate({fmt(turn)} {fmt(x)} {fmt(y)})")
    c.line(x, y + 2, x, y - r * 0.58, "#c23b32", 2)
    c.end()


def _dial(c: Canvas, r: float) -> None:
    cx, cy = 0.0, 0.0
    c.ellipse(cx, cy, r, r, c.round_metal(STEEL))
    c.ellipse(cx, cy, r * 0.8, r * 0.8, "#fdfdfc", stroke="#59616c", width=0.8)
    c.path(
        f"M{fmt(cx - r * 0.5)} {fmt(cy + r * 0.38)}A{fmt(r * 0.63)} {fmt(r * 0.63)} 0 1 1 {fmt(cx + r * 0.5)} {fmt(cy + r * 0.38)}",
        stroke="#8a939f",
        width=2,
    )


def knob(c: Canvas, cx: float, cy: float, r: float, tone: str, turn: float = 0) -> None:
    c.ellipse(cx + 1.5, cy + 3, r * 1.08, r * 1.08, "#10141c", opacity=0.22)
    c.ellipse(cx, cy, r, r, c.round_matt(tone))
    c.ellipse(cx, cy, r * 0.76, r * 0.76, lighter(tone, 0.12))
    c.group(f"rotate({fmt(turn)} {fmt(cx)} {fmt(cy)})")
    c.line(cx, cy - r * 0.3, cx, cy - r * 0.68, "#fff" if luminance(tone) < 0.6 else DARK, 2.2)
    c.end()


def portafilter(c: Canvas, cx: float, y: float, handle: str, side: int = -1, spouts: int = 2) -> None:
    """A locked-in filter holder below a group at y, the handle towards the viewer and to one side."""
    c.stamp(f"portafilter{handle}{side}{spouts}", cx, y, lambda: _portafilter(c, handle, side, spouts))


def _portafilter(c: Canvas, handle: str, side: int, spouts: int) -> None:
    cx, y = 0.0, 0.0
    c.rect(cx - 29, y, 58, 19, c.round_metal(STEEL), 4)
    c.path(f"M{fmt(cx - 22)} {fmt(y + 19)}h44l-9 11h-26z", c.round_metal(STEEL))
    for x in (cx - 8, cx + 8) if spouts == 2 else (cx,):
        c.rect(x - 4, y + 27, 8, 13, c.round_metal(STEEL), 3)
    c.group(f"translate({fmt(cx + side * 18)} {fmt(y + 12)}) rotate({90 - side * 68})")
    c.rect(-5, -2, 40, 11, c.gradient((0, "#e7ebef"), (1, "#79828e"), direction="down"), 4)
    c.rect(
        26,
        -6,
        66,
        19,
        c.gradient((0, lighter(handle, 0.38)), (0.4, handle), (1, darker(handle, 0.4)), direction="down"),
        9,
    )
    c.end()


def wand(c: Canvas, x: float, y: float, side: int, length: float) -> None:
    end = x + side * 24
    c.path(
        f"M{fmt(x)} {fmt(y)}q{fmt(side * 4)} {fmt(length * 0.3)} {fmt(side * 20)} {fmt(length * 0.52)}L{fmt(end)} {fmt(y + length)}",
        stroke="#69727d",
        width=8.5,
    )
    c.path(
        f"M{fmt(x)} {fmt(y + 4)}q{fmt(side * 4)} {fmt(length * 0.3)} {fmt(side * 20)} {fmt(length * 0.5)}l{fmt(side * 3)} "
        f"{fmt(length * 0.4)}",
        stroke="#dde2e7",
        width=3.6,
    )
    c.line(x + side * 20, y + length * 0.52, x + side * 22, y + length * 0.76, DARK, 13)
    c.ellipse(x, y, 9, 9, c.round_metal(STEEL))


def beans_hopper(c: Canvas, cx: float, bottom: float, top_w: float, low_w: float, high: float) -> None:
    """A smoked hopper with beans and a flat lid."""
    top = bottom - high
    a, b = top_w / 2, low_w / 2
    grain = c.pattern(
        17,
        13,
        '<path d="M0 0h17v13H0z" fill="#3a2317"/><g fill="#4a2d1c"><ellipse cx="5" cy="4" rx="5" ry="3.4"/><ellipse cx="14" cy="10" rx="5" '
        'ry="3.4" fill="#5d3a25"/></g><path d="M2 4q3-2 6 0M11 10q3-2 6 0" stroke="#2a170d" fill="none"/>',
    )
    mid = a - (a - b) * 0.3
    c.path(
        f"M{fmt(cx - mid)} {fmt(top + high * 0.3)}L{fmt(cx - b)} {fmt(bottom)}H{fmt(cx + b)}L{fmt(cx + mid)} {fmt(top + high * 0.3)}"
        f"Q{fmt(cx)} {fmt(top + high * 0.2)} {fmt(cx - mid)} {fmt(top + high * 0.3)}Z",
        grain,
    )
    c.glass(
        f"M{fmt(cx - a)} {fmt(top)}L{fmt(cx - b)} {fmt(bottom)}H{fmt(cx + b)}L{fmt(cx + a)} {fmt(top)}Z",
        "#b9c4cf",
    )
    c.rect(cx - a - 4, top - 9, top_w + 8, 12, c.flat("#3a4049"), 5)
    c.rect(cx - 12, top - 16, 24, 8, DARK, 4)


def espresso(c: Canvas, p: Params) -> None:
    """A machine with group heads, filter holders and steam wands."""
    c.zoom(
        1 if p.count("groups", 1, 1, 3) == 3 else 1.06 if p.flag("lever") or p.flag("hopper") else 1.18, 10
    )
    body, metal = p.colour("body", "steel"), is_metal(p, "body", "steel")
    handle, accent = p.colour("handle", "black"), p.colour("accent", "black")
    groups, gauges = p.count("groups", 1, 1, 3), p.count("gauges", 0, 0, 2)
    size = {1: 1.0, 2: 1.62, 3: 2.05}[groups] * p.number("size", 1, 0.7, 1.3)
    hopper, lever, display = p.flag("hopper"), p.flag("lever"), p.flag("display")
    wands, cups, e61 = p.count("wands", 1, 1, 2), p.count("cups", 0, 0, 4), p.flag("e61")
    shape = p.word("shape", ("square", "round", "slim"))
    wide = min(252 * size * (0.72 if shape == "slim" else 1), 500)
    left, right = 320 - wide / 2, 320 + wide / 2
    top, base, head = 156 if shape != "round" else 146, 364, 84
    radius = {"square": 9, "round": 30, "slim": 14}[shape]
    c.shadow(320, wide / 2 + 12)
    feet(c, left, right)
    if hopper:
        beans_hopper(c, 320 - wide * 0.2, top + 2, 96, 62, 66)
    elif cups:
        for i in range(cups):
            cup(c, 320 + (i - (cups - 1) / 2) * 50, top - 3, 40, coffee=False, handle=1)
        c.path(f"M{fmt(left + 18)} {top}v-22H{fmt(right - 18)}v22", stroke="#8d96a2", width=4)
    else:
        c.rect(left + 26, top - 12, wide - 52, 16, c.glass_tone(), 5)
    # The recess in which the cups stand is the darkest place; the head and the base come forward from it.
    c.rect(left + 8, top + 30, wide - 16, base - top - 20, c.flat(darker(body, 0.2)), 8)
    c.rect(
        left + 22,
        top + head - 6,
        wide - 44,
        base - top - head + 10,
        c.gradient((0, "#171a20"), (1, darker(body, 0.45)), direction="down"),
        6,
    )
    c.box(left, top, wide, head, body, radius, metal=metal)
    c.box(left - 6, base, wide + 12, FLOOR - base - 5, body, min(radius, 14), metal=metal)
    drip_grid(c, left + 14, base - 6, wide - 28)
    if accent != colour("black"):
        c.rect(left, top + head - 15, wide, 6, c.flat(accent))
    centres = [320 + (i - (groups - 1) / 2) * wide / groups * 0.74 for i in range(groups)]
    if groups == 1 and hopper:
        centres = [320 + wide * 0.08]
    for cx in centres:
        low = top + head
        c.rect(cx - 35, low - 5, 70, 20, c.round_metal(STEEL), 6)
        if e61:
            c.rect(cx - 21, low - 46, 42, 44, c.round_metal(STEEL), 12)
            c.ellipse(cx, low - 24, 15, 15, c.round_metal(STEEL))
            c.rect(cx + 15, low - 29, 38, 9, c.round_metal(STEEL), 4)
            c.ellipse(cx + 56, low - 25, 9, 9, c.round_matt(handle))
        portafilter(c, cx, low + 14, handle, -1, 2)
        cup(c, cx, base - 3, 46, accent if p.flag("tinted_cup") else "#fbfaf7")
        if p.flag("pouring", True):
            c.path(f"M{fmt(cx - 8)} {low + 53}v34M{fmt(cx + 8)} {low + 53}v34", stroke="#7a4a22", width=2.2)
        if lever:
            c.path(f"M{fmt(cx + 20)} {low - 20}L{fmt(cx + 34)} {top - 70}", stroke="#9aa3ae", width=8)
            c.path(f"M{fmt(cx + 32)} {top - 58}L{fmt(cx + 40)} {top - 100}", stroke=handle, width=16)
    for i in range(wands):
        side = 1 if i == 0 else -1
        c.group(f"translate({fmt(320 + side * (wide / 2 - 26))} {top + head - 2}) scale({side} 1)")
        c.stamp("wand", 0, 0, lambda: wand(c, 0, 0, 1, 104))
        c.end()
    mid = top + head * 0.42
    keys = c.choose("keys", (3, 4)) if not gauges else 2
    if gauges:
        for i in range(gauges):
            gauge(c, left + 44 + i * 56, mid, 23, c.vary(f"needle{i}", -60, 50))
    if display:
        x = right - 118
        c.rect(x, mid - 15, 66, 30, c.gloss(), 5)
        c.path(
            f"M{fmt(x + 10)} {fmt(mid + 4)}h18M{fmt(x + 36)} {fmt(mid - 4)}h20M{fmt(x + 36)} {fmt(mid + 4)}h12",
            stroke="#8fd3ff",
            width=2.4,
        )
    elif groups == 1 and not e61:
        for i in range(keys):
            c.ellipse(right - 66 - i * 26, mid, 8, 8, c.round_matt("#e9ecef"), stroke="#69727d", width=0.8)
    if not e61 or groups > 1:
        knob(
            c, right - 28, mid, 16, accent if luminance(accent) < 0.9 else "#4a515d", c.vary("knob", -50, 60)
        )
    if not gauges and not hopper:
        c.mark(left + 40, mid + 6, 13, "#fff" if luminance(body) < 0.55 else "#4a515d", 0.85)


def _screen_key(c: Canvas, tone: str) -> None:
    c.rect(0, 0, 38, 28, "#39414d", 6)
    c.path("M10 10h14v6q-7 8-14 0zm14 2q7 0 0 5", stroke=tone, width=1.8)


def automatic(c: Canvas, p: Params) -> None:
    """A bean-to-cup machine: one glossy front, an adjustable spout, perhaps a milk jug."""
    c.zoom(1.05, 8)
    body, metal, trim = p.colour("body", "black"), is_metal(p, "body", "black"), p.colour("trim", "steel")
    wide = 224 * p.number("size", 1, 0.75, 1.5)
    panel, milk = (
        p.word("panel", ("touch", "keys", "dial", "strip")),
        p.word("milk", ("none", "jug", "wand", "inside")),
    )
    tank, cups = p.word("tank", ("hidden", "left", "right")), p.count("cups", 1, 0, 2)
    radius, high = p.number("radius", 18, 4, 60), p.number("high", 296, 240, 330)
    shift = -24 if milk == "jug" else 0
    cx = 320 + shift
    left, right, top = cx - wide / 2, cx + wide / 2, FLOOR - 6 - high
    c.shadow(cx - (shift * 0.5), wide / 2 + 18 - shift)
    feet(c, left, right)
    if tank != "hidden":
        x = left - 40 if tank == "left" else right - 16
        c.rect(x, top + 54, 56, high - 88, c.gradient((0, "#cfe3f0"), (1, "#86aac4")), 10)
        c.rect(x, top + 54, 56, 46, "#f2f7fa", 10, opacity=0.75)
        c.shine(x + 8, top + 62, 7, high - 120)
    if p.flag("hopper", True):
        beans_hopper(c, cx + (0 if wide < 260 else -wide * 0.16), top + 4, wide * 0.5, wide * 0.46, 40)
    c.box(left, top, wide, high, body, radius, metal=metal)
    inner, bay = wide - 44, top + high * 0.42
    dark = luminance(body) < 0.3 and not metal
    if panel != "dial":
        c.rect(left + 14, top + 16, wide - 28, high * 0.34, c.gloss(), min(radius, 16))
    if panel == "touch":
        icon = c.choose("icon", ("#8fd3ff", "#f3c98b", "#dfe5ec"))
        for i in range(3):
            for j in range(2):
                c.stamp("key", cx - 66 + i * 46, top + 30 + j * 36, lambda: _screen_key(c, icon))
    elif panel == "keys":
        c.rect(cx - 38, top + 28, 76, 30, "#17324a", 4)
        c.path(f"M{fmt(cx - 28)} {fmt(top + 39)}h36m-36 9h56", stroke="#9fd8ff", width=2.6)
        for i in range(5):
            c.ellipse(cx - 64 + i * 32, top + 84, 9, 9, "#2b313a", stroke=lighter(trim, 0.2), width=1.6)
    elif panel == "strip":
        for i in range(6):
            c.ellipse(
                cx - 65 + i * 26, top + 62, 4, 4, "#8fd3ff" if i == c.choose("lit", range(6)) else "#69727d"
            )
        c.mark(cx, top + 46, 15, "#dfe5ec", 0.8)
    else:
        c.rect(cx - 58, top + 26, 116, 30, c.gloss(), 6)
        c.path(f"M{fmt(cx - 46)} {fmt(top + 41)}h30m14 0h40", stroke="#f3c98b", width=2.8)
        knob(c, cx, top + 88, 25, trim, c.vary("turn", -60, 60))
        for side in (-1, 1):
            c.ellipse(cx + side * 54, top + 88, 9, 9, c.round_matt("#dfe3e7"))
    # The bay with the spout.
    c.rect(
        cx - inner / 2,
        bay,
        inner,
        FLOOR - 48 - bay,
        c.gradient((0, "#0e1116"), (0.6, "#2a2f37"), (1, "#3a4049"), direction="down"),
        min(radius * 0.6, 16),
    )
    c.shine(cx - inner / 2 + 8, bay + 12, 6, FLOOR - 90 - bay, 0.18)
    c.path(f"M{fmt(cx - 40)} {fmt(bay - 8)}h80v34q0 12-12 12h-56q-12 0-12-12z", c.skin(trim, True))
    for side in (-1, 1):
        c.rect(cx + side * 15 - 6, bay + 36, 12, 16, c.round_metal(STEEL), 4)
    for i in range(cups):
        x = cx + (i - (cups - 1) / 2) * 54
        cup(c, x, FLOOR - 52, 48 if cups == 1 else 42, handle=1)
        c.path(
            f"M{fmt(x - 4)} {fmt(bay + 52)}v{fmt(FLOOR - 92 - bay - 50)}m8 0v-{fmt(FLOOR - 92 - bay - 50)}",
            stroke="#7a4a22",
            width=2.4,
        )
    c.box(left + 8, FLOOR - 44, wide - 16, 36, darker(body, 0.1) if not dark else lighter(body, 0.08), 8)
    drip_grid(c, cx - inner / 2, FLOOR - 52, inner)
    c.rect(left + 14, top + high * 0.385, wide - 28, 3, lighter(trim, 0.3), 1, opacity=0.8)
    if milk == "jug":
        x = right + 14
        c.path(f"M{fmt(cx + 30)} {fmt(bay + 12)}H{fmt(x + 26)}q12 0 12 12v40", stroke=DARK, width=9)
        c.shadow(x + 40, 42)
        c.glass(f"M{fmt(x)} {FLOOR - 112}h80l-7 108q-1 4-5 4h-56q-4 0-5-4z", "#eef3f7")
        c.path(f"M{fmt(x + 4)} {FLOOR - 70}h72l-5 66h-62z", c.round_matt("#fdfdfb"))
        c.rect(x - 4, FLOOR - 126, 88, 18, c.flat("#343a43"), 6)
    elif milk == "wand":
        wand(c, right - 34, bay - 4, 1, 116)
    elif milk == "inside":
        c.rect(cx + 22, bay + 34, 7, 20, "#e8edf1", 3)
    if panel in {"keys", "dial"}:
        c.mark(cx, FLOOR - 20, 9, "#dfe5ec" if luminance(body) < 0.6 else "#59616c", 0.8)
