"""Measures how often links of a score are duplicates, on a truth set whose catalogue has its links: the table of
``core/duplicates/measured.py`` and the thresholds links start with.

    python tests/benchmarks/_measure_chances.py CATALOGUE TRUTH.json

The truth set is what ``duplicates.py`` makes (``_duplicate_truth.make``): the table is measured on pairs of the half
that was looked at, and what it promises is checked on the half that was not.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from _duplicate_truth import File, Truth
from numpy.typing import NDArray

from core.catalogue import links
from core.catalogue.links import KINDS
from core.duplicates.chances import isotonic
from core.operations import images, projects
from core.project import Project

KNOTS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
PRECISION = 0.99


def measured(project: Project, truth: Truth) -> dict[str, Any]:
    """By kind: chances at KNOTS, the lowest threshold of precision 0.99, and what that comes to on the other half."""
    ids = images.list_ids(project)
    described = images.describe(project, ids.tolist())
    rows = truth.rows([Path(one.path).name for one in described])
    contents = np.array([one.content_id for one in described])
    row_of = np.zeros(contents.max() + 1, dtype=np.int64)
    row_of[contents] = rows
    with project.read() as session:
        found = links.load(session)
    a, b = row_of[found.a], row_of[found.b]
    is_same = truth.families[a] == truth.families[b]
    held = truth.is_held[a] & truth.is_held[b]
    seen = ~truth.is_held[a] & ~truth.is_held[b]
    report: dict[str, Any] = {}
    for kind in ("near", "part-of"):
        of_kind = found.kinds == KINDS.index(kind)
        tuned, checked = of_kind & seen, of_kind & held
        scores = found.scores.astype(np.float64)
        threshold = least(scores[tuned], is_same[tuned])
        report[kind] = {
            "links": int(of_kind.sum()),
            "duplicates": int((of_kind & is_same).sum()),
            "chances": chances(scores[tuned], is_same[tuned]),
            "threshold": threshold,
            "tuned": told(scores[tuned], is_same[tuned], threshold),
            "held": told(scores[checked], is_same[checked], threshold),
            "held_chances": chances(scores[checked], is_same[checked]),
        }
    return report


def chances(scores: NDArray[np.float64], is_same: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """(score, share of duplicates there) at KNOTS: isotonic over 40 equal parts, with half an answer either way."""
    if len(scores) < 40:
        return []
    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, 40) if len(part)]
    weights = np.array([len(part) + 1.0 for part in parts])
    values = np.array([(is_same[part].sum() + 0.5) / (len(part) + 1) for part in parts])
    rising = isotonic(values, weights)
    centres = np.array([scores[part].mean() for part in parts])
    return [(knot, round(float(np.interp(knot, centres, rising)), 4)) for knot in KNOTS]


def least(scores: NDArray[np.float64], is_same: NDArray[np.bool_]) -> float:
    """The lowest threshold of two places from which on precision is at least PRECISION everywhere."""
    kept = 1.0
    for threshold in np.arange(100, -1, -1) / 100:
        shown = scores >= threshold
        if shown.any() and is_same[shown].mean() < PRECISION:
            break
        kept = float(threshold)
    return kept


def told(
    scores: NDArray[np.float64], is_same: NDArray[np.bool_], threshold: float
) -> dict[str, float]:
    """Precision, and recall among the links, at a threshold."""
    shown = scores >= threshold
    return {
        "pairs": int(shown.sum()),
        "precision": round(float(is_same[shown].mean()), 4) if shown.any() else 1.0,
        "recall": round(float(is_same[shown].sum() / max(1, is_same.sum())), 4),
    }


def main(catalogue: str, truth: str) -> None:
    """Print the table."""
    files = json.loads(Path(truth).read_text(encoding="utf-8"))
    with projects.open(Path(catalogue), write=False) as project:
        found = measured(project, Truth(tuple(File(**one) for one in files)))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
