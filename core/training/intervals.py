"""How sure a mean is: bootstrap intervals over queries, or over whole groups of them."""

import numpy as np
from numpy.typing import NDArray

SAMPLES = 1000
LEVEL = 0.95
# Fewer things to draw from than this prove nothing at 5 %: by the sign test, five that all changed for the
# better do so by chance in 6 % of the cases, six in 3 %.
FEWEST = 6
_CELLS = 1_000_000  # drawn at a time: a few milliseconds


def interval(
    values: NDArray[np.floating] | NDArray[np.bool_],
    *,
    groups: NDArray[np.int64] | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> tuple[float, float]:
    """(low, high) of the mean of ``values`` [q], by the percentile bootstrap (Efron 1979).

    Queries are drawn with replacement, or, where ``groups`` [q] numbers them, whole groups: what is
    alike within a group is no independent evidence. (NaN, NaN) where there are fewer than two to draw from.
    """
    return intervals(
        np.asarray(values)[:, None], groups=groups, samples=samples, seed=seed, level=level
    )[0]


def intervals(
    values: NDArray[np.floating] | NDArray[np.bool_],
    *,
    groups: NDArray[np.int64] | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> list[tuple[float, float]]:
    """``interval`` of each column of ``values`` [q, m], by the same draws."""
    means = resampled(values, groups=groups, samples=samples, seed=seed)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def paired(
    before: NDArray[np.floating] | NDArray[np.bool_],
    after: NDArray[np.floating] | NDArray[np.bool_],
    *,
    groups: NDArray[np.int64] | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, float]:
    """{"value", "low", "high"}: mean of after less mean of before, on the same queries [q] in each draw."""
    change = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    low, high = interval(change, groups=groups, samples=samples, seed=seed, level=level)
    return {
        "value": float(change.mean()) if len(change) else float("nan"),
        "low": low,
        "high": high,
    }


def units(count: int, groups: NDArray[np.int64] | None) -> int:
    """How many independent things ``count`` queries are: themselves, or their groups."""
    return count if groups is None else len(np.unique(groups))


def resampled(
    values: NDArray[np.floating] | NDArray[np.bool_],
    *,
    groups: NDArray[np.int64] | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Means of each column of ``values`` [q, m] in each draw [samples, m]; the same draws for all columns."""
    columns = np.asarray(values, dtype=np.float64)
    count = len(columns)
    weighed = np.concatenate([columns, np.ones((count, 1))], axis=1)
    if groups is not None and count:
        _, numbers = np.unique(groups, return_inverse=True)
        weighed = np.stack([np.bincount(numbers, one) for one in weighed.T], axis=1)
        count = len(weighed)
    if count < 2:
        return np.full((samples, columns.shape[1]), np.nan)
    random = np.random.default_rng(seed)
    sums = np.empty((samples, weighed.shape[1]))
    step = max(1, _CELLS // count)
    for start in range(0, samples, step):
        rows = min(step, samples - start)
        drawn = random.integers(0, count, (rows, count))
        drawn += np.arange(rows)[:, None] * count
        times = np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count)
        sums[start : start + rows] = times.astype(np.float64) @ weighed
    means: NDArray[np.float64] = sums[:, :-1] / sums[:, -1:]
    return means
