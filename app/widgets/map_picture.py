"""The view of the map as a picture and as SVG, at any size, with names and legend."""

import base64
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QImageWriter, QPainter, QPen, QPixmap

from app.models import disk
from app.models.frame import Frame
from app.models.points import Points
from app.models.region_labels import Regions
from app.models.shading import GREY
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.disk_rim import RINGS, SPOKES, draw_rim
from app.widgets.map_sheet import LINE_PX, TEXT_PX, Sheet, in_sight, sheet_of
from app.widgets.points_drawing import SHRINKS, ring_of
from app.widgets.region_names import CASING_PX, font_of, outline_of, shortened
from app.widgets.sprites import FAINT, Sprites

CIRCLES_UP_TO = 50_000  # points in sight; more go into an SVG as a picture
FAMILY = "Inter, Segoe UI, Helvetica, Arial, sans-serif"


def picture(
    points: Points,
    frame: Frame,
    width_px: int,
    height_px: int,
    *,
    theme: Theme,
    regions: Regions | None = None,
    has_legend: bool = True,
    thumbnails: Thumbnails | None = None,
    has_pictures: bool = False,
) -> QImage:
    """What ``frame`` shows, drawn anew at ``width_px`` x ``height_px``; beyond 1200 x 800 all grows with it.

    Names of ``regions`` and the legend are drawn where given. With ``thumbnails`` points that have room
    are pictures (at any zoom with ``has_pictures``), as far as their thumbnails are here. To be called in
    the window's thread. Raises UsageError where a side is below 64 or above 20,000 pixels, or all are
    more than 120 million.
    """
    sheet = sheet_of(
        points, frame, width_px, height_px,
        theme=theme, regions=regions, has_legend=has_legend, has_pictures=has_pictures,
    )  # fmt: skip
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(theme.colour("canvas"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(sheet.scale, sheet.scale)
    if points.is_disk:
        draw_rim(painter, theme, sheet.frame, points.view)
    painter.drawImage(QPointF(0, 0), sheet.drawing.image)
    if thumbnails is not None and len(sheet.drawing.picture_rows):
        _paint_sprites(painter, sheet, thumbnails)
    for rect, label, size_px in sheet.names:
        outline = outline_of(label.text, size_px, rect)
        pen = QPen(_casing(theme), 2 * CASING_PX)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(outline, pen)
        painter.fillPath(outline, theme.colour("text"))
    _paint_legend(painter, sheet)
    painter.end()
    return image


def svg(
    points: Points,
    frame: Frame,
    width_px: int,
    height_px: int,
    *,
    theme: Theme,
    regions: Regions | None = None,
    has_legend: bool = True,
    thumbnails: Thumbnails | None = None,
    has_pictures: bool = False,
) -> str:
    """The same as the text of an SVG 1.1 file.

    Up to 50,000 points in sight are circles, so that they stay sharp at any size and can be edited; more
    are one embedded PNG of their density at that size. Names and legend are text either way; thumbnails
    are embedded pictures.
    """
    sheet = sheet_of(
        points, frame, width_px, height_px,
        theme=theme, regions=regions, has_legend=has_legend, has_pictures=has_pictures,
    )  # fmt: skip
    tokens, scale = theme.tokens, sheet.scale
    wide, high = width_px / scale, height_px / scale
    at = in_sight(sheet)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width_px}" height="{height_px}" '
        f'viewBox="0 0 {wide:.4f} {high:.4f}">',
        f'<rect width="{wide:.4f}" height="{high:.4f}" fill="{tokens.canvas}"/>',
    ]
    if points.is_disk:
        parts += _rim(sheet)
    if len(at) <= CIRCLES_UP_TO:
        parts += _circles(sheet, at)
    else:
        parts.append(_embedded(sheet.drawing.image, QRectF(
            0, 0, sheet.drawing.image.width() / scale, sheet.drawing.image.height() / scale
        )))  # fmt: skip
    if thumbnails is not None:
        parts += _pictures(sheet, thumbnails)
    parts += _names(sheet) + _legend(sheet) + ["</svg>"]
    return "\n".join(parts) + "\n"


