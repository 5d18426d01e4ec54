"""Filter coffee makers and grinders."""

from crm.catalogue.pictures.canvas import FLOOR, Canvas, Params, fmt
from crm.catalogue.pictures.machines import (
    DARK,
    STEEL,
    beans_hopper,
    cup,
    feet,
    is_metal,
    knob,
    portafilter,
)
from crm.catalogue.pictures.palette import darker, lighter, luminance


def carafe(c: Canvas, cx: float, y: float, kind: str, tone: str, size: float = 1) -> None:
    """A glass or insulated jug standing at y."""
    c.group(f"translate({fmt(cx)} {fmt(y)}) scale({size:.3g})")
    if kind == "glass":
        c.path("M60-88q50-8 34 52q-6 22-34 26", stroke=tone, width=11)
        c.path(
            "M-60-54C-78-20-66 0-50 0H50C66 0 78-20 60-54Q0-46-60-54Z",
            c.gradient((0, "#5b3620"), (0.3, "#4a2a18"), (1, "#1e110a")),
        )
        c.ellipse(0, -54, 62, 7, "#7a4b2c")
        c.glass("M-44-104C-46-86-72-62-70-32C-69-10-62 0-50 0H50C62 0 69-10 70-32C72-62 46-86 44-104Z")
        c.rect(-47, -98, 94, 9, c.round_metal(STEEL), 2)
        c.path("M-46-105h96l14-8H-40z", tone)
        c.shine(-52, -62, 8, 46)
    else:
        c.path("M54-104q54-4 40 48q-8 30-40 34", stroke=DARK, width=12)
        c.path(
            "M-46-118C-60-98-62-80-62-56V-8q0 8 8 8H54q8 0 8-8V-56C62-80 60-98 46-118Z", c.round_metal(tone)
        )
        c.path("M-46-118h92l18-12-20-6H-38q-8 0-8 8z", c.flat("#343a43"))
        c.rect(-62, -26, 124, 5, darker(tone, 0.3), opacity=0.5)
    c.end()


