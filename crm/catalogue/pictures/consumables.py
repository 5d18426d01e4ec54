"""Coffee bags and everything for cleaning."""

from crm.catalogue.pictures.canvas import Canvas, Params, fmt
from crm.catalogue.pictures.machines import DARK, STEEL, is_metal
from crm.catalogue.pictures.palette import darker, lighter, luminance


def _scene(c: Canvas, kind: str, x: float, y: float, w: float, h: float, tone: str, accent: str) -> None:
    """The picture on a label: mountains, waves, sun, leaf, stripes, a cup, a drop, berries or a night sky."""
    c.clipped(c.clip(f'<path d="M{fmt(x)} {fmt(y)}h{fmt(w)}v{fmt(h)}h-{fmt(w)}z"/>'))
    c.group(f"translate({fmt(x)} {fmt(y)}) scale({w / 100:.3g} {h / 100:.3g})")
    far, near = lighter(accent, 0.4), darker(accent, 0.15)
    rise = round(c.vary("rise", -10, 14))
    if kind == "mountains":
        c.ellipse(70, 30 + rise, 13, 13, tone)
        c.path(f"M0 100V{70 + rise}L28 {38 + rise}L52 {66 + rise}L74 {44 - rise}L100 {72 - rise}V100Z", far)
        c.path(f"M0 100V{84 - rise / 2:.0f}L34 {64 + rise}L62 86L82 {70 + rise}L100 86V100Z", near)
    elif kind == "waves":
        for i in range(4):
            c.path(
                f"M0 {34 + i * 17}q12-14 25 0t25 0 25 0 25 0V100H0Z",
                (far, accent, near, darker(near, 0.25))[i],
            )
    elif kind == "sun":
        c.ellipse(50, 62, 24, 24, accent)
        for i in range(9):
            c.group(f"rotate({-80 + i * 20} 50 62)")
            c.rect(48, 14, 4, 15, far, 2)
            c.end()
        c.rect(0, 64, 100, 40, near)
    elif kind == "leaf":
        for turn in (-34, 4, 42):
            c.group(f"rotate({turn + rise} 50 92)")
            c.path("M50 92Q22 56 50 14Q78 56 50 92Z", accent if turn == 4 else far)
            c.path("M50 90V24", stroke=near, width=2)
            c.end()
    elif kind == "stripes":
        c.group(f"rotate({-30 + rise} 50 50)")
        for i in range(6):
            c.rect(-40, -22 + i * 26, 190, 12, (accent, far, near)[i % 3])
        c.end()
    elif kind == "cup":
        c.path("M26 46H70Q70 84 48 84Q26 84 26 46Z", accent)
        c.path("M70 52q18-2 14 12t-18 10", stroke=accent, width=5)
        c.path("M38 36q-6-9 0-16t0-14M54 36q-6-9 0-16t0-14", stroke=far, width=4)
    elif kind == "drop":
        c.path("M50 12Q82 56 72 74Q50 100 28 74Q18 56 50 12Z", accent)
        c.path("M38 58q-4 16 10 22", stroke="#fff", width=5, opacity=0.7)
    elif kind == "berries":
        for i, (px, py) in enumerate(((34, 46), (60, 40), (48, 66), (72, 66), (28, 74))):
            c.ellipse(px, py, 13, 13, (accent, near, far)[i % 3])
            c.ellipse(px - 4, py - 4, 3.4, 3.4, "#fff", opacity=0.6)
        c.path("M50 40Q50 12 76 8Q74 34 50 40", "#4f7d56")
    else:
        c.rect(0, 0, 100, 100, near)
        c.path("M64 22a24 24 0 1 0 16 36 20 20 0 0 1-16-36z", far)
        for i in range(7):
            c.ellipse(c.vary(f"sx{i}", 6, 94), c.vary(f"sy{i}", 6, 90), 1.8, 1.8, "#fff")
    c.end()
    c.end()


SCENES = ("mountains", "waves", "sun", "leaf", "stripes", "cup", "drop", "berries", "night")


