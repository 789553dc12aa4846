"""Layouts: stored 2-D projections of an embedding."""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import layouts, updates
from core.catalogue.columns import PRESENT
from core.catalogue.records import Embedding, Layout
from core.catalogue.session import Session
from core.changes import Changes
from core.errors import UsageError
from core.jobs import Job
from core.operations import galleries
from core.operations.embeddings import find, require
from core.project import Project

METHODS = ("pca",)
DEFAULT_METHOD = "pca"


@dataclass(frozen=True, slots=True)
class StoredLayout:
    """A layout as the map shows it: one point per present image. Positions lie in [-1, 1]."""

    id: int
    method: str
    encoder: str
    image_ids: NDArray[np.int64]
    positions: NDArray[np.float32]


def build(
    project: Project,
    *,
    method: str = DEFAULT_METHOD,
    encoder: str | None = None,
    job: Job | None = None,
    only_if_stale: bool = False,
) -> Changes:
    """Make a layout and store it in place of the embedding's old one of that method.

    With ``only_if_stale`` as ``neighbours.build``: during an update one of either encoder is enough.
    """
    if method not in METHODS:
        raise UsageError(f"There is no layout named {method!r}.", f"Use {', '.join(METHODS)}.")
    embedding = require(project, encoder)
    with project.read() as session:
        made = layouts.made_from(session, embedding.id, method)
        gallery = galleries.of(project, session, embedding)
        owners, state = gallery.living(session)
        known = _current(session, embedding) if gallery.old is not None else None
    is_shown = known is not None and np.isin(owners[owners != 0], known.content_ids).all()
    if only_if_stale and (made == state or is_shown):
        return Changes.NONE
    from core.layout.pca import pca

    positions = pca(gallery.vectors, owners, job or Job())
    layout = Layout(
        0, embedding.id, method, json.dumps({}), owners[owners != 0].astype(np.int32), positions
    )
    with project.write() as session:
        layouts.store(session, layout, made_from=state)
    project.database.sync()
    return Changes.LAYOUTS


def _current(session: Session, embedding: Embedding) -> Layout | None:
    """The newest layout of an embedding; during an update that of the older encoder while it has more contents."""
    found = layouts.load(session, embedding.id)
    old = updates.stand_in(session, embedding)
    other = layouts.load(session, old.id) if old is not None else None
    if found is None or (other is not None and len(found.content_ids) < len(other.content_ids)):
        return other
    return found


def load(project: Project, encoder: str | None = None) -> StoredLayout | None:
    """The newest stored layout of an encoder (None: the default), or None where there is none.

    During an update it is that of the encoder before until one of the new encoder has as many contents.
    """
    embedding = find(project, encoder)
    with project.read() as session:
        layout = _current(session, embedding) if embedding is not None else None
        if embedding is None or layout is None:
            return None
        now = project.index(session).columns
    is_there = now.status == PRESENT
    image_ids, content_ids = now.ids[is_there], now.content_ids[is_there]
    if not len(layout.content_ids):
        return StoredLayout(
            layout.id, layout.method, embedding.encoder, image_ids[:0], layout.positions
        )
    # A table by content id rather than a sort and a search: of a million it takes 10 ms, not 300.
    most = int(max(layout.content_ids.max(), content_ids.max(initial=0)))
    rows = np.full(most + 1, -1, dtype=np.int32)
    rows[layout.content_ids] = np.arange(len(layout.content_ids), dtype=np.int32)
    places = rows[content_ids]
    known = places >= 0
    return StoredLayout(
        id=layout.id,
        method=layout.method,
        encoder=embedding.encoder,
        image_ids=image_ids[known],
        positions=np.ascontiguousarray(layout.positions[places[known]]),
    )
