"""What a training shows while it runs. Its thread overwrites one frozen snapshot; whoever watches reads it
when they like. Imports nothing heavy."""

import threading
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

BINS = 50
Phase = Literal["preparing", "warming up", "learning", "measuring", "over"]


def _floats() -> NDArray[np.float32]:
    return np.zeros(0, dtype=np.float32)


def _counts() -> NDArray[np.int64]:
    return np.zeros(BINS, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Pinned:
    """One image that is followed: its nearest neighbours among the labelled images as of this step.

    ``is_same`` says of each neighbour whether it is of the image's own class (None: not known).
    """

    content_id: int
    neighbours: tuple[int, ...]
    scores: tuple[float, ...]
    is_same: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a training stands. All arrays have one value a step so far [step], or one a measurement [m].

    ``loss`` of the batch, ``memory_loss`` of the comparison with the memory (NaN before it is used);
    ``hard_batch`` and ``hard_memory``: negatives that still count, per anchor; ``drift`` [m]: mean squared
    distance that fixed pictures moved since the measurement before (NaN at first). ``recall`` are R@1, 5
    and 10 of the watched images [m], ``map_at_r`` beside them. ``positives`` and ``negatives``: pairs of
    watched images by cosine, [BINS] from -1 to 1, ``*_before`` the same at the start.
    """

    phase: Phase = "preparing"
    step: int = 0
    steps: int = 0
    loss: NDArray[np.float32] = field(default_factory=_floats)
    memory_loss: NDArray[np.float32] = field(default_factory=_floats)
    hard_batch: NDArray[np.float32] = field(default_factory=_floats)
    hard_memory: NDArray[np.float32] = field(default_factory=_floats)
    learning_rate: NDArray[np.float32] = field(default_factory=_floats)
    measured_at: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    recall: tuple[NDArray[np.float32], ...] = field(
        default_factory=lambda: (_floats(), _floats(), _floats())
    )
    map_at_r: NDArray[np.float32] = field(default_factory=_floats)
    drift: NDArray[np.float32] = field(default_factory=_floats)
    best_step: int = 0
    positives: NDArray[np.int64] = field(default_factory=_counts)
    negatives: NDArray[np.int64] = field(default_factory=_counts)
    positives_before: NDArray[np.int64] = field(default_factory=_counts)
    negatives_before: NDArray[np.int64] = field(default_factory=_counts)
    pinned: tuple[Pinned, ...] = ()
    pinned_before: tuple[Pinned, ...] = ()
    memory_filled: int = 0
    memory_size: int = 0
    batch: int = 0
    images_per_s: float = 0.0
    seconds: float = 0.0
    device: str = ""


class Watch:
    """The window between a training and whoever looks on. Safe from any thread.

    ``pinned`` are the contents whose neighbours are followed; empty: five are chosen.
    """

    def __init__(self, pinned: tuple[int, ...] = ()) -> None:
        self.pinned = pinned
        self.snapshot = Snapshot()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End at the next step, measure, and keep what was learnt."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()
