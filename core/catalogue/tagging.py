"""Many tags on many images at once, as labels from outside bring them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, select

from core.catalogue import revisions
from core.catalogue.labels import execute_many
from core.catalogue.schema import image_tags, tags
from core.catalogue.session import Session, integers, upsert


@dataclass(frozen=True, slots=True)
class Tagging:
    """Tags on images: pair i is image ``ids[i]`` (int64 [n]) and tag ``names[codes[i]]`` (int32 [n]),
    which has it where ``is_on[i]`` (bool [n]). No pair comes twice."""

    names: list[str]
    ids: NDArray[np.int64]
    codes: NDArray[np.int32]
    is_on: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


def read(session: Session, wanted: Tagging) -> Tagging:
    """The same pairs, and whether each is so now."""
    rows = session.execute(select(tags.c.id, tags.c.name)).all()
    key_of = {name: key for key, name in rows}
    keys = np.array([key_of.get(name, 0) for name in wanted.names], dtype=np.int64)
    held = _packed(*integers(session, select(image_tags.c.image_id, image_tags.c.tag_id)))
    asked = _packed(wanted.ids, np.append(keys, 0)[wanted.codes])
    return Tagging(wanted.names, wanted.ids, wanted.codes, np.isin(asked, held))


def put(session: Session, wanted: Tagging) -> None:
    """Put tags on and take tags off. A tag without images is gone."""
    if not len(wanted):
        return
    session.execute(upsert(tags).on_conflict_do_nothing(), [{"name": one} for one in wanted.names])
    key_of = {row[0]: row[1] for row in session.execute(select(tags.c.name, tags.c.id))}
    keys = np.array([key_of[name] for name in wanted.names], dtype=np.int64)[wanted.codes]
    on, off = wanted.is_on, ~wanted.is_on
    execute_many(
        session,
        upsert(image_tags).on_conflict_do_nothing(),
        {"tag_id": keys[on].tolist(), "image_id": wanted.ids[on].tolist()},
    )
    execute_many(
        session,
        delete(image_tags).where(
            image_tags.c.tag_id == bindparam("tag"), image_tags.c.image_id == bindparam("image")
        ),
        {"tag": keys[off].tolist(), "image": wanted.ids[off].tolist()},
    )
    revisions.touch(session, np.unique(wanted.ids).tolist())
    used = select(image_tags.c.tag_id)
    session.execute(delete(tags).where(tags.c.id.not_in(used)))


def _packed(ids: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    packed: NDArray[np.int64] = (ids.astype(np.int64) << 31) | keys.astype(np.int64)
    return packed
