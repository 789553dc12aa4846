"""Clusters: images that are like each other, found in the neighbour graph, named, and made into tags."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images, queries, words_of_images
from core.catalogue.filters import Filter
from core.catalogue.records import Graph
from core.catalogue.session import Session
from core.catalogue.words_of_images import Words
from core.clustering import naming
from core.clustering.closeness import By
from core.clustering.grain import COARSEST as COARSEST
from core.clustering.grain import DEFAULT as DEFAULT
from core.clustering.grain import FINEST as FINEST
from core.clustering.grain import scale
from core.errors import UsageError
from core.jobs import Job
from core.labelling.splits import part_named
from core.operations import clustering as working
from core.operations import graphs
from core.operations.cluster_tags import PREFIX as PREFIX
from core.operations.cluster_tags import TagClusters as TagClusters
from core.operations.cluster_tags import is_own
from core.operations.cluster_tags import tag as tag
from core.operations.cluster_tags import tag_of as tag_of
from core.operations.clustering import Made
from core.operations.clustering import Settings as Settings
from core.project import Project


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """The clusters of the present images with stored neighbours, largest first.

    ``image_ids`` int64 [n] ascending and ``codes`` int32 [n], the cluster of each, -1 for the ``on_their_own`` that
    are in none. For each cluster: its name, ``words`` (short and no other's), ``sizes`` in images, up to four
    ``typical`` image ids, the medoid first, and of which class most of its images are (None: of none) and what share
    of them, 0 to 1. ``least``: distinct images that a cluster has at least. ``unknown`` images have no stored
    neighbours yet.
    """

    encoder: str
    settings: Settings
    least: int
    image_ids: NDArray[np.int64]
    codes: NDArray[np.int32]
    names: list[str]
    words: list[str]
    sizes: list[int]
    typical: list[list[int]]
    class_names: list[str | None]
    class_shares: list[float | None]
    on_their_own: int
    unknown: int

    @property
    def grain(self) -> int:
        """From 1, few and large clusters, to 9, many and small ones."""
        return self.settings.grain


def build(
    project: Project,
    *,
    encoder: str | None = None,
    grain: int = DEFAULT,
    by: By = "shared",
    nearest: bool = False,
    job: Job | None = None,
) -> Clustering:
    """The clusters of an embedding (None: the default's), by HDBSCAN on its stored neighbour graph.

    What ``grain``, ``by`` and ``nearest`` mean: ``Settings``. The tree that all grains come from is made once for a
    graph and kept in the catalogue's cache, so that another grain takes a moment. Raises EncoderError where there are
    no vectors or no neighbours yet, UsageError for settings that there are none of.
    """
    job = job or Job()
    scale(grain, 0)
    if by not in get_args(By):
        raise UsageError(f"Clusters are found by {' or '.join(get_args(By))}, not by {by!r}.")
    embedding, graph = graphs.stored(project, encoder)
    known = working.known_of(project, embedding, graph)
    made = working.make(project, embedding, known, Settings(grain, by, nearest), job)
    found = _told(project, embedding.encoder, graph, made)
    if found.unknown:
        amount = "1 image has" if found.unknown == 1 else f"{found.unknown:,} images have"
        job.note(f"{amount} no stored neighbours yet; run neighbours.")
    return found


def load(project: Project, encoder: str | None = None) -> Clustering | None:
    """The clusters that were made last of the graph as it is now, or None where there are none.

    Raises EncoderError where there are no vectors or no neighbours yet.
    """
    embedding, graph = graphs.stored(project, encoder)
    known = working.known_of(project, embedding, graph)
    made = working.last(project, embedding, known)
    return None if made is None else _told(project, embedding.encoder, graph, made)


def group_codes(
    clustering: Clustering, ids: NDArray[np.int64]
) -> tuple[NDArray[np.int32], list[str]]:
    """(code of each image id, names of the codes), as ``core.operations.images.group_codes`` gives them; code -1
    where an image is in no cluster."""
    known = clustering.image_ids
    if not len(known):
        return np.full(len(ids), -1, dtype=np.int32), clustering.names
    rows = np.searchsorted(known, ids).clip(max=len(known) - 1)
    found = np.where(known[rows] == ids, clustering.codes[rows], -1)
    return found.astype(np.int32), clustering.names


def members(clustering: Clustering, which: Sequence[int]) -> NDArray[np.int64]:
    """Ids of the images in these clusters, ascending; -1 means those on their own. int64 [n]."""
    return clustering.image_ids[np.isin(clustering.codes, np.array(which, dtype=np.int64))]


def _told(project: Project, encoder: str, graph: Graph, made: Made) -> Clustering:
    """Clusters of contents as those of the present images, with names by what these are called now."""
    with project.read() as session:
        index = project.index(session)
        present = queries.matching(session, index, Filter())
        now = index.columns
        size = int(max(graph.content_ids.max(initial=0), now.content_ids.max(initial=0))) + 1
        of_content = np.full(size, -2, dtype=np.int32)
        of_content[graph.content_ids] = made.codes
        codes = np.where(present, of_content[now.content_ids], -2)
        order, codes = _largest_first(codes)
        words = [_telling(session, one) for one in words_of_images.every(session, index, present)]
        named = naming.names(codes, words, int(np.count_nonzero(present)))
        typical = made.typical[order]
        by_content = images.of_contents(session, np.unique(typical[typical > 0]).tolist())
    known = codes >= -1
    return Clustering(
        encoder=encoder,
        settings=made.settings,
        least=made.least,
        image_ids=now.ids[known],
        codes=codes[known],
        names=[one.text for one in named],
        words=[one.word for one in named],
        sizes=np.bincount(codes[codes >= 0]).tolist(),
        typical=[
            [by_content[one][0] for one in contents if one in by_content]
            for contents in typical.tolist()
        ],
        class_names=[one.class_name for one in named],
        class_shares=[one.class_share for one in named],
        on_their_own=int(np.count_nonzero(codes == -1)),
        unknown=int(np.count_nonzero(present & ~known)),
    )


def _largest_first(
    codes: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(numbers that clusters with images had, ``codes`` with those of most images first, equals as they were)."""
    sizes = np.bincount(codes[codes >= 0])
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    number = np.full(len(sizes) + 2, -1, dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    number[-2] = -2
    return order, number[np.where(codes == -2, len(sizes), codes)]


def _telling(session: Session, words: Words) -> Words:
    """Without the tags that clusters got, by which they would be called again, and folders that are parts of a
    split, which say nothing of a picture."""
    if words.kind == "class":
        return words
    dull = (
        is_own(session, words.names)
        if words.kind == "tag"
        else [part_named(one) is not None for one in words.names]
    )
    kept = ~np.array(dull, dtype=np.bool_)[words.codes]
    return replace(words, rows=words.rows[kept], codes=words.codes[kept])
