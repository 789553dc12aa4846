"""Material of exports: the stored neighbour graph, from image to image."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import version
from core.catalogue.listing import Listing
from core.errors import ExportError
from core.export.graph import GraphTable
from core.export.material import Column, Table
from core.export.vectors import Lazy
from core.jobs import Job
from core.operations import graphs
from core.operations.export_request import Request, image_ids
from core.project import Project
from core.search.image_edges import ImageEdges

_FEW = 1_000  # images whose texts are read for themselves; of more, all are read once
_PART_IMAGES = 8_192
_PART_EDGES = 1 << 16
_EDGE_BYTES = {"parquet": 30, "csv": 170, "npz": 8}  # about; the last is exact


def material(project: Project, request: Request, job: Job) -> GraphTable:
    """The k nearest images of each image, as the program shows them: exact copies first, with score 1, then the images
    of the stored graph's contents by their cosine, those of one content in path order.

    Only images that are exported are anybody's neighbours. Raises EncoderError where no graph is stored, ExportError
    where no image is left.
    """
    embedding, graph = graphs.stored(project, request.encoder)
    ids = image_ids(project, request)
    if not len(ids):
        raise ExportError("No image is left to export.", "Choose other images, or none.")
    with project.read() as session:
        told = Listing(session, project.index(session), ids, None)
    edges = ImageEdges(graph, told.content_ids)
    texts = _Texts(project, told, job)

    def read(start: int, stop: int) -> Lazy:
        sources, ranks, others, scores = edges.edges(start, stop)
        return Lazy(
            {
                "path": lambda: texts.paths(sources),
                "neighbour": lambda: texts.paths(others),
                "rank": lambda: ranks,
                "score": lambda: scores,
                "content": lambda: texts.contents(sources),
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
        images=_whose(project, told, facts),
    )  # fmt: skip


class _Texts:
    """Paths and hashes of images by their numbers, which come in any order and again and again."""

    def __init__(self, project: Project, told: Listing, job: Job) -> None:
        self._project, self._told, self._job = project, told, job
        self._paths: Any = None
        self._hashes: NDArray[np.uint8] | None = None

    def paths(self, numbers: NDArray[np.int32]) -> list[str]:
        """The path of each image."""
        some, places = np.unique(numbers, return_inverse=True)
        if self._paths is None and len(some) <= _FEW:
            with self._project.read() as session:
                few = self._told.only(_mask(len(self._told), some))
                found = few.paths(session, 0, len(few))
        else:
            self._paths = self._paths if self._paths is not None else self._read_paths()
            found = self._paths.take(some).to_pylist()
        return [found[place] for place in places.tolist()]

    def contents(self, numbers: NDArray[np.int32]) -> list[str]:
        """The hash of each image's content, in hex."""
        some, places = np.unique(numbers, return_inverse=True)
        if self._hashes is None and len(some) <= _FEW:
            with self._project.read() as session:
                few = self._told.only(_mask(len(self._told), some))
                found = [one.hex() for one in few.hashes(session, 0, len(few))]
        else:
            self._hashes = self._hashes if self._hashes is not None else self._read_hashes()
            found = [self._hashes[one].tobytes().hex() for one in some.tolist()]
        return [found[place] for place in places.tolist()]

    def _read_paths(self) -> Any:
        """All of them in one array of Arrow, as bytes: a list of a million texts takes twice the memory."""
        import pyarrow as arrow

        with self._project.read() as session:
            parts = [
                arrow.array(self._told.paths(session, start, stop), arrow.large_string())
                for start, stop in self._spans("Paths")
            ]
        return arrow.concat_arrays(parts)

    def _read_hashes(self) -> NDArray[np.uint8]:
        out = np.empty((len(self._told), 32), dtype=np.uint8)
        with self._project.read() as session:
            for start, stop in self._spans("Contents"):
                joined = b"".join(self._told.hashes(session, start, stop))
                out[start:stop] = np.frombuffer(joined, dtype=np.uint8).reshape(-1, 32)
        return out

    def _spans(self, stage: str) -> Iterator[tuple[int, int]]:
        self._job.start(stage, len(self._told))
        for start in range(0, len(self._told), _PART_IMAGES):
            stop = min(len(self._told), start + _PART_IMAGES)
            yield start, stop
            self._job.advance(stop - start)


def _mask(count: int, places: NDArray[np.int32]) -> NDArray[np.bool_]:
    mask = np.zeros(count, dtype=bool)
    mask[places] = True
    return mask


def _whose(project: Project, told: Listing, facts: Mapping[str, str]) -> Table:
    """The images that the rows are of."""

    def read(start: int, stop: int) -> Lazy:
        with project.read() as session:
            paths = told.paths(session, start, stop)
            contents = [one.hex() for one in told.hashes(session, start, stop)]
        return Lazy({"path": lambda: paths, "content": lambda: contents})

    return Table((Column("path"), Column("content")), len(told), read, facts)


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
