"""Spare parts, each drawn large on its own."""

from collections.abc import Callable

from crm.catalogue.pictures.canvas import Canvas, Params, fmt
from crm.catalogue.pictures.machines import DARK, STEEL, knob
from crm.catalogue.pictures.palette import darker, lighter

BAR = ((0, "#eef1f4"), (.5, "#a9b1bb"), (1, "#69727d"))


def _gasket(c: Canvas, p: Params, tone: str) -> None:
    for i in range(p.count("count", 1, 1, 3)):
        cx, cy, rx = 320 + (i - .5) * 60 * (p.count("count", 1, 1, 3) > 1), 340 - i * 44, 138 - i * 34
        c.shadow(cx, rx + 10, cy + 34, rx * .3)
        c.ellipse(cx, cy + 12, rx, rx * .42, "none", stroke=darker(tone, .45), width=30)
        c.ellipse(cx, cy, rx, rx * .42, "none", stroke=tone, width=30)
        c.ellipse(cx, cy - 4, rx, rx * .42, "none", stroke=lighter(tone, .3), width=4)
        c.path(f"M{fmt(cx - rx * .8)} {fmt(cy - rx * .3)}Q{fmt(cx - rx * .4)} {fmt(cy - rx * .48)} {fmt(cx)} {fmt(cy - rx * .47)}",
               stroke="#fff", width=6, opacity=.45)


def _screen(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 148, 384, 34)
    c.ellipse(320, 350, 142, 62, darker(tone, .45))
    c.ellipse(320, 338, 142, 62, c.brushed(tone))
    c.ellipse(320, 338, 142, 62, "none", stroke="#fff", width=2, opacity=.7)
    holes = c.pattern(15, 8, f'<g fill="{darker(tone, .75)}"><ellipse cx="4" cy="2" rx="3" ry="1.5"/><ellipse cx="11.5" cy="6" rx="3" '
                             'ry="1.5"/></g>')
    c.ellipse(320, 338, 118, 50, holes)
    if p.flag("screw", True):
        c.ellipse(320, 338, 21, 10, c.round_metal(STEEL), stroke="#59616c")
        c.path("M308 340l24-4", stroke="#3a4049", width=4)


def _pump(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 158, 396, 20)
    c.rect(150, 318, 78, 24, c.gradient(*BAR, direction="down"), 6)
    c.rect(216, 304, 62, 52, c.gradient((0, "#cdd3da"), (1, "#59616c"), direction="down"), 8)
    c.box(270, 258, 134, 136, tone, 12)
    c.rect(284, 284, 106, 84, c.pattern(106, 7, '<path d="M0 0h106v7H0z" fill="#b36a35"/><path d="M0 5h106" stroke="#713c19" '
                                                'stroke-width="2"/>'), 6)
    c.rect(396, 306, 48, 48, c.gradient((0, "#e9ecef"), (1, "#8d96a2"), direction="down"), 6)
    c.rect(438, 318, 56, 22, c.gradient((0, "#d8b868"), (1, "#7d6228"), direction="down"), 4)
    for x in (300, 356):
        c.rect(x, 232, 16, 30, c.round_metal(STEEL), 2)
    c.rect(282, 384, 110, 12, DARK, 4)


def _hose(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 158, 392, 30)
    for i in range(p.count("count", 3, 2, 4)):
        y, rx = 356 - i * 26, 122 - i * 5
        c.ellipse(320, y, rx, 44, "none", stroke=darker(tone, .45), width=21)
        c.ellipse(320, y - 2, rx, 44, "none", stroke=tone, width=15)
        c.ellipse(320, y - 6, rx, 44, "none", stroke=lighter(tone, .45), width=4)
    c.path("M440 320Q500 286 498 226", stroke=darker(tone, .45), width=21)
    c.path("M440 318Q497 286 496 226", stroke=tone, width=15)
    c.rect(480, 178, 34, 48, c.round_metal(p.colour("accent", "brass")), 4)
    c.rect(476, 198, 42, 17, c.round_metal(STEEL), 3)


