"""Material of exports: the stored neighbour graph, from image to image."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from core import version
from core.export.graph import GraphTable
from core.export.material import Column, Table
from core.export.vectors import Lazy
from core.jobs import Job
from core.operations import graphs
from core.operations.export_listing import listing
from core.operations.export_request import Request
from core.project import Project
from core.search.image_edges import ImageEdges

_PART_EDGES = 1 << 16
Texts = Callable[[NDArray[np.int32]], list[str]]

_EDGE_BYTES = {"parquet": 30, "csv": 170, "npz": 8}  # about; the last is exact


def material(project: Project, request: Request, job: Job) -> GraphTable:
    """The k nearest images of each image, as the program shows them: exact copies first, with score 1, then the images
    of the stored graph's contents by their cosine, those of one content in path order.

    Only images that are exported are anybody's neighbours. Raises EncoderError where no graph is stored, ExportError
    where no image is left.
    """
    embedding, graph = graphs.stored(project, request.encoder)
    told = listing(project, request)
    edges = ImageEdges(graph, told.content_ids)

    def paths(places: NDArray[np.int32]) -> list[str]:
        with project.read() as session:
            return _unique(places, lambda some: told.paths_at(session, some))

    def contents(places: NDArray[np.int32]) -> list[str]:
        with project.read() as session:
            return _unique(
                places, lambda some: [one.hex() for one in told.hashes_at(session, some)]
            )

    def read(start: int, stop: int) -> Lazy:
        sources, ranks, others, scores = edges.edges(start, stop)
        return Lazy(
            {
                "path": lambda: paths(sources),
                "neighbour": lambda: paths(others),
                "rank": lambda: ranks,
                "score": lambda: scores,
                "content": lambda: contents(sources),
            }
        )

    count = int(edges.starts[-1])
    facts = {
        "catalogue": project.name,
        "encoder": embedding.encoder,
        "encoder_key": embedding.key,
        "k": str(graph.k),
        "score": "cosine; 1 for an exact copy",
        "program": f"Lookalike {version.current()}",
    }
    return GraphTable(
        columns=(
            Column("path"), Column("neighbour"), Column("rank", "int"), Column("score", "float"),
            Column("content"),
        ),
        count=count,
        read=read,
        facts=facts,
        notes=_notes(edges, request),
        part_rows=_PART_EDGES,
        size_bytes=count * _EDGE_BYTES[request.format],
        starts=edges.starts,
        edges=lambda start, stop: edges.edges(start, stop)[2:],
        images=_whose(len(told), paths, contents, facts),
    )  # fmt: skip


def _unique(places: NDArray[np.int32], read: Texts) -> list[str]:
    """What is read of each of these images, of none twice: an image is in many edges."""
    some, which = np.unique(places, return_inverse=True)
    found = read(some)
    return [found[one] for one in which.tolist()]


def _whose(count: int, paths: Texts, contents: Texts, facts: Mapping[str, str]) -> Table:
    """The images that the rows are of."""

    def read(start: int, stop: int) -> Lazy:
        places = np.arange(start, stop, dtype=np.int32)
        return Lazy({"path": lambda: paths(places), "content": lambda: contents(places)})

    return Table((Column("path"), Column("content")), count, read, facts)


def _notes(edges: ImageEdges, request: Request) -> tuple[str, ...]:
    notes = []
    if request.filter_text or request.image_ids is not None:
        notes.append("Only images that are exported count as neighbours.")
    if edges.unknown:
        notes.append(
            f"{edges.unknown:,} images are not in the stored graph, and have only their copies as neighbours:"
            " run neighbours to make it anew."
        )
    return tuple(notes)
