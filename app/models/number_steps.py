"""Numbers as the map colours them: each in one of a few steps, with words for the ends of every step."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEPS = 32
# What lies further out than this share at either end shares the first or the last step.
TAIL = 0.005
_SAMPLE = 200_000


@dataclass(frozen=True, eq=False)
class NumberSteps:
    """``codes`` int32 [n], -1 where there is no number; ``edges`` float64 [steps + 1]; ``names`` of the steps."""

    codes: NDArray[np.int32]
    edges: NDArray[np.float64]
    names: list[str]


def steps_of(
    values: NDArray[np.float64], words: Callable[[float], str], *, is_log: bool = False
) -> NumberSteps:
    """The numbers in at most STEPS steps of equal width (of the logarithm, where ``is_log``).

    The ends are taken from quantiles, so that a few that lie far out do not leave all others in one step.
    """
    known = np.isfinite(values)
    codes = np.full(len(values), -1, dtype=np.int32)
    kept = values[known]
    if not len(kept):
        return NumberSteps(codes, np.zeros(1), [])
    scaled = np.log(np.maximum(kept, 1.0)) if is_log else kept
    sample = scaled[:: max(1, len(scaled) // _SAMPLE)]
    low, high = np.quantile(sample, [TAIL, 1 - TAIL]).tolist()
    if high - low <= 1e-9 * max(1.0, abs(high)):
        edges = np.array([low, low])
        codes[known] = 0
    else:
        edges = np.linspace(low, high, STEPS + 1)
        found = ((scaled - low) * (STEPS / (high - low))).clip(0, STEPS - 1)
        codes[known] = found.astype(np.int32)
    edges = np.exp(edges) if is_log else edges
    return NumberSteps(codes, edges, _names(edges.tolist(), words))


def _names(edges: list[float], words: Callable[[float], str]) -> list[str]:
    if len(edges) == 2 and edges[0] == edges[1]:
        return [words(edges[0])]
    told = [words(one) for one in edges]
    return [f"{low} to {high}" for low, high in itertools.pairwise(told)]
