"""Clusters by content: worked out of a neighbour graph, and kept with the tree that all grains come from."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Embedding, Graph
from core.clustering import files
from core.clustering.closeness import By, reach, rows_of_neighbours
from core.clustering.forest import MIN_SAMPLES, spanning_forest
from core.clustering.grain import DEFAULT, scale
from core.clustering.hierarchy import Hierarchy, chosen, condensed, hierarchy
from core.clustering.middles import joined, medoids, without_strays
from core.jobs import Job
from core.operations import galleries
from core.project import Project

TYPICAL = 4
_KEPT = 12  # clusterings of one graph that stay in memory


@dataclass(frozen=True, slots=True)
class Settings:
    """How clusters are found. ``grain`` from 1, few and large, to 9, many and small. ``by`` "shared": alike are
    images with the same neighbours; "distance": images whose vectors are near. ``nearest``: images on their own are
    given to the nearest cluster."""

    grain: int = DEFAULT
    by: By = "shared"
    nearest: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Clusters by content: ``codes`` int32 [n] by the graph's rows, -1 for none; ``typical`` int64 [c, 4] content
    ids, the medoid first, 0 where there are fewer. ``least`` contents are in each."""

    settings: Settings
    least: int
    codes: NDArray[np.int32]
    typical: NDArray[np.int64]


class Known:
    """What was worked out of one graph: trees by what is close, clusters by settings, and which came last."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.digest = files.digest(graph)
        self.trees: dict[By, Hierarchy] = {}
        self.made: dict[Settings, Made] = {}
        self.last: Settings | None = None


def known_of(project: Project, embedding: Embedding, graph: Graph) -> Known:
    """What is kept in memory of this very graph."""
    key = f"clusters:{embedding.id}"
    kept: Known | None = project.kept(key)
    if kept is not None and kept.graph is not graph:
        project.let_go(key)
    return project.keep(key, lambda: Known(graph))


def make(
    project: Project, embedding: Embedding, known: Known, settings: Settings, job: Job
) -> Made:
    """The clusters of these settings, from memory where they were made already."""
    made = known.made.pop(settings, None) or _made(project, embedding, known, settings, job)
    known.made[settings] = made  # the newest is the last
    while len(known.made) > _KEPT:
        del known.made[next(iter(known.made))]
    if known.last != settings:
        known.last = settings
        if project.is_writable:
            told = np.array(json.dumps(asdict(settings)))
            arrays = {"settings": told, "codes": made.codes, "typical": made.typical}
            files.save(_path(project, embedding, "last"), _stamp(known), arrays)
    return made


def last(project: Project, embedding: Embedding, known: Known) -> Made | None:
    """The clusters that were made last of this graph, here or before; None where there are none."""
    if known.last is None:
        names = ("settings", "codes", "typical")
        kept = files.load(_path(project, embedding, "last"), _stamp(known), names)
        if kept is None:
            return None
        settings = Settings(**json.loads(str(kept["settings"])))
        least = scale(settings.grain, len(kept["codes"])).least
        known.made[settings] = Made(settings, least, kept["codes"], kept["typical"])
        known.last = settings
    return known.made[known.last]


def _made(
    project: Project, embedding: Embedding, known: Known, settings: Settings, job: Job
) -> Made:
    graph = known.graph
    tree = _tree(project, embedding, known, settings.by, job)
    fine = scale(settings.grain, tree.count)
    codes = chosen(condensed(tree, fine.least), leaves=fine.leaves, largest=fine.largest)
    codes = without_strays(codes, reach(graph, MIN_SAMPLES))
    others = rows_of_neighbours(graph)
    if settings.nearest:
        codes = joined(codes, others)
    with project.read() as session:
        gallery = galleries.of(project, session, embedding)
    # The row of vectors that each content has.
    size = int(max(gallery.owners.max(initial=0), graph.content_ids.max(initial=0))) + 1
    place = np.full(size, -1, dtype=np.int64)
    place[gallery.owners] = np.arange(len(gallery.owners))
    place[0] = -1
    members = medoids(gallery.vectors, place[graph.content_ids], codes, others, TYPICAL, job)
    typical = np.append(graph.content_ids, 0)[members].astype(np.int64)  # -1 finds the 0 at the end
    return Made(settings, fine.least, codes, typical)


def _tree(project: Project, embedding: Embedding, known: Known, by: By, job: Job) -> Hierarchy:
    if by in known.trees:
        return known.trees[by]
    path = _path(project, embedding, by)
    kept = files.load(path, _stamp(known), ("parents", "heights", "sizes"))
    if kept is not None:
        count = len(known.graph.content_ids)
        tree = Hierarchy(count, kept["parents"], kept["heights"], kept["sizes"])
    else:
        tree = hierarchy(spanning_forest(known.graph, by=by, job=job), job)
        if project.is_writable:
            arrays = {"parents": tree.parents, "heights": tree.heights, "sizes": tree.sizes}
            files.save(path, _stamp(known), arrays)
    known.trees[by] = tree
    return tree


def _path(project: Project, embedding: Embedding, what: str) -> Path:
    return project.path / "cache" / f"clusters-{embedding.id}-{what}.npz"


def _stamp(known: Known) -> str:
    return f"{known.digest} {MIN_SAMPLES}"
