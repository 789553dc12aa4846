"""Reads COCO annotations: the categories of an image become its class and its tags.

The format: Lin et al., Microsoft COCO: Common Objects in Context, 2014 (https://cocodataset.org/#format-data).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import TableError
from core.jobs import Job
from core.labelling.table import Table

_STEP = 50_000


def is_coco(document: Any) -> bool:
    """Whether a JSON document has the shape of COCO annotations."""
    return isinstance(document, dict) and isinstance(document.get("images"), list)


def read(path: Path, document: dict[str, Any], job: Job) -> Table:
    """One row an image: path, label, tags. Raises TableError where there is nothing to learn from.

    The class is the category that covers most of the image by the areas of its annotations (where
    no areas are given: the one with most annotations). Tags are given where at least one image of
    the file has several categories; then every image is tagged with all of its own.
    """
    categories = _categories(path, document)
    annotations = document.get("annotations")
    if not isinstance(annotations, list) or not categories:
        raise TableError(
            f"{path} has images but no annotations with categories.",
            "Captions and keypoints without categories cannot become classes.",
        )
    weights, lost = _weigh(annotations, categories, job)
    rows: list[tuple[str, str, str]] = []
    broken: list[tuple[int, str, str]] = []
    are_several = any(len(one) > 1 for one in weights.values())
    bare = 0
    for number, image in enumerate(document["images"], start=1):
        name = image.get("file_name") or image.get("coco_url") if isinstance(image, dict) else None
        if not isinstance(name, str) or not name:
            broken.append((number, str(image)[:200], "the image has no file_name"))
            continue
        own = weights.get(image.get("id"), {})
        bare += not own
        ranked = sorted(own, key=lambda one: (-own[one][0], -own[one][1], one))
        label = categories[ranked[0]] if ranked else ""
        tags = sorted({categories[one] for one in ranked}) if are_several else []
        rows.append((name, label, json.dumps(tags, ensure_ascii=False) if tags else ""))
    if not rows:
        raise TableError(f"{path} names no images.")
    columns = [list(column) for column in zip(*rows, strict=True)]
    table = Table(
        path=path,
        format="COCO",
        names=["file_name", "category", "categories"][: 3 if are_several else 2],
        values=columns[: 3 if are_several else 2],
        lines=np.arange(1, len(rows) + 1, dtype=np.int64),
        base=path.absolute().parent,
        roles={"file_name": "path", "category": "label", "categories": "tags"},
        broken=broken,
    )
    if not are_several:
        del table.roles["categories"]
    if are_several:
        table.notes.append(
            "Where an image has several categories, the one that covers most of it is its class; "
            "all of them become tags."
        )
    if bare:
        table.notes.append(f"{bare} images have no annotation and stay as they are.")
    if lost:
        table.notes.append(f"{lost} annotations without a known category were passed over.")
    return table


def _categories(path: Path, document: Mapping[str, Any]) -> dict[Any, str]:
    listed = document.get("categories")
    if not isinstance(listed, list):
        return {}
    return {
        one["id"]: " ".join(str(one["name"]).split())
        for one in listed
        if isinstance(one, dict) and isinstance(one.get("id"), int | str) and one.get("name")
    }


def _weigh(
    annotations: list[Any], categories: Mapping[Any, str], job: Job
) -> tuple[dict[Any, dict[Any, list[float]]], int]:
    """(category -> [area, count] by image id, number of annotations that name no known category)."""
    weights: dict[Any, dict[Any, list[float]]] = {}
    lost = 0
    job.start("Reading", len(annotations))
    for count, one in enumerate(annotations, start=1):
        if count % _STEP == 0:
            job.advance(_STEP)
        category = one.get("category_id") if isinstance(one, dict) else None
        image = one.get("image_id") if isinstance(one, dict) else None
        if not isinstance(category, int | str) or category not in categories:
            lost += 1
        elif isinstance(image, int | str):
            weight = weights.setdefault(image, {}).setdefault(category, [0.0, 0.0])
            weight[0] += _area(one)
            weight[1] += 1
    return weights, lost


def _area(annotation: Mapping[str, Any]) -> float:
    area = annotation.get("area")
    if isinstance(area, int | float):
        return float(area)
    box = annotation.get("bbox")
    if isinstance(box, list) and len(box) == 4 and all(isinstance(v, int | float) for v in box):
        return abs(float(box[2]) * float(box[3]))
    return 0.0
