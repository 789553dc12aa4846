"""What is known of a layout beside its positions: its settings, how far it went, how true it is."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.layout.aligning import Similarity
from core.layout.methods import Method
from core.operations.layout_material import Points

if TYPE_CHECKING:
    from core.layout.quality import Quality

SAMPLED_ROWS = 1_000
QUALITY_K = 15


@dataclass(frozen=True, slots=True)
class Facts:
    """Settings and measures of one layout.

    ``placed``: images that were put among the others after it was laid out. ``trustworthiness`` and
    ``continuity`` (k = 15, of ``sampled`` images; Venna and Kaski 2001) are None where they were not measured;
    ``near_share`` is how many of the nearest on the map are among the most alike hundredth.
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
    near_share: float | None = None
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

    def with_quality(self, found: "Quality | None") -> "Facts":
        """These, with what was measured."""
        if found is None:
            return self
        return replace(
            self,
            trustworthiness=round(found.trustworthiness, 5),
            continuity=round(found.continuity, 5),
            near_share=round(found.near_share, 4),
            sampled=found.sampled,
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
) -> "Quality | None":
    """How true positions are, or None where there are too few points to say."""
    from core.layout.quality import quality

    if len(positions) < 3 * QUALITY_K:
        return None
    return quality(
        of.gallery.vectors,
        of.owners,
        positions,
        k=QUALITY_K,
        sample=SAMPLED_ROWS,
        job=job,
        is_disk=method.is_disk,
    )


def in_words(facts: Facts) -> list[str]:
    """What a person should know of a layout, a sentence each."""
    lines = []
    if facts.trustworthiness is not None and facts.continuity is not None:
        if facts.near_share is not None:
            lines.append(
                f"{_judged(facts.trustworthiness)}: of 100 images that lie next to one, "
                f"{100 * facts.near_share:.0f} are truly among its most alike."
            )
        lines.append(
            f"Trustworthiness {facts.trustworthiness:.3f} (what lies together is alike), continuity "
            f"{facts.continuity:.3f} (what is alike lies together), of {facts.sampled:,} images."
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
