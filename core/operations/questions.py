"""What every search is made of: the vector of a question, and the catalogue ranked by it."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import facts, paths, queries
from core.catalogue.filters import Filter
from core.catalogue.records import Embedding
from core.encoders import names
from core.encoders.base import Encoder
from core.errors import EncoderError, ImageError, UsageError
from core.images.decode import DecodeTask
from core.images.scan import printable
from core.operations import encoders, finding, galleries
from core.operations.embeddings import require
from core.operations.neighbours import Hit, hits
from core.project import Project
from core.search.question import Region

SAMPLED = 512  # stored vectors that tell how widely scores spread


def asked(project: Project, encoder: str | None) -> Embedding:
    """The embedding to search: of this encoder, or None, the default's.

    Raises EncoderError where there is none, and where nobody chose one of random weights by its name.
    """
    embedding = require(project, encoder)
    name = embedding.encoder
    if encoder is None and names.is_name(name) and names.parse(name).is_random:
        raise EncoderError(
            f"The catalogue's default encoder {name} has random weights, which find nothing.",
            "Name another encoder.",
        )
    return embedding


def loaded(project: Project, embedding: Embedding) -> Encoder:
    """The encoder that made these vectors. Raises EncoderError where it is another by now."""
    encoder = encoders.load(project, embedding.encoder)
    if encoder.key != embedding.key:
        raise EncoderError(
            f"The stored vectors were made by another version of {embedding.encoder}.",
            "Run embed to make them anew.",
        )
    return encoder


def vector_of_file(
    project: Project,
    embedding: Embedding,
    path: Path,
    image_id: int | None,
    region: Region | None,
) -> NDArray[np.float32]:
    """The unit vector [dim] of a file, the stored one where it is an image of the catalogue.

    Raises ImageError for a file that cannot be decoded.
    """
    if image_id is not None and region is None:
        try:
            return np.asarray(stored(project, embedding, [image_id])[0], dtype=np.float32)
        except EncoderError:
            pass  # not embedded yet: its file can be
    if image_id is not None:
        with project.read() as session:  # the path may have been one that was printed
            path = Path(os.fsdecode(paths.raw_paths(session, [image_id])[image_id]))
    if not os.path.isfile(path):
        raise ImageError(f"There is no file {printable(str(path))}.")
    with project.read() as session:
        limit_px = facts.limit_px(session)
    encoder = loaded(project, embedding)
    way = encoder.preprocessing
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
    return np.asarray(encoder.encode_images(outcome.array[None])[0], dtype=np.float32)


def stored(project: Project, embedding: Embedding, image_ids: Sequence[int]) -> NDArray[np.float32]:
    """Stored vectors of these images, float32 [n, dim]. Raises EncoderError where one has none."""
    with project.read() as session:
        wanted = queries.content_ids(project.index(session), np.asarray(image_ids, dtype=np.int64))
        gallery = galleries.of(project, session, embedding)
    owners = gallery.owners
    order = np.argsort(owners, kind="stable")
    places = np.searchsorted(owners[order], wanted).clip(max=max(0, len(owners) - 1))
    if not len(owners) or not np.all(owners[order[places]] == wanted):
        raise EncoderError(
            "One of these images has no vector yet.", "Wait for the import to end, or run embed."
        )
    return gallery.vectors.gather(order[places])


def sample(project: Project, embedding: Embedding) -> NDArray[np.float32]:
    """Some of the stored vectors, evenly spread over all, float32 [n, dim]."""
    with project.read() as session:
        gallery = galleries.of(project, session, embedding)
    living = np.flatnonzero(gallery.owners)
    chosen = living[np.linspace(0, len(living) - 1, min(SAMPLED, len(living))).astype(np.int64)]
    return gallery.vectors.gather(chosen)


def ranked(
    project: Project,
    embedding: Embedding,
    query: NDArray[np.float32],
    k: int,
    wanted: Filter | None,
    leave_out: set[int],
    *,
    mode: str | None = None,
) -> list[Hit]:
    """The k best images, filtered before they are counted so that asking for k gives k.

    ``mode`` is "exact", "balanced" or "fast" (None: the catalogue's). Raises UsageError.
    """
    if k < 1:
        raise UsageError("Ask for at least one image.")
    with project.read() as session:
        gallery = galleries.of(project, session, embedding)
        owners, only = gallery.owners, None
        allowed = owners != 0
        if wanted is not None and not wanted.is_empty:
            index = project.index(session)
            mask = queries.matching(session, index, wanted)
            only = set(index.columns.ids[mask].tolist())
            allowed &= np.isin(owners, index.columns.content_ids[mask])
    best = finding.finder(project, gallery, allowed, query, mode)
    # Contents whose images are missing or left out do not count: ask for more until there are k.
    take = k + len(leave_out)
    while True:
        numbers, cosines = best(take)
        order = list(zip(owners[numbers].tolist(), cosines.tolist(), strict=True))
        found = hits(project, order, k, leave_out=leave_out, only=only)
        if len(found) >= k or len(numbers) < take:
            return found
        take *= 4
