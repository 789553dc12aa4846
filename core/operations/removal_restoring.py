"""Taking a removal back, and finding out what became of files when the program was killed in the middle."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from core.catalogue import images, journal, moves, removals
from core.catalogue.removals import How, Outcome, Record, State
from core.catalogue.session import Session
from core.duplicates.removal import looking, manifest, plan_file, putting_back
from core.duplicates.removal.looking import Refused
from core.duplicates.removal.putting_back import Lost
from core.duplicates.removal.records import Back, Refusal, Restored
from core.errors import UsageError
from core.images.scan import Found, bounded
from core.jobs import Job
from core.project import Project

TOGETHER = 64
CUT_OFF = "removals cut off"


def reconcile(project: Project, job: Job) -> list[str]:
    """See core.operations.removal.reconcile."""
    with project.read() as session:
        waiting = set(removals.unsettled(session))
        known = [one for one in removals.every(session) if one.id in waiting] if waiting else []
    notes = []
    for one in known:
        with project.read() as session:
            files = removals.files(session, one.id, ("going",))
        counts: dict[str, int] = {}
        outcomes, missing = [], []
        for file in job.track(files, "Looking after a removal that was cut off"):
            try:
                state, at, reason = putting_back.settle(file, one.how, one.uid)
            except (Refused, OSError):
                continue  # its drive is away; asked again the next time
            outcomes.append(Outcome(file.id, cast(State, state), at, reason))
            counts[state] = counts.get(state, 0) + 1
            if state != "refused" and one.how != "links" and file.image is not None:
                missing.append(file.image)
        with project.write(durable=True) as session:
            removals.settle(session, outcomes)
            images.mark_missing(session, _at_their_places(session, missing, files))
            if one.ended_at is None:
                removals.end(session, one.id)
            if outcomes:
                journal.append(session, "removal cut off", uid=one.uid, **counts)
        if outcomes:
            notes.append(_cut_off(counts))
        notes += _tell_manifest(one.settings.get("manifest"), files, outcomes)
    return notes


def _cut_off(counts: dict[str, int]) -> str:
    gone, lost = counts.get("gone", 0), counts.get("lost", 0)
    said = f"A removal was cut off: of the files under way {gone} had gone and {counts.get('refused', 0)} had not."
    return said + (f" {lost} are not where they should have gone." if lost else "")


def _at_their_places(
    session: Session, image_ids: Sequence[int], files: Sequence[Record]
) -> list[int]:
    """Those images that the catalogue still has where the files were."""
    places = removals.places(session, image_ids)
    by_image = {one.image: one.raw_path for one in files}
    return [one for one in image_ids if places.get(one) == by_image.get(one)]


def restore(
    project: Project | None, which: str | Path, job: Job, *, copies: bool = False
) -> Restored:
    """See core.operations.removal.restore."""
    found: list[_Removed]
    if isinstance(which, str):
        found = _by_uid(project, which)
    elif manifest.is_manifest(which):
        found = [_from_manifest(project, which)]
    else:
        plan = plan_file.read(which)
        found = _by_plan(project, plan.uid, which)
    back: list[Back] = []
    lost: list[Refusal] = []
    notes: list[str] = []
    files = [(each, one) for each in found for one in each.files]
    job.start("Restoring files", len(files))
    for start in range(0, len(files), TOGETHER):
        some = files[start : start + TOGETHER]
        notes += _restore_some(project, some, back, lost, job, copies=copies)
    if project is not None and project.is_writable and files:
        with project.write(durable=True) as session:
            journal.append(
                session,
                "restore",
                removals=[one.uid for one in found],
                files=len(back),
                lost=len(lost),
            )
    if not files:
        notes.append("Nothing of it is gone, so there is nothing to restore.")
    return Restored(tuple(back), tuple(lost), tuple(dict.fromkeys(notes)))


@dataclass(frozen=True, slots=True)
class _Removed:
    """Files of one removal that are gone, as its manifest at ``path`` tells (None: there is none), or the rows of the
    catalogue (``has_rows``), or both."""

    uid: str
    how: How
    files: Sequence[Record]
    path: Path | None
    has_rows: bool


def _restore_some(
    project: Project | None,
    files: Sequence[tuple[_Removed, Record]],
    back: list[Back],
    lost: list[Refusal],
    job: Job,
    *,
    copies: bool,
) -> list[str]:
    """Adds to ``back`` and ``lost``; returns what else a person should know."""
    settled: list[tuple[_Removed, Record, Outcome]] = []
    notes: list[str] = []
    try:
        for each, one in files:
            outcome, was_put = _restored(each, one, copies=copies)
            if isinstance(was_put, Back):
                back.append(was_put)
            else:
                lost.append(was_put)
            if outcome is not None:
                settled.append((each, one, outcome))
            job.advance()
    finally:
        notes += _settle(project, settled)
    return notes


def _restored(
    each: _Removed, one: Record, *, copies: bool
) -> tuple[Outcome | None, Back | Refusal]:
    try:
        try:
            done = putting_back.put_back(one, each.how, each.uid)
        except Lost:
            if not copies or not putting_back.has_twin(one):
                raise
            done = putting_back.copied(one, each.uid)
    except Lost as reason:
        twin = one.survivor if putting_back.has_twin(one) else None
        return Outcome(one.id, "lost", one.went_to, str(reason)), Refusal(
            one.raw_path, str(reason), twin
        )
    except Refused as reason:
        return None, Refusal(one.raw_path, str(reason))
    except OSError as error:
        return None, Refusal(one.raw_path, looking.explain(error))
    return Outcome(one.id, "restored", done.now_at, done.note), done


def _settle(
    project: Project | None, settled: Sequence[tuple[_Removed, Record, Outcome]]
) -> list[str]:
    if project is not None and project.is_writable:
        _settle_rows(project, settled)
    by_manifest: dict[Path, list[tuple[Record, Outcome]]] = {}
    for each, one, outcome in settled:
        if each.path is not None:
            by_manifest.setdefault(each.path, []).append((one, outcome))
    notes: list[str] = []
    for path, some in by_manifest.items():
        notes += _tell_manifest(
            str(path), [one for one, _ in some], [outcome for _, outcome in some]
        )
    return notes


def _settle_rows(project: Project, settled: Sequence[tuple[_Removed, Record, Outcome]]) -> None:
    at_home = [
        (one.image, one.raw_path, each.how)
        for each, one, outcome in settled
        if one.image is not None and outcome.state == "restored" and outcome.went_to == one.raw_path
    ]
    ids = [image for image, _, _ in at_home]
    with project.write(durable=True) as session:
        removals.settle(session, [outcome for each, _, outcome in settled if each.has_rows])
        missing = removals.places(session, ids, present=False)
        images.mark_found(
            session, [image for image, path, _ in at_home if missing.get(image) == path]
        )
        linked = [(image, path) for image, path, how in at_home if how == "links"]
        moves.keep_times(session, list(times_now(linked)))


def times_now(files: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, Found]]:
    """The times that these images' files have now, for those whose bytes are the same as before."""
    for image, path in files:
        with contextlib.suppress(OSError):
            now = os.lstat(path)
            yield image, Found(path, bounded(now.st_mtime_ns), now.st_size)


