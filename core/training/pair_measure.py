"""How well the cosine tells pairs of the same class from pairs of different ones."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job
from core.training.curves import (
    Levels,
    average_precision,
    average_precision_slopes,
    roc,
    roc_auc,
    roc_auc_slopes,
)
from core.training.evaluate import ascending, taken
from core.training.watch import BINS

EXACT_ROWS = 3000
MOST_ROWS = 8000
HISTOGRAM_ROWS = 1000
FINE_BINS = 1 << 16
_QUERY_ROWS = 256
_SPREAD = 1.959964  # standard deviations of a 95 % interval


@dataclass(frozen=True, slots=True)
class PairMeasure:
    """``average_precision`` and ``roc_auc``, 0 to 1, or None where same or different pairs are missing.

    ``roc`` [k, 2]: (false, true) positive rate. ``images`` [m]: the rows that were compared, ascending;
    ``influence`` [2, m]: what drawing an image once more adds to the average precision and to the area, to
    first order; ``pair_influence`` [2, p]: the same of each explicit pair, [2, 0] for pairs from labels.
    """

    average_precision: float | None
    roc_auc: float | None
    roc: NDArray[np.float64]
    same: int
    different: int
    images: NDArray[np.int64]
    influence: NDArray[np.float64]
    pair_influence: NDArray[np.float64]


def from_labels(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    queries: NDArray[np.int64],
    gallery: NDArray[np.int64],
    job: Job,
    *,
    seed: int = 0,
    device: str = "cpu",
) -> PairMeasure:
    """All pairs of a query row and a gallery row, each once, no row with itself.

    ``vectors`` [n, dim] unit rows, ``labels`` [n] (negative: of no class, left out). Of more than
    MOST_ROWS rows that many are drawn by ``seed``, the same for any vectors; every pair is as likely as
    any other to be among them, so none needs a weight. Up to EXACT_ROWS rows the values are exact; above,
    cosines that are closer than 2 / FINE_BINS (3e-5) count as tied. Never holds an n x n matrix: blocks,
    and counts by cosine; up to EXACT_ROWS two numbers for each pair (60 MB).
    """
    queries, gallery = np.unique(queries), np.unique(gallery)
    images = np.union1d(queries, gallery)
    images = images[labels[images] >= 0]
    if len(images) > MOST_ROWS:
        images = np.sort(np.random.default_rng(seed).choice(images, MOST_ROWS, replace=False))
    block = _Block(
        torch.from_numpy(taken(vectors, images)).to(device),
        torch.from_numpy(labels[images]).to(device),
        torch.from_numpy(np.isin(images, queries)).to(device),
        torch.from_numpy(np.isin(images, gallery)).to(device),
    )
    is_exact = len(images) <= EXACT_ROWS
    counts = torch.zeros(2 * FINE_BINS + 1, dtype=torch.int64)
    keys: list[NDArray[np.int64]] = []
    kept: list[tuple[int, torch.Tensor]] = []
    job.start("Comparing pairs", 2 * len(images))
    for start, cosines, cells in block.cells():
        counts += torch.bincount(cells.flatten(), minlength=len(counts)).cpu()
        if is_exact:
            is_pair = cells < 2 * FINE_BINS
            ordered = ascending(cosines)[is_pair].to(torch.int64)
            keys.append((~ordered << 1 | (cells[is_pair] >= FINE_BINS)).cpu().numpy())
            kept.append((start, cells))
        job.advance(len(cells))
    different, same = (counts[:-1].view(2, FINE_BINS).flip(1)).numpy().astype(np.float64)
    if not same.any() or not different.any():
        return _nothing(images, int(same.sum()), int(different.sum()))
    binned = Levels(np.cumsum(same), np.cumsum(different))
    levels = _sorted(np.concatenate(keys)) if is_exact else binned
    slopes = torch.zeros(2, 2 * FINE_BINS + 1, dtype=torch.float32)
    for row, (of_different, of_same) in enumerate(_slopes(binned)):
        slopes[row, :-1] = torch.from_numpy(np.concatenate([of_different[::-1], of_same[::-1]]))
    slopes = slopes.to(device)
    influence = torch.zeros(2, len(images), dtype=torch.float64, device=device)
    for start, cells in kept or ((start, cells) for start, _, cells in block.cells()):
        for row in range(2):
            added = slopes[row].index_select(0, cells.flatten()).view(cells.shape)
            influence[row, start : start + len(cells)] += added.sum(dim=1)
            influence[row, start:] += added.sum(dim=0)
        job.advance(len(cells))
    return _measured(levels, images, influence.cpu().numpy(), np.zeros((2, 0)))


def from_pairs(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], is_same: NDArray[np.bool_]
) -> PairMeasure:
    """Explicit pairs: ``rows`` [p, 2] of ``vectors`` [n, dim] (unit), ``is_same`` [p]. Exact."""
    images, ends = np.unique(rows, return_inverse=True)
    ends = ends.reshape(-1, 2)
    cosines = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), 4096):
        one, other = rows[start : start + 4096].T
        cosines[start : start + 4096] = np.einsum("pd,pd->p", vectors[one], vectors[other])
    same = int(is_same.sum())
    if not 0 < same < len(rows):
        return _nothing(images, same, len(rows) - same)
    ordered = ascending(torch.from_numpy(np.nan_to_num(cosines, nan=-2.0))).numpy()
    keys = ~ordered.astype(np.int64) << 1 | is_same
    levels = _sorted(keys.copy())
    level = np.searchsorted(np.unique(keys >> 1), keys >> 1)
    pair_influence = np.stack(
        [
            np.where(is_same, of_same[level], of_different[level])
            for of_different, of_same in _slopes(levels)
        ]
    )
    influence = np.stack(
        [np.bincount(ends.ravel(), np.repeat(one, 2), len(images)) for one in pair_influence],
        dtype=np.float64,
    )
    return _measured(levels, images, influence, pair_influence)


def spread(influence: NDArray[np.float64], pair_influence: NDArray[np.float64]) -> float:
    """Half a 95 % interval from ``influence`` [m] by image (or sums of it by group of images)."""
    by_image = float(influence @ influence)
    by_pair = float(pair_influence @ pair_influence)
    return _SPREAD * float(np.sqrt(max(by_image - by_pair, by_pair)))


def histograms(
    vectors: NDArray[np.float32], labels: NDArray[np.int64], bins: int = BINS
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(same, different) pairs by cosine, [bins] each from -1 to 1, for curves that are drawn while learning.

    Of more than HISTOGRAM_ROWS rows (negative labels aside) that many are taken, always the same ones,
    few of each class rather than few classes, but never less than two of one.
    """
    rows = _spread_over_classes(labels)
    places = torch.from_numpy(vectors[rows])
    one, other = torch.triu_indices(len(rows), len(rows), offset=1)
    cosines = (places @ places.T)[one, other].nan_to_num_(nan=-1.0)
    cells = ((cosines + 1.0) * (bins / 2)).to(torch.int64).clamp_(0, bins - 1)
    classes = torch.from_numpy(labels[rows])
    cells += bins * (classes[one] == classes[other])
    different, same = torch.bincount(cells, minlength=2 * bins).view(2, bins).numpy()
    return same, different


