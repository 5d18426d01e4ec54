"""A small SVG canvas with one studio: the same backdrop, the same light from the upper left, the same soft shadow.

Every drawing goes through it, so that all pictures look as if one photographer had lit them. Coordinates are those of
the viewBox, 640 by 480; products stand on the floor line `FLOOR`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TypeAlias, TypeVar

from crm.catalogue.pictures.palette import colour, darker, lighter, luminance

WIDTH, HEIGHT, FLOOR = 640, 480, 412
Stop: TypeAlias = tuple[float, str] | tuple[float, str, float]
T = TypeVar("T")


class Params:
    """Drawing parameters read with a type and a range; it remembers which were asked for."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self.read: set[str] = set()

    def _get(self, name: str) -> object:
        self.read.add(name)
        return self._values.get(name)

    def colour(self, name: str, default: str) -> str:
        value = self._get(name)
        return colour(default if value is None else str(value))

    def text(self, name: str, default: str) -> str:
        value = self._get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self._get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{name} must be a number from {low} to {high}, not {value!r}")
        return float(value)

    def count(self, name: str, default: int, low: int, high: int) -> int:
        return round(self.number(name, default, low, high))

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false, not {value!r}")
        return value

    def word(self, name: str, choices: Sequence[str]) -> str:
        """One of `choices`; the first one when the parameter is absent."""
        value = self._get(name)
        if value is None:
            return choices[0]
        if value not in choices:
            raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
        return str(value)

    def unread(self) -> set[str]:
        return set(self._values) - self.read


def short(tone: str) -> str:
    """#abc where that is the same colour as #aabbcc."""
    return "#" + tone[1::2] if len(tone) == 7 and tone[1::2] == tone[2::2] else tone


def decimal(value: float) -> str:
    """A share from 0 to 1 with two digits."""
    return f"{value:.2g}".removeprefix("0") or "0"


def place(**numbers: float) -> str:
    """Coordinates as attributes; zeros are the default in SVG and are left out."""
    return "".join(
        f' {name}="{text}"' for name, text in ((n, fmt(v)) for n, v in numbers.items()) if text != "0"
    )


def fmt(value: float) -> str:
    """A coordinate: whole numbers from 40 up, where half a unit is not seen, one decimal below."""
    text = f"{value:.0f}" if abs(value) >= 40 else f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text.replace("0.", ".") if text.startswith(("0.", "-0.")) else text


