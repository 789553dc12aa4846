"""The curves of a training as it goes: arrays that grow by a step, and the snapshots that show them."""

import time
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.training import collapse
from core.training.standing import Histograms, Standing
from core.training.watch import Phase, Pinned, Snapshot, Watch, as_curves

BY_STEP = ("loss", "memory_loss", "hard_batch", "hard_memory", "learning_rate")
_COLLAPSE = ("variability", "uneven_norms", "uneven_angles", "centred")
BY_MEASUREMENT = ("recall@1", "recall@5", "recall@10", "map@r", "drift", *_COLLAPSE)
# Not more often than anybody can see.
_SHOWN_EVERY_S = 0.1


class Recorder:
    """Keeps what was seen, and shows it to a ``Watch``."""

    def __init__(self, watch: Watch, steps: int, device: str) -> None:
        self._watch, self.steps, self._device = watch, steps, device
        self._by_step = {name: np.full(steps, np.nan, dtype=np.float32) for name in BY_STEP}
        self.by_measurement: dict[str, list[float]] = {name: [] for name in BY_MEASUREMENT}
        self.measured_at: list[int] = []
        self.step = 0
        self.best_step = 0
        self.attention: tuple[tuple[str, float], ...] = ()
        self.health = ""
        self.seconds_before = 0.0
        self._begun_s = time.monotonic()
        self._shown_s = 0.0
        self._counted = (0, time.monotonic())  # pictures since then
        self._histograms: tuple[Histograms | None, Histograms | None] = (None, None)
        self._pinned: tuple[tuple[Pinned, ...], tuple[Pinned, ...]] = ((), ())

    @property
    def seconds(self) -> float:
        """Seconds of work, those before a stop included."""
        return self.seconds_before + time.monotonic() - self._begun_s

    def record(self, values: dict[str, float], images: int) -> None:
        """One step more, of so many pictures."""
        for name in BY_STEP:
            self._by_step[name][self.step] = values.get(name, np.nan)
        self.step += 1
        self._counted = (self._counted[0] + images, self._counted[1])

    def measure(self, values: dict[str, float]) -> None:
        """One measurement more, at this step."""
        self.measured_at.append(self.step)
        for name in BY_MEASUREMENT:
            self.by_measurement[name].append(values.get(name, float("nan")))
        self.health = collapse.judge(
            self.measured_at,
            *(self.by_measurement[name] for name in ("variability", "recall@1", "map@r")),
            queries=int(values.get("queries", 0)),
            steps=self.steps,
            best_step=self.best_step,
        )

    def look_before(self, standing: Standing) -> None:
        """How everything lay before anything was trained: the first point of the curves."""
        self.measure(standing.values)
        self._histograms = (standing.histograms, standing.histograms)
        self._pinned = (standing.pinned, standing.pinned)

    def look(self, histograms: Histograms, pinned: tuple[Pinned, ...]) -> None:
        """How the watched images lie now; the first time is kept as it was before."""
        self._histograms = (self._histograms[0] or histograms, histograms)
        self._pinned = (self._pinned[0] or pinned, pinned)

    def show(
        self, phase: Phase, *, memory: tuple[int, int] = (0, 0), batch: int = 0, now: bool = False
    ) -> None:
        """Give the watch a new snapshot, if the last is a tenth of a second old or ``now``."""
        at = time.monotonic()
        if not now and at - self._shown_s < _SHOWN_EVERY_S:
            return
        self._shown_s = at
        if at - self._counted[1] > 5:
            self._counted = (0, at)
        self._watch.snapshot = self._snapshot(phase, memory, batch)

    def _snapshot(self, phase: Phase, memory: tuple[int, int], batch: int) -> Snapshot:
        at, (images, since) = time.monotonic(), self._counted
        per_s = (
            images / (at - since) if at > since and images else self._watch.snapshot.images_per_s
        )
        before, after = self._histograms
        empty = np.zeros(len(self._watch.snapshot.positives), dtype=np.int64)
        seen: dict[str, Any] = {name: values[: self.step] for name, values in self._by_step.items()}
        measured = {
            name: np.array(values, dtype=np.float32) for name, values in self.by_measurement.items()
        }
        return Snapshot(
            phase=phase,
            step=self.step,
            steps=self.steps,
            **seen,
            measured_at=np.array(self.measured_at, dtype=np.int64),
            recall=(measured["recall@1"], measured["recall@5"], measured["recall@10"]),
            map_at_r=measured["map@r"],
            drift=measured["drift"],
            attention=self.attention,
            health=self.health,
            **{name: measured[name] for name in _COLLAPSE},
            best_step=self.best_step,
            positives=after[0] if after else empty,
            negatives=after[1] if after else empty,
            positives_before=before[0] if before else empty,
            negatives_before=before[1] if before else empty,
            pinned=self._pinned[1],
            pinned_before=self._pinned[0],
            memory_filled=memory[0],
            memory_size=memory[1],
            batch=batch,
            images_per_s=per_s,
            seconds=self.seconds,
            device=self._device,
        )

    def curves(self) -> dict[str, Any]:
        """All curves as lists for the catalogue."""
        return as_curves(self._snapshot("over", (0, 0), 0))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """(tensors, facts) to go on from."""
        tensors = {f"curve.{name}": torch.from_numpy(v.copy()) for name, v in self._by_step.items()}
        for name, values in self.by_measurement.items():
            tensors[f"measured.{name}"] = torch.tensor(values, dtype=torch.float64)
        tensors["measured_at"] = torch.tensor(self.measured_at, dtype=torch.int64)
        before = self._histograms[0]
        if before is not None:
            tensors["histogram.positives"] = torch.from_numpy(before[0].copy())
            tensors["histogram.negatives"] = torch.from_numpy(before[1].copy())
        pinned = [asdict(one) for one in self._pinned[0]]
        facts = {"step": self.step, "best_step": self.best_step, "seconds": self.seconds}
        return tensors, {**facts, "pinned": pinned, "health": self.health}

    def restore(self, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        """Go on from ``state``."""
        for name in BY_STEP:
            self._by_step[name][:] = tensors[f"curve.{name}"].numpy()
        for name in BY_MEASUREMENT:
            kept = tensors.get(f"measured.{name}")
            missing = [float("nan")] * len(tensors["measured_at"])
            self.by_measurement[name] = missing if kept is None else kept.tolist()
        self.measured_at = tensors["measured_at"].tolist()
        self.step, self.best_step = int(facts["step"]), int(facts["best_step"])
        self.seconds_before = float(facts["seconds"])
        self.health = str(facts.get("health", ""))
        if "histogram.positives" in tensors:
            first = (
                tensors["histogram.positives"].numpy(),
                tensors["histogram.negatives"].numpy(),
            )
            self._histograms = (first, first)
        pinned = tuple(Pinned.from_dict(one) for one in facts["pinned"])
        self._pinned = (pinned, pinned)
