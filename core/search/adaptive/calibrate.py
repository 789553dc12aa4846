"""What an index finds and how long it takes, measured on rows that are held out as questions; and how much effort that
needs."""

import time
from dataclasses import dataclass, replace

import faiss
import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs import Job
from core.search import exact
from core.search.adaptive.card import TARGETS, Card, Figures, Mode
from core.search.adaptive.index import MEASURED_K, AdaptiveIndex, Effort
from core.search.mapped import MappedRows
from core.search.vectors import Vectors

Floats = NDArray[np.float32]

PROBES = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
SHORTLISTS = (20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800)
_BLOCK_ROWS = 8_192
_SAME = 1e-5  # cosines that differ by less are equal: either row is a right answer
# The effort is chosen on half of the questions with so much to spare, more where the other half then finds too little.
_MARGINS = (0.002, 0.005, 0.009)
_TIMED = 60
_TIMED_EXACT = 5


@dataclass(frozen=True, slots=True)
class Held:
    """Rows ``numbers`` [q] as questions [q, dim], with the rows ``nearest`` [q, k] to each, itself left out, and their
    cosines ``scores`` [q, k], best first."""

    numbers: NDArray[np.int64]
    queries: Floats
    nearest: NDArray[np.int64]
    scores: Floats

    def half(self, which: int) -> "Held":
        """Every second question."""
        every = slice(which, None, 2)
        return Held(
            self.numbers[every], self.queries[every], self.nearest[every], self.scores[every]
        )


def exact_answers(
    vectors: Vectors,
    owners: NDArray[np.int32],
    numbers: NDArray[np.int64],
    queries: Floats,
    job: Job,
    k: int = MEASURED_K,
) -> Held:
    """The true k nearest of each question among the rows that are no holes; ``numbers`` -1: no row itself."""
    count = len(queries)
    k = max(1, min(k, int(np.count_nonzero(owners)) - 1))
    asked = torch.from_numpy(queries)
    scores = torch.full((count, k), -2.0)
    places = torch.zeros((count, k), dtype=torch.int64)
    job.start("Index: exact answers to compare with", len(owners))
    for first, block in vectors.blocks(len(owners), _BLOCK_ROWS):
        products = asked @ torch.from_numpy(block).T
        products[:, np.flatnonzero(owners[first : first + len(block)] == 0)] = -3.0
        inside = np.flatnonzero((numbers >= first) & (numbers < first + len(block)))
        products[inside, numbers[inside] - first] = -3.0
        best = products.topk(min(k, len(block)), dim=1)
        scores, order = torch.cat([scores, best.values], dim=1).topk(k, dim=1)
        places = torch.cat([places, best.indices + first], dim=1).gather(1, order)
        job.advance(len(block))
    return Held(numbers, queries, places.numpy(), scores.numpy().clip(-1, 1))


def calibrated(
    index: AdaptiveIndex, vectors: Vectors, rows: MappedRows, held: Held, job: Job
) -> Card:
    """The card of the index, with the least effort that reaches each mode's recall, and what was measured with it.

    The effort is chosen on one half of the questions and measured on the other.
    """
    job.start("Index: measuring")
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        choosing, measuring = held.half(0), held.half(1)
        efforts = _efforts(index, choosing, job)
        modes = []
        for mode, target in TARGETS.items():
            for margin in _MARGINS:
                effort = _cheapest(index, rows, choosing, efforts, target + margin, job)
                figures = _measured(index, rows, measuring, effort, mode, job)
                if figures.has_reached:
                    break
            modes.append(figures)
    finally:
        faiss.omp_set_num_threads(threads)
    exact_ms = _exact_ms(vectors, index.card.rows, measuring, job)
    return replace(
        index.card,
        modes=tuple(modes),
        queries=len(measuring.numbers),
        usual=float(np.quantile(held.scores[:, -1], 0.01)),
        exact_p50_ms=round(float(np.median(exact_ms)), 3),
        exact_p95_ms=round(float(np.quantile(exact_ms, 0.95)), 3),
    )


