"""Air purifiers and every kind of filter."""

from crm.catalogue.pictures.canvas import FLOOR, Canvas, Params, fmt
from crm.catalogue.pictures.machines import DARK, STEEL, is_metal
from crm.catalogue.pictures.palette import darker, lighter, luminance


def _grille(c: Canvas, kind: str, tone: str) -> str:
    """Openings of an air inlet as a tile: round holes, upright or level slots, lozenges, woven cloth."""
    hole = darker(tone, 0.5 if luminance(tone) > 0.5 else 0.6)
    return {
        "dots": lambda: c.pattern(
            10,
            10,
            f'<g fill="{hole}"><circle cx="2.5" cy="2.5" r="1.9"/><circle cx="7.5" cy="7.5" r="1.9"/></g>',
        ),
        "bars": lambda: c.pattern(11, 40, f'<path d="M4 0h4v40H4z" fill="{hole}"/>'),
        "slots": lambda: c.pattern(40, 10, f'<path d="M0 4h40v3.6H0z" fill="{hole}"/>'),
        "lozenges": lambda: c.pattern(16, 16, f'<path d="M8 2l5 6-5 6-5-6z" fill="{hole}"/>'),
        "cloth": lambda: c.pattern(6, 6, f'<path d="M0 0h3v3H0zM3 3h3v3H3z" fill="{hole}" opacity=".3"/>'),
    }[kind]()


def _ring(c: Canvas, cx: float, cy: float, r: float, light: str) -> None:
    """The air quality display: a lit ring around a dark glass."""
    c.ellipse(cx, cy, r, r, c.gloss())
    c.ellipse(cx, cy, r * 0.78, r * 0.78, "none", stroke=light, width=max(2.5, r * 0.13))
    c.path(
        f"M{fmt(cx - r * 0.34)} {fmt(cy + r * 0.1)}q{fmt(r * 0.17)} {fmt(-r * 0.3)} {fmt(r * 0.34)} 0t{fmt(r * 0.34)} 0",
        stroke="#fff",
        width=max(1.6, r * 0.08),
    )


