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
from torch import Tensor, nn

from core.jobs import Cancelled, Job
from core.training import checkpoint, schedule
from core.training.cross_batch import CrossBatch
from core.training.feeds import Feed
from core.training.losses.registry import make as make_loss
from core.training.memory import Memory
from core.training.observer import Observer
from core.training.recorder import Recorder
from core.training.relation import ClassRelation, PairRelation
from core.training.sampler import ClassSampler, Ints, PairSampler
from core.training.settings import Settings
from core.training.siamese import Siamese, embed_all
from core.training.standing import Standing
from core.training.watch import Watch

MEASUREMENTS = 40
_PATIENT_SHARE = 0.5
# Weight of what nobody judged against what somebody did, where pairs teach.
_KEPT_WEIGHT = 3.0
_CHECKPOINT_S, _SAVING_RATIO = 20.0, 20.0
# Nothing below this can hold a pair of each kind.
_LEAST_BATCH = 4
# Of a whole or adapted network: it was trained before, the head was not.
_BACKBONE_RATE = 0.3


@dataclass(frozen=True, slots=True)
class Material:
    """What is learnt from: ``labels`` and content ``ids`` int64 [n] of all rows, row numbers of those that are
    ``learned`` and ``watched``, and for pairs the labels that ``different`` int64 [p, 2] tells apart."""

    labels: Ints
    ids: Ints
    learned: Ints
    watched: Ints
    is_pairs: bool = False
    different: Ints | None = None


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
        kept: tuple[dict[str, Tensor], dict[str, Any]] | None = None,
        start: NDArray[np.float32] | None = None,
    ) -> None:
        """``folder`` is where checkpoints go (None: nowhere), ``kept`` the (tensors, facts) that they hold
        besides. ``start`` [n, d] are unit vectors of all rows as they were before anything was trained."""
        self.model, self.feed, self.material, self.settings = model, feed, material, settings
        self.device, self.precision, self.folder = device, precision, folder
        self._kept = kept or ({}, {})
        self._start = start
        self.watch = watch or Watch()
        self.batch = settings.batch
        self._labels = torch.from_numpy(material.labels).to(device)
        self._ids = torch.from_numpy(material.ids).to(device)
        self._loss = make_loss(settings.loss)
        self._relation: ClassRelation | PairRelation = ClassRelation()
        if material.is_pairs and material.different is not None:
            self._relation = PairRelation(
                torch.from_numpy(material.different),
                int(max(material.labels.max(initial=-1), material.different.max(initial=-1))) + 1,
            )
        self._sampler = self._make_sampler()
        # A trained backbone waits until the fresh head has found its place.
        thaws = settings.depth == "whole" and not is_from_scratch
        self._thaw_at = max(1, settings.steps // 10) if thaws else 0
        self.model.freeze_backbone(thaws)
        self._optimiser = self._make_optimiser(1.0 if is_from_scratch else _BACKBONE_RATE)
        self._recorder = Recorder(self.watch, settings.steps, device)
        self._observer = Observer(model, feed, material, self.watch.pinned, device)
        self._cross = CrossBatch(
            Memory(settings.memory, settings.dim, device) if settings.memory else None,
            self._loss,
            self._relation,
            settings,
        )
        self._measure_every = max(5, settings.steps // MEASUREMENTS)
        self._first: Tensor | None = None  # of learned rows [n, dim], with pairs
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
                self._first = embed_all(self.model, self.feed.plain(self.material.learned))
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
        else:
            recorder.best_step = recorder.step
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
        from core.encoders.network import is_out_of_memory

        while True:
            try:
                return self.take_step(step)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or self.batch <= _LEAST_BATCH:
                    raise
            self._optimiser.zero_grad(set_to_none=True)
            if self.device == "cuda":
                torch.cuda.empty_cache()
            self.batch = max(_LEAST_BATCH, self.batch // 2)
            self._sampler = self._make_sampler()

    def remember(self) -> Memory:
        """The memory, in use from now on; it has none where the settings say so."""
        return self._cross.begin()

    def take_step(self, step: int) -> bool:
        """One step; False, with nothing changed, where the loss or its gradient is no number."""
        settings = self.settings
        if step == self._thaw_at and self.model.is_backbone_frozen:
            self.model.freeze_backbone(False)
            self._cross.flush(step)
        rate = settings.learning_rate * schedule.scale(step, settings.steps)
        before = self._optimiser.param_groups[0]
        if step > schedule.warm_up(settings.steps) and schedule.jumps(
            before["lr"] / before["share"], rate
        ):
            self._cross.flush(step)
        for group in self._optimiser.param_groups:
            group["lr"] = rate * group["share"]
        rows = self._sampler.rows(step)
        places = torch.from_numpy(rows).to(self.device)
        labels, ids = self._labels[places], self._ids[places]
        self.model.learn()
        # Dropout and the like draw from torch's own generator: theirs too must follow from the step.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(_draw(settings.seed, step))
            with self._mixed():
                embedded = self.model(self.feed.varied(rows, _draw(settings.seed, step)))
        embedded = embedded.float()
        positives, negatives = self._relation.masks(labels, ids, labels, ids)
        own = self._loss(embedded, embedded, positives, negatives)
        total, seen = own.value, {"hard_batch": own.hard_negatives}
        if self._first is not None:
            total = total + self._stray(embedded, rows, positives | negatives)
        remembered = self._cross.compare(embedded, labels, ids, own.hard_negatives)
        if remembered is not None:
            total = total + remembered.weight * remembered.value
            seen |= {
                "memory_loss": float(remembered.value.detach()),
                "hard_memory": remembered.hard_negatives,
            }
        if not math.isfinite(float(total.detach())):
            return False
        self._optimiser.zero_grad(set_to_none=True)
        if total.requires_grad:
            total.backward()  # type: ignore[no-untyped-call]
            length = nn.utils.clip_grad_norm_(self._trained(), settings.clip or math.inf)
            if not math.isfinite(float(length)):
                return False
            self._optimiser.step()
        seen |= {"loss": float(own.value.detach()), "learning_rate": rate}
        self._recorder.record(seen, len(rows))
        return True

    def _stray(self, embedded: Tensor, rows: Ints, known: Tensor) -> Tensor:
        """How far cosines that nobody judged moved from where they began: few pairs must not bend all the rest."""
        assert self._first is not None
        places = np.searchsorted(self.material.learned, rows)
        first = self._first[torch.from_numpy(places)].to(self.device)
        moved = (embedded @ embedded.T - first @ first.T).square()
        unknown = (~known).float()
        return _KEPT_WEIGHT * (moved * unknown).sum() / len(rows)

    def _mixed(self) -> torch.autocast:
        dtype = torch.bfloat16
        return torch.autocast(self.device, dtype, enabled=self.precision == "bf16")

    def _trained(self) -> list[nn.Parameter]:
        return [*self.model.head_parameters(), *self.model.backbone_parameters()]

    # -- measuring

    def _measure(self) -> None:
        standing = self._observer.look()
        recorder = self._recorder
        recorder.measure({**standing.values, "drift": standing.drift})
        recorder.look(standing.histograms, standing.pinned)
        self._judge(standing)
        if self._cross.is_due(recorder.step, standing.drift):
            self._fill()
        self._show(now=True)

    def _judge(self, standing: Standing) -> None:
        """Keep the state that is best on the watched images; without any, the last one is best."""
        score = standing.score
        is_better = score is not None and (self._best is None or score > self._best[0])
        # While the rate is high the watched images may get worse before they get better.
        is_late = self._recorder.step >= self.settings.steps * _PATIENT_SHARE
        self._stale = self._stale + 1 if is_late and not is_better and self._best else 0
        if is_better and score is not None:
            self._best = (score, self.model.snapshot())
            self._recorder.best_step = self._recorder.step

    def _fill(self) -> None:
        """The memory, from training images drawn anew, by the warmed model (as the paper has it)."""
        memory = self._cross.begin()
        rows = np.random.default_rng([self.settings.seed, 6]).permutation(self.material.learned)
        rows = rows[: memory.size]
        self.model.learn()
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(_draw(self.settings.seed, 1 << 31))
            for start in range(0, len(rows), self.batch):
                part = rows[start : start + self.batch]
                places = torch.from_numpy(part).to(self.device)
                with self._mixed():
                    found = self.model(
                        self.feed.varied(part, _draw(self.settings.seed, (1 << 30) + start))
                    )
                memory.put(found.float(), self._labels[places], self._ids[places])

    # -- keeping

    def save(self) -> None:
        """A checkpoint to go on from exactly here. Raises DiskFull."""
        begun = self._saved_s = time.monotonic()
        if self.folder is None:
            return
        tensors, facts = self._recorder.state()
        tensors |= self._kept[0]
        tensors |= {f"model.{name}": one for name, one in self.model.kept()}
        if self._best is not None:
            tensors |= {f"best.{name}": one for name, one in self._best[1].items()}
        for number, one in enumerate(self._trained()):
            for name, value in self._optimiser.state.get(one, {}).items():
                tensors[f"optimiser.{number}.{name}"] = value
        tensors |= {f"memory.{name}": one for name, one in self._cross.state().items()}
        if self._first is not None:
            tensors["first"] = self._first
        if self._observer.probe is not None:
            tensors["probe"] = self._observer.probe
        checkpoint.save(
            self.folder / checkpoint.FILE,
            tensors,
            {
                **self._kept[1],
                "recorder": facts,
                "cross": self._cross.facts(),
                "batch": self.batch,
                "stale": self._stale,
                "best": None if self._best is None else self._best[0],
                "rates": [group["lr"] for group in self._optimiser.param_groups],
                "precision": self.precision,
            },
        )
        self._saved_s = time.monotonic()
        self._saving_s = self._saved_s - begun

    def restore(self, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.precision = str(facts["precision"])  # as it began, whatever is faster today
        self._recorder.restore(tensors, facts["recorder"])
        self.model.restore(_part(tensors, "model."))
        if facts["best"] is not None:
            self._best = (float(facts["best"]), _part(tensors, "best."))
        self.batch, self._stale = int(facts["batch"]), int(facts["stale"])
        self._sampler = self._make_sampler()
        self.model.freeze_backbone(self._recorder.step <= self._thaw_at and self._thaw_at > 0)
        kept = _part(tensors, "optimiser.")
        for number, one in enumerate(self._trained()):
            state = _part(kept, f"{number}.")
            if state:
                self._optimiser.state[one] = {
                    name: value.clone() if name == "step" else value.to(self.device)
                    for name, value in state.items()
                }
        for group, rate in zip(self._optimiser.param_groups, facts["rates"], strict=True):
            group["lr"] = rate
        self._cross.restore(_part(tensors, "memory."), facts["cross"])
        self._observer.probe = tensors.get("probe")
        self._first = tensors.get("first")

    # -- making

    def _make_sampler(self) -> "_Rows":
        labels = self.material.labels[self.material.learned]
        settings = self.settings
        inner: ClassSampler | PairSampler
        if self.material.is_pairs and self.material.different is not None:
            inner = PairSampler(
                labels, self.material.different, self.batch, settings.per_class, settings.seed
            )
        else:
            inner = ClassSampler(labels, self.batch, settings.per_class, settings.seed)
        return _Rows(inner, self.material.learned)

    def _make_optimiser(self, backbone_share: float) -> torch.optim.AdamW:
        groups = []
        for parameters, share in (
            (self.model.head_parameters(), 1.0),
            (self.model.backbone_parameters(), backbone_share),
        ):
            for decays in (True, False):  # gains and offsets are not pulled to zero
                chosen = [one for one in parameters if (one.ndim > 1) == decays]
                decay = self.settings.weight_decay if decays else 0.0
                if chosen:
                    groups.append({"params": chosen, "weight_decay": decay, "share": share})
        return torch.optim.AdamW(groups, lr=0.0)


@dataclass(frozen=True, slots=True)
class _Rows:
    """A sampler over the learned rows, as rows of all."""

    inner: ClassSampler | PairSampler
    learned: Ints

    def rows(self, step: int) -> Ints:
        return self.learned[self.inner.rows(step)]


def _draw(seed: int, step: int) -> int:
    return ((seed << 32) + step) % (1 << 63)


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)
    }
