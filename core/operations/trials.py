"""A few settings tried for the same time each: the one that is best on watched images becomes a run."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.catalogue import runs as stored
from core.errors import DiskFull, KnownError, UsageError
from core.jobs import Job
from core.operations import training, training_costs
from core.operations.candidates import Candidate, choose
from core.operations.runs import work_on
from core.operations.training_feeds import COPIES_FILE
from core.project import Project
from core.training.advice import differences
from core.training.brief import Brief
from core.training.records import Trained
from core.training.settings import AUTO, Settings
from core.training.time_limit import TimeLimit
from core.training.watch import Watch

if TYPE_CHECKING:
    from core.training.standing import Standing
    from core.training.subjects import Subject
    from core.training.trainer import Ending, Trainer

_USUAL = Settings()
# A trial ends at the latest after so many times its seconds; the steps are chosen for this share of them.
_LATEST, _AIMED_AT = 1.5, 0.9
Told = Callable[[int, int, Settings], None]


def compare(
    project: Project,
    candidates: Sequence[Settings] | None = None,
    *,
    wanted: Settings = _USUAL,
    seconds_each: float = 120.0,
    name: str = "",
    watch: Watch | None = None,
    job: Job | None = None,
    on_trial: Told = lambda place, count, settings: None,
) -> Trained:
    """Train each candidate for so many seconds, keep the best by the images that are watched, and measure it.

    Without ``candidates`` there are three: what is advised, a bolder way and a plainer one, all as ``wanted``
    where that is not as it comes. Preparing (varied copies, decoding) comes on top, once where candidates
    need the same. ``on_trial`` is told (place from 1, how many, settings) in the worker's thread before each.
    The run is like any other; its result has "trials" besides, best first: {"settings": what is not as it
    comes, "steps", "seconds", "score", "recall@1", "map@r"} of the watched images.

    ``Watch.stop`` ends the present trial and leaves the others out. Raises UsageError, also where nothing can
    be watched, EncoderError or DiskFull; Cancelled leaves nothing behind.
    """
    job, watch = job or Job(), watch or Watch()
    job.start("Preparing")
    _check_time(seconds_each)
    entries = choose(project, candidates, wanted)
    name = name or training.new_name(project, entries[0].asked, "tried")
    brief = training.prepare(project, entries[0].resolved, name, job)
    work_on(project, brief.name, True)
    try:
        return _Contest(project, brief, entries, seconds_each, watch, job).run(on_trial)
    except BaseException:  # also a bug: nothing half done stays
        training.forget(project, brief)
        raise
    finally:
        work_on(project, brief.name, False)


def estimate_s(
    project: Project,
    candidates: Sequence[Settings] | None = None,
    *,
    wanted: Settings = _USUAL,
    seconds_each: float = 120.0,
) -> float:
    """About how long ``compare`` would take, preparing included. Raises what it raises before it begins."""
    _check_time(seconds_each)
    entries = choose(project, candidates, wanted)
    preparing: dict[object, float] = {}
    for place, one in enumerate(entries):
        settings = replace(one.resolved, steps=1)
        cost = training_costs.estimate(project, settings, one.facts, one.gathered)
        # Varied copies are shared, decoded pictures are not.
        preparing[one.needs if one.resolved.depth == "head" else place] = cost.seconds
    return sum(preparing.values()) + len(entries) * seconds_each


def _check_time(seconds_each: float) -> None:
    if not 0 < seconds_each < float("inf"):
        raise UsageError("A trial takes more than no time.", "Give each some seconds.")


class _Contest:
    """One comparison: all trials work in the one folder of the run, of which the best so far is kept.

    The stored settings, the examples and the checkpoint in the folder are always those of the trial that is
    under way, so that after a kill there is one stopped run, which can be resumed or discarded.
    """

    def __init__(
        self,
        project: Project,
        brief: Brief,
        entries: Sequence[Candidate],
        seconds: float,
        watch: Watch,
        job: Job,
    ) -> None:
        self._project, self._brief, self._entries = project, brief, entries
        self._seconds, self._watch, self._job = seconds, watch, job
        self._tried: list[dict[str, Any]] = []
        self._best: tuple[float, Brief, dict[str, Any], dict[str, Any]] | None = None
        self._notes: list[str] = []

    def run(self, on_trial: Told) -> Trained:
        failed: KnownError | None = None
        for place, entry in enumerate(self._entries, start=1):
            if self._watch.is_stopped and self._tried:
                self._notes.append(
                    f"It was stopped after {place - 1} of {len(self._entries)} trials."
                )
                break
            on_trial(place, len(self._entries), entry.asked)
            try:
                self._try(entry)
            except DiskFull:
                raise
            except KnownError as error:
                failed = failed or error
                self._notes.append(f"Trial {place} could not be made: {error}")
        if self._best is None:
            assert failed is not None
            raise failed
        return self._keep()

    def _keep(self) -> Trained:
        assert self._best is not None
        _, brief, result, curves = self._best
        result["trials"] = sorted(self._tried, key=lambda one: -_known(one["score"]))
        result["notes"] = [*result["notes"], *self._notes]
        self._begin(brief)
        return training.finish(self._project, brief, result, curves)

    def _try(self, entry: Candidate) -> None:
        from core.training import pace, subjects

        job, project = self._job, self._project
        brief = replace(
            self._brief, settings=entry.resolved, facts=entry.facts, gathered=entry.gathered
        )
        for note in entry.notes:
            if note not in job.notes:
                job.note(note)
        self._begin(brief)
        with _shared_copies(brief.folder, entry):
            subject = training.make_subject(project, brief, job)
            steps = pace.measure(brief, subject, job).steps_within(_AIMED_AT * self._seconds)
            if entry.asked.steps != AUTO:
                steps = min(steps, entry.asked.steps)
            brief = replace(brief, settings=replace(brief.settings, steps=steps))
            self._begin(brief)
            limited = TimeLimit(self._watch, job, _LATEST * self._seconds)
            trainer = subjects.make_trainer(brief, subject, limited)
            ending = trainer.run(job)
        self._judge(entry, brief, subject, trainer, ending)

    def _begin(self, brief: Brief) -> None:
        """Make what is stored that of this trial."""
        from core.training import brief_file

        brief.checkpoint.unlink(missing_ok=True)
        brief_file.save(brief)
        with self._project.write(durable=True) as session:
            stored.put(session, brief.name, settings=brief.settings.as_json())

    def _judge(
        self,
        entry: Candidate,
        brief: Brief,
        subject: "Subject",
        trainer: "Trainer",
        ending: "Ending",
    ) -> None:
        from core.training.observer import Observer

        standing = Observer(subject.model, subject.feed, subject.material, ()).look()
        self._tried.append(_line(entry, trainer, ending, standing))
        score = _known(standing.score)
        if self._best is not None and score <= self._best[0]:
            return
        result, curves = training.conclude(
            self._project, brief, subject, trainer, ending, self._job
        )
        self._best = (score, brief, result, curves)


def _line(
    entry: Candidate, trainer: "Trainer", ending: "Ending", standing: "Standing"
) -> dict[str, Any]:
    """What the result says of one trial."""
    values = standing.values
    return {
        "settings": differences(entry.asked),
        "steps": ending.step,
        "seconds": round(trainer.seconds, 2),
        "score": standing.score,
        "recall@1": values.get("recall@1"),
        "map@r": values.get("map@r"),
    }


def _known(score: float | None) -> float:
    return -1.0 if score is None else score


@contextmanager
def _shared_copies(folder: Path, entry: Candidate) -> Iterator[None]:
    """Varied copies that an earlier trial made of the same images lie where this one looks for them; then
    they are put aside."""
    if not entry.resolved.copies:
        yield
        return
    place = folder / COPIES_FILE
    aside = folder / f"{place.stem}-{hashlib.sha256(repr(entry.needs).encode()).hexdigest()[:16]}"
    place.unlink(missing_ok=True)
    if aside.is_file():
        aside.rename(place)
    yield
    if place.is_file():
        place.rename(aside)
