"""Things for the home and the gift table, for imported products."""

from crm.catalogue.pictures.canvas import Canvas
from crm.catalogue.pictures.look import Look
from crm.catalogue.pictures.machines import STEEL, cup
from crm.catalogue.pictures.palette import COLOURS, darker, lighter


def _shade(c: Canvas, d: str, look: Look) -> None:
    """A patterned body with the light of the studio over it."""
    c.path(d, look.surface(c))
    c.path(d, c.gradient((0, "#000", 0.2), (0.25, "#fff", 0.28), (0.6, "#fff", 0), (1, "#000", 0.36)))


def bag(c: Canvas, k: Look) -> None:
    c.shadow(320, 112)
    c.path("M272 210Q272 128 320 128T368 210", stroke=k.accent, width=10)
    _shade(c, "M216 204H424L438 394Q438 408 424 408H216Q202 408 202 394Z", k)
    c.rect(214, 204, 212, 13, darker(k.tone, 0.25), opacity=0.5)


def mug(c: Canvas, k: Look) -> None:
    c.shadow(310, 104)
    c.path("M390 252Q470 244 462 310T388 370", stroke=darker(k.tone, 0.12), width=19)
    _shade(c, "M220 226V380Q220 408 252 408H364Q396 408 396 380V226Z", k)
    c.ellipse(308, 226, 88, 17, lighter(k.tone, 0.5), stroke=darker(k.tone, 0.2))
    c.ellipse(308, 230, 74, 11, "#6b4228")


def teacup(c: Canvas, k: Look) -> None:
    c.shadow(320, 150, 404, 24)
    c.ellipse(320, 394, 150, 20, c.round_matt(lighter(k.accent, 0.4)), stroke=darker(k.accent, 0.2))
    cup(c, 312, 396, 190, k.tone)


def candle(c: Canvas, k: Look) -> None:
    c.shadow(320, 84)
    _shade(c, "M244 214V392Q244 406 320 406T396 392V214Z", k)
    c.ellipse(320, 214, 76, 15, lighter(k.tone, 0.55), stroke=darker(k.tone, 0.15))
    c.ellipse(320, 216, 30, 6, "#fff6dd")
    c.line(320, 216, 320, 188, "#3a2a20", 4)
    c.ellipse(320, 160, 70, 70, c.radial((0, "#ffd873", 0.7), (1, "#ffd873", 0)))
    c.path(
        "M320 122Q346 158 334 178Q320 194 306 178Q296 158 320 122Z",
        c.gradient((0, "#ffefb0"), (1, "#f09a33"), direction="down"),
    )


def lantern(c: Canvas, k: Look) -> None:
    c.shadow(320, 92)
    c.path("M284 152Q284 92 320 92T356 152", stroke=darker(k.tone, 0.3), width=7)
    c.path("M262 196L294 150H346L378 196Z", c.round_matt(k.tone))
    c.rect(250, 192, 140, 16, c.round_matt(darker(k.tone, 0.1)), 4)
    c.rect(260, 208, 120, 176, c.radial((0, "#fff0bd"), (0.6, "#f7d98f", 0.8), (1, "#cbb98a", 0.45)))
    c.rect(296, 318, 48, 64, c.round_matt("#fbf3df"), 4)
    c.path("M320 278Q336 300 328 312Q320 320 312 312Q306 300 320 278Z", "#f09a33")
    for x in (256, 316, 376):
        c.rect(x, 206, 8, 180, darker(k.tone, 0.15))
    c.rect(242, 382, 156, 24, c.round_matt(k.tone), 5)


def box(c: Canvas, k: Look) -> None:
    c.shadow(326, 130)
    _shade(c, "M204 226H392V408H204Z", k)
    c.path("M392 226L436 200V384L392 408Z", darker(k.tone, 0.32))
    c.path("M196 194H398V236H196ZM398 194L444 170V208L398 236Z", k.accent)
    c.path("M196 194L244 170H444L398 194Z", lighter(k.accent, 0.3))
    c.path("M398 194L444 170V208L398 236Z", "#000", opacity=0.22)


def gift(c: Canvas, k: Look) -> None:
    box(c, k)
    c.rect(284, 194, 28, 214, c.flat(lighter(k.accent, 0.3)))
    c.path(
        "M298 190C250 120 206 150 232 178Q250 192 298 190C346 120 400 146 372 176Q350 192 298 190Z",
        c.flat(lighter(k.accent, 0.2)),
        stroke=darker(k.accent, 0.2),
        width=2,
    )


def tin(c: Canvas, k: Look) -> None:
    c.shadow(320, 112)
    _shade(c, "M212 220V386Q212 408 320 408T428 386V220Z", k)
    c.drum(320, 192, 224, 112, 20, c.round_metal(STEEL), lid=c.flat(k.accent))


