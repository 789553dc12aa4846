"""Making the plan of a removal: what is surplus, what stays in its place, and why."""

import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import columns, removals, revisions, sources
from core.catalogue.links import KINDS
from core.catalogue.removals import HOWS, How
from core.catalogue.session import Session
from core.duplicates import keepers as by_rules
from core.duplicates.joined import NO
from core.duplicates.keepers import Rule
from core.duplicates.removal import looking
from core.duplicates.removal.choosing import Bonds, Choice, Clusters
from core.duplicates.removal.records import Ground, Keeper, Leaving, Plan, PlanGroup
from core.errors import UsageError
from core.images.scan import display
from core.jobs import Job
from core.operations import duplicate_state, keepers
from core.operations.duplicate_state import State
from core.project import Project

_GROUPS_TOGETHER = 256
_PIXELS, _NEAR = KINDS.index("pixels"), KINDS.index("near")
_REFUTING = ("different", "similar")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for, see core.operations.removal.plan."""

    how: How
    folder: Path | None
    kinds: tuple[str, ...]
    threshold: float | None
    judged: bool
    rules: tuple[Rule, ...]
    protected: tuple[str, ...]

    @property
    def grounds(self) -> frozenset[Ground]:
        """What counts as a ground for a file to go. A link can only take the place of the same bytes."""
        found: set[Ground] = set()
        found |= {"exact"} if "exact" in self.kinds else set()
        if self.how != "links":
            found |= {"pixels"} if "pixels" in self.kinds else set()
            found |= {"judged"} if self.judged else set()
            found |= {"near"} if self.threshold is not None else set()
        return frozenset(found)


def make(project: Project, wanted: Wanted, job: Job) -> Plan:
    """The plan of what is wanted, as the catalogue is now. Raises UsageError."""
    target = _target(project, wanted)
    job.start("Planning")
    state = duplicate_state.load(project)
    with project.read() as session:
        now = project.index(session).columns
        away = _sources_away(session)
        rows = np.flatnonzero(
            (now.status == columns.PRESENT) & ~np.isin(now.source_ids, list(away))
        )
        content_ids = now.content_ids[rows].astype(np.int64)
        clusters = Clusters(_bonds(state, wanted), content_ids)
        groups = [rows[some] for some in _grouped(clusters.labels[content_ids])]
        order = _Order(project, session, state, np.concatenate([*groups, rows[:0]]), wanted)
        found: list[PlanGroup] = []
        starts = range(0, len(groups), _GROUPS_TOGETHER)
        for start in job.track(starts, "Planning"):
            some = [now.ids[one].tolist() for one in groups[start : start + _GROUPS_TOGETHER]]
            found += _Batch(session, some, wanted, order).groups(clusters)
    return Plan(
        uid=str(uuid.uuid4()),
        catalogue=project.uuid,
        made_at=float(int(time.time())),
        how=wanted.how,
        groups=tuple(found),
        folder=target,
        kinds=wanted.kinds,
        threshold=wanted.threshold,
        judged=wanted.judged,
        rules=tuple(by_rules.text_of(one) for one in wanted.rules if one.is_on),
        protected=tuple(os.fsencode(os.path.abspath(one)) for one in wanted.protected),
        notes=_notes(wanted, list(away.values()), clusters.contradictory),
    )


class Grounds:
    """Whether the grounds of a plan still hold, by what a person has said until now."""

    def __init__(self, project: Project, plan: Plan) -> None:
        self._project = project
        self._wanted = Wanted("trash", None, plan.kinds, plan.threshold, plan.judged, (), ())
        self._said: str | None = None
        self._clusters: Clusters | None = None

    def unfounded(self, entries: Sequence[tuple[Keeper, Leaving]]) -> set[int]:
        """The images, of (what stays, what goes), that a plan made now would not let go beside their survivor."""
        clusters = self._now()
        return {one.image for keeper, one in entries if not _holds(clusters, keeper, one)}

    def _now(self) -> Clusters:
        """Made anew only where something was said since: what a removal does itself changes no ground."""
        with self._project.read() as session:
            said = revisions.verdicts(session)
        if self._clusters is None or said != self._said:
            state = duplicate_state.load(self._project)
            with self._project.read() as session:
                now = self._project.index(session).columns
                content_ids = now.content_ids[now.status == columns.PRESENT].astype(np.int64)
            self._said, self._clusters = said, Clusters(_bonds(state, self._wanted), content_ids)
        return self._clusters


def _holds(clusters: Clusters, keeper: Keeper, one: Leaving) -> bool:
    """The same bytes speak for themselves; a machine's score alone is no ground where it was a better one."""
    if one.ground == "exact":
        return True
    found = clusters.ground(one.content, keeper.content)
    return found is not None and (found[0] != "near" or one.ground == "near")


