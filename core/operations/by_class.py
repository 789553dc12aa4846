"""Which classes an encoder finds well, and which it takes for which: retrieval, class by class."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.catalogue.queries import ClassSource
from core.errors import UsageError
from core.jobs import Job
from core.operations import evaluate
from core.operations.hints import usual_source
from core.project import Project

# Every image is compared with every other: more are measured on an even share of each class.
MOST = 20_000
_KEPT_CONFUSIONS, _TOLD_CONFUSIONS, _EXAMPLES = 5_000, 100, 6


@dataclass(frozen=True, slots=True)
class OneClass:
    """A class of ``images`` that were measured: shares of them that find another within the first 1, 5 and 10, and
    MAP@R."""

    name: str
    images: int
    recall_1: float
    recall_5: float
    recall_10: float
    map_r: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """``images`` of a class, ``share`` of it, have an image of the class ``taken_for`` as their nearest. ``examples``:
    a few of them, (its image id, that of its nearest) each."""

    name: str
    taken_for: str
    images: int
    share: float
    examples: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ByClass:
    """``overall`` is what evaluate prints, over ``images`` of ``total`` labelled ones. ``classes``: worst first.
    ``confusions``: most images first. ``alone`` images have no other of their class and were not asked."""

    source: ClassSource
    overall: dict[str, Any]
    images: int
    total: int
    alone: int
    classes: list[OneClass]
    confusions: list[Confusion]


def measure(
    project: Project,
    source: ClassSource | None = None,
    *,
    encoder: str | None = None,
    job: Job | None = None,
) -> ByClass:
    """Leave-one-out retrieval of an encoder's vectors (None: the default's) by class.

    The same measurement as ``evaluate``, of the same images, or where there are more than 20,000 of an even share of
    each class. Raises UsageError where no two images share a class.
    """
    source = source or usual_source(project)
    found = evaluate.labelled(project, source, encoder, most=MOST)
    everyone = np.arange(len(found.image_ids))
    from core.training.measured import measure as measured
    from core.training.measured import metrics

    result = measured(found.vectors, found.classes, everyone, everyone, job or Job())
    ranking = result.ranking
    if not len(ranking.queries):
        raise UsageError(
            f"No two images share a class of {source}, so there is nothing to measure."
        )
    own = found.classes[ranking.queries]
    count = len(found.names)
    asked = np.bincount(own, minlength=count)
    columns = [*(ranking.hits[k] for k in (1, 5, 10)), ranking.average_precision]
    means = [
        np.bincount(own, one.astype(np.float64), minlength=count) / asked.clip(1) for one in columns
    ]
    classes = [
        OneClass(found.names[one], int(asked[one]), *(round(float(mean[one]), 4) for mean in means))
        for one in np.lexsort((np.arange(count), means[3], means[0])).tolist()
        if asked[one]
    ]
    taken = found.classes[ranking.nearest]
    wrong = own != taken
    mistakes = own[wrong] * count + taken[wrong]
    order = np.argsort(mistakes, kind="stable")
    pairs, first, numbers = np.unique(mistakes[order], return_index=True, return_counts=True)
    asked_ids = found.image_ids[ranking.queries[wrong][order]]
    nearest_ids = found.image_ids[ranking.nearest[wrong][order]]

    def examples(one: int) -> tuple[tuple[int, int], ...]:
        part = slice(first[one], first[one] + min(_EXAMPLES, numbers[one]))
        return tuple(zip(asked_ids[part].tolist(), nearest_ids[part].tolist(), strict=True))

    confusions = [
        Confusion(
            found.names[int(pairs[one]) // count],
            found.names[int(pairs[one]) % count],
            int(numbers[one]),
            round(float(numbers[one] / asked[int(pairs[one]) // count]), 4),
            examples(one),
        )
        for one in np.lexsort((pairs, -numbers))[:_KEPT_CONFUSIONS].tolist()
    ]
    alone = len(everyone) - len(ranking.queries)
    return ByClass(source, metrics(result), len(everyone), found.total, alone, classes, confusions)


def sentence(found: ByClass) -> str:
    """What a person should know of it first."""
    share = 100 * float(found.overall["recall@1"])
    text = f"For {share:.0f} % of the images the one most like it is of the same class"
    if found.confusions:
        one = found.confusions[0]
        text += f"; most often {one.name!r} is taken for {one.taken_for!r}, {one.images} times"
    if found.images < found.total:
        text += f" (measured on {found.images:,} of {found.total:,} images)"
    return f"{text}."


def document(found: ByClass) -> dict[str, Any]:
    """As plain values, ready for JSON."""
    return {
        "labels": found.source,
        **found.overall,
        "images": found.images,
        "total": found.total,
        "alone": found.alone,
        "classes": [
            {
                "class": one.name,
                "images": one.images,
                "recall@1": one.recall_1,
                "recall@5": one.recall_5,
                "recall@10": one.recall_10,
                "map@r": one.map_r,
            }
            for one in found.classes
        ],
        "confusions": [
            {
                "class": one.name,
                "taken_for": one.taken_for,
                "images": one.images,
                "share": one.share,
            }
            for one in found.confusions[:_TOLD_CONFUSIONS]
        ],
    }
