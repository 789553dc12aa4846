"""Runs: which trainings there were, and what becomes of them: promote, roll back, discard."""

import shutil
from typing import Any

from core.catalogue import embeddings, facts, journal, runs
from core.catalogue import updates as under_way
from core.catalogue.session import Session
from core.changes import Changes
from core.encoders import run_files
from core.errors import UsageError
from core.jobs import Job
from core.operations import embedding_files, encoders, indexes, layouts, neighbours, updates
from core.operations.embeddings import embed
from core.project import Project
from core.training.brief import Brief
from core.training.records import FINISHED, Run
from core.training.settings import Settings

# Encoders that were the default before each promotion, the last one last, as one text.
_BEFORE, _SEPARATOR = "defaults before promotions", "\n"
_WORKED_ON = "training now"


def list_runs(project: Project) -> list[Run]:
    """All runs, newest first, without their curves."""
    with project.read() as session:
        default = embeddings.default_encoder(session)
        found = runs.every(session)
    return [_run(project, one, default) for one in reversed(found)]


def find(project: Project, name: str) -> Run:
    """The run of this name, with its curves. Raises UsageError where there is none."""
    with project.read() as session:
        found = runs.find(session, name)
        default = embeddings.default_encoder(session)
    if found is None:
        raise UsageError(f"There is no run named {name!r} in the catalogue {project.path}.")
    return _run(project, found, default)


def promote(
    project: Project,
    name: str,
    *,
    anyway: bool = False,
    at_once: bool = False,
    job: Job | None = None,
) -> Changes:
    """Embed the catalogue with the run's encoder, then make that the default; until then the old one is.

    Goes on where a stopped promotion left off. With ``at_once`` it is the default before anything is
    embedded, which ``updates.go_on`` does afterwards: for runs that are comparable with vectors that there
    are. Raises UsageError for a run that is not, and for one that was not measured to be better, unless
    ``anyway``.
    """
    job = job or Job()
    run = find(project, name)
    if run.status not in FINISHED:
        raise UsageError(f"The run {name!r} is not finished.", "Resume it first.")
    if run.is_default:  # the rest of an update, if one is under way
        return Changes.NONE if at_once else updates.go_on(project, job)
    if at_once:
        with project.read() as session:
            updates.prepare(project, session, run)
    if not run.result.get("is_better") and not anyway:
        raise UsageError(
            f"The run {name!r} was not measured to be better than its start, so it is not promoted.",
            "Promote it anyway if you know better.",
        )
    if not at_once:
        work_on(project, name, True)  # so that nobody discards it meanwhile
        try:
            _make_ready(project, run.encoder, job)
        finally:
            work_on(project, name, False)
    with project.write(durable=True) as session:
        if runs.find(session, name) is None:
            raise UsageError(f"The run {name!r} was discarded meanwhile.")
        update = updates.prepare(project, session, run) if at_once else None
        before = embeddings.default_encoder(session)
        facts.put(session, _BEFORE, _SEPARATOR.join([*_history(session), before]))
        facts.put(session, "default_encoder", run.encoder)
        under_way.end(session)
        if update is not None:
            updates.begin(session, update)
        _demote(session, before)
        runs.put(session, name, status="promoted")
        journal.append(session, "promotion", run=name, before=before, at_once=at_once)
    return Changes.RUNS | Changes.EMBEDDINGS | Changes.NEIGHBOURS | Changes.LAYOUTS


def _make_ready(project: Project, encoder: str, job: Job) -> None:
    """All that a catalogue opens with, by this encoder."""
    embed(project, encoder, job)
    neighbours.build(project, encoder=encoder, job=job, only_if_stale=True)
    indexes.build(project, encoder=encoder, job=job, only_if_stale=True)
    layouts.build(project, encoder=encoder, job=job, only_if_stale=True)


def can_roll_back(project: Project) -> str:
    """The encoder that would be the default again, or empty where no promoted run is the default."""
    with project.read() as session:
        past = _history(session)
        is_run = embeddings.default_encoder(session).startswith("run:")
    return past[-1] if past and is_run else ""


