"""Where the members of a group stand, so that alike ones are near: a stress layout, always the same."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.float64]
Ends = NDArray[np.int64]
ROUNDS = 80
LEAST_CHANGE = 1e-4
APART = 1.1  # between parts that no link joins, in lengths of a link
PUSHES = 24


def lay_out(count: int, ends: Ends, closeness: NDArray[np.float64]) -> Places:
    """Places of ``count`` nodes, float64 [count, 2], in lengths of a link; the widest direction lies along x.

    ``ends`` int64 [m, 2] are links, ``closeness`` [m] of 0 to 1 (a closer link is shorter). Kamada and Kawai's
    stress over shortest paths, majorised (Gansner, Koren and North, 2004) from the classical scaling of the paths.
    """
    if count <= 1:
        return np.zeros((count, 2))
    wanted = _paths(count, ends, closeness)
    places = _scaled(wanted)
    weights = np.where(np.eye(count, dtype=bool), 0.0, 1.0 / np.maximum(wanted, 1e-9) ** 2)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.pinv(laplacian)
    for _ in range(ROUNDS):
        far = np.linalg.norm(places[:, None] - places[None], axis=2)
        pull = -weights * wanted / np.where(far > 1e-9, far, np.inf)
        np.fill_diagonal(pull, 0.0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        following = inverse @ (pull @ places)
        moved = float(np.abs(following - places).max())
        places = following
        if moved < LEAST_CHANGE:
            break
    return _turned(places)


def _paths(count: int, ends: Ends, closeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shortest way between each two nodes [count, count]; parts that nothing joins are APART."""
    far = np.full((count, count), np.inf)
    lengths = 1.5 - 0.75 * np.clip(closeness, 0.0, 1.0)
    for (a, b), length in zip(ends.tolist(), lengths.tolist(), strict=True):
        far[a, b] = far[b, a] = min(far[a, b], length)
    np.fill_diagonal(far, 0.0)
    for middle in range(count):
        np.minimum(far, far[:, middle, None] + far[None, middle], out=far)
    is_apart = np.isinf(far)
    if is_apart.any():
        # Each part is as wide as it is; between two parts lies half of both widths and the gap.
        reach = np.where(is_apart, 0.0, far).max(axis=1)
        gap = APART + (reach[:, None] + reach[None]) / 2
        far = np.where(is_apart, gap, far)
    return far


def _scaled(wanted: NDArray[np.float64]) -> Places:
    """Classical scaling of the distances to two dimensions; a circle breaks what is perfectly even."""
    count = len(wanted)
    angle = 2 * np.pi * np.arange(count) / count
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * wanted.max() / 2
    centred = wanted**2 - (wanted**2).mean(axis=0) - (wanted**2).mean(axis=1)[:, None]
    values, axes = np.linalg.eigh(-(centred + (wanted**2).mean()) / 2)
    best = axes[:, -2:] * np.sqrt(np.maximum(values[-2:], 0.0))
    largest = np.abs(best).argmax(axis=0)
    best = best * np.where(best[largest, [0, 1]] < 0, -1.0, 1.0)
    return np.asarray(best + 0.05 * circle)


def _turned(places: Places) -> Places:
    """The same, turned so that the widest direction lies along x, the first node on the left."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    if turned.shape[1] == 1:
        turned = np.column_stack([turned, np.zeros(len(turned))])
    first = np.where(turned[0] > 1e-9, -1.0, 1.0)
    return np.asarray(turned * first)


def fitted(places: Places, width: float, height: float, side: float) -> Places:
    """The places in a room of ``width`` x ``height``, none nearer to another than ``side`` where there is room."""
    count = len(places)
    if not count:
        return places
    room = np.array([max(1.0, width - side), max(1.0, height - side)])
    span = np.ptp(places, axis=0)
    scale = room / np.maximum(span, 1e-9)
    # Both directions may be stretched a little unevenly, to use the room there is.
    scale = np.minimum(scale, scale.min() * 2.2)
    scale = np.minimum(scale, 3.2 * side)
    found = (places - (places.max(axis=0) + places.min(axis=0)) / 2) * scale
    half = room / 2
    for _ in range(PUSHES):
        apart = found[:, None] - found[None]
        lacking = side - np.abs(apart)
        is_over = (lacking > 0).all(axis=2)
        np.fill_diagonal(is_over, False)
        if not is_over.any():
            break
        # The shorter way out of two squares that overlap, half for each of them.
        along = lacking.argmin(axis=2)
        sign = np.sign(np.take_along_axis(apart, along[..., None], axis=2)[..., 0])
        order = np.sign(np.arange(count)[:, None] - np.arange(count)[None])
        sign = np.where(sign == 0, order, sign)
        push = np.where(is_over, sign * lacking.min(axis=2) / 2, 0.0)
        for axis in (0, 1):
            moves = np.where(along == axis, push, 0.0)
            found[:, axis] += moves.sum(axis=1) / np.maximum(1, (moves != 0).sum(axis=1))
        found = np.clip(found, -half, half)
    return np.asarray(found + np.array([width, height]) / 2)


def shown_members(
    contents: Sequence[int], ends: Sequence[tuple[int, int]], most: int
) -> tuple[int, ...]:
    """The first ``most`` members that links join to the first one (the keeper), nearest first, then the others."""
    if len(contents) <= most:
        return tuple(contents)
    joined: dict[int, list[int]] = {}
    for a, b in ends:
        joined.setdefault(a, []).append(b)
        joined.setdefault(b, []).append(a)
    found, border = dict.fromkeys(contents[:1]), list(contents[:1])
    while border and len(found) < most:
        border = [
            one for each in border for one in sorted(joined.get(each, [])) if one not in found
        ]
        border = list(dict.fromkeys(border))[: most - len(found)]
        found |= dict.fromkeys(border)
    for one in contents:
        if len(found) >= most:
            break
        found.setdefault(one)
    return tuple(found)
