"""Which images there are, in what order, by what they can be filtered and coloured.

All of it runs over the index, the catalogue's images as dense arrays; only tags are asked of the database.
"""

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from core.catalogue.columns import MISSING, PRESENT, REMOVED
from core.catalogue.filters import SIZE_RANGES, Filter, Sort, year_range
from core.catalogue.index import Index
from core.catalogue.records import Counts, Facet, Facets
from core.catalogue.schema import image_tags, sources, tags, unreadable
from core.catalogue.session import Session, integers
from core.catalogue.texts import Texts

Grouping = Literal["class", "source", "tag", "format"]
# Where classes come from; "classes" are labels, and names of folders where there is none, as images show them.
ClassSource = Literal["folders", "labels", "tags", "classes"]
GROUPINGS: tuple[Grouping, ...] = ("class", "source", "tag", "format")
_STATUS = {"present": PRESENT, "missing": MISSING, "removed": REMOVED}


def list_rows(session: Session, index: Index, wanted: Filter, sort: Sort) -> NDArray[np.int32]:
    """Rows of the index that match, in order. int32 [n]."""
    order = index.order(session, sort.by)
    rows = order[matching(session, index, wanted)[order]]
    return rows[::-1] if sort.descending else rows


def list_ids(session: Session, index: Index, wanted: Filter, sort: Sort) -> NDArray[np.int64]:
    """Ids of the images that match, in order. int64 [n]."""
    return index.columns.ids[list_rows(session, index, wanted, sort)]


def matching(session: Session, index: Index, wanted: Filter) -> NDArray[np.bool_]:
    """Which rows of the index pass the filter. bool [n]."""
    now = index.columns
    mask = np.asarray(now.status == _STATUS[wanted.state])
    if wanted.sources:
        mask &= np.isin(now.source_ids, list(wanted.sources))
    if wanted.classes:
        mask &= _among(*index.class_codes(session), wanted.classes)
    if wanted.formats:
        mask &= _among(*index.format_codes(session), wanted.formats)
    if wanted.sizes:
        mask &= _within(now.size_bytes, wanted.sizes)
    if wanted.dates:
        mask &= _within(now.mtime_ns, wanted.dates)
    if wanted.tags:
        mask &= _marked(index, _tagged(session, wanted.tags))
    if wanted.contents is not None:
        mask &= np.isin(now.content_ids, np.array(wanted.contents, dtype=np.int64))
    for word in wanted.text.split():
        mask &= _holding(session, index, word)
    return mask


def _among(codes: NDArray[np.int32], names: list[str], wanted: Iterable[str]) -> NDArray[np.bool_]:
    # One more than there are names: the last entry is what code -1, no name at all, finds.
    is_wanted = np.zeros(len(names) + 1, dtype=bool)
    number = {name: code for code, name in enumerate(names)}
    for name in wanted:
        if name in number:
            is_wanted[number[name]] = True
    return is_wanted[codes]


def _within(
    values: NDArray[np.int64], ranges: Iterable[tuple[int | None, int | None]]
) -> NDArray[np.bool_]:
    """Whether each value lies in one of the ranges, the ends left out."""
    mask = np.zeros(len(values), dtype=bool)
    for low, high in ranges:
        part = np.ones(len(values), dtype=bool) if low is None else values >= low
        mask |= part if high is None else part & (values < high)
    return mask


def _holding(session: Session, index: Index, word: str) -> NDArray[np.bool_]:
    folder_rows, folder_paths = index.folder_paths(session)
    names: Texts = index.file_names(session)
    return np.asarray(names.holding(word) | folder_paths.holding(word)[folder_rows])


def _tagged(session: Session, names: Iterable[str]) -> NDArray[np.int64]:
    query = select(image_tags.c.image_id).join(tags).where(tags.c.name.in_(list(names)))
    return integers(session, query)[0]


