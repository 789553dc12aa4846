"""Evaluate: how well an encoder finds the other images of a class."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.catalogue import labels, queries
from core.errors import UsageError
from core.jobs import Job
from core.operations import galleries
from core.operations.embeddings import require
from core.project import Project

LabelSource = Literal["folders", "labels", "tags"]
LABEL_SOURCES: tuple[LabelSource, ...] = ("folders", "labels", "tags")
_QUERY_PARTS, _GALLERY_PARTS = ("query", "test", "val"), ("gallery", "train")


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Images with a class and a vector: ids ascending, class numbers, and their unit vectors.

    ``still_old`` of these are of the encoder that is being updated from."""

    image_ids: NDArray[np.int64]
    classes: NDArray[np.int64]
    vectors: NDArray[np.float32]
    still_old: int


def evaluate(
    project: Project,
    source: LabelSource,
    *,
    encoder: str | None = None,
    split: str | None = None,
    job: Job | None = None,
) -> dict[str, Any]:
    """recall@1, 5 and 10, map@r and the pair measures of an encoder's vectors over classes from ``source``.

    "pair_ap" and "roc_auc" tell same from different pairs by cosine (None where one kind is missing), and
    "intervals" has [low, high] of 95 % by measure (see ``core.training.measured.metrics``). While an update
    is under way it measures what searches use: vectors of both encoders, "by_old_encoder" of the older.
    Leave-one-out among the labelled images; with ``split``, its queries against its gallery, or, where
    it names one part ("test"), leave-one-out within that part. Images alone in their class are no
    queries. Raises UsageError where there is nothing to measure.
    """
    embedding = require(project, encoder)
    found = _labelled(project, source, encoder)
    everything = np.arange(len(found.image_ids))
    asked, gallery = everything, everything
    if split is not None:
        asked, gallery = _parts(project, split, found.image_ids)
    from core.training.measured import measure, metrics

    result = measure(found.vectors, found.classes, asked, gallery, job or Job())
    if not len(result.ranking.queries):
        raise UsageError(
            f"No two images share a class of {source}, so there is nothing to measure."
        )
    return {
        **metrics(result),
        "images": len(everything),
        "classes": len(np.unique(found.classes)),
        "labels": source,
        "encoder": embedding.encoder,
        "by_old_encoder": found.still_old,
    }


def _labelled(project: Project, source: LabelSource, encoder: str | None) -> _Labelled:
    embedding = require(project, encoder)
    with project.read() as session:
        index = project.index(session)
        names = queries.class_names(session, index, source)
        ids = np.array(sorted(names), dtype=np.int64)
        contents = queries.content_ids(index, ids)
        gallery = galleries.of(project, session, embedding)
    owners = gallery.owners
    if not len(ids):
        raise UsageError(f"The catalogue has no classes from {source}.")
    rows = np.full(int(max(owners.max(initial=0), contents.max())) + 1, -1, dtype=np.int64)
    rows[owners] = np.arange(len(owners))
    rows[0] = -1
    places = rows[contents]
    ids, places = ids[places >= 0], places[places >= 0]
    numbers = {name: number for number, name in enumerate(sorted(set(names.values())))}
    classes = np.array([numbers[names[int(one)]] for one in ids], dtype=np.int64)
    vectors = gallery.vectors.read(0, len(owners))[places].astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    still_old = int(np.count_nonzero(places >= len(owners) - gallery.standing_in))
    return _Labelled(ids, classes, vectors, still_old)


def _parts(
    project: Project, split: str, image_ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(query rows, gallery rows) for the name of a stored split or of one part of the only split."""
    with project.read() as session:
        names = labels.split_names(session)
        name = split if split in names else (names[0] if len(names) == 1 else None)
        parts = labels.split(session, name) if name is not None else {}
    by_row = np.array([parts.get(int(one), "") for one in image_ids])
    if name == split:
        for query_part in _QUERY_PARTS:
            for gallery_part in _GALLERY_PARTS:
                asked, gallery = by_row == query_part, by_row == gallery_part
                if asked.any() and gallery.any():
                    return np.flatnonzero(asked), np.flatnonzero(gallery)
        raise UsageError(f"The split {split!r} names no queries and gallery (or test and train).")
    within = np.flatnonzero(by_row == split)
    if not len(within):
        raise UsageError(f"There is no split or part of a split named {split!r}.")
    return within, within
