"""Whether a training made things better: two measured states side by side, as a run keeps them."""

from typing import Any

import numpy as np

from core.training.evaluate import RANKS
from core.training.intervals import FEWEST, intervals, units
from core.training.measured import Measured, measure, measure_pairs, metrics, pair_spreads

__all__ = ["Measured", "compare", "measure", "measure_pairs", "metrics"]

MOST_CONFUSIONS = 30
_SPOKEN = {
    "recall@1": "the share of images whose nearest neighbour is alike",
    "map@r": "MAP@R",
    "pair_ap": "the average precision of pairs",
}
Difference = dict[str, float | None]


def compare(before: Measured, after: Measured, names: list[str]) -> dict[str, Any]:
    """The measured parts of ``core.training.records.Run.result``, ready for JSON (None, never NaN).

    Both were measured on the same rows; ``names`` are the classes by label. "difference" has
    {"value", "low", "high"} (after less before, 95 %) of recall@1, 5, 10, map@r, pair_ap and roc_auc.
    Better: the interval of map@r or recall@1 lies above 0 and that of neither lies below. Where they
    cannot be measured, or on fewer than FEWEST queries (or groups), pair_ap decides, given FEWEST explicit
    pairs of each kind.
    """
    if not np.array_equal(before.ranking.queries, after.ranking.queries):
        raise ValueError("before and after were measured on different queries")
    if not np.array_equal(before.pairs.images, after.pairs.images):
        raise ValueError("before and after were measured on different pairs")
    difference = _differences(before, after)
    sentence, is_better = _verdict(before, after, difference)
    return {
        "before": metrics(before),
        "after": metrics(after),
        "difference": difference,
        "by_class": _by_class(before, after, names),
        "confusions": {"before": _confusions(before, names), "after": _confusions(after, names)},
        "roc": {"before": before.pairs.roc.tolist(), "after": after.pairs.roc.tolist()},
        "verdict": sentence,
        "is_better": is_better,
    }


def _differences(before: Measured, after: Measured) -> dict[str, Difference]:
    found: dict[str, Difference] = {}
    change = after.columns() - before.columns()
    sure = intervals(change, groups=after.query_groups)
    for name, column, (low, high) in zip(after.values(), change.T, sure, strict=True):
        mean = float(column.mean()) if len(column) else None
        found[name] = {"value": mean, "low": _number(low), "high": _number(high)}
    for name, half, new, old in zip(
        ("pair_ap", "roc_auc"),
        pair_spreads(after, before),
        (after.pairs.average_precision, after.pairs.roc_auc),
        (before.pairs.average_precision, before.pairs.roc_auc),
        strict=True,
    ):
        rise = float("nan") if new is None or old is None else new - old
        found[name] = {
            "value": _number(rise),
            "low": _number(rise - half),
            "high": _number(rise + half),
        }
    return found


def _verdict(
    before: Measured, after: Measured, difference: dict[str, Difference]
) -> tuple[str, bool]:
    """The sentence, and whether it is better."""
    pairs = after.pairs
    decisive = ["recall@1", "map@r"]
    on = f"{len(after.ranking.queries):,} held-out images"
    if units(len(after.ranking.queries), after.query_groups) < FEWEST:
        decisive = ["pair_ap"]
        on = f"{pairs.same + pairs.different:,} held-out pairs"
        fewest = min(pairs.same, pairs.different) if after.has_explicit_pairs else 0
        if difference["pair_ap"]["low"] is None or fewest < FEWEST:
            return "No clear difference: too little was held out to tell.", False
    risen = [name for name in decisive if (difference[name]["low"] or 0) > 0]
    fallen = [name for name in decisive if (difference[name]["high"] or 0) < 0]
    told = "; ".join(
        _told(name, before, after, difference[name]) for name in (risen + fallen or decisive)
    )
    if risen and not fallen:
        return f"Better: on {on}, {told}.", True
    if fallen and not risen:
        return f"Worse: on {on}, {told}.", False
    if risen:
        return f"No clear difference: on {on}, one measure rose and the other fell: {told}.", False
    return f"No clear difference: on {on}, {told}.", False


def _told(name: str, before: Measured, after: Measured, change: Difference) -> str:
    old, new = (
        one.pairs.average_precision
        if name == "pair_ap"
        else float(np.mean(one.values()[name], dtype=np.float64))
        for one in (before, after)
    )
    words = f"{_SPOKEN[name]} went from {old:.3f} to {new:.3f}"
    return f"{words} ({change['value']:+.3f}, 95 % interval {change['low']:+.3f} to {change['high']:+.3f})"


def _by_class(before: Measured, after: Measured, names: list[str]) -> list[dict[str, Any]]:
    """recall@1 of each class that has queries, by label."""
    labels = after.labels[after.ranking.queries]
    counts = np.bincount(labels, minlength=len(names))
    first = RANKS[0]
    old, new = (
        np.bincount(labels, one.ranking.hits[first], minlength=len(names)) / np.maximum(counts, 1)
        for one in (before, after)
    )
    return [
        {
            "class": names[label],
            "queries": int(counts[label]),
            "before": float(old[label]),
            "after": float(new[label]),
        }
        for label in np.flatnonzero(counts)
    ]


def _confusions(measured: Measured, names: list[str]) -> list[dict[str, Any]]:
    """The classes that are most often taken for another by the first neighbour, most first."""
    own = measured.labels[measured.ranking.queries]
    taken_for = measured.labels[measured.ranking.nearest]
    wrong = (own != taken_for) & (taken_for >= 0)
    both, counts = np.unique(
        np.stack([own[wrong], taken_for[wrong]], axis=1), axis=0, return_counts=True
    )
    most = np.argsort(-counts, kind="stable")[:MOST_CONFUSIONS]
    return [
        {
            "class": names[both[place, 0]],
            "taken_for": names[both[place, 1]],
            "count": int(counts[place]),
        }
        for place in most
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
