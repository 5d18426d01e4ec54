"""Spare parts that anybody changes: seals, trays, tanks, baskets, burrs, cords."""

from crm.catalogue.pictures.canvas import Canvas, Params, fmt
from crm.catalogue.pictures.machines import STEEL, knob
from crm.catalogue.pictures.palette import darker, lighter

BAR = ((0, "#eef1f4"), (0.5, "#a9b1bb"), (1, "#69727d"))
"""A steel rod that lies on its side."""


def gasket(c: Canvas, p: Params, tone: str) -> None:
    for i in range(p.count("count", 1, 1, 3)):
        cx, cy, rx = 320 + (i - 0.5) * 60 * (p.count("count", 1, 1, 3) > 1), 340 - i * 44, 138 - i * 34
        c.shadow(cx, rx + 10, cy + 34, rx * 0.3)
        c.ellipse(cx, cy + 12, rx, rx * 0.42, "none", stroke=darker(tone, 0.45), width=30)
        c.ellipse(cx, cy, rx, rx * 0.42, "none", stroke=tone, width=30)
        c.ellipse(cx, cy - 4, rx, rx * 0.42, "none", stroke=lighter(tone, 0.3), width=4)
        c.path(
            f"M{fmt(cx - rx * 0.8)} {fmt(cy - rx * 0.3)}Q{fmt(cx - rx * 0.4)} {fmt(cy - rx * 0.48)} {fmt(cx)} {fmt(cy - rx * 0.47)}",
            stroke="#fff",
            width=6,
            opacity=0.45,
        )


def screen(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 148, 384, 34)
    c.ellipse(320, 350, 142, 62, darker(tone, 0.45))
    c.ellipse(320, 338, 142, 62, c.brushed(tone))
    c.ellipse(320, 338, 142, 62, "none", stroke="#fff", width=2, opacity=0.7)
    holes = c.pattern(
        15,
        8,
        f'<g fill="{darker(tone, 0.75)}"><ellipse cx="4" cy="2" rx="3" ry="1.5"/><ellipse cx="11.5" cy="6" rx="3" '
        'ry="1.5"/></g>',
    )
    c.ellipse(320, 338, 118, 50, holes)
    if p.flag("screw", True):
        c.ellipse(320, 338, 21, 10, c.round_metal(STEEL), stroke="#59616c")
        c.path("M308 340l24-4", stroke="#3a4049", width=4)


def screws(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 160, 388, 34)
    c.ellipse(320, 370, 178, 42, c.flat("#eef1f4"), stroke="#c5ccd4", width=2)
    spots = (
        (218, 330, -70),
        (262, 366, -18),
        (330, 330, 24),
        (386, 372, 62),
        (428, 338, -40),
        (300, 390, 80),
        (362, 300, -8),
    )
    for x, y, turn in spots[: p.count("count", 6, 3, 7)]:
        c.group(f"translate({x} {y}) rotate({turn})")
        c.stamp("screw", 0, 0, lambda: _screw(c, tone))
        c.end()
    c.ellipse(392, 328, 23, 11, "none", stroke=darker(tone, 0.25), width=8)
    c.ellipse(250, 336, 17, 8, "none", stroke=p.colour("accent", "rubber"), width=7)


def _screw(c: Canvas, tone: str) -> None:
    c.rect(
        -6,
        -4,
        12,
        52,
        c.pattern(
            12,
            6,
            f'<path d="M0 0h12v6H0z" fill="{lighter(tone, 0.35)}"/><path d="M0 5l12-3" '
            f'stroke="{darker(tone, 0.5)}" stroke-width="2"/>',
        ),
        3,
    )
    c.rect(-15, -16, 30, 15, c.round_metal(tone), 6)
    c.path("M-7-9H7", stroke="#3a4049", width=3)


def tray(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 176, 396, 22)
    c.path("M150 318H490L470 392Q468 402 456 402H184Q172 402 170 392Z", c.round_matt(tone))
    c.path("M192 270H448L490 318H150Z", darker(tone, 0.3))
    c.path("M204 276H436L470 314H170Z", c.brushed("#b4bbc4"))
    c.path("M204 276H436L470 314H170Z", c.pattern(15, 60, '<path d="M5 0h5v60H5z" fill="#23272e"/>'))
    c.rect(150, 314, 340, 9, lighter(tone, 0.25), 4)
    if p.flag("float", True):
        c.rect(298, 262, 44, 30, c.round_matt(p.colour("accent", "red")), 5)


