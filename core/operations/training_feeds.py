"""What a training sees, made from the catalogue: stored vectors and varied copies, or squares of pixels."""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings as stored
from core.encoders.base import Encoder
from core.errors import DiskFull, UsageError
from core.intake import space
from core.jobs import Job
from core.operations import embeddings, encoders
from core.project import Project
from core.training.brief import Brief
from core.training.examples import Ints

COPIES_FILE = "copies.f16"
# Squares beyond this lie in a file that is mapped rather than in memory.
_IN_MEMORY_BYTES = 2 << 30
_PART = 64
_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class Base:
    """The vectors that a training starts from: float16 [n, dim], unit rows, of the contents asked for."""

    encoder: str
    vectors: NDArray[np.float16]


def base_vectors(project: Project, encoder: str, content_ids: Ints, job: Job) -> Base:
    """The stored vectors of these contents, made first where some are missing. Raises UsageError where a
    file that is needed cannot be read."""
    name = encoders.name_of(project, encoder or None)
    if embeddings.is_empty(project, name) or len(
        np.intersect1d(embeddings.lacking(project, name), content_ids)
    ):
        embeddings.embed(project, name, job)
    embedding = embeddings.require(project, name)
    with project.read() as session:
        owners = stored.owners(session, embedding.id)
    rows = np.full(int(max(owners.max(initial=0), content_ids.max(initial=0))) + 1, -1, np.int64)
    rows[owners] = np.arange(len(owners))
    rows[0] = -1
    places = rows[content_ids]
    if (places < 0).any():
        count = int((places < 0).sum())
        raise UsageError(
            f"{count:,} of the {len(places):,} labelled images have no vector of {name}: "
            "their files cannot be read now.",
            "Connect their drive, or take them out of the catalogue.",
        )
    vectors = project.vectors(embedding)
    found = np.empty((len(places), embedding.dim), dtype=np.float16)
    for start in range(0, len(owners), _BLOCK):
        wanted = np.flatnonzero((places >= start) & (places < start + _BLOCK))
        if len(wanted):
            block = vectors.read(start, min(len(owners), start + _BLOCK))
            found[wanted] = block[places[wanted] - start]
    return Base(name, found)


def copies(
    project: Project,
    encoder: Encoder,
    brief: Brief,
    plain: NDArray[np.float16],
    job: Job,
) -> NDArray[np.float16]:
    """Vectors of varied copies [n, copies, dim] of the images that are learnt from.

    ``plain`` [n, dim] are their vectors as they are, which an image whose file cannot be read now gives
    instead. Written part by part into the run's folder, so that a stopped run goes on where it was. Raises
    DiskFull.
    """
    from core.training.augmentation import augment_bytes

    settings = brief.settings
    ids = brief.gathered.examples.content_ids[brief.gathered.parts.learned]
    row = (settings.copies, plain.shape[1])
    path = brief.folder / COPIES_FILE
    done = _whole_parts(path, 2 * row[0] * row[1])
    job.start("Varied copies", len(ids), done=done)
    lost = 0
    found = embeddings.squares(project, encoder.preprocessing, ids[done:].tolist(), ahead=128)
    with contextlib.closing(found), path.open("ab") as file:
        waiting = next(found, None)
        for start in range(done, len(ids), _PART):
            part = ids[start : start + _PART]
            squares = np.zeros((len(part), *_shape(encoder)), dtype=np.uint8)
            is_read = np.zeros(len(part), dtype=bool)
            while waiting is not None and waiting[0] <= part[-1]:
                content_id, square = waiting
                if square is not None:
                    place = int(np.searchsorted(part, content_id))
                    squares[place], is_read[place] = square, True
                waiting = next(found, None)
            made = np.repeat(plain[start : start + len(part), None], settings.copies, axis=1)
            for number in range(settings.copies if is_read.any() else 0):
                # Varied with the place in its part: what else can be read changes nothing.
                draw = ((settings.seed << 32) + (start << 8) + number) % (1 << 63)
                varied = augment_bytes(squares, settings.augmentation, draw)
                made[is_read, number] = encoder.encode_images(varied[is_read])
                job.checkpoint()
            lost += int((~is_read).sum())
            _append(file, made)
            job.advance(len(part))
    if lost:
        job.note(f"{lost:,} images could not be read now; they are learnt from without variations.")
    return np.fromfile(path, dtype=np.float16).reshape(len(ids), *row)


def _shape(encoder: Encoder) -> tuple[int, int, int]:
    """Height, width and planes of the squares that it sees."""
    side = encoder.preprocessing.size_px
    return side, side, 3


def _whole_parts(path: Path, row_bytes: int) -> int:
    """Rows that an earlier sitting wrote, in whole parts; what is torn is cut off."""
    if not path.is_file():
        return 0
    rows = path.stat().st_size // row_bytes
    if path.stat().st_size % row_bytes or rows % _PART:
        rows -= rows % _PART
        os.truncate(path, rows * row_bytes)
    return rows


def _append(file: BinaryIO, made: NDArray[np.float16]) -> None:
    try:
        file.write(made.tobytes())
        file.flush()
    except OSError as error:
        from core.training.checkpoint import is_full

        if not is_full(error):
            raise
        raise DiskFull(
            f"There is no room left for the vectors of varied copies in {file.name}.",
            "Make room and resume the run, or train with fewer copies.",
        ) from error


def pixels(
    project: Project, encoder: Encoder, content_ids: Ints, folder: Path, job: Job
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(squares uint8 [n, side, side, 3], whether each could be read [n]). Raises UsageError where none could."""
    shape = (len(content_ids), *_shape(encoder))
    made: NDArray[np.uint8]
    if np.prod(shape) <= _IN_MEMORY_BYTES:
        made = np.zeros(shape, dtype=np.uint8)
    else:
        needed, free = int(np.prod(shape)), shutil.disk_usage(folder).free
        if needed + space.RESERVE_BYTES > free:
            raise DiskFull(
                f"The pictures to learn from take {needed / 1e9:,.1f} GB in {folder}, "
                f"and {free / 1e9:,.1f} GB are free.",
                "Free some space there, or learn from fewer images.",
            )
        made = np.lib.format.open_memmap(folder / "squares.npy", "w+", np.uint8, shape)
    is_read = np.zeros(len(content_ids), dtype=bool)
    place = {int(one): row for row, one in enumerate(content_ids)}
    found = embeddings.squares(project, encoder.preprocessing, content_ids.tolist(), ahead=128)
    with contextlib.closing(found):
        for content_id, square in job.track(found, "Reading pictures", len(content_ids)):
            if square is not None:
                made[place[content_id]] = square
                is_read[place[content_id]] = True
    lost = int((~is_read).sum())
    if lost == len(is_read):
        raise UsageError(
            f"None of the {lost:,} labelled images can be read now.",
            "Connect their drive, or import again.",
        )
    if lost:
        job.note(f"{lost:,} labelled images could not be read now and are left out.")
    return made, is_read