def _spread_over_classes(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = np.flatnonzero(labels >= 0)
    if len(rows) <= HISTOGRAM_ROWS:
        return rows
    random = np.random.default_rng(0)
    rows = random.permutation(rows)
    _, numbers = np.unique(labels[rows], return_inverse=True)
    numbers = random.permutation(int(numbers.max()) + 1)[numbers]
    together = np.argsort(numbers, kind="stable")
    rows, numbers = rows[together], numbers[together]
    nth = np.arange(len(rows)) - np.searchsorted(numbers, numbers)
    most = max(2, -(-HISTOGRAM_ROWS // (int(numbers.max()) + 1)))
    while np.count_nonzero(nth < most) < HISTOGRAM_ROWS:  # small classes leave room to large ones
        most *= 2
    return np.sort(rows[nth < most][:HISTOGRAM_ROWS])


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows to compare: unit ``vectors`` [m, dim], ``classes`` [m], and which may ask and answer [m]."""

    vectors: torch.Tensor
    classes: torch.Tensor
    asks: torch.Tensor
    answers: torch.Tensor

    def cells(self) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
        """(start, cosines, cells) of the rows from ``start`` against all from ``start`` on [b, m - start].

        A cell is the fine bin of the cosine, FINE_BINS more for a same pair; 2 FINE_BINS for no pair.
        """
        count = len(self.vectors)
        has_gaps = bool(torch.isnan(self.vectors.sum()))
        are_all_asked = bool((self.asks & self.answers).all())
        for start in range(0, count, _QUERY_ROWS):
            end = min(count, start + _QUERY_ROWS)
            cosines = self.vectors[start:end] @ self.vectors[start:].T
            if has_gaps:
                cosines.nan_to_num_(nan=-1.0)
            cells = cosines.add(1.0).mul_(FINE_BINS / 2).to(torch.int32).clamp_(0, FINE_BINS - 1)
            same = self.classes[start:end, None] == self.classes[None, start:]
            cells.add_(same, alpha=FINE_BINS)
            if not are_all_asked:
                asked = self.asks[start:end, None] & self.answers[None, start:]
                asked |= self.answers[start:end, None] & self.asks[None, start:]
                cells.masked_fill_(~asked, 2 * FINE_BINS)
            square = cells[:, : end - start]
            square.masked_fill_(torch.ones_like(square, dtype=torch.bool).tril_(), 2 * FINE_BINS)
            yield start, cosines, cells


def _sorted(keys: NDArray[np.int64]) -> Levels:
    """Levels of distinct cosines from keys [p]: descending cosine above, whether same in the last bit."""
    keys.sort()
    ends = np.append(np.flatnonzero(np.diff(keys >> 1)), len(keys) - 1)
    true = np.cumsum(keys & 1)[ends]
    return Levels(true.astype(np.float64), (ends + 1 - true).astype(np.float64))


def _slopes(
    levels: Levels,
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
    return average_precision_slopes(levels), roc_auc_slopes(levels)


def _measured(
    levels: Levels,
    images: NDArray[np.int64],
    influence: NDArray[np.float64],
    pair_influence: NDArray[np.float64],
) -> PairMeasure:
    return PairMeasure(
        average_precision(levels),
        roc_auc(levels),
        roc(levels),
        int(levels.true[-1]),
        int(levels.false[-1]),
        images,
        influence,
        pair_influence,
    )


def _nothing(images: NDArray[np.int64], same: int, different: int) -> PairMeasure:
    nothing = np.zeros((2, 0))
    return PairMeasure(None, None, np.zeros((0, 2)), same, different, images, nothing, nothing)
