"""Portraits: the small picture and the name of each example that a question is made of, for its chip."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import facts
from core.errors import ImageError
from core.images.decode import DecodeTask
from core.operations import composing, images
from core.project import Project
from core.search.question import Example

LONGEST_PX = 256


@dataclass(frozen=True, slots=True)
class Portrait:
    """``jpeg`` or ``pixels`` (h, w, 3) uint8 RGB is the whole picture, small; neither where there is none to
    be had now: words, a file that is gone."""

    name: str
    jpeg: bytes = b""
    pixels: NDArray[np.uint8] | None = None


def of_examples(project: Project, examples: Sequence[Example]) -> list[Portrait]:
    """A portrait of each, in their order. What cannot be found or read has a name and no picture."""
    places = [_locate(project, one) for one in examples]
    known = {
        one.id: one
        for one in images.describe(project, [id_ for id_, _ in places if id_ is not None])
    }
    thumbnails = images.thumbnails(project, [one.content_id for one in known.values()])
    found = []
    for one, (image_id, path) in zip(examples, places, strict=True):
        if image_id in known:
            image = known[image_id]
            found.append(Portrait(image.name, thumbnails.get(image.content_id, b"")))
        elif one.pixels is not None:
            step = max(1, max(one.pixels.shape[:2]) // LONGEST_PX)
            found.append(
                Portrait(one.name, pixels=np.ascontiguousarray(one.pixels[::step, ::step]))
            )
        else:
            found.append(Portrait(one.name, pixels=_decoded(project, path)))
    return found


def _locate(project: Project, one: Example) -> tuple[int | None, str]:
    """(id of the image, its file); (None, "") where there is none."""
    if one.words or one.pixels is not None:
        return None, ""
    try:
        ((image_id, path),) = composing.locate(project, [one])
    except ImageError:
        return None, ""  # the search itself says so
    return image_id, str(path)


def _decoded(project: Project, path: str) -> NDArray[np.uint8] | None:
    if not path or not os.path.isfile(path):
        return None
    with project.read() as session:
        limit_px = facts.limit_px(session)
    task = DecodeTask(os.fsencode(path), longest_px=LONGEST_PX, limit_px=limit_px, only_pixels=True)
    return project.viewer.run(task).array
