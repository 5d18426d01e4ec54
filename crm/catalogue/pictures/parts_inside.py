"""Spare parts that a technician sees: pumps, valves, boilers, boards, motors."""

from crm.catalogue.pictures.canvas import Canvas, Params
from crm.catalogue.pictures.machines import DARK, STEEL
from crm.catalogue.pictures.palette import darker, lighter

BAR = ((0, "#eef1f4"), (0.5, "#a9b1bb"), (1, "#69727d"))
"""A steel rod that lies on its side."""


def pump(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 158, 396, 20)
    c.rect(150, 318, 78, 24, c.gradient(*BAR, direction="down"), 6)
    c.rect(216, 304, 62, 52, c.gradient((0, "#cdd3da"), (1, "#59616c"), direction="down"), 8)
    c.box(270, 258, 134, 136, tone, 12)
    c.rect(
        284,
        284,
        106,
        84,
        c.pattern(
            106,
            7,
            '<path d="M0 0h106v7H0z" fill="#b36a35"/><path d="M0 5h106" stroke="#713c19" stroke-width="2"/>',
        ),
        6,
    )
    c.rect(396, 306, 48, 48, c.gradient((0, "#e9ecef"), (1, "#8d96a2"), direction="down"), 6)
    c.rect(438, 318, 56, 22, c.gradient((0, "#d8b868"), (1, "#7d6228"), direction="down"), 4)
    for x in (300, 356):
        c.rect(x, 232, 16, 30, c.round_metal(STEEL), 2)
    c.rect(282, 384, 110, 12, DARK, 4)


def hose(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 158, 392, 30)
    for i in range(p.count("count", 3, 2, 4)):
        y, rx = 356 - i * 26, 122 - i * 5
        c.ellipse(320, y, rx, 44, "none", stroke=darker(tone, 0.45), width=21)
        c.ellipse(320, y - 2, rx, 44, "none", stroke=tone, width=15)
        c.ellipse(320, y - 6, rx, 44, "none", stroke=lighter(tone, 0.45), width=4)
    c.path("M440 320Q500 286 498 226", stroke=darker(tone, 0.45), width=21)
    c.path("M440 318Q497 286 496 226", stroke=tone, width=15)
    c.rect(480, 178, 34, 48, c.round_metal(p.colour("accent", "brass")), 4)
    c.rect(476, 198, 42, 17, c.round_metal(STEEL), 3)


def valve(c: Canvas, p: Params, tone: str) -> None:
    accent = p.colour("accent", "black")
    c.shadow(320, 132)
    c.rect(196, 328, 250, 30, c.gradient(*BAR, direction="down"), 6)
    for x in (186, 424):
        c.rect(x, 318, 32, 50, c.gradient((0, "#e6c885"), (1, "#7d6228"), direction="down"), 4)
    c.path("M258 300H384L400 326V396Q400 408 388 408H254Q242 408 242 396V326Z", c.brushed(tone))
    c.rect(272, 176, 98, 126, c.round_matt(accent), 10)
    c.rect(282, 204, 78, 62, lighter(accent, 0.75), 4)
    c.path("M294 222h54m-54 14h40m-40 14h48", stroke=darker(accent, 0.1), width=4)
    c.rect(306, 146, 30, 34, c.round_metal(STEEL), 5)
    c.rect(370, 214, 40, 38, c.flat(accent), 5)
    c.path("M410 224h22m-22 18h22", stroke="#d0d6dc", width=6)


def thermostat(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 128, 392, 22)
    for i, x in enumerate((256, 372)):
        c.path(
            f"M{x} 270C{x - 20 + i * 40} 200 {x + 30} 176 {x - 10 + i * 30} 116",
            stroke=("#b3312f", "#2f62ad")[i],
            width=9,
        )
        c.rect(x - 13, 252, 26, 42, c.round_metal("#c2a056"), 3)
    c.drum(320, 306, 356, 112, 20, c.round_matt(tone), lid=c.flat(lighter(tone, 0.25)))
    c.drum(320, 356, 388, 128, 22, c.round_metal(STEEL))
    for x in (208, 432):
        c.ellipse(x, 374, 11, 6, DARK)
    c.mark(320, 312, 20, "#fff", 0.75)


def heater(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 150, 398, 22)
    d = "M250 180V300C250 420 390 420 390 300C390 220 286 220 286 300C286 360 352 360 352 300V180"
    c.path(d, stroke=darker(tone, 0.5), width=26)
    c.path(d, stroke=tone, width=20)
    c.path(d, stroke=lighter(tone, 0.6), width=5)
    c.rect(222, 166, 160, 24, c.gradient(*BAR, direction="down"), 5)
    for x in (250, 352):
        c.rect(x - 13, 128, 26, 42, c.round_matt("#f4f0e6"), 4)
        c.rect(x - 5, 98, 10, 32, c.round_metal(STEEL), 2)


def boiler(c: Canvas, p: Params, tone: str) -> None:
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


