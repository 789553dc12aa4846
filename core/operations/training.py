"""Training: what there is to learn from, what it would cost, and one run from its settings to its result."""

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import journal
from core.catalogue import runs as stored
from core.catalogue.files import explain_os_error
from core.encoders import names, run_files, small_shapes
from core.errors import DiskFull, UsageError
from core.jobs import Cancelled, Job
from core.operations import embeddings, encoders, training_costs, training_feeds
from core.operations.examples import gather
from core.operations.runs import find, list_runs, work_on
from core.project import Project
from core.training import combinations, presets
from core.training.brief import Brief, Gathered
from core.training.presets import Facts
from core.training.records import Plan, Survey, Trained
from core.training.settings import Settings
from core.training.watch import Watch

if TYPE_CHECKING:
    from core.training.subjects import Subject
    from core.training.trainer import Ending, Trainer

# What the whole network starts from where the catalogue's encoder has no weights to train.
FROM_SCRATCH = "small:conv6-96"
_PREVIEW_PX = 128


@dataclass(frozen=True, slots=True)
class Preview:
    """One image as training would see it: ``pictures`` uint8 [h, w, 3], the first as it is."""

    content_id: int
    pictures: tuple[NDArray[np.uint8], ...]


def survey(project: Project, settings: Settings) -> Survey:
    """What there is to learn from; its ``problem`` says where that is not enough. Raises UsageError."""
    return gather(project, settings).survey


def plan(project: Project, settings: Settings) -> Plan:
    """What a training would do, with nothing left open, and what it would cost on this machine.

    Raises UsageError or EncoderError where it could not begin.
    """
    gathered = gather(project, settings)
    if gathered.survey.problem:
        raise UsageError(gathered.survey.problem)
    resolved, facts, notes = resolve(project, settings, gathered)
    cost = training_costs.estimate(project, resolved, facts, gathered)
    return Plan(
        settings=resolved,
        survey=gathered.survey,
        seconds=cost.seconds,
        memory_bytes=cost.memory_bytes,
        disk_bytes=cost.disk_bytes,
        device=cost.device,
        is_measured=cost.is_measured,
        notes=(*gathered.survey.notes, *notes),
    )


def preview(
    project: Project,
    settings: Settings,
    *,
    count: int = 4,
    variants: int = 5,
    job: Job | None = None,
) -> list[Preview]:
    """Some of the labelled images, each as it is and as training would vary it. Raises UsageError."""
    from core.encoders.base import Preprocessing
    from core.training.augmentation import augment_bytes

    gathered = gather(project, settings)
    ids = gathered.examples.content_ids
    if not len(ids):
        raise UsageError(gathered.survey.problem)
    augmentation = resolve(project, settings, gathered)[0].augmentation
    chosen = ids[np.linspace(0, len(ids) - 1, min(count, len(ids))).astype(int)]
    look = Preprocessing(_PREVIEW_PX, "crop")
    found = []
    for content_id, square in embeddings.squares(project, look, chosen.tolist(), ahead=count):
        (job or Job()).checkpoint()
        if square is None:
            continue
        alike = np.repeat(square[None], variants, axis=0)
        varied = augment_bytes(alike, augmentation, settings.seed + content_id)
        found.append(Preview(content_id, (square.copy(), *varied)))
    return found


def new_name(project: Project, settings: Settings, what: str = "") -> str:
    """A name that no run has yet: "labels head 2", with ``what`` in place of the depth."""
    with project.read() as session:
        taken = {one["run"] for one in stored.every(session)}
    stem = f"{settings.labels} {what or settings.depth}"
    number = 1
    while (name := f"{stem} {number}") in taken:
        number += 1
    return name


def train(
    project: Project,
    settings: Settings,
    *,
    name: str = "",
    resume: bool = False,
    watch: Watch | None = None,
    job: Job | None = None,
) -> Trained:
    """One run: learn, then measure before and after on what was held out. Nothing is promoted.

    ``resume`` goes on with the stopped run of this name (or the last one), with the settings and examples
    that it began with. Raises UsageError, EncoderError or DiskFull; Cancelled leaves a checkpoint to resume from.
    """
    job, watch = job or Job(), watch or Watch()
    if resume:
        brief = _again(project, name)
    else:
        brief = prepare(project, settings, name, job)
    work_on(project, brief.name, True)
    try:
        result, curves = _run(project, brief, watch, job)
    except BaseException as error:  # also a bug: the run must not stay "running"
        _stopped(project, brief, is_worth_resuming=isinstance(error, Cancelled | DiskFull))
        raise
    finally:
        work_on(project, brief.name, False)
    return finish(project, brief, result, curves)


# -- before


