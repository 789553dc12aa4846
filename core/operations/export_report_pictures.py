"""The small pictures of a report: thumbnails that are kept, each of a bounded size."""

import io
from collections.abc import Iterable, Sequence

from PIL import Image

from core.export.report import Picture
from core.operations import images
from core.project import Project

# A thumbnail that takes more is made smaller, so that what a report takes is known whatever is in the pictures.
MOST_BYTES = 15_000
_SIDES_PX = (224, 192, 160, 128, 96, 64)
_QUALITY = 80


def pictures(project: Project, image_ids: Iterable[int]) -> dict[int, Picture]:
    """By image id; ids that are gone are left out, and where no picture can be had now there is only the path."""
    known = images.describe(project, sorted(set(image_ids)))
    jpegs = images.thumbnails(project, sorted({one.content_id for one in known}))
    small = {content_id: fitted(jpeg) for content_id, jpeg in jpegs.items()}
    return {one.id: Picture(one.path, small.get(one.content_id, b"")) for one in known}


def some(shown: dict[int, Picture], image_ids: Sequence[int]) -> tuple[Picture, ...]:
    """Those of these images that are there, in this order."""
    return tuple(shown[one] for one in image_ids if one in shown)


def fitted(jpeg: bytes) -> bytes:
    """The same picture in at most MOST_BYTES bytes."""
    if len(jpeg) <= MOST_BYTES:
        return jpeg
    found = jpeg
    with Image.open(io.BytesIO(jpeg)) as opened:
        picture = opened.convert("RGB")
    for side in _SIDES_PX:
        smaller = picture.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        smaller.save(file, "JPEG", quality=_QUALITY)
        found = file.getvalue()
        if len(found) <= MOST_BYTES:
            break
    return found
