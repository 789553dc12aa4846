"""Material of exports: embeddings, a row an image in path order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core import version
from core.catalogue import embeddings as rows
from core.catalogue import updates
from core.catalogue.listing import Listing
from core.catalogue.records import Embedding
from core.errors import ExportError
from core.export.material import Column
from core.export.vectors import Lazy, VectorTable
from core.jobs import Job
from core.operations import images
from core.operations.embeddings import require
from core.operations.export_listing import listing
from core.operations.export_request import Request
from core.project import Project
from core.search.scattered import ScatteredRows

_PART_BYTES = 16 << 20
# Bytes of a number as each format writes them, about: measured on vectors of photos by builtin.
_NUMBER_BYTES = {
    "npy": {"float32": 4.0, "float16": 2.0},
    "safetensors": {"float32": 4.0, "float16": 2.0},
    "parquet": {"float32": 1.8, "float16": 1.8},
    "csv": {"float32": 12.7, "float16": 8.7},
    "projector": {"float32": 12.7, "float16": 8.7},
}
_TEXT_BYTES = 150  # of the other columns of a row, about


def material(project: Project, request: Request, job: Job) -> VectorTable:
    """The vectors of one encoder with path, content (SHA-256 in hex), class, split and tags of each image.

    Images that have no vector of it are left out, and counted in a note; those of another encoder never stand in.
    Raises EncoderError where the encoder has none at all, ExportError where no image is left.
    """
    embedding = require(project, request.encoder)
    told, row_numbers, notes = _chosen(project, request, embedding)
    precision = request.chosen["precision"]
    kind = np.dtype(f"<f{4 if precision == 'float32' else 2}")
    stored = ScatteredRows(project.vectors(embedding), embedding.rows)

    def read(start: int, stop: int) -> Lazy:
        def paths() -> list[str]:
            with project.read() as session:
                return told.paths(session, start, stop)

        def contents() -> list[str]:
            with project.read() as session:
                return [one.hex() for one in told.hashes(session, start, stop)]

        def vectors() -> NDArray[np.floating]:
            found = stored.gather(row_numbers[start:stop])
            return found.astype(kind, copy=False)

        return Lazy(
            {
                "path": paths,
                "content": contents,
                "class": lambda: told.classes(start, stop),
                "split": lambda: told.parts(start, stop),
                "tags": lambda: told.tags(start, stop),
                "embedding": vectors,
            }
        )

    def pictures(start: int, stop: int) -> Sequence[bytes | None]:
        found = images.thumbnails(project, np.unique(told.content_ids[start:stop]).tolist())
        return [found.get(one) for one in told.content_ids[start:stop].tolist()]

    number_bytes = _NUMBER_BYTES[request.format][precision]
    return VectorTable(
        columns=(
            Column("path"), Column("content"), Column("class"), Column("split"),
            Column("tags", "texts"), Column("embedding", "vector", embedding.dim),
        ),
        count=len(told),
        read=read,
        facts={
            "catalogue": project.name,
            "encoder": embedding.encoder,
            "encoder_key": embedding.key,
            "dim": str(embedding.dim),
            "count": str(len(told)),
            "stored_precision": "float16",
            "precision": precision,
            "program": f"Lookalike {version.current()}",
        },
        notes=notes,
        part_rows=int(np.clip(_PART_BYTES // (4 * embedding.dim), 64, 32_768)),
        size_bytes=int(len(told) * (embedding.dim * number_bytes + _TEXT_BYTES)),
        pictures=pictures,
    )  # fmt: skip


def _chosen(
    project: Project, request: Request, embedding: Embedding
) -> tuple[Listing, NDArray[np.int32], tuple[str, ...]]:
    """(the images with a vector, the row of each, what a person must know of the others)."""
    told = listing(project, request)
    with project.read() as session:
        owners = rows.owners(session, embedding.id)
        update = updates.find(session)
    row_of = np.full(max(owners.max(initial=0), told.content_ids.max()) + 1, -1, dtype=np.int32)
    row_of[owners] = np.arange(len(owners), dtype=np.int32)
    row_of[0] = -1  # holes
    row_numbers = row_of[told.content_ids]
    has = row_numbers >= 0
    lacking = int(np.count_nonzero(~has))
    notes = []
    if lacking:
        is_updating = update is not None and update.key == embedding.key
        why = "the update to it is not through" if is_updating else "embed makes them"
        notes.append(
            f"{lacking:,} of {len(told):,} images have no vector of {embedding.encoder} yet ({why})"
            " and are left out."
        )
    if not has.any():
        raise ExportError(
            f"None of these images has a vector of {embedding.encoder} yet.", "Run embed."
        )
    if not lacking:
        return told, row_numbers, ()
    return told.only(has), row_numbers[has], tuple(notes)