def bottle(c: Canvas, k: Look) -> None:
    c.shadow(320, 70)
    c.path(
        "M300 132H340V196Q344 222 366 242Q384 260 384 288V388Q384 408 364 408H276Q256 408 256 388V288Q256 260 274 242Q296 222 300 196Z",
        c.round_matt(k.tone),
    )
    _shade(c, "M256 294H384V376H256Z", k.swapped())
    c.rect(296, 112, 48, 32, c.round_metal(k.accent), 5)
    c.shine(276, 262, 9, 130, 0.5)


def jar(c: Canvas, k: Look) -> None:
    c.shadow(320, 88)
    c.path("M242 290H398V386Q398 406 378 406H262Q242 406 242 386Z", k.accent, opacity=0.8)
    c.glass("M250 190Q232 206 232 232V386Q232 408 254 408H386Q408 408 408 386V232Q408 206 390 190Z")
    _shade(c, "M244 150H396V194H244Z", k)
    c.rect(270, 300, 100, 62, "#fbf8f0", 6)
    c.path("M286 322h68m-60 16h50", stroke="#8a7c68", width=4)


def card(c: Canvas, k: Look) -> None:
    c.shadow(330, 140, 404, 22)
    c.group("rotate(-7 320 300)")
    c.rect(208, 196, 238, 176, c.flat("#f4efe4"), 4)
    c.path("M208 200L327 292L446 200", stroke="#c9bfa8", width=3)
    c.end()
    c.group("rotate(5 330 290)")
    _shade(c, "M236 152H400V384H236Z", k)
    c.rect(258, 224, 120, 74, "#fffdf7", 4)
    c.path("M276 250h84m-70 20h56", stroke=darker(k.tone, 0.3), width=5)
    c.end()


def frame(c: Canvas, k: Look) -> None:
    c.shadow(320, 132)
    c.box(198, 140, 244, 266, k.tone, 6)
    c.rect(222, 164, 196, 218, "#fbfaf6", stroke=darker(k.tone, 0.4), width=2)
    c.rect(246, 188, 148, 170, c.gradient((0, "#bcdcf0"), (1, "#eef4f6"), direction="down"))
    c.ellipse(350, 226, 18, 18, "#f3d27a")
    c.path("M246 330L290 272L326 314L352 284L394 326V358H246Z", k.accent)


def clock(c: Canvas, k: Look) -> None:
    c.shadow(320, 118)
    c.ellipse(320, 278, 128, 128, c.round_matt(k.tone))
    c.ellipse(320, 278, 104, 104, "#fdfcf8", stroke=darker(k.tone, 0.3), width=2)
    for i in range(12):
        c.group(f"rotate({i * 30} 320 278)")
        c.line(320, 188, 320, 200 if i % 3 else 208, "#474e59", 4)
        c.end()
    for name, length, width in (("hour", 48, 8), ("minute", 72, 5)):
        c.group(f"rotate({c.vary(name, 0, 359):.0f} 320 278)")
        c.line(320, 278, 320, 278 - length, k.accent, width)
        c.end()
    c.ellipse(320, 278, 9, 9, "#2a2e36")


def cushion(c: Canvas, k: Look) -> None:
    c.shadow(320, 140)
    _shade(
        c,
        "M206 166Q320 190 434 166Q452 168 448 190Q424 288 448 386Q450 406 430 404Q320 384 210 404Q190 406 192 386Q216 288 192 190Q188 "
        "168 206 166Z",
        k,
    )
    c.path("M212 172Q320 196 428 172", stroke="#fff", width=4, opacity=0.4)


def plate(c: Canvas, k: Look) -> None:
    c.shadow(320, 132)
    c.ellipse(320, 268, 138, 138, "#fdfcf8", stroke="#c5ccd4", width=2)
    c.ellipse(320, 268, 132, 132, k.surface(c))
    c.ellipse(320, 268, 88, 88, "#fdfcf8", stroke=darker(k.tone, 0.2), width=2)
    c.ellipse(
        320,
        268,
        138,
        138,
        c.radial((0, "#fff", 0.5), (0.6, "#fff", 0), (1, "#123", 0.22), cx=0.36, cy=0.3, r=0.8),
    )


def bowl(c: Canvas, k: Look) -> None:
    c.shadow(320, 116)
    _shade(c, "M188 250Q196 378 280 400H360Q444 378 452 250Z", k)
    c.ellipse(320, 250, 132, 30, darker(k.tone, 0.2), stroke=lighter(k.tone, 0.5), width=4)
    c.rect(274, 396, 92, 13, c.round_matt(k.tone), 4)


