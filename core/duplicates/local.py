"""Codes of the parts of a picture that stand out, so that one that was cut out of another is found by what both show.

Blobs are found over scale as extrema of differences of Gaussians and turned by their main gradient (Lowe 2004).
Of the patch around each the signs of its lowest frequencies are its code. What is odd across the patch changes its
sign in a mirror image; one such frequency is made positive, so mirrored parts have the code of the part.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
CODES, BITS = 48, 32
NO_FLIP = 255
_OCTAVES, _LEVELS, _SIGMA = 4, 2, 1.6
# Blobs fainter than this (grey levels), or longer than wide by more than this, are passed over.
_CONTRAST, _EDGE = 1.5, 8.0
# Places are spread over so many cells a side, so that a busy corner does not take them all.
_PLACES, _CELLS = 42, 4
_BEFORE = 1.4  # the first smoothing of the picture, as sigma
# Sides of the patch that tells the direction and of the one that is coded: samples, and half their width in sigmas.
_TURN, _TURN_REACH, _BINS, _SECOND = 14, 4.5, 36, 0.85
_PATCH, _REACH, _WINDOW = 16, 8.0, 0.6


@dataclass(frozen=True, slots=True)
class _Scales:
    """Smoothed pictures, one below the other in ``canvas``; ``frames`` int64 [levels, 3]: (top, height, width)."""

    canvas: Floats
    frames: NDArray[np.int64]

    def at(self, levels: NDArray[np.int64], x: NDArray[Any], y: NDArray[Any]) -> Floats:
        """The values at x, y [n, m] of a level for each of n."""
        top, height, width = (one[:, None] for one in self.frames[levels].T)
        across = np.clip(x, 0, width - 1).astype(np.float32)
        down = (np.clip(y, 0, height - 1) + top).astype(np.float32)
        return np.asarray(cv2.remap(self.canvas, across, down, cv2.INTER_LINEAR), dtype=np.float32)


def codes(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Codes of parts of a grey picture [h, w], uint8 [CODES, 7]: of each its four bytes, the lowest first, the bit of
    it that is least sure, its direction in 256ths of a turn, and eight times the binary logarithm of its sigma in
    pixels, with the highest bit set where it was mirrored. Where there are fewer the least sure bit is NO_FLIP."""
    found = np.zeros((CODES, 7), dtype=np.uint8)
    found[:, 4] = NO_FLIP
    scales, blobs = _blobs(grey)
    angles = np.zeros(0)
    if len(blobs):
        blobs, angles = _turned(scales, _spread(blobs))
    blobs, angles = blobs[:CODES], angles[:CODES]
    if not len(blobs):
        return found
    x, y = _grid(_PATCH)
    reach = _REACH * blobs[:, 3, None]
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    levels = blobs[:, 0].astype(np.int64)
    patch = scales.at(
        levels,
        blobs[:, 1, None] + reach * (cos * x - sin * y),
        blobs[:, 2, None] + reach * (sin * x + cos * y),
    )
    basis, is_odd, gauge = _basis()
    values = patch @ basis
    is_mirrored = values[:, gauge] < 0
    values = np.where(is_odd[None] & is_mirrored[:, None], -values, values)
    values = np.delete(values, gauge, axis=1)
    bits = (values > 0) @ (np.uint64(1) << np.arange(BITS, dtype=np.uint64))
    sigma = blobs[:, 3] * 2.0 ** (levels // _LEVELS)
    count = len(blobs)
    found[:count, :4] = bits.astype("<u4").view(np.uint8).reshape(-1, 4)
    found[:count, 4] = np.abs(values).argmin(axis=1)
    found[:count, 5] = np.round(angles * (256 / (2 * np.pi))).astype(np.int64) % 256
    found[:count, 6] = np.round(8 * np.log2(sigma)).clip(0, 127) + 128 * is_mirrored
    return found


def _blurred(picture: Floats, sigma: float) -> Floats:
    side = 2 * int(np.ceil(2.5 * sigma)) + 1
    return np.asarray(cv2.GaussianBlur(picture, (side, side), sigma), dtype=np.float32)


def _blobs(grey: NDArray[np.uint8]) -> tuple[_Scales, NDArray[np.float64]]:
    """(scales, blobs [n, 7]): level, x, y and sigma in pixels of it, contrast, and x, y as shares of the sides."""
    base = _blurred(grey.astype(np.float32), _BEFORE)
    height, width = base.shape
    sigmas = [_SIGMA * 2 ** (one / _LEVELS) for one in range(_LEVELS + 3)]
    kept: list[Floats] = []
    found: list[NDArray[np.float64]] = []
    for octave in range(_OCTAVES):
        if min(base.shape) < 16:
            break
        smooth = [base]
        for before, sigma in pairwise(sigmas):
            smooth.append(_blurred(smooth[-1], float(np.sqrt(sigma**2 - before**2))))
        steps = [cv2.subtract(b, a) for a, b in pairwise(smooth)]
        for level in range(1, _LEVELS + 1):
            blobs = _extrema(steps[level - 1 : level + 2])
            x, y, offset, contrast = blobs
            reach = _SIGMA * 2 ** ((level + offset) / _LEVELS)
            number = np.full(len(x), len(kept))
            shares = x * 2**octave / width, y * 2**octave / height
            found.append(np.stack([number, x, y, reach, contrast, *shares], axis=1))
            kept.append(smooth[level])
        base = np.ascontiguousarray(smooth[_LEVELS][::2, ::2])
    if not kept:
        return _Scales(base, np.zeros((0, 3), dtype=np.int64)), np.zeros((0, 7))
    tops = np.cumsum([0, *(len(one) for one in kept)])
    canvas = np.zeros((tops[-1], width), dtype=np.float32)
    for top, one in zip(tops, kept, strict=False):
        canvas[top : top + len(one), : one.shape[1]] = one
    frames = np.array([(top, *one.shape) for top, one in zip(tops, kept, strict=False)])
    return _Scales(canvas, frames), np.concatenate(found)


def _extrema(steps: list[Any]) -> tuple[NDArray[np.float64], ...]:
    """(x, y, offset in scale, contrast) [n] of what stands out in the middle of three differences, refined to parts
    of a pixel; what is an edge rather than a blob is left out."""
    below, here, above = steps
    square = np.ones((3, 3), dtype=np.uint8)
    highest = cv2.dilate(cv2.max(cv2.max(below, here), above), square)
    lowest = cv2.erode(cv2.min(cv2.min(below, here), above), square)
    is_high = cv2.compare(here, highest, cv2.CMP_GE)
    stands_out = cv2.bitwise_or(is_high, cv2.compare(here, lowest, cv2.CMP_LE))
    y, x = np.nonzero(np.asarray(stands_out)[3:-3, 3:-3])
    x, y = x + 3, y + 3
    is_strong = np.abs(here[y, x]) >= _CONTRAST
    x, y = x[is_strong], y[is_strong]
    value, left, right = here[y, x], here[y, x - 1], here[y, x + 1]
    up, down = here[y - 1, x], here[y + 1, x]
    dx, dy = (right - left) / 2, (down - up) / 2
    dxx, dyy = right + left - 2 * value, down + up - 2 * value
    corners = here[y + 1, x + 1] - here[y + 1, x - 1] - here[y - 1, x + 1] + here[y - 1, x - 1]
    dxy = corners / 4
    ds, dss = (above[y, x] - below[y, x]) / 2, above[y, x] + below[y, x] - 2 * value
    area, trace = dxx * dyy - dxy**2, dxx + dyy
    is_blob = (area > 0) & (trace**2 * _EDGE < (_EDGE + 1) ** 2 * area)
    area, dss = np.where(is_blob, area, 1), np.where(dss == 0, 1, dss)
    found = (
        x + np.clip((dxy * dy - dyy * dx) / area, -0.6, 0.6),
        y + np.clip((dxy * dx - dxx * dy) / area, -0.6, 0.6),
        np.clip(-ds / dss, -0.6, 0.6),
        np.abs(value),
    )
    return tuple(one[is_blob].astype(np.float64) for one in found)


def _spread(blobs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The strongest _PLACES, strongest first, no cell with much more than its share while others have some."""
    blobs = blobs[np.argsort(-blobs[:, 4], kind="stable")]
    if len(blobs) <= _PLACES:
        return blobs
    place = np.minimum((blobs[:, 5:7] * _CELLS).astype(np.int64), _CELLS - 1)
    cell = place[:, 1] * _CELLS + place[:, 0]
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(_CELLS**2))
    rank = np.empty(len(blobs), dtype=np.int64)
    rank[order] = np.arange(len(blobs)) - starts[cell[order]]
    share = -(-3 * _PLACES // (2 * _CELLS**2))
    first = np.lexsort((np.arange(len(blobs)), rank >= share))[:_PLACES]
    return blobs[np.sort(first)]


def _turned(
    scales: _Scales, blobs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(blobs, their main direction in radians); one whose gradients have two main directions comes twice."""
    x, y = _grid(_TURN)
    reach = _TURN_REACH * blobs[:, 3, None]
    patch = scales.at(
        blobs[:, 0].astype(np.int64), blobs[:, 1, None] + reach * x, blobs[:, 2, None] + reach * y
    ).reshape(-1, _TURN, _TURN)
    dx = (patch[:, 1:-1, 2:] - patch[:, 1:-1, :-2]).reshape(len(blobs), -1)
    dy = (patch[:, 2:, 1:-1] - patch[:, :-2, 1:-1]).reshape(len(blobs), -1)
    inner_x, inner_y = _grid(_TURN - 2, (_TURN - 3) / (_TURN - 1))
    away = inner_x**2 + inner_y**2
    strength = np.hypot(dx, dy) * (np.exp(-2 * away) * (away <= 1))
    angle = np.arctan2(dy, dx) * (_BINS / (2 * np.pi)) + _BINS
    low = np.floor(angle).astype(np.int64)
    part = angle - low
    first = np.arange(len(blobs))[:, None] * _BINS
    bins = np.concatenate([(first + low % _BINS).ravel(), (first + (low + 1) % _BINS).ravel()])
    weights = np.concatenate([((1 - part) * strength).ravel(), (part * strength).ravel()])
    counted = np.bincount(bins, weights, _BINS * len(blobs))
    counts: NDArray[np.float64] = counted.reshape(-1, _BINS).astype(np.float64)
    for _ in range(3):
        counts = (np.roll(counts, 1, 1) + 2 * counts + np.roll(counts, -1, 1)) / 4
    left, right = np.roll(counts, 1, 1), np.roll(counts, -1, 1)
    is_main = counts >= _SECOND * counts.max(axis=1, keepdims=True)
    rows, best = np.nonzero((counts > left) & (counts >= right) & is_main)
    bend = left[rows, best] + right[rows, best] - 2 * counts[rows, best]
    beside = (left[rows, best] - right[rows, best]) / (2 * np.where(bend == 0, 1, bend))
    return blobs[rows], (best + beside) * (2 * np.pi / _BINS)


@cache
def _grid(side: int, reach: float = 1.0) -> tuple[Floats, Floats]:
    """x and y of a square grid over -reach to reach, float32 [side * side] each."""
    line = np.linspace(-reach, reach, side, dtype=np.float32)
    x, y = np.meshgrid(line, line)
    return x.ravel(), y.ravel()


@cache
def _basis() -> tuple[Floats, NDArray[np.bool_], int]:
    """(the BITS + 1 lowest frequencies of a patch under a Gaussian window, float32 [patch, BITS + 1]; whether each is
    odd down the patch; which one of those is made positive)."""
    steps = np.arange(_PATCH)
    waves = [np.cos(np.pi * one * (2 * steps + 1) / (2 * _PATCH)) for one in range(10)]
    every = [(u, v) for u in range(10) for v in range(10) if u + v]
    chosen = sorted(every, key=lambda one: (one[0] ** 2 + one[1] ** 2, max(one), one))[: BITS + 1]
    x, y = _grid(_PATCH)
    window = np.exp(-(x**2 + y**2) / (2 * _WINDOW**2))
    found = np.array([np.outer(waves[v], waves[u]).ravel() * window for u, v in chosen])
    found -= found.mean(axis=1, keepdims=True)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    is_odd = np.array([v % 2 == 1 for _, v in chosen])
    # The lowest that is odd across as well: those that are odd down alone are near 0 by the choice of direction.
    gauge = next(place for place, (u, v) in enumerate(chosen) if v % 2 and u)
    return np.ascontiguousarray(found.T, dtype=np.float32), is_odd, gauge
