"""Material of exports: trained encoders."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import version
from core.encoders import known, names, run_files
from core.encoders.run_files import RunCard
from core.encoders.weights import checkpoints
from core.errors import EncoderError, UsageError
from core.export.model_material import Facts, Model
from core.jobs import Job
from core.operations import encoders, runs
from core.operations.export_request import Request
from core.project import Project
from core.training.records import FINISHED, Run

if TYPE_CHECKING:
    from torch import Tensor

    from core.encoders.complete import Complete

_VALUE_BYTES = 4  # everything is written in fp32
_BUILTIN_BYTES = 16_000_000  # what ``builtin`` is made of, measured


def material(project: Project, request: Request, job: Job) -> Model:
    """The trained encoder that is asked for: by its name, else the default if it is one, else the newest.

    Raises UsageError where there is none, or where it is not finished.
    """
    run = chosen(project, request.chosen.get("run", ""))
    models = encoders.models_folder(project)
    card = run_files.read(models, run.name)
    if card is None:
        raise EncoderError(
            f"The files of the run {run.name!r} are gone or damaged.", "Train it again."
        )

    def make() -> "Complete":
        from core.encoders import complete

        live = encoders.load(project, run.encoder)
        whole = complete.of_run(models, run.name)
        complete.check_live(whole, live)
        return whole

    def own() -> "dict[str, Tensor]":
        from core.encoders import runs as trained

        return trained.read_weights(_weights(models, run.name))

    notes = (
        [] if run.result.get("is_better") else ["It was not measured to be better than its start."]
    )
    facts = facts_of(project, run, card)
    if not facts.licence and not facts.is_from_scratch:
        notes.append(f"The licence of its base, {card.base}, is unknown: its card says so.")
    size = _size_bytes(models, card, request.format)
    return Model(facts, make, own, tuple(notes), size)


def chosen(project: Project, name: str) -> Run:
    """The run of this name, or the one that is meant where none is named. Raises UsageError."""
    name = name.removeprefix("run:")
    if name:
        run = runs.find(project, name)
        if run.status not in FINISHED:
            raise UsageError(
                f"The run {name!r} is not finished, so there is no encoder of it.",
                "Resume it, or name another.",
            )
        return run
    finished = [one for one in runs.list_runs(project) if one.status in FINISHED]
    if not finished:
        raise UsageError(
            "There is no trained encoder in this catalogue.", "Train one first: lookalike train."
        )
    return next((one for one in finished if one.is_default), finished[0])


def facts_of(project: Project, run: Run, card: RunCard) -> Facts:
    """What is known of a trained encoder."""
    origin: dict[str, Any] = run.result.get("imported", {})
    return Facts(
        name=run.name,
        made_at=origin.get("made_at", run.made_at),
        program=version.current(),
        base=card.base,
        base_key=card.base_key,
        key=card.key,
        licence=origin["licence"] if origin else licence_of(project, card.base),
        depth=card.depth,
        adapter=card.adapter if card.depth == "adapters" else "",
        rank=card.rank if card.depth == "adapters" else 0,
        dim=card.dim,
        size_px=card.size_px,
        nested=card.nested,
        is_from_scratch=card.is_from_scratch,
        imported_from=origin.get("file", ""),
        settings=asdict(run.settings),
        result=run.result,
    )


def licence_of(project: Project, encoder: str) -> str:
    """The licence of an encoder, of a trained one that of what it goes back to; empty where nobody states one."""
    parsed = names.parse(encoder)
    if parsed.family == "run":
        card = run_files.read(encoders.models_folder(project), parsed.model)
        if card is None:
            return ""
        imported = runs.find(project, parsed.model).result.get("imported")
        return str(imported["licence"]) if imported else licence_of(project, card.base)
    if parsed.file:
        return checkpoints.stated_licence(Path(parsed.file))
    return encoders.describe(encoder, project).licence


def _weights(models: Path, run: str) -> Path:
    return run_files.folder(models, run) / run_files.WEIGHTS


def _size_bytes(models: Path, card: RunCard, form: str) -> int:
    """About what will be written."""
    own = _weights(models, card.name).stat().st_size
    if form == "adapters" or card.depth == "whole" or card.heads:
        return own
    base = names.parse(card.base)
    while base.family == "run":
        under = run_files.read(models, base.model)
        if under is None:
            return own
        own += _weights(models, under.name).stat().st_size
        base = names.parse(under.base)
    listed = known.find(base)
    if listed is not None:
        return own + _VALUE_BYTES * listed.image_parameters
    return own + (_BUILTIN_BYTES if base.family == "builtin" else 0)