def tank(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 96)
    level = round(c.vary("level", 210, 260))
    c.path(
        f"M236 {level}H404L398 396Q397 406 386 406H254Q243 406 242 396Z",
        c.gradient((0, "#a9d0e6"), (1, "#6fa3c4")),
        opacity=0.75,
    )
    c.ellipse(320, level, 84, 7, "#d5eaf5")
    c.glass("M228 150H412L400 396Q399 408 386 408H254Q241 408 240 396Z", "#cfe3f0")
    c.rect(220, 132, 200, 24, c.flat(tone), 9)
    if p.flag("handle"):
        c.path("M262 132Q320 70 378 132", stroke=tone, width=13)
    c.shine(256, 176, 10, 190)
    c.path("M368 380v-150M368 350h-14m14-34h-14m14-34h-14", stroke="#59616c", width=2.5, opacity=0.7)


def basket(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 108, 398, 20)
    c.drum(320, 282, 388, 106, 26, c.round_metal(tone), foot=88)
    c.ellipse(320, 282, 122, 32, c.flat(lighter(tone, 0.3)), stroke="#8d96a2", width=1.5)
    c.ellipse(320, 284, 102, 25, c.gradient((0, "#4a515c"), (1, "#c5ccd4")))
    c.ellipse(
        320, 292, 82, 15, c.pattern(9, 5, '<ellipse cx="4" cy="2.500" rx="2" ry="1.200" fill="#14171c"/>')
    )
    if p.flag("ridge"):
        c.path("M220 330Q320 376 420 330", stroke="#000", width=4, opacity=0.3)


def castors(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 164, 404, 20)
    for i, x in enumerate((210, 320, 430)[: p.count("count", 3, 2, 3)]):
        c.stamp("castor", x, 404 - (i == 1) * 10, lambda: _castor(c, tone))


def _castor(c: Canvas, tone: str) -> None:
    c.rect(-36, -148, 72, 13, c.gradient(*BAR, direction="down"), 3)
    c.rect(-7, -190, 14, 44, c.round_metal(STEEL), 3)
    c.path("M-26-136H26L40-50Q20-70-20-50Z", c.flat("#aab2bc"))
    c.ellipse(4, -44, 43, 43, c.round_matt(tone))
    c.ellipse(4, -44, 23, 23, c.flat("#cfd4da"))
    c.ellipse(4, -44, 8, 8, "#59616c")


