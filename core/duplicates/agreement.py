"""One picture laid over another: sampled side by side, brought to the point, and measured cell by cell."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.duplicates.features import Look
from core.duplicates.registration import Transform, inverse, then

Floats = NDArray[np.float32]
CELL_PX = 8
# Grey levels (of 255) of noise that a thumbnail's JPEG, and a coarse one before it, leave after smoothing.
NOISE = 3.0
_LEAST_PX, SMOOTH_PX = 2 * CELL_PX, 1.0
_RIDGE = 0.02
GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """What both show, side by side: ``one`` and ``other`` float32 RGB [h, w, 3] (h and w multiples of CELL_PX),
    ``both`` float32 [h, w], 1 where both have pixels. ``frame`` takes shares of this cut-out to shares of a."""

    one: Floats
    other: Floats
    both: Floats
    frame: Transform


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Measures of n x m cells of what both show, float32 [n, m] each.

    ``weight`` 0 to 1: how much of a cell both show. ``contrast`` the greater standard deviation of grey levels.
    ``unlike`` 0 to 1: how much of that one does not explain of the other (1 - squared correlation).
    ``off`` grey levels by which their means differ after tones were matched. ``shift`` px of the cut-out by which the
    cell's content lies elsewhere, where ``firm`` (0 to 1) says that it can be told.
    """

    weight: Floats
    contrast: Floats
    unlike: Floats
    off: Floats
    shift: Floats
    firm: Floats


def area_of(polygon: NDArray[np.float64]) -> float:
    """Area of a polygon [n, 2]."""
    x, y = polygon[:, 0], polygon[:, 1]
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


_SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float64)


def shared(transform: Transform) -> NDArray[np.float64]:
    """The part of a that b shows too, as a polygon [n, 2] in shares of a; no rows where there is none."""
    polygon = _SQUARE @ inverse(transform)[:, :2].T + inverse(transform)[:, 2]
    for axis in (0, 1):
        for sign, limit in ((1.0, 0.0), (-1.0, -1.0)):
            inside = sign * polygon[:, axis] - limit
            kept = []
            for place in range(len(polygon)):
                here, there = polygon[place], polygon[(place + 1) % len(polygon)]
                at, to = inside[place], inside[(place + 1) % len(polygon)]
                if at >= 0:
                    kept.append(here)
                if (at >= 0) != (to >= 0):
                    kept.append(here + (there - here) * (at / (at - to)))
            if not kept:
                return np.zeros((0, 2))
            polygon = np.array(kept)
    return polygon


def overlaps(transform: Transform) -> tuple[float, float]:
    """The share of a, and of b, that the other shows too."""
    polygon = shared(transform)
    if len(polygon) < 3:
        return 0.0, 0.0
    area = area_of(polygon)
    return min(1.0, area), min(1.0, area * abs(float(np.linalg.det(transform[:, :2]))))


def lay(
    a: Look,
    b: Look,
    transform: Transform,
    longest_px: int,
    *,
    is_grey: bool = False,
    smooth_px: float = SMOOTH_PX,
) -> Laid | None:
    """Both sampled over the part of a that b shows, at most ``longest_px``, and no finer than the coarser of them.

    None where they share next to nothing.
    """
    polygon = shared(transform)
    if len(polygon) < 3:
        return None
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    extent = high - low
    if extent.min() <= 1e-3:
        return None
    wide, tall = extent[0] * a.width, extent[1] * a.height
    edges = transform[:, :2] * extent * [[b.width], [b.height]]
    of_b = np.hypot(edges[0], edges[1]) / (wide, tall)
    scale = min(longest_px / max(wide, tall), 1.0, float(of_b.min()))
    columns = max(_LEAST_PX, round(wide * scale / CELL_PX) * CELL_PX)
    rows = max(_LEAST_PX, round(tall * scale / CELL_PX) * CELL_PX)
    frame = np.array([[extent[0], 0, low[0]], [0, extent[1], low[1]]])
    one, in_a = sample(a, frame, columns, rows, is_grey, smooth_px)
    other, in_b = sample(b, then(frame, transform), columns, rows, is_grey, smooth_px)
    return Laid(one, other, in_a * in_b, frame)


