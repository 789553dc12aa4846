"""What the map reads of a catalogue, in a lane: the stored layout, what it lacks, what the filter lets through."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.models import layout_choices
from app.models.listing import Listing
from app.selection import Ids
from core.operations import embeddings, images, layout_material, layouts
from core.operations.layout_facts import Facts

if TYPE_CHECKING:
    from core.project import Project


@dataclass(frozen=True, eq=False)
class Loaded:
    """A stored layout as the map shows it, and what else is stored of its encoder, by method."""

    ids: Ids
    contents: Ids
    positions: NDArray[np.float32]
    method: str
    encoder: str
    facts: Facts
    stored: dict[str, Facts]

    @property
    def is_disk(self) -> bool:
        return layout_choices.is_disk(self.method)


def load_points(
    project: "Project", encoder: str | None, chosen: Mapping[str, str] | None = None
) -> Loaded | None:
    """The encoder's stored layout, or None where there is none: that of the method ``chosen`` for it, by its
    name, where that is stored, else the newest."""
    embedding = embeddings.find(project, encoder)
    if embedding is None:
        return None
    method = (chosen or {}).get(embedding.encoder)
    layout = layouts.load(project, encoder, method) if method is not None else None
    if layout is None or not len(layout.image_ids):
        layout = layouts.load(project, encoder)
    if layout is None or not len(layout.image_ids):
        return None
    return Loaded(
        layout.image_ids,
        images.content_ids(project, layout.image_ids),
        layout.positions.astype(np.float32, copy=False),
        layout.method,
        layout.encoder,
        layout.facts,
        layouts.available(project, encoder),
    )


def count_unplaced(project: "Project", encoder: str | None, ids: Ids) -> int:
    """How many images have vectors, and are not among these."""
    embedding = embeddings.find(project, encoder)
    if embedding is None:
        return 0
    of = layout_material.points(project, embedding)
    every, _ = layout_material.images_of(project, of.content_ids)
    return len(every) - int(np.count_nonzero(np.isin(every, ids)))


def encoders_with(project: "Project") -> list[str]:
    """The encoders of which a layout is stored."""
    every = embeddings.list_embeddings(project)
    return [one.encoder for one in every if layouts.available(project, one.encoder)]


def load_passing(project: "Project", ids: Ids, listing: Listing) -> NDArray[np.bool_]:
    """Which points the listing holds; runs in a lane, since it may be a million look-ups."""
    return listing.holds(ids)