def remote(c: Canvas, p: Params, tone: str) -> None:
    c.group("rotate(14 320 290)")
    c.rect(276, 156, 100, 256, c.radial((0, "#123", 0.5), (1, "#123", 0)), 30)
    c.box(268, 140, 104, 260, tone, 30)
    c.ellipse(320, 186, 20, 20, c.round_matt(p.colour("accent", "red")))
    c.path("M313 182a10 10 0 1 0 14 0m-7-6v9", stroke="#fff", width=3)
    c.ellipse(320, 258, 36, 36, darker(tone, 0.14), stroke=darker(tone, 0.3))
    c.path("M320 234l-7 8h14zM320 282l-7-8h14zM296 258l8-7v14zM344 258l-8-7v14z", "#59616c")
    for i in range(4):
        c.ellipse(300 + i % 2 * 40, 324 + i // 2 * 36, 12, 12, darker(tone, 0.2))
    c.end()


def cord(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(310, 150, 396, 26)
    d = "M214 234C110 270 150 400 280 392S456 330 400 284S220 300 262 356S430 404 480 330"
    c.path(d, stroke=darker(tone, 0.5), width=17)
    c.path(d, stroke=lighter(tone, 0.12), width=11)
    c.path(d, stroke=lighter(tone, 0.5), width=2.5)
    c.group("translate(214 234) rotate(-24)")
    c.rect(-2, -26, 62, 52, c.flat(tone), 14)
    c.rect(56, -14, 44, 8, c.gradient(*BAR, direction="down"), 4)
    c.rect(56, 8, 44, 8, c.gradient(*BAR, direction="down"), 4)
    c.end()
    c.path("M462 292L510 276L530 318L482 344Z", c.flat(tone))


def burrs(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 170, 396, 24)
    if p.flag("conical"):
        c.ellipse(404, 352, 92, 42, darker(tone, 0.5))
        c.ellipse(404, 340, 92, 42, c.brushed(tone))
        c.ellipse(404, 340, 58, 25, "#22262d")
        c.path("M186 386L240 250Q258 236 276 250L330 386Q258 410 186 386Z", c.round_metal(tone))
        for i in range(6):
            c.path(
                f"M{246 + i * 5} 250Q{214 + i * 24} 310 {194 + i * 27} {388 + (i % 3) * 4}",
                stroke=darker(tone, 0.6),
                width=5,
                opacity=0.75,
            )
        c.ellipse(258, 250, 19, 8, "#59616c")
        return
    for i, (cx, cy) in enumerate(((392, 300), (262, 346))):
        c.ellipse(cx, cy + 14, 118, 54, darker(tone, 0.5))
        c.ellipse(cx, cy, 118, 54, c.brushed(tone), stroke="#fff", width=1.5)
        for k in range(18):
            c.group(f"translate({cx} {cy}) scale(1 .46) rotate({k * 20 + i * 7})")
            c.stamp("tooth", 0, 0, lambda: c.path("M62 0L112 14", stroke=darker(tone, 0.55), width=6))
            c.end()
        c.ellipse(cx, cy, 56, 25, "#22262d")


def tip(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 126, 402, 18)
    c.group("rotate(8 320 300)")
    c.rect(306, 84, 28, 190, c.round_metal(tone), 9)
    c.rect(
        298,
        250,
        44,
        30,
        c.pattern(6, 30, '<path d="M0 0h6v30H0z" fill="#c5ccd4"/><path d="M2 0v30" stroke="#59616c"/>'),
        4,
    )
    c.path("M294 280H346V330Q346 386 320 396Q294 386 294 330Z", c.round_metal(tone))
    for x, y in ((308, 366), (332, 366), (320, 380)):
        c.ellipse(x, y, 4, 3, "#14171c")
    c.rect(299, 126, 42, 74, c.round_matt(p.colour("accent", "black")), 14)
    c.end()


def jug(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 100)
    c.path("M398 210Q480 214 462 300Q452 350 396 352", stroke=p.colour("accent", "black"), width=16)
    c.path("M246 284H394L386 392Q385 402 376 402H264Q255 402 254 392Z", "#fdfcf8")
    c.glass("M236 188H404L390 396Q389 408 378 408H262Q251 408 250 396Z", "#e3ecf2")
    c.rect(226, 164, 188, 28, c.flat(tone), 9)
    c.path("M280 164V136Q280 122 294 122H340", stroke=p.colour("accent", "black"), width=13)
    c.shine(262, 212, 9, 160)


def lid(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 150, 388, 30)
    c.path("M184 336A136 40 0 0 0 456 336V360A136 40 0 0 1 184 360Z", darker(tone, 0.35))
    c.ellipse(320, 336, 136, 42, c.flat(tone), stroke=lighter(tone, 0.35), width=2)
    c.ellipse(320, 332, 104, 29, "none", stroke=darker(tone, 0.3), width=3)
    c.drum(320, 296, 328, 30, 9, c.round_matt(p.colour("accent", "steel")), lid=lighter(tone, 0.3))


def knobs(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 130, 404, 20)
    knob(c, 320, 300, 104, tone, c.vary("turn", -60, 60))
    for i in range(9):
        c.group(f"rotate({-120 + i * 30} 320 300)")
        c.line(320, 184, 320, 174, "#69727d", 4)
        c.end()


def oring(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 180, 392, 34)
    accent = p.colour("accent", "red")
    for x, y, r, shade in (
        (230, 330, 62, tone),
        (352, 356, 44, accent),
        (440, 318, 54, tone),
        (318, 284, 34, accent),
        (404, 388, 24, tone),
    ):
        c.ellipse(x, y + 5, r, r * 0.46, "none", stroke=darker(shade, 0.5), width=13)
        c.ellipse(x, y, r, r * 0.46, "none", stroke=shade, width=12)
        c.ellipse(x, y - 3, r, r * 0.46, "none", stroke=lighter(shade, 0.4), width=2.5)
