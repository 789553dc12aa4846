"""What the panel Groups asks of the engine, run in lanes: all groups, one of them laid out, what rules do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.models.graph_places import lay_out, shown_members
from app.models.group_list import row_of
from app.models.group_rows import Graph, GroupState, Line, MemberRow, Node
from app.models.insight import Picture
from core.catalogue.links import difference_names
from core.catalogue.records import Image
from core.duplicates.grouping import Grouping, Order
from core.duplicates.keepers import Rule
from core.duplicates.records import Edge, Group
from core.duplicates.trees import cut_at
from core.operations import duplicate_state, groups, images, keepers
from core.operations.grouping import grouped
from core.operations.keepers import Kept, RuleEffect

if TYPE_CHECKING:
    from core.project import Project

MOST_NODES = 60
MOST_CUTS = 40_000  # links times links, up to which the sides of a cut at each of them are known
JOINING = (None, "duplicate")


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """All groups, the order of those that are listed, and what would be won by all of them."""

    groups: Grouping
    order: NDArray[np.int64]
    bytes_to_win: int


@dataclass(frozen=True, slots=True)
class Keeping:
    """How keepers are chosen now."""

    rules: tuple[Rule, ...]
    protected: tuple[str, ...]


def load_list(project: "Project", order: Order, is_open_only: bool) -> Listed:
    """All groups in this order; ``is_open_only``: without those that a person judged."""
    found = grouped(project)
    places = found.order(order)
    if is_open_only:
        places = places[~found.is_judged[places]]
    return Listed(found, places, int(found.bytes_to_win.sum()))


def load_keeping(project: "Project") -> Keeping:
    """Rules and protected folders."""
    return Keeping(keepers.rules(project), tuple(keepers.protected(project)))


def effects(project: "Project", rules: Sequence[Rule]) -> list[RuleEffect]:
    """What these rules do to all groups."""
    found = grouped(project)
    return keepers.preview(project, found, rules) if len(found) else []


def effects_of(
    project: "Project", rules: Sequence[Rule], content_id: int
) -> tuple[list[RuleEffect], int | None]:
    """The same, with the image that these rules keep of the group of a content (None where it is in none)."""
    group = groups.group_of(project, content_id)
    kept = keepers.chosen(project, [group.images], rules)[0].keeper if group is not None else None
    return effects(project, rules), kept


def load_state(
    project: "Project", content_id: int, parted: tuple[int, ...] = ()
) -> GroupState | None:
    """The group of a content, laid out. ``parted``: contents of the group before it was cut, all of which are shown."""
    group = groups.group_of(project, content_id)
    whole = grouped(project)
    if not parted:
        return None if group is None else _state(project, whole, (group,), group.contents)
    numbers = {int(whole.of_content[one]) for one in parted if one < len(whole.of_content)}
    found = tuple(whole.groups(np.array(sorted(numbers - {-1}), dtype=np.int64)))
    return _state(project, whole, found, parted) if found else None


def _state(
    project: "Project", whole: Grouping, found: tuple[Group, ...], contents: tuple[int, ...]
) -> GroupState:
    """Groups that are shown together; ``contents`` may hold some that are in none any more."""
    kept = keepers.chosen(project, [one.images for one in found])
    listed = [one for group in found for one in group.images]
    with_images = {one for group in found for one in group.contents}
    alone = [one for one in contents if one not in with_images]
    inner = set(contents)
    described = [one for one in images.describe(project, listed) if one.content_id in inner]
    members = _members(described, kept)
    edges = [one for group in found for one in group.edges if {one.a, one.b} <= inner]
    main = max(found, key=lambda one: len(one.contents))
    graph = _graph(main, (*contents,), edges, members, alone, _differs(project, edges))
    counts = [len(inner.intersection(one.contents)) for one in found]
    sizes = tuple(sorted(counts, reverse=True)) + (1,) * len(alone)
    return GroupState(
        row_of(whole, int(whole.of_content[main.contents[0]])),
        graph,
        tuple(members),
        tuple(sorted({one.image.path.rpartition("/")[0] for one in members})),
        sizes if len(sizes) > 1 else (),
    )


def _members(described: Sequence[Image], kept: Sequence[Kept]) -> list[MemberRow]:
    keeper = {one.keeper for one in kept}
    staying = {image_id for one in kept for image_id in one.staying}
    why = {i: said for one in kept for i, said in zip(one.leaving, one.reasons, strict=True)}
    order = {i: at for at, i in enumerate(i for one in kept for i in (*one.staying, *one.leaving))}
    rows = [
        MemberRow(
            Picture(one.id, one.content_id, one.path),
            one,
            one.id in keeper,
            one.id in staying and one.id not in keeper,
            why.get(one.id, ""),
        )
        for one in described
    ]
    return sorted(rows, key=lambda row: order.get(row.image.id, len(order)))


def _differs(project: "Project", edges: Sequence[Edge]) -> dict[int, tuple[str, ...]]:
    """What differs between the ends of the edges that are links, by a << 32 | b."""
    links = duplicate_state.load(project).links
    keys = links.keys
    wanted = np.array([one.a << 32 | one.b for one in edges], dtype=np.int64)
    rows = np.flatnonzero(np.isin(keys, wanted))
    return {int(keys[row]): difference_names(int(links.differs[row])) for row in rows.tolist()}


def _graph(
    main: Group,
    contents: tuple[int, ...],
    edges: Sequence[Edge],
    members: Sequence[MemberRow],
    alone: Sequence[int],
    differs: dict[int, tuple[str, ...]],
) -> Graph:
    joining = [(one.a, one.b) for one in edges if one.verdict in JOINING]
    shown = shown_members(contents, joining, MOST_NODES)
    place = {one: at for at, one in enumerate(shown)}
    files: dict[int, list[MemberRow]] = {}
    for row in members:
        files.setdefault(row.image.content_id, []).append(row)
    nodes = []
    for one in shown:
        rows = files.get(one, [])
        best = next((row for row in rows if row.is_keeper), rows[0] if rows else None)
        nodes.append(
            Node(
                one,
                best.image.id if best else 0,
                best.image.name if best else "a picture by itself",
                max(1, len(rows)),
                (best is not None and best.is_keeper) or one in alone,
            )
        )
    weakest = main.edges[main.weakest] if main.weakest is not None else None
    knows_sides = len(main.edges) ** 2 <= MOST_CUTS
    place_of = {id(edge): at for at, edge in enumerate(main.edges)}
    lines = []
    for edge in edges:
        if edge.a not in place or edge.b not in place:
            continue
        at = place_of.get(id(edge), -1)
        far: frozenset[int] = frozenset()
        if at >= 0 and edge.verdict in JOINING and (knows_sides or edge is weakest):
            cut = cut_at(main.edges, at)
            other = min(cut.one, cut.other, key=len)
            far = frozenset(place[one] for one in other if one in place)
        lines.append(
            Line(
                place[edge.a], place[edge.b], at, edge.score, edge.kind, edge.verdict,
                edge is weakest, far, differs.get(edge.a << 32 | edge.b, ()),
            )
        )  # fmt: skip
    pulled = [one for one in lines if one.verdict in JOINING]
    ends = np.array([(one.a, one.b) for one in pulled], dtype=np.int64).reshape(-1, 2)
    scores = np.array([one.score for one in pulled])
    return Graph(
        min(contents), tuple(nodes), tuple(lines), lay_out(len(nodes), ends, scores),
        len(contents) - len(shown),
    )  # fmt: skip