class Canvas:
    """Collects shapes and shared definitions; `svg()` gives the document."""

    def __init__(self, seed: str, backdrop: bool = True) -> None:
        self._digest = hashlib.blake2b(seed.encode(), digest_size=32)
        self._prefix = "a" + self._digest.hexdigest()[:4]
        self._defs: dict[str, str] = {}
        self._parts: list[str] = []
        self._stamps: dict[str, tuple[str, float, float]] = {}
        self.backdrop = backdrop
        self._zoom = ""

    def zoom(self, factor: float, lift: float = 0) -> None:
        """Enlarge the whole product about the middle of the floor line, and lift it so that it sits well in the frame."""
        x, y = 320 * (1 - factor), FLOOR * (1 - factor) - lift
        self._zoom = f' transform="translate({fmt(x)} {fmt(y)}) scale({factor:.3g})"'

    # ---- deterministic variation

    def vary(self, name: str, low: float = 0.0, high: float = 1.0) -> float:
        """A number from low to high that depends on the seed and the name only."""
        state = self._digest.copy()
        state.update(name.encode())
        share = int.from_bytes(state.digest()[:4], "big") / 0xFFFFFFFF
        return low + (high - low) * share

    def choose(self, name: str, options: Sequence[T]) -> T:
        return options[min(int(self.vary(name) * len(options)), len(options) - 1)]

    # ---- repetition

    def stamp(self, name: str, x: float, y: float, draw: Callable[[], None]) -> None:
        """Place a drawing made around (0, 0) at (x, y); the second time it is a reference to the first."""
        if name in self._stamps:
            ident, x0, y0 = self._stamps[name]
            self.add(f'<use href="#{ident}"{place(x=x - x0, y=y - y0)}/>')
            return
        ident = f"{self._prefix}s{len(self._stamps)}"
        self._stamps[name] = (ident, x, y)
        self.add(f'<g id="{ident}" transform="translate({fmt(x)} {fmt(y)})">')
        draw()
        self.end()

    # ---- definitions

    def _define(self, body: str) -> str:
        """Register a definition whose id is written as %s; the same definition is stored once."""
        if body not in self._defs:
            self._defs[body] = f"{self._prefix}{len(self._defs):x}"
        return f"url(#{self._defs[body]})"

    @staticmethod
    def _stops(stops: Sequence[Stop]) -> str:
        text = ""
        for stop in stops:
            opacity = f' stop-opacity="{decimal(stop[2])}"' if len(stop) == 3 else ""
            offset = f' offset="{decimal(stop[0])}"' if stop[0] else ""
            text += f'<stop{offset} stop-color="{short(stop[1])}"{opacity}/>'
        return text

    def gradient(self, *stops: Stop, direction: str = "across") -> str:
        """A linear gradient: across (left to right), down, or diagonal."""
        line = {"across": "", "down": ' x2="0" y2="1"', "diagonal": ' x2="1" y2="1"'}[direction]
        return self._define(f'<linearGradient id="%s"{line}>{self._stops(stops)}</linearGradient>')

    def radial(self, *stops: Stop, cx: float = 0.5, cy: float = 0.5, r: float = 0.5) -> str:
        where = "" if (cx, cy, r) == (0.5, 0.5, 0.5) else f' cx="{cx:.2g}" cy="{cy:.2g}" r="{r:.2g}"'
        return self._define(f'<radialGradient id="%s"{where}>{self._stops(stops)}</radialGradient>')

    def pattern(self, width: float, height: float, body: str, turn: float = 0) -> str:
        """A repeated tile in user units: pleats, mesh, perforation, knurling."""
        turned = f' patternTransform="rotate({fmt(turn)})"' if turn else ""
        size = f'width="{fmt(width)}" height="{fmt(height)}"'
        return self._define(f'<pattern id="%s" {size} patternUnits="userSpaceOnUse"{turned}>{body}</pattern>')

    def clip(self, body: str) -> str:
        return self._define(f'<clipPath id="%s">{body}</clipPath>')

    # ---- materials: the key light comes from the upper left

    def round_metal(self, tone: str) -> str:
        """A polished cylinder."""
        return self.gradient(
            (0, darker(tone, 0.38)),
            (0.3, lighter(tone, 0.72)),
            (0.48, tone),
            (0.92, darker(tone, 0.48)),
            (1, darker(tone, 0.22)),
        )

    def round_matt(self, tone: str) -> str:
        """A lacquered or plastic cylinder."""
        return self.gradient(
            (0, darker(tone, 0.16)),
            (0.3, lighter(tone, 0.22 if luminance(tone) < 0.8 else 0.5)),
            (1, darker(tone, 0.34)),
        )

    def flat(self, tone: str) -> str:
        """A lacquered front."""
        return self.gradient((0, lighter(tone, 0.2)), (1, darker(tone, 0.2)), direction="diagonal")

    def brushed(self, tone: str) -> str:
        """A front of brushed metal."""
        return self.gradient(
            (0.1, lighter(tone, 0.46)),
            (0.34, lighter(tone, 0.06)),
            (0.6, lighter(tone, 0.36)),
            (1, darker(tone, 0.24)),
            direction="diagonal",
        )

    def skin(self, tone: str, metal: bool) -> str:
        return self.brushed(tone) if metal else self.flat(tone)

    def gloss(self) -> str:
        """Black glass."""
        return self.gradient((0, "#444b57"), (0.5, "#1b1f25"), direction="diagonal")

    def glass_tone(self) -> str:
        """The edge of a water tank behind the machine."""
        return self.gradient((0, "#dcebf4"), (1, "#9fb9cb"), direction="down")

    # ---- shapes

    def add(self, markup: str) -> None:
        self._parts.append(markup)

    @staticmethod
    def _style(fill: str, stroke: str | None, width: float, opacity: float) -> str:
        text = "" if fill == "none" else f' fill="{fill}"'
        if stroke:
            text += f' stroke="{stroke}"' + (f' stroke-width="{fmt(width)}"' if width != 1 else "")
        return text + (f' opacity="{decimal(opacity)}"' if opacity != 1 else "")

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str,
        r: float = 0,
        *,
        stroke: str | None = None,
        width: float = 1,
        opacity: float = 1,
    ) -> None:
        self.add(
            f"<rect{place(x=x, y=y, width=w, height=h, rx=r)}{self._style(fill, stroke, width, opacity)}/>"
        )

    def ellipse(
        self,
        cx: float,
        cy: float,
        rx: float,
        ry: float,
        fill: str,
        *,
        stroke: str | None = None,
        width: float = 1,
        opacity: float = 1,
    ) -> None:
        kind, size = (
            ("circle", place(cx=cx, cy=cy, r=rx))
            if rx == ry
            else ("ellipse", place(cx=cx, cy=cy, rx=rx, ry=ry))
        )
        self.add(f"<{kind}{size}{self._style(fill, stroke, width, opacity)}/>")

    def path(
        self, d: str, fill: str = "none", *, stroke: str | None = None, width: float = 1, opacity: float = 1
    ) -> None:
        self.add(f'<path d="{d}"{self._style(fill, stroke, width, opacity)}/>')

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, opacity: float = 1
    ) -> None:
        self.path(f"M{fmt(x1)} {fmt(y1)}L{fmt(x2)} {fmt(y2)}", stroke=stroke, width=width, opacity=opacity)

    def group(self, transform: str) -> None:
        """Open a transformed group; close it with `end`."""
        self.add(f'<g transform="{transform}">')

    def clipped(self, clip: str) -> None:
        self.add(f'<g clip-path="{clip}">')

    def end(self) -> None:
        self.add("</g>")

    def text(self, x: float, y: float, words: str, size: float, fill: str) -> None:
        """Words in the picture; always escaped, whatever they are."""
        self.add(
            f'<text x="{fmt(x)}" y="{fmt(y)}" font-family="system-ui,sans-serif" font-size="{fmt(size)}" '
            f'text-anchor="middle" fill="{fill}">{escape(words)}</text>'
        )

    # ---- bodies

    def shadow(self, cx: float, rx: float, y: float = FLOOR, ry: float | None = None) -> None:
        """A wide soft shadow falling to the right and a tight one where the body touches the floor."""
        soft = self.radial((0, "#123", 0.42), (0.55, "#123", 0.17), (1, "#123", 0))
        deep = rx * 0.16 if ry is None else ry
        self.ellipse(cx + rx * 0.1, y + 2, rx * 1.28, deep, soft)
        self.ellipse(cx, y, rx * 0.98, max(5.0, deep * 0.42), soft)

    def box(
        self, x: float, y: float, w: float, h: float, tone: str, r: float = 10, *, metal: bool = False
    ) -> None:
        """A body seen from the front: lacquer or metal, a lit top edge and a shaded right side."""
        self.rect(x, y, w, h, self.skin(tone, metal), r)
        edge = self.gradient((0, "#fff", 0.5), (0.07, "#fff", 0), (0.85, "#000", 0), (1, "#000", 0.25))
        self.rect(x, y, w, h, edge, r)
        self.rect(x + r * 0.7, y + 1.5, w - r * 1.4, 2, "#fff", 1, opacity=0.55)

    def drum(
        self,
        cx: float,
        top: float,
        bottom: float,
        rx: float,
        ry: float,
        fill: str,
        *,
        foot: float | None = None,
        lid: str | None = None,
    ) -> None:
        """An upright cylinder or cone; `foot` is the lower radius, `lid` the fill of the upper ellipse."""
        low = rx if foot is None else foot
        deep = ry * low / rx
        self.path(
            f"M{fmt(cx - rx)} {fmt(top)}L{fmt(cx - low)} {fmt(bottom)}A{fmt(low)} {fmt(deep)} 0 0 0 "
            f"{fmt(cx + low)} {fmt(bottom)}L{fmt(cx + rx)} {fmt(top)}Z",
            fill,
        )
        if lid is not None:
            self.ellipse(cx, top, rx, ry, lid)

    def glass(self, d: str, tint: str = "#dfeaf2", opacity: float = 0.45) -> None:
        """Clear glass or plastic of any outline."""
        fill = self.gradient((0, "#fff", 0.8), (0.2, tint, 0.25), (0.8, tint, 0.3), (1, "#7f90a3", 0.6))
        self.path(d, fill, stroke="#8fa0b2", width=1.4, opacity=min(1.0, opacity + 0.5))

    def shine(self, x: float, y: float, w: float, h: float, opacity: float = 0.4) -> None:
        """A vertical reflection of the softbox."""
        self.rect(
            x,
            y,
            w,
            h,
            self.gradient((0, "#fff", 0.9), (1, "#fff", 0.1), direction="down"),
            w / 2,
            opacity=opacity,
        )

    def mark(self, cx: float, cy: float, size: float, tone: str, opacity: float = 0.9) -> None:
        """The maker's mark: a rising sun over two arcs."""
        s = size
        self.path(
            f"M{fmt(cx - s * 0.42)} {fmt(cy)}a{fmt(s * 0.42)} {fmt(s * 0.42)} 0 0 1 {fmt(s * 0.84)} 0Z",
            tone,
            opacity=opacity,
        )
        self.path(
            f"M{fmt(cx - s)} {fmt(cy)}a{fmt(s)} {fmt(s)} 0 0 1 {fmt(2 * s)} 0M{fmt(cx - s * 0.72)} {fmt(cy)}a{fmt(s * 0.72)} "
            f"{fmt(s * 0.72)} 0 0 1 {fmt(s * 1.44)} 0",
            stroke=tone,
            width=max(1.0, s * 0.11),
            opacity=opacity,
        )

    def svg(self) -> str:
        studio = ""
        if self.backdrop:
            wall = self.radial((0, "#fafbfc"), (0.55, "#e6eaef"), (1, "#cbd2db"), cx=0.42, cy=0.36, r=0.78)
            floor = self.gradient((0, "#b7c0cc", 0), (1, "#b7c0cc", 0.55), direction="down")
            studio = (
                f'<path fill="{wall}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
                f'<path fill="{floor}" d="M0 340h{WIDTH}v140H0z"/>'
            )
        defs = "".join(body.replace('id="%s"', f'id="{name}"', 1) for body, name in self._defs.items())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
            f'<defs>{defs}</defs>{studio}<g fill="none" stroke-linecap="round" stroke-linejoin="round"{self._zoom}>'
            f"{''.join(self._parts)}</g></svg>"
        )
