"""Carrying out a plan: each file is checked at the last moment, touched, and looked for where it should be."""

import contextlib
import os
import time
import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from core.catalogue import images, journal, moves, pairs, removals, sources
from core.catalogue.removals import Outcome, Record
from core.duplicates.removal import checks, looking, manifest, moving, trash
from core.duplicates.removal.checks import Circumstances
from core.duplicates.removal.looking import Look, Refused
from core.duplicates.removal.records import Done, Keeper, Leaving, Plan, Refusal, Went
from core.errors import UsageError
from core.images.scan import bounded, display
from core.jobs import Cancelled, Job
from core.operations import keepers, removal_planning
from core.operations.removal_planning import Grounds
from core.operations.removal_restoring import times_now
from core.project import Project

# Files whose intent is written down together: what a kill leaves to be looked at anew.
TOGETHER = 64
_REFUTING = ("different", "similar", "unsure")


def apply(project: Project, plan: Plan, manifest_path: Path | None, job: Job) -> Done:
    """See core.operations.removal.apply."""
    _refuse(project, plan)
    if not plan.files:
        return Done(plan.uid, plan.how, (), (), None, plan.notes)
    run = _Run(project, plan, manifest_path)
    try:
        entries = list(plan.entries())
        job.start("Removing files", len(entries))
        for start in range(0, len(entries), TOGETHER):
            run.carry(entries[start : start + TOGETHER], job)
    finally:
        run.end()
    return run.done()


def check(project: Project, plan: Plan, job: Job) -> tuple[Refusal, ...]:
    """See core.operations.removal.check."""
    _refuse(project, plan)
    found: list[Refusal] = []
    entries = list(plan.entries())
    leaving, promised = frozenset(one.raw_path for _, one in entries), set[tuple[int, int]]()
    grounds = Grounds(project, plan)
    job.start("Checking files", len(entries))
    for start in range(0, len(entries), TOGETHER):
        batch = entries[start : start + TOGETHER]
        now, _ = _circumstances(project, plan, grounds, batch, leaving, promised)
        for keeper, one in batch:
            try:
                _, survivor = checks.check(keeper, one, now)
                promised.add((survivor.device, survivor.inode))
            except Refused as reason:
                found.append(Refusal(one.raw_path, str(reason)))
            job.advance()
    return tuple(found)


def _refuse(project: Project, plan: Plan) -> None:
    """Raises UsageError where the plan cannot be carried out at all."""
    if plan.catalogue != project.uuid:
        raise UsageError("This plan is of another catalogue.", "Make a plan of this one.")
    if plan.folder is not None:
        removal_planning.refuse_folder(project, Path(os.fsdecode(plan.folder)))


def _circumstances(
    project: Project,
    plan: Plan,
    grounds: Grounds,
    batch: list[tuple[Keeper, Leaving]],
    leaving: Collection[bytes],
    promised: set[tuple[int, int]],
) -> tuple[Circumstances, dict[int, bytes]]:
    """What holds now for some files of a plan, and the source of each of their images."""
    ids = sorted({id_ for keeper, one in batch for id_ in (keeper.image, one.image)})
    couples = [(min(a.content, b.content), max(a.content, b.content)) for a, b in batch]
    with project.read() as session:
        known = removals.places(session, ids)
        roots = removals.roots_of(session, ids)
        said = pairs.said_of(session, couples)
    of_batch = [one.image for _, one in batch]
    is_guarded = keepers.protected_images(project, of_batch)
    guarded = {id_ for id_, flag in zip(of_batch, is_guarded.tolist(), strict=True) if flag}
    here = {root: sources.is_here(root) for root in set(roots.values())}
    known = {id_: path for id_, path in known.items() if here.get(roots[id_], False)}
    refuted = {key for key, one in said.items() if one.verdict in _REFUTING}
    now = Circumstances(
        plan.how, leaving, plan.protected, guarded, known, refuted, grounds.unfounded(batch),
        promised,
    )  # fmt: skip
    return now, roots


