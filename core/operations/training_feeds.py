"""What a training sees, made from the catalogue: stored vectors and varied copies, or squares of pixels."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings as stored
from core.encoders.base import Encoder
from core.errors import DiskFull, UsageError
from core.intake import space
from core.jobs import Job
from core.operations import embeddings, encoders
from core.project import Project

Ints = NDArray[np.int64]
_COPIES_FILE = "copies.npy"
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
    content_ids: Ints,
    plain: NDArray[np.float16],
    count: int,
    preset: str,
    seed: int,
    folder: Path,
    job: Job,
) -> NDArray[np.float16]:
    """Vectors of varied copies [n, count, dim] of these contents, kept in ``folder`` for a resume.

    A content whose file cannot be read now gives its plain vector instead, with a note.
    """
    shape = (len(content_ids), count, plain.shape[1])
    path = folder / _COPIES_FILE
    if path.is_file():
        with contextlib.suppress(ValueError, OSError, EOFError):
            found: NDArray[np.float16] = np.load(path)
            if found.shape == shape:
                return found
    import torch

    from core.training.augmentation import augment

    made = np.repeat(plain[:, None], count, axis=1)
    place = {int(one): row for row, one in enumerate(content_ids)}
    job.start("Varied copies", len(content_ids) * count)
    waiting: list[tuple[int, NDArray[np.uint8]]] = []
    lost = 0

    def encode() -> None:
        rows = np.array([place[one] for one, _ in waiting])
        squares = torch.from_numpy(np.stack([square for _, square in waiting]))
        planes = squares.permute(0, 3, 1, 2).float().div_(255)
        for number in range(count):
            # Each picture's numbers follow from its id, whatever else is in its part.
            generator = torch.Generator().manual_seed(
                ((seed << 32) + (int(content_ids[rows[0]]) << 8) + number) % (1 << 63)
            )
            varied = augment(planes, preset, generator).mul(255).round_().to(torch.uint8)
            pixels = varied.permute(0, 2, 3, 1).contiguous().numpy()
            made[rows, number] = encoder.encode_images(pixels).astype(np.float16)
            job.advance(len(rows))
        waiting.clear()

    squares = embeddings.squares(project, encoder.preprocessing, content_ids.tolist(), ahead=128)
    with contextlib.closing(squares):
        for content_id, square in squares:
            if square is None:
                lost += 1
                continue
            waiting.append((content_id, square))
            if len(waiting) >= _PART:
                encode()
    if waiting:
        encode()
    if lost:
        job.note(f"{lost:,} images could not be read now; they are learnt from without variations.")
    _keep(path, made)
    return made


def _keep(path: Path, array: NDArray[np.float16]) -> None:
    beside = path.with_suffix(".new")
    try:
        with beside.open("wb") as file:
            np.save(file, array)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        from core.training.checkpoint import is_full

        if not is_full(error):
            raise
        raise DiskFull(
            f"There is no room left for the vectors of varied copies in {path.parent}.",
            "Make room, or train with fewer copies.",
        ) from error


def pixels(
    project: Project, encoder: Encoder, content_ids: Ints, folder: Path, job: Job
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(squares uint8 [n, side, side, 3], whether each could be read [n]). Raises UsageError where none could."""
    side = encoder.preprocessing.size_px
    shape = (len(content_ids), side, side, 3)
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
