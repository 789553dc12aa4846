"""Updates: a run becomes the default at once, and the vectors of the encoder before it stand in meanwhile.

A run that was trained to stay comparable (harmonic embeddings, FaceNet, CVPR 2015) can be asked about the
vectors of the encoder it started from. So nobody waits until all is embedded: ``core.operations.galleries``
joins both, content by content, and ``go_on`` makes the rest new. Two embeddings stay two on the disk.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.catalogue import contents, embeddings, updates
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.catalogue.updates import Update
from core.changes import Changes
from core.encoders import run_files
from core.encoders.run_files import RunCard
from core.errors import UsageError
from core.jobs import Job
from core.operations import encoders, indexes, layouts, neighbours
from core.operations.embeddings import embed
from core.project import Project
from core.training.records import Run

_USUAL = "Promote it without that: it is embedded first."


@dataclass(frozen=True, slots=True)
class State:
    """An update under way: contents that are still ``waiting``, and whether somebody stopped it."""

    encoder: str
    old: str
    waiting: int
    is_stopped: bool


def state(project: Project) -> State | None:
    """The update under way, or None. Loads nothing."""
    with project.read() as session:
        found = updates.find(session)
        if found is None:
            return None
        waiting = len(updates.waiting(session))
    return State(found.encoder, found.old, waiting, found.is_stopped)


def figures(run: Run) -> dict[str, Any] | None:
    """What was measured of a run's comparability (see ``Run.result``), or None where it was not asked for."""
    found: dict[str, Any] | None = run.result.get("comparable")
    return found or None


def prepare(project: Project, session: Session, run: Run) -> Update:
    """The update that would begin with this run. Raises UsageError with one sentence where it cannot."""
    measured, card = figures(run), run_files.read(encoders.models_folder(project), run.name)
    if measured is None or card is None:
        raise UsageError(
            f"The run {run.name!r} was not trained to stay comparable with the encoder it started from.",
            _USUAL,
        )
    if not measured["is_comparable"] or not card.comparable_key:
        raise UsageError(_why_not(run, measured, card), _USUAL)
    old = _base(session, run, card)
    under_way = updates.find(session)
    if under_way is not None and under_way.key != card.key and len(updates.waiting(session)):
        raise UsageError(
            f"The update to {under_way.encoder} is not complete yet.",
            f"Run embed with {under_way.encoder} first, or roll back.",
        )
    _refuse_to_hide(session, old, card)
    last = int(contents.in_use(session).max(initial=0))
    return Update(run.encoder, card.key, old.encoder, old.key, last)


def begin(session: Session, update: Update) -> None:
    """Let the old vectors stand in, from now on."""
    old = embeddings.of_key(session, update.old_key)
    assert old is not None
    embeddings.add(
        session, encoder=update.encoder, key=update.key, dim=old.dim, precision=old.precision
    )
    updates.put(session, update)


def go_on(project: Project, job: Job | None = None) -> Changes:
    """Make new what the old vectors still stand for, batch by batch, then neighbours and layout.

    Goes on where it was cancelled or killed; nothing where no update is under way. Raises EncoderError.
    """
    job = job or Job()
    with project.write() as session:
        found = updates.find(session)
        updates.mark(session, is_stopped=False)
    if found is None:
        return Changes.NONE
    changes = embed(project, found.encoder, job)
    return changes | settle(project, job)


def settle(project: Project, job: Job | None = None) -> Changes:
    """Where nothing waits any more, make neighbours and layout of the new vectors alone, and end the update."""
    found = state(project)
    if found is None or found.waiting:
        return Changes.NONE
    changes = neighbours.build(project, encoder=found.encoder, job=job, only_if_stale=True)
    changes |= layouts.build(project, encoder=found.encoder, job=job, only_if_stale=True)
    with project.write() as session:
        if not len(updates.waiting(session)):
            updates.end(session)
    changes |= indexes.build(project, encoder=found.encoder, job=job, only_if_stale=True)
    return changes | Changes.EMBEDDINGS


def stop(project: Project) -> Changes:
    """Note that somebody stopped it: it goes on when it is asked to, not by itself."""
    with project.write() as session:
        updates.mark(session, is_stopped=True)
    return Changes.EMBEDDINGS


def refuse_if_needed(session: Session, encoder: str) -> None:
    """Raises UsageError where the vectors of this encoder still stand in for others."""
    found = updates.find(session)
    count = len(updates.waiting(session)) if found is not None and found.old == encoder else 0
    if found is not None and count:
        raise UsageError(
            f"The vectors of {encoder} still stand in for {count:,} that {found.encoder} has not yet.",
            f"Run embed with {found.encoder} first, or roll back.",
        )


def _base(session: Session, run: Run, card: RunCard) -> Embedding:
    """The stored embedding that the run is comparable with. Raises UsageError."""
    old = embeddings.of_key(session, card.comparable_key)
    if old is None or not old.rows:
        raise UsageError(
            f"The vectors of {card.comparable_with} that the run {run.name!r} is comparable with are not "
            "in this catalogue.",
            _USUAL,
        )
    if old.dim != card.dim:
        raise UsageError(
            f"The run {run.name!r} gives vectors of {card.dim:,} numbers, and {old.encoder} of {old.dim:,}.",
            _USUAL,
        )
    return old


def _refuse_to_hide(session: Session, old: Embedding, card: RunCard) -> None:
    """Raises UsageError where images that are found today would not be found meanwhile."""
    present = embeddings.find(session, None)
    if present is None:
        return
    new = embeddings.of_key(session, card.key)
    have = [embeddings.owners(session, one.id) for one in (old, new) if one is not None]
    found_now = np.intersect1d(contents.in_use(session), embeddings.owners(session, present.id))
    count = len(np.setdiff1d(found_now, np.concatenate(have)))
    if count:
        raise UsageError(
            f"{count:,} contents have a vector of {present.encoder} and none of {old.encoder}: they would "
            "not be found meanwhile.",
            f"Run embed with {old.encoder} first.",
        )


def _why_not(run: Run, measured: dict[str, Any], card: RunCard) -> str:
    known = [measured.get(one) for one in ("old_to_new", "new_to_old", "old")]
    if None in known:
        return (
            f"Too little was held out to tell whether the run {run.name!r} can be compared with what it "
            "started from."
        )
    return (
        f"The run {run.name!r} cannot be compared with {run.settings.encoder or card.base}: R@1 is "
        "{:.3f} from old to new and {:.3f} from new to old, and {:.3f} among the old.".format(
            *known
        )
    )