def purifier(c: Canvas, p: Params) -> None:
    """Purifiers: a column, an upright box, a small one for the desk, one for the wall, a large one on castors."""
    shape = p.word("shape", ("column", "box", "desk", "wall", "office", "car"))
    body, metal = p.colour("body", "white"), is_metal(p, "body", "white")
    accent, light = p.colour("accent", "grey"), p.colour("light", "#6fd39a")
    grille = _grille(c, p.word("grille", ("dots", "bars", "slots", "lozenges", "cloth")), body)
    size = p.number("size", 1, 0.8, 1.25)
    fill = c.round_metal(body) if metal else c.round_matt(body)
    ink = "#fff" if luminance(body) < 0.55 else "#59616c"
    if shape == "column":
        rx, top = 84 * size, FLOOR - 330
        c.shadow(320, rx + 8)
        c.drum(320, top + 26, FLOOR - 12, rx, rx * 0.14, fill)
        c.drum(320, top + 130, FLOOR - 34, rx, rx * 0.14, grille)
        c.drum(320, FLOOR - 24, FLOOR - 8, rx + 2, rx * 0.14, c.round_matt(accent))
        c.ellipse(320, top + 26, rx, rx * 0.17, lighter(body, 0.3), stroke=darker(body, 0.2))
        c.ellipse(320, top + 27, rx * 0.84, rx * 0.13, "#22262d")
        slats = c.pattern(9, 30, '<path d="M0 0h4v30H0z" fill="#59616c"/>')
        c.ellipse(320, top + 27, rx * 0.84, rx * 0.13, slats)
        _ring(c, 320, top + 86, 23 * size, light)
        if p.flag("tank"):
            c.path(
                f"M{fmt(320 - rx)} {FLOOR - 116}H{fmt(320 + rx)}V{FLOOR - 40}H{fmt(320 - rx)}Z",
                "#9cc7e2",
                opacity=0.75,
            )
            c.path(
                f"M{fmt(320 - rx)} {FLOOR - 92}q{fmt(rx * 0.5)} -12 {fmt(rx)} 0t{fmt(rx)} 0",
                stroke="#eaf5fb",
                width=3,
            )
        if p.flag("handle"):
            c.path(
                f"M{fmt(320 - rx * 0.8)} {top + 22}Q320 {top - 78} {fmt(320 + rx * 0.8)} {top + 22}",
                stroke=accent,
                width=13,
            )
    elif shape == "box":
        w, top, r = 212 * size, FLOOR - 318, p.number("radius", 26, 6, 70)
        x = 320 - w / 2
        c.shadow(320, w / 2 + 12)
        for dx in (22, w - 46):
            c.rect(x + dx, FLOOR - 16, 24, 15, c.round_matt(accent), 4)
        c.box(x, top, w, 306, body, r, metal=metal)
        c.rect(x + 18, top + 112, w - 36, 174, darker(body, 0.06), min(r, 22))
        c.rect(x + 18, top + 112, w - 36, 174, grille, min(r, 22))
        c.rect(x + w * 0.2, top - 3, w * 0.6, 10, "#2b3038", 5)
        if p.flag("screen"):
            c.rect(320 - 50, top + 34, 100, 48, c.gloss(), 9)
            c.path(f"M290 {top + 58}h24m10 0h8m10 0h12m-54 12h40", stroke=light, width=4)
        else:
            _ring(c, 320, top + 58, 27, light)
        if p.flag("stripe"):
            c.rect(x + 18, top + 96, w - 36, 6, accent, 3)
    elif shape == "desk":
        c.zoom(1.12, 30)
        rx = 108 * size
        c.shadow(320, rx)
        c.path(
            f"M{fmt(320 - rx)} 320C{fmt(320 - rx)} 240 {fmt(320 - rx * 0.8)} 214 320 214S{fmt(320 + rx)} 240 {fmt(320 + rx)} 320 "
            f"{fmt(320 + rx * 0.8)} 404 320 404 {fmt(320 - rx)} 400 {fmt(320 - rx)} 320Z",
            fill,
        )
        c.path(
            f"M{fmt(320 - rx)} 312H{fmt(320 + rx)}C{fmt(320 + rx)} 396 {fmt(320 + rx * 0.8)} 404 320 404S{fmt(320 - rx)} 400 "
            f"{fmt(320 - rx)} 312Z",
            grille,
        )
        c.path(f"M{fmt(320 - rx)} 308H{fmt(320 + rx)}", stroke=accent, width=6)
        c.ellipse(320, 228, rx * 0.5, 12, "#2b3038")
        c.path(f"M{fmt(320 - rx * 0.36)} 228h{fmt(rx * 0.72)}", stroke=light, width=3)
        c.mark(320, 284, 18, ink, 0.75)
        c.rect(320 - rx * 0.5, 402, rx, 9, c.flat(accent), 4)
    elif shape == "wall":
        c.zoom(1.08, 8)
        c.group("translate(0 -60)")
        c.rect(138, 168, 376, 226, c.radial((0, "#123", 0.5), (1, "#123", 0)), 30)
        c.box(140, 160, 360, 212, body, p.number("radius", 26, 6, 70), metal=metal)
        c.rect(164, 184, 312, 126, grille, 14)
        c.rect(164, 334, 210, 9, "#2b3038", 4)
        _ring(c, 446, 340, 19, light)
        c.mark(186, 326, 13, ink, 0.7)
        c.end()
    elif shape == "office":
        w, top = 236 * size, FLOOR - 342
        x = 320 - w / 2
        c.shadow(320, w / 2 + 14)
        for dx in (30, w - 30):
            c.ellipse(x + dx, FLOOR - 12, 13, 13, c.round_matt("#2b3038"))
            c.ellipse(x + dx, FLOOR - 12, 5, 5, "#8d96a2")
        c.box(x, top, w, 322, body, 16, metal=metal)
        c.rect(x + 16, top + 16, w - 32, 54, "#22262d", 8)
        for i in range(5):
            c.rect(
                x + 22,
                top + 21 + i * 9,
                w - 44,
                5,
                c.gradient((0, lighter(body, 0.1)), (1, darker(body, 0.3))),
                2,
            )
        c.rect(x + 16, top + 140, w - 32, 162, darker(body, 0.08), 10)
        c.rect(x + 16, top + 140, w - 32, 162, grille, 10)
        c.rect(x + 24, top + 84, 92, 42, c.gloss(), 7)
        c.path(f"M{fmt(x + 36)} {top + 99}h26m8 0h34m-68 13h44", stroke=light, width=3.6)
        c.rect(x + w - 100, top + 96, 76, 18, c.flat(accent), 9)
        c.rect(x - 6, top + 96, 10, 58, DARK, 4)
    else:
        c.zoom(1.2, 50)
        c.shadow(320, 130)
        c.rect(
            190,
            316,
            260,
            88,
            c.gradient((0, lighter(body, 0.35)), (0.35, body), (1, darker(body, 0.4)), direction="down"),
            44,
        )
        c.rect(238, 316, 120, 88, grille)
        c.path("M374 318v84", stroke=accent, width=7)
        _ring(c, 412, 358, 24, light)
        c.path("M190 360Q150 372 140 404", stroke=DARK, width=6)