def _target(project: Project, wanted: Wanted) -> bytes | None:
    """The folder that files are moved to; everything that was asked for is looked at."""
    if wanted.how not in HOWS:
        raise UsageError(
            f"There is no way {wanted.how!r} to remove files; there are {', '.join(HOWS)}."
        )
    if unknown := set(wanted.kinds) - {"exact", "pixels", "near", "part-of"}:
        raise UsageError(f"There is no kind {min(unknown)!r} of duplicates.")
    if "part-of" in wanted.kinds:
        raise UsageError(
            "A picture that is a part of another one is never removed by itself.",
            "Judge such pairs as duplicates where they are.",
        )
    if "near" in wanted.kinds and wanted.threshold is None:
        raise UsageError("Near duplicates are removed only above a threshold that you name.")
    if wanted.threshold is not None and not 0 <= wanted.threshold <= 1:
        raise UsageError("The threshold of a removal is between 0 and 1.")
    if wanted.how == "folder" and wanted.folder is None:
        raise UsageError(
            "It is not said which folder the files are to move to.", "Name one with --folder."
        )
    if wanted.how != "folder" and wanted.folder is not None:
        raise UsageError("A folder is only for files that move to a folder.", "Add --how folder.")
    return None if wanted.folder is None else refuse_folder(project, wanted.folder)


def refuse_folder(project: Project, folder: Path) -> bytes:
    """The folder as absolute bytes. Raises UsageError where files must not be moved there."""
    raw = os.fsencode(os.path.abspath(folder))
    if os.path.lexists(raw) and not os.path.isdir(raw):
        raise UsageError(f"{display(raw)} is no folder.")
    with project.read() as session:
        roots = sources.roots(session).values()
    for root in roots:
        if looking.is_below(raw, root):
            raise UsageError(
                f"{display(raw)} lies in {display(root)}, where the next import would find the files again.",
                "Choose a folder outside the folders of the catalogue.",
            )
    return raw


def _sources_away(session: Session) -> dict[int, str]:
    roots = sources.roots(session)
    return {id_: display(raw) for id_, raw in roots.items() if not sources.is_here(raw)}


def _notes(wanted: Wanted, away: list[str], contradictory: int) -> tuple[str, ...]:
    notes = [
        f"{one} is not there now, so its files neither go nor count as survivors." for one in away
    ]
    if wanted.how == "links" and (set(wanted.kinds) - {"exact"} or wanted.threshold is not None):
        notes.append("Only files of the very same bytes can become links to each other.")
    if contradictory and wanted.grounds - {"exact"}:
        which = "1 group" if contradictory == 1 else f"{contradictory} groups"
        notes.append(
            f"The answers on {which} contradict each other, so nothing of that goes but exact copies."
        )
    return tuple(notes)


