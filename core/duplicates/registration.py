"""How one picture may lie over another: hypotheses from whole frames and from keypoints, brought to the point.

A transform is float64 [2, 3] and takes (x, y, 1) of one picture to the other, in shares of the sides.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.duplicates.features import ORIENTATIONS, Keypoints, Look

Transform = NDArray[np.float64]
# Keypoints are alike at this cosine; of those that are, so many matches vote and so many make hypotheses.
_ALIKE, _VOTERS, _SEEDS = 0.8, 160, 28
# Matches agree with a hypothesis within this share of the longest side; at least so many must.
_NEAR, _LEAST_VOTES = 0.02, 5
_NONE = np.zeros((0, 0), dtype=np.float32)
_LARGEST_SCALE, _LEAST_DISTANCE = 6.0, 0.06


def then(first: Transform, second: Transform) -> Transform:
    """``second`` after ``first``."""
    made = second[:, :2] @ first
    made[:, 2] += second[:, 2]
    return made


def determinant(one: Transform) -> float:
    """By how much it makes areas larger; negative where it mirrors."""
    return float(one[0, 0] * one[1, 1] - one[0, 1] * one[1, 0])


def inverse(one: Transform) -> Transform:
    """The way back, of one that has a determinant."""
    (a, b, x), (c, d, y) = one.tolist()
    scale = 1.0 / (a * d - b * c)
    return np.array(
        [
            [d * scale, -b * scale, (b * y - d * x) * scale],
            [-c * scale, a * scale, (c * x - a * y) * scale],
        ]
    )


def whole_frames(a: Look, b: Look) -> list[tuple[float, Transform]]:
    """(correlation of the greys, transform from a to b), the best first: a and b, each whole or without borders, in
    eight orientations. Of transforms that are as good the one that comes first."""
    found = []
    for to_a, frame in a.frames:
        for to_b, turned in b.turned_frames:
            correlations = turned @ frame
            place = int(np.argmax(correlations))
            transform = then(then(inverse(to_a), ORIENTATIONS[place]), to_b)
            found.append((float(correlations[place]), transform))
    return sorted(found, key=lambda one: -one[0])


def by_keypoints(a: Look, b: Look) -> tuple[int, Transform] | None:
    """(matches that agree, transform from a to b) by what most matches of keypoints agree on; None where nothing.

    Every two of the best matches give a scale, a turn and a shift; all others vote. No random choice, so that the
    same pictures give the same. Mirror images are tried as well.
    """
    one, other = a.keypoints, b.keypoints
    if len(one.at) < _LEAST_VOTES or len(other.at) < _LEAST_VOTES:
        return None
    straight = _voted(one, other)
    mirrored = _voted(one, other.mirrored())
    found = None
    for is_mirrored, result in ((False, straight), (True, mirrored)):
        if result is not None and (found is None or result[0] > found[0]):
            found = result[0], _in_shares(result[1], a, b, is_mirrored)
    return found


def _in_shares(pixels: Transform, a: Look, b: Look, is_mirrored: bool) -> Transform:
    """From shares of the longest sides (b's x negated where it is mirrored) to shares of the sides."""
    from_a = np.diag([a.width, a.height]) / max(a.width, a.height)
    sign = -1.0 if is_mirrored else 1.0
    to_b = max(b.width, b.height) * np.diag([sign / b.width, 1 / b.height])
    return np.column_stack([to_b @ pixels[:, :2] @ from_a, to_b @ pixels[:, 2]])


def _voted(one: Keypoints, other: Keypoints) -> tuple[int, Transform] | None:
    # By OpenCV, on this thread: a matrix product of numpy would wake threads of its own, ten times as dear here.
    looks, other_looks = one.look.astype(np.float32), other.look.astype(np.float32)
    product = cv2.gemm(looks, other_looks, 1 / 255**2, _NONE, 0, flags=cv2.GEMM_2_T)
    alike = np.asarray(product, np.float32)
    best = alike.argmax(axis=1)
    rows = np.arange(len(best))
    top = alike[rows, best]
    alike[rows, best] = -1
    # Against the second best (Lowe 2004), but a second that lies beside the first says nothing.
    second = alike.argmax(axis=1)
    is_beside = np.abs(other.at[second] - other.at[best]) < _NEAR
    rival = np.where(is_beside, 0.7, alike[rows, second])
    distinct = (1 - rival) / np.maximum(1e-3, 1 - top)
    good = np.flatnonzero((top > _ALIKE) & (distinct > 1.05))
    if len(good) < _LEAST_VOTES:
        return None
    order = good[np.lexsort((good, -distinct[good]))][:_VOTERS]
    p, q = one.at[order], other.at[best[order]]
    scale = other.size[best[order]] / one.size[order]
    turn = other.turn[best[order]] / one.turn[order]
    first, last = np.triu_indices(min(_SEEDS, len(order)), 1)
    gap, image = p[last] - p[first], q[last] - q[first]
    wide = (np.abs(gap) > _LEAST_DISTANCE) & (np.abs(image) > _LEAST_DISTANCE / 2)
    first, last, gap, image = first[wide], last[wide], gap[wide], image[wide]
    factor = image / gap
    size = np.abs(factor)
    # As large and as turned as both matches say themselves, roughly.
    fits = (size < _LARGEST_SCALE) & (size > 1 / _LARGEST_SCALE)
    for ends in (first, last):
        fits &= np.abs(np.log2(size / scale[ends])) < 0.8
        fits &= (factor / size * np.conj(turn[ends])).real > 0.7
    first, factor = first[fits], factor[fits]
    if not len(first):
        return None
    shift = q[first] - factor * p[first]
    off = np.abs(factor[:, None] * p[None, :] + shift[:, None] - q[None, :])
    allowed = _NEAR * np.sqrt(np.maximum(1.0, np.abs(factor)))[:, None]
    votes = np.clip(1 - (off / allowed) ** 2, 0, None).sum(axis=1)
    place = int(np.argmax(votes))
    return _fitted(p, q, off[place] < allowed[place], float(allowed[place, 0]))


def _fitted(
    p: NDArray[np.complex64], q: NDArray[np.complex64], within: NDArray[np.bool_], near: float
) -> tuple[int, Transform] | None:
    """An affine transform (a similarity where few agree) by least squares over those within, twice."""
    points = np.stack([p.real, p.imag, np.ones(len(p))], axis=1).astype(np.float64)
    images = np.stack([q.real, q.imag], axis=1).astype(np.float64)
    transform = np.zeros((2, 3))
    for _ in range(3):
        if len(np.unique(np.round(q[within], 2))) < _LEAST_VOTES:
            return None
        if within.sum() >= 12:
            solved = np.linalg.lstsq(points[within], images[within], rcond=None)[0]
            transform = np.asarray(solved.T)
        else:
            transform = _similarity(p[within], q[within])
        within = np.hypot(*(points @ transform.T - images).T) < near
    count = len(np.unique(np.round(q[within], 2)))
    return (count, transform) if count >= _LEAST_VOTES else None


def _similarity(p: NDArray[np.complex64], q: NDArray[np.complex64]) -> Transform:
    middle_p, middle_q = p.mean(), q.mean()
    spread = float((np.abs(p - middle_p) ** 2).sum())
    factor = complex((np.conj(p - middle_p) * (q - middle_q)).sum()) / max(1e-9, spread)
    shift = complex(middle_q) - factor * complex(middle_p)
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )
