"""Part of a report: trainings, what was measured before and after them, and their curves."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.export.report import CurveLine, Measure, RunFact, Training
from core.operations import runs
from core.operations.export_report_times import when
from core.project import Project
from core.training.records import FINISHED, METRIC_NAMES, Run
from core.training.settings import Settings
from core.training.watch import from_curves

MOST_RUNS, MOST_CLASSES, _MOST_POINTS = 5, 10, 240


def training(project: Project) -> Training:
    """The newest trainings."""
    every = runs.list_runs(project)
    return Training(
        len(every), tuple(_run(runs.find(project, one.name)) for one in every[:MOST_RUNS])
    )


def _run(run: Run) -> RunFact:
    result = run.result
    watched = from_curves(run.curves)
    at = watched.measured_at
    quality = [(name, watched.recall[place]) for place, name in enumerate(("R@1", "R@5", "R@10"))]
    quality.append(("MAP@R", watched.map_at_r))
    steps = np.arange(1, len(watched.loss) + 1)
    return RunFact(
        name=run.name,
        # One that is under way, was stopped or failed looks the same to everybody who only reads.
        status=run.status if run.status in FINISHED else "unfinished",
        is_default=run.is_default,
        made_at=when(run.made_at),
        encoder=run.settings.encoder,
        settings=_settings(run.settings),
        verdict=str(result.get("verdict", "")),
        is_better=bool(result.get("is_better")),
        held_out=int(result.get("held_out", 0)),
        steps=int(result.get("steps", 0)),
        seconds=float(result.get("seconds", 0.0)),
        device=str(result.get("device", "")),
        stopped_because=str(result.get("stopped_because", "")),
        health=str(result.get("health", "")),
        notes=tuple(map(str, result.get("notes", ()))),
        measures=_measures(result),
        quality=tuple(line for name, values in quality if (line := _line(name, at, values))),
        loss=tuple(
            line
            for name, values in (("Loss", watched.loss), ("Loss over the memory", watched.memory_loss))
            if (line := _line(name, steps, values))
        ),
        best_step=watched.best_step,
        classes=_classes(result.get("by_class", [])),
    )  # fmt: skip


def _settings(chosen: Settings) -> tuple[tuple[str, str], ...]:
    """What differs from the defaults, and what always matters."""
    usual = Settings()
    return tuple(
        (one.name, str(value))
        for one in fields(chosen)
        if (value := getattr(chosen, one.name)) != getattr(usual, one.name)
        or one.name in ("labels", "depth", "loss", "seed")
    )


def _measures(result: dict[str, Any]) -> tuple[Measure, ...]:
    before, after = result.get("before", {}), result.get("after", {})
    found = []
    for name, title in METRIC_NAMES.items():
        if before.get(name) is None and after.get(name) is None:
            continue
        change = result.get("difference", {}).get(name, {})
        found.append(
            Measure(
                title, _number(before.get(name)), _interval(before, name), _number(after.get(name)),
                _interval(after, name),
                (_number(change.get("value")), _number(change.get("low")), _number(change.get("high"))),
            )
        )  # fmt: skip
    return tuple(found)


def _interval(metrics: dict[str, Any], name: str) -> tuple[float, float] | None:
    found = metrics.get("intervals", {}).get(name)
    if not found or any(one is None for one in found):
        return None
    return float(found[0]), float(found[1])


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _line(name: str, steps: NDArray[np.int64], values: NDArray[np.float32]) -> CurveLine | None:
    """A line of at most so many points, what is no number left out; None for an empty one."""
    count = min(len(steps), len(values))
    rows = np.flatnonzero(np.isfinite(values[:count]))
    if not len(rows):
        return None
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(_MOST_POINTS, len(rows))).astype(int))]
    return CurveLine(
        name, tuple(steps[rows].astype(float).tolist()), tuple(np.round(values[rows].astype(float), 6).tolist())
    )  # fmt: skip


def _classes(rows: list[dict[str, Any]]) -> tuple[tuple[str, int, float, float], ...]:
    """Those whose R@1 changed most, by name where equally."""
    told = [(one["class"], one["queries"], one["before"], one["after"]) for one in rows]
    told.sort(key=lambda one: (-abs(one[3] - one[2]), one[0]))
    return tuple(told[:MOST_CLASSES])
