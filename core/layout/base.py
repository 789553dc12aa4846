"""What every layout has in common: what it is made of, and how it is carried out a step at a time."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError
from core.search.vectors import Rows

Positions = NDArray[np.float32]
SEED = 20_26


@dataclass(frozen=True, slots=True)
class Material:
    """n points, in the order of the stored rows that are no holes, and what is known of them.

    ``neighbours`` int32 [n, k] are points by number, best first, -1 where there are fewer, and ``scores``
    float32 [n, k] their cosines: the stored graph. ``owners`` int32 [rows] is 0 for a hole of ``vectors``.
    ``classes`` int32 [n] (-1: none) or None. ``start`` float32 [n, 2]: positions to go on from, as a layout
    gave them, NaN where a point had none; ``start_scale`` is that layout's ``scale``. ``fixed`` bool [n]:
    points that stay at their start.
    """

    vectors: Rows
    owners: NDArray[np.int32]
    neighbours: NDArray[np.int32]
    scores: NDArray[np.float32]
    classes: NDArray[np.int32] | None = None
    start: Positions | None = None
    start_scale: float = 1.0
    fixed: NDArray[np.bool_] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = SEED

    @property
    def count(self) -> int:
        """How many points there are."""
        return len(self.neighbours)

    def check(self) -> None:
        """Raises UsageError where a score or a start is not a number that a layout can be made of."""
        if np.isnan(self.scores).any():
            raise UsageError("The neighbours hold values that are not numbers; build them anew.")
        if self.start is not None and np.isinf(self.start).any():
            raise UsageError("The layout to go on from holds values that are not numbers.")


class Layout(Protocol):
    """A 2-D projection that is worked out in visible steps. Deterministic for a seed on the processor.

    ``rounds`` are the steps in all, known after ``start``. ``scale`` says how many of the method's own
    units a unit of ``positions`` is, for a later layout that goes on from this one.
    """

    rounds: int
    scale: float

    def start(self) -> None:
        """Put every point somewhere sensible. May take seconds with a million points."""

    def step(self) -> bool:
        """Move the points once. False where nothing is left to do."""

    def positions(self) -> Positions:
        """Where the points are now, float32 [n, 2] in [-1, 1]: a copy that is the caller's."""


def fitted(positions: NDArray[Any]) -> tuple[Positions, float]:
    """(positions [n, 2] moved and scaled so that the longer side spans [-1, 1], what they were divided by)."""
    if not len(positions):
        return np.zeros((0, 2), dtype=np.float32), 1.0
    # Column by column: along the axis of two, a million take 50 ms instead of 2.
    low = np.array([positions[:, 0].min(), positions[:, 1].min()])
    high = np.array([positions[:, 0].max(), positions[:, 1].max()])
    reach = float(np.max(high - low)) / 2
    if reach <= 1e-12:
        return np.zeros((len(positions), 2), dtype=np.float32), 1.0
    moved = (positions - (low + high) / 2) / reach
    return moved.astype(np.float32), reach
