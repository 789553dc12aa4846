"""Which images there are, in what order, by what they can be filtered and coloured."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, func, literal, select

from core.catalogue.filters import Filter, Sort
from core.catalogue.records import Facet, Facets
from core.catalogue.schema import (
    classes,
    contents,
    folders,
    image_classes,
    image_tags,
    images,
    is_present,
    sources,
    tags,
)
from core.catalogue.session import Session

Grouping = Literal["class", "source", "tag", "format"]
GROUPINGS: tuple[Grouping, ...] = ("class", "source", "tag", "format")

# The label from outside where there is one, else the name of the folder.
_class_name = func.coalesce(classes.c.name, folders.c.name)


def _joined(*columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(images)
        .join(folders, folders.c.id == images.c.folder_id)
        .join(sources, sources.c.id == images.c.source_id)
        .join(image_classes, image_classes.c.image_id == images.c.id, isouter=True)
        .join(classes, classes.c.id == image_classes.c.class_id, isouter=True)
    )


def _matching(query: Select[Any], wanted: Filter) -> Select[Any]:
    if not wanted.missing:
        query = query.where(is_present)
    else:
        query = query.where(images.c.missing_since.is_not(None), images.c.removed_at.is_(None))
    if wanted.sources:
        query = query.where(images.c.source_id.in_(wanted.sources))
    if wanted.classes:
        query = query.where(_class_name.in_(wanted.classes))
    if wanted.tags:
        tagged = select(image_tags.c.image_id).join(tags).where(tags.c.name.in_(wanted.tags))
        query = query.where(images.c.id.in_(tagged))
    if wanted.formats:
        of_format = select(contents.c.id).where(contents.c.format.in_(wanted.formats))
        query = query.where(images.c.content_id.in_(of_format))
    for word in wanted.text.split():
        query = query.where(
            images.c.name.icontains(word, autoescape=True)
            | folders.c.path.icontains(word, autoescape=True)
        )
    return query


def list_ids(session: Session, wanted: Filter, sort: Sort) -> NDArray[np.int64]:
    """Ids of the images that match, in order. int64 [n]."""
    keys: dict[str, Sequence[ColumnElement[Any]]] = {
        "path": (),
        "name": (func.lower(images.c.name),),
        "date": (images.c.mtime_ns,),
        "size": (images.c.size_bytes,),
        "class": (_class_name,),
    }
    order = [*keys[sort.by], sources.c.path, images.c.raw_path, images.c.id]
    if sort.descending:
        order = [column.desc() for column in order]
    query = _matching(_joined(images.c.id, images.c.content_id), wanted).order_by(*order)
    rows = np.array([tuple(row) for row in session.execute(query)], dtype=np.int64).reshape(-1, 2)
    if wanted.contents is not None:
        rows = rows[np.isin(rows[:, 1], np.array(wanted.contents, dtype=np.int64))]
    return rows[:, 0].copy()


def content_ids(session: Session, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The content id of every image id, 0 where the image is gone. int64 [n]."""
    return _look_up(session, select(images.c.id, images.c.content_id), ids, gone=0)


def group_codes(
    session: Session, ids: NDArray[np.int64], by: Grouping
) -> tuple[NDArray[np.int32], list[str]]:
    """(code of each image id, names of the codes); code -1 where an image has no such thing.

    An image with several tags gets the first of them by name.
    """
    name = {
        "class": _class_name,
        "source": sources.c.path,
        "format": contents.c.format,
        "tag": tags.c.name,
    }[by]
    query = _joined(images.c.id, name)
    if by == "format":
        query = query.join(contents, contents.c.id == images.c.content_id)
    if by == "tag":
        query = (
            select(image_tags.c.image_id, func.min(tags.c.name))
            .join(tags)
            .group_by(image_tags.c.image_id)
        )
    rows = session.execute(query).all()
    names = sorted({row[1] for row in rows})
    number = {name: code for code, name in enumerate(names)}
    pairs = np.array([(row[0], number[row[1]]) for row in rows], dtype=np.int64).reshape(-1, 2)
    return _pick(pairs, ids, gone=-1).astype(np.int32), names


def facets(session: Session, wanted: Filter) -> Facets:
    """What the matching images can be filtered by, most frequent first."""
    amount = func.count()

    def grouped(value: ColumnElement[Any], query: Select[Any]) -> list[Facet]:
        rows = session.execute(
            _matching(query, wanted).group_by(value).order_by(amount.desc(), value)
        )
        return [Facet(row[0], row[1], row[2]) for row in rows]

    source_rows = grouped(sources.c.id, _joined(sources.c.id, sources.c.path.label("name"), amount))
    return Facets(
        sources=source_rows,
        classes=grouped(_class_name, _joined(_class_name, _class_name.label("name"), amount)),
        tags=grouped(
            tags.c.name,
            _joined(tags.c.name, tags.c.name.label("shown"), amount)
            .join(image_tags, image_tags.c.image_id == images.c.id)
            .join(tags, tags.c.id == image_tags.c.tag_id),
        ),
        formats=grouped(
            contents.c.format,
            _joined(contents.c.format, contents.c.format.label("shown"), amount).join(
                contents, contents.c.id == images.c.content_id
            ),
        ),
    )


def class_names(session: Session, source: Literal["folders", "labels", "tags"]) -> dict[int, str]:
    """The class of every present image that has one, by image id, from the source that is named.

    An image with several tags has no one class, and is left out of "tags".
    """
    if source == "folders":
        query = _joined(images.c.id, folders.c.name, literal(1))
    elif source == "labels":
        query = _joined(images.c.id, classes.c.name, literal(1)).where(classes.c.name.is_not(None))
    else:
        query = (
            _joined(images.c.id, func.min(tags.c.name), func.count())
            .join(image_tags, image_tags.c.image_id == images.c.id)
            .join(tags, tags.c.id == image_tags.c.tag_id)
            .group_by(images.c.id)
        )
    query = query.where(is_present)
    return {row[0]: row[1] for row in session.execute(query) if row[2] == 1}


def _look_up(
    session: Session, query: Select[Any], ids: NDArray[np.int64], *, gone: int
) -> NDArray[np.int64]:
    if len(ids) < 500:
        query = query.where(images.c.id.in_([int(one) for one in ids]))
    pairs = np.array([tuple(row) for row in session.execute(query)], dtype=np.int64).reshape(-1, 2)
    return _pick(pairs, ids, gone=gone)


def _pick(pairs: NDArray[np.int64], ids: NDArray[np.int64], *, gone: int) -> NDArray[np.int64]:
    """The second column of ``pairs`` for each id in its first; ``gone`` where it is not there."""
    result = np.full(len(ids), gone, dtype=np.int64)
    if len(pairs):
        pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
        places = np.searchsorted(pairs[:, 0], ids).clip(max=len(pairs) - 1)
        hits = pairs[places, 0] == ids
        result[hits] = pairs[places[hits], 1]
    return result