def sample(
    look: Look, frame: Transform, columns: int, rows: int, is_grey: bool, smooth_px: float
) -> tuple[Floats, Floats]:
    """(pixels float32 [rows, columns, 3] or [rows, columns], 1 where the picture has pixels) of a cut-out, whose
    shares ``frame`` takes to shares of the picture. Smoothed alike at every scale."""
    step = np.hypot(frame[0, 0] * look.width / columns, frame[1, 0] * look.height / columns)
    step = max(step, np.hypot(frame[0, 1] * look.width / rows, frame[1, 1] * look.height / rows))
    number = max(0, int(np.floor(np.log2(max(step, 1e-6)) + 0.4)))
    source = look.grey_level(number) if is_grey else look.level(number)
    height, width = source.shape[:2]
    to_px = np.array([[width, 0, -0.5], [0, height, -0.5]])
    from_px = np.array([[1 / columns, 0, 0.5 / columns], [0, 1 / rows, 0.5 / rows]])
    matrix = then(then(from_px, frame), to_px)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(
        source, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    smooth = np.asarray(pixels, dtype=np.float32)
    if smooth_px:
        blurred = cv2.GaussianBlur(smooth, (0, 0), smooth_px, borderType=cv2.BORDER_REPLICATE)
        smooth = np.asarray(blurred, dtype=np.float32)
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    at_x = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
    at_y = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    inside = (at_x > -0.51) & (at_x < width - 0.49) & (at_y > -0.51) & (at_y < height - 0.49)
    return np.asarray(smooth, np.float32), inside.astype(np.float32)


def by_cells(values: Floats) -> Floats:
    """Means over the cells of [h, w]: [h / CELL_PX, w / CELL_PX]."""
    rows, columns = values.shape[0] // CELL_PX, values.shape[1] // CELL_PX
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def flow(one: Floats, other: Floats, both: Floats) -> tuple[Floats, Floats]:
    """(normal matrices [n, m, 3] as xx, xy, yy; right sides [n, m, 2]) of the shift that takes ``one`` to ``other``
    in each cell (Lucas and Kanade 1981), of greys that were freed of local brightness and contrast."""
    first, second = _evened(one), _evened(other)
    middle = (first + second) / 2
    along = cv2.Sobel(middle, cv2.CV_32F, 1, 0, scale=0.125, borderType=cv2.BORDER_REPLICATE) * both
    down = cv2.Sobel(middle, cv2.CV_32F, 0, 1, scale=0.125, borderType=cv2.BORDER_REPLICATE) * both
    change = first - second
    normal = [by_cells(x * y) for x, y in ((along, along), (along, down), (down, down))]
    right = [by_cells(x * change) for x in (along, down)]
    return np.stack(normal, axis=2), np.stack(right, axis=2)


def _evened(grey: Floats) -> Floats:
    mean = cv2.blur(grey, (17, 17), borderType=cv2.BORDER_REFLECT)
    square = cv2.blur(grey * grey, (17, 17), borderType=cv2.BORDER_REFLECT)
    spread = np.sqrt(np.maximum(0, square - mean * mean) + 4 * NOISE * NOISE)
    return np.asarray((grey - mean) / spread, np.float32)


def refined(a: Look, b: Look, transform: Transform, longest_px: int, rounds: int) -> Transform:
    """The transform brought to the point by so many steps of Gauss-Newton over all cells; those that do not fit (a
    caption, things that moved) count little."""
    for _ in range(rounds):
        laid = lay(a, b, transform, longest_px, is_grey=True)
        if laid is None:
            return transform
        normal, right = flow(laid.one, laid.other, laid.both)
        rows, columns = right.shape[:2]
        # Where a cell's own content says it should go, against where the others say.
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float64)
        points = np.stack([(x + 0.5) / columns, (y + 0.5) / rows, np.ones_like(x)], 2).reshape(
            -1, 3
        )
        blocks = normal.reshape(-1, 3).astype(np.float64)
        sides = right.reshape(-1, 2).astype(np.float64)
        matrices = np.stack([blocks[:, :2], blocks[:, 1:]], axis=1)
        weight = np.ones(len(points))
        move = np.zeros((2, 3))
        for _ in range(3):
            moved = points @ move.T
            rest = sides - np.einsum("nij,nj->ni", matrices, moved)
            strength = blocks[:, 0] + blocks[:, 2] + 1e-4
            far = np.hypot(rest[:, 0], rest[:, 1]) / strength
            weight = 1 / (1 + (far / max(0.15, float(np.median(far)) * 1.5)) ** 2)
            big = np.einsum("n,nij,nk,nl->ikjl", weight, matrices, points, points).reshape(6, 6)
            target = np.einsum("n,ni,nk->ik", weight, sides, points).reshape(6)
            ridge = _RIDGE * np.trace(big) / 6 * np.diag([1, 1, 0.2, 1, 1, 0.2])
            move = np.linalg.solve(big + ridge + 1e-9 * np.eye(6), target).reshape(2, 3)
        move = np.clip(move, -CELL_PX, CELL_PX)
        # ``one`` at x is ``other`` at x + move: in pixels of the cut-out, from shares of it.
        height, width = laid.one.shape[:2]
        step = np.array([[1.0, 0, 0], [0, 1.0, 0]]) + move / [[width], [height]]
        into_b = then(step, then(laid.frame, transform))
        transform = then(inverse(laid.frame), into_b)
        if np.abs(move).max() < 0.05:
            break
    return transform


