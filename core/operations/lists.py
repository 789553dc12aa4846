"""Lists of images as a table that other programs read."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import images
from core.jobs import Job
from core.operations.tables import write_rows
from core.project import Project

COLUMNS = ("path", "class", "tags", "width", "height", "bytes")
PART = 5_000


def export_csv(
    project: Project, image_ids: NDArray[np.int64], path: Path, *, job: Job | None = None
) -> int:
    """Write these images in their order as CSV: path, class, tags (joined by ";"), width, height, bytes.

    Returns how many rows; images that are gone are left out. Raises TableError where it cannot be written.
    """
    job = job or Job()
    job.start("Writing the list", len(image_ids))

    def rows() -> Iterator[tuple[str, ...]]:
        for start in range(0, len(image_ids), PART):
            job.checkpoint()
            part = image_ids[start : start + PART].tolist()
            with project.read() as session:
                found = images.describe(session, part)
            for one in found:
                yield (
                    one.path, one.class_name, ";".join(one.tags), str(one.width), str(one.height),
                    str(one.size_bytes),
                )  # fmt: skip
            job.advance(len(part))

    return write_rows(path, COLUMNS, rows())
