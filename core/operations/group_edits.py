"""What a person does to groups: cut one in two, take a member out, join contents; each undone in one step."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import pairs, paths
from core.catalogue.links import Kind, pair_keys, pairs_of
from core.catalogue.pairs import Key
from core.catalogue.records import VERDICTS, Pair
from core.changes import Changes
from core.duplicates.joined import components
from core.duplicates.records import Edge, Group
from core.duplicates.trees import cut_at
from core.errors import UsageError
from core.operations import duplicate_state
from core.operations.duplicate_state import State
from core.operations.grouping import made_of
from core.operations.pairs import judge_many
from core.project import Project


def cut(project: Project, group: Group, edge: int) -> Changes:
    """Part a group at one of its edges (a place in ``group.edges``): every stored link between the two sides of which
    nothing was said is judged different, and this edge. Undoable.

    The sides are those of the group's maximum spanning tree without this edge; where the edge is no part of the tree,
    without the weakest link between its ends. Members of two sides that have no link, and that would meet at a third
    picture now, are judged different as well. Raises UsageError where a person's verdicts join the sides, naming the
    pair, and where the group has changed since.
    """
    if not 0 <= edge < len(group.edges):
        raise UsageError("This group has changed.", "Look at it again.")
    parted = cut_at(group.edges, edge)
    if parted.held is not None:
        raise _held(project, parted.held)
    one, other = set(parted.one), set(parted.other)
    text = f"Part a group of {len(group.contents)} into {len(one)} and {len(other)}"
    return _part(project, one, other, text, group.edges[edge])


def take_out(project: Project, group: Group, content_id: int) -> Changes:
    """Part one member from all others: every stored link between them of which nothing was said is judged different.
    Undoable.

    Raises UsageError where a person's verdicts join it to another member, naming the pair, and where it is none.
    """
    if content_id not in group.contents or len(group.contents) < 2:
        raise UsageError("This picture is in no such group any more.", "Look at it again.")
    rest = set(group.contents) - {content_id}
    return _part(
        project, {content_id}, rest, f"Take one picture out of a group of {len(group.contents)}"
    )


def join(project: Project, content_ids: Sequence[int]) -> Changes:
    """Say that these contents are one picture: duplicates of the first of them. Undoable.

    What was said otherwise of two of them is replaced. Raises UsageError for fewer than two, and for one that is not
    in the catalogue.
    """
    chosen = list(dict.fromkeys(int(one) for one in content_ids))
    if len(chosen) < 2:
        raise UsageError("Two pictures or more can be joined.", "Select another one as well.")
    first, inner = chosen[0], set(chosen)
    with project.read() as session:
        if not pairs.are_contents(session, chosen):
            raise UsageError("One of these pictures is no longer in the catalogue.")
        among = [one for one in pairs.touching(session, chosen) if {one.a, one.b} <= inner]
    keys = {(min(first, one), max(first, one)) for one in chosen[1:]}
    keys |= {(one.a, one.b) for one in among}
    return judge_many(project, sorted(keys), "duplicate", f"Join {len(chosen)} pictures")


def _part(
    project: Project, one: set[int], other: set[int], text: str, edge: Edge | None = None
) -> Changes:
    """Part two sides; what was left unsure between them stays so, but for ``edge``, and where they would meet."""
    state = duplicate_state.load(project)
    held = _held_pair(state, one, other)
    if held is not None:
        raise _held(project, held)
    keys = _between(state, one, other)
    is_chosen = keys == (edge.a << 32 | edge.b if edge is not None else -1)
    keys = keys[is_chosen | (state.verdicts_of(keys) < 0)]
    while len(still := _meeting(project, state, one, other, keys)):
        untold = still[state.verdicts_of(still) < 0]
        keys = np.union1d(keys, untold if len(untold) else still)
    unsure = int(np.count_nonzero(state.verdicts_of(keys) == _UNSURE))
    if unsure:
        text += f", answering {unsure:,} unsure pair{'' if unsure == 1 else 's'}"
    a, b = pairs_of(keys)
    wanted = list(zip(a.tolist(), b.tolist(), strict=True))
    return judge_many(project, wanted, "different", text)


def _held_pair(state: State, one: set[int], other: set[int]) -> Key | None:
    """A pair that a person's verdicts join across two sides; one that was judged itself where there is one."""
    for verdict in state.verdicts:
        if verdict.verdict == "duplicate" and (
            (verdict.a in one and verdict.b in other) or (verdict.a in other and verdict.b in one)
        ):
            return (verdict.a, verdict.b)
    root = state.known.widened(max(one | other) + 1).root
    of_one = {int(root[end]): end for end in one}
    across = [(of_one[int(root[end])], end) for end in sorted(other) if int(root[end]) in of_one]
    return across[0] if across else None


def _between(state: State, one: set[int], other: set[int]) -> NDArray[np.int64]:
    """Keys of the stored links between two sides, ascending."""
    side = np.zeros(max(len(state.known.root), *(end + 1 for end in one | other)), dtype=np.int8)
    side[list(one)], side[list(other)] = 1, 2
    links = state.links
    return np.sort(links.keys[side[links.a] + side[links.b] == 3])


def _meeting(
    project: Project, state: State, one: set[int], other: set[int], parted: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Keys of pairs of the two sides that would be in one group after these are judged different."""
    a, b = pairs_of(parted)
    said = {(verdict.a, verdict.b): verdict for verdict in state.verdicts}
    for key in zip(a.tolist(), b.tolist(), strict=True):
        said[key] = Pair(*key, "different", None, "person", 0.0)
    after = _around(state, one | other).with_verdicts(list(said.values()))
    meeting: list[Key] = []
    for kinds in _KINDS_OF_GROUPS:
        with project.read() as session:
            of = made_of(project, session, after, kinds).of_content
        groups: dict[int, list[int]] = {}
        for end in one:
            groups.setdefault(int(of[end]), []).append(end)
        groups.pop(-1, None)
        meeting += [(first, end) for end in other for first in groups.get(int(of[end]), ())]
    ends = np.array(meeting, dtype=np.int32).reshape(-1, 2)
    return np.setdiff1d(pair_keys(ends[:, 0], ends[:, 1]), parted)


def _around(state: State, wanted: set[int]) -> State:
    """The state without all that does not hang together with these contents: no group of theirs depends on it."""
    links = state.links
    a, b = pairs_of(state.said_keys)
    count = max(len(state.known.root), max(wanted) + 1)
    reached = components(
        count,
        np.concatenate([links.a[state.passes], a]),
        np.concatenate([links.b[state.passes], b]),
    )
    is_near = np.zeros(count, dtype=bool)
    is_near[reached[list(wanted)]] = True
    return replace(state, links=links.take(state.passes & is_near[reached[links.a]]))


def _held(project: Project, pair: Key) -> UsageError:
    with project.read() as session:
        names = paths.paths_of_contents(session, pair)
    one, other = (names.get(end, "a picture that is gone").rpartition("/")[2] for end in pair)
    return UsageError(
        f"You said that {one} and {other} are duplicates, which holds the two sides together.",
        "Change that answer first.",
    )


_UNSURE = VERDICTS.index("unsure")
# In both the two sides must be apart: with parts of pictures, and without.
_KINDS_OF_GROUPS: tuple[tuple[Kind, ...], ...] = (("pixels", "near"), ("pixels", "near", "part-of"))
