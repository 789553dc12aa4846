"""What is known of a layout beside its positions: its settings, how far it went, how true it is."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.layout.aligning import Similarity
from core.layout.methods import Method
from core.operations.layout_material import Points

SAMPLED_ROWS = 1_000
QUALITY_K = 15


@dataclass(frozen=True, slots=True)
class Facts:
    """Settings and measures of one layout.

    ``placed``: images that were put among the others after it was laid out. ``trustworthiness`` and
    ``continuity`` (k = 15, of ``sampled`` images; Venna and Kaski 2001) are None where they were not measured.
    ``residual`` is the share of spread that is left between it and the layout of ``aligned_with``, over
    ``shared`` images.
    """

    options: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    scale: float = 1.0
    rounds: tuple[int, int] = (0, 0)
    is_stopped_early: bool = False
    placed: int = 0
    trustworthiness: float | None = None
    continuity: float | None = None
    sampled: int = 0
    aligned_with: str | None = None
    residual: float | None = None
    shared: int = 0

    def aligned(self, encoder: str, found: Similarity) -> "Facts":
        """These, of positions that were laid over a layout of ``encoder``."""
        return replace(
            self,
            scale=self.scale / found.scale,
            aligned_with=encoder,
            residual=round(found.residual, 6),
            shared=found.points,
        )

    def with_quality(self, measured: tuple[float, float, int] | None) -> "Facts":
        """These, with (trustworthiness, continuity, rows sampled)."""
        if measured is None:
            return self
        trust, continuity, sampled = measured
        return replace(
            self,
            trustworthiness=round(trust, 5),
            continuity=round(continuity, 5),
            sampled=sampled,
        )


def to_text(facts: Facts) -> str:
    """As it is stored."""
    return json.dumps(asdict(facts))


def from_text(text: str) -> Facts:
    """What was stored; of an earlier version's layout nothing is known."""
    found: Mapping[str, Any] = json.loads(text or "{}")
    known = {name: value for name, value in found.items() if name in Facts.__dataclass_fields__}
    if "rounds" in known:
        known["rounds"] = tuple(known["rounds"])
    return Facts(**known)


def measured(
    of: Points, positions: NDArray[np.float32], method: Method, job: Job
) -> tuple[float, float, int] | None:
    """(trustworthiness, continuity, rows sampled) of positions, or None where there are too few points."""
    try:
        from core.layout.quality import quality
    except ImportError:  # until it is written
        return None
    count = len(positions)
    if count < 3 * QUALITY_K:
        return None
    found = quality(
        of.gallery.vectors,
        of.owners,
        positions,
        k=QUALITY_K,
        sample=SAMPLED_ROWS,
        job=job,
        is_disk=method.is_disk,
    )
    return found.trustworthiness, found.continuity, found.sampled


def in_words(facts: Facts) -> list[str]:
    """What a person should know of a layout, a sentence each."""
    lines = []
    if facts.trustworthiness is not None and facts.continuity is not None:
        lines.append(
            f"{_judged(facts.trustworthiness)}: trustworthiness {facts.trustworthiness:.3f} (what lies together "
            f"is alike), continuity {facts.continuity:.3f} (what is alike lies together), "
            f"of {facts.sampled:,} images."
        )
    if facts.is_stopped_early:
        lines.append(f"It was stopped after {facts.rounds[0]} of {facts.rounds[1]} rounds.")
    if facts.placed:
        lines.append(f"{facts.placed:,} images were added to it later.")
    if facts.aligned_with and facts.residual is not None:
        lines.append(
            f"It lies over that of {facts.aligned_with}, by {facts.shared:,} images: "
            f"{100 * facts.residual:.0f} % of the spread is left between them."
        )
    return lines


def _judged(trustworthiness: float) -> str:
    """One word or two for a trustworthiness."""
    if trustworthiness >= 0.95:
        return "Close images can be trusted to be alike"
    if trustworthiness >= 0.85:
        return "Most close images are alike"
    return "Close images need not be alike"
