"""Label hints: images whose class disagrees with the images around them, surest first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images, queries
from core.catalogue.columns import PRESENT
from core.catalogue.queries import ClassSource
from core.catalogue.records import Graph
from core.errors import UsageError
from core.jobs import Job
from core.operations import classes as right
from core.operations import examples, graphs
from core.project import Project
from core.search.hints import NEIGHBOURS, opinions, units
from core.search.oddness import row_by_id
from core.training import holdout

# Of labels that were made wrong on purpose, about half of those told at this confidence were wrong, and three to four
# of five of 0.6 and above (lookalike bench hints); below it, most hints would send a person to images that are right.
LEAST = 0.4
_SUPPORTERS = 5
_NOTHING = {
    "folders": "No image lies in a folder that could be its class.",
    "labels": "No image has a label from a table; import labels, or ask by folders.",
    "tags": "No image has exactly one tag that could be its class.",
    "classes": "No image has a class.",
}
# With fewer labels than this share of the images, they are taken for corrections of what folders say.
_CORRECTIONS = 0.1


@dataclass(frozen=True, slots=True)
class LabelHint:
    """An image whose class may be wrong. ``confidence``, 0 to 1: by how much of the vote of its neighbours
    ``suggested`` leads its own class. ``support`` are paths of neighbours of the suggested class, nearest first, and
    ``support_ids`` their image ids."""

    image_id: int
    content_id: int
    path: str
    class_name: str
    suggested: str
    confidence: float
    support: tuple[str, ...]
    support_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LabelHints:
    """``found`` are the surest hints, ``total`` how many there are. ``judged`` images were looked at; ``alone`` are
    images whose class no other has, so that nothing can be said of it. ``kept`` images there would be a hint of, had
    nobody said that their class is right (``core.operations.classes.keep``)."""

    source: ClassSource
    found: list[LabelHint]
    total: int
    judged: int
    alone: int
    kept: int = 0


def usual_source(project: Project) -> ClassSource:
    """Where classes are taken from if nobody says: labels, or where there are none folders. Labels of under a tenth
    of the images are corrections: with them it is "classes", a folder's name wherever there is no label."""
    with project.read() as session:
        now = project.index(session).columns
        is_present = now.status == PRESENT
        share = ((now.label_ids > 0) & is_present).sum() / max(1, is_present.sum())
    return "folders" if not share else "classes" if share < _CORRECTIONS else "labels"


def find(
    project: Project,
    source: ClassSource | None = None,
    *,
    k: int = 100,
    encoder: str | None = None,
    least: float = LEAST,
    job: Job | None = None,
) -> LabelHints:
    """The k images whose class disagrees most with their neighbours, surest first, equals by id.

    How they vote: ``core.search.hints.opinions``. ``least`` is the confidence above which there is a hint. Raises
    UsageError where there are no classes or k is below 1, EncoderError where there are no neighbours yet.
    """
    if k < 1:
        raise UsageError("Ask for at least one image.")
    job = job or Job()
    source = source or usual_source(project)
    _, graph = graphs.stored(project, encoder)
    with project.read() as session:
        index = project.index(session)
        codes, names = queries.class_codes(session, index, source)
        rows = np.flatnonzero(codes >= 0)
        ids, content_ids = index.columns.ids[rows], index.columns.content_ids[rows].astype(np.int64)
        classes = codes[rows].astype(np.int64)
        is_kept = right.kept(session, index, codes, names)[rows]
    if not len(ids):
        raise UsageError(_NOTHING[source])
    of = units(content_ids, classes)
    groups = holdout.leak_groups(graph.content_ids.astype(np.int64), examples.leak_graph(project))
    said = opinions(graph, of, groups, job)
    # Back from contents and their classes to images.
    count = len(names)
    place = np.searchsorted(of.content_ids * count + of.classes, content_ids * count + classes)
    confidence, suggested = said.confidence[place], said.suggested[place]
    doubted = (confidence > least) & (suggested >= 0)
    hinted = np.flatnonzero(doubted & ~is_kept)
    chosen = hinted[np.lexsort((ids[hinted], -confidence[hinted]))][:k]
    supporters = _supporters(
        graph, groups, (content_ids, classes), content_ids[chosen], suggested[chosen]
    )
    support = [[int(ids[row]) for row in rows_of] for rows_of in supporters]
    with project.read() as session:
        wanted = np.unique([*ids[chosen].tolist(), *(one for row in support for one in row)])
        path = {one.id: one.path for one in images.describe(session, wanted.astype(int).tolist())}
    found = [
        LabelHint(
            int(ids[row]),
            int(content_ids[row]),
            path[int(ids[row])],
            names[int(classes[row])],
            names[int(suggested[row])],
            round(float(confidence[row]), 4),
            tuple(path[one] for one in near if one in path),
            tuple(one for one in near if one in path),
        )
        for row, near in zip(chosen.tolist(), support, strict=True)
        if int(ids[row]) in path
    ]
    alone = np.bincount(of.classes)[classes] < 2
    held = int((doubted & is_kept).sum())
    return LabelHints(source, found, len(hinted), len(ids), int(alone.sum()), held)


def _supporters(
    graph: Graph,
    groups: NDArray[np.int64],
    labelled: tuple[NDArray[np.int64], NDArray[np.int64]],
    content_ids: NDArray[np.int64],
    suggested: NDArray[np.int64],
) -> list[list[int]]:
    """For each content, numbers of ``labelled`` images (content, class) of the suggested class: first one of the same
    bytes, then its neighbours, nearest first, one of each group of near-copies."""
    contents, classes = labelled
    order = np.lexsort((np.arange(len(contents)), classes, contents))
    size = int(classes.max()) + 1
    codes = (contents * size + classes)[order]

    def image_of(content_id: int, label: int) -> int | None:
        at = int(np.searchsorted(codes, content_id * size + label))
        is_there = at < len(codes) and codes[at] == content_id * size + label
        return int(order[at]) if is_there else None

    place = row_by_id(graph)
    found = []
    for content_id, label in zip(content_ids.tolist(), suggested.tolist(), strict=True):
        row = int(place[content_id]) if content_id < len(place) else -1
        near = [image_of(content_id, label)]
        if row >= 0:
            seen: set[int] = set()
            for one in graph.neighbour_ids[row, :NEIGHBOURS].tolist():
                other = int(place[one]) if one else -1
                if other < 0 or int(groups[other]) in seen:
                    continue
                image = image_of(one, label)
                near.append(image)
                if image is not None:
                    seen.add(int(groups[other]))
        found.append([one for one in near if one is not None][:_SUPPORTERS])
    return found
