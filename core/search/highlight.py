"""The part of a text where the asked words stand, marked. Computed here, so that both engines mark alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from core.search.interface import IndexSpec
from core.search.text import ENGLISH_STOP, bigrams, fold_code, pieces, stem
from core.search.words import Asked, Unit

FRAGMENT, LOOKED_AT = 220, 20_000
Span = tuple[int, int]


class Marker:
    """Knows what was asked for and marks it in texts."""

    def __init__(self, asked: Asked, corrections: Mapping[str, Sequence[str]]) -> None:
        self._stems: set[str] = set()
        self._han: set[str] = set()
        self._beginnings: set[str] = set()
        self._codes = {asked.whole_code} - {""}
        for unit in asked.units:
            self._add(unit)
            for phrase in unit.others:
                for other in phrase:
                    self._add(other)
        self._stems |= {stem(word) for words in corrections.values() for word in words}

    def _add(self, unit: Unit) -> None:
        if unit.han:
            self._han |= {unit.han, *bigrams(unit.han)}
        else:
            self._stems |= set(unit.stems)
        if unit.prefix:
            self._beginnings.add(unit.prefix)
        if unit.code:
            self._codes.add(unit.code)

    def of(
        self, spec: IndexSpec, source: Mapping[str, Any], names: Sequence[str] | None = None
    ) -> Mapping[str, Markup]:
        """Marked fragments of the fields (of `names`, else of all) in which something of the query stands."""
        fields = [field for field in spec.fields if names is None or field.name in names]
        return _Marks(self, {field.name: (field.type, source.get(field.name)) for field in fields})

    def mark(self, kind: str, value: Any) -> Markup | None:
        """The fragment of one field's value; None where nothing of the query stands in it."""
        if kind == "text" and isinstance(value, str):
            spans = self._spans(value[:LOOKED_AT])
            return _fragment(value, spans) if spans else None
        if kind == "code" and value is not None:
            for code in value if isinstance(value, list) else [value]:
                if any(fold_code(code).startswith(asked) for asked in self._codes):
                    return Markup("<mark>{}</mark>").format(code)
        return None

    def _spans(self, text: str) -> list[Span]:
        spans: list[Span] = []
        for piece in pieces(text):
            if not piece.is_han:
                begun = piece.folded.startswith(tuple(self._beginnings)) if self._beginnings else False
                if begun or (stem(piece.folded) in self._stems and piece.folded not in ENGLISH_STOP):
                    spans.append((piece.start, piece.end))
            elif len(piece.folded) == piece.end - piece.start:
                spans += self._han_spans(piece.folded, piece.start)
        return _joined(spans)

    def _han_spans(self, run: str, start: int) -> list[Span]:
        found: list[Span] = []
        for word in self._han:
            at = run.find(word)
            while at >= 0:
                found.append((start + at, start + at + len(word)))
                at = run.find(word, at + 1)
        return sorted(found)


def _joined(spans: list[Span]) -> list[Span]:
    out: list[Span] = []
    for start, end in spans:
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _fragment(text: str, spans: list[Span]) -> Markup:
    """The stretch of FRAGMENT characters with the most marks, the first of several."""
    begin, finish = 0, len(text)
    if len(text) > FRAGMENT * 1.2:
        best = max(
            spans,
            key=lambda span: (sum(span[0] <= other[0] < span[0] + FRAGMENT for other in spans), -span[0]),
        )
        begin = max(0, best[0] - 40)
        begin = text.rfind(" ", max(0, begin - 20), begin + 1) + 1 or begin
        finish = min(len(text), begin + FRAGMENT)
    out = Markup("…") if begin else Markup("")
    at = begin
    for start, end in spans:
        if start < begin or end > finish:
            continue
        out += escape(text[at:start]) + Markup("<mark>%s</mark>") % text[start:end]
        at = end
    return out + escape(text[at:finish]) + (Markup("…") if finish < len(text) else Markup(""))


class _Marks(Mapping[str, Markup]):
    """Field -> fragment, each worked out when it is asked for: to look through a long text costs more than to find it,
    and a list shows few of the fields."""

    def __init__(self, marker: Marker, values: dict[str, tuple[str, Any]]) -> None:
        self._marker, self._values = marker, values
        self._found: dict[str, Markup | None] = {}

    def _find(self, name: str) -> Markup | None:
        if name not in self._found:
            self._found[name] = self._marker.mark(*self._values[name])
        return self._found[name]

    def __getitem__(self, name: str) -> Markup:
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._values if self._find(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _name in self)
