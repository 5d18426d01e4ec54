"""The words of an index, to find the one that a mistyped word may have meant."""

from __future__ import annotations

import threading
import time

from tantivy import Searcher

from core.search import document, text

MOST_WORDS, KEEP_SECONDS, MOST_CANDIDATES = 200_000, 60.0, 8


def _mask(word: str) -> int:
    found = 0
    for char in word:
        found |= 1 << (ord(char) % 61)
    return found


class Vocabulary:
    """Read once a minute at most: a word that came since is found by itself, it needs no correction."""

    def __init__(self) -> None:
        self._by_length: dict[int, list[tuple[str, int, int]]] = {}
        self._read_at = 0.0
        self._lock = threading.Lock()

    def near(self, searcher: Searcher, word: str) -> list[str]:
        """Words within the typing errors allowed for this length: nearest, then most frequent, first."""
        most = text.edits(word)
        if most == 0:
            return []
        self._read(searcher)
        mask = _mask(word)
        found: list[tuple[int, bool, int, str]] = []
        for length in range(len(word) - most, len(word) + most + 1):
            for other, other_mask, count in self._by_length.get(length, ()):
                # Each edit changes at most two letters of the set, so most words need no closer look.
                if (mask ^ other_mask).bit_count() > 2 * most or other == word:
                    continue
                apart = text.distance(word, other, most)
                if apart <= most:
                    found.append((apart, other[0] != word[0], -count, other))
        return [other for *_, other in sorted(found)[:MOST_CANDIDATES]]

    def _read(self, searcher: Searcher) -> None:
        with self._lock:
            moment = time.monotonic()
            if self._read_at and moment - self._read_at < KEEP_SECONDS:
                return
            by_length: dict[int, list[tuple[str, int, int]]] = {}
            for word, count in searcher.terms_with_prefix(document.WORDS, "", limit=MOST_WORDS):
                by_length.setdefault(len(word), []).append((word, _mask(word), count))
            self._by_length, self._read_at = by_length, moment
