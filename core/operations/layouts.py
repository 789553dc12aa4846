"""Layouts: stored 2-D projections of an embedding, made while one watches, extended where images come."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import layouts, updates
from core.catalogue.records import Embedding, Layout
from core.catalogue.session import Session
from core.changes import Changes
from core.errors import UsageError
from core.jobs import Job
from core.layout import methods
from core.layout.aligning import procrustes
from core.layout.methods import DEFAULT_METHOD, Method
from core.operations import layout_facts, layout_material
from core.operations.embeddings import find, require
from core.operations.layout_facts import Facts
from core.operations.layout_material import Points
from core.operations.layout_watch import Watch, watch_of
from core.project import Project

NO_ENCODER = ""  # as ``align_with``: with none


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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be made: how, from which positions on, and laid over which layout."""

    method: Method
    options: dict[str, Any]
    extends: Layout | None = None  # keep its points where they are
    goes_on_from: Layout | None = None
    lies_over: Layout | None = None
    lies_over_encoder: str | None = None


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
    is_shown = (
        of.gallery.old is not None
        and known is not None
        and np.isin(of.content_ids, known.content_ids).all()
    )
    if only_if_stale and (made == of.state or is_shown):
        return Changes.NONE
    positions, facts = _make(project, of, plan, job or Job())
    layout = Layout(
        0, embedding.id, plan.method.name, layout_facts.to_text(facts), of.content_ids, positions
    )
    with project.write() as session:
        layouts.store(session, layout, made_from=of.state)
    project.database.sync()
    return Changes.LAYOUTS


def _planned(
    session: Session,
    embedding: Embedding,
    name: str | None,
    options: Mapping[str, Any] | None,
    align_with: str | None,
    extends: bool,
) -> _Plan:
    own = layouts.load(session, embedding.id)
    others = [one for one in layouts.every(session) if one.embedding_id != embedding.id]
    if name is None:
        shown = own or (others[0] if others else None)
        # Layouts of earlier versions were all PCA, without anybody having chosen it.
        is_chosen = shown is not None and json.loads(shown.settings)
        name = shown.method if shown is not None and is_chosen else DEFAULT_METHOD
    chosen = methods.method(name)
    old = layouts.load(session, embedding.id, name)
    if extends and old is not None and options is None:
        settings = layout_facts.from_text(old.settings).options
        return _Plan(chosen, methods.settled(chosen, settings), extends=old)
    settled = methods.settled(chosen, dict(options or {}))
    if not chosen.needs_start:
        over, over_encoder = _laid_over(session, embedding, chosen, old, align_with)
        goes_on = over if over is not None and over.embedding_id != embedding.id else None
        return _Plan(chosen, settled, None, goes_on, over, over_encoder)
    begin = next((one for one in layouts.of_embedding(session, embedding.id) if _begins(one)), None)
    if begin is not None:
        begin = layouts.load(session, embedding.id, begin.method)
    return _Plan(chosen, settled, goes_on_from=begin)


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
    if wanted is None and old is not None:
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


def _make(project: Project, of: Points, plan: _Plan, job: Job) -> tuple[NDArray[np.float32], Facts]:
    """Carry the plan out: (positions float32 [n, 2], what is known of them)."""
    from core.layout.making import make

    start, scale, fixed, placed = None, 1.0, None, 0
    before = plan.extends or plan.goes_on_from
    if before is not None:
        start = layout_material.positions_of(before, of.content_ids)
        scale = layout_facts.from_text(before.settings).scale
        is_known = ~np.isnan(start[:, 0])
        new = int(np.count_nonzero(~is_known))
        if not is_known.any():
            start = None
        elif plan.extends is not None and new <= len(is_known) - new:
            fixed, placed = is_known, new + layout_facts.from_text(before.settings).placed
    material = layout_material.material(
        project, of, plan.method, plan.options, job, start=start, start_scale=scale, fixed=fixed
    )
    material.check()
    layout = make(plan.method.name, material)
    done, is_early = _carried_out(project, of, plan, layout, job)
    positions, scale = layout.positions(), float(layout.scale)
    facts = Facts(
        options=plan.options, seed=material.seed, scale=scale, rounds=(done, layout.rounds),
        is_stopped_early=is_early, placed=placed,
    )  # fmt: skip
    if fixed is None:
        positions, facts = _aligned(positions, facts, of, plan)
    measured = layout_facts.measured(of, positions, plan.method, job)
    return positions, facts.with_quality(measured)


def _carried_out(
    project: Project, of: Points, plan: _Plan, layout: Any, job: Job
) -> tuple[int, bool]:
    """Step by step to the end, or until somebody says that it looks right: (steps done, whether it was ended)."""
    watch = watch_of(project)
    image_ids, rows = layout_material.images_of(project, of.content_ids)
    watch.begin()
    try:
        job.start("Layout")
        layout.start()
        job.start("Layout", layout.rounds)
        done, goes_on = 0, len(of.content_ids) > 0
        while goes_on:
            job.checkpoint()
            if watch.is_finished:
                return done, True
            goes_on = layout.step()
            done += 1
            if watch.is_due:
                _show(watch, plan, of, layout, (image_ids, rows), done)
            job.advance()
        return done, False
    finally:
        watch.end()


def _show(
    watch: Watch,
    plan: _Plan,
    of: Points,
    layout: Any,
    images: tuple[NDArray[np.int64], NDArray[np.int64]],
    done: int,
) -> None:
    began = time.perf_counter()
    positions, _ = _over(layout.positions(), of, plan)
    rounds = min(done, layout.rounds), layout.rounds
    name, encoder = plan.method.name, of.embedding.encoder
    cost_s = time.perf_counter() - began
    watch.show(name, encoder, images[0], positions[images[1]], rounds, cost_s)


def _over(positions: NDArray[np.float32], of: Points, plan: _Plan) -> tuple[Any, Any]:
    """(positions laid over the plan's layout, how), or as they are."""
    if plan.lies_over is None or plan.extends is not None:
        return positions, None
    target = layout_material.positions_of(plan.lies_over, of.content_ids)
    found = procrustes(positions, target, keeps_size=plan.method.is_disk)
    return (positions, None) if found is None else (found.apply(positions), found)


def _aligned(
    positions: NDArray[np.float32], facts: Facts, of: Points, plan: _Plan
) -> tuple[NDArray[np.float32], Facts]:
    over, found = _over(positions, of, plan)
    if found is None:
        return positions, facts
    return over, facts.aligned(str(plan.lies_over_encoder), found)


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
