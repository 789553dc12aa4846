"""Settings that are to be compared: all different, all possible here, and judged by the same watched images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import KnownError, UsageError
from core.operations import advice, training
from core.operations.examples import gather
from core.project import Project
from core.training.brief import Gathered
from core.training.examples import pairs_among
from core.training.presets import Facts
from core.training.settings import Settings

COUNT = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate: as it was ``asked`` for, and with nothing open."""

    asked: Settings
    resolved: Settings
    facts: Facts
    gathered: Gathered
    notes: tuple[str, ...]

    @property
    def needs(self) -> tuple[object, ...]:
        """Equal where varied copies, or pictures, are the same."""
        one = self.resolved
        if one.depth != "head":
            return one.depth, one.encoder
        return one.encoder, one.augmentation, one.copies, one.seed


def choose(project: Project, given: Sequence[Settings] | None, wanted: Settings) -> list[Candidate]:
    """Those ``given``; where None are, what is advised and other ways, with all that is ``wanted`` in them.

    Raises UsageError where they cannot be compared, UsageError or EncoderError where one cannot be.
    """
    found: list[Candidate] = []
    for one in advice.candidates(project, wanted) if given is None else given:
        try:
            new = _candidate(project, one)
        except KnownError:
            # Of those that nobody asked for others take the place; the first is what is advised.
            if given is not None or not found:
                raise
            continue
        if not any(new.resolved == other.resolved for other in found):
            found.append(new)
        if len(found) == COUNT and given is None:
            break
    if len(found) < 2:
        raise UsageError(
            "There are no two different settings to compare.", "Leave more of them open."
        )
    for candidate in found:
        _check_watched(found[0].gathered, candidate.gathered)
    return found


def _candidate(project: Project, asked: Settings) -> Candidate:
    gathered = gather(project, asked)
    if gathered.survey.problem:
        raise UsageError(gathered.survey.problem)
    resolved, facts, notes = training.resolve(project, asked, gathered)
    return Candidate(asked, resolved, facts, gathered, tuple(notes))


def _check_watched(first: Gathered, other: Gathered) -> None:
    """Raises UsageError unless both can be judged by the same watched images."""
    watched = (one.examples.content_ids[one.parts.watched] for one in (first, other))
    held_out = (one.examples.content_ids[one.parts.held_out] for one in (first, other))
    if not all(np.array_equal(one, another) for one, another in (tuple(watched), tuple(held_out))):
        raise UsageError(
            "Settings can be compared only where they learn from the same images.",
            "Give all of them the same labels, the same split or share held out, and the same seed.",
        )
    examples, rows = other.examples, np.flatnonzero(other.parts.watched)
    if examples.is_pairs:
        _, is_same = pairs_among(examples.labels, rows, examples.different)
        is_able = bool(is_same.any() and not is_same.all())
    else:
        is_able = bool((np.bincount(examples.labels[rows], minlength=1) > 1).any())
    if not is_able:
        raise UsageError(
            "Too few images can be watched while learning to tell which settings are best.",
            "Label more images, or train with one setting.",
        )
