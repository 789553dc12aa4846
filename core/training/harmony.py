"""Whether new vectors can be searched together with old ones: R@1 of queries of one in a gallery of the other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.training.evaluate import RANKS, rank

_NAMES = ("old", "new", "old_to_new", "new_to_old")


def measure(
    old: NDArray[np.float32], new: NDArray[np.float32], labels: NDArray[np.int64], job: Job
) -> dict[str, Any]:
    """``comparable`` of ``core.training.records.Run.result``, for unit rows [n, d] of the same held-out images and
    their labels [n].

    R@1 by (query, gallery): each image is asked for among all others, its own other vector left out.
    Comparable are encoders of which neither mixed R@1 is below that of the old encoder alone (the gate of
    Schroff et al.'s harmonic embeddings, FaceNet, CVPR 2015). Where nothing could be asked they are not.
    """
    count = len(labels)
    both, twice = np.concatenate([old, new]), np.concatenate([labels, labels])
    rows = np.arange(count), np.arange(count, 2 * count)
    twins = np.concatenate([rows[1], rows[0]])
    found: dict[str, Any] = {}
    for name, asked, among in zip(_NAMES, (0, 1, 0, 1), (0, 1, 1, 0), strict=True):
        itself = None if asked == among else twins
        ranking = rank(both, twice, rows[asked], rows[among], job, itself=itself)
        hits = ranking.hits[RANKS[0]]
        found[name] = float(hits.mean()) if len(hits) else None
    return found | _judged(found)


def _judged(found: dict[str, float | None]) -> dict[str, Any]:
    known = [one for one in (found[name] for name in _NAMES) if one is not None]
    if len(known) < len(_NAMES):
        sentence = "Too little was held out to tell whether old and new vectors go together."
        return {"is_comparable": False, "sentence": sentence}
    old, new, *mixed = known
    told = (
        f"R@1 is {mixed[0]:.3f} from old to new and {mixed[1]:.3f} from new to old, "
        f"{old:.3f} among the old and {new:.3f} among the new"
    )
    is_comparable = min(mixed) >= old
    sentence = f"Old and new vectors can be searched together: {told}."
    if not is_comparable:
        sentence = (
            f"Old and new vectors cannot be searched together: {told}. "
            "Mixed, they would find less than the old ones alone."
        )
    return {"is_comparable": is_comparable, "sentence": sentence}
