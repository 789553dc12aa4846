"""A tree of folders by class, as torchvision's ImageFolder reads it, with a table of what each file is.

The layout: https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
"""

import csv
from collections.abc import Mapping

from core.export.csv_table import list_cell
from core.export.destination import Writing
from core.export.file_names import extension
from core.export.pictures import Pictures
from core.export.placing import placing
from core.jobs import Job

INDEX = "index.csv"
_COLUMNS = ("file", "path", "label", "split", "tags", "content")
# By extension; files with others are passed over.
READ_EXTENSIONS = frozenset(
    (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
)


def write(pictures: Pictures, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to the folder ``made.place``. Raises OSError, ExportError and Cancelled."""
    unread: dict[str, int] = {}
    with (
        placing(made.place, options["pictures"], pictures, job) as placer,
        open(made.place / INDEX, "w", encoding="utf-8", newline="") as file,
    ):
        out = csv.writer(file)
        out.writerow(_COLUMNS)
        for part in pictures.parts(job, "Pictures"):
            for picture, name in part:
                there = placer.put(picture, name)
                if there is None:
                    continue
                kind = extension(name)
                if kind not in READ_EXTENSIONS:
                    unread[kind] = unread.get(kind, 0) + 1
                tags = list_cell(there.tags)
                out.writerow((name, there.path, there.label, there.split, tags, there.content))
    if unread:
        kinds = ", ".join(f"{kind or 'no extension'} ({unread[kind]:,})" for kind in sorted(unread))
        job.note(
            f"torchvision's ImageFolder passes over some of the files by their names: {kinds}."
        )
