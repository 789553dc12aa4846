"""How many steps of a training fit into a time, told by its first steps: its learning rate must know beforehand."""

import time
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import torch

from core.encoders.network import is_out_of_memory
from core.jobs import Job
from core.training.brief import Brief
from core.training.observer import Observer
from core.training.presets import MEASUREMENTS
from core.training.subjects import Subject, make_trainer
from core.training.trainer import Trainer
from core.training.watch import Watch

# Steps that are timed: the first ones are slower, and so many are enough to tell.
_WARM_STEPS, _TIMED_STEPS, _LONGEST_S = 2, 8, 5.0
# Fewer teach nothing, whatever the time.
LEAST_STEPS = 10
_LEAST_BATCH = 4
# Between two looks, at least (as the trainer has it), and looks before the first step.
_LEAST_APART, _LOOKS_BEFORE = 5, 2


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of a step with a full memory, and of a look at the watched images."""

    step_s: float
    look_s: float

    def steps_within(self, seconds: float) -> int:
        """As many steps as fit, the looks between them counted."""
        room = max(0.0, seconds - _LOOKS_BEFORE * self.look_s)
        many = (room - MEASUREMENTS * self.look_s) / self.step_s
        few = room / (self.step_s + self.look_s / _LEAST_APART)
        return max(LEAST_STEPS, int(many if many >= MEASUREMENTS * _LEAST_APART else few))


def measure(brief: Brief, subject: Subject, job: Job) -> Pace:
    """Take some steps and one look; the network is afterwards what it was before. Raises Cancelled."""
    job.start("Timing a step")
    before = subject.model.snapshot()
    try:
        return Pace(_step_s(brief, subject, job), _look_s(subject))
    finally:
        subject.model.restore(before)


def _step_s(brief: Brief, subject: Subject, job: Job) -> float:
    batch = brief.settings.batch
    while True:
        settings = replace(brief.settings, batch=batch, steps=_WARM_STEPS + _TIMED_STEPS)
        try:
            return _timed(make_trainer(replace(brief, settings=settings), subject, Watch()), job)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or batch <= _LEAST_BATCH:
                raise
        batch = max(_LEAST_BATCH, batch // 2)


def _timed(trainer: Trainer, job: Job) -> float:
    if trainer.settings.memory:
        _fill(trainer)
    times: list[float] = []
    for step in range(_WARM_STEPS + _TIMED_STEPS):
        job.checkpoint()
        begun = time.perf_counter()
        trainer.take_step(step)
        times.append(time.perf_counter() - begun)
        if len(times) > _WARM_STEPS and sum(times) > _LONGEST_S:
            break
    return median(times[_WARM_STEPS:])


def _fill(trainer: Trainer) -> None:
    """The memory full of anything: it counts from some tenths of the steps on."""
    memory, material, device = trainer.remember(), trainer.material, trainer.device
    rows = np.resize(material.learned, memory.size)
    drawn = torch.nn.functional.normalize(
        torch.randn(memory.size, memory.dim, generator=torch.Generator().manual_seed(0)), dim=1
    )
    labels, ids = (
        torch.from_numpy(one[rows]).to(device) for one in (material.labels, material.ids)
    )
    memory.put(drawn.to(device), labels, ids)


def _look_s(subject: Subject) -> float:
    observer = Observer(subject.model, subject.feed, subject.material, ())
    begun = time.perf_counter()
    observer.look()
    return time.perf_counter() - begun
