"""Diagnostics: what an embedding is like, in numbers and in one sentence each that a person understands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images
from core.catalogue.queries import ClassSource
from core.catalogue.records import Graph, Image
from core.errors import UsageError
from core.jobs import Job
from core.operations import by_class, examples, galleries, graphs
from core.operations.by_class import ByClass
from core.operations.galleries import Gallery
from core.project import Project
from core.search import diagnostics
from core.search.diagnostics import Dimension, Hubness, Spectrum
from core.training import holdout

# So many images, evenly spread, tell the dimension, and so many vectors the spectrum: more change little.
_MOST_ASKED, _MOST_VECTORS, _BLOCK = 4_096, 65_536, 1_024
_HUB = 10  # times as often as usual among the neighbours of others makes a hub
_SHOWN_HUBS, _SHOWN_SETS, _SHOWN_IN_SET = 10, 10, 20


@dataclass(frozen=True, slots=True)
class Hub:
    """An image that is among the neighbours of ``count`` others."""

    path: str
    count: int
    image_id: int


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What there is to say of an embedding. ``contents`` are the distinct images of its graph, which keeps ``k``
    neighbours of each.

    ``hub_limit``: those among the neighbours of more others than this are the ``hubs_total`` hubs; ``hubs`` are the
    first of them, or the images nearest to being one. ``same`` are sets of paths of images with the same neighbours,
    ``same_ids`` the ids of these images, largest first, of ``same_sets`` such sets and ``same_images`` images.
    ``by_class`` is None where ``no_classes`` says why. ``sentences``: "dimension", "hubness", "same", "spectrum",
    "by_class".
    """

    encoder: str
    contents: int
    k: int
    dimension: Dimension
    hubness: Hubness
    hub_limit: int
    hubs_total: int
    hubs: list[Hub]
    same: list[list[str]]
    same_ids: list[list[int]]
    same_sets: int
    same_images: int
    spectrum: Spectrum
    dim: int
    by_class: ByClass | None
    no_classes: str
    sentences: dict[str, str]


def diagnose(
    project: Project,
    source: ClassSource | None = None,
    *,
    encoder: str | None = None,
    needs_classes: bool = True,
    job: Job | None = None,
) -> Diagnosis:
    """Look at an embedding (None: the default's) from its stored graph and its vectors, which are read in blocks.

    Classes come from ``source``, or where it is None from labels if there are any, else from folders; then it is no
    error if there are none. Raises EncoderError where there are no vectors or no neighbours yet, UsageError where
    ``source`` has no class of two images, unless not ``needs_classes``.
    """
    job = job or Job()
    embedding, graph = graphs.stored(project, encoder)
    with project.read() as session:
        gallery = galleries.of(project, session, embedding)
        living, _ = gallery.living(session)
    classes, why_not = None, ""
    try:
        classes = by_class.measure(project, source, encoder=encoder, job=job)
    except UsageError as error:
        if source is not None and needs_classes:
            raise
        why_not = str(error)
    dimension = _dimension(project, graph, gallery, job)
    hubness = diagnostics.hubness(graph)
    limit = _HUB * hubness.k
    same = diagnostics.same_neighbours(graph)
    shown = _images_of_sets(project, graph, same[:_SHOWN_SETS])
    members = np.unique(np.concatenate([np.zeros(0, np.int64), *same]))
    job.start("Spectrum")
    spectrum = diagnostics.spectrum(_vectors(gallery, living, job), gallery.vectors.dim)
    found = Diagnosis(
        encoder=gallery.embedding.encoder,
        contents=len(graph.content_ids),
        k=graph.k,
        dimension=dimension,
        hubness=hubness,
        hub_limit=limit,
        hubs_total=int((hubness.counts > limit).sum()),
        hubs=_hubs(project, graph, hubness),
        same=[[one.path for one in each] for each in shown],
        same_ids=[[one.id for one in each] for each in shown],
        same_sets=len(same),
        same_images=len(members),
        spectrum=spectrum,
        dim=gallery.vectors.dim,
        by_class=classes,
        no_classes=why_not,
        sentences={},
    )
    found.sentences.update(sentences(found))
    return found


def document(found: Diagnosis) -> dict[str, Any]:
    """The diagnosis as plain values, ready for JSON."""
    say = found.sentences
    return {
        "encoder": found.encoder,
        "contents": found.contents,
        "k": found.k,
        "intrinsic_dimension": {
            "two_nn": _rounded(found.dimension.two_nn),
            "mle": _rounded(found.dimension.mle),
            "images": found.dimension.used,
            "sentence": say["dimension"],
        },
        "hubness": {
            "skewness": round(found.hubness.skewness, 4),
            "antihubs": found.hubness.antihubs,
            "antihub_share": round(found.hubness.antihubs / max(1, found.contents), 4),
            "hub_limit": found.hub_limit,
            "hubs_total": found.hubs_total,
            "hubs": [{"path": one.path, "count": one.count} for one in found.hubs],
            "sentence": say["hubness"],
        },
        "same_neighbours": {
            "images": found.same_images,
            "sets": found.same_sets,
            "largest": found.same,
            "sentence": say["same"],
        },
        "spectrum": {
            "dim": found.dim,
            "vectors": found.spectrum.rows,
            "dims_90": found.spectrum.axes_for(0.9),
            "dims_99": found.spectrum.axes_for(0.99),
            "effective_rank": round(found.spectrum.effective_rank, 2),
            "sentence": say["spectrum"],
        },
        "by_class": None if found.by_class is None else by_class.document(found.by_class),
        "by_class_sentence": say["by_class"],
    }