def filter_machine(c: Canvas, p: Params) -> None:
    """Coffee makers by the filter: with a jug, a tower, a cold-drip frame, an urn, a moka pot or a press."""
    style = p.word("style", ("classic", "tower", "urn", "colddrip", "moka", "press"))
    body, metal = p.colour("body", "black"), is_metal(p, "body", "black")
    trim, jug = p.colour("trim", "steel"), p.word("jug", ("glass", "thermos"))
    if style == "classic":
        c.zoom(1.08, 8)
        c.shadow(320, 138)
        c.box(196, 150, 88, 254, body, 16, metal=metal)
        c.rect(208, 176, 14, 150, c.gradient((0, "#d9ebf5"), (1, "#8fb4cc"), direction="down"), 7)
        c.rect(208, c.vary("level", 200, 250), 14, 70, "#6fa3c4", 7, opacity=0.7)
        c.path(
            "M256 196H404L384 268Q382 276 374 276H300Q290 276 288 268L284 240H256Z",
            c.skin(darker(body, 0.08), metal),
        )
        c.box(196, 126, 228, 74, body, p.number("radius", 20, 6, 36), metal=metal)
        c.rect(300, 194, 116, 5, trim)
        c.box(190, 380, 250, 27, body, 10, metal=metal)
        c.rect(290, 375, 132, 8, "#2b3038", 4)
        carafe(c, 352, 375, jug, trim if jug == "thermos" else DARK, 0.9)
        if p.flag("display"):
            c.rect(300, 146, 76, 32, c.gloss(), 5)
            c.path("M312 162h20m8 0h24", stroke="#f3c98b", width=4)
            c.ellipse(398, 162, 8, 8, c.round_metal(STEEL))
        else:
            knob(c, 386, 162, 17, trim, c.vary("turn", -40, 60))
            c.mark(320, 170, 14, "#fff" if luminance(body) < 0.55 else "#4a515d", 0.8)
    elif style == "tower":
        c.shadow(320, 150)
        c.box(178, 378, 284, 28, body, 10, metal=metal)
        c.box(190, 96, 62, 288, body, 8, metal=metal)
        c.glass("M200 108h42v180h-42z", "#bfdcec")
        c.rect(201, 160, 40, 127, "#9cc7e2", opacity=0.55)
        c.path("M252 92h132q14 0 14 14v20H252z", c.skin(body, metal))
        c.rect(346, 124, 30, 18, c.round_metal(trim), 5)
        c.path("M312 150H412L384 236H340Z", c.round_matt(lighter(body, 0.14)))
        c.path("M306 146h112v12H306z", c.flat(trim))
        c.rect(352, 236, 20, 12, DARK, 3)
        c.rect(302, 372, 122, 8, "#2b3038", 4)
        carafe(c, 362, 373, jug, trim if jug == "thermos" else DARK, 1)
        for i, tone in enumerate(("#8fd3ff", "#e9ecef")):
            c.ellipse(221, 330 + i * 24, 7, 7, tone, stroke=DARK)
    elif style == "urn":
        c.shadow(320, 96)
        for x in (250, 372):
            c.rect(x, 394, 18, 18, DARK, 4)
        c.drum(
            320,
            140,
            378,
            92,
            14,
            c.round_metal(body) if metal else c.round_matt(body),
            lid=lighter(body, 0.2),
        )
        c.drum(320, 366, 390, 96, 14, c.round_matt("#2b3038"))
        c.path("M228 138Q320 78 412 138Q320 162 228 138Z", c.round_metal(STEEL))
        c.ellipse(320, 100, 15, 12, c.round_matt(DARK))
        for x in (-1, 1):
            c.path(f"M{320 + x * 91} 190q{x * 30} 2 {x * 30} 24t{x * -30} 24", stroke=DARK, width=11)
        c.glass("M312 186h16v122h-16z")
        c.rect(313, 226, 14, 81, "#4a2a18")
        c.rect(304, 322, 32, 22, c.round_metal(STEEL), 5)
        c.path("M312 342h16v20h-16z", c.round_metal(STEEL))
        c.rect(308, 300, 24, 24, c.round_matt(trim), 6)
        cup(c, 320, 410, 44)
    elif style == "colddrip":
        c.shadow(320, 96)
        for x in (224, 402):
            c.rect(x, 84, 14, 322, c.round_matt(body), 5)
        for y in (84, 196, 396):
            c.rect(216, y, 208, 13, c.flat(body), 4)
        c.glass("M268 98h104l-6 62q-4 22-34 30h-24q-30-8-34-30z", "#bfdcec")
        c.path("M270 122h100l-4 38q-4 22-34 29h-24q-30-7-34-29z", "#9cc7e2", opacity=0.55)
        c.rect(313, 188, 14, 34, c.round_metal(trim), 3)
        c.glass("M288 214h64v66l-20 18h-24l-20-18z")
        c.path("M290 236h60v40l-18 20h-24l-18-20z", "#4a2d1c")
        carafe(c, 320, 396, "glass", trim, 0.82)
    elif style == "moka":
        c.zoom(1.1, 10)
        c.shadow(320, 84)
        fill = c.round_metal(body) if metal else c.round_matt(body)
        c.path(
            "M398 190Q450 172 448 214L436 322Q432 336 418 330", stroke=p.colour("handle", "black"), width=20
        )
        c.path("M256 262H384L404 396Q404 410 392 410H248Q236 410 236 396Z", fill)
        c.path("M250 250h140v18H250z", c.round_metal(STEEL))
        c.path("M262 250L244 142L214 128L250 128H396L378 250Z", fill)
        c.path("M238 130Q320 74 402 130Z", fill)
        c.ellipse(320, 92, 14, 16, c.round_matt(p.colour("handle", "black")))
        c.path(
            "M292 142l6 102M348 142l-6 102M288 272l-12 130M352 272l12 130",
            stroke="#fff",
            width=2.5,
            opacity=0.35,
        )
        c.ellipse(286, 356, 9, 9, c.round_metal("#c2a056"), stroke="#6b5527")
        if p.flag("cups"):
            cup(c, 486, 412, 62)
    else:
        c.zoom(1.1, 10)
        c.shadow(320, 84)
        c.path("M398 188h24q28 0 28 28v104q0 28-28 28h-24", stroke=p.colour("handle", "black"), width=17)
        c.path(
            "M244 236H396V394q0 12-12 12H256q-12 0-12-12Z",
            c.gradient((0, "#5b3620"), (0.3, "#4a2a18"), (1, "#1e110a")),
        )
        c.glass("M242 150l-18-14 22 2H398V396q0 12-12 12H254q-12 0-12-12Z")
        c.rect(246, 222, 148, 13, c.round_metal(STEEL), 3)
        c.rect(317, 92, 6, 132, c.round_metal(STEEL))
        c.path("M234 142Q320 92 406 142Z", c.round_metal(body) if metal else c.round_matt(body))
        c.ellipse(320, 84, 15, 15, c.round_matt(p.colour("handle", "black")))
        fill = c.round_metal(trim)
        for y in (166, 382):
            c.rect(238, y, 164, 10, fill, 3)
        for x in (238, 390):
            c.rect(x, 166, 12, 246, fill, 4)
        c.shine(262, 190, 9, 170)


