"""Evaluate: how well an encoder finds the other images of a class."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.catalogue import labels, queries
from core.catalogue.queries import ClassSource
from core.errors import UsageError
from core.jobs import Job
from core.operations import galleries
from core.operations.embeddings import require
from core.project import Project
from core.search.vectors import Rows

LabelSource = Literal["folders", "labels", "tags"]
LABEL_SOURCES: tuple[LabelSource, ...] = ("folders", "labels", "tags")
_BLOCK_ROWS = 8_192
_QUERY_PARTS, _GALLERY_PARTS = ("query", "test", "val"), ("gallery", "train")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Images with a class and a vector: ids ascending, class numbers into ``names``, and their unit vectors.

    ``still_old`` of these are of the encoder that is being updated from; ``total`` is how many there are,
    also where these are only some of them."""

    image_ids: NDArray[np.int64]
    classes: NDArray[np.int64]
    names: tuple[str, ...]
    vectors: NDArray[np.float32]
    still_old: int
    total: int


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
    found = labelled(project, source, encoder)
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


def labelled(
    project: Project, source: ClassSource, encoder: str | None = None, *, most: int | None = None
) -> Labelled:
    """The images with a class from ``source`` that have a vector of this encoder.

    With ``most`` no more than about so many, the same share of each class, evenly spread by id, so that memory
    is bounded. Raises UsageError where there are no classes, EncoderError where there are no vectors.
    """
    embedding = require(project, encoder)
    with project.read() as session:
        index = project.index(session)
        codes, words = queries.class_codes(session, index, source)
        of_rows = np.flatnonzero(codes >= 0)
        ids = index.columns.ids[of_rows]
        contents = index.columns.content_ids[of_rows].astype(np.int64)
        gallery = galleries.of(project, session, embedding)
    owners = gallery.owners
    if not len(ids):
        raise UsageError(f"The catalogue has no classes from {source}.")
    rows = np.full(int(max(owners.max(initial=0), contents.max())) + 1, -1, dtype=np.int64)
    rows[owners] = np.arange(len(owners))
    rows[0] = -1
    places = rows[contents]
    known = np.flatnonzero(places >= 0)
    total = len(known)
    if most is not None and total > most:
        known = known[_spread(codes[of_rows[known]], most)]
    ids, places = ids[known], places[known]
    used, classes = np.unique(codes[of_rows[known]], return_inverse=True)
    vectors = _read(gallery.vectors, places)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    still_old = int(np.count_nonzero(places >= len(owners) - gallery.standing_in))
    names = tuple(words[int(code)] for code in used)
    return Labelled(ids, classes.astype(np.int64), names, vectors, still_old, total)


def _spread(codes: NDArray[np.int32], most: int) -> NDArray[np.int64]:
    """Places, ascending, of about ``most``: of each class the same share, evenly spread, and two at least."""
    order = np.argsort(codes, kind="stable")
    _, first, counts = np.unique(codes[order], return_index=True, return_counts=True)
    wanted = np.minimum(counts, np.maximum(2, np.ceil(counts * (most / len(codes))))).astype(
        np.int64
    )
    within = np.arange(int(wanted.sum())) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    chosen = np.repeat(first, wanted) + within * np.repeat(counts, wanted) // np.repeat(
        wanted, wanted
    )
    return np.sort(order[chosen])


def _read(vectors: Rows, places: NDArray[np.int64]) -> NDArray[np.float32]:
    """The rows at ``places`` [n, dim], read by blocks."""
    out = np.empty((len(places), vectors.dim), dtype=np.float32)
    order = np.argsort(places, kind="stable")
    bounds = np.searchsorted(
        places[order], np.arange(0, int(places.max(initial=0)) + 1, _BLOCK_ROWS)
    )
    for low, high in zip(bounds, [*bounds[1:], len(order)], strict=True):
        if high > low:
            rows = places[order[low:high]]
            first = int(rows[0])
            out[order[low:high]] = vectors.read(first, int(rows[-1]) + 1)[rows - first]
    return out


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
