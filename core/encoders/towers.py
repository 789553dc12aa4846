"""What a family of encoders makes: a network on the CPU in fp32, and how to ask it. Running it fast on
this machine is the same for all of them, and is in ``core.encoders.network``."""

import logging
import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from core.encoders.base import Preprocessing

Colour = tuple[float, float, float]
SEED = 0


@dataclass(frozen=True, slots=True)
class Towers:
    """One network.

    ``architecture`` says what the weights alone do not: heads, activations, pooling. ``mean`` and ``std``
    are of RGB in 0 to 1; ``input_px`` (height, width) is what the network takes, which differs from the
    decoded square only where it is no square. ``pictures`` is the part that sees pictures and that may be
    lowered in precision: called with float [n, 3, height, width] it gives [n, dim], and ``patches``
    calls it for [n, d, rows, columns]. ``tokens`` maps texts to int64 [n, length], and ``texts`` those to
    [n, dim] by way of the whole ``module``. None of them normalises.
    """

    architecture: str
    module: nn.Module
    pictures: nn.Module
    preprocessing: Preprocessing
    mean: Colour
    std: Colour
    input_px: tuple[int, int]
    patches: Callable[[nn.Module, Tensor], Tensor] | None = None
    tokens: Callable[[Sequence[str]], Tensor] | None = None
    texts: Callable[[nn.Module, Tensor], Tensor] | None = None


@contextmanager
def seeded() -> Iterator[None]:
    """Random weights that are the same each time, with the caller's random numbers left alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        yield


class _NotTheirs(logging.Filter):
    """Drops what open_clip says on the root logger: which file it reads, that weights are random."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "open_clip" not in record.pathname


@contextmanager
def quietly() -> Iterator[None]:
    """While a library builds a network: what goes wrong raises, and the rest interests nobody."""
    root, timms, only_errors = logging.getLogger(), logging.getLogger("timm"), logging.ERROR
    quiet, before = _NotTheirs(), timms.level
    root.addFilter(quiet)
    timms.setLevel(only_errors)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeFilter(quiet)
        timms.setLevel(before)


# What building a network raises where its files are not what they should be.
REFUSED = (
    *(RuntimeError, ValueError, KeyError, TypeError, OSError, AttributeError),
    *(pickle.UnpicklingError, SafetensorError),
)


def why_not(error: BaseException) -> str:
    """What a library says of files that it cannot use, short and in plain words."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    if isinstance(error, pickle.UnpicklingError) or "weights_only" in lines[0]:
        return "its file holds more than weights, and none of that was run"
    if "loading state_dict" in lines[0]:
        return "its weights are of another architecture"
    if isinstance(error, KeyError):
        return f"its configuration lacks {lines[0]}"
    return lines[0].rstrip(".")[:300]


def fingerprint_parts(towers: Towers) -> str:
    """What decides vectors besides the weights, as text for the key."""
    way = towers.preprocessing
    return repr(
        (
            *(towers.architecture, way.size_px, way.fit, way.version, way.share, way.resample),
            *(towers.mean, towers.std, towers.input_px),
        )
    )
