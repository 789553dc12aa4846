"""Curves that are drawn often: thinned and smoothed by numpy in a pass or two, whatever their length."""

import numpy as np
from numpy.typing import NDArray

LIMIT = 400
Floats = NDArray[np.float32]
Line = tuple[NDArray[np.float64], NDArray[np.float64]]
NOTHING: Line = (np.empty(0), np.empty(0))


def thin(y: Floats, limit: int = LIMIT) -> Line:
    """(x, y) of at most ``limit`` points that keep every bin's lowest and highest value.

    ``y`` [n] has one value a step, from step 1 on; NaN is where there is none yet, and is left out.
    """
    begin, tail = _known(y)
    if len(tail) <= limit:
        kept = np.isfinite(tail)
        steps = np.arange(begin + 1, begin + len(tail) + 1, dtype=np.float64)
        return steps[kept], tail[kept].astype(np.float64)
    width, boxes = _boxes(tail, limit // 2)
    values = np.stack([np.fmin.reduce(boxes, axis=1), np.fmax.reduce(boxes, axis=1)], axis=1)
    starts = begin + 1 + np.arange(len(boxes), dtype=np.float64)[:, None] * width
    x = np.minimum(starts + np.array([0.25, 0.75]) * width, begin + len(tail)).ravel()
    drawn = values.ravel().astype(np.float64)
    kept = np.isfinite(drawn)
    return x[kept], drawn[kept]


def trend(y: Floats, window: int, limit: int = LIMIT // 2) -> Line:
    """(x, y) of at most ``limit`` points: the mean of the last ``window`` values or so [n]."""
    begin, tail = _known(y)
    if not len(tail):
        return NOTHING
    width, boxes = _boxes(tail, limit)
    known = np.isfinite(boxes)
    sums = np.where(known, boxes, np.float32(0)).sum(axis=1, dtype=np.float64)
    total = np.concatenate([[0.0], np.cumsum(sums)])
    count = np.concatenate([[0], np.cumsum(known.sum(axis=1))])
    ends = np.arange(1, len(boxes) + 1)
    begins = np.maximum(0, ends - max(1, window // width))
    used = count[ends] > count[ends - 1]
    means = (total[ends] - total[begins])[used] / (count[ends] - count[begins])[used]
    return begin + np.minimum(ends[used] * width, len(tail)).astype(np.float64), means


def window_of(steps: int) -> int:
    """How many steps the mean of a curve reaches back."""
    return max(1, steps // 40)


def newest(y: Floats) -> float | None:
    """The last value that there is."""
    known = np.flatnonzero(np.isfinite(y[-1000:]))
    return float(y[-1000:][known[-1]]) if len(known) else None


def _known(y: Floats) -> tuple[int, Floats]:
    """Where the values begin, and all from there on."""
    finite = np.isfinite(y)
    if not finite.any():
        return len(y), y[:0]
    begin = int(finite.argmax())
    return begin, y[begin:]


def _boxes(tail: Floats, bins: int) -> tuple[int, Floats]:
    """The width of a bin, and the values by bins [bins, width], NaN beyond the end."""
    width = max(1, -(-len(tail) // bins))
    count = -(-len(tail) // width)
    padded = np.full(count * width, np.nan, dtype=np.float32)
    padded[: len(tail)] = tail
    return width, padded.reshape(count, width)