def grinder(c: Canvas, p: Params) -> None:
    """Grinders: upright on the bar, low with a container, or by hand."""
    style = p.word("style", ("bar", "bin", "hand"))
    body, metal, accent = p.colour("body", "black"), is_metal(p, "body", "black"), p.colour("accent", "steel")
    size = p.number("size", 1, 0.8, 1.25)
    fill = c.round_metal(body) if metal else c.round_matt(body)
    if style == "hand":
        c.zoom(1.06 * size, 8)
        c.shadow(320, 62)
        c.drum(320, 178, 396, 56, 10, fill, foot=p.number("foot", 50, 44, 56))
        c.drum(320, 290, 398, 53, 10, c.round_matt(accent), foot=50)
        knurl = c.pattern(8, 8, '<path d="M0 0l8 8M8 0l-8 8" stroke="#000" opacity=".35"/>')
        c.path("M265 230H375V280H265Z", knurl)
        c.drum(320, 164, 182, 58, 10, c.round_metal(STEEL), lid=c.flat("#e3e7eb"))
        c.rect(314, 118, 12, 46, c.round_metal(STEEL), 4)
        c.path("M320 120L446 104", stroke="#8d96a2", width=9)
        c.path("M322 117L444 102", stroke="#e3e7eb", width=3)
        c.ellipse(448, 86, 20, 24, c.round_matt(p.colour("knob", "walnut")))
        c.mark(320, 358, 16, "#fff" if luminance(accent) < 0.6 else "#4a515d", 0.85)
        return
    c.zoom(1.05, 4)
    hopper = p.word("hopper", ("cone", "square", "low"))
    wide = 126 * size
    left, right = 320 - wide / 2, 320 + wide / 2
    c.shadow(320 + 8, wide / 2 + 34)
    top = 168
    high = {"cone": 92, "square": 76, "low": 46}[hopper]
    upper = {"cone": 140, "square": 108, "low": 120}[hopper] * size
    beans_hopper(c, 320, top - 2, upper, {"cone": 70, "square": 100, "low": 112}[hopper] * size, high)
    ring = c.pattern(7, 20, '<path d="M2 4v12" stroke="#000" stroke-width="2" opacity=".4"/>')
    c.rect(320 - wide * 0.44, top - 4, wide * 0.88, 26, c.round_metal(accent), 6)
    c.rect(320 - wide * 0.42, top, wide * 0.84, 20, ring)
    if style == "bar":
        c.box(left, top + 20, wide, FLOOR - top - 46, body, 16, metal=metal)
        c.path(f"M320 {top + 70}h{fmt(wide * 0.5 + 40)}v22q0 10-10 10H320z", c.skin(darker(body, 0.1), metal))
        c.rect(right + 6, top + 96, 26, 20, DARK, 4)
        c.path(f"M{fmt(right)} {top + 150}h44v10h-44z", c.round_metal(STEEL))
        c.stamp(
            "holder", right + 20, top + 124, lambda: portafilter(c, 0, 0, p.colour("handle", "black"), 1, 1)
        )
        c.box(left - 16, FLOOR - 30, wide + 74, 25, body, 10, metal=metal)
        if p.flag("display"):
            c.rect(320 - 40, top + 44, 62, 40, c.gloss(), 8)
            c.path(f"M{292} {top + 58}h18m8 0h10m-36 14h26", stroke="#8fd3ff", width=3)
        else:
            knob(c, 320 - wide * 0.12, top + 66, 22, accent, c.vary("turn", -80, 80))
        c.mark(320 - wide * 0.1, FLOOR - 60, 15, "#fff" if luminance(body) < 0.55 else "#4a515d", 0.8)
    else:
        c.box(left - 6, top + 20, wide + 12, 96, body, 18, metal=metal)
        c.box(left - 6, FLOOR - 30, wide + 12, 25, body, 10, metal=metal)
        c.rect(left + 2, top + 110, wide - 4, FLOOR - top - 136, c.flat(darker(body, 0.35)))
        c.glass(
            f"M{fmt(left + 10)} {top + 124}h{fmt(wide - 20)}v{FLOOR - top - 156}h-{fmt(wide - 20)}z",
            "#dfe6ec",
            0.7,
        )
        c.path(
            f"M{fmt(left + 13)} {FLOOR - 60}q{fmt(wide * 0.4)}-40 {fmt(wide - 26)}-6v32h-{fmt(wide - 26)}z",
            "#5a3723",
        )
        c.rect(320 - 22, top + 132, 44, 12, "#e9ecef", 6, opacity=0.8)
        knob(c, 320 + wide * 0.24, top + 68, 21, accent, c.vary("turn", -80, 80))
        c.mark(320 - wide * 0.2, top + 76, 15, "#fff" if luminance(body) < 0.55 else "#4a515d", 0.8)
        feet(c, left - 10, right + 10)
