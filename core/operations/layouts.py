"""Layouts: stored 2-D projections of an embedding, made while one watches, extended where images come."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import layouts, neighbours, updates
from core.catalogue.records import Embedding, Layout
from core.catalogue.session import Session
from core.changes import Changes
from core.errors import UsageError
from core.jobs import Job
from core.layout import methods
from core.layout.methods import DEFAULT_METHOD, Method
from core.operations import layout_facts, layout_material
from core.operations.embeddings import find, require
from core.operations.layout_facts import Facts
from core.operations.layout_making import Plan, carry_out
from core.operations.layout_watch import watch_of
from core.project import Project

NO_ENCODER = ""  # as ``align_with``: with none
_JOINED = " "  # stands in the state of two joined embeddings


@dataclass(frozen=True, slots=True)
class StoredLayout:
    """A layout as the map shows it: one point per present image. Positions lie in [-1, 1] or, where images
    were added later or it was laid over another, not far outside."""

    id: int
    method: str
    encoder: str
    image_ids: NDArray[np.int64]
    positions: NDArray[np.float32]
    facts: Facts


def build(
    project: Project,
    *,
    method: str | None = None,
    encoder: str | None = None,
    options: Mapping[str, Any] | None = None,
    align_with: str | None = None,
    job: Job | None = None,
    only_if_stale: bool = False,
) -> Changes:
    """Make a layout and store it in place of the embedding's old one of that method.

    ``method`` None: that of the layout that is shown, else the default. ``align_with`` names the encoder whose
    layout of that method this one goes on from and is laid over (Procrustes on shared images); None takes this
    encoder's own old one or, where there is none, that of another; "" lays it over nothing. While it runs,
    ``layout_watch.watch_of(project)`` shows it and can end it early, which keeps it as it is then.

    With ``only_if_stale`` nothing is done where it is of the same contents already, or, during an update, where
    one of either encoder has them; and new images are placed among the old ones, which stay, as long as they
    are not more than those. Raises UsageError, EncoderError, Cancelled (the old layout stays).
    """
    embedding = require(project, encoder)
    of = layout_material.points(project, embedding)
    with project.read() as session:
        known = _current(session, embedding)
        plan = _planned(session, embedding, method, options, align_with, only_if_stale)
        made = layouts.made_from(session, embedding.id, plan.method.name)
        graph = neighbours.made_from(session, embedding.id)
    is_shown = (
        of.gallery.old is not None
        and known is not None
        and np.isin(of.content_ids, known.content_ids).all()
    )
    if only_if_stale and (made == of.state or is_shown):
        return Changes.NONE
    try:
        positions, facts = carry_out(project, of, plan, job or Job())
        layout = Layout(
            0,
            embedding.id,
            plan.method.name,
            layout_facts.to_text(facts),
            of.content_ids,
            positions,
        )
        with project.write() as session:
            layouts.store(session, layout, made_from=of.state)
    finally:
        watch_of(project).end()  # not before it is stored, or the map would be empty meanwhile
    project.database.sync()
    with project.read() as session:
        is_graph_new = neighbours.made_from(session, embedding.id) != graph
    return Changes.LAYOUTS | (Changes.NEIGHBOURS if is_graph_new else Changes.NONE)


def _planned(
    session: Session,
    embedding: Embedding,
    name: str | None,
    options: Mapping[str, Any] | None,
    align_with: str | None,
    extends: bool,
) -> Plan:
    own = layouts.load(session, embedding.id)
    others = [one for one in layouts.every(session) if one.embedding_id != embedding.id]
    if name is None:
        unlearnt = [one for one in others if not methods.method(one.method).needs_classes]
        shown = own or (unlearnt[0] if unlearnt else None)
        # Layouts of earlier versions were all PCA, without anybody having chosen it.
        is_chosen = shown is not None and json.loads(shown.settings)
        name = shown.method if shown is not None and is_chosen else DEFAULT_METHOD
    chosen = methods.method(name)
    old = layouts.load(session, embedding.id, name)
    # One of two encoders' vectors, from an update, is no beginning for those of one alone.
    is_mixed = _JOINED in (layouts.made_from(session, embedding.id, name) or "")
    if extends and old is not None and options is None and not is_mixed:
        settings = layout_facts.from_text(old.settings).options
        return Plan(chosen, methods.settled(chosen, settings), extends=old)
    settled = methods.settled(chosen, dict(options or {}))
    if not chosen.needs_start:
        over, over_encoder = _laid_over(session, embedding, chosen, old, align_with)
        goes_on = over if over is not None and over.embedding_id != embedding.id else None
        return Plan(chosen, settled, None, goes_on, over, over_encoder)
    begin = next((one for one in layouts.of_embedding(session, embedding.id) if _begins(one)), None)
    if begin is not None:
        begin = layouts.load(session, embedding.id, begin.method)
    return Plan(chosen, settled, goes_on_from=begin)


def _begins(layout: Layout) -> bool:
    """Whether a layout that packs others can begin from this one."""
    names = [one.name for one in methods.METHODS if not (one.needs_start or one.is_disk)]
    return layout.method in names


def _laid_over(
    session: Session, embedding: Embedding, chosen: Method, old: Layout | None, wanted: str | None
) -> tuple[Layout | None, str | None]:
    """(the layout that a new one is to be laid over, the name of its encoder)."""
    if wanted == NO_ENCODER:
        return None, None
    names = layouts.encoders(session)
    if wanted in (None, embedding.encoder) and old is not None:
        return old, embedding.encoder
    for one in layouts.every(session):
        is_wanted = wanted is None or names[one.embedding_id] == wanted
        if one.method == chosen.name and one.embedding_id != embedding.id and is_wanted:
            return layouts.load(session, one.embedding_id, chosen.name), names[one.embedding_id]
    if wanted is not None and wanted != embedding.encoder:
        raise UsageError(
            f"There is no layout {chosen.name} of {wanted} to align with.", "Make that one first."
        )
    return None, None


def _current(session: Session, embedding: Embedding, method: str | None = None) -> Layout | None:
    """The newest layout of an embedding; during an update that of the older encoder while it has more contents."""
    found = layouts.load(session, embedding.id, method)
    old = updates.stand_in(session, embedding)
    other = layouts.load(session, old.id, method) if old is not None else None
    if found is None or (other is not None and len(found.content_ids) < len(other.content_ids)):
        return other
    return found


def load(
    project: Project, encoder: str | None = None, method: str | None = None
) -> StoredLayout | None:
    """The newest stored layout of an encoder (None: the default), of one method where it is named, or None.

    During an update it is that of the encoder before until one of the new encoder has as many contents.
    """
    embedding = find(project, encoder)
    if embedding is None:
        return None
    with project.read() as session:
        layout = _current(session, embedding, method)
    if layout is None:
        return None
    image_ids, rows = layout_material.images_of(project, layout.content_ids)
    return StoredLayout(
        id=layout.id,
        method=layout.method,
        encoder=embedding.encoder,
        image_ids=image_ids,
        positions=np.ascontiguousarray(layout.positions[rows]),
        facts=layout_facts.from_text(layout.settings),
    )


def available(project: Project, encoder: str | None = None) -> dict[str, Facts]:
    """The stored layouts of an encoder, by method, newest first."""
    embedding = find(project, encoder)
    if embedding is None:
        return {}
    with project.read() as session:
        found = layouts.of_embedding(session, embedding.id)
    return {one.method: layout_facts.from_text(one.settings) for one in found}


def forget(project: Project, method: str, encoder: str | None = None) -> Changes:
    """Drop a stored layout; it can be made again."""
    embedding = require(project, encoder)
    with project.write() as session:
        gone = layouts.remove(session, embedding.id, method)
    return Changes.LAYOUTS if gone else Changes.NONE
