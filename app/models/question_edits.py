"""What a chip or a key does to a question: one example more, turned to the other side, or taken away."""

from collections.abc import Sequence
from dataclasses import replace

from core.search.question import Example, Question

Side = tuple[Example, ...]


def added(question: Question, examples: Sequence[Example], *, is_wanted: bool) -> Question:
    """The question with these examples on one side; those that stood on the other one move over."""
    there = set(examples)
    wanted = tuple(one for one in question.wanted if one not in there)
    unwanted = tuple(one for one in question.unwanted if one not in there)
    if is_wanted:
        wanted += tuple(examples)
    else:
        unwanted += tuple(examples)
    found = _settled(question, wanted, unwanted)
    assert found is not None  # there are those that were added
    return found


def turned(question: Question, examples: Sequence[Example]) -> Question:
    """The question with each of these examples on the other side."""
    there = set(examples)
    to_unwanted = tuple(one for one in question.wanted if one in there)
    to_wanted = tuple(one for one in question.unwanted if one in there)
    wanted = tuple(one for one in question.wanted if one not in there) + to_wanted
    unwanted = tuple(one for one in question.unwanted if one not in there) + to_unwanted
    return _settled(question, wanted, unwanted) or question


def without(question: Question, examples: Sequence[Example]) -> Question | None:
    """The question without these examples; None where none is left."""
    there = set(examples)
    wanted = tuple(one for one in question.wanted if one not in there)
    unwanted = tuple(one for one in question.unwanted if one not in there)
    return _settled(question, wanted, unwanted)


def least_like(examples: Sequence[Example]) -> Question:
    """What is least like these."""
    return Question(tuple(examples), is_negated=True)


def _settled(question: Question, wanted: Side, unwanted: Side) -> Question | None:
    """One that can be asked: with nothing wanted, what was to be less like is what it is least like."""
    if not wanted and not unwanted:
        return None
    is_negated = question.is_negated
    if not wanted:
        wanted, unwanted, is_negated = unwanted, (), not is_negated
    kind = question.kind
    if kind != "like":
        kind, is_negated = "like", False
    return replace(question, kind=kind, wanted=wanted, unwanted=unwanted, is_negated=is_negated)
