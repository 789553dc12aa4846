"""What vectors achieve on held-out images: one measured state, and its numbers as a run keeps them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.training import pair_measure
from core.training.evaluate import RANKS, Ranking, rank
from core.training.intervals import intervals
from core.training.pair_measure import PairMeasure


@dataclass(frozen=True, slots=True)
class Measured:
    """``ranking`` of the queries and ``pairs``; ``labels`` [n] of all rows, and ``groups`` [n] that are
    drawn as wholes for the intervals, or None. ``has_explicit_pairs``: the pairs were given, not made from labels."""

    ranking: Ranking
    pairs: PairMeasure
    labels: NDArray[np.int64]
    groups: NDArray[np.int64] | None = None
    has_explicit_pairs: bool = False

    @property
    def query_groups(self) -> NDArray[np.int64] | None:
        """The group of each query that counted."""
        return None if self.groups is None else self.groups[self.ranking.queries]

    def values(self) -> dict[str, NDArray[np.floating] | NDArray[np.bool_]]:
        """By measure, what each query that counted contributes to its mean [q]."""
        found: dict[str, NDArray[np.floating] | NDArray[np.bool_]] = {
            f"recall@{k}": self.ranking.hits[k] for k in RANKS
        }
        found["map@r"] = self.ranking.average_precision
        return found

    def columns(self) -> NDArray[np.float64]:
        """``values`` side by side [q, 4]."""
        return np.stack([one.astype(np.float64) for one in self.values().values()], axis=1)


def measure(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    queries: NDArray[np.int64],
    gallery: NDArray[np.int64],
    job: Job,
    *,
    groups: NDArray[np.int64] | None = None,
    device: str = "cpu",
) -> Measured:
    """Rank ``gallery`` for each of ``queries`` (row numbers) and compare the pairs between them.

    ``vectors`` [n, dim] unit rows, ``labels`` [n] (negative: of no class), ``groups`` [n]: leak groups or
    classes that the intervals take as one thing each; None takes every image for itself.
    """
    ranking = rank(vectors, labels, queries, gallery, job, device=device)
    pairs = pair_measure.from_labels(vectors, labels, queries, gallery, job, device=device)
    return Measured(ranking, pairs, labels, groups)


def measure_pairs(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    is_same: NDArray[np.bool_],
    labels: NDArray[np.int64],
    job: Job,
    *,
    device: str = "cpu",
) -> Measured:
    """Measure on verdicts: ``rows`` [p, 2] of ``vectors`` [n, dim] (unit) and ``is_same`` [p].

    The images of the pairs are ranked against each other where two or more share a label (``labels`` [n],
    negative: none), the pair measures are of the given pairs alone.
    """
    images = np.unique(rows)
    ranking = rank(vectors, labels, images, images, job, device=device)
    pairs = pair_measure.from_pairs(vectors, rows, is_same)
    return Measured(ranking, pairs, labels, has_explicit_pairs=True)


def metrics(measured: Measured) -> dict[str, Any]:
    """METRICS of ``core.training.records.Run``, ready for JSON: None for what could not be measured.

    Intervals are of 95 %: of recall and MAP@R by the bootstrap over queries or groups, of the pair
    measures by the infinitesimal jackknife (see ``pair_intervals``).
    """
    queries = len(measured.ranking.queries)
    found: dict[str, Any] = {}
    known: dict[str, list[float] | None] = {}
    names, columns = list(measured.values()), measured.columns()
    sure = intervals(columns, groups=measured.query_groups)
    for name, column, (low, high) in zip(names, columns.T, sure, strict=True):
        found[name] = float(column.mean()) if queries else None
        known[name] = ends(low, high)
    found["pair_ap"] = measured.pairs.average_precision
    found["roc_auc"] = measured.pairs.roc_auc
    for name, half in zip(("pair_ap", "roc_auc"), pair_spreads(measured), strict=True):
        value = found[name]
        known[name] = (
            None if value is None else ends(max(0.0, value - half), min(1.0, value + half))
        )
    return {**found, "queries": queries, "intervals": known}


def pair_spreads(measured: Measured, before: Measured | None = None) -> tuple[float, float]:
    """Half the 95 % intervals of pair average precision and ROC AUC, or of their change since ``before``.

    Pairs that share an image are not independent, so images are what is drawn anew. Drawing an image
    once more changes the value by its influence, to first order; the sum of their squares is the
    variance (the infinitesimal jackknife: Jaeckel 1972, Efron 1982), the limit of the bootstrap over
    images at a small part of its cost. Explicit pairs are corrected for being counted at both ends
    (Aronow, Samii and Assenova 2015). NaN where there was nothing to measure or fewer than two things to draw.
    """
    pairs = measured.pairs
    if pairs.average_precision is None or (before and before.pairs.average_precision is None):
        return float("nan"), float("nan")
    influence, of_pairs = pairs.influence, pairs.pair_influence
    if before is not None:
        influence, of_pairs = (
            influence - before.pairs.influence,
            of_pairs - before.pairs.pair_influence,
        )
    if measured.groups is not None:
        _, numbers = np.unique(measured.groups[pairs.images], return_inverse=True)
        influence = np.stack([np.bincount(numbers, one) for one in influence])
    if influence.shape[1] < 2:
        return float("nan"), float("nan")
    ap, auc = (
        pair_measure.spread(one, other) for one, other in zip(influence, of_pairs, strict=True)
    )
    return ap, auc


def ends(low: float, high: float) -> list[float] | None:
    """[low, high], or None where they are not numbers."""
    return [float(low), float(high)] if np.isfinite(low) and np.isfinite(high) else None
