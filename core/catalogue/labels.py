"""Labels that came from outside, and the splits that came with them."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from core.catalogue import revisions
from core.catalogue.schema import classes, image_classes, split_images, splits
from core.catalogue.session import Session, upsert


def put(session: Session, label_by_image: Mapping[int, str]) -> None:
    """Give images their label; an empty one takes the label off."""
    names = sorted({name for name in label_by_image.values() if name})
    if names:
        session.execute(
            upsert(classes).on_conflict_do_nothing(), [{"name": name} for name in names]
        )
    ids = {name: id_ for id_, name in session.execute(select(classes.c.id, classes.c.name))}
    kept = [
        {"image_id": image_id, "class_id": ids[name]}
        for image_id, name in label_by_image.items()
        if name
    ]
    if kept:
        statement = upsert(image_classes)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["image_id"], set_={"class_id": statement.excluded.class_id}
            ),
            kept,
        )
    for image_id, name in label_by_image.items():
        if not name:
            session.execute(delete(image_classes).where(image_classes.c.image_id == image_id))
    revisions.touch(session, list(label_by_image))
    used = select(image_classes.c.class_id)
    session.execute(delete(classes).where(classes.c.id.not_in(used)))


def put_split(session: Session, name: str, part_by_image: Mapping[int, str]) -> None:
    """Say which part of the split ``name`` each of these images is in."""
    session.execute(upsert(splits).values(name=name).on_conflict_do_nothing())
    split_id = session.execute(select(splits.c.id).where(splits.c.name == name)).scalar_one()
    rows = [
        {"split_id": split_id, "image_id": image_id, "part": part}
        for image_id, part in part_by_image.items()
    ]
    if rows:
        statement = upsert(split_images)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["split_id", "image_id"], set_={"part": statement.excluded.part}
            ),
            rows,
        )


def split_names(session: Session) -> list[str]:
    """Names of the stored splits."""
    return list(session.execute(select(splits.c.name).order_by(splits.c.name)).scalars())


def split(session: Session, name: str) -> dict[int, str]:
    """The part of each image of the split ``name``, by image id."""
    query = (
        select(split_images.c.image_id, split_images.c.part)
        .join(splits)
        .where(splits.c.name == name)
    )
    return {row[0]: row[1] for row in session.execute(query)}
