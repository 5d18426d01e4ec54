"""Tools and vessels of the coffee bar."""

from crm.catalogue.pictures.brewers import carafe
from crm.catalogue.pictures.canvas import Canvas, Params, fmt
from crm.catalogue.pictures.machines import DARK, STEEL, cup, gauge, is_metal
from crm.catalogue.pictures.palette import darker, lighter, luminance


def accessory(c: Canvas, p: Params) -> None:
    """Tools of the coffee bar."""
    kinds = (
        "tamper",
        "pitcher",
        "scale",
        "knockbox",
        "cups",
        "mat",
        "portafilter",
        "distributor",
        "kettle",
        "canister",
        "dripper",
        "glasses",
        "papers",
        "thermometer",
    )
    kind, tone = p.word("kind", kinds), p.colour("tone", "steel")
    metal, accent = is_metal(p, "tone", "steel"), p.colour("accent", "walnut")
    skin = c.round_metal(tone) if metal else c.round_matt(tone)
    zoom = {
        "tamper": 1.25,
        "pitcher": 1.3,
        "scale": 1.3,
        "knockbox": 1.3,
        "cups": 1.45,
        "mat": 1.4,
        "portafilter": 1.5,
        "distributor": 1.5,
        "dripper": 1.2,
        "glasses": 1.5,
        "papers": 1.25,
    }.get(kind, 1.08)
    if p.count("count", 2, 1, 4) > 3:
        zoom = 1.12
    c.zoom(zoom, 8 + (zoom - 1.08) * 90)
    if kind == "tamper":
        c.shadow(320, 92)
        c.drum(320, 368, 402, 92, 16, c.round_metal(STEEL), lid=c.flat("#e8ebee"))
        c.path(
            "M296 366C300 320 290 290 282 258Q276 214 320 206Q364 214 358 258C350 290 340 320 344 366Q320 374 296 366Z",
            c.round_matt(accent),
        )
        c.drum(320, 346, 366, 28, 5, c.round_metal(tone))
        c.ellipse(320, 214, 26, 7, "#fff", opacity=0.25)
    elif kind == "distributor":
        c.shadow(320, 104)
        c.drum(320, 348, 398, 100, 18, c.round_metal(STEEL))
        c.drum(320, 300, 348, 110, 20, skin, lid=c.flat(lighter(tone, 0.2)))
        c.path("M220 322H420", stroke="#000", width=2, opacity=0.3)
        c.mark(320, 306, 22, "#fff", 0.8)
    elif kind == "pitcher":
        c.shadow(320, 88)
        c.path(
            "M392 236Q470 216 462 294Q456 352 396 362", stroke=accent if not metal else "#98a1ac", width=14
        )
        c.path(
            "M254 214L228 206L252 246C246 300 230 340 234 396Q236 408 250 408H394Q408 408 408 396C408 340 392 290 390 214Z",
            skin,
        )
        c.ellipse(320, 214, 70, 14, c.gradient((0, "#6f7883"), (1, "#c5ccd4")))
        c.ellipse(322, 217, 58, 9, "#fffdf8")
        c.path("M290 218q20-8 40-2t32 0", stroke="#d9b489", width=3)
        c.shine(268, 250, 9, 120)
    elif kind == "scale":
        c.shadow(320, 150)
        c.path("M200 330H440L476 388H164Z", c.flat(lighter(tone, 0.12)))
        c.box(164, 386, 312, 22, darker(tone, 0.1), 8, metal=metal)
        c.path("M232 340H408L424 372H216Z", c.gloss())
        c.rect(178, 390, 84, 14, "#0d1116", 4)
        c.path("M188 397h16m6 0h16m6 0h12", stroke="#8fd3ff", width=4)
        c.ellipse(440, 397, 5, 5, "#e9ecef")
        cup(c, 320, 360, 108, accent)
    elif kind == "knockbox":
        c.shadow(320, 112)
        c.drum(320, 236, 394, 108, 22, skin, foot=96, lid=c.gradient((0, "#14171c"), (1, "#3c434d")))
        c.ellipse(320, 246, 90, 15, "#3b2416")
        c.path("M214 232H426", stroke=DARK, width=17)
        c.path("M214 228H426", stroke="#6a727d", width=4)
        c.mark(320, 340, 24, "#fff" if luminance(tone) < 0.6 else "#4a515d", 0.8)
    elif kind in {"cups", "glasses"}:
        count = p.count("count", 2, 1, 4)
        c.shadow(320, 60 + count * 44, ry=22)
        for i in range(count):
            x, wide = 320 + (i - (count - 1) / 2) * (150 - count * 12), 150 - count * 18
            if kind == "cups":
                c.ellipse(x, 402, wide * 0.68, 11, c.round_matt(lighter(tone, 0.1)), stroke=darker(tone, 0.2))
                cup(c, x, 400, wide, tone if i % 2 == 0 else accent, handle=1)
            else:
                c.path(
                    f"M{fmt(x - wide * 0.4)} 290L{fmt(x - wide * 0.32)} 398Q{fmt(x)} 408 {fmt(x + wide * 0.32)} 398L"
                    f"{fmt(x + wide * 0.4)} 290Z",
                    c.gradient((0, "#fff8ec"), (0.35, "#e8cfae"), (1, "#5a341d"), direction="down"),
                )
                c.glass(
                    f"M{fmt(x - wide * 0.48)} 262L{fmt(x - wide * 0.38)} 400Q{fmt(x)} 412 {fmt(x + wide * 0.38)} 400L"
                    f"{fmt(x + wide * 0.48)} 262Z"
                )
                c.shine(x - wide * 0.34, 284, 7, 88)
    elif kind == "mat":
        c.shadow(320, 168, 400, 24)
        c.path("M206 300H434L488 396H152Z", c.flat(tone))
        c.path(
            "M206 300H434L488 396H152Z",
            c.pattern(14, 14, '<path d="M0 7h14" stroke="#fff" opacity=".16" stroke-width="3"/>'),
        )
        c.path("M152 396h336v9H152z", darker(tone, 0.4))
        c.drum(280, 330, 362, 40, 8, c.round_metal(STEEL), lid="#e8ebee")
        c.path(
            "M266 330C270 300 262 288 260 270Q280 244 300 270C298 288 290 300 294 330Z", c.round_matt(accent)
        )
    elif kind == "portafilter":
        c.shadow(320, 160, 390, 18)
        c.group("translate(0 24)")
        c.rect(
            170,
            300,
            172,
            26,
            c.gradient((0, lighter(accent, 0.35)), (0.4, accent), (1, darker(accent, 0.4)), direction="down"),
            13,
        )
        c.rect(326, 305, 56, 16, c.gradient((0, "#e7ebef"), (1, "#79828e"), direction="down"), 4)
        c.drum(424, 286, 340, 62, 10, c.round_metal(tone), lid=c.gradient((0, "#5b636e"), (1, "#c5ccd4")))
        c.rect(354, 296, 16, 13, c.round_metal(STEEL), 3)
        if p.flag("spouts", True):
            c.path("M402 342h44l-6 18h10v26h-13v-18h-26v18h-13v-26h10z", c.round_metal(tone))
        c.end()
    elif kind == "kettle":
        c.shadow(320, 112)
        c.path("M384 240L436 222", stroke="#5d6671", width=12)
        c.path("M434 222Q490 214 480 292Q476 322 462 332", stroke=accent, width=18)
        c.path("M240 366Q176 372 182 286Q184 236 146 222", stroke="#5d6671", width=17)
        c.path("M240 363Q180 368 185 286Q186 236 148 221", stroke=lighter(tone, 0.4), width=5)
        c.path("M252 224H388L420 384Q422 400 404 400H236Q218 400 220 384Z", skin)
        c.path("M256 224Q320 176 384 224Z", skin)
        c.ellipse(320, 192, 13, 13, c.round_matt(accent))
        c.drum(320, 396, 408, 116, 9, c.round_matt("#2b3038"))
        if p.flag("gauge"):
            gauge(c, 320, 300, 24, 30)
        else:
            c.mark(320, 330, 20, "#fff" if luminance(tone) < 0.7 else "#4a515d", 0.8)
    elif kind == "canister":
        c.shadow(320, 92)
        c.drum(320, 208, 398, 90, 15, skin)
        if p.flag("window"):
            c.rect(292, 250, 56, 110, "#3a2317", 12, stroke=lighter(tone, 0.3), width=3)
            c.rect(
                292,
                250,
                56,
                110,
                c.pattern(
                    17,
                    13,
                    '<g fill="#5d3a25"><ellipse cx="5" cy="4" rx="5" ry="3.4"/>'
                    '<ellipse cx="14" cy="10" rx="5" ry="3.4"/></g>',
                ),
                12,
            )
        else:
            c.mark(320, 316, 30, "#fff" if luminance(tone) < 0.6 else "#4a515d", 0.8)
        c.drum(320, 174, 204, 93, 15, c.round_matt(accent), lid=lighter(accent, 0.2))
        c.rect(402, 186, 13, 46, c.round_metal(STEEL), 4)
        c.ellipse(320, 173, 14, 4, DARK, opacity=0.6)
    elif kind == "dripper":
        c.shadow(320, 96)
        carafe(c, 320, 408, "glass", DARK, 1.05)
        c.path("M400 226q44-8 38 26t-46 28", stroke=darker(tone, 0.1), width=10)
        c.path("M226 210H414L350 296H290Z", skin)
        c.path("M262 216l36 74M320 216v76M378 216l-36 74", stroke="#fff", width=3, opacity=0.4)
        c.ellipse(320, 210, 94, 15, lighter(tone, 0.2), stroke=darker(tone, 0.25))
        c.ellipse(320, 213, 78, 10, "#4a2d1c")
        c.rect(266, 292, 108, 9, c.flat(tone), 4)
    elif kind == "papers":
        c.shadow(320, 140, 404, 20)
        c.box(222, 288, 210, 116, tone, 6)
        c.mark(327, 366, 26, "#fff", 0.85)
        c.path("M232 288L262 192Q320 172 378 192L420 288Z", "#f6efe2", stroke="#d8cbb2", width=2)
        for i in range(4):
            c.path(
                f"M{250 + i * 5} {284 - i * 14}Q320 {250 - i * 14} {396 - i * 5} {284 - i * 14}",
                stroke="#d8cbb2",
                width=2,
            )
        c.path("M222 288h210l-14-16H238z", darker(tone, 0.25))
    else:
        c.shadow(320, 90, 404, 14)
        c.rect(314, 196, 12, 210, c.round_metal(STEEL), 4)
        c.path("M314 400l6 12 6-12z", "#69727d")
        c.ellipse(320, 172, 74, 74, c.round_metal(tone))
        c.ellipse(320, 172, 60, 60, "#fdfdfc")
        c.path("M282 204A50 50 0 1 1 358 204", stroke="#8a939f", width=5)
        c.path("M352 138A50 50 0 0 1 369 178", stroke="#3f9d63", width=7)
        c.line(320, 174, 352, 150, "#c23b32", 4)
        c.ellipse(320, 172, 7, 7, DARK)