def prepare(project: Project, settings: Settings, name: str, job: Job) -> Brief:
    """A new run of this name, kept as "running", with its folder and its examples in it. Raises UsageError,
    EncoderError or DiskFull."""
    from core.training import brief_file

    job.start("Preparing")
    gathered = gather(project, settings)
    if gathered.survey.problem:
        raise UsageError(gathered.survey.problem)
    resolved, facts, notes = resolve(project, settings, gathered)
    for note in (*gathered.survey.notes, *notes):
        job.note(note)
    name = run_files.check_name(name) if name else new_name(project, settings)
    folder = run_files.folder(encoders.models_folder(project), name)
    brief = Brief(name, resolved, gathered, facts, folder)
    with project.write(durable=True) as session:
        # Without regard to case: two such folders are one on some systems.
        alike = {one["run"].casefold(): one for one in stored.every(session)}
        known = alike.get(name.casefold())
        if known is not None:
            raise UsageError(
                f"There is a run named {known['run']!r} already.",
                "Choose another name, or resume it."
                if known["status"] in ("running", "stopped")
                else "Choose another name, or discard it.",
            )
        try:
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
        except OSError as error:
            raise explain_os_error(project.path, error) from error
        brief_file.save(brief)
        stored.add(session, name, status="running", settings=resolved.as_json())
    return brief


def resolve(
    project: Project, settings: Settings, gathered: Gathered
) -> tuple[Settings, Facts, list[str]]:
    """(settings with nothing open, what that was decided by, what a person should know of it)."""
    notes = []
    base = encoders.name_of(project, settings.encoder or None)
    encoders.check_name(base)
    if settings.depth != "head" and not _has_weights(base):
        if settings.depth == "adapters":
            raise UsageError(
                f"{base} has no weights that adapters could be put into.",
                "Train a head on it, or start from a network.",
            )
        if settings.encoder and not base.startswith("run:"):
            raise UsageError(
                f"{base} has no weights that could be trained.",
                f"Train a head on it, or start from a network such as {FROM_SCRATCH}.",
            )
        notes.append(f"{base} has no weights to train; {FROM_SCRATCH} is trained from scratch.")
        base = FROM_SCRATCH
    encoders.refuse_as_start(base)
    encoders.check_available(project, base)
    parsed = names.parse(base)
    if settings.depth == "head" and parsed.is_random:
        raise UsageError(
            f"The weights of {base} are random, so its vectors are no good to put a head on.",
            "Train the whole network instead.",
        )
    entry = encoders.describe(base, project)
    shape = small_shapes.find(parsed) if parsed.family == "small" else None
    examples, parts = gathered.examples, gathered.parts
    facts = Facts(
        learned=int(parts.learned.sum()),
        base_dim=entry.dim,
        size_px=entry.size_px,
        is_from_scratch=parsed.is_random,
        is_small_network=shape is not None,
        is_pairs=examples.is_pairs,
        watched=int(parts.watched.sum()),
        few=int(np.isin(np.bincount(examples.labels[parts.learned]), (2, 3)).sum()),
    )
    resolved = presets.resolve(replace(settings, encoder=base), facts)
    combinations.check(resolved, facts)
    if resolved.depth == "head" and resolved.dim > facts.base_dim:
        raise UsageError(
            f"A head on {base} cannot give {resolved.dim:,} numbers.",
            f"It has {facts.base_dim:,} of them.",
        )
    return resolved, facts, notes


def _has_weights(encoder: str) -> bool:
    return names.parse(encoder).family in ("openclip", "timm", "small")


def _again(project: Project, name: str) -> Brief:
    """A stopped run, with what it began with."""
    from core.training import brief_file

    if not name:
        stopped = [one.name for one in list_runs(project) if one.can_resume]
        if not stopped:
            raise UsageError("There is no stopped run to resume.")
        name = stopped[0]
    run = find(project, name)
    if not run.can_resume:
        raise UsageError(f"The run {name!r} was not stopped, so there is nothing to resume.")
    folder = run_files.folder(encoders.models_folder(project), name)
    brief = brief_file.load(name, run.settings, folder)
    with project.write() as session:
        stored.put(session, name, status="running")
    return brief


# -- the run


