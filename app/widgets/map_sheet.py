"""A view of the map laid out for a file: points, names of regions and a legend, at any size."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from app.models.cell_index import joined
from app.models.frame import Frame
from app.models.points import Points
from app.models.region_labels import Regions
from app.style.theme import Theme
from app.widgets import text
from app.widgets.points_drawing import Drawing, draw, prepare
from app.widgets.region_names import Placed, font_of, placed
from core.errors import UsageError

BASE_PX = (1200, 800)  # a picture of this size looks like the window; larger ones are enlarged
SMALLEST_PX, LARGEST_PX = 64, 20_000
MOST_PIXELS = 120_000_000
ENTRIES = 14  # of the legend
LINE_PX, MARGIN_PX, NAME_PX, TEXT_PX = 20.0, 16.0, 150.0, 12
Entry = tuple[str, str, str]  # colour as #rrggbb, name, count


@dataclass(frozen=True, eq=False)
class Sheet:
    """What goes into the file, in logical pixels of ``frame``; ``scale`` pixels of the file each."""

    frame: Frame
    width_px: int
    height_px: int
    scale: float
    points: Points
    drawing: Drawing
    theme: Theme
    names: list[Placed]
    legend: list[Entry]
    legend_rect: QRectF


def sheet_of(
    points: Points,
    frame: Frame,
    width_px: int,
    height_px: int,
    *,
    theme: Theme,
    regions: Regions | None = None,
    has_legend: bool = True,
    has_pictures: bool = False,
) -> Sheet:
    """Lay out what ``frame`` shows, and more at its sides where the file has other proportions.

    ``points`` are as they were coloured last. Raises UsageError where the size is out of bounds.
    """
    if (
        not SMALLEST_PX <= min(width_px, height_px) <= max(width_px, height_px) <= LARGEST_PX
        or width_px * height_px > MOST_PIXELS
    ):
        raise UsageError(
            f"A picture of {width_px} x {height_px} pixels cannot be made.",
            f"A side has {SMALLEST_PX} to {LARGEST_PX:,} pixels, and all together are no more than "
            f"{MOST_PIXELS // 1_000_000} million.",
        )
    scale = max(1.0, min(width_px / BASE_PX[0], height_px / BASE_PX[1]))
    logical = frame.resized(int(np.ceil(width_px / scale)), int(np.ceil(height_px / scale)))
    scene = points.scene()
    prepared = prepare(scene, points.index, None if points.is_stale else points.shade, None)
    drawing = draw(
        scene, prepared, logical, scale,
        always_pictures=has_pictures, deep=0xFFFFFF if theme.is_dark else 0x14161C,
    )  # fmt: skip
    names = [] if regions is None or points.is_disk else placed(logical, regions)
    legend = _entries(points) if has_legend else []
    rect = _room(logical, drawing, legend)
    names = [one for one in names if not legend or not rect.intersects(one[0])]
    return Sheet(logical, width_px, height_px, scale, points, drawing, theme, names, legend, rect)


def _entries(points: Points) -> list[Entry]:
    """The largest classes; the rest in one line. Steps of a number in their own order."""
    table = points.scene().table
    codes = [code for code in points.by_rank() if points.counts[code]]
    if points.scale is not None:
        codes.sort()
    metrics = QFontMetricsF(font_of(TEXT_PX))
    entries = [
        (
            f"#{int(table[code]) & 0xFFFFFF:06x}",
            metrics.elidedText(points.names[code], Qt.TextElideMode.ElideRight, NAME_PX),
            text.number(int(points.counts[code])),
        )
        for code in codes[:ENTRIES]
    ]
    if rest := codes[ENTRIES:]:
        count = int(points.counts[rest].sum())
        entries.append(
            (f"#{int(table[-1]) & 0xFFFFFF:06x}", f"{len(rest)} more", text.number(count))
        )
    return entries


def _room(frame: Frame, drawing: Drawing, legend: list[Entry]) -> QRectF:
    """The corner with the fewest points, where the legend goes."""
    if not legend:
        return QRectF()
    metrics = QFontMetricsF(font_of(TEXT_PX))
    wide = max(
        metrics.horizontalAdvance(name) + metrics.horizontalAdvance(count)
        for _, name, count in legend
    )
    width, height = wide + 60.0, len(legend) * LINE_PX + 16.0
    right, below = frame.width_px - MARGIN_PX - width, frame.height_px - MARGIN_PX - height
    corners = [QRectF(x, y, width, height) for x in (right, MARGIN_PX) for y in (MARGIN_PX, below)]

    def count(rect: QRectF) -> int:
        left, top = frame.place_of(rect.topLeft())
        right, bottom = frame.place_of(rect.bottomRight())
        return len(drawing.prepared.index.within(left, right, bottom, top))

    return min(corners, key=count)


def in_sight(sheet: Sheet) -> np.ndarray:
    """Numbers, in the order of cells, of the points on the sheet, those drawn last at the end."""
    frame, prepared = sheet.frame, sheet.drawing.prepared
    index = prepared.index
    at = joined(index.spans(frame.left, frame.right, frame.bottom, frame.top))
    x, y = index.x[at].astype(np.float64), index.y[at].astype(np.float64)
    at = at[(x >= frame.left) & (x <= frame.right) & (y >= frame.bottom) & (y <= frame.top)]
    return at[np.lexsort((index.order[at], prepared.slots[at]))]