def heart(c: Canvas, k: Look) -> None:
    c.shadow(320, 70, 414, 10)
    c.path("M320 190Q300 130 320 92T320 190", stroke=k.accent, width=4)
    _shade(
        c,
        "M320 396C250 336 196 290 196 236C196 178 286 164 320 222C354 164 444 178 444 236C444 290 390 336 320 396Z",
        k,
    )
    c.path("M222 232Q226 200 258 200", stroke="#fff", width=8, opacity=0.55)


def bauble(c: Canvas, k: Look) -> None:
    c.shadow(320, 70, 414, 10)
    c.path("M320 156V76", stroke="#8d96a2", width=2.5)
    c.ellipse(320, 286, 116, 116, k.surface(c))
    c.ellipse(
        320,
        286,
        116,
        116,
        c.radial((0, "#fff", 0.75), (0.4, "#fff", 0.05), (1, "#000", 0.5), cx=0.34, cy=0.28, r=0.8),
    )
    c.rect(298, 152, 44, 28, c.round_metal(COLOURS["gold"]), 5)


def toy(c: Canvas, k: Look) -> None:
    c.shadow(320, 112)
    fill = c.round_matt(k.tone)
    for x in (-1, 1):
        c.ellipse(320 + x * 66, 146, 30, 30, fill)
        c.ellipse(320 + x * 66, 148, 16, 16, k.accent)
        c.ellipse(320 + x * 66, 384, 40, 26, fill)
        c.ellipse(320 + x * 92, 308, 24, 48, fill)
    c.ellipse(320, 326, 92, 84, fill)
    c.ellipse(320, 336, 56, 52, lighter(k.tone, 0.45))
    c.ellipse(320, 202, 88, 78, fill)
    c.ellipse(320, 226, 38, 30, lighter(k.tone, 0.5))
    for x in (290, 350):
        c.ellipse(x, 196, 8, 9, "#23272e")
    c.path("M308 218h24l-12 12zM320 230q-2 14-16 12M320 230q2 14 16 12", stroke="#23272e", width=4)


def book(c: Canvas, k: Look) -> None:
    c.shadow(328, 120)
    c.path("M232 148H418V400H232Z", "#f6f1e4", stroke="#cfc5ae")
    c.path("M418 148L432 158V408H246L232 400", "#e6dec9")
    _shade(c, "M222 144H408V398H222Z", k)
    c.rect(222, 144, 26, 254, darker(k.tone, 0.3), opacity=0.7)
    c.rect(276, 192, 104, 66, "#fffdf7", 3)
    c.path("M290 214h76m-66 20h54", stroke=darker(k.tone, 0.4), width=5)


def umbrella(c: Canvas, k: Look) -> None:
    c.shadow(320, 100, 412, 14)
    c.path("M320 120V384Q320 408 344 408T368 386", stroke=COLOURS["walnut"], width=9)
    _shade(
        c,
        "M150 268Q166 122 320 116Q474 122 490 268Q462 244 434 268Q406 244 377 268Q348 244 320 268Q292 244 263 268Q234 244 206 268Q178 "
        "244 150 268Z",
        k,
    )
    c.path("M320 116Q270 190 263 268M320 116Q370 190 377 268", stroke="#000", width=2, opacity=0.25)


def flower(c: Canvas, k: Look) -> None:
    c.shadow(320, 72)
    c.path(
        "M320 312Q306 240 320 190M320 320Q250 280 244 226M320 320Q392 280 398 220", stroke="#4f7d56", width=7
    )
    for x, y, r in ((320, 168, 19), (238, 206, 15), (402, 200, 15)):
        for i in range(6):
            c.group(f"rotate({i * 60} {x} {y})")
            c.ellipse(x, y - r * 1.3, r * 0.7, r, k.tone if r == 19 else k.accent)
            c.end()
        c.ellipse(x, y, r * 0.7, r * 0.7, "#e6bf48")
    c.path(
        "M256 300H384L368 396Q366 408 354 408H286Q274 408 272 396Z",
        c.round_matt(COLOURS["coral"] if k.tone != COLOURS["coral"] else "#fff"),
    )
    c.rect(248, 288, 144, 24, c.round_matt(darker(COLOURS["coral"], 0.12)), 5)


def jewel(c: Canvas, k: Look) -> None:
    c.shadow(320, 104, 408, 18)
    c.path(
        "M206 392L232 160Q236 140 256 140H384Q404 140 408 160L434 392Q434 406 420 406H220Q206 406 206 392Z",
        c.flat("#f3efe8"),
    )
    c.path("M262 150Q252 300 320 318Q388 300 378 150", stroke=COLOURS["gold"], width=4)
    for i in range(7):
        c.ellipse(
            268 + i * 17.3,
            258 + (1 - abs(i - 3) / 3) * 52,
            9,
            9,
            c.radial((0, "#fff"), (0.4, k.tone), (1, darker(k.tone, 0.4)), cx=0.35, cy=0.3, r=0.7),
        )
    c.path("M320 322L340 350L320 384L300 350Z", c.flat(k.accent), stroke=COLOURS["gold"], width=3)


