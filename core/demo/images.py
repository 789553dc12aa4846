"""Draws the demo images and writes them: item by item, the same bytes whenever it is asked."""

import io
import os
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from core.demo.drawing import Canvas
from core.demo.edits import Pixels, edit
from core.demo.scenes import (
    boats,
    butterflies,
    cacti,
    citrus,
    coffee,
    fish,
    flowers,
    houses,
    ladybirds,
    lakes,
    leaves,
    lighthouses,
    mushrooms,
    night,
    paper,
    patterns,
    skies,
    trees,
    umbrellas,
    vases,
)
from core.demo.truth import DemoItem, DemoTruth, find, truth
from core.jobs import Job

Scene = Callable[[Canvas, np.random.Generator, int], None]
Mapper = Callable[[Callable[[DemoItem], bytes], Sequence[DemoItem]], Iterable[bytes]]

_SCENES: dict[str, Scene] = {
    "sunsets": skies.sunset,
    "hot-air balloons": skies.balloons,
    "sailing boats": boats.boats,
    "lighthouses": lighthouses.lighthouse,
    "mountain lakes": lakes.lake,
    "cities at night": night.city,
    "planets": night.planet,
    "houses": houses.houses,
    "umbrellas": umbrellas.umbrellas,
    "daisies": flowers.daisies,
    "tulips": flowers.tulips,
    "cacti": cacti.cactus,
    "mushrooms": mushrooms.mushrooms,
    "trees": trees.tree,
    "leaves": leaves.leaf,
    "fish": fish.fish,
    "butterflies": butterflies.butterflies,
    "ladybirds": ladybirds.ladybirds,
    "coffee": coffee.coffee,
    "citrus": citrus.citrus,
    "vases": vases.vase,
    "origami": paper.origami,
    "feathers": paper.feather,
    "tiles": patterns.tiles,
    "textiles": patterns.textile,
}
_QUALITY = 87
_LOW_QUALITY = 38
# Quarter turns of the stored pixels; a reader that obeys the EXIF value turns them back.
_QUARTER_TURNS = {"orientation-6": 1, "orientation-8": 3, "orientation-3": 2}
_NOT_AN_IMAGE = "Maple, oak, beech, willow. To be pressed and scanned on Sunday.\n"


def make_images(folder: Path, job: Job = Job(), map_items: Mapper = map) -> DemoTruth:
    """Write all demo images below ``folder`` and say what they are.

    Files that are already there are left alone, so a second call is instant and a cancelled one
    goes on where it stopped. ``map_items`` may spread ``render`` over workers; it must keep the order.
    Raises OSError where the folder cannot be written.
    """
    known = truth()
    todo = [item for item in known.items if not (folder / item.path).is_file()]
    if not todo:
        return known
    for parent in sorted({(folder / item.path).parent for item in todo}):
        parent.mkdir(parents=True, exist_ok=True)
    made = zip(todo, map_items(render, todo), strict=True)
    for item, data in job.track(made, "Drawing the demo images", len(todo)):
        _write(folder / item.path, data)
    return known


def render(item: DemoItem) -> bytes:
    """The bytes of the file."""
    if item.kind == "exact" and item.of is not None:
        return render(find(item.of))
    if item.variant == "empty":
        return b""
    if item.variant == "text":
        return _NOT_AN_IMAGE.encode()
    if item.of is not None:
        picture = edit(draw(find(item.of)), item.kind, item.seed)
        return _encode(picture, item)
    data = _encode(draw(item), item)
    return data[: len(data) // 3] if item.variant == "truncated" else data


@lru_cache(maxsize=2)
def draw(item: DemoItem) -> Pixels:
    """The upright picture (h, w, 3) of an original. Kept for the edits that follow it."""
    rng = np.random.default_rng(item.seed)
    canvas = Canvas(*item.size_px)
    _SCENES[item.family](canvas, rng, item.number)
    picture = canvas.finish(rng)
    picture.flags.writeable = False
    return picture


def _encode(picture: Pixels, item: DemoItem) -> bytes:
    exif = Image.Exif()
    if item.variant in _QUARTER_TURNS:
        exif[0x0112] = int(item.variant.rpartition("-")[2])
        picture = np.ascontiguousarray(np.rot90(picture, _QUARTER_TURNS[item.variant]))
    image = Image.fromarray(picture)
    if item.variant == "grey":
        image = image.convert("L")
    elif item.variant == "alpha":
        image.putalpha(_rounded_corners(image.width, image.height))
    quality = _LOW_QUALITY if item.kind == "recompressed" else _QUALITY
    into = io.BytesIO()
    if item.path.endswith(".png"):
        image.save(into, "PNG", compress_level=6)
    elif item.path.endswith(".webp"):
        image.save(into, "WEBP", quality=quality, method=2)
    else:
        image.save(into, "JPEG", quality=quality, exif=exif)
    return into.getvalue()


def _rounded_corners(width: int, height: int) -> Image.Image:
    mask = Image.new("L", (width * 2, height * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, width * 2 - 1, height * 2 - 1), width // 5, fill=255
    )
    return mask.reduce(2)


def _write(path: Path, data: bytes) -> None:
    """All of the file or nothing: a reader never meets half of one."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