def _casing(theme: Theme) -> QColor:
    colour = theme.colour("canvas")
    colour.setAlphaF(0.85)
    return colour


# -- the picture's parts


def _paint_sprites(painter: QPainter, sheet: Sheet, thumbnails: Thumbnails) -> None:
    rows, drawing = sheet.drawing.picture_rows, sheet.drawing
    shade = drawing.prepared.shade
    slots = shade.slots[rows]
    sprites = Sprites(sheet.theme, thumbnails, drawing.picture_px, sheet.scale)
    sprites.draw(
        painter,
        sheet.frame.to_pixels(sheet.points.seen[rows]),
        sheet.points.contents[rows],
        shade.slot_colours[slots] & np.uint32(0xFFFFFF),
        shade.slot_layers[slots] == GREY,
    )


def _paint_legend(painter: QPainter, sheet: Sheet) -> None:
    if not sheet.legend:
        return
    theme, rect = sheet.theme, sheet.legend_rect
    ground = theme.colour("panel")
    ground.setAlphaF(0.92)
    painter.setPen(QPen(theme.colour("border"), 1.0))
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, 8, 8)
    painter.setFont(font_of(TEXT_PX))
    middle = Qt.AlignmentFlag.AlignVCenter
    for number, (colour, name, count) in enumerate(sheet.legend):
        line = QRectF(rect.x() + 12, rect.y() + 8 + number * LINE_PX, rect.width() - 24, LINE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(line.x() + 5, line.center().y()), 4.5, 4.5)
        painter.setPen(theme.colour("text"))
        painter.drawText(line.adjusted(18, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(theme.colour("muted"))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, count)


# -- the SVG's parts


def _circles(sheet: Sheet, at: NDArray[np.int64]) -> list[str]:
    """In the order they are drawn in; those of one look share a group."""
    index, frame, drawing = sheet.drawing.prepared.index, sheet.frame, sheet.drawing
    slots = drawing.prepared.slots[at]
    colours = drawing.prepared.shade.slot_colours
    x = (index.x[at].astype(np.float64) - frame.left) / frame.x_per_px
    y = (frame.top - index.y[at].astype(np.float64)) / frame.y_per_px
    radius = np.full(len(at), drawing.radius_px)
    if sheet.points.is_disk:
        radius *= np.asarray(SHRINKS)[ring_of(index, at)]
    parts: list[str] = []
    ends = np.append(np.flatnonzero(slots[1:] != slots[:-1]) + 1, len(slots))
    start = 0
    for end in ends.tolist() if len(slots) else []:
        parts.append(f'<g fill="#{int(colours[slots[start]]) & 0xFFFFFF:06x}">')
        parts += [
            f'<circle cx="{u:.2f}" cy="{v:.2f}" r="{r:.2f}"/>'
            for u, v, r in zip(*(one[start:end].tolist() for one in (x, y, radius)), strict=True)
        ]
        parts.append("</g>")
        start = end
    return parts


def _rim(sheet: Sheet) -> list[str]:
    frame, tokens, view = sheet.frame, sheet.theme.tokens, sheet.points.view
    centre, radius = frame.pixel_of(0.0, 0.0), 1.0 / frame.x_per_px
    place = f'cx="{centre.x():.2f}" cy="{centre.y():.2f}" r="{radius:.2f}"'
    parts = [f'<circle {place} fill="{tokens.panel}"/>']
    lines = [disk.ring(view, one) for one in RINGS]
    lines += [disk.spoke(view, np.pi * number / SPOKES) for number in range(SPOKES)]
    for line in lines:
        pixels = [frame.pixel_of(one.real, one.imag) for one in line.tolist()]
        corners = " ".join(f"{one.x():.2f},{one.y():.2f}" for one in pixels)
        parts.append(f'<polyline points="{corners}" fill="none" stroke="{tokens.border}"/>')
    parts.append(
        f'<circle {place} fill="none" stroke="{tokens.border_strong}" stroke-width="1.5"/>'
    )
    return parts


def _embedded(image: QImage | QPixmap, rect: QRectF, opacity: float = 1.0) -> str:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"PNG"))
    writer.write(image if isinstance(image, QImage) else image.toImage())
    encoded = base64.b64encode(data.data()).decode("ascii")
    return (
        f'<image x="{rect.x():.2f}" y="{rect.y():.2f}" width="{rect.width():.4f}" '
        f'height="{rect.height():.4f}" opacity="{opacity:g}" '
        f'xlink:href="data:image/png;base64,{encoded}"/>'
    )