def _valve(c: Canvas, p: Params, tone: str) -> None:
    accent = p.colour("accent", "black")
    c.shadow(320, 132)
    c.rect(196, 328, 250, 30, c.gradient(*BAR, direction="down"), 6)
    for x in (186, 424):
        c.rect(x, 318, 32, 50, c.gradient((0, "#e6c885"), (1, "#7d6228"), direction="down"), 4)
    c.path("M258 300H384L400 326V396Q400 408 388 408H254Q242 408 242 396V326Z", c.brushed(tone))
    c.rect(272, 176, 98, 126, c.round_matt(accent), 10)
    c.rect(282, 204, 78, 62, lighter(accent, .75), 4)
    c.path("M294 222h54m-54 14h40m-40 14h48", stroke=darker(accent, .1), width=4)
    c.rect(306, 146, 30, 34, c.round_metal(STEEL), 5)
    c.rect(370, 214, 40, 38, c.flat(accent), 5)
    c.path("M410 224h22m-22 18h22", stroke="#d0d6dc", width=6)


def _screws(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 160, 388, 34)
    c.ellipse(320, 370, 178, 42, c.flat("#eef1f4"), stroke="#c5ccd4", width=2)
    spots = ((218, 330, -70), (262, 366, -18), (330, 330, 24), (386, 372, 62), (428, 338, -40), (300, 390, 80), (362, 300, -8))
    for x, y, turn in spots[:p.count("count", 6, 3, 7)]:
        c.group(f"translate({x} {y}) rotate({turn})")
        c.stamp("screw", 0, 0, lambda: _screw(c, tone))
        c.end()
    c.ellipse(392, 328, 23, 11, "none", stroke=darker(tone, .25), width=8)
    c.ellipse(250, 336, 17, 8, "none", stroke=p.colour("accent", "rubber"), width=7)


def _screw(c: Canvas, tone: str) -> None:
    c.rect(-6, -4, 12, 52, c.pattern(12, 6, f'<path d="M0 0h12v6H0z" fill="{lighter(tone, .35)}"/><path d="M0 5l12-3" '
                                            f'stroke="{darker(tone, .5)}" stroke-width="2"/>'), 3)
    c.rect(-15, -16, 30, 15, c.round_metal(tone), 6)
    c.path("M-7-9H7", stroke="#3a4049", width=3)


def _thermostat(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 128, 392, 22)
    for i, x in enumerate((256, 372)):
        c.path(f"M{x} 270C{x - 20 + i * 40} 200 {x + 30} 176 {x - 10 + i * 30} 116", stroke=("#b3312f", "#2f62ad")[i], width=9)
        c.rect(x - 13, 252, 26, 42, c.round_metal("#c2a056"), 3)
    c.drum(320, 306, 356, 112, 20, c.round_matt(tone), lid=c.flat(lighter(tone, .25)))
    c.drum(320, 356, 388, 128, 22, c.round_metal(STEEL))
    for x in (208, 432):
        c.ellipse(x, 374, 11, 6, DARK)
    c.mark(320, 312, 20, "#fff", .75)


def _heater(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 150, 398, 22)
    d = "M250 180V300C250 420 390 420 390 300C390 220 286 220 286 300C286 360 352 360 352 300V180"
    c.path(d, stroke=darker(tone, .5), width=26)
    c.path(d, stroke=tone, width=20)
    c.path(d, stroke=lighter(tone, .6), width=5)
    c.rect(222, 166, 160, 24, c.gradient(*BAR, direction="down"), 5)
    for x in (250, 352):
        c.rect(x - 13, 128, 26, 42, c.round_matt("#f4f0e6"), 4)
        c.rect(x - 5, 98, 10, 32, c.round_metal(STEEL), 2)