def _marked(index: Index, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    mask = np.zeros(len(index), dtype=bool)
    rows = index.columns.rows_of(ids)
    mask[rows[rows >= 0]] = True
    return mask


def content_ids(index: Index, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The content id of every image id, 0 where the image is gone. int64 [n]."""
    return _pick(index.columns.content_ids, index.columns.rows_of(ids), gone=0)


def group_codes(
    session: Session, index: Index, ids: NDArray[np.int64], by: Grouping
) -> tuple[NDArray[np.int32], list[str]]:
    """(code of each image id, names of the codes); code -1 where an image has no such thing.

    An image with several tags gets the first of them by name.
    """
    rows = index.columns.rows_of(ids)
    if by == "tag":
        return _first_tags(session, index, rows)
    codes, names = {
        "class": index.class_codes,
        "source": index.source_codes,
        "format": index.format_codes,
    }[by](session)
    return _pick(codes, rows, gone=-1).astype(np.int32), names


def _first_tags(
    session: Session, index: Index, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int32], list[str]]:
    names = {int(row[0]): str(row[1]) for row in session.execute(select(tags.c.id, tags.c.name))}
    by_name = sorted(names, key=names.__getitem__)
    code = np.full(max(names, default=0) + 1, -1, dtype=np.int32)
    code[by_name] = np.arange(len(by_name))
    tag_ids, image_ids = integers(session, select(image_tags.c.tag_id, image_tags.c.image_id))
    codes = np.full(len(index), len(by_name), dtype=np.int32)
    tagged = index.columns.rows_of(image_ids)
    np.minimum.at(codes, tagged[tagged >= 0], code[tag_ids[tagged >= 0]])
    codes[codes == len(by_name)] = -1
    return _pick(codes, rows, gone=-1).astype(np.int32), [names[id_] for id_ in by_name]


def facets(session: Session, index: Index, wanted: Filter) -> Facets:
    """What the matching images can be filtered by, most frequent first."""
    mask = matching(session, index, wanted)
    rows = session.execute(select(sources.c.id, sources.c.path))
    ids_of_sources = {str(row[1]): int(row[0]) for row in rows}
    return Facets(
        sources=[
            Facet(ids_of_sources[one.name], one.name, one.count)
            for one in _counted(*index.source_codes(session), mask)
            if one.name in ids_of_sources
        ],
        classes=_counted(*index.class_codes(session), mask),
        tags=_count_tags(session, index, mask),
        formats=_counted(*index.format_codes(session), mask),
        sizes=_count_sizes(index, mask),
        years=_count_years(index, mask),
        states=_count_states(index),
    )


def _counted(codes: NDArray[np.int32], names: list[str], mask: NDArray[np.bool_]) -> list[Facet]:
    chosen = codes[mask]
    counts = np.bincount(chosen[chosen >= 0], minlength=len(names))
    order = np.argsort(-counts, kind="stable")
    return [Facet(names[code], names[code], int(counts[code])) for code in order if counts[code]]


def _count_tags(session: Session, index: Index, mask: NDArray[np.bool_]) -> list[Facet]:
    names = {int(row[0]): str(row[1]) for row in session.execute(select(tags.c.id, tags.c.name))}
    if not names:
        return []
    tag_ids, image_ids = integers(session, select(image_tags.c.tag_id, image_tags.c.image_id))
    rows = index.columns.rows_of(image_ids)
    counts = np.bincount(tag_ids[mask[rows] & (rows >= 0)], minlength=max(names) + 1)
    found = [Facet(name, name, int(counts[id_])) for id_, name in names.items() if counts[id_]]
    return sorted(found, key=lambda one: (-one.count, one.name))


def _count_sizes(index: Index, mask: NDArray[np.bool_]) -> list[Facet]:
    sizes = index.columns.size_bytes[mask]
    found = [
        Facet(span, name, int(np.count_nonzero(_within(sizes, [span]))))
        for name, span in SIZE_RANGES.items()
    ]
    return [one for one in found if one.count]


def _count_states(index: Index) -> list[Facet]:
    """How many images are not shown, whatever the filter."""
    status = index.columns.status
    found = [
        Facet("missing", "Missing", int(np.count_nonzero(status == MISSING))),
        Facet("removed", "Taken out", int(np.count_nonzero(status == REMOVED))),
    ]
    return [one for one in found if one.count]


def _count_years(index: Index, mask: NDArray[np.bool_]) -> list[Facet]:
    years, counts = np.unique(index.years()[mask], return_counts=True)
    newest_first = zip(years[::-1].tolist(), counts[::-1].tolist(), strict=True)
    return [Facet(year_range(year), str(year), count) for year, count in newest_first]


def counts(session: Session, index: Index) -> Counts:
    """How much the catalogue holds."""
    now = index.columns
    is_there = now.status == PRESENT
    ignored = session.execute(select(func.coalesce(func.sum(sources.c.ignored), 0))).scalar()
    faulty = session.execute(select(func.count()).select_from(unreadable)).scalar()
    return Counts(
        images=int(np.count_nonzero(is_there)),
        contents=int(np.count_nonzero(np.bincount(now.content_ids[is_there]))),
        unreadable=int(faulty or 0),
        ignored=int(ignored or 0),
        missing=int(np.count_nonzero(now.status == MISSING)),
        removed=int(np.count_nonzero(now.status == REMOVED)),
    )


def class_names(session: Session, index: Index, source: ClassSource) -> dict[int, str]:
    """The class of every present image that has one, by image id, from the source that is named.

    An image with several tags has no one class, and is left out of "tags".
    """
    codes, names = class_codes(session, index, source)
    rows = np.flatnonzero(codes >= 0)
    pairs = zip(index.columns.ids[rows].tolist(), codes[rows].tolist(), strict=True)
    return {id_: names[code] for id_, code in pairs}


def class_codes(
    session: Session, index: Index, source: ClassSource
) -> tuple[NDArray[np.int32], list[str]]:
    """(code of each row of the index, names of the codes): as ``class_names``, -1 where there is none."""
    now = index.columns
    if source == "tags":
        codes, names = _only_tags(session, index)
    elif source == "labels":
        codes, names = index.class_codes(session)
        codes = np.where(now.label_ids > 0, codes, np.int32(-1))
    elif source == "classes":
        codes, names = index.class_codes(session)
    else:
        codes, names = index.folder_classes(session)
    return np.where(now.status == PRESENT, codes, np.int32(-1)), names


def _only_tags(session: Session, index: Index) -> tuple[NDArray[np.int32], list[str]]:
    """(code of each row, names) of the tags of images that have just one."""
    named = {int(row[0]): str(row[1]) for row in session.execute(select(tags.c.id, tags.c.name))}
    names = sorted(set(named.values()))
    number = {name: code for code, name in enumerate(names)}
    table = np.full(max(named, default=0) + 1, -1, dtype=np.int32)
    for tag_id, name in named.items():
        table[tag_id] = number[name]
    query = (
        select(image_tags.c.image_id, func.min(image_tags.c.tag_id))
        .group_by(image_tags.c.image_id)
        .having(func.count() == 1)
    )
    ids, tag_ids = integers(session, query)
    rows = index.columns.rows_of(ids)
    codes = np.full(len(index), -1, dtype=np.int32)
    codes[rows[rows >= 0]] = table[tag_ids[rows >= 0]]
    return codes, names


def _pick(values: NDArray[np.int32], rows: NDArray[np.int64], *, gone: int) -> NDArray[np.int64]:
    """The values at ``rows``; ``gone`` where the row is -1."""
    if not len(values):
        return np.full(len(rows), gone, dtype=np.int64)
    return np.where(rows >= 0, values[rows], gone).astype(np.int64)