def _pleats(c: Canvas, tone: str, step: float) -> str:
    """Folded paper, lit from the left."""
    half = step / 2
    return c.pattern(
        step,
        60,
        f'<path d="M0 0h{fmt(half)}v60H0z" fill="{lighter(tone, 0.4)}"/>'
        f'<path d="M{fmt(half)} 0h{fmt(half)}v60h-{fmt(half)}z" fill="{darker(tone, 0.2)}"/>',
    )


def _panel(c: Canvas, x: float, y: float, w: float, h: float, frame: str, inside: str, depth: float) -> None:
    """A flat filter turned a little, with the right edge of its frame visible."""
    c.path(
        f"M{fmt(x + w)} {fmt(y)}l{fmt(depth)}-{fmt(depth * 0.6)}v{fmt(h)}l-{fmt(depth)} {fmt(depth * 0.6)}z",
        darker(frame, 0.3),
    )
    c.path(
        f"M{fmt(x)} {fmt(y)}l{fmt(depth)}-{fmt(depth * 0.6)}h{fmt(w)}l-{fmt(depth)} {fmt(depth * 0.6)}z",
        lighter(frame, 0.35),
    )
    c.rect(x, y, w, h, c.flat(frame), 3)
    c.rect(x + 12, y + 12, w - 24, h - 24, inside, 2)
    shade = c.gradient((0, "#fff", 0.25), (0.4, "#fff", 0), (1, "#123", 0.28), direction="diagonal")
    c.rect(x + 12, y + 12, w - 24, h - 24, shade, 2, stroke=darker(frame, 0.3))


