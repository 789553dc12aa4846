"""Part of a report: duplicates from what was found and said, thresholds, and what was removed. Looks for nothing."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from core.catalogue import pairs, removals
from core.catalogue.columns import PRESENT
from core.catalogue.links import KINDS
from core.catalogue.records import VERDICTS
from core.catalogue.removals import Removal
from core.duplicates.joined import NO, OPEN, YES
from core.duplicates.records import Group
from core.export.report import (
    Count,
    Duplicates,
    GroupFact,
    Picture,
    RemovalFact,
    Removals,
    ThresholdFact,
)
from core.jobs import Job
from core.operations import duplicate_state, links, thresholds
from core.operations import pairs as said
from core.operations.export_report_pictures import pictures, some
from core.operations.export_report_times import when
from core.operations.grouping import grouped
from core.project import Project

MOST_GROUPS, MOST_IN_GROUP, MOST_REMOVALS = 10, 6, 20
_STEPS = 100  # of a threshold's curve, as many at most


def duplicates(project: Project, job: Job) -> Duplicates:
    """What there is of duplicates, from stored links and verdicts."""
    job.start("Duplicates")
    known = links.state(project)
    state = duplicate_state.load(project)
    grouping = grouped(project)
    job.checkpoint()
    with project.read() as session:
        now = project.index(session).columns
        verdicts = pairs.counts(session)
    present = now.status == PRESENT
    contents, sizes = now.content_ids[present], now.size_bytes[present]
    copies = np.bincount(contents)
    largest = np.zeros(len(copies), dtype=np.int64)
    np.maximum.at(largest, contents, sizes)
    counts = (state.passes & (state.labels != NO)) | (state.labels == YES)
    kinds = state.links.kinds
    shown = grouping.groups(grouping.order("size")[:MOST_GROUPS])
    seen = pictures(project, (one for group in shown for one in group.images[:MOST_IN_GROUP]))
    return Duplicates(
        is_searched=bool(known.compared),
        waiting=known.waiting,
        repeated_contents=int(np.count_nonzero(copies > 1)),
        extra_copies=int((copies - 1).clip(0).sum()),
        extra_bytes=int(sizes.sum() - largest.sum()),
        links=_counts(kinds[counts]),
        candidates=_counts(kinds),
        verdicts=tuple(Count(one, int(verdicts.get(one, 0))) for one in VERDICTS),
        open_pairs=int(np.count_nonzero(state.passes & (state.labels == OPEN))),
        contradictions=said.count_contradictions(project),
        groups=len(grouping),
        grouped_files=len(grouping.image_ids),
        bytes_to_win=int(grouping.bytes_to_win.sum()),
        largest=tuple(_group(one, seen) for one in shown),
    )


def _counts(kinds: NDArray[np.uint8]) -> tuple[Count, ...]:
    """Links by kind, the same bytes left out, which are no links."""
    counts = np.bincount(kinds, minlength=len(KINDS)).tolist()
    return tuple(Count(*one) for one in zip(KINDS[1:], counts[1:], strict=True))


def _group(group: Group, seen: dict[int, Picture]) -> GroupFact:
    kinds = Counter(one.kind for one in group.edges)
    if len(group.images) > len(group.contents):
        kinds["exact"] = len(group.images) - len(group.contents)
    weakest = None if group.weakest is None else group.edges[group.weakest].score
    return GroupFact(
        len(group.images),
        group.bytes_to_win,
        group.is_judged,
        tuple(Count(kind, kinds[kind]) for kind in KINDS if kinds[kind]),
        None if weakest is None else round(weakest, 6),
        some(seen, group.images[:MOST_IN_GROUP]),
    )


def expected(project: Project, job: Job) -> tuple[ThresholdFact, ...]:
    """What the thresholds are, and what is expected at them; none while no links are known."""
    job.start("Thresholds")
    if not len(links.load(project)):
        return ()
    found = []
    for kind in thresholds.UNCERTAIN:
        curve, threshold = thresholds.curve(project, kind), thresholds.threshold(project, kind)
        told = thresholds.at(curve, threshold)
        step = max(1, (len(curve.thresholds) - 1) // _STEPS)
        rows = np.column_stack([curve.thresholds, curve.precision, curve.recall])[::step]
        found.append(
            ThresholdFact(
                kind, threshold, thresholds.DEFAULTS[kind], told.precision, told.recall, told.shown,
                told.candidates, told.answers, tuple(map(tuple, np.round(rows, 6).tolist())),
            )
        )  # fmt: skip
    return tuple(found)


def removed(project: Project) -> Removals:
    """What was removed so far, the last first."""
    with project.read() as session:
        every = removals.every(session)
    return Removals(
        len(every),
        sum(one.counts.get("gone", 0) for one in every),
        sum(one.size_bytes for one in every),
        tuple(map(_removal, every[:MOST_REMOVALS])),
    )


def _removal(one: Removal) -> RemovalFact:
    counts = tuple(Count(*each) for each in sorted(one.counts.items()))
    return RemovalFact(when(one.begun_at), one.how, counts, one.size_bytes)