def _tell_manifest(
    path: str | None, files: Sequence[Record], outcomes: Sequence[Outcome]
) -> list[str]:
    """Add to a manifest, where it still is, what has become of files since; a sentence where that cannot be."""
    if path is None or not outcomes or not os.path.isfile(path):
        return []
    try:
        _add_lines(path, files, outcomes)
    except UsageError as error:
        return [error.sentence]
    except OSError as error:
        return [f"The manifest {path} cannot be written: {error.strerror}."]
    return []


def _add_lines(path: str, files: Sequence[Record], outcomes: Sequence[Outcome]) -> None:
    numbers = {one.raw_path: one.id for one in manifest.read(Path(path)).records}
    by_id = {one.id: one for one in files}
    manifest.add(
        Path(path),
        [
            manifest.state_line(numbers[by_id[one.id].raw_path], one.state, one.went_to, one.reason)
            for one in outcomes
            if by_id[one.id].raw_path in numbers
        ],
    )


def _by_uid(project: Project | None, uid: str) -> list[_Removed]:
    if project is None:
        raise UsageError(f"There is no manifest {uid}.")
    with project.read() as session:
        known = [one for one in removals.every(session) if one.uid == uid]
    if not known:
        raise UsageError(f"There is no file {uid}, and no removal of that number in the catalogue.")
    return [_from_rows(project, one) for one in known]


def _by_plan(project: Project | None, uid: str, path: Path) -> list[_Removed]:
    if project is None:
        raise UsageError(
            "A plan alone does not say what went; name the manifest that lies beside it."
        )
    with project.read() as session:
        known = [one for one in removals.every(session) if one.settings.get("plan") == uid]
    if not known:
        raise UsageError(f"The plan {path} was not carried out in this catalogue.")
    return [_from_rows(project, one) for one in known]


def _from_rows(project: Project, one: removals.Removal) -> _Removed:
    with project.read() as session:
        # What was about to go may have gone, where a catalogue that is only read could not settle that.
        files = removals.files(session, one.id, ("going", "gone", "lost"))
    path = Path(str(one.settings.get("manifest", "")))
    if not manifest.is_manifest(path):
        return _Removed(one.uid, one.how, files, None, has_rows=True)
    # It alone knows the permissions, and the folder of a source that was forgotten or moved since.
    told = {each.raw_path: each for each in manifest.read(path).records}
    files = [
        replace(each, mode=known.mode, root=known.root or each.root)
        if (known := told.get(each.raw_path))
        else each
        for each in files
    ]
    return _Removed(one.uid, one.how, files, path, has_rows=True)


def _from_manifest(project: Project | None, path: Path) -> _Removed:
    """What the manifest tells; with the rows of the catalogue where it has them."""
    told = manifest.read(path)
    if project is not None:
        if told.catalogue != project.uuid:
            raise UsageError(f"The manifest {path} is of another catalogue than this one.")
        with project.read() as session:
            known = [one for one in removals.every(session) if one.uid == told.uid]
        if known:
            return _from_rows(project, known[0])
    # What was about to go may have gone: put_back finds it at its place, or where it went.
    files = [one for one in told.records if one.state in ("going", "gone", "lost")]
    return _Removed(told.uid, told.how, files, path, has_rows=False)