def hook(c: Canvas, k: Look) -> None:
    c.zoom(1.1, 40)
    c.rect(178, 226, 296, 86, c.radial((0, "#123", 0.4), (1, "#123", 0)), 20)
    c.box(176, 210, 288, 74, k.tone, 12)
    for x in (224, 320, 416):
        c.path(f"M{x} 246V300Q{x} 338 {x - 24} 338T{x - 46} 316", stroke="#59616c", width=11)
        c.ellipse(x, 246, 17, 17, c.round_metal(STEEL))
        c.ellipse(x - 46, 314, 9, 9, c.round_matt(k.accent))


def cakestand(c: Canvas, k: Look) -> None:
    c.shadow(320, 96)
    c.rect(315, 108, 10, 290, c.round_metal(COLOURS["gold"]), 4)
    c.ellipse(320, 104, 16, 16, "none", stroke=COLOURS["gold"], width=6)
    for y, rx in ((370, 150), (270, 110), (184, 72)):
        c.ellipse(320, y + 7, rx, 17, darker(k.tone, 0.3))
        c.ellipse(320, y, rx, 17, k.surface(c), stroke="#fff", width=3)
    for x, y in ((240, 262), (384, 260), (216, 360), (420, 362), (292, 176)):
        c.drum(x, y - 26, y, 20, 5, c.round_matt(k.accent), foot=14)
        c.ellipse(x, y - 28, 21, 13, c.flat("#fbeff0"))
        c.ellipse(x, y - 41, 5, 5, "#c23b32")


def utensil(c: Canvas, k: Look) -> None:
    c.shadow(320, 130, 404, 18)
    for i, (x, turn) in enumerate(((270, -12), (320, 0), (370, 12))):
        c.group(f"rotate({turn} {x} 400)")
        c.rect(x - 8, 220, 16, 184, c.round_matt((k.tone, k.accent, k.tone)[i]), 8)
        if i == 1:
            c.path(
                f"M{x - 26} 118V180Q{x - 26} 216 {x} 222Q{x + 26} 216 {x + 26} 180V118M{x} 118V200",
                stroke="#9aa3ae",
                width=8,
            )
        else:
            c.ellipse(x, 168, 29, 52, c.round_metal(STEEL))
        c.end()


def roll(c: Canvas, k: Look) -> None:
    c.shadow(320, 168, 398, 22)
    for i, look in enumerate((k, k.swapped())):
        c.group(f"translate(0 {-i * 70}) rotate({-8 + i * 14} 320 350)")
        _shade(c, "M176 316H464V388H176Z", look)
        c.rect(
            176,
            316,
            288,
            72,
            c.gradient((0, "#fff", 0.35), (0.4, "#fff", 0), (1, "#000", 0.4), direction="down"),
        )
        c.ellipse(464, 352, 15, 36, lighter(look.tone, 0.5), stroke=darker(look.tone, 0.2))
        c.ellipse(464, 352, 5, 13, "#b9a27c")
        c.end()


def lights(c: Canvas, k: Look) -> None:
    d = "M130 170Q230 330 320 236T520 226"
    c.path(d, stroke="#3d5246", width=5)
    for i, (x, y) in enumerate(
        ((166, 224), (214, 268), (264, 276), (316, 240), (368, 214), (424, 216), (480, 230))
    ):
        tone = (k.tone, k.accent)[i % 2]
        c.ellipse(x, y + 40, 46, 46, c.radial((0, tone, 0.5), (1, tone, 0)))
        c.rect(x - 8, y - 2, 16, 18, "#3d5246", 3)
        c.path(
            f"M{x - 13} {y + 16}h26q10 26-13 54q-23-28-13-54z",
            c.radial((0, "#fff"), (1, tone), cx=0.4, cy=0.3, r=0.7),
        )


def parcel(c: Canvas, k: Look) -> None:
    kraft = COLOURS["kraft"]
    c.shadow(326, 132)
    c.path("M200 216H396V408H200Z", c.flat(lighter(kraft, 0.12)))
    c.path("M396 216L440 188V382L396 408Z", darker(kraft, 0.3))
    c.path("M200 216L248 188H440L396 216Z", lighter(kraft, 0.34))
    c.path("M276 216L318 188H350L310 216V262H276Z", k.tone, opacity=0.85)
    c.rect(220, 306, 100, 76, "#fbf8f0", 4)
    c.path("M232 326h60m-60 16h44", stroke="#8a7c68", width=5)
    c.rect(
        232,
        356,
        62,
        14,
        c.pattern(round(c.vary("bars", 6, 11)), 14, '<path d="M0 0h3v14H0z" fill="#2a2e36"/>'),
    )
    c.mark(364, 384, 15, k.accent, 0.8)