def rollback(project: Project, name: str = "", *, job: Job | None = None) -> Changes:
    """Make the encoder the default again that was it before the last promotion; its vectors were kept.

    What was added since is embedded first; an update that was under way ends where it is. Raises UsageError
    where nothing was promoted, or where ``name`` is not the run that is the default now.
    """
    before = can_roll_back(project)
    if not before:
        raise UsageError(f"No run was promoted in the catalogue {project.path}.")
    if name and not find(project, name).is_default:
        raise UsageError(
            f"The run {name!r} is not the default encoder, so it cannot be rolled back."
        )
    _make_ready(project, before, job or Job())
    with project.write(durable=True) as session:
        present = embeddings.default_encoder(session)
        facts.put(session, _BEFORE, _SEPARATOR.join(_history(session)[:-1]))
        facts.put(session, "default_encoder", before)
        under_way.end(session)
        _demote(session, present)
        if before.startswith("run:"):
            runs.put(session, before.removeprefix("run:"), status="promoted")
        journal.append(session, "rollback", run=present.removeprefix("run:"), to=before)
    return Changes.RUNS | Changes.EMBEDDINGS | Changes.NEIGHBOURS | Changes.LAYOUTS


def discard(project: Project, name: str) -> Changes:
    """Delete a run, its files and its vectors; the journal keeps that there was one.

    Raises UsageError for the run that is the default, that is being trained, or that others need.
    """
    run = find(project, name)
    if run.is_default:
        raise UsageError(
            f"The run {name!r} is the catalogue's default encoder.", "Roll back first."
        )
    if is_worked_on(project, name):
        raise UsageError(f"The run {name!r} is being worked on.", "Stop that first.")
    with project.write(durable=True) as session:
        for other in runs.every(session):
            if other["run"] != name and other["settings"].get("encoder") == run.encoder:
                raise UsageError(
                    f"The run {other['run']!r} was trained on {name!r} and needs it.",
                    "Discard that one first.",
                )
        updates.refuse_if_needed(session, run.encoder)
        runs.remove(session, name)
        kept = [one for one in _history(session) if one != run.encoder]
        facts.put(session, _BEFORE, _SEPARATOR.join(kept))
        dropped = [one for one in embeddings.every(session) if one.encoder == run.encoder]
        for one in dropped:
            embeddings.remove(session, one.id)
        journal.append(session, "discard", run=name, result=_short(run.result))
    project.let_go(f"encoder:{run.encoder}")
    embedding_files.clear(project, dropped)
    shutil.rmtree(run_files.folder(encoders.models_folder(project), name), ignore_errors=True)
    return Changes.RUNS | Changes.EMBEDDINGS


def is_worked_on(project: Project, name: str) -> bool:
    """Whether this process is training it."""
    return name in (project.kept(_WORKED_ON) or ())


def work_on(project: Project, name: str, is_begun: bool) -> None:
    """Note that this process trains a run, or does so no more."""
    names: set[str] = project.keep(_WORKED_ON, set)
    names.add(name) if is_begun else names.discard(name)


def _demote(session: Session, encoder: str) -> None:
    if encoder.startswith("run:"):
        runs.put(session, encoder.removeprefix("run:"), status="candidate")


def _history(session: Session) -> list[str]:
    return [one for one in facts.get(session, _BEFORE, "").split(_SEPARATOR) if one]


def _short(result: dict[str, Any]) -> dict[str, Any]:
    return {key: result[key] for key in ("verdict", "held_out", "steps") if key in result}


def _run(project: Project, found: dict[str, Any], default: str) -> Run:
    status = found["status"]
    if status == "running" and project.is_writable and not is_worked_on(project, found["run"]):
        # The process that trained it ended.
        place = encoders.models_folder(project) / found["run"] / Brief.EXAMPLES
        status = "stopped" if place.is_file() else "failed"
    return Run(
        name=found["run"],
        status=status,
        settings=Settings.from_dict(found["settings"]),
        made_at=found["made_at"],
        result=found["result"],
        curves=found.get("curves", {}),
        is_default=f"run:{found['run']}" == default,
    )
