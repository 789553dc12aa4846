"""Drawing the map's points into a picture: a function of arrays, so that a lane can do it."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from app.models import density, picture_choice, raster
from app.models.cell_index import CellIndex, Rows, index_of, joined
from app.models.frame import Frame
from app.models.shading import Scene, Shade, shade

__all__ = ["Drawing", "Frame", "Prepared", "draw", "prepare"]

DISCS_UP_TO = 120_000  # points in sight that are discs; more are drawn as their density
SAMPLE = 1_000_000  # points in sight that are read where a picture is wanted before the exact one
RIMS = (0.05, 0.2, 0.5)  # 1 - r * r of the rings of a disk, from the rim inwards
SHRINKS = (0.45, 0.65, 0.85, 1.1)  # how large points are drawn in each
THIN_FROM = 3_000  # discs in sight from which a lone one is fainter than a crowd


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a picture is drawn of: points sorted into cells, and what each looks like, in their order."""

    index: CellIndex
    shade: Shade
    slots: NDArray[np.uint16]
    has_grey: bool

    def count(self, frame: Frame) -> int:
        """About how many points are in sight; never fewer than there are."""
        spans = self.index.spans(frame.left, frame.right, frame.bottom, frame.top)
        return int((spans[:, 1] - spans[:, 0]).sum())


@dataclass(frozen=True, eq=False)
class Drawing:
    """The points of a frame as drawn."""

    frame: Frame
    ratio: float
    prepared: Prepared
    image: QImage  # of the memory of ``pixels``
    pixels: NDArray[np.uint32]
    radius_px: float
    picture_rows: Rows
    picture_px: float
    step: int = 1  # every so many-th point was read; 1 is exact


def prepare(
    scene: Scene, index: CellIndex | None, done: Shade | None, known: Prepared | None
) -> Prepared:
    """Sort and shade what was not yet (None), and bring both together, unless ``known`` did so."""
    index = index_of(scene.places) if index is None else index
    done = shade(scene) if done is None else done
    if known is not None and known.index is index and known.shade is done:
        return known
    slots = np.take(done.slots, index.order)
    return Prepared(index, done, slots, has_grey=bool((slots == 0).any()))


