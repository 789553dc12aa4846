"""The user's own images as a training would see them: each as it is, and varied a few times."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import Theme

SIDE_PX, GAP_PX, HEAD_PX = 72, 8, 20


class PreviewStrip(QWidget):
    """Rows of pictures; the first of each row is the image as it is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[list[QPixmap]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Images as the training would see them")
        theme.changed.connect(self.update)
        self.hide()

    @property
    def count(self) -> int:
        return len(self._rows)

    def show_rows(self, rows: list[list[QPixmap]]) -> None:
        """Show these; nothing hides it."""
        self._rows = rows
        self.setVisible(bool(rows))
        self._fit()
        self.update()

    def _row_px(self) -> int:
        widest = max((len(row) for row in self._rows), default=1)
        return widest * (SIDE_PX + GAP_PX) + 2 * GAP_PX

    def _columns(self) -> int:
        """Images beside each other."""
        return max(1, min(len(self._rows), (self.width() + GAP_PX) // (self._row_px() + GAP_PX)))

    def _fit(self) -> None:
        lines = -(-len(self._rows) // self._columns()) if self._rows else 0
        self.setFixedHeight(HEAD_PX + lines * (SIDE_PX + GAP_PX))

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(480, HEAD_PX + SIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, columns = QPainter(self), self._columns()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted"))
        for column in range(columns):
            x = column * (self._row_px() + GAP_PX)
            for words, offset in (("As it is", 0), ("Varied", SIDE_PX + 2 * GAP_PX)):
                line = QRectF(x + offset, 0, 4 * SIDE_PX, HEAD_PX - 4)
                painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
        for number, row in enumerate(self._rows):
            left = (number % columns) * (self._row_px() + GAP_PX)
            top = HEAD_PX + (number // columns) * (SIDE_PX + GAP_PX)
            for place, picture in enumerate(row):
                gap = GAP_PX if place else 0
                at = QRectF(left + place * (SIDE_PX + GAP_PX) + gap, top, SIDE_PX, SIDE_PX)
                clip = QPainterPath()
                clip.addRoundedRect(at, 4, 4)
                painter.setClipPath(clip)
                painter.fillRect(at, self._theme.colour("canvas"))
                factor = SIDE_PX / max(picture.width(), picture.height(), 1)
                target = QRectF(0, 0, picture.width() * factor, picture.height() * factor)
                target.moveCenter(at.center())
                painter.drawPixmap(target, picture, QRectF(picture.rect()))
                painter.setClipping(False)
        painter.end()
