"""What the panel Groups shows, as plain values: a row of the list, a group as a graph, its members, a link."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.models.insight import Picture
from core.catalogue.links import Kind
from core.catalogue.records import Image, Verdict


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in the list. ``pictures``: the first of its contents, the keeper first; ``weakest`` a score, or None."""

    pictures: tuple[Picture, ...]
    contents: int
    images: int
    bytes_to_win: int
    weakest: float | None
    is_judged: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A member on the graph: its content and one image of it. ``copies``: files of the very same bytes."""

    content_id: int
    image_id: int
    name: str
    copies: int
    is_keeper: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A link on the graph between two nodes, by their places. ``place`` is that of the edge within its group.

    ``far_side`` are the nodes of the far side where cutting here parts the group; empty where it cannot be cut here.
    ``differs``: words of DIFFERENCES.
    """

    a: int
    b: int
    place: int
    score: float
    kind: Kind
    verdict: Verdict | None
    is_weakest: bool
    far_side: frozenset[int] = field(default_factory=frozenset)
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A group laid out: ``places`` float64 [nodes, 2]. ``more`` members are not drawn."""

    id: int
    nodes: tuple[Node, ...] = ()
    lines: tuple[Line, ...] = ()
    places: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    more: int = 0

    @property
    def weakest(self) -> int | None:
        """The place in ``lines`` of the weakest link."""
        return next((at for at, one in enumerate(self.lines) if one.is_weakest), None)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """An image of a group, as it is surveyed. ``why`` says what the keeper has before it."""

    picture: Picture
    image: Image
    is_keeper: bool
    is_protected: bool
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class GroupState:
    """The group on show: its graph, its images, the folders they lie in, and whether it can be cut."""

    row: GroupRow
    graph: Graph
    members: tuple[MemberRow, ...]
    folders: tuple[str, ...]
    parted: tuple[int, ...] = ()  # sizes, where it was parted just now