def _boiler(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 112)
    c.path("M216 208Q216 160 320 160T424 208V356Q424 404 320 404T216 356Z", c.round_metal(tone))
    c.drum(320, 268, 282, 110, 16, c.round_metal(STEEL))
    bolt = ((222, 276), (262, 290), (320, 295), (378, 290), (418, 276))
    for x, y in bolt:
        c.ellipse(x, y, 7, 6, "#59616c")
    for x in (272, 356):
        c.rect(x, 124, 20, 44, c.round_metal("#c2a056"), 4)
        c.rect(x - 6, 138, 32, 13, c.round_metal("#c2a056"), 3)
    c.path("M366 128C366 84 430 96 458 128", stroke="#bf7a4c", width=10)


def _board(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(326, 176, 398, 24)
    c.path("M176 240H456L492 392H140Z", c.flat(tone))
    c.path("M140 392H492V401H140Z", darker(tone, .5))
    c.path("M196 262h76l14 50h70m-150 60l20-36h60m150 36l-26-70h-50", stroke=lighter(tone, .5), width=3)
    for x, y, w, h in ((286, 290, 72, 40), (210, 324, 44, 22), (392, 264, 40, 22)):
        c.path(f"M{x} {y}h{w}l6 {h}h-{w + 8}z", "#1c2026")
    for i in range(3):
        c.drum(400 + i * 28, 322, 356, 11, 4, c.round_matt(("#2b3c60", "#2b3038", "#2b3c60")[i]), lid="#c9d0d8")
    c.path("M196 246h84v14h-86z", "#f4f5f6")
    c.path("M204 253h70", stroke="#8d96a2", width=5)
    for x, y in ((180, 250), (452, 250), (158, 382), (474, 382)):
        c.ellipse(x, y, 7, 4, "#d8b868")
    c.ellipse(c.vary("led", 250, 350), 366, 6, 4, "#8fe0a9")


def _tray(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 176, 396, 22)
    c.path("M150 318H490L470 392Q468 402 456 402H184Q172 402 170 392Z", c.round_matt(tone))
    c.path("M192 270H448L490 318H150Z", darker(tone, .3))
    c.path("M204 276H436L470 314H170Z", c.brushed("#b4bbc4"))
    c.path("M204 276H436L470 314H170Z", c.pattern(15, 60, '<path d="M5 0h5v60H5z" fill="#23272e"/>'))
    c.rect(150, 314, 340, 9, lighter(tone, .25), 4)
    if p.flag("float", True):
        c.rect(298, 262, 44, 30, c.round_matt(p.colour("accent", "red")), 5)


def _tank(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 96)
    level = round(c.vary("level", 210, 260))
    c.path(f"M236 {level}H404L398 396Q397 406 386 406H254Q243 406 242 396Z", c.gradient((0, "#a9d0e6"), (1, "#6fa3c4")), opacity=.75)
    c.ellipse(320, level, 84, 7, "#d5eaf5")
    c.glass("M228 150H412L400 396Q399 408 386 408H254Q241 408 240 396Z", "#cfe3f0")
    c.rect(220, 132, 200, 24, c.flat(tone), 9)
    if p.flag("handle"):
        c.path("M262 132Q320 70 378 132", stroke=tone, width=13)
    c.shine(256, 176, 10, 190)
    c.path("M368 380v-150M368 350h-14m14-34h-14m14-34h-14", stroke="#59616c", width=2.5, opacity=.7)


def _basket(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 108, 398, 20)
    c.drum(320, 282, 388, 106, 26, c.round_metal(tone), foot=88)
    c.ellipse(320, 282, 122, 32, c.flat(lighter(tone, .3)), stroke="#8d96a2", width=1.5)
    c.ellipse(320, 284, 102, 25, c.gradient((0, "#4a515c"), (1, "#c5ccd4")))
    c.ellipse(320, 292, 82, 15, c.pattern(9, 5, '<ellipse cx="4" cy="2.500" rx="2" ry="1.200" fill="#14171c"/>'))
    if p.flag("ridge"):
        c.path("M220 330Q320 376 420 330", stroke="#000", width=4, opacity=.3)


def _fan(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 144)
    c.box(190, 146, 260, 260, tone, 22)
    c.ellipse(320, 276, 114, 114, "#14171c")
    blades = p.count("blades", 7, 5, 11)
    for i in range(blades):
        c.group(f"rotate({360 / blades * i + c.vary('turn', 0, 40):.0f} 320 276)")
        c.stamp("blade", 320, 276, lambda: c.path("M-4-30Q-10-84 34-104Q66-90 62-70Q30-64 16-28Z", c.flat(lighter(tone, .34))))
        c.end()
    c.ellipse(320, 276, 38, 38, c.round_matt(p.colour("accent", "teal")))
    c.mark(320, 284, 15, "#fff", .85)
    for x in (214, 426):
        for y in (170, 382):
            c.ellipse(x, y, 9, 9, "#59616c")
            c.ellipse(x, y, 4, 4, "#14171c")


def _sensor(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(306, 130, 400, 20)
    c.box(200, 232, 200, 166, tone, 12)
    c.ellipse(268, 316, 48, 48, "#14171c")
    c.ellipse(268, 316, 40, 40, c.pattern(9, 9, '<circle cx="4.500" cy="4.500" r="3" fill="#69727d"/>'))
    c.rect(338, 256, 40, 60, "#f4f5f6", 3)
    c.path("M345 268h26m-26 12h26m-26 12h18", stroke="#69727d", width=3)
    c.rect(338, 336, 40, 38, "#1c2026", 3)
    for i, wire in enumerate(("#b3312f", "#e6bf48", "#2a2e36", "#2f62ad")):
        c.path(f"M400 {334 + i * 11}C450 {334 + i * 11} 440 {270 - i * 6} 500 {250 + i * 11}", stroke=wire, width=5)
    c.rect(494, 240, 32, 50, c.flat("#f4f5f6"), 3)


def _castors(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 164, 404, 20)
    for i, x in enumerate((210, 320, 430)[:p.count("count", 3, 2, 3)]):
        c.stamp("castor", x, 404 - (i == 1) * 10, lambda: _castor(c, tone))


def _castor(c: Canvas, tone: str) -> None:
    c.rect(-36, -148, 72, 13, c.gradient(*BAR, direction="down"), 3)
    c.rect(-7, -190, 14, 44, c.round_metal(STEEL), 3)
    c.path("M-26-136H26L40-50Q20-70-20-50Z", c.flat("#aab2bc"))
    c.ellipse(4, -44, 43, 43, c.round_matt(tone))
    c.ellipse(4, -44, 23, 23, c.flat("#cfd4da"))
    c.ellipse(4, -44, 8, 8, "#59616c")


def _remote(c: Canvas, p: Params, tone: str) -> None:
    c.group("rotate(14 320 290)")
    c.rect(276, 156, 100, 256, c.radial((0, "#123", .5), (1, "#123", 0)), 30)
    c.box(268, 140, 104, 260, tone, 30)
    c.ellipse(320, 186, 20, 20, c.round_matt(p.colour("accent", "red")))
    c.path("M313 182a10 10 0 1 0 14 0m-7-6v9", stroke="#fff", width=3)
    c.ellipse(320, 258, 36, 36, darker(tone, .14), stroke=darker(tone, .3))
    c.path("M320 234l-7 8h14zM320 282l-7-8h14zM296 258l8-7v14zM344 258l-8-7v14z", "#59616c")
    for i in range(4):
        c.ellipse(300 + i % 2 * 40, 324 + i // 2 * 36, 12, 12, darker(tone, .2))
    c.end()


def _cord(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(310, 150, 396, 26)
    d = "M214 234C110 270 150 400 280 392S456 330 400 284S220 300 262 356S430 404 480 330"
    c.path(d, stroke=darker(tone, .5), width=17)
    c.path(d, stroke=lighter(tone, .12), width=11)
    c.path(d, stroke=lighter(tone, .5), width=2.5)
    c.group("translate(214 234) rotate(-24)")
    c.rect(-2, -26, 62, 52, c.flat(tone), 14)
    c.rect(56, -14, 44, 8, c.gradient(*BAR, direction="down"), 4)
    c.rect(56, 8, 44, 8, c.gradient(*BAR, direction="down"), 4)
    c.end()
    c.path("M462 292L510 276L530 318L482 344Z", c.flat(tone))


def _burrs(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 170, 396, 24)
    if p.flag("conical"):
        c.ellipse(404, 352, 92, 42, darker(tone, .5))
        c.ellipse(404, 340, 92, 42, c.brushed(tone))
        c.ellipse(404, 340, 58, 25, "#22262d")
        c.path("M186 386L240 250Q258 236 276 250L330 386Q258 410 186 386Z", c.round_metal(tone))
        for i in range(6):
            c.path(f"M{246 + i * 5} 250Q{214 + i * 24} 310 {194 + i * 27} {388 + (i % 3) * 4}", stroke=darker(tone, .6), width=5, opacity=.75)
        c.ellipse(258, 250, 19, 8, "#59616c")
        return
    for i, (cx, cy) in enumerate(((392, 300), (262, 346))):
        c.ellipse(cx, cy + 14, 118, 54, darker(tone, .5))
        c.ellipse(cx, cy, 118, 54, c.brushed(tone), stroke="#fff", width=1.5)
        for k in range(18):
            c.group(f"translate({cx} {cy}) scale(1 .46) rotate({k * 20 + i * 7})")
            c.stamp("tooth", 0, 0, lambda: c.path("M62 0L112 14", stroke=darker(tone, .55), width=6))
            c.end()
        c.ellipse(cx, cy, 56, 25, "#22262d")


def _brew_unit(c: Canvas, p: Params, tone: str) -> None:
    accent = p.colour("accent", "orange")
    c.shadow(320, 134)
    c.box(212, 170, 196, 236, tone, 16)
    c.rect(236, 196, 148, 96, "#14171c", 10)
    c.drum(310, 214, 282, 54, 11, c.round_metal(STEEL), lid=c.flat("#e3e7eb"))
    c.rect(300, 176, 20, 40, c.round_metal(STEEL), 3)
    c.path("M408 236h36q12 0 12 12v80h-26v-60h-22z", c.flat(accent))
    c.ellipse(276, 346, 34, 34, c.round_matt(lighter(tone, .25)))
    for i in range(8):
        c.group(f"rotate({i * 45} 276 346)")
        c.rect(272, 308, 8, 10, lighter(tone, .25))
        c.end()
    c.ellipse(276, 346, 11, 11, "#c2a056")
    c.path("M330 330l46 26-46 26z", accent)


def _tip(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 126, 402, 18)
    c.group("rotate(8 320 300)")
    c.rect(306, 84, 28, 190, c.round_metal(tone), 9)
    c.rect(298, 250, 44, 30, c.pattern(6, 30, '<path d="M0 0h6v30H0z" fill="#c5ccd4"/><path d="M2 0v30" stroke="#59616c"/>'), 4)
    c.path("M294 280H346V330Q346 386 320 396Q294 386 294 330Z", c.round_metal(tone))
    for x, y in ((308, 366), (332, 366), (320, 380)):
        c.ellipse(x, y, 4, 3, "#14171c")
    c.rect(299, 126, 42, 74, c.round_matt(p.colour("accent", "black")), 14)
    c.end()


def _jug(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 100)
    c.path("M398 210Q480 214 462 300Q452 350 396 352", stroke=p.colour("accent", "black"), width=16)
    c.path("M246 284H394L386 392Q385 402 376 402H264Q255 402 254 392Z", "#fdfcf8")
    c.glass("M236 188H404L390 396Q389 408 378 408H262Q251 408 250 396Z", "#e3ecf2")
    c.rect(226, 164, 188, 28, c.flat(tone), 9)
    c.path("M280 164V136Q280 122 294 122H340", stroke=p.colour("accent", "black"), width=13)
    c.shine(262, 212, 9, 160)


def _lid(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 150, 388, 30)
    c.path("M184 336A136 40 0 0 0 456 336V360A136 40 0 0 1 184 360Z", darker(tone, .35))
    c.ellipse(320, 336, 136, 42, c.flat(tone), stroke=lighter(tone, .35), width=2)
    c.ellipse(320, 332, 104, 29, "none", stroke=darker(tone, .3), width=3)
    c.drum(320, 296, 328, 30, 9, c.round_matt(p.colour("accent", "steel")), lid=lighter(tone, .3))


def _knobs(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 130, 404, 20)
    knob(c, 320, 300, 104, tone, c.vary("turn", -60, 60))
    for i in range(9):
        c.group(f"rotate({-120 + i * 30} 320 300)")
        c.line(320, 184, 320, 174, "#69727d", 4)
        c.end()


def _oring(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 180, 392, 34)
    accent = p.colour("accent", "red")
    for x, y, r, shade in ((230, 330, 62, tone), (352, 356, 44, accent), (440, 318, 54, tone), (318, 284, 34, accent), (404, 388, 24, tone)):
        c.ellipse(x, y + 5, r, r * .46, "none", stroke=darker(shade, .5), width=13)
        c.ellipse(x, y, r, r * .46, "none", stroke=shade, width=12)
        c.ellipse(x, y - 3, r, r * .46, "none", stroke=lighter(shade, .4), width=2.5)


def _motor(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 150, 398, 22)
    c.rect(180, 240, 220, 156, c.gradient((0, lighter(tone, .5)), (.3, lighter(tone, .15)), (1, darker(tone, .5)), direction="down"), 16)
    c.rect(206, 240, 120, 156, c.pattern(15, 156, '<path d="M4 0h6v200H4z" fill="#000" opacity=".35"/>'))
    c.rect(396, 262, 30, 112, c.gradient(*BAR, direction="down"), 8)
    c.rect(424, 305, 84, 26, c.gradient(*BAR, direction="down"), 4)
    c.path("M210 240C200 190 250 196 248 150M244 240C236 204 282 200 284 150", stroke=p.colour("accent", "red"), width=8)


_DRAWINGS: dict[str, tuple[Callable[[Canvas, Params, str], None], str, float]] = {
    "gasket": (_gasket, "rubber", 1.15), "screen": (_screen, "steel", 1.15), "pump": (_pump, "graphite", 1.15),
    "hose": (_hose, "silver", 1.1), "valve": (_valve, "brass", 1.05), "screws": (_screws, "steel", 1.2),
    "thermostat": (_thermostat, "ivory", 1.05), "heater": (_heater, "steel", 1.08), "boiler": (_boiler, "copper", 1.1),
    "board": (_board, "pcb", 1.1), "tray": (_tray, "graphite", 1.15), "tank": (_tank, "black", 1.08),
    "basket": (_basket, "steel", 1.3), "fan": (_fan, "graphite", 1.05), "sensor": (_sensor, "white", 1.1),
    "castors": (_castors, "black", 1.2), "remote": (_remote, "white", 1.1), "cord": (_cord, "black", 1.15),
    "burrs": (_burrs, "steel", 1.1), "brewunit": (_brew_unit, "grey", 1.1), "tip": (_tip, "steel", 1.05),
    "jug": (_jug, "black", 1.1), "lid": (_lid, "graphite", 1.25), "knob": (_knobs, "black", 1.1),
    "orings": (_oring, "rubber", 1.15), "motor": (_motor, "graphite", 1.1),
}


def part(c: Canvas, p: Params) -> None:
    """One spare part, or a small set of the same."""
    draw, usual, zoom = _DRAWINGS[p.word("kind", tuple(_DRAWINGS))]
    c.zoom(zoom, 8 + (zoom - 1) * 110)
    draw(c, p, p.colour("tone", usual))
