"""What a report tells of trainings, as plain figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure before and after a training, with 95 % intervals where they are known; ``change`` is (value, low,
    high) of the difference."""

    name: str
    before: float | None
    before_interval: tuple[float, float] | None
    after: float | None
    after_interval: tuple[float, float] | None
    change: tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class CurveLine:
    """One line of a chart: values at steps."""

    name: str
    steps: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RunFact:
    """One training and what was measured of it. ``classes`` are (class, queries, R@1 before, after) of those that
    changed most. ``settings`` by name, as texts."""

    name: str
    status: str
    is_default: bool
    made_at: str
    encoder: str
    settings: tuple[tuple[str, str], ...]
    verdict: str
    is_better: bool
    held_out: int
    steps: int
    seconds: float
    device: str
    stopped_because: str
    health: str
    notes: tuple[str, ...]
    measures: tuple[Measure, ...]
    quality: tuple[CurveLine, ...]
    loss: tuple[CurveLine, ...]
    best_step: int
    classes: tuple[tuple[str, int, float, float], ...]


@dataclass(frozen=True, slots=True)
class Training:
    """The newest trainings, of ``total``."""

    total: int
    runs: tuple[RunFact, ...]
