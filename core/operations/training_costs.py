"""What a training would cost here: seconds, memory and disk, from short trials and measured speeds."""

import time
from dataclasses import dataclass

from core.encoders import names
from core.operations import encoders
from core.project import Project
from core.training.brief import Gathered
from core.training.presets import MEASUREMENTS, Facts
from core.training.settings import Settings

# Photos that all decode workers together read a second, and light vectors of them: measured on two cores.
_DECODED_PER_S, _LIGHT_PER_S = 250.0, 600.0
# Forward and backward against forward alone.
_BACKWARD = 3.0
_TRIALS = 3
_FLOAT = 4


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate. ``is_measured``: its larger part was tried here."""

    seconds: float
    memory_bytes: int
    disk_bytes: int
    device: str
    is_measured: bool


def estimate(project: Project, settings: Settings, facts: Facts, gathered: Gathered) -> Cost:
    """What these settings (nothing open) would cost."""
    if settings.depth == "head":
        return _of_head(project, settings, facts, gathered)
    return _of_pictures(project, settings, facts, gathered)


def _of_head(project: Project, settings: Settings, facts: Facts, gathered: Gathered) -> Cost:
    entry = encoders.describe(settings.encoder, project)
    per_s = entry.images_per_s or _LIGHT_PER_S
    pictures = facts.learned * settings.copies
    seconds = pictures / per_s + (facts.learned / _DECODED_PER_S if pictures else 0)
    seconds += settings.steps * _head_step_s(facts.base_dim, settings)
    # Fitting takes products over all vectors and two decompositions.
    seconds += 2 + 30 * (facts.base_dim / 2048) ** 3 * 0.2
    copies = facts.learned * settings.copies * facts.base_dim * 2
    vectors = len(gathered.examples) * facts.base_dim * (2 + _FLOAT)
    remembered = settings.memory * (settings.dim * 6 + 16)
    head = facts.base_dim * settings.dim * _FLOAT
    return Cost(
        seconds,
        (300 << 20) + copies + vectors + remembered + 12 * head,
        copies + 2 * remembered + 6 * head,
        "cpu",
        True,
    )


def _head_step_s(base_dim: int, settings: Settings) -> float:
    """Seconds of one step, tried on random numbers."""
    import torch

    from core.training.models import on_vectors

    model = on_vectors(base_dim, settings)
    batch = torch.nn.functional.normalize(torch.randn(settings.batch, base_dim), dim=1)
    best = float("inf")
    for _ in range(_TRIALS):
        begun = time.perf_counter()
        found = model(batch)
        (found @ found.T).square().sum().backward()
        best = min(best, time.perf_counter() - begun)
    # The optimiser, the sampler and the loss with what it remembers.
    return 2 * best + settings.memory * settings.batch * 4e-9


def _of_pictures(project: Project, settings: Settings, facts: Facts, gathered: Gathered) -> Cost:
    entry = encoders.describe(settings.encoder, project)
    is_tried = names.parse(settings.encoder).family == "small"
    per_s = _tried_per_s(settings) if is_tried else (entry.images_per_s or 20.0)
    images = len(gathered.examples)
    watched = min(1300, int(gathered.parts.watched.sum()) + 256)
    forward = settings.steps * settings.batch * _BACKWARD + watched * MEASUREMENTS + images
    if settings.memory:
        forward += settings.memory
    squares = images * 3 * facts.size_px**2
    weights = (entry.parameters or 1_500_000) * _FLOAT
    remembered = settings.memory * (settings.dim * 6 + 16)
    is_whole = settings.depth == "whole"
    kept = weights if is_whole else max(1 << 20, weights * settings.rank // 250)
    activations = settings.batch * 3 * facts.size_px**2 * _FLOAT * 60
    return Cost(
        images / _DECODED_PER_S + forward / per_s,
        (400 << 20) + min(squares, 2 << 30) + weights + 4 * kept + remembered + activations,
        5 * kept + remembered + (squares if squares > 2 << 30 else 0),
        _device(),
        is_tried,
    )


def _tried_per_s(settings: Settings) -> float:
    """Pictures a second, forward only, of a small network."""
    import torch

    from core.encoders import registry

    towers = registry.towers(names.parse(settings.encoder))
    planes = torch.randn(settings.batch, 3, *towers.input_px)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(_TRIALS):
            begun = time.perf_counter()
            towers.pictures(planes)
            best = min(best, time.perf_counter() - begun)
    return settings.batch / best


def _device() -> str:
    from core.encoders.precision import devices

    return devices()[0] if devices()[0] == "cuda" else "cpu"
