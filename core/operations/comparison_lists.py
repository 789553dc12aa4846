"""The images for which two encoders differ most, with the neighbours that each names, for a person to look at."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images
from core.operations.comparison import Comparison, Ints, own_graph
from core.operations.embeddings import require
from core.project import Project
from core.search.agreement import Lists, in_both

Order = Literal["differ", "gain", "loss"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One neighbour of a list. ``is_alone``: the other encoder does not name it; ``is_own``: it is of the image's
    class, None where either has none. ``score`` is the cosine by the encoder of the list."""

    image_id: int
    content_id: int
    path: str
    score: float
    is_alone: bool
    is_own: bool | None


@dataclass(frozen=True, slots=True)
class Compared:
    """An image with the neighbours by each encoder, best first; of up to ``of`` neighbours ``same`` are in both."""

    image_id: int
    content_id: int
    path: str
    class_name: str | None
    same: int
    of: int
    gain: int
    a: tuple[Neighbour, ...]
    b: tuple[Neighbour, ...]


def ranked(found: Comparison, order: Order, count: int) -> Ints:
    """Places in ``content_ids`` of up to ``count`` contents: those for which the encoders ``differ`` most (where that
    is equal, first those whose class gains or loses), or that have the largest ``gain`` or ``loss`` of their class."""
    gain, share = found.agreement.gain.astype(np.int64), found.agreement.share
    if order == "differ":
        first, then, kept = share.astype(np.float64), -np.abs(gain), share < 1
    else:
        wanted = gain if order == "gain" else -gain
        first, then, kept = -wanted.astype(np.float64), share, wanted > 0
    places = np.flatnonzero(kept)
    # Only what can be among the first is sorted: a sort of a million by two keys takes a second.
    if len(places) > 4 * count:
        limit = np.partition(first[places], count - 1)[count - 1]
        places = places[first[places] <= limit]
    return places[np.lexsort((places, then[places], first[places]))[:count]]


def lists(project: Project, found: Comparison, places: Ints) -> list[Compared]:
    """The images at these places of ``content_ids``, in their order, with both lists of neighbours.

    Contents whose images are gone by now are left out.
    """
    one, other = require(project, found.a), require(project, found.b)
    listed, scores = [], []
    for embedding in (one, other):
        graph = own_graph(project, embedding)
        both = Lists(graph, found.content_ids).with_scores(places, found.k)
        listed.append(both[0])
        scores.append(both[1])
    known = in_both(listed[0], listed[1])
    every = np.unique(np.concatenate([places, *(one[one >= 0] for one in listed)]))
    shown = _shown(project, found.content_ids[every])

    def strip(side: int, row: int, own: int) -> tuple[Neighbour, ...]:
        made = []
        for column, place in enumerate(listed[side][row].tolist()):
            content = int(found.content_ids[place])
            if place < 0 or content not in shown:
                continue
            its = int(found.classes[place])
            is_own = None if own < 0 or its < 0 else own == its
            image_id, path = shown[content]
            score = round(float(scores[side][row, column]), 4)
            is_alone = not bool(known[side][row, column])
            made.append(Neighbour(image_id, content, path, score, is_alone, is_own))
        return tuple(made)

    rows = []
    gain = found.agreement.gain
    for row, place in enumerate(places.tolist()):
        content, own = int(found.content_ids[place]), int(found.classes[place])
        if content not in shown:
            continue
        image_id, path = shown[content]
        of = int(max(found.agreement.listed_a[place], found.agreement.listed_b[place]))
        rows.append(
            Compared(
                image_id,
                content,
                path,
                found.names[own] if own >= 0 else None,
                int(found.agreement.same[place]),
                of,
                int(gain[place]),
                strip(0, row, own),
                strip(1, row, own),
            )
        )
    return rows


def _shown(project: Project, content_ids: NDArray[np.int32]) -> dict[int, tuple[int, str]]:
    """(id, path) of the first present image of each content."""
    with project.read() as session:
        present = images.of_contents(session, content_ids.tolist())
        first = {content: ids[0] for content, ids in present.items()}
        paths = images.paths_shown(session, list(first.values()))
    return {
        content: (image_id, paths[image_id][1])
        for content, image_id in first.items()
        if image_id in paths
    }
