"""Duplicates: pairs of images that are the same picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

import numpy as np

from core.catalogue import images
from core.catalogue.links import KINDS, Kind, difference_names
from core.duplicates.joined import NO, YES
from core.errors import UsageError
from core.jobs import Job
from core.operations import duplicate_settings, duplicate_state, links
from core.operations.duplicate_state import State
from core.project import Project

# Two contents, the score and kind of the link between them, and what differs; a content with itself is "exact".
_Found = tuple[int, int, float, Kind, tuple[str, ...]]
# Images of one content of which each is paired with each; those beyond are paired with the first of them.
MOST_EXACT = 100
# Pairs of images that two contents which are the same picture give at most.
MOST_PAIRS = 10_000


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two images that are the same picture, ``a`` before ``b`` by path. ``score``, 0 to 1, is how much of what both
    show agrees; ``differs`` are words of ``core.catalogue.links.DIFFERENCES``."""

    a: str
    b: str
    a_id: int
    b_id: int
    score: float
    kind: Kind
    differs: tuple[str, ...]


def find(
    project: Project, *, threshold: float | None = None, job: Job | None = None
) -> list[DuplicatePair]:
    """Each pair of images at most once: the same bytes first, then the same pixels, then by falling score.

    What is new is compared first, and kept where the catalogue can be written. ``threshold`` is the score, 0 to 1,
    from which near pairs and parts count; without it those of the catalogue do, which aim at a precision of 0.99.
    What a person judged similar or different, or what follows from that, is left out; what they judged a duplicate
    is in, whatever its score (1 where it was not measured). Of one content each two of the first MOST_EXACT images
    are pairs, further ones with the first; of two contents the first MOST_PAIRS pairs are, and the job is told how
    many more there are. Raises UsageError for a threshold outside 0 to 1.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise UsageError("The threshold is a score between 0 and 1.")
    job = job or Job()
    is_current = links.is_current(project)
    if is_current or project.is_writable:
        # What could not be read the last time may be there again.
        if project.is_writable and (not is_current or links.state(project).waiting):
            links.update(project, job=job)
        every, waiting = links.load(project), links.state(project).waiting
    else:
        every, waiting = links.found_in_memory(project, job=job)
    if waiting:
        contents = "1 content was" if waiting == 1 else f"{waiting:,} contents were"
        job.note(
            f"{contents} not compared with all others: a thumbnail is lost and its file cannot be read now."
        )
    with project.read() as session:
        from_scores = duplicate_settings.thresholds(session)
        verdicts = duplicate_state.said(session)
        shared = images.shared_contents(session)
    if threshold is not None:
        from_scores |= {"near": threshold, "part-of": threshold}
    same: list[_Found] = [(one, one, 1.0, "exact", ()) for one in shared]
    state = duplicate_state.made_of(every, verdicts, from_scores)
    return _expanded(project, same + _passing(state), job)


def _passing(state: State) -> list[_Found]:
    """Links that count, the same pixels first, then by falling score, and pairs that a person said are duplicates."""
    passes = (state.passes & (state.labels != NO)) | (state.labels == YES)
    some = state.links.take(np.flatnonzero(passes))
    found: list[_Found] = [
        (a, b, score, KINDS[kind], difference_names(bits))
        for a, b, score, kind, bits in zip(
            *(one.tolist() for one in (some.a, some.b, some.scores, some.kinds, some.differs)),
            strict=True,
        )
    ]
    linked = {(a, b) for a, b, *_ in found}
    found += [
        (one.a, one.b, 1.0, "near", ())
        for one in state.verdicts
        if one.verdict == "duplicate" and (one.a, one.b) not in linked
    ]
    return sorted(found, key=lambda one: (KINDS.index(one[3]) > 1, -one[2], one[:2]))


def _expanded(project: Project, found: Sequence[_Found], job: Job) -> list[DuplicatePair]:
    """Pairs of images from pairs of contents (a content with itself: its images among each other)."""
    wanted = sorted({one for a, b, *_ in found for one in (a, b)})
    with project.read() as session:
        by_content = images.of_contents(session, wanted)
        ids = [one for content in wanted for one in by_content.get(content, [])]
        path_of = {one: path for one, (_, path) in images.paths_shown(session, ids).items()}
    answer, left_out = [], 0
    for a, b, score, kind, differs in found:
        ours, theirs = by_content.get(a, []), by_content.get(b, [])
        left_out += 0 if a == b else max(0, len(ours) * len(theirs) - MOST_PAIRS)
        for couple in _couples(ours, theirs, is_same=a == b):
            one, other = sorted(couple, key=path_of.__getitem__)
            answer.append(
                DuplicatePair(
                    path_of[one], path_of[other], one, other, round(score, 6), kind, differs
                )
            )
    if left_out:
        job.note(f"{left_out:,} further pairs of images of the same contents are not listed.")
    return answer


def _couples(ours: Sequence[int], theirs: Sequence[int], *, is_same: bool) -> list[tuple[int, int]]:
    if not is_same:
        return list(islice(product(ours, theirs), MOST_PAIRS))
    few = list(combinations(ours[:MOST_EXACT], 2))
    return few + [(ours[0], one) for one in ours[MOST_EXACT:]]