def measured(laid: Laid, tones: "Tones") -> Cells:
    """The measures of all cells, of greys in windows of two cells (one more around each)."""
    one, other = tones.first, tones.second
    both = laid.both
    weight = by_cells(both)

    def window(values: Floats) -> Floats:
        cells = by_cells(values * both)
        return np.asarray(
            cv2.GaussianBlur(cells, (3, 3), 0.6, borderType=cv2.BORDER_REPLICATE), np.float32
        )

    mass = np.maximum(window(np.ones_like(both)), 1e-3)
    middle = float(one.mean())
    x, y = one - middle, other - middle
    mean_x, mean_y = window(x) / mass, window(y) / mass
    var_x = np.maximum(0, window(x * x) / mass - mean_x**2)
    var_y = np.maximum(0, window(y * y) / mass - mean_y**2)
    shared_var = window(x * y) / mass - mean_x * mean_y
    correlation = np.clip(shared_var, 0, None) / np.sqrt((var_x + 0.1) * (var_y + 0.1))
    normal, right = flow(one, other, both)
    normal, right = (
        np.asarray(cv2.GaussianBlur(part, (3, 3), 0.8, borderType=cv2.BORDER_REPLICATE), np.float32)
        for part in (normal, right)
    )
    xx, xy, yy = normal[..., 0], normal[..., 1], normal[..., 2]
    least = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    ridge = 1e-3
    det = (xx + ridge) * (yy + ridge) - xy * xy
    shift_x = ((yy + ridge) * right[..., 0] - xy * right[..., 1]) / det
    shift_y = ((xx + ridge) * right[..., 1] - xy * right[..., 0]) / det
    return Cells(
        weight,
        np.sqrt(np.maximum(var_x, var_y)),
        np.asarray(1 - np.minimum(1, correlation) ** 2, np.float32),
        np.abs(mean_x - mean_y),
        np.asarray(np.hypot(shift_x, shift_y), np.float32),
        np.asarray(least / (least + 0.002), np.float32),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Tones:
    """Greys of both with tones matched: ``first`` and ``second`` float32 [h, w]."""

    first: Floats
    second: Floats


def matched(laid: Laid) -> Tones:
    """Tones of one taken to those of the other as an affine function of its colours and the square of its grey,
    robustly; in the direction that explains more (a grey picture can be had from a coloured one only)."""
    both = by_cells(laid.both).ravel() > 0.9
    one, other = (by_cells3(part).reshape(-1, 3) for part in (laid.one, laid.other))
    results = []
    for source, target in ((one, other), (other, one)):
        goal = target @ GREY
        design = _design(source)
        weight = both.astype(np.float32) + 1e-6
        for _ in range(3):
            rooted = np.sqrt(weight)[:, None]
            ridge = np.array([1e-6, 30, 30, 30, 30], np.float32) ** 0.5
            prior = np.array([0, *GREY, 0], np.float32)
            solved = np.linalg.lstsq(
                np.concatenate([design * rooted, np.diag(ridge)]),
                np.concatenate([goal * rooted[:, 0], ridge * prior]),
                rcond=None,
            )[0]
            rest = np.abs(design @ solved - goal)
            weight = both / (1 + (rest / (4 + 1.5 * np.median(rest))) ** 2) + 1e-6
        spread = float((weight * (goal - np.average(goal, weights=weight)) ** 2).sum())
        left = float((weight * rest**2).sum())
        results.append((left / (spread + 1.0), solved))
    if results[0][0] <= results[1][0]:
        return Tones(apply(laid.one, results[0][1]), np.asarray(laid.other @ GREY, np.float32))
    return Tones(np.asarray(laid.one @ GREY, np.float32), apply(laid.other, results[1][1]))


def _design(colours: Floats) -> Floats:
    grey = colours @ GREY
    columns = np.column_stack([np.ones(len(grey)), colours, (grey - 128) ** 2 / 128])
    return np.asarray(columns, np.float32)


def apply(colours: Floats, solved: NDArray[np.floating]) -> Floats:
    grey = colours @ GREY
    return np.asarray(
        solved[0] + colours @ solved[1:4] + solved[4] * (grey - 128) ** 2 / 128, np.float32
    )


def by_cells3(values: Floats) -> Floats:
    rows, columns = values.shape[0] // CELL_PX, values.shape[1] // CELL_PX
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """``score`` 0 to 1; ``evidence``: in how many cells there is something to tell by; ``agree`` float32 [n, m], 0 to
    1, of ``cells``, which were measured in ``laid``."""

    score: float
    evidence: float
    agree: Floats
    cells: Cells
    laid: Laid


def agreement(a: Look, b: Look, transform: Transform, longest_px: int) -> Agreement | None:
    """How much of what both show agrees. None where they share next to nothing."""
    laid = lay(a, b, transform, longest_px)
    if laid is None:
        return None
    cells = measured(laid, matched(laid))
    unexplained = cells.unlike * cells.contrast**2 / (NOISE**2 + 0.25 * cells.contrast**2)
    likeness = 1 / (1 + unexplained**2) / (1 + (cells.off / 14) ** 4)
    agree = np.asarray(likeness / (1 + (cells.firm * cells.shift / 0.6) ** 2), np.float32)
    seen = cells.weight * (cells.weight > 0.5)
    weight = seen * (0.2 + cells.contrast**2 / (cells.contrast**2 + 64))
    evidence = float((seen * cells.firm * (cells.contrast > 4)).sum())
    if weight.sum() < 1:
        return Agreement(0.0, evidence, agree, cells, laid)
    mean = float((agree * weight).sum() / weight.sum())
    # Half the mean, half what the middle cell says: a caption lowers the one, things that moved both.
    order = np.argsort(agree, axis=None)
    heap = np.cumsum(weight.ravel()[order])
    middle = float(agree.ravel()[order[int(np.searchsorted(heap, heap[-1] / 2))]])
    return Agreement((mean + middle) / 2, evidence, agree, cells, laid)