def draw(
    scene: Scene,
    prepared: Prepared,
    frame: Frame,
    ratio: float,
    *,
    always_pictures: bool,
    deep: int,
    is_quick: bool = False,
) -> Drawing:
    """Draw the frame at ``ratio`` device pixels a logical one; ``deep`` is where dense pixels lean to.

    ``is_quick``: of very many points in sight a sample is enough.
    """
    index = prepared.index
    margin_x, margin_y = 8 * frame.x_per_px, 8 * frame.y_per_px
    spans = index.spans(
        frame.left - margin_x, frame.right + margin_x, frame.bottom - margin_y, frame.top + margin_y
    )
    count = int((spans[:, 1] - spans[:, 0]).sum())
    rows, side_px, radius_px = np.empty(0, dtype=np.int64), 0.0, 1.0
    at = np.empty(0, dtype=np.int64)
    is_few = count <= DISCS_UP_TO * 2  # cells at the edge hold more than what is seen
    if is_few or always_pictures:
        at = _in_sight(prepared, spans, frame)
        count = len(at)
        side_px = picture_choice.side_for(count, frame, always=always_pictures)
        if side_px:
            some = at[:: max(1, len(at) // DISCS_UP_TO)]
            chosen = index.order[some].astype(np.int64)
            ranks = prepared.shade.slot_layers[prepared.slots[some]].astype(np.int64)
            rows = picture_choice.choose(frame, scene.places[chosen], chosen, ranks, side_px)
            side_px = side_px if len(rows) else 0.0
    step, is_density = 1, False
    if is_few and count <= DISCS_UP_TO:
        radius_px = raster.radius_for(count, frame.width_px, frame.height_px)
        image = (_disk_discs if scene.is_disk else _discs)(prepared, at, frame, ratio, radius_px)
    else:
        is_density = True
        step = max(1, count // SAMPLE) if is_quick else 1
        image = density.draw(
            index.x,
            index.y,
            prepared.slots,
            spans,
            prepared.shade.slot_colours,
            prepared.shade.slot_layers,
            _pixels(frame, ratio),
            has_grey=prepared.has_grey,
            deep=deep,
            step=step,
        )
    shown = as_image(image)
    if is_density:
        spread(shown, reach_for(count) * min(1.0, ratio**0.5))
    shown.setDevicePixelRatio(ratio)
    return Drawing(frame, ratio, prepared, shown, image, radius_px, rows, side_px, step)


def as_image(pixels: NDArray[np.uint32]) -> QImage:
    """Premultiplied ARGB [height, width] as a picture.

    Nothing is copied: lines may lie further apart than they are long, and the array has to be kept.
    """
    height, width = pixels.shape
    pitch = pixels.strides[0] // 4
    flat = as_strided(pixels, shape=((height - 1) * pitch + width,), strides=(4,))
    return QImage(flat.data, width, height, 4 * pitch, QImage.Format.Format_ARGB32_Premultiplied)


def reach_for(count: int) -> float:
    """How strongly a point shows beside its pixel, 0 to 0.7: the fewer points there are, the larger they are."""
    return float(np.clip(0.7 - 0.22 * np.log10(max(1.0, count / DISCS_UP_TO)), 0.0, 0.7))


def spread(image: QImage, share: float) -> None:
    """Lay what each pixel shows, at this share of its opacity, under those beside it."""
    if share < 0.02:
        return
    sharp = image.copy()
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOver)
    painter.setOpacity(share)
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        painter.drawImage(x, y, sharp)
    painter.end()


def _pixels(frame: Frame, ratio: float) -> density.Pixels:
    x, y = ratio / frame.x_per_px, ratio / frame.y_per_px
    width, height = round(frame.width_px * ratio), round(frame.height_px * ratio)
    return density.Pixels(x, -frame.left * x, -y, frame.top * y, width, height)


def _in_sight(prepared: Prepared, spans: Rows, frame: Frame) -> Rows:
    """Numbers, in the order of cells, of the points seen (a disc beyond the edge counts too)."""
    at = joined(spans)
    x = (prepared.index.x[at] - np.float32(frame.left)) / np.float32(frame.x_per_px)
    y = (np.float32(frame.top) - prepared.index.y[at]) / np.float32(frame.y_per_px)
    seen = (x > -8) & (y > -8) & (x < frame.width_px + 8) & (y < frame.height_px + 8)
    return at[seen]


def _discs(
    prepared: Prepared, at: Rows, frame: Frame, ratio: float, radius_px: float
) -> NDArray[np.uint32]:
    index, look = prepared.index, prepared.shade
    # By slot, and within it by row, so that the picture does not depend on how points were sorted.
    at = at[np.lexsort((index.order[at], prepared.slots[at]))]
    slots = prepared.slots[at]
    x = (index.x[at] - np.float32(frame.left)) * np.float32(ratio / frame.x_per_px)
    y = (np.float32(frame.top) - index.y[at]) * np.float32(ratio / frame.y_per_px)
    width, height = round(frame.width_px * ratio), round(frame.height_px * ratio)
    colours = look.slot_colours[slots]
    if len(at) > THIN_FROM:
        colours = raster.thin_out(x, y, colours, width, radius_px * ratio)
    return raster.draw(x, y, colours, look.slot_layers[slots], width, height, radius_px * ratio)


def _disk_discs(
    prepared: Prepared, at: Rows, frame: Frame, ratio: float, radius_px: float
) -> NDArray[np.uint32]:
    """As the hyperbolic plane has it: what is as large is drawn smaller towards the rim."""
    ring = ring_of(prepared.index, at)
    image = _discs(prepared, at[ring == 0], frame, ratio, radius_px * SHRINKS[0])
    for number, shrink in enumerate(SHRINKS[1:], start=1):
        some = at[ring == number]
        if len(some):
            nearer = _discs(prepared, some, frame, ratio, radius_px * shrink)
            np.copyto(image, nearer, where=nearer > 0)
    return image


def ring_of(index: CellIndex, at: Rows) -> NDArray[np.intp]:
    """Which of the rings of a disk points lie in, 0 at the rim; ``SHRINKS`` says how large they are there."""
    size = 1.0 - index.x[at].astype(np.float64) ** 2 - index.y[at].astype(np.float64) ** 2
    return np.digitize(size, RIMS)