def _bonds(state: State, wanted: Wanted) -> Bonds:
    known, grounds = state.links, wanted.grounds
    couples = np.stack([known.a, known.b], axis=1).astype(np.int64)
    refuted = [(one.a, one.b) for one in state.verdicts if one.verdict in _REFUTING]
    unsure = [(one.a, one.b) for one in state.verdicts if one.verdict == "unsure"]
    marked = [(one.a, one.b) for one in state.verdicts if one.verdict == "duplicate"]
    # What follows from verdicts is refuted as well as what was said.
    is_open = state.labels != NO
    is_pixels = (known.kinds == _PIXELS) & ("pixels" in grounds) & is_open
    threshold = wanted.threshold if "near" in grounds and wanted.threshold is not None else np.inf
    is_near = (known.kinds == _NEAR) & (known.scores >= threshold) & is_open
    return Bonds(
        pixels=couples[is_pixels],
        judged=_array(marked if "judged" in grounds else []),
        near=couples[is_near],
        scores=known.scores[is_near].astype(np.float64),
        refuted=np.concatenate([_array(refuted), couples[~is_open]]),
        unsure=_array(unsure),
    )


def _array(some: list[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(some, dtype=np.int64).reshape(-1, 2)


def _grouped(labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Rows of each label that more than one row has."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    counts = np.diff(np.append(starts, len(order)))
    large = counts > 1
    return [
        order[start : start + count]
        for start, count in zip(starts[large].tolist(), counts[large].tolist(), strict=True)
    ]


class _Order:
    """Which of some images stays, by the rules, and why."""

    def __init__(
        self,
        project: Project,
        session: Session,
        state: State,
        rows: NDArray[np.int64],
        wanted: Wanted,
    ) -> None:
        facts = keepers.facts_of(
            project, session, state, rows, wanted.rules, folders=wanted.protected
        )
        ids = project.index(session).columns.ids[rows].tolist()
        self._place = {id_: place for place, id_ in enumerate(ids)}
        self._ranks, self._protected = facts.ranks(wanted.rules), facts.protected
        self._reasons = by_rules.reasons(facts, wanted.rules)

    def best(self, ids: Sequence[int]) -> int:
        """The image that stays."""
        return min(ids, key=lambda id_: int(self._ranks[self._place[id_]]))

    def why(self, keeper: int, other: int) -> str:
        """What the keeper has before the other one, in a few words."""
        a, b = self._place[keeper], self._place[other]
        return next(name for name, one in self._reasons if one[a] != one[b])

    def is_protected(self, image_id: int) -> bool:
        """Whether the image never goes."""
        return bool(self._protected[self._place[image_id]])


class _Batch:
    """Some groups of images, with what the plan says of each image read at once."""

    def __init__(
        self, session: Session, groups: list[list[int]], wanted: Wanted, order: _Order
    ) -> None:
        self._files = removals.present(session, [one for group in groups for one in group])
        self._groups, self._wanted, self._order = groups, wanted, order

    def groups(self, clusters: Clusters) -> list[PlanGroup]:
        """What goes of each group."""
        found = []
        for group in self._groups:
            contents = {
                one: file.content
                for one in group
                if (file := self._files.get(one)) and not looking.is_in_trash(file.raw_path)
            }
            for choice in clusters.choices(contents, self._order.best):
                leaving = self._leaving(choice)
                if leaving:
                    found.append(PlanGroup(self._keeper(choice.keeper), leaving))
        return found

    def _keeper(self, image_id: int) -> Keeper:
        one = self._files[image_id]
        return Keeper(one.image, one.content, one.raw_path, one.sha256, one.size_bytes)

    def _leaving(self, choice: Choice) -> tuple[Leaving, ...]:
        leaving = [
            Leaving(
                image=image_id,
                content=(one := self._files[image_id]).content,
                raw_path=one.raw_path,
                sha256=one.sha256,
                size_bytes=one.size_bytes,
                mtime_ns=one.mtime_ns,
                ground=ground,
                why=self._order.why(choice.keeper, image_id),
                score=score,
            )
            for image_id, ground, score in choice.leaving
            if ground in self._wanted.grounds and not self._order.is_protected(image_id)
        ]
        return tuple(sorted(leaving, key=lambda one: one.raw_path))
