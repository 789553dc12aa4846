"""The training loop: batches, the loss with and without memory, measurements, checkpoints, and every way to end.

What a step does follows from settings, seed and the step's number alone, so a training that goes on after
a kill takes the very steps that it would have taken.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.encoders.network import is_out_of_memory
from core.jobs import Cancelled, Job
from core.training import checkpoint, relations, sampler, schedule
from core.training.brief import Brief
from core.training.cross_batch import CrossBatch
from core.training.difficulty import Difficulty
from core.training.extras.earlier import ids_of_old
from core.training.extras.registry import of as extras_of
from core.training.feeds import Feed
from core.training.losses import registry
from core.training.material import Material
from core.training.memory import Memory
from core.training.objective import Objective, prefixes
from core.training.observer import Observer
from core.training.optimiser import Optimiser
from core.training.presets import MEASUREMENTS
from core.training.recorder import Recorder
from core.training.settings import Settings
from core.training.siamese import Siamese, embed_all
from core.training.standing import Standing
from core.training.step import Stepper, draw
from core.training.watch import Watch

_PATIENT_SHARE = 0.5
_CHECKPOINT_S, _SAVING_RATIO = 20.0, 20.0
# Nothing below this can hold a pair of each kind.
_LEAST_BATCH = 4
# Classes whose weights are shown.
_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Ending:
    """How a training ended. ``failure`` is empty where it went well."""

    because: str
    step: int
    best_step: int
    failure: str = ""


class Trainer:
    """One training. ``settings`` hold nothing open any more (``core.training.presets``)."""

    def __init__(
        self,
        model: Siamese,
        feed: Feed,
        material: Material,
        settings: Settings,
        *,
        device: str = "cpu",
        precision: str = "fp32",
        is_from_scratch: bool = False,
        watch: Watch | None = None,
        folder: Path | None = None,
        start: NDArray[np.float16] | None = None,
    ) -> None:
        """``folder`` is where checkpoints go (None: nowhere). ``start`` [n, d] are vectors of all rows as they
        were before anything was trained."""
        self.model, self.feed, self.material, self.settings = model, feed, material, settings
        self.device, self.folder = device, folder
        self._start = start
        self.watch = watch or Watch()
        self.batch = settings.batch
        self._labels = torch.from_numpy(material.labels).to(device)
        self._ids = torch.from_numpy(material.ids).to(device)
        loss, who = registry.make(settings.loss), relations.of(material, settings)
        lengths = prefixes(settings.dim) if settings.nested else (settings.dim,)
        memory = Memory(settings.memory, settings.dim, device) if settings.memory else None
        # Vectors that are to stay comparable are compared with the old ones of all that is learnt from.
        self._old = start if settings.comparable else None
        self._cross = CrossBatch(memory, loss, who, settings, lengths, is_fixed=settings.comparable)
        self._difficulty = (
            Difficulty.over(
                material.labels[material.learned],
                int(material.labels.max()) + 1,
                settings.difficulty,
            )
            if settings.difficulty
            else None
        )
        self._sampler = self._make_sampler()
        # A trained backbone waits until the fresh head has found its place.
        thaws = settings.depth == "whole" and not is_from_scratch
        self._thaw_at = max(1, settings.steps // 10) if thaws else 0
        self.model.freeze_backbone(thaws)
        self._stepper = Stepper(
            model,
            feed,
            material,
            Objective(loss, who, lengths),
            self._cross,
            extras_of(settings, material, start, device),
            settings.seed,
            max(0, settings.chunk),
            device,
            precision == "bf16",
            old=self._old,
        )
        self._optimiser = Optimiser(
            model, settings, self._stepper.modules(), is_from_scratch=is_from_scratch
        )
        self._recorder = Recorder(self.watch, settings.steps, device)
        self._observer = Observer(model, feed, material, self.watch.pinned, self._old)
        self._measure_every = max(5, settings.steps // MEASUREMENTS)
        self._best: tuple[float, dict[str, Tensor]] | None = None
        self._stale = 0
        self._saved_s, self._saving_s = time.monotonic(), 0.0

    # -- running

    def run(self, job: Job) -> Ending:
        """Train to the end, or until it is asked to stop; then hold the best state that was measured.

        Raises Cancelled (a checkpoint is there to go on from) and DiskFull.
        """
        settings, recorder = self.settings, self._recorder
        job.start("Training", settings.steps, done=recorder.step)
        if not recorder.measured_at:
            if self._start is not None:
                recorder.look_before(self._observer.of(self._start))
            self._measure()
            if self.material.is_pairs:
                learned = self.feed.plain(self.material.learned)
                self._stepper.first = embed_all(self.model, learned)
            self.save()
        because, failure = f"all {settings.steps:,} steps were done", ""
        try:
            while recorder.step < settings.steps:
                if self.watch.is_stopped:
                    because = f"it was stopped after {recorder.step:,} steps"
                    break
                if not self._try_step(recorder.step):
                    failure = (
                        f"At step {recorder.step + 1:,} the loss was no number any more; the best state "
                        "before that is kept."
                    )
                    because = "the loss was no number any more"
                    break
                if recorder.step % self._measure_every == 0 or recorder.step == settings.steps:
                    self._measure()
                    if settings.patience and self._stale >= settings.patience:
                        because = (
                            f"the watched images did not get better for {self._stale} measurements"
                        )
                        break
                # What is large to save is saved less often.
                if time.monotonic() - self._saved_s > max(
                    _CHECKPOINT_S, _SAVING_RATIO * self._saving_s
                ):
                    self.save()
                self._show()
                job.advance()
        except Cancelled:
            self.save()
            raise
        if recorder.measured_at[-1] != recorder.step and not failure:
            self._measure()
        if self._best is not None:
            self.model.restore(self._best[1])
        self._show(now=True)
        return Ending(because, recorder.step, recorder.best_step, failure)

    def _show(self, *, now: bool = False) -> None:
        is_warming = self.settings.memory > 0 and not self._cross.is_on
        self._recorder.show(
            "warming up" if is_warming else "learning",
            memory=self._cross.filled,
            batch=self.batch,
            now=now,
        )

    def curves(self) -> dict[str, Any]:
        """All that was seen, for the catalogue."""
        return self._recorder.curves()

    @property
    def seconds(self) -> float:
        """Seconds of work so far, over all sittings."""
        return self._recorder.seconds

    @property
    def step(self) -> int:
        """Steps that were taken."""
        return self._recorder.step

    def _try_step(self, step: int) -> bool:
        """One step, with half the batch where memory runs out; False where the loss is no number."""
        while True:
            try:
                return self.take_step(step)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or self.batch <= _LEAST_BATCH:
                    raise
            self._optimiser.forget_gradients()
            if self.device == "cuda":
                torch.cuda.empty_cache()
            if _LEAST_BATCH < self._stepper.chunk < self.batch:
                self._stepper.chunk = max(_LEAST_BATCH, self._stepper.chunk // 2)
                continue
            self.batch = max(_LEAST_BATCH, self.batch // 2)
            self._sampler = self._make_sampler()

    def remember(self) -> Memory:
        """The memory, in use from now on; it has none where the settings say so."""
        return self._cross.begin()

    def take_step(self, step: int) -> bool:
        """One step; False, with no weight changed, where the loss or its gradient is no number."""
        settings = self.settings
        if step == self._thaw_at and self.model.is_backbone_frozen:
            self.model.freeze_backbone(False)
            self._cross.flush(step)
        rate = settings.learning_rate * schedule.scale(step, settings.steps)
        is_warm = step > schedule.warm_up(settings.steps)
        if is_warm and schedule.jumps(self._optimiser.rate, rate):
            self._cross.flush(step)
        self._optimiser.set_rate(rate)
        rows = self._sampler.rows(step)
        self._optimiser.forget_gradients()
        seen = self._stepper.take(rows, step)
        if seen is None or not self._optimiser.step(settings.clip or math.inf, step):
            return False
        self._recorder.record({**seen, "learning_rate": rate}, len(rows))
        return True

    # -- measuring

    def _measure(self) -> None:
        standing = self._observer.look()
        recorder = self._recorder
        recorder.measure({**standing.values, "drift": standing.drift})
        recorder.look(standing.histograms, standing.pinned)
        self._attend(standing)
        self._judge(standing)
        if self._cross.is_due(recorder.step, standing.drift):
            self._fill()
        self._show(now=True)

    def _attend(self, standing: Standing) -> None:
        """Weigh the classes anew, by how well their watched images are found."""
        if self._difficulty is not None:
            self._difficulty.update(*standing.by_query)
            self._weigh()

    def _weigh(self) -> None:
        assert self._difficulty is not None
        self._stepper.weights = self._difficulty.tensor(self.device)
        self._sampler = self._make_sampler()
        self._recorder.attention = self._difficulty.most(self.material.names, _MOST_SHOWN)

    def _judge(self, standing: Standing) -> None:
        """Keep the state that is best on the watched images; without any, the last one is best."""
        score = standing.score
        is_better = standing.is_finite and (
            score is None or self._best is None or score > self._best[0]
        )
        # While the rate is high the watched images may get worse before they get better.
        is_late = self._recorder.step >= self.settings.steps * _PATIENT_SHARE
        self._stale = self._stale + 1 if is_late and not is_better else 0
        if is_better:
            self._best = (score or 0.0, self.model.snapshot())
            self._recorder.best_step = self._recorder.step

    def _fill(self) -> None:
        """The memory, from training images drawn anew, by the warmed model (as the paper has it)."""
        memory = self._cross.begin()
        rows = np.random.default_rng([self.settings.seed, 6]).permutation(self.material.learned)
        rows = rows[: memory.size]
        if self._old is not None:
            old = torch.from_numpy(self._old[rows]).to(self.device).float()
            places = torch.from_numpy(rows).to(self.device)
            ids = ids_of_old(self._ids[places])
            memory.put(functional.normalize(old, dim=1), self._labels[places], ids)
            return
        self.model.learn()
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(draw(self.settings.seed, 1 << 31))
            at_once = self._stepper.chunk or self.batch
            for start in range(0, len(rows), at_once):
                part = rows[start : start + at_once]
                places = torch.from_numpy(part).to(self.device)
                with torch.autocast(self.device, torch.bfloat16, enabled=self._stepper.is_bf16):
                    found = self.model(
                        self.feed.varied(part, draw(self.settings.seed, (1 << 30) + start))
                    )
                memory.put(found.float(), self._labels[places], self._ids[places])

    # -- keeping

    def save(self) -> None:
        """A checkpoint to go on from exactly here. Raises DiskFull."""
        begun = self._saved_s = time.monotonic()
        if self.folder is None:
            return
        tensors, facts = self._recorder.state()
        tensors |= {f"model.{name}": one for name, one in self.model.kept()}
        if self._best is not None:
            tensors |= {f"best.{name}": one for name, one in self._best[1].items()}
        tensors |= {f"optimiser.{name}": one for name, one in self._optimiser.state().items()}
        tensors |= {f"memory.{name}": one for name, one in self._cross.state().items()}
        tensors |= self._stepper.state()
        if self._difficulty is not None:
            tensors["difficulty"] = torch.from_numpy(self._difficulty.by_label.copy())
        if self._observer.probe is not None:
            tensors["probe"] = self._observer.probe
        checkpoint.save(
            self.folder / Brief.CHECKPOINT,
            tensors,
            {
                "recorder": facts,
                "cross": self._cross.facts(),
                "batch": self.batch,
                "chunk": self._stepper.chunk,
                "stale": self._stale,
                "best": None if self._best is None else self._best[0],
                "rate": self._optimiser.rate,
                "precision": "bf16" if self._stepper.is_bf16 else "fp32",
            },
        )
        self._saved_s = time.monotonic()
        self._saving_s = self._saved_s - begun

    def restore(self, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        # As it began, whatever is faster today.
        self._stepper.is_bf16 = facts["precision"] == "bf16"
        self._recorder.restore(tensors, facts["recorder"])
        self.model.restore(checkpoint.part(tensors, "model."))
        if facts["best"] is not None:
            self._best = (float(facts["best"]), checkpoint.part(tensors, "best."))
        self.batch, self._stale = int(facts["batch"]), int(facts["stale"])
        self._stepper.chunk = int(facts.get("chunk", 0))
        self._stepper.restore(tensors)
        self._sampler = self._make_sampler()
        if self._difficulty is not None and "difficulty" in tensors:
            self._difficulty.by_label = tensors["difficulty"].numpy().copy()
            self._weigh()
        self.model.freeze_backbone(self._recorder.step <= self._thaw_at and self._thaw_at > 0)
        self._optimiser.restore(checkpoint.part(tensors, "optimiser."), float(facts["rate"]))
        self._cross.restore(checkpoint.part(tensors, "memory."), facts["cross"])
        self._observer.probe = tensors.get("probe")

    def _make_sampler(self) -> sampler.Sampler:
        settings = self.settings
        attention = None if self._difficulty is None else self._difficulty.by_label
        return sampler.over(
            self.material, self.batch, settings.per_class, settings.seed, attention=attention
        )
