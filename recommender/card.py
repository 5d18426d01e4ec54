"""What a trained model says about itself: data, date, algorithm, figures, and what it was chosen against."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class CandidateFigures:
    """Figures on the inner split, which the final model's test never touches."""

    algorithm: str
    recall: float
    ndcg: float
    users: int
    seconds: float

    @property
    def both(self) -> float:
        return (self.recall + self.ndcg) / 2


@dataclass(frozen=True)
class ModelCard:
    algorithm: str
    chosen_because: str
    created_at: str  # ISO 8601, UTC
    users: int
    items: int
    interactions: int
    oldest_at: str | None  # None where the data names no times
    newest_at: str | None
    sessions: int
    k: int
    split: str  # how the inner split was cut
    candidates: list[CandidateFigures] = field(default_factory=list)
    seconds: float = 0.0
    peak_memory_bytes: int = 0
    seed: int = 0
    newest_by_source: dict[str, float] = field(default_factory=dict)  # of imported pasts, in Unix seconds

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ModelCard:
        """Raises TypeError or ValueError for anything but what to_json gives."""
        candidates = [CandidateFigures(**candidate) for candidate in data["candidates"]]
        card = cls(**{**data, "candidates": candidates})
        for moment in (card.created_at, card.oldest_at, card.newest_at):
            if moment is not None and datetime.fromisoformat(moment).tzinfo is None:
                raise ValueError("a time of the card names no zone")
        return card


def iso(seconds: float) -> str:
    """A Unix time as ISO 8601; times beyond the calendar become its nearest end."""
    bounded = min(max(seconds, -62_135_596_800.0), 253_402_300_799.0)
    return datetime.fromtimestamp(bounded, UTC).isoformat()
