"""How much of the catalogue each encoder has seen, and letting go of an encoder's vectors."""

from dataclasses import dataclass

import numpy as np

from core.catalogue import embeddings
from core.catalogue.columns import PRESENT
from core.changes import Changes
from core.encoders import names
from core.errors import UsageError
from core.operations import given
from core.operations.updates import refuse_if_needed
from core.project import Project


@dataclass(frozen=True, slots=True)
class Coverage:
    """Present images there are; ``seen`` of them by each encoder, by its name."""

    images: int
    seen: dict[str, int]


def count(project: Project) -> Coverage:
    """Count the images whose content has a vector, for each encoder's newest embedding. No torch."""
    with project.read() as session:
        now = project.index(session).columns
        used = now.content_ids[now.status == PRESENT]
        newest = {one.encoder: one for one in embeddings.every(session) if one.rows}
        seen = {
            name: int(np.count_nonzero(np.isin(used, embeddings.owners(session, one.id))))
            for name, one in newest.items()
        }
    return Coverage(len(used), seen)


def forget(project: Project, encoder: str) -> Changes:
    """Drop the vectors of an encoder with their graph and layouts; they can be made again, but for those that were made
    elsewhere.

    Raises UsageError for the default encoder, which the catalogue is looked at with, and for one whose
    vectors an update still needs.
    """
    with project.write() as session:
        if embeddings.default_encoder(session) == encoder:
            raise UsageError(
                "These vectors are of the catalogue's default encoder.",
                "Make another one the default first.",
            )
        refuse_if_needed(session, encoder)
    if names.is_given(encoder):
        return given.remove(project, encoder)
    with project.write() as session:
        gone = [one for one in embeddings.every(session) if one.encoder == encoder and one.rows]
        for one in gone:
            embeddings.reset(session, one.id)
    for one in gone:
        project.let_go(f"graph:{one.id}")
        project.vectors(one).cut_tail(0)
    return Changes.EMBEDDINGS | Changes.NEIGHBOURS | Changes.LAYOUTS