def recall_of(found: Floats, true: Floats) -> float:
    """The share of the true nearest that was found: by their cosines [q, <= k] and [q, k], so that of equally near rows
    either counts."""
    hits = np.count_nonzero(found >= true[:, -1:] - _SAME, axis=1)
    return float(np.minimum(hits, true.shape[1]).mean() / true.shape[1])


def _efforts(index: AdaptiveIndex, held: Held, job: Job) -> list[tuple[Effort, float]]:
    """(effort, recall) for every number of probes and length of shortlist: one search a number of probes, since what is
    compared in full comes out in its true order."""
    points = index.order.apply(held.queries)
    longest = min(max(SHORTLISTS) + 1, index.card.indexed)
    found = []
    for probes in dict.fromkeys(min(one, index.card.lists) for one in PROBES):
        job.checkpoint()
        listed = index.shortlist(points, Effort(probes, longest))
        # At which place of the shortlist, itself left out, each true neighbour is; `longest` where it is not.
        place = np.full(held.nearest.shape, longest)
        for row, (mine, wanted) in enumerate(zip(listed, held.nearest, strict=True)):
            mine = mine[mine != held.numbers[row]]
            order = np.argsort(mine, kind="stable")
            at = np.searchsorted(mine, wanted, sorter=order).clip(max=max(0, len(mine) - 1))
            same = mine[order[at]] == wanted if len(mine) else np.zeros(len(wanted), bool)
            place[row, same] = order[at][same]
        found += [
            (Effort(probes, length), float((place < length).mean()))
            for length in SHORTLISTS
            if length <= longest or length == SHORTLISTS[0]
        ]
    return found


def _cheapest(
    index: AdaptiveIndex,
    rows: MappedRows,
    held: Held,
    efforts: list[tuple[Effort, float]],
    target: float,
    job: Job,
) -> Effort:
    """Of those that reach the target the one that takes least time, as measured; where none does, the best."""
    fitting: dict[int, Effort] = {}
    for effort, recall in efforts:
        if recall >= target and effort.probes not in fitting:
            fitting[effort.probes] = effort
    if not fitting:
        best = max(recall for _, recall in efforts)
        return next(effort for effort, recall in efforts if recall == best)
    # With more probes the shortlist need not be longer: only those that make it shorter are worth a look.
    tried: list[Effort] = []
    for effort in fitting.values():
        if not tried or effort.shortlist < tried[-1].shortlist:
            tried.append(effort)
    times = []
    for effort in tried:
        job.checkpoint()
        times.append(float(np.median(_asked(index, rows, held, effort, _TIMED)[1])))
    return tried[int(np.argmin(times))]


def _measured(
    index: AdaptiveIndex, rows: MappedRows, held: Held, effort: Effort, mode: Mode, job: Job
) -> Figures:
    job.checkpoint()
    scores, times_ms = _asked(index, rows, held, effort, len(held.numbers))
    return Figures(
        mode,
        round(recall_of(scores, held.scores), 4),
        round(float(np.median(times_ms)), 3),
        round(float(np.quantile(times_ms, 0.95)), 3),
        effort.probes,
        effort.shortlist,
    )


def _asked(
    index: AdaptiveIndex, rows: MappedRows, held: Held, effort: Effort, count: int
) -> tuple[Floats, list[float]]:
    """(cosines found [q, k], milliseconds of each question), asked one by one, itself left out of its answer."""
    k = held.scores.shape[1]
    scores = np.full((min(count, len(held.numbers)), k), -2.0, dtype=np.float32)
    times_ms = []
    for row in range(len(scores)):
        began = time.perf_counter()
        found, cosines = index.search(rows, held.queries[row], k + 1, effort)
        times_ms.append(1e3 * (time.perf_counter() - began))
        others = cosines[found != held.numbers[row]][:k]
        scores[row, : len(others)] = others
    return scores, times_ms


def _exact_ms(vectors: Vectors, rows: int, held: Held, job: Job) -> list[float]:
    times_ms = []
    for query in held.queries[:_TIMED_EXACT]:
        job.checkpoint()
        began = time.perf_counter()
        np.argpartition(exact.cosines(vectors, 0, rows, query), -MEASURED_K)
        times_ms.append(1e3 * (time.perf_counter() - began))
    return times_ms