def _run(
    project: Project, brief: Brief, watch: Watch, job: Job
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(result, curves) of the whole run."""
    from core.training import subjects

    subject = make_subject(project, brief, job)
    trainer = subjects.make_trainer(brief, subject, watch)
    ending = trainer.run(job)
    return conclude(project, brief, subject, trainer, ending, job)


def make_subject(project: Project, brief: Brief, job: Job) -> "Subject":
    """What is trained, and what it sees. Raises UsageError, EncoderError or DiskFull."""
    if brief.settings.depth == "head":
        return _head(project, brief, job)
    return _network(project, brief, job)


def conclude(
    project: Project,
    brief: Brief,
    subject: "Subject",
    trainer: "Trainer",
    ending: "Ending",
    job: Job,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write the trained encoder, and measure it: (result, curves). Raises DiskFull."""
    from core.training import outcome, subjects

    subjects.keep_encoder(encoders.models_folder(project), brief, subject)
    project.let_go(f"encoder:run:{brief.name}")
    job.start("Measuring")
    found = outcome.measure(brief, subject, job)
    if found.get("comparable", {}).get("is_comparable"):
        subjects.call_comparable(encoders.models_folder(project), brief, subject)
    curves = trainer.curves()
    return _result(found, brief, trainer, ending, subject.device, curves["health"]), curves


def _head(project: Project, brief: Brief, job: Job) -> "Subject":
    """A head over stored vectors and those of varied copies."""
    from core.training import subjects

    settings, ids = brief.settings, brief.gathered.examples.content_ids
    base = training_feeds.base_vectors(project, settings.encoder, ids, job)
    encoder = encoders.load(project, base.encoder)
    learned = brief.gathered.parts.learned
    copies = np.zeros((int(learned.sum()), 0, base.vectors.shape[1]), dtype=np.float16)
    if settings.copies:
        copies = training_feeds.copies(project, encoder, brief, base.vectors[learned], job)
    return subjects.on_head(brief, encoder, base.vectors, copies)


def _network(project: Project, brief: Brief, job: Job) -> "Subject":
    """Adapters in a network, or all of it."""
    from core.training import subjects

    settings, ids = brief.settings, brief.gathered.examples.content_ids
    encoder = encoders.load(project, settings.encoder)
    squares, is_read = training_feeds.pixels(project, encoder, ids, brief.folder, job)
    # From scratch there is no start to speak of: the measure is what the catalogue is looked at with now.
    name = settings.encoder
    if brief.facts.is_from_scratch:
        name = encoders.name_of(project, None)
    base = training_feeds.base_vectors(project, name, ids, job)
    return subjects.on_network(brief, encoder, squares, is_read, base.vectors, base.encoder)


def _result(
    found: dict[str, Any],
    brief: Brief,
    trainer: "Trainer",
    ending: "Ending",
    device: str,
    health: str,
) -> dict[str, Any]:
    notes = [ending.failure] if ending.failure else []
    if trainer.batch != brief.settings.batch:
        notes.append(
            f"Memory ran out, so the batch was halved from {brief.settings.batch} to {trainer.batch}."
        )
    verdict = found["verdict"]
    if ending.failure:
        verdict = f"{ending.failure} {verdict}"
    return {
        **found,
        "verdict": verdict,
        "held_out": found["held_out"],
        "learned_from": brief.facts.learned,
        "steps": ending.step,
        "best_step": ending.best_step,
        "seconds": round(trainer.seconds, 2),
        "device": device,
        "stopped_because": ending.because,
        "health": health,
        "notes": notes + list(brief.gathered.survey.notes),
        "conflicts": list(brief.gathered.survey.conflicts),
    }


def finish(
    project: Project, brief: Brief, result: dict[str, Any], curves: dict[str, Any]
) -> Trained:
    """Keep a measured run as a candidate, and of its folder the encoder alone."""
    with project.write(durable=True) as session:
        stored.put(session, brief.name, status="candidate", result=result, curves=curves)
        journal.append(session, "training", run=brief.name, verdict=result["verdict"])
    kept = (run_files.WEIGHTS, run_files.CARD)
    for left in brief.folder.iterdir():
        if left.name not in kept:
            left.unlink()
    return Trained(find(project, brief.name), _document(brief.name, result))


def _document(name: str, result: dict[str, Any]) -> dict[str, Any]:
    """What the command line prints."""
    keys = ("before", "after", "difference", "held_out", "learned_from", "steps", "best_step")
    how = ("seconds", "device", "stopped_because", "verdict", "is_better", "health")
    every = (*keys, *how, "by_prefix", "comparable", "trials", "notes", "conflicts")
    return {"run": name, **{key: result[key] for key in every if key in result}}


def _stopped(project: Project, brief: Brief, *, is_worth_resuming: bool) -> None:
    """A run that ended early: it can be resumed where something was done or little was missing, else it is
    forgotten."""
    if not is_worth_resuming and not brief.checkpoint.is_file():
        forget(project, brief)
        return
    with project.write(durable=True) as session:
        stored.put(session, brief.name, status="stopped")


def forget(project: Project, brief: Brief) -> None:
    """Leave nothing of a run that came to nothing."""
    with project.write(durable=True) as session:
        stored.remove(session, brief.name)
    project.let_go(f"encoder:run:{brief.name}")
    shutil.rmtree(brief.folder, ignore_errors=True)
