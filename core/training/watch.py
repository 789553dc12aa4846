"""What a training shows while it runs. Its thread overwrites one frozen snapshot; whoever watches reads it
when they like. Imports nothing heavy."""

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

BINS = 50
Phase = Literal["preparing", "warming up", "learning", "measuring", "over"]


def _floats(values: Iterable[float | None] = ()) -> NDArray[np.float32]:
    return np.array([np.nan if one is None else one for one in values], dtype=np.float32)


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

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Pinned":
        """From ``asdict``, as JSON gives it back."""
        lists = (tuple(kept[name]) for name in ("neighbours", "scores", "is_same"))
        return cls(int(kept["content_id"]), *lists)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a training stands. All arrays have one value a step so far [step], or one a measurement [m].

    ``loss`` of the batch, ``memory_loss`` of the comparison with the memory (NaN before it is used);
    ``hard_batch`` and ``hard_memory``: negatives that still count, per anchor; ``drift`` [m]: mean squared
    distance that fixed pictures moved since the measurement before (NaN at first). ``recall`` are R@1, 5
    and 10 of the watched images [m], ``map_at_r`` beside them. ``positives`` and ``negatives``: pairs of
    watched images by cosine, [BINS] from -1 to 1, ``*_before`` the same at the start.

    Neural collapse of the images that are learnt from, [m] each (``core.training.collapse``):
    ``variability`` within the classes, ``uneven_norms`` and ``uneven_angles`` of their means, ``centred``:
    the share that is nearest to the mean of its own class. ``attention``: (class, weight) of those that get
    most, or nothing where all get the same; ``health``: a sentence where something goes wrong.
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
    variability: NDArray[np.float32] = field(default_factory=_floats)
    uneven_norms: NDArray[np.float32] = field(default_factory=_floats)
    uneven_angles: NDArray[np.float32] = field(default_factory=_floats)
    centred: NDArray[np.float32] = field(default_factory=_floats)
    attention: tuple[tuple[str, float], ...] = ()
    health: str = ""
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


_LINES = (
    *("loss", "memory_loss", "hard_batch", "hard_memory", "learning_rate", "map_at_r", "drift"),
    *("variability", "uneven_norms", "uneven_angles", "centred"),
)
_COUNTS = ("positives", "negatives", "positives_before", "negatives_before")
_PINS = ("pinned", "pinned_before")


def as_curves(snapshot: Snapshot) -> dict[str, Any]:
    """What is kept of a training for the catalogue: plain lists, None for what is no number."""
    found: dict[str, Any] = {name: _plain(getattr(snapshot, name)) for name in _LINES}
    found["recall"] = [_plain(one) for one in snapshot.recall]
    found["measured_at"] = snapshot.measured_at.tolist()
    found["best_step"] = snapshot.best_step
    found["attention"] = [list(one) for one in snapshot.attention]
    found["health"] = snapshot.health
    found |= {name: getattr(snapshot, name).tolist() for name in _COUNTS}
    found |= {name: [asdict(one) for one in getattr(snapshot, name)] for name in _PINS}
    return found


def from_curves(curves: dict[str, Any]) -> Snapshot:
    """A training that is over, as ``as_curves`` kept it; what is not there is empty."""
    lines = {name: _floats(curves.get(name, [])) for name in _LINES}
    recall = tuple(_floats(one) for one in curves.get("recall", [[], [], []]))
    measured_at = np.array(curves.get("measured_at", []), dtype=np.int64)
    counts = {
        name: np.array(curves[name], dtype=np.int64) if name in curves else _counts()
        for name in _COUNTS
    }
    pins = {name: tuple(Pinned.from_dict(one) for one in curves.get(name, [])) for name in _PINS}
    step = len(lines["loss"])
    return Snapshot(
        phase="over",
        step=step,
        steps=step,
        measured_at=measured_at,
        recall=recall,
        attention=tuple((str(name), float(weight)) for name, weight in curves.get("attention", [])),
        health=str(curves.get("health", "")),
        best_step=int(curves.get("best_step", 0)),
        **lines,  # type: ignore[arg-type]
        **counts,  # type: ignore[arg-type]
        **pins,  # type: ignore[arg-type]
    )


def _plain(values: NDArray[np.float32]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


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
