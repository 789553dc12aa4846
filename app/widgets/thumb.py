"""One small picture with round corners, drawn from what thumbnails there are."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme

RADIUS_PX = 4.0


def draw(
    painter: QPainter,
    theme: Theme,
    thumbnails: Thumbnails,
    rect: QRectF,
    content_id: int,
    *,
    is_whole: bool = False,
) -> None:
    """Fill ``rect`` with the picture, cut at its longer sides (``is_whole``: all of it); a calm ground while it is
    not there."""
    painter.save()
    shape = QPainterPath()
    shape.addRoundedRect(rect, RADIUS_PX, RADIUS_PX)
    pixmap = thumbnails.get(content_id)
    if pixmap is None or not is_whole:
        painter.fillPath(shape, theme.colour("canvas"))
    if pixmap is not None:
        wide, high = pixmap.width(), pixmap.height()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(shape)
        if is_whole:
            painter.drawPixmap(fitted(pixmap, rect), pixmap, QRectF(pixmap.rect()))
        else:
            side = min(wide * rect.height(), high * rect.width())
            cut = QRectF(0, 0, side / rect.height(), side / rect.width())
            cut.moveCenter(QRectF(pixmap.rect()).center())
            painter.drawPixmap(rect, pixmap, cut)
    painter.restore()


def fitted(pixmap: QPixmap, rect: QRectF) -> QRectF:
    """Where all of a picture is as large as fits, in the middle of ``rect``."""
    factor = min(rect.width() / pixmap.width(), rect.height() / pixmap.height())
    target = QRectF(0, 0, pixmap.width() * factor, pixmap.height() * factor)
    target.moveCenter(rect.center())
    return target


def ring(painter: QPainter, theme: Theme, rect: QRectF, colour: str = "accent") -> None:
    """A line around a picture that is pointed at or has the keyboard."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour(colour), 2))
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS_PX, RADIUS_PX)
