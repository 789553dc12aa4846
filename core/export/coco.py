"""COCO: one JSON file with images, categories, and for each image an annotation over the whole picture.

The format: Lin et al., Microsoft COCO: Common Objects in Context, 2014 (https://cocodataset.org/#format-data).
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from core.export.destination import Writing
from core.export.pictures import Picture, Pictures
from core.jobs import Job

_STEP = 8_192
_LICENCE = {"id": 1, "name": "not known", "url": ""}


def write(pictures: Pictures, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to ``made.place``. Raises OSError and Cancelled.

    ``file_name`` is below ``info.image_root``, or absolute where the images lie in several sources; ``split`` and
    ``tags`` stand beside it. The annotation of image i has the id i.
    """
    number = {label: place for place, label in enumerate(pictures.labels, start=1)}
    info = {
        "description": pictures.facts.get("name", ""),
        "version": pictures.facts.get("program", ""),
        "year": datetime.now(UTC).year,
        "contributor": "",
        "url": "",
        "date_created": datetime.now(UTC).isoformat(timespec="seconds"),
        "image_root": pictures.facts.get("root", ""),
    }
    categories = [
        {"id": place, "name": label, "supercategory": ""} for label, place in number.items()
    ]
    with open(made.place, "w", encoding="utf-8") as file:
        file.write(f'{{"info": {_text(info)},\n"licenses": {_text([_LICENCE])},\n')
        file.write('"categories": [')
        _write_all(file, iter(categories))
        file.write('],\n"images": [')
        # What annotations need of each image: held, so that nothing is read twice. int32 [n, 3].
        shapes = np.zeros((pictures.length, 3), dtype=np.int32)
        _write_all(file, _images(pictures, number, shapes, job))
        file.write('],\n"annotations": [')
        _write_all(file, _annotations(shapes, job))
        file.write("]}\n")


def _images(
    pictures: Pictures, number: Mapping[str, int], shapes: NDArray[np.int32], job: Job
) -> Iterator[dict[str, Any]]:
    """All images; fills in width, height and category of each."""
    job.start("Images", pictures.length)
    root = pictures.facts.get("root", "")
    for start in range(0, pictures.length, pictures.part_rows):
        some = pictures.read(start, min(pictures.length, start + pictures.part_rows))
        told = [(one.width, one.height, number[one.label]) for one in some]
        shapes[start : start + len(some)] = told
        for place, one in enumerate(some, start=start + 1):
            yield _image(one, place, root)
        job.advance(len(some))


def _image(one: Picture, place: int, root: str) -> dict[str, Any]:
    image: dict[str, Any] = {
        "id": place,
        "width": one.width,
        "height": one.height,
        "file_name": file_name(one, root),
        "license": 1,
        "flickr_url": "",
        "coco_url": "",
        "date_captured": "",
        "sha256": one.content,
    }
    if one.split:
        image["split"] = one.split
    if one.tags:
        image["tags"] = list(one.tags)
    return image


def _annotations(shapes: NDArray[np.int32], job: Job) -> Iterator[dict[str, Any]]:
    job.start("Annotations", len(shapes))
    for start in range(0, len(shapes), _STEP):
        some = shapes[start : start + _STEP].tolist()
        for place, (width, height, category) in enumerate(some, start=start + 1):
            yield {
                "id": place,
                "image_id": place,
                "category_id": category,
                "bbox": [0, 0, width, height],
                "area": width * height,
                "segmentation": [],
                "iscrowd": 0,
            }
        job.advance(len(some))


def file_name(picture: Picture, root: str) -> str:
    """What opens it below ``root`` (its folder; "" for none): its very name where that is UTF-8, since systems that
    tell composed letters from others would not find it by another."""
    try:
        path = picture.raw_path.decode()
    except UnicodeDecodeError:
        path = picture.path
    path, below = (one.replace(os.sep, "/") for one in (path, f"{root.rstrip('/')}/"))
    return path.removeprefix(below) if root else path


def _write_all(file: TextIO, documents: Iterator[dict[str, Any]]) -> None:
    between = "\n"
    for document in documents:
        file.write(between + _text(document))
        between = ",\n"


def _text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)