def bag(c: Canvas, p: Params) -> None:
    """Coffee in a bag, a pouch, a tin or a box of capsules, with a drawn label."""
    shape = p.word("shape", ("gusset", "pouch", "tin", "capsules", "sampler"))
    tone, label, accent = p.colour("tone", "black"), p.colour("label", "cream"), p.colour("accent", "copper")
    scene = p.word("scene", SCENES)
    size = p.number("size", 1, 0.75, 1.2)
    metal = is_metal(p, "tone", "black")
    if shape in {"gusset", "pouch"}:
        c.zoom(1.06 * size, 10)
        c.shadow(320, 108)
        if shape == "gusset":
            outline = "M236 136H404L412 176L420 392Q420 406 406 406H234Q220 406 220 392L228 176Z"
            c.path(outline, c.round_matt(tone))
            c.path(
                "M228 176L254 402H234Q220 406 220 392ZM412 176L386 402H406Q420 406 420 392Z",
                "#000",
                opacity=0.14,
            )
            c.path("M236 136H404L411 170H229Z", darker(tone, 0.14))
            c.rect(230, 150, 180, 9, c.flat(accent), 2)
            for x in (238, 392):
                c.rect(x, 148, 10, 14, "#d8b868", 2)
        else:
            c.path(
                "M224 122H416Q410 250 426 380Q420 408 320 408T214 380Q230 250 224 122Z", c.round_matt(tone)
            )
            c.path("M224 122H416L415 148H225Z", lighter(tone, 0.16))
            c.path("M225 152H415", stroke=darker(tone, 0.4), width=2, opacity=0.7)
            c.path("M216 384Q320 352 424 384", stroke="#000", width=2.5, opacity=0.25)
        c.path("M250 190Q244 290 250 396", stroke="#fff", width=7, opacity=0.17)
        c.ellipse(320, 184, 8, 8, darker(tone, 0.3))
        c.ellipse(320, 184, 3.4, 3.4, lighter(tone, 0.3))
        c.rect(254, 210, 132, 160, label, 5)
        _scene(c, scene, 260, 216, 120, 100, label, accent)
        c.mark(320, 336, 12, darker(accent, 0.2))
        ink = darker(label, 0.62) if luminance(label) > 0.4 else lighter(label, 0.7)
        c.path(f"M{320 - 38} 348h76m-62 10h{fmt(c.vary('line', 30, 50))}", stroke=ink, width=4)
    elif shape == "tin":
        c.zoom(1.06 * size, 10)
        c.shadow(320, 94)
        c.drum(320, 178, 396, 92, 15, c.round_metal(tone) if metal else c.round_matt(tone))
        c.drum(320, 226, 366, 93, 15, c.round_matt(label))
        _scene(c, scene, 264, 244, 112, 92, label, accent)
        c.mark(320, 364, 11, darker(accent, 0.2))
        c.drum(320, 150, 176, 96, 15, c.round_metal(STEEL), lid=c.flat("#e3e7eb"))
        c.ellipse(320, 150, 74, 11, "none", stroke="#8d96a2", width=1.5)
    elif shape == "capsules":
        c.zoom(1.14, 24)
        c.shadow(330, 168, 404, 22)
        c.path("M176 244H396L432 222H214Z", lighter(tone, 0.25))
        c.path("M396 244L432 222V378L396 404Z", darker(tone, 0.3))
        c.rect(176, 244, 220, 160, c.flat(tone), 3)
        c.rect(192, 260, 188, 92, label, 3)
        _scene(c, scene, 196, 264, 84, 84, label, accent)
        c.mark(330, 320, 20, darker(accent, 0.2))
        for i in range(3):
            c.stamp("capsule", 420 + i * 40, 404 - (i == 1) * 6, lambda: _capsule(c, accent))
    else:
        c.zoom(1.12, 24)
        c.shadow(320, 170, 404, 22)
        for i, shade in enumerate((tone, accent, darker(label, 0.25))):
            x = 178 + i * 98
            c.path(
                f"M{x + 4} 240H{x + 84}L{x + 90} 396Q{x + 90} 404 {x + 82} 404H{x + 6}Q{x - 2} 404 {x - 2} 396Z",
                c.round_matt(shade),
            )
            c.rect(x + 2, 250, 84, 6, lighter(shade, 0.3))
            c.rect(x + 14, 286, 60, 88, label, 4)
            c.ellipse(x + 44, 318, 17, 17, (tone, accent, darker(label, 0.25))[(i + 1) % 3])
            c.path(f"M{x + 26} 350h36m-30 10h24", stroke=darker(label, 0.6), width=3.4)


def _capsule(c: Canvas, accent: str) -> None:
    c.ellipse(2, 0, 22, 4, "#123", opacity=0.25)
    c.drum(0, -30, -2, 13, 3, c.round_metal(accent), foot=19, lid=lighter(accent, 0.4))
    c.ellipse(0, -1, 22, 4, c.round_metal(STEEL))


