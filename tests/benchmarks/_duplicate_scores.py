"""How right found pairs are: precision, recall of each edit, and what kinds of pairs are false."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from _duplicate_truth import Truth, kind_of
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """n pairs of rows of a truth, each once, the best first: ``a`` < ``b`` int64 [n], ``scores`` float [n]."""

    a: Rows
    b: Rows
    scores: NDArray[np.float64]

    @staticmethod
    def of(a: NDArray[Any], b: NDArray[Any], scores: NDArray[Any]) -> "Found":
        """From pairs in any order."""
        low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
        order = np.argsort(-scores, kind="stable")
        return Found(low[order], high[order], scores[order].astype(np.float64))

    def above(self, threshold: float) -> "Found":
        """Those of at least this score."""
        count = int(np.searchsorted(-self.scores, -threshold, side="right"))
        return Found(self.a[:count], self.b[:count], self.scores[:count])

    def only(self, kept: NDArray[np.bool_]) -> "Found":
        """Those of which both files are kept."""
        both = kept[self.a] & kept[self.b]
        return Found(self.a[both], self.b[both], self.scores[both])


class Judge:
    """Measures pairs against the truth; ``kept`` bool [files] narrows it to some files."""

    def __init__(self, truth: Truth, kept: NDArray[np.bool_] | None = None) -> None:
        self.truth, self.families = truth, truth.families
        self.kept = np.ones(len(truth.files), dtype=bool) if kept is None else kept
        original = {
            one.family: row
            for row, one in enumerate(truth.files)
            if not one.edit and self.kept[row]
        }
        # (original, edited): what recall is of.
        self.wanted = np.array(
            [
                (original[one.family], row)
                for row, one in enumerate(truth.files)
                if one.edit and self.kept[row] and one.family in original
            ],
            dtype=np.int64,
        ).reshape(-1, 2)
        self.edits = [truth.files[row].edit for row in self.wanted[:, 1].tolist()]
        counts = np.unique(self.families[self.kept], return_counts=True)[1]
        self.pairs_in_families = int((counts * (counts - 1) // 2).sum())

    def keys(self, a: Rows, b: Rows) -> Rows:
        return np.minimum(a, b) * len(self.truth.files) + np.maximum(a, b)

    def precision(self, found: Found) -> float | None:
        """The share of pairs that are the same picture; None of none."""
        found = found.only(self.kept)
        if not len(found.a):
            return None
        return float((self.families[found.a] == self.families[found.b]).mean())

    def is_found(self, found: Found) -> NDArray[np.bool_]:
        """Of each wanted pair."""
        keys = self.keys(self.wanted[:, 0], self.wanted[:, 1])
        return np.isin(keys, self.keys(found.a, found.b))

    def recall(self, found: Found) -> float:
        """The share of edited files that are found with their original."""
        return float(self.is_found(found).mean()) if len(self.wanted) else 1.0

    def by_edit(self, is_found: NDArray[np.bool_]) -> dict[str, float]:
        """Recall of each edit, in the order of the table of edits."""
        from _edits import DUPLICATES

        names = np.array(self.edits)
        there = [one.name for one in DUPLICATES if (names == one.name).any()]
        return {one: round(float(is_found[names == one].mean()), 3) for one in there}

    def false_kinds(self, found: Found) -> dict[str, int]:
        """How many false pairs there are of each kind."""
        found = found.only(self.kept)
        wrong = self.families[found.a] != self.families[found.b]
        files, pairs = self.truth.files, np.column_stack([found.a[wrong], found.b[wrong]])
        told = Counter(kind_of(files[a], files[b]) for a, b in pairs[:100_000].tolist())
        return dict(told.most_common())

    def figures(self, found: Found) -> dict[str, Any]:
        """Precision and recall, of each edit, without what the promise leaves out, and what is false."""
        is_found = self.is_found(found)
        plain = Judge(self.truth, self.kept & ~self.truth.is_lenient)
        inside = found.only(self.kept)
        right = int((self.families[inside.a] == self.families[inside.b]).sum())
        return {
            "precision": _rounded(self.precision(found)),
            "recall": round(float(is_found.mean()), 4) if len(is_found) else None,
            "without_small_crops_and_captions": {
                "precision": _rounded(plain.precision(found)),
                "recall": round(plain.recall(found), 4),
            },
            "recall_of_all_pairs": round(right / max(1, self.pairs_in_families), 4),
            "pairs": len(inside.a),
            "false": len(inside.a) - right,
            "by_edit": self.by_edit(is_found),
            "false_by_kind": self.false_kinds(found),
        }

    def at_precision(self, found: Found, least: float, thresholds: list[float]) -> dict[str, Any]:
        """The threshold of most recall among those of at least this precision; where none has it, that of the best
        precision, and ``has_reached`` is false."""
        rows = []
        for threshold in thresholds:
            part = found.above(threshold)
            if (precision := self.precision(part)) is not None:
                rows.append((precision, self.recall(part), threshold))
        fitting = [one for one in rows if one[0] >= least]
        if not rows:
            return {"has_reached": False, "threshold": None}
        best = max(fitting, key=lambda one: one[1]) if fitting else max(rows)
        return {
            "has_reached": bool(fitting),
            "threshold": best[2],
            **self.figures(found.above(best[2])),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
