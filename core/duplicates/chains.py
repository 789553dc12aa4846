"""The shortest walk from one content to another over what was said of pairs."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence

from core.catalogue.records import Verdict
from core.duplicates.records import Key, Step

State = tuple[int, bool]  # a content, and whether the walk has crossed already
_NONE: Mapping[int, Sequence[int]] = {}


def pair(a: int, b: int) -> Key:
    """The pair of two contents, the lower first."""
    return (a, b) if a < b else (b, a)


def outcome(chain: Sequence[Step]) -> Verdict:
    """What a chain of duplicates with at most one other verdict leads to: that other one."""
    return next((step.verdict for step in chain if step.verdict != "duplicate"), "duplicate")


def walk(
    joined: Mapping[int, Collection[int]],
    said: Mapping[Key, Verdict],
    a: int,
    b: int,
    crossings: Mapping[int, Sequence[int]] = _NONE,
) -> tuple[Step, ...] | None:
    """The fewest steps from a to b over duplicates and, where ``crossings`` are given, exactly one of those.

    ``joined`` are the duplicates of each content, ``said`` the verdict on each pair that is stepped over. The pair
    (a, b) itself is left out. None where there is no such walk. Breadth first, so linear in what is reached.
    """
    own, goal, start = pair(a, b), (b, bool(crossings)), (a, False)
    before: dict[State, State | None] = {start: None}
    border = deque([start])
    while border and goal not in before:
        here = border.popleft()
        for there in _next(joined, crossings, here):
            if there not in before and pair(here[0], there[0]) != own:
                before[there] = here
                border.append(there)
    if goal not in before:
        return None
    steps, there = [], goal
    while (back := before[there]) is not None:
        steps.append(Step(back[0], there[0], said[pair(back[0], there[0])]))
        there = back
    return tuple(reversed(steps))


def _next(
    joined: Mapping[int, Collection[int]], crossings: Mapping[int, Sequence[int]], here: State
) -> Iterator[State]:
    content, has_crossed = here
    for other in joined.get(content, ()):
        yield other, has_crossed
    if not has_crossed:
        for other in crossings.get(content, ()):
            yield other, True
