"""Tags: words the user puts on images."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select

from core.catalogue.records import Facet
from core.catalogue.schema import image_tags, images, tags
from core.catalogue.session import Session, id_parts, integers


def every(session: Session) -> list[Facet]:
    """All tags in use, by name, with the number of images."""
    query = (
        select(tags.c.name, func.count())
        .join(image_tags)
        .group_by(tags.c.name)
        .order_by(tags.c.name)
    )
    return [Facet(name, name, count) for name, count in session.execute(query)]


def tagged(session: Session, tag: str, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of ``ids`` that have the tag, ascending."""
    query = (
        select(image_tags.c.image_id)
        .join(tags, tags.c.id == image_tags.c.tag_id)
        .where(tags.c.name == tag)
    )
    having = np.fromiter(session.execute(query).scalars(), dtype=np.int64)
    return np.intersect1d(having, ids)


def existing(session: Session, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of ``ids`` that are images of the catalogue, ascending."""
    (known,) = integers(session, select(images.c.id))
    return np.intersect1d(known, ids)


def add(session: Session, tag: str, ids: NDArray[np.int64]) -> None:
    """Put the tag on these images, none of which has it."""
    tag_id = session.execute(select(tags.c.id).where(tags.c.name == tag)).scalar()
    if tag_id is None:
        key = session.execute(insert(tags).values(name=tag)).inserted_primary_key
        assert key is not None
        tag_id = key[0]
    if len(ids):
        session.execute(
            insert(image_tags), [{"tag_id": tag_id, "image_id": int(one)} for one in ids]
        )


def remove(session: Session, tag: str, ids: NDArray[np.int64]) -> None:
    """Take the tag off these images. A tag without images is gone."""
    tag_id = session.execute(select(tags.c.id).where(tags.c.name == tag)).scalar()
    if tag_id is None:
        return
    for part in id_parts(ids.tolist()):
        session.execute(
            delete(image_tags).where(image_tags.c.tag_id == tag_id, image_tags.c.image_id.in_(part))
        )
    left = select(func.count()).where(image_tags.c.tag_id == tag_id)
    if not session.execute(left).scalar():
        session.execute(delete(tags).where(tags.c.id == tag_id))
