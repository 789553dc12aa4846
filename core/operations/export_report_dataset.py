"""Part of a report: what is in the dataset, and what of it could not be read."""

from collections import Counter
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.catalogue import labels, overview, queries, sources, unreadable
from core.catalogue.columns import PRESENT
from core.catalogue.filters import Filter
from core.catalogue.index import Index
from core.catalogue.queries import ClassSource
from core.catalogue.session import Session
from core.export.report import Count, Dataset, Fault, SourceFact, SplitFact, Unreadable
from core.jobs import Job
from core.project import Project

MOST_CLASSES, MOST_TAGS, MOST_SOURCES, MOST_FAULTS, MOST_SPLITS = 1_000, 200, 200, 100, 20
_MEGAPIXELS = (0.1, 0.3, 1, 3, 10, 30, 100)
# Longer than so many times the short side is a wide or tall picture.
_WIDE = 1.05


def dataset(project: Project, classes_from: ClassSource, job: Job) -> Dataset:
    """What is in the catalogue now."""
    job.start("Counting")
    with project.read() as session:
        index = project.index(session)
        now = index.columns
        present = now.status == PRESENT
        counts = queries.counts(session, index)
        facets = queries.facets(session, index, Filter())
        known = sources.every(session, index)
        classes = _classes(session, index, classes_from)
        wide, high = overview.sides(session)
        splits = _splits(session, index)
    job.checkpoint()
    width, height = wide[now.content_ids[present]], high[now.content_ids[present]]
    sizes = [one.count for one in classes]
    return Dataset(
        images=counts.images,
        contents=counts.contents,
        missing=counts.missing,
        taken_out=counts.removed,
        ignored=counts.ignored,
        files_bytes=int(now.size_bytes[present].sum()),
        sources=tuple(
            SourceFact(one.path, one.images, one.missing, one.unreadable)
            for one in known[:MOST_SOURCES]
        ),
        classes_from=classes_from,
        classes=classes[:MOST_CLASSES],
        classes_total=len(classes),
        smallest_class=min(sizes, default=0),
        median_class=float(np.median(sizes)) if sizes else 0.0,
        without_class=counts.images - sum(sizes),
        tags=tuple(Count(one.name, one.count) for one in facets.tags[:MOST_TAGS]),
        tags_total=len(facets.tags),
        splits=splits,
        formats=tuple(Count(one.name, one.count) for one in facets.formats),
        years=tuple(Count(one.name, one.count) for one in reversed(facets.years)),
        megapixels=_megapixels(width, height),
        shapes=_shapes(width, height),
        **_sides(width, height),
    )


def faults(project: Project) -> Unreadable:
    """What could not be read, and why."""
    with project.read() as session:
        every = unreadable.every(session)
    kinds = Counter(one.kind for one in every)
    first = every[:MOST_FAULTS]
    return Unreadable(
        len(every),
        tuple(Count(*one) for one in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))),
        tuple(Fault(one.path, one.kind, one.reason, one.size_bytes) for one in first),
    )


def _classes(session: Session, index: Index, classes_from: ClassSource) -> tuple[Count, ...]:
    """All classes, the largest first, equals by name."""
    codes, names = queries.class_codes(session, index, classes_from)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = np.argsort(-counts, kind="stable")  # names are in natural order
    return tuple(Count(names[code], int(counts[code])) for code in order.tolist() if counts[code])


def _splits(session: Session, index: Index) -> tuple[SplitFact, ...]:
    """Present images by part, parts by name."""
    found = []
    is_present = index.columns.status == PRESENT
    for name in labels.split_names(session)[:MOST_SPLITS]:
        parts = labels.read_parts(session, name, index.columns.ids)
        codes = parts.codes[is_present & (parts.codes >= 0)]
        counts = np.bincount(codes, minlength=len(parts.names)).tolist()
        told = sorted(zip(parts.names, counts, strict=True))
        found.append(SplitFact(name, tuple(Count(*one) for one in told if one[1])))
    return tuple(found)


def _megapixels(width: NDArray[np.int32], height: NDArray[np.int32]) -> tuple[Count, ...]:
    """Images by their number of pixels."""
    pixels = width.astype(np.float64) * height / 1e6
    steps = np.bincount(
        np.searchsorted(_MEGAPIXELS, pixels, side="right"), minlength=len(_MEGAPIXELS) + 1
    ).tolist()
    ends = [f"{one:g}" for one in _MEGAPIXELS]
    names = [f"under {ends[0]}", *map("–".join, pairwise(ends)), f"{ends[-1]} and more"]  # fmt: skip
    found = [Count(name, count) for name, count in zip(names, steps, strict=True)]
    used = [place for place, one in enumerate(found) if one.count]
    return tuple(found[used[0] : used[-1] + 1]) if used else ()


def _shapes(width: NDArray[np.int32], height: NDArray[np.int32]) -> tuple[Count, ...]:
    wide = int(np.count_nonzero(width > height * _WIDE))
    tall = int(np.count_nonzero(height > width * _WIDE))
    found = (Count("wide", wide), Count("tall", tall), Count("square", len(width) - wide - tall))
    return tuple(one for one in found if one.count)


def _sides(width: NDArray[np.int32], height: NDArray[np.int32]) -> dict[str, tuple[int, int]]:
    """The picture of the fewest, the middle and the most pixels; equals by width."""
    names = ("smallest", "median_sides", "largest")
    if not len(width):
        return dict.fromkeys(names, (0, 0))
    order = np.lexsort((width, width.astype(np.int64) * height))
    places = (order[0], order[len(order) // 2], order[-1])
    return {
        name: (int(width[place]), int(height[place]))
        for name, place in zip(names, places, strict=True)
    }
