"""Settings with nothing left open: what was measured to be best for a depth, within what the data allow.

Imports nothing heavy. The figures behind the choices are in docs/results.md.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

from core.training.settings import AUTO, Preset, Settings

# Steps by depth: a head learns from stored vectors, a small network of our own from scratch, others are costly.
_STEPS: dict[str, dict[Preset, int]] = {
    "head": {"quick": 200, "balanced": 600, "thorough": 2000},
    "adapters": {"quick": 150, "balanced": 500, "thorough": 2000},
    "whole": {"quick": 150, "balanced": 600, "thorough": 3000},
    "small": {"quick": 150, "balanced": 600, "thorough": 2000},
}
_RATES = {"head": 1e-3, "adapters": 1e-3, "whole": 1e-4, "small": 4e-3}
# A small network learns more from few large batches than from many small ones that take as long.
_BATCHES = {"head": 64, "adapters": 32, "whole": 32, "small": 256}
_LOSSES = {
    "head": "contrastive",
    "adapters": "contrastive",
    "whole": "contrastive",
    "small": "circle",
}
# Images through a network at a time; larger batches take two passes.
_MOST_AT_ONCE = {"head": 4096, "adapters": 64, "whole": 64, "small": 256}
_COPIES: dict[Preset, int] = {"quick": 2, "balanced": 6, "thorough": 12}
# Beyond this many pictures (copies counted) a head is given fewer varied copies of each.
_MOST_COPIED = 200_000
MOST_REMEMBERED = 65_536
# Looks at the watched images, spread over the steps.
MEASUREMENTS = 40
# An input no larger than this is taken for drawings and characters rather than photos.
_SMALL_PX = 32


Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Facts:
    """What resolving needs to know: how many images are learnt from and watched, how many classes have two or
    three images to learn from (``few``), and the base encoder."""

    learned: int
    base_dim: int
    size_px: int
    is_from_scratch: bool
    is_small_network: bool
    is_pairs: bool
    watched: int = 0
    few: int = 0


def resolve(settings: Settings, facts: Facts) -> Settings:
    """``settings`` with every "auto" and -1 replaced."""
    kind = "small" if settings.depth == "whole" and facts.is_small_network else settings.depth
    loss = settings.loss
    if loss == "auto":
        loss = "circle" if settings.comparable else _LOSSES[kind]
        if settings.memory > 0:  # what somebody wants is compared by a loss that takes one
            loss = "contrastive"
    batch = _or(settings.batch, _BATCHES[kind])
    copies = settings.copies
    if copies == AUTO:
        copies = min(_COPIES[settings.preset], _MOST_COPIED // max(1, facts.learned))
    memory = settings.memory
    if memory == AUTO:
        memory = min(facts.learned, MOST_REMEMBERED) if loss == "contrastive" else 0
    augmentation = settings.augmentation
    if augmentation == "auto":
        augmentation = _augmentation(settings, facts)
    return replace(
        settings,
        loss=loss,
        memory=min(memory, max(facts.learned, batch)) if memory else 0,
        batch=max(4, min(batch, facts.learned)) if facts.learned else batch,
        per_class=_or(settings.per_class, 4),
        steps=_or(settings.steps, _STEPS[kind][settings.preset] // (3 if facts.is_pairs else 1)),
        learning_rate=_or(settings.learning_rate, _RATES[kind] * (0.3 if facts.is_pairs else 1)),
        weight_decay=_or(settings.weight_decay, 1e-2 if kind == "head" else 1e-4),
        dim=_or(settings.dim, facts.base_dim),
        augmentation=augmentation,
        copies=copies if settings.depth == "head" and augmentation != "none" else 0,
        patience=_or(settings.patience, 0 if facts.is_from_scratch else 15),
        clip=_or(settings.clip, 10.0),
        optimiser="adamw" if settings.optimiser == "auto" else settings.optimiser,
        chunk=_or(settings.chunk, _chunk(kind, batch)),
    )


def _or(value: Number, default: Number) -> Number:
    return default if value == AUTO else value


def _chunk(kind: str, batch: int) -> int:
    """Images through a network at a time: all, unless there are many."""
    most = _MOST_AT_ONCE[kind]
    return 0 if batch <= most else most


def _augmentation(settings: Settings, facts: Facts) -> str:
    if facts.is_small_network and facts.size_px <= _SMALL_PX:
        return "drawings"
    return "photos"