def sentences(found: Diagnosis) -> dict[str, str]:
    """One plain sentence for each thing that was measured."""
    dimension, hubness, spectrum = found.dimension, found.hubness, found.spectrum
    said = {}
    said["dimension"] = (
        f"A typical image has {_count(dimension.two_nn, 'direction')} in which it can vary."
        if dimension.two_nn is not None
        else "Too few different images are known to tell in how many directions an image varies."
    )
    many = _images(found.hubs_total, "appears", "appear")
    never = 100 * hubness.antihubs / max(1, found.contents)
    said["hubness"] = (
        f"{many} among the neighbours of more than {found.hub_limit} others, and {never:.0f} % of all images are "
        "among nobody's."
    )
    alike = _images(found.same_images, "shares", "share")
    said["same"] = (
        f"{alike} all {hubness.k} neighbours with another, so by their neighbours nobody can tell them apart."
        if found.same_images
        else "No two images share all of their neighbours."
    )
    said["spectrum"] = (
        f"Of the {found.dim} numbers of a vector, {spectrum.axes_for(0.9)} would be enough for 90 % of what differs "
        f"between images, and {spectrum.axes_for(0.99)} for 99 %, were the axes turned rightly."
        if spectrum.shares.any()
        else "All vectors are the same."
    )
    said["by_class"] = (
        by_class.sentence(found.by_class) if found.by_class is not None else found.no_classes
    )
    return said


def _dimension(project: Project, graph: Graph, gallery: Gallery, job: Job) -> Dimension:
    """By distances of some images to neighbours, one of each group of near-copies."""
    groups = holdout.leak_groups(graph.content_ids.astype(np.int64), examples.leak_graph(project))
    counts = np.zeros(len(groups), dtype=bool)
    counts[np.unique(groups, return_index=True)[1]] = True
    every = np.flatnonzero(counts)
    chosen = every[np.linspace(0, len(every) - 1, min(_MOST_ASKED, len(every))).astype(np.int64)]
    size = int(max(gallery.owners.max(initial=0), graph.content_ids.max(initial=0))) + 1
    row_of = np.full(size, -1, dtype=np.int64)
    row_of[gallery.owners] = np.arange(len(gallery.owners))
    row_of[0] = -1
    rows = row_of[graph.content_ids]
    parts = []
    for part in job.track(np.array_split(chosen, max(1, len(chosen) // 256)), "Dimension"):
        parts.append(diagnostics.distances(gallery.vectors, rows, graph, part, counts))
    return diagnostics.dimension(np.concatenate(parts))


def _vectors(
    gallery: Gallery, living: NDArray[np.int32], job: Job
) -> Iterator[NDArray[np.float32]]:
    """Blocks of the vectors of present images, all or evenly spread ones."""
    count = -(-len(living) // _BLOCK)
    step = max(1, -(-count // (_MOST_VECTORS // _BLOCK)))
    for number in range(0, count, step):
        job.checkpoint()
        start = number * _BLOCK
        stop = min(len(living), start + _BLOCK)
        kept = living[start:stop] != 0
        yield gallery.vectors.read(start, stop)[kept].astype(np.float32)


def _hubs(project: Project, graph: Graph, hubness: Hubness) -> list[Hub]:
    order = np.lexsort((graph.content_ids, -hubness.counts))[:_SHOWN_HUBS]
    order = order[hubness.counts[order] > 0]
    first = _first_images(project, graph.content_ids[order])
    known = [
        (first[int(graph.content_ids[row])], int(hubness.counts[row]))
        for row in order
        if int(graph.content_ids[row]) in first
    ]
    return [Hub(one.path, count, one.id) for one, count in known]


def _images_of_sets(
    project: Project, graph: Graph, sets: list[NDArray[np.int64]]
) -> list[list[Image]]:
    ids = [graph.content_ids[rows[:_SHOWN_IN_SET]] for rows in sets]
    first = _first_images(project, np.concatenate([np.zeros(0, np.int32), *ids]))
    return [[first[one] for one in each.tolist() if one in first] for each in ids]


def _first_images(project: Project, content_ids: NDArray[np.int32]) -> dict[int, Image]:
    """The first present image of each content."""
    with project.read() as session:
        present = images.of_contents(session, content_ids.tolist())
        described = images.describe(session, [ids[0] for ids in present.values()])
    return {one.content_id: one for one in described}


def _images(count: int, one: str, many: str) -> str:
    """A number of images with its verb: "1 image appears", "3 images appear", "No image appears"."""
    if count == 1:
        return f"1 image {one}"
    return f"{count:,} images {many}" if count else f"No image {one}"


def _count(value: float, noun: str) -> str:
    number = max(1, round(value))
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