def _pictures(sheet: Sheet, thumbnails: Thumbnails) -> list[str]:
    drawing, points = sheet.drawing, sheet.points
    shade, side = drawing.prepared.shade, drawing.picture_px
    parts = []
    for row in drawing.picture_rows.tolist():
        thumbnail = thumbnails.get(int(points.contents[row]))
        if thumbnail is None:
            continue
        slot = int(shade.slots[row])
        opacity = FAINT if shade.slot_layers[slot] == GREY else 1.0
        size = thumbnail.deviceIndependentSize()
        size.scale(side, side, Qt.AspectRatioMode.KeepAspectRatio)
        rect = QRectF(0, 0, size.width(), size.height())
        x, y = points.seen[row].tolist()
        rect.moveCenter(sheet.frame.pixel_of(x, y))
        rim = rect.adjusted(-2, -2, 2, 2)
        parts.append(
            f'<rect x="{rim.x():.2f}" y="{rim.y():.2f}" width="{rim.width():.2f}" '
            f'height="{rim.height():.2f}" rx="5" opacity="{opacity:g}" '
            f'fill="#{int(shade.slot_colours[slot]) & 0xFFFFFF:06x}"/>'
        )
        parts.append(_embedded(thumbnail, rect, opacity))
    return parts


def _names(sheet: Sheet) -> list[str]:
    tokens = sheet.theme.tokens
    parts = []
    for rect, label, size_px in sheet.names:
        metrics = QFontMetricsF(font_of(size_px))
        words = escape(shortened(label.text, metrics))
        text = (
            f'<text x="{rect.center().x():.2f}" y="{rect.y() + CASING_PX + metrics.ascent():.2f}" '
            f'font-family="{FAMILY}" font-size="{size_px}" font-weight="600" text-anchor="middle" '
        )
        # The casing as a text of its own: not every reader of SVG knows `paint-order`.
        parts.append(
            f'{text}fill="none" stroke="{tokens.canvas}" stroke-opacity="0.85" '
            f'stroke-width="{2 * CASING_PX:g}" stroke-linejoin="round">{words}</text>'
        )
        parts.append(f'{text}fill="{tokens.text}">{words}</text>')
    return parts


def _legend(sheet: Sheet) -> list[str]:
    if not sheet.legend:
        return []
    tokens, rect = sheet.theme.tokens, sheet.legend_rect
    parts = [
        f'<rect x="{rect.x():.2f}" y="{rect.y():.2f}" width="{rect.width():.2f}" '
        f'height="{rect.height():.2f}" rx="8" fill="{tokens.panel}" fill-opacity="0.92" '
        f'stroke="{tokens.border}"/>'
    ]
    font = f'font-family="{FAMILY}" font-size="{TEXT_PX}" font-weight="600"'
    for number, (colour, name, count) in enumerate(sheet.legend):
        y = rect.y() + 8 + (number + 0.5) * LINE_PX
        parts.append(
            f'<circle cx="{rect.x() + 17:.2f}" cy="{y:.2f}" r="4.5" fill="{colour}"/>'
            f'<text x="{rect.x() + 30:.2f}" y="{y + 4.3:.2f}" {font} fill="{tokens.text}">'
            f"{escape(name)}</text>"
            f'<text x="{rect.right() - 12:.2f}" y="{y + 4.3:.2f}" {font} text-anchor="end" '
            f'fill="{tokens.muted}">{escape(count)}</text>'
        )
    return parts