def cartridge(c: Canvas, p: Params) -> None:
    """Filters: pleated drums and panels, carbon, mesh, sets, water filters."""
    shape = p.word(
        "shape", ("drum", "panel", "carbon", "mesh", "set", "water", "waterset", "ring", "half", "wick")
    )
    tone, media = p.colour("tone", "grey"), p.colour("media", "white")
    step = p.number("pleat", 10, 6, 18)
    if shape in {"drum", "half"}:
        c.zoom(1.05, 10)
        rx, top, bottom = (
            104 * p.number("size", 1, 0.6, 1.2),
            148 + (1 - p.number("high", 1, 0.5, 1.15)) * 240,
            388,
        )
        c.shadow(320, rx + 6)
        c.drum(320, top, bottom, rx, rx * 0.2, _pleats(c, media, step))
        shade = c.gradient((0, "#000", 0.3), (0.28, "#fff", 0.3), (0.6, "#fff", 0), (1, "#000", 0.45))
        c.drum(320, top, bottom, rx, rx * 0.2, shade)
        if p.flag("band", True):
            c.drum(
                320,
                (top + bottom) / 2 - 12,
                (top + bottom) / 2 + 12,
                rx + 1,
                rx * 0.2,
                c.round_matt(p.colour("label", "teal")),
            )
        c.drum(320, bottom - 6, bottom + 14, rx + 4, rx * 0.2, c.round_matt(tone))
        c.drum(320, top - 14, top + 8, rx + 4, rx * 0.2, c.round_matt(tone), lid=c.flat(lighter(tone, 0.3)))
        c.ellipse(320, top - 14, rx * 0.62, rx * 0.12, c.gradient((0, "#22262d"), (1, "#59616c")))
        if shape == "half":
            c.path(
                f"M{fmt(320 - rx * 0.25)} {fmt(top - 16)}q{fmt(rx * 0.25)}-58 {fmt(rx * 0.5)} 0",
                stroke=DARK,
                width=9,
            )
    elif shape == "ring":
        c.zoom(1.2, 30)
        c.shadow(320, 124)
        c.drum(320, 330, 394, 118, 34, _pleats(c, media, step))
        c.drum(320, 330, 394, 118, 34, c.gradient((0, "#000", 0.25), (0.3, "#fff", 0.3), (1, "#000", 0.4)))
        c.ellipse(320, 330, 118, 34, c.flat(tone))
        c.ellipse(320, 330, 70, 19, "#2b3038")
        c.path("M252 334a70 19 0 0 0 136 0", stroke=lighter(media, 0.2), width=5, opacity=0.6)
    elif shape in {"panel", "carbon", "mesh", "wick"}:
        w, h = 224 * p.number("size", 1, 0.7, 1.3), 270 * p.number("high", 1, 0.6, 1.1)
        x, y = 310 - w / 2, 400 - h
        c.shadow(326, w / 2 + 16, 402)
        if shape == "panel":
            inside = _pleats(c, media, step)
        elif shape == "wick":
            inside = c.pattern(
                30,
                14,
                f'<path d="M0 0h30v14H0z" fill="{media}"/><path d="M0 7q7.500-9 15 0t15 0" '
                f'stroke="{darker(media, 0.3)}" stroke-width="3" fill="none"/>',
            )
        elif shape == "carbon":
            inside = c.pattern(
                18,
                31.2,
                '<path d="M0 0h18v31.200H0z" fill="#20242a"/><path d="M9 0v5l9 5.200v10.400l-9 5.200v5.400M9 5L0 '
                '10.200v10.400l9 5.200" stroke="#6b7480" stroke-width="2.200" fill="none"/>',
            )
        else:
            inside = c.pattern(
                8,
                8,
                f'<path d="M0 0h8v8H0z" fill="{darker(media, 0.1)}"/><path d="M0 0l8 8M8 0L0 8" '
                f'stroke="{darker(media, 0.5)}"/>',
            )
        _panel(c, x, y, w, h, tone, inside, 26 if shape in {"panel", "wick"} else 13)
        if p.flag("tab", True):
            c.rect(x + w * 0.5 - 9, y + h - 9, 18, 30 - 9, p.colour("label", "teal"), 2)
        if p.flag("ribs"):
            c.path(
                f"M{fmt(x + 12)} {fmt(y + h / 2)}h{fmt(w - 24)}M{fmt(x + w / 2)} {fmt(y + 12)}v{fmt(h - 24)}",
                stroke=tone,
                width=7,
            )
    elif shape == "set":
        count = p.count("count", 3, 2, 4)
        c.zoom(1.05, 10)
        c.shadow(330, 180, 402, 24)
        fills = [
            _pleats(c, media, step),
            c.pattern(
                14, 14, '<path d="M0 0h14v14H0z" fill="#20242a"/><circle cx="7" cy="7" r="4" fill="#4d5560"/>'
            ),
            c.pattern(
                8, 8, '<path d="M0 0h8v8H0z" fill="#cfd6de"/><path d="M0 0l8 8M8 0L0 8" stroke="#7f8a97"/>'
            ),
            _pleats(c, lighter(media, 0.2), 14),
        ]
        for i in range(count):
            x = 392 - i * (250 / count) - 60
            _panel(
                c,
                x,
                168 + i * 12,
                156,
                222,
                tone if i % 2 == 0 else lighter(tone, 0.4),
                fills[(count - 1 - i) % 4],
                14,
            )
    else:
        count = p.count("count", 1 if shape == "water" else 3, 1, 4)
        c.zoom(1.35 if count < 3 else 1.2, 34)
        c.shadow(320, 56 + count * 40, 406, 20)
        for i in range(count):
            x, y = 320 + (i - (count - 1) / 2) * 112, 404 - (i % 2) * 6
            c.stamp("water", x, y, lambda: _water(c, media, p.colour("label", "teal"), tone))


def _water(c: Canvas, media: str, label: str, tone: str) -> None:
    c.drum(0, -132, -4, 46, 8, c.round_matt(media), foot=40)
    c.drum(0, -108, -56, 45, 8, c.round_matt(label), foot=43)
    c.mark(0, -66, 15, "#fff", 0.9)
    c.drum(0, -152, -130, 30, 6, c.round_matt(tone), lid=lighter(tone, 0.3))
    c.rect(-10, -172, 20, 20, c.round_metal(STEEL), 3)
    c.path("M-36-34h72M-37-24h74", stroke=darker(media, 0.35), width=3)