def cleaner(c: Canvas, p: Params) -> None:
    """Cleaning: liquids, tablets, powders, brushes, cloths and kits."""
    kinds = (
        "bottle",
        "spray",
        "jar",
        "carton",
        "sachets",
        "brush",
        "cloths",
        "kit",
        "canister",
        "duo",
        "discs",
        "jug",
    )
    kind, tone = p.word("kind", kinds), p.colour("tone", "white")
    label, accent = p.colour("label", "teal"), p.colour("accent", "navy")
    c.zoom(1.4 if kind == "discs" else 1.1, 30 if kind == "discs" else 12)
    if kind in {"bottle", "duo", "jug"}:
        count = 2 if kind == "duo" else 1
        c.shadow(320, 60 + count * 26, ry=18)
        for i in range(count):
            c.group(f"translate({320 + (i - (count - 1) / 2) * 130} 0)")
            shade = (label, accent)[i]
            if kind == "jug":
                c.path(
                    "M-54 190Q-60 166-30 164H10Q20 164 24 176L52 204Q82 218 82 248V392Q82 408 66 408H-66Q-82 408-82 392V250Q-82 "
                    "222-54 190Z",
                    c.round_matt(tone),
                )
                c.path(
                    "M-44 216Q-44 196-26 196T-10 216V262Q-10 276-27 276T-44 262Z",
                    "#cdd4dc",
                    stroke=darker(tone, 0.25),
                    width=2,
                )
                c.rect(-2, 140, 44, 32, c.round_matt(accent), 5)
            else:
                c.path(
                    "M-20 150h40v26q0 14 16 26Q58 220 58 250V392Q58 408 42 408H-42Q-58 408-58 392V250Q-58 220-36 202Q-20 190-20 176Z",
                    c.round_matt(tone),
                )
                c.rect(-23, 120, 46, 38, c.round_matt(shade), 6)
            high = 96 if kind == "jug" else 112
            wide = 150 if kind == "jug" else 110
            c.rect(-wide / 2, 284, wide, high, c.round_matt(shade), 3)
            _scene(
                c,
                p.word("scene", ("drop", *SCENES)),
                -wide / 4,
                288,
                wide / 2,
                high * 0.5,
                tone,
                lighter(shade, 0.6),
            )
            c.path(
                f"M{fmt(-wide * 0.3)} {284 + high * 0.68:.0f}h{fmt(wide * 0.6)}m-{fmt(wide * 0.52)} 12h{fmt(wide * 0.42)}",
                stroke="#fff",
                width=4,
                opacity=0.9,
            )
            c.shine(-44, 236, 6, 46, 0.5)
            c.end()
    elif kind == "spray":
        c.shadow(320, 74)
        c.path(
            "M262 262Q268 226 300 208H340Q372 226 378 262V392Q378 408 362 408H278Q262 408 262 392Z",
            c.round_matt(tone),
        )
        c.rect(300, 176, 40, 34, c.round_matt(accent), 4)
        c.path("M268 118H350Q374 122 378 158L362 160Q352 148 338 148V178H302V152H268Z", c.flat(accent))
        c.path("M308 156Q286 168 284 202", stroke=darker(accent, 0.2), width=9)
        c.rect(252, 122, 18, 22, lighter(accent, 0.3), 3)
        c.rect(262, 280, 116, 96, c.round_matt(label))
        _scene(c, p.word("scene", ("drop", *SCENES)), 294, 286, 52, 48, tone, lighter(label, 0.6))
        c.path("M286 350h68m-56 12h44", stroke="#fff", width=4, opacity=0.9)
    elif kind in {"jar", "canister"}:
        tall = 150 if kind == "canister" else 224
        c.shadow(320, 84)
        c.drum(320, tall, 396, 82, 13, c.round_matt(tone))
        c.drum(320, tall + 44, 366, 83, 13, c.round_matt(label))
        c.mark(320, (tall + 440) / 2 - 6, 26, "#fff")
        c.path(f"M284 {(tall + 440) / 2 + 18:.0f}h72m-58 13h44", stroke="#fff", width=4, opacity=0.9)
        c.drum(320, tall - 30, tall + 2, 85, 13, c.round_matt(accent), lid=lighter(accent, 0.25))
        if kind == "jar":
            for dx, dy in ((112, 0), (150, 4), (132, -14)):
                c.stamp("tablet", 320 + dx, 402 + dy, lambda: _tablet(c, p.colour("tablet", "white")))
    elif kind in {"carton", "kit"}:
        c.shadow(326, 132)
        c.path("M222 196H398L430 174H256Z", lighter(tone, 0.3))
        c.path("M398 196L430 174V388L398 408Z", darker(tone, 0.3))
        c.rect(222, 196, 176, 212, c.flat(tone), 3)
        c.path("M222 300Q310 262 398 300V408H222Z", label)
        c.path("M222 316Q310 278 398 316V408H222Z", darker(label, 0.2))
        c.mark(310, 262, 28, darker(label, 0.1))
        c.path("M248 352h92m-92 16h60", stroke="#fff", width=5)
        if kind == "carton":
            for dx, dy in ((122, 0), (158, 4)):
                c.stamp("tablet", 320 + dx, 404 + dy, lambda: _tablet(c, p.colour("tablet", "white")))
        else:
            c.drum(196, 300, 402, 30, 6, c.round_matt(lighter(tone, 0.4)))
            c.drum(196, 276, 304, 18, 4, c.round_matt(accent))
            c.rect(446, 300, 13, 106, c.round_matt(accent), 6)
            c.path("M440 250h25v52h-25z", c.pattern(5, 9, '<path d="M1 0h2v9H1z" fill="#39414d"/>'))
    elif kind == "sachets":
        c.shadow(320, 150, 402, 20)
        for i in range(p.count("count", 3, 2, 4)):
            c.group(f"translate({218 + i * 60} {192 + i * 6}) rotate({-9 + i * 7})")
            c.rect(
                0,
                0,
                116,
                188,
                c.flat(tone if i % 2 == 0 else lighter(tone, 0.25)),
                3,
                stroke=darker(tone, 0.2),
            )
            c.path("M4 10h108M4 178h108", stroke=darker(tone, 0.25), width=6, opacity=0.6)
            c.rect(14, 58, 88, 84, label, 4)
            c.mark(58, 112, 22, "#fff")
            c.end()
    elif kind == "brush":
        c.shadow(320, 160, 398, 16)
        c.group("rotate(-24 320 340)")
        c.rect(
            150,
            322,
            214,
            27,
            c.gradient((0, lighter(accent, 0.4)), (0.5, accent), (1, darker(accent, 0.4)), direction="down"),
            13,
        )
        c.rect(352, 314, 44, 42, c.gradient((0, "#eef1f4"), (1, "#8a939f"), direction="down"), 5)
        c.rect(
            394,
            308,
            78,
            54,
            c.pattern(
                80,
                6,
                f'<path d="M0 0h80v6H0z" fill="{tone}"/><path d="M0 3h80" stroke="{darker(tone, 0.4)}"/>',
            ),
            3,
        )
        c.ellipse(172, 336, 6, 6, "#e6eaef")
        c.end()
        if p.flag("pair"):
            c.rect(190, 388, 230, 12, c.gradient((0, "#eef1f4"), (1, "#69727d"), direction="down"), 6)
            c.rect(410, 384, 60, 20, c.pattern(6, 20, f'<path d="M0 0h3v20H0z" fill="{DARK}"/>'), 3)
    elif kind == "cloths":
        c.shadow(320, 138)
        for i, shade in enumerate((label, tone, accent, lighter(label, 0.3))):
            y = 366 - i * 36
            c.rect(
                204 + i * 4,
                y,
                232 - i * 8,
                38,
                c.gradient((0, lighter(shade, 0.3)), (1, darker(shade, 0.15)), direction="down"),
                17,
            )
            c.path(
                f"M{212 + i * 4} {y + 19}h{214 - i * 8}", stroke=darker(shade, 0.3), width=1.6, opacity=0.6
            )
        weave = c.pattern(7, 7, '<path d="M0 0h3v3H0zM3 3h3v3H3z" fill="#fff" opacity=".2"/>')
        c.rect(204, 258, 232, 146, weave, 17)
    else:
        c.shadow(320, 150, 400, 22)
        count = p.count("count", 5, 3, 7)
        for i in range(count):
            x = 320 + (i - (count - 1) / 2) * 200 / count
            c.stamp("disc", x, 396 - (i % 2) * 12 - i * 9, lambda: _disc(c, tone, label))


def _tablet(c: Canvas, tone: str) -> None:
    c.ellipse(3, 2, 21, 5, "#123", opacity=0.25)
    c.drum(0, -9, -1, 18, 5, c.round_matt(tone), lid=lighter(tone, 0.4))


def _disc(c: Canvas, tone: str, label: str) -> None:
    c.ellipse(5, 4, 70, 15, "#123", opacity=0.2)
    c.drum(0, -16, 0, 68, 15, c.round_matt(tone), lid=c.flat(lighter(tone, 0.2)))
    c.ellipse(0, -16, 34, 7, label)
