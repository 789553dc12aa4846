"""The maps of two encoders over the same images, laid over each other, and how far each image moved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.changes import Changes
from core.jobs import Job
from core.layout import methods
from core.layout.aligning import procrustes
from core.operations import layouts
from core.operations.layouts import StoredLayout
from core.project import Project

Places = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """Two layouts of one ``method``: ``image_ids`` int64 [n] are the images that both show.

    ``a`` and ``b`` float32 [n, 2] are their places, b's turned to lie over a's as well as can be, at a size that gives
    it the same spread; either is None where there is no such layout, and then the images are those of the other.
    ``residual`` is the share of a's spread that is left between them at the best size, 0 to 1. ``is_continued``: one
    went on from the other, so that what moved means something. ``moved`` float32 [n]: how far, as a share of the
    width of a's map.
    """

    method: str
    image_ids: NDArray[np.int64]
    a: NDArray[np.float32] | None
    b: NDArray[np.float32] | None
    residual: float | None = None
    is_continued: bool = False
    moved: NDArray[np.float32] | None = None


def maps(project: Project, a: str, b: str) -> Maps:
    """The stored layouts of two encoders, of the first method (a's newest first) that both have and that can be laid
    over another: no disk, and nothing that packs pictures."""
    method = _method(project, a, b)
    if method is None:
        return Maps("", np.zeros(0, np.int64), None, None)
    one, other = layouts.load(project, a, method), layouts.load(project, b, method)
    if one is not None and other is not None and one.id == other.id:
        other = None  # what stands in for it while it is made
    if one is None or other is None:
        known = one or other
        if known is None:
            return Maps(method, np.zeros(0, np.int64), None, None)
        places = known.positions
        return Maps(
            method, known.image_ids, places if one else None, None if one else known.positions
        )
    ids, rows_a, rows_b = np.intersect1d(
        one.image_ids, other.image_ids, assume_unique=True, return_indices=True
    )
    at, then = one.positions[rows_a], other.positions[rows_b]
    found = procrustes(then, at)
    over = then if found is None else same_spread(found.apply(then), at)
    return Maps(
        method,
        ids,
        at,
        over,
        None if found is None else found.residual,
        _went_on(one, other) or _went_on(other, one),
        _moved(at, over),
    )


def lay_out(project: Project, a: str, b: str, *, job: Job | None = None) -> Changes:
    """Make b's layout over a's: it goes on from it, and is laid over it. a's is made first where it has none, or one
    of an earlier version alone, which nobody chose.

    It takes the place of the layout of that method that b had. Raises EncoderError, Cancelled.
    """
    job = job or Job()
    changes = Changes.NONE
    made = layouts.available(project, a)
    method = next((one for one in made if _can_be_laid_over(one) and made[one].rounds[1]), None)
    if method is None:
        method = methods.DEFAULT_METHOD
        changes |= layouts.build(project, encoder=a, method=method, job=job)
    changes |= layouts.build(project, encoder=b, method=method, align_with=a, job=job)
    return changes


def same_spread(places: Places, target: Places) -> Places:
    """Places [n, 2] about the middle of the target [n, 2], with its spread. The least squares make what has little in
    common with the target the smaller for that, down to a point."""
    middle, aim = places.mean(axis=0), target.mean(axis=0)
    away, wanted = places - middle, target - aim
    spread = float(np.vdot(away, away))
    if spread <= 1e-12:
        return places
    factor = np.float32((float(np.vdot(wanted, wanted)) / spread) ** 0.5)
    return np.asarray(away * factor + aim, dtype=np.float32)


def furthest(found: Maps, count: int) -> NDArray[np.int64]:
    """Rows of up to ``count`` images that moved furthest, the farthest first."""
    if found.moved is None:
        return np.zeros(0, dtype=np.int64)
    count = min(count, len(found.moved))
    rows = np.argpartition(-found.moved, count - 1)[:count] if count else np.zeros(0, np.int64)
    return rows[np.lexsort((rows, -found.moved[rows]))].astype(np.int64)


def _method(project: Project, a: str, b: str) -> str | None:
    """The method to compare by: one that both have, else one of a's, else one of b's."""
    has_a = [one for one in layouts.available(project, a) if _can_be_laid_over(one)]
    has_b = [one for one in layouts.available(project, b) if _can_be_laid_over(one)]
    both = [one for one in has_a if one in has_b]
    return next(iter((*both, *has_a, *has_b)), None)


def _can_be_laid_over(name: str) -> bool:
    known = next((one for one in methods.METHODS if one.name == name), None)
    return known is not None and not known.is_disk and not known.needs_start


def _went_on(one: StoredLayout, other: StoredLayout) -> bool:
    """Whether ``other`` was made over the layout of ``one``'s encoder, which may have been made anew since."""
    return other.facts.aligned_with == one.encoder


def _moved(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(a):
        return np.zeros(0, dtype=np.float32)
    width = max(float(np.ptp(a[:, 0])), float(np.ptp(a[:, 1])), 1e-12)
    far = np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1]) / np.float32(width)
    return np.asarray(far, dtype=np.float32)
