"""From text to tokens, the same for every engine: what is indexed and what is asked fold to one form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import rjieba
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

MOST_TOKEN = 64  # characters; longer runs are cut, as no one types them
HAN = r"㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff぀-ヿ"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_HAN_RUN = re.compile(f"[{HAN}]+|[^{HAN}]+")
_IS_HAN = re.compile(f"[{HAN}]")
_INVISIBLE = re.compile(r"[\x00\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_BREAKS = re.compile(r"[\ud800-\udfff\x01-\x1f\x7f]")


def data_lines(name: str) -> list[str]:
    """The lines of a word list of this package, without its comments."""
    text = files("core.search").joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


# Chinese stop words are left out of queries only, so that no document loses a word.
ENGLISH_STOP, CHINESE_STOP = (frozenset(line.split()) for line in data_lines("stop_words.txt"))
_HAN_FOLD = {ord(line[0]): line[1] for line in data_lines("han_fold.txt")}


@lru_cache(maxsize=1)
def _stemmer() -> TextAnalyzer:
    # Porter2, in the same library that is the embedded engine; used for Elasticsearch too.
    return TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Porter2 stem of a folded word; words that are not plain letters stay as they are."""
    if len(word) < 3 or not word.isascii() or not word.isalpha():
        return word
    return str(_stemmer().analyze(word)[0])


def clean(text: str, limit: int | None = None) -> str:
    """Text that every engine and database can hold: no NUL, control or invisible characters, no lone halves."""
    if limit is not None:
        text = text[: limit * 2]
    text = _BREAKS.sub(" ", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", text)
    return text if limit is None else text[:limit]


@lru_cache(maxsize=50_000)
def fold_word(word: str) -> str:
    """Full width, case, diacritics, and traditional characters folded."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare).translate(_HAN_FOLD)


def fold(text: str) -> str:
    """The text as it is compared: what `search_text` columns hold and the database fallback looks for."""
    return " ".join(fold_word(part) for part in clean(text).split())


def fold_code(text: str) -> str:
    """A code without its separators: AH-1000/b and 'ah 1000 B' are the same."""
    return re.sub(r"[\W_]+", "", fold_word(clean(text, MOST_TOKEN * 2)))[:MOST_TOKEN]


class Piece(NamedTuple):
    """A word or a run of Chinese as it stands in the text (start, end), and folded."""

    start: int
    end: int
    folded: str
    is_han: bool


def pieces(text: str) -> Iterator[Piece]:
    """The words and Chinese runs of cleaned text, in order."""
    for found in _WORD.finditer(text):
        for run in _HAN_RUN.finditer(found[0]):
            start = found.start() + run.start()
            folded = fold_word(run[0])
            if not folded:
                continue
            if _IS_HAN.match(run[0]):
                yield Piece(start, start + len(run[0]), folded, True)
                continue
            word = folded.replace("’", "'").removesuffix("'s").replace("'", "")
            if word:
                yield Piece(start, start + len(run[0]), word[:MOST_TOKEN], False)


def segment(run: str) -> list[str]:
    """A folded Chinese run -> its words."""
    return [str(word) for word in rjieba.cut(run)]


def bigrams(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def tokens(text: str) -> list[str]:
    """What is indexed of a text: stems without stop words; of Chinese its characters, pairs and longer words."""
    out: list[str] = []
    for piece in pieces(clean(text)):
        if not piece.is_han:
            if piece.folded not in ENGLISH_STOP:
                out.append(stem(piece.folded))
            continue
        out.extend(piece.folded)
        out.extend(bigrams(piece.folded))
        out.extend(word for word in segment(piece.folded) if len(word) > 2)
    return out


def surface_words(text: str) -> list[str]:
    """The words as written, folded: what a mistyped word is compared with."""
    return [
        p.folded
        for p in pieces(clean(text))
        if not p.is_han and 3 < len(p.folded) <= 40 and p.folded.isalpha()
    ]


def beginnings(text: str, most: int = 16) -> set[str]:
    """Every beginning of every word, for search as you type."""
    return {
        piece.folded[:size]
        for piece in pieces(clean(text))
        for size in range(1 if piece.is_han else 2, min(len(piece.folded), most) + 1)
    }


def edits(word: str) -> int:
    """How many typing errors a word of this length may have."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def distance(left: str, right: str, most: int) -> int:
    """Edits between two words (insert, delete, replace, swap of neighbours), or most + 1 when there are more."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, char in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == right[j - 2] and left[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
