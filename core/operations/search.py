"""Search: images like a file, like a pasted picture, like images of the catalogue."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings, facts, paths, queries
from core.catalogue.filters import Filter
from core.catalogue.records import Embedding
from core.encoders.base import Encoder
from core.errors import EncoderError, ImageError, UsageError
from core.images.decode import DecodeTask
from core.images.scan import printable
from core.operations import encoders
from core.operations.embeddings import require
from core.operations.images import id_of_path
from core.operations.neighbours import Hit, hits
from core.parallel import cores, limit_threads
from core.preload import preload_torch
from core.project import Project
from core.search.query import combine, scan

Region = tuple[float, float, float, float]


def prepare() -> None:
    """The heavy imports, once, so that the first question need not wait for them.

    For a window: afterwards torch leaves it a core.
    """
    preload_torch()
    import core.encoders.builtin
    import core.search.knn

    assert core.search.knn
    encoder = core.encoders.builtin.Builtin()
    side_px = encoder.preprocessing.size_px
    # The first call sets torch's kernels up, some 100 ms in which a window would stand still later.
    encoder.encode_images(np.zeros((2, side_px, side_px, 3), dtype=np.uint8))
    limit_threads(cores() - 1)


def similar_to_images(
    project: Project,
    image_ids: Sequence[int],
    *,
    minus: Sequence[int] = (),
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
) -> list[Hit]:
    """The k images most like these and least like ``minus``, best first, themselves left out."""
    if not image_ids:
        raise UsageError("Name at least one image to search with.")
    embedding = require(project, encoder)
    rows = _stored(project, embedding, [*image_ids, *minus])
    split = len(image_ids)
    query = combine(rows[:split], rows[split:])
    return _ranked(project, embedding, query, k, wanted, leave_out={*image_ids, *minus})


def similar_to_files(
    project: Project,
    files: Sequence[Path],
    *,
    minus: Sequence[Path] = (),
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
    region: Region | None = None,
) -> list[Hit]:
    """The k images most like these files, which need not be in the catalogue; those that are, are
    left out of the answer. ``region`` (x, y, width, height in shares) limits ``files`` to a part.

    Raises ImageError for a file that cannot be decoded, UsageError where there is none.
    """
    if not files:
        raise UsageError("Name at least one image to search with.")
    embedding = require(project, encoder)
    leave_out: set[int] = set()
    rows = []
    for file, part in [*((one, region) for one in files), *((one, None) for one in minus)]:
        image_id = id_of_path(project, file)
        rows.append(_vector_of_file(project, embedding, file, image_id, part))
        if image_id is not None:
            leave_out.add(image_id)
    query = combine(np.stack(rows[: len(files)]), np.array(rows[len(files) :]))
    return _ranked(project, embedding, query, k, wanted, leave_out)


def similar_to_picture(
    project: Project,
    rgb: NDArray[np.uint8],
    *,
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
) -> list[Hit]:
    """The k images most like a picture (h, w, 3) uint8 RGB that has no file: pasted or dropped."""
    from PIL import Image

    from core.images.decode import pixels

    embedding = require(project, encoder)
    loaded = _loaded(project, embedding)
    way = loaded.preprocessing
    square = pixels(Image.fromarray(rgb), DecodeTask(b"", way.size_px, way.fit))
    assert square is not None
    return _ranked(project, embedding, loaded.encode_images(square[None])[0], k, wanted, set())


def _loaded(project: Project, embedding: Embedding) -> Encoder:
    loaded = encoders.load(project, embedding.encoder)
    if loaded.key != embedding.key:
        raise EncoderError(
            f"The stored vectors were made by another version of {embedding.encoder}.",
            "Run embed to make them anew.",
        )
    return loaded


def _vector_of_file(
    project: Project,
    embedding: Embedding,
    path: Path,
    image_id: int | None,
    region: Region | None,
) -> NDArray[np.float32]:
    if image_id is not None and region is None:
        try:
            return np.asarray(_stored(project, embedding, [image_id])[0], dtype=np.float32)
        except EncoderError:
            pass  # not embedded yet: its file can be
    if image_id is not None:
        with project.read() as session:  # the path may have been one that was printed
            path = Path(os.fsdecode(paths.raw_paths(session, [image_id])[image_id]))
    if not os.path.isfile(path):
        raise ImageError(f"There is no file {printable(str(path))}.")
    with project.read() as session:
        limit_px = facts.limit_px(session)
    loaded = _loaded(project, embedding)
    way = loaded.preprocessing
    task = DecodeTask(
        os.fsencode(path.absolute()),
        way.size_px,
        way.fit,
        region=region,
        limit_px=limit_px,
        only_pixels=True,
    )
    outcome = project.viewer.run(task)
    if outcome.array is None:
        raise ImageError(f"{printable(str(path))} cannot be read: {outcome.error}.")
    return np.asarray(loaded.encode_images(outcome.array[None])[0], dtype=np.float32)


def _stored(
    project: Project, embedding: Embedding, image_ids: Sequence[int]
) -> NDArray[np.float32]:
    """Stored vectors of these images, float32 [n, dim]. Raises EncoderError where one has none."""
    with project.read() as session:
        wanted = queries.content_ids(project.index(session), np.asarray(image_ids, dtype=np.int64))
        owners = embeddings.owners(session, embedding.id)
    order = np.argsort(owners, kind="stable")
    places = np.searchsorted(owners[order], wanted).clip(max=max(0, len(owners) - 1))
    if not len(owners) or not np.all(owners[order[places]] == wanted):
        raise EncoderError(
            "One of these images has no vector yet.", "Wait for the import to end, or run embed."
        )
    return project.vectors(embedding).gather(order[places])


def _ranked(
    project: Project,
    embedding: Embedding,
    query: NDArray[np.float32],
    k: int,
    wanted: Filter | None,
    leave_out: set[int],
) -> list[Hit]:
    """The k best images, filtered before they are counted so that asking for k gives k."""
    if k < 1:
        raise UsageError("Ask for at least one image.")
    with project.read() as session:
        owners = embeddings.owners(session, embedding.id)[: embedding.rows]
        only = None
        if wanted is not None and not wanted.is_empty:
            index = project.index(session)
            mask = queries.matching(session, index, wanted)
            only = set(index.columns.ids[mask].tolist())
            allowed = index.columns.content_ids[mask]
            owners = np.where(np.isin(owners, allowed), owners, 0)
    scores = scan(project.vectors(embedding), len(owners), query)
    scores[owners == 0] = -2.0
    # Contents whose images are missing or left out do not count: ask for more until there are k.
    take = k + len(leave_out)
    while True:
        best = _top(scores, take)
        ranked = [(int(owners[row]), float(scores[row])) for row in best if owners[row]]
        found = hits(project, ranked, k, leave_out=leave_out, only=only)
        if len(found) >= k or take >= len(scores):
            return found
        take *= 4


def _top(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Rows of the ``count`` highest scores, best first, equal ones by row."""
    count = min(count, len(scores))
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    chosen = np.argpartition(-scores, count - 1)[:count]
    return chosen[np.lexsort((chosen, -scores[chosen]))]
