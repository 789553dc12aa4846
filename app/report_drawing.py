"""Drawings of a report painted by Qt, and the colours, fonts and texts that its pages are made with."""

import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPen,
    QPolygonF,
)

from app.style.palette import class_colours
from app.style.tokens import LIGHT
from core.export.drawing import Area, Box, Dot, Drawing, Line, Path, Shape, Words
from core.export.html import visible

# A unit of a page is a tenth of a point: widths of letters are rounded to one.
POINT = 10.0
_WORDS = re.compile(r"\S+\s*|\s+")
_PARTS = re.compile(r"[^-/_.]*[-/_.]+\s*|[^-/_.]+")
_FAINT = 0.16
_FURTHER = dict(zip(("second", "third", "fourth"), class_colours("light")[1:], strict=False))
_ANCHORS = {
    "start": Qt.AlignmentFlag.AlignLeft,
    "middle": Qt.AlignmentFlag.AlignHCenter,
    "end": Qt.AlignmentFlag.AlignRight,
}
_FAR = 100_000.0  # wider than any text


def colour(role: str) -> QColor:
    """What a colour is for, on paper."""
    return QColor(_FURTHER.get(role) or getattr(LIGHT, role))


def font(size_pt: float, *, is_bold: bool = False, is_code: bool = False) -> QFont:
    """The letters of the system, or those of one width."""
    found = QFont()
    if is_code:
        found.setStyleHint(QFont.StyleHint.Monospace)
        found.setFamily("monospace")
    found.setPixelSize(round(size_pt * POINT))
    found.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
    found.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return found


def lines(text: str, letters: QFont, width: float) -> list[str]:
    """A text in lines of a width: broken between words, in long ones after what joins their parts, else anywhere."""
    metrics = QFontMetricsF(letters)
    found, line = [], ""
    for word in _WORDS.findall(visible(text)):
        if metrics.horizontalAdvance((line + word).rstrip()) <= width:
            line += word
            continue
        if line:
            found.append(line.rstrip())
            line = ""
        for part in _PARTS.findall(word):
            if line and metrics.horizontalAdvance((line + part).rstrip()) > width:
                found.append(line)
                line = ""
            for letter in part if metrics.horizontalAdvance(part.rstrip()) > width else [part]:
                if line and metrics.horizontalAdvance((line + letter).rstrip()) > width:
                    found.append(line)
                    line = ""
                line += letter
    return [*found, line.rstrip()]


def height_of(text: str, letters: QFont, width: float, most: int = 1_000) -> float:
    """How high a text is within a width, in at most so many lines."""
    return min(most, len(lines(text, letters, width))) * QFontMetricsF(letters).lineSpacing()


def width_of(text: str, letters: QFont) -> float:
    """How wide a text is on one line."""
    return QFontMetricsF(letters).horizontalAdvance(visible(text))


def write(
    painter: QPainter,
    box: QRectF,
    text: str,
    letters: QFont,
    role: str = "text",
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    *,
    most: int = 1_000,
) -> None:
    """A text from the top of a box, in at most so many lines of its width; the last is cut off where more are."""
    painter.setFont(letters)
    painter.setPen(colour(role))
    metrics = QFontMetricsF(letters)
    every = lines(text, letters, box.width())
    if len(every) > most:
        rest = " ".join(every[most - 1 :])
        cut = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, box.width())
        every = [*every[: most - 1], cut]
    step = metrics.lineSpacing()
    for place, line in enumerate(every):
        row = QRectF(box.left(), box.top() + place * step, box.width(), step)
        painter.drawText(
            row, int(align | Qt.TextFlag.TextDontClip | Qt.TextFlag.TextSingleLine), line
        )


def write_row(
    painter: QPainter,
    box: QRectF,
    text: str,
    letters: QFont,
    role: str = "text",
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """A text on one line, in the middle of a box's height, cut off at its end where it does not fit."""
    painter.setFont(letters)
    painter.setPen(colour(role))
    shown = QFontMetricsF(letters).elidedText(
        visible(text), Qt.TextElideMode.ElideRight, box.width()
    )
    painter.drawText(box, int(align | Qt.AlignmentFlag.AlignVCenter), shown)


def picture(painter: QPainter, box: QRectF, encoded: bytes) -> None:
    """A picture in the middle of a box, whole."""
    image = QImage.fromData(encoded)
    if image.isNull():
        write_row(painter, box, "No picture now", font(7), "muted", Qt.AlignmentFlag.AlignHCenter)
        return
    scale = min(box.width() / image.width(), box.height() / image.height())
    wide, high = image.width() * scale, image.height() * scale
    left, top = box.center().x() - wide / 2, box.center().y() - high / 2
    painter.drawImage(QRectF(left, top, wide, high), image)


def paint(painter: QPainter, drawing: Drawing, width: float) -> None:
    """A drawing at the painter's origin, ``width`` units wide."""
    painter.save()
    scale = width / drawing.width
    painter.scale(scale, scale)
    for one in drawing.shapes:
        _shape(painter, one)
    painter.restore()


def _shape(painter: QPainter, one: Shape) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match one:
        case Line():
            painter.setPen(_pen(one.role, one.width, is_dashed=one.is_dashed))
            painter.drawLine(QPointF(one.x1, one.y1), QPointF(one.x2, one.y2))
        case Path():
            painter.setPen(_pen(one.role, one.width))
            painter.drawPolyline(QPolygonF([QPointF(*at) for at in one.points]))
        case Area():
            faint = colour(one.role)
            faint.setAlphaF(_FAINT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faint)
            painter.drawPolygon(QPolygonF([QPointF(*at) for at in one.points]))
        case Box():
            painter.fillRect(QRectF(one.x, one.y, one.width, one.height), colour(one.role))
        case Dot():
            painter.setPen(_pen(one.role, 1.75) if one.is_hollow else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(QBrush(QColor("white") if one.is_hollow else colour(one.role)))
            painter.drawEllipse(QPointF(one.x, one.y), one.radius, one.radius)
        case Words():
            _words(painter, one)


def _words(painter: QPainter, one: Words) -> None:
    """Letters are set in tenths, where their widths are exact, and brought to size by the scale."""
    painter.save()
    painter.translate(one.x, one.y)
    painter.scale(1 / POINT, 1 / POINT)
    letters = font(one.size)
    rise = QFontMetricsF(letters).ascent()
    left = {"start": 0.0, "middle": -_FAR / 2, "end": -_FAR}[one.anchor]
    painter.setFont(letters)
    painter.setPen(colour(one.role))
    painter.drawText(
        QRectF(left, -rise, _FAR, 2 * rise), int(_ANCHORS[one.anchor]), visible(one.text)
    )
    painter.restore()


def _pen(role: str, width: float, *, is_dashed: bool = False) -> QPen:
    pen = QPen(colour(role), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if is_dashed else Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if is_dashed:
        pen.setDashPattern([4, 3])
    return pen