class _Run:
    """One removal under way."""

    def __init__(self, project: Project, plan: Plan, manifest_path: Path | None) -> None:
        self.uid = str(uuid.uuid4())
        self._project, self._plan = project, plan
        self._leaving = frozenset(one.raw_path for _, one in plan.entries())
        self._grounds = Grounds(project, plan)
        self._promised: set[tuple[int, int]] = set()
        self._went: list[Went] = []
        self._refused: list[Refusal] = []
        self._notes: list[str] = list(plan.notes)
        self._stop = ""
        self._writer = manifest.Writer(manifest_path or _manifest_path(project, plan, self.uid))
        self._number = 0
        begun_at = time.time()
        self._writer.begin(self.uid, project.uuid, plan.uid, plan.how, begun_at)
        settings: dict[str, Any] = {
            "plan": plan.uid,
            "manifest": str(self._writer.path.absolute()),
            "folder": None if plan.folder is None else display(plan.folder),
            "kinds": list(plan.kinds),
            "threshold": plan.threshold,
            "judged": plan.judged,
            "rules": list(plan.rules),
        }
        with project.write(durable=True) as session:
            self._id = removals.begin(session, self.uid, plan.how, settings, begun_at)

    def carry(self, batch: list[tuple[Keeper, Leaving]], job: Job) -> None:
        """Check and touch some files, their intent written before, what came of it after.

        Raises Cancelled, with what was done written down; the rest of them stays.
        """
        now, roots = _circumstances(
            self._project, self._plan, self._grounds, batch, self._leaving, self._promised
        )
        intents = [self._intent(keeper, one, roots.get(one.image)) for keeper, one in batch]
        with self._project.write(durable=True) as session:
            ids = removals.add(session, self._id, intents)
        first = self._number
        self._number += len(batch)
        self._writer.write(
            manifest.full_line(first + place, one) for place, one in enumerate(intents)
        )
        outcomes = []
        try:
            for (keeper, one), intent, id_ in zip(batch, intents, ids, strict=True):
                outcomes.append(replace(self._touched(keeper, one, intent, now), id=id_))
                job.advance()
        except Cancelled:
            outcomes += [
                Outcome(id_, "refused", None, "the removal was stopped before its turn")
                for id_ in ids[len(outcomes) :]
            ]
            raise
        finally:
            self._settle(batch[: len(outcomes)], outcomes, first)

    def _intent(self, keeper: Keeper, one: Leaving, root: bytes | None) -> Record:
        went_to = None
        if self._plan.folder is not None and root is not None:
            name = os.path.basename(root.rstrip(b"/\\")) or b"images"
            below = os.path.relpath(one.raw_path, root) if one.raw_path.startswith(root) else b""
            went_to = os.path.join(self._plan.folder, name, below or os.path.basename(one.raw_path))
        if self._plan.how == "links":
            went_to = keeper.raw_path
        mode, mtime_ns = None, one.mtime_ns
        with contextlib.suppress(
            OSError
        ):  # as they are now; the plan may be older, its bytes the same
            now = os.lstat(one.raw_path)
            mode, mtime_ns = now.st_mode & 0o7777, bounded(now.st_mtime_ns)
        return Record(
            one.image, one.raw_path, one.sha256, one.size_bytes, mtime_ns, mode, keeper.raw_path,
            "going", went_to, root=root,
        )  # fmt: skip

    def _touched(self, keeper: Keeper, one: Leaving, intent: Record, now: Circumstances) -> Outcome:
        if self._stop:
            return Outcome(0, "refused", None, self._stop)
        try:
            seen, survivor = checks.check(keeper, one, now)
            went_to = self._go(one, keeper, seen, survivor, intent)
            if went_to is None:
                return self._lost(one)
            note = self._check_survivor(keeper, survivor, one, went_to)
        except Refused as reason:
            return Outcome(0, "refused", None, str(reason))
        except OSError as error:
            return Outcome(0, "refused", None, looking.explain(error))
        self._promised.add((survivor.device, survivor.inode))
        return Outcome(0, "gone", went_to, note)

    def _go(
        self, one: Leaving, keeper: Keeper, seen: Look, survivor: Look, intent: Record
    ) -> bytes | None:
        """Let the file go; returns where it is now, None where that cannot be told."""
        if self._plan.how == "trash":
            return trash.send(one.raw_path, seen)
        if self._plan.how == "links":
            moving.link_over(one.raw_path, keeper.raw_path, seen, survivor, self.uid)
            return keeper.raw_path
        assert intent.went_to is not None
        os.makedirs(os.path.dirname(intent.went_to), exist_ok=True)
        return put_away(one.raw_path, intent.went_to, one.sha256)

    def _check_survivor(self, keeper: Keeper, survivor: Look, one: Leaving, went_to: bytes) -> str:
        """The survivor must still be there now. Raises Refused, the file being back, where it is not."""
        if self._plan.how == "links" or looking.is_still(keeper.raw_path, survivor):
            return ""
        try:
            moving.move(went_to, one.raw_path, one.sha256)
        except OSError as error:
            return f"its survivor went away at the same moment, and it could not be put back: {looking.explain(error)}"
        if self._plan.how == "trash":
            trash.forget(went_to)
        raise Refused("its survivor went away at the same moment, so it was put back")

    def _lost(self, one: Leaving) -> Outcome:
        self._stop = (
            f"the trash did not keep {display(one.raw_path)}, so nothing more was sent there"
        )
        self._notes.append(
            f"The trash of this system did not keep {display(one.raw_path)}. Its survivor is there, and nothing "
            "more was sent to the trash."
        )
        return Outcome(0, "lost", None, "it was not found in the trash")

    def _settle(
        self, batch: list[tuple[Keeper, Leaving]], outcomes: list[Outcome], first: int
    ) -> None:
        """Write down what came of some files, in the catalogue and in the manifest."""
        missing, linked = [], []
        for (keeper, one), outcome in zip(batch, outcomes, strict=True):
            if outcome.state == "refused":
                self._refused.append(Refusal(one.raw_path, outcome.reason))
                continue
            if outcome.state == "gone":
                self._went.append(
                    Went(one.raw_path, keeper.raw_path, one.size_bytes, outcome.went_to)
                )
            else:
                is_same = keeper.sha256 == one.sha256
                copy_of = keeper.raw_path if is_same else None
                self._refused.append(Refusal(one.raw_path, outcome.reason, copy_of))
            if self._plan.how == "links":
                linked.append((one.image, one.raw_path))
            else:
                missing.append(one.image)
        with self._project.write(durable=True) as session:
            removals.settle(session, outcomes)
            images.mark_missing(session, missing)
            moves.keep_times(session, list(times_now(linked)))
        self._writer.write(
            manifest.state_line(first + place, one.state, one.went_to, one.reason)
            for place, one in enumerate(outcomes)
        )

    def end(self) -> None:
        """The removal is over, or was stopped; the journal tells of it."""
        self._writer.close()
        with self._project.write(durable=True) as session:
            removals.end(session, self._id)
            journal.append(
                session,
                "removal",
                uid=self.uid,
                how=self._plan.how,
                files=len(self._went),
                refused=len(self._refused),
                bytes=sum(one.size_bytes for one in self._went),
                manifest=str(self._writer.path.absolute()),
            )

    def done(self) -> Done:
        """What came of it."""
        return Done(
            self.uid, self._plan.how, tuple(self._went), tuple(self._refused), self._writer.path,
            tuple(self._notes),
        )  # fmt: skip


def put_away(path: bytes, target: bytes, sha256: bytes) -> bytes:
    """Move a file to ``target`` or the next free name beside it; returns where it is."""
    while True:
        free = moving.free_name(target)
        with contextlib.suppress(FileExistsError):  # somebody was quicker
            moving.move(path, free, sha256)
            return free


def _manifest_path(project: Project, plan: Plan, uid: str) -> Path:
    """Beside the plan where that is a file, else in the catalogue."""
    day = datetime.now().strftime("%Y-%m-%d")
    if plan.path is not None:
        return plan.path.with_name(f"{plan.path.stem}.{day}-{uid[:8]}.manifest.jsonl")
    return project.path / "removals" / f"{day}-{uid[:8]}.manifest.jsonl"
