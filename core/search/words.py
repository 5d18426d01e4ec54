"""What a person typed -> units of meaning. Text is text here: no character of it is syntax."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.search import text as texts
from core.search.text import Piece

MOST_CHARACTERS, MOST_UNITS = 400, 24


@dataclass(frozen=True)
class Unit:
    """One thing asked for. `stems` are indexed tokens that must all occur, or for Chinese mostly (`han`);
    `others` are phrases of the same meaning; `word` is the folded word, when it may be mistyped."""

    stems: tuple[str, ...]
    han: str = ""
    word: str = ""
    code: str = ""
    prefix: str = ""
    start: int = 0
    end: int = 0
    others: tuple[tuple[Unit, ...], ...] = ()


@dataclass(frozen=True)
class Asked:
    """`joints` are Chinese pairs across words: they help ranking and need not occur."""

    cleaned: str
    units: tuple[Unit, ...]
    joints: tuple[str, ...] = ()
    whole_code: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Groups of phrases that mean the same, found by any of them."""

    groups: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    longest: int = 0

    @classmethod
    def of(cls, groups: Iterable[Sequence[str]]) -> Lexicon:
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        for group in groups:
            for phrase in group:
                key = _key(phrase)
                if key:
                    rest = [other for other in group if _key(other) != key]
                    found[key] = tuple(dict.fromkeys([*found.get(key, ()), *rest]))
        return cls(found, max((len(key) for key in found), default=0))

    def others(self, key: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.groups.get(key, ()), *_regional().get("".join(key), ())]))


@lru_cache(maxsize=1)
def _regional() -> Mapping[str, tuple[str, ...]]:
    """Mainland and Taiwan words for the same thing."""
    out: dict[str, tuple[str, ...]] = {}
    for line in texts.data_lines("han_regional.txt"):
        group = line.split()
        for word in group:
            out[word] = tuple(
                dict.fromkeys([*out.get(word, ()), *(other for other in group if other != word)])
            )
    return out


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(
        p.folded if p.is_han else texts.stem(p.folded) for p in texts.pieces(texts.clean(phrase, 80))
    )


def _plain_units(phrase: str) -> tuple[Unit, ...]:
    """The units of a synonym, which has no synonyms, codes or beginnings itself."""
    units: list[Unit] = []
    for piece in texts.pieces(texts.clean(phrase, 80)):
        if piece.is_han:
            units += [_han_unit(word) for word in texts.segment(piece.folded)]
        else:
            units.append(Unit((texts.stem(piece.folded),)))
    return tuple(units)


def _han_unit(word: str, start: int = 0, others: tuple[tuple[Unit, ...], ...] = ()) -> Unit:
    stems = tuple(texts.bigrams(word)) if len(word) > 1 else (word,)
    return Unit(stems, han=word, start=start, end=start + len(word), others=others)


def _split_han(run: str, lexicon: Lexicon) -> list[tuple[str, tuple[str, ...]]]:
    """A Chinese run -> its words; phrases of the lexicon are kept whole, the longest first."""
    out: list[tuple[str, tuple[str, ...]]] = []
    waiting, at = "", 0
    while at < len(run):
        for size in range(min(8, len(run) - at), 1, -1):
            others = lexicon.others((run[at : at + size],))
            if others:
                out += [(word, ()) for word in texts.segment(waiting)]
                out.append((run[at : at + size], others))
                waiting, at = "", at + size
                break
        else:
            waiting += run[at]
            at += 1
    return out + [(word, ()) for word in texts.segment(waiting)]


def _codes(cleaned: str) -> list[tuple[int, int, str]]:
    """Stretches without blanks that may be a code: (start, end, folded)."""
    out: list[tuple[int, int, str]] = []
    for found in re.finditer(r"\S+", cleaned):
        code = texts.fold_code(found[0])
        if len(code) > 1 and code.isascii():
            out.append((found.start(), found.end(), code))
    return out


def ask(raw: str, lexicon: Lexicon, *, prefix: bool) -> Asked:
    """Reads what was typed. With `prefix` the last word is still being typed."""
    cleaned = texts.clean(raw, MOST_CHARACTERS)
    found = list(texts.pieces(cleaned))[: MOST_UNITS * 2]
    stretches = _codes(cleaned)
    units: list[Unit] = []
    weak: list[Unit] = []
    joints: list[str] = []
    at = 0
    while at < len(found):
        piece = found[at]
        is_last = at == len(found) - 1
        if piece.is_han:
            words = _split_han(piece.folded, lexicon)
            spot = piece.start
            for word, others in words:
                unit = _han_unit(word, spot, tuple(_plain_units(other) for other in others))
                (weak if word in texts.CHINESE_STOP else units).append(unit)
                spot += len(word)
            joints += texts.bigrams(piece.folded)
            at += 1
            continue
        size, others = _phrase(found[at:], lexicon)
        if others and size > 1:
            stems = tuple(texts.stem(p.folded) for p in found[at : at + size])
            spelled = tuple(_plain_units(other) for other in others)
            units.append(Unit(stems, start=piece.start, end=found[at + size - 1].end, others=spelled))
            at += size
            continue
        code, together = _code_of(found, at, stretches)
        members = found[at : at + together]
        ends = is_last or at + together == len(found)
        single = members[0].folded if together == 1 else ""
        unit = Unit(
            tuple(texts.stem(p.folded) for p in members),
            word=single if single.isalpha() and single.isascii() else "",
            code=code,
            prefix=single if ends and len(single) >= (2 if prefix else 3) else "",
            start=members[0].start,
            end=members[-1].end,
            others=tuple(_plain_units(other) for other in others),
        )
        is_stop = single in texts.ENGLISH_STOP and not (prefix and ends)
        (weak if is_stop else units).append(unit)
        at += together
    whole = texts.fold_code(cleaned) if len(stretches) > 1 and len(cleaned) <= texts.MOST_TOKEN else ""
    kept = tuple((units or weak)[:MOST_UNITS])
    return Asked(
        cleaned, kept, tuple(joints[:60]), whole if whole.isascii() and any(map(str.isdigit, whole)) else ""
    )


def _phrase(rest: Sequence[Piece], lexicon: Lexicon) -> tuple[int, tuple[str, ...]]:
    """The longest phrase of the lexicon that the pieces begin with: how many pieces, and its synonyms."""
    for size in range(min(lexicon.longest, len(rest), 4), 0, -1):
        others = lexicon.others(tuple(p.folded if p.is_han else texts.stem(p.folded) for p in rest[:size]))
        if others:
            return size, others
    return 1, ()


def _code_of(found: Sequence[Piece], at: int, stretches: Sequence[tuple[int, int, str]]) -> tuple[str, int]:
    """The code that the stretch at this piece may be, and how many pieces belong to it."""
    for start, end, code in stretches:
        if start <= found[at].start < end:
            inside = [piece for piece in found[at:] if piece.start < end]
            begins = at == 0 or found[at - 1].start < start
            if begins and not any(piece.is_han for piece in inside):
                together = len(inside) if any(map(str.isdigit, code)) else 1
                return (code, together) if together == len(inside) else ("", 1)
    return "", 1
