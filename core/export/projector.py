"""Vectors for the TensorBoard Projector: numbers and texts as TSV, small pictures in one image, and what says so."""

import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.export.csv_table import list_cell
from core.export.destination import Writing
from core.export.number_text import lines
from core.export.png import PngWriter
from core.export.vectors import VectorTable
from core.jobs import Job

SPRITE_PX = 8_192  # the longest side that TensorBoard takes
CELL_PX = (16, 64)  # the least that shows anything, and the most that is of use
TENSORS, METADATA, SPRITE, CONFIG = (
    "tensors.tsv",
    "metadata.tsv",
    "sprite.png",
    "projector_config.pbtxt",
)
_GREY = 128
_AT_ONCE = 128  # thumbnails, so that a cancel waits for few of them
_NO_BREAKS = str.maketrans("\t\r\n", "   ")


def cell_px(count: int) -> int | None:
    """The side of a picture of the sprite for so many images; None where they do not fit."""
    size = min(CELL_PX[1], SPRITE_PX // max(1, columns(count)))
    return size if size >= CELL_PX[0] else None


def columns(count: int) -> int:
    """Pictures in a row of the sprite: the projector wants as many rows as columns."""
    return math.isqrt(max(0, count - 1)) + 1


def write(table: VectorTable, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write the folder that ``tensorboard --logdir`` opens and the standalone projector loads file by file.

    The format is that of TensorBoard's projector plugin (projector_config.proto). Raises OSError and Cancelled.
    """
    folder = made.place
    names = table.others
    with open(folder / TENSORS, "wb") as numbers, open(folder / METADATA, "wb") as texts:
        texts.write("\t".join(names).encode() + b"\n")
        for part in table.parts(job, "Vectors"):
            numbers.writelines(b"%b\n" % row[1:] for row in lines(part[table.vectors.name], b"\t"))
            cells = [[_cell(one) for one in part[name]] for name in names]
            for row in zip(*cells, strict=True):
                texts.write("\t".join(row).encode() + b"\n")
    size = cell_px(table.count)
    if size is None:
        most = (SPRITE_PX // CELL_PX[0]) ** 2
        job.note(f"There is no sprite: it holds at most {most:,} pictures.")
    else:
        lost = _write_sprite(table, folder / SPRITE, size, job)
        if lost:
            job.note(f"{lost:,} pictures of the sprite are grey: their files cannot be read now.")
    (folder / CONFIG).write_text(_config(table, size), encoding="utf-8")


def _cell(value: str | list[str]) -> str:
    text = list_cell(value) if isinstance(value, list) else value
    return text.translate(_NO_BREAKS)


def _write_sprite(table: VectorTable, path: Path, size: int, job: Job) -> int:
    """Write the picture row by row; how many pictures of it are lost."""
    across = columns(table.count)
    side = across * size
    lost = 0
    job.start("Pictures", table.count)
    with open(path, "wb") as file:
        png = PngWriter(file, side, side)
        for row in range(across):
            strip = np.full((size, side, 3), _GREY, dtype=np.uint8)
            for start, pictures in _pictures(table, row * across, (row + 1) * across):
                for place, picture in enumerate(pictures, start - row * across):
                    if picture is None:
                        lost += 1
                    else:
                        _fit(strip[:, place * size : (place + 1) * size], picture)
                job.advance(len(pictures))
            png.write(strip)
        png.finish()
    return lost


def _pictures(
    table: VectorTable, first: int, stop: int
) -> Iterator[tuple[int, list[bytes | None]]]:
    for start in range(first, min(stop, table.count), _AT_ONCE):
        yield start, list(table.pictures(start, min(stop, table.count, start + _AT_ONCE)))


def _fit(cell: NDArray[np.uint8], picture: bytes) -> None:
    """Put a JPEG into the middle of a square cell [size, size, 3], whole."""
    size = len(cell)
    with Image.open(io.BytesIO(picture)) as opened:
        opened.draft("RGB", (size, size))
        small = opened.convert("RGB")
    small.thumbnail((size, size), Image.Resampling.BICUBIC)
    top, left = (size - small.height) // 2, (size - small.width) // 2
    cell[top : top + small.height, left : left + small.width] = np.asarray(small)


def _config(table: VectorTable, size: int | None) -> str:
    """In protobuf's text format; paths are relative to the folder."""
    rows = [
        f"  tensor_name: {json.dumps(table.facts.get('encoder', 'embedding'))}",
        f"  tensor_shape: {table.count}",
        f"  tensor_shape: {table.vectors.dim}",
        f'  tensor_path: "{TENSORS}"',
        f'  metadata_path: "{METADATA}"',
    ]
    if size is not None:
        rows += [
            "  sprite {",
            f'    image_path: "{SPRITE}"',
            f"    single_image_dim: {size}",
            f"    single_image_dim: {size}",
            "  }",
        ]
    return "\n".join(["embeddings {", *rows, "}", ""])