def board(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(326, 176, 398, 24)
    c.path("M176 240H456L492 392H140Z", c.flat(tone))
    c.path("M140 392H492V401H140Z", darker(tone, 0.5))
    c.path("M196 262h76l14 50h70m-150 60l20-36h60m150 36l-26-70h-50", stroke=lighter(tone, 0.5), width=3)
    for x, y, w, h in ((286, 290, 72, 40), (210, 324, 44, 22), (392, 264, 40, 22)):
        c.path(f"M{x} {y}h{w}l6 {h}h-{w + 8}z", "#1c2026")
    for i in range(3):
        c.drum(
            400 + i * 28, 322, 356, 11, 4, c.round_matt(("#2b3c60", "#2b3038", "#2b3c60")[i]), lid="#c9d0d8"
        )
    c.path("M196 246h84v14h-86z", "#f4f5f6")
    c.path("M204 253h70", stroke="#8d96a2", width=5)
    for x, y in ((180, 250), (452, 250), (158, 382), (474, 382)):
        c.ellipse(x, y, 7, 4, "#d8b868")
    c.ellipse(c.vary("led", 250, 350), 366, 6, 4, "#8fe0a9")


def fan(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 144)
    c.box(190, 146, 260, 260, tone, 22)
    c.ellipse(320, 276, 114, 114, "#14171c")
    blades = p.count("blades", 7, 5, 11)
    for i in range(blades):
        c.group(f"rotate({360 / blades * i + c.vary('turn', 0, 40):.0f} 320 276)")
        c.stamp(
            "blade",
            320,
            276,
            lambda: c.path("M-4-30Q-10-84 34-104Q66-90 62-70Q30-64 16-28Z", c.flat(lighter(tone, 0.34))),
        )
        c.end()
    c.ellipse(320, 276, 38, 38, c.round_matt(p.colour("accent", "teal")))
    c.mark(320, 284, 15, "#fff", 0.85)
    for x in (214, 426):
        for y in (170, 382):
            c.ellipse(x, y, 9, 9, "#59616c")
            c.ellipse(x, y, 4, 4, "#14171c")


def sensor(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(306, 130, 400, 20)
    c.box(200, 232, 200, 166, tone, 12)
    c.ellipse(268, 316, 48, 48, "#14171c")
    c.ellipse(268, 316, 40, 40, c.pattern(9, 9, '<circle cx="4.500" cy="4.500" r="3" fill="#69727d"/>'))
    c.rect(338, 256, 40, 60, "#f4f5f6", 3)
    c.path("M345 268h26m-26 12h26m-26 12h18", stroke="#69727d", width=3)
    c.rect(338, 336, 40, 38, "#1c2026", 3)
    for i, wire in enumerate(("#b3312f", "#e6bf48", "#2a2e36", "#2f62ad")):
        c.path(
            f"M400 {334 + i * 11}C450 {334 + i * 11} 440 {270 - i * 6} 500 {250 + i * 11}",
            stroke=wire,
            width=5,
        )
    c.rect(494, 240, 32, 50, c.flat("#f4f5f6"), 3)


def brew_unit(c: Canvas, p: Params, tone: str) -> None:
    accent = p.colour("accent", "orange")
    c.shadow(320, 134)
    c.box(212, 170, 196, 236, tone, 16)
    c.rect(236, 196, 148, 96, "#14171c", 10)
    c.drum(310, 214, 282, 54, 11, c.round_metal(STEEL), lid=c.flat("#e3e7eb"))
    c.rect(300, 176, 20, 40, c.round_metal(STEEL), 3)
    c.path("M408 236h36q12 0 12 12v80h-26v-60h-22z", c.flat(accent))
    c.ellipse(276, 346, 34, 34, c.round_matt(lighter(tone, 0.25)))
    for i in range(8):
        c.group(f"rotate({i * 45} 276 346)")
        c.rect(272, 308, 8, 10, lighter(tone, 0.25))
        c.end()
    c.ellipse(276, 346, 11, 11, "#c2a056")
    c.path("M330 330l46 26-46 26z", accent)


def motor(c: Canvas, p: Params, tone: str) -> None:
    c.shadow(320, 150, 398, 22)
    c.rect(
        180,
        240,
        220,
        156,
        c.gradient(
            (0, lighter(tone, 0.5)), (0.3, lighter(tone, 0.15)), (1, darker(tone, 0.5)), direction="down"
        ),
        16,
    )
    c.rect(206, 240, 120, 156, c.pattern(15, 156, '<path d="M4 0h6v200H4z" fill="#000" opacity=".35"/>'))
    c.rect(396, 262, 30, 112, c.gradient(*BAR, direction="down"), 8)
    c.rect(424, 305, 84, 26, c.gradient(*BAR, direction="down"), 4)
    c.path(
        "M210 240C200 190 250 196 248 150M244 240C236 204 282 200 284 150",
        stroke=p.colour("accent", "red"),
        width=8,
    )
