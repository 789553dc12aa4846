"""What is known of an adaptive index: of which vectors it is, its shape, and what was measured of it."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Mode = Literal["exact", "balanced", "fast"]
MODES: tuple[Mode, ...] = ("exact", "balanced", "fast")
# Recall@10 that a mode is to reach, on questions of the catalogue's own kind.
TARGETS: dict[Mode, float] = {"balanced": 0.99, "fast": 0.97}


@dataclass(frozen=True, slots=True)
class Figures:
    """One mode as measured: the share of the ten nearest that it finds and the time of a question, with one thread.

    ``probes`` lists are scanned and the best ``shortlist`` rows compared in full.
    """

    mode: Mode
    recall: float
    p50_ms: float
    p95_ms: float
    probes: int
    shortlist: int

    @property
    def has_reached(self) -> bool:
        """Whether the recall is what the mode is to have."""
        return self.recall >= TARGETS.get(self.mode, 1.0)


@dataclass(frozen=True, slots=True)
class Card:
    """``rows`` stored rows of the embedding with this ``key`` and ``generation``, of which ``indexed`` are no holes.

    ``usual`` is what the tenth best cosine of a question of the catalogue's own kind reaches in 99 of 100.
    """

    key: str
    generation: int
    dim: int
    rows: int
    indexed: int
    order: str
    coarse_dim: int
    fine_dim: int
    lists: int
    build_s: float = 0.0
    index_bytes: int = 0
    queries: int = 0
    usual: float = -1.0
    exact_p50_ms: float = 0.0
    exact_p95_ms: float = 0.0
    modes: tuple[Figures, ...] = field(default=())

    def figures(self, mode: Mode) -> Figures:
        """What was measured of a mode other than exact."""
        return next(one for one in self.modes if one.mode == mode)


def to_text(card: Card) -> str:
    """The card as JSON."""
    return json.dumps(asdict(card))


def from_text(text: str) -> Card:
    """The card again. Raises ValueError, KeyError or TypeError for another text."""
    kept: dict[str, Any] = json.loads(text)
    modes = tuple(Figures(**one) for one in kept.pop("modes"))
    return Card(modes=modes, **kept)
