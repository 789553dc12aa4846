"""A picture that fits its place, for the inspector and as a stand-in while a sharper one loads."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style.theme import Theme


class Picture(QWidget):
    """Draws a pixmap as large as fits. ``clicked`` opens it."""

    clicked = Signal()

    def __init__(self, theme: Theme, height_px: int) -> None:
        super().__init__()
        self._theme = theme
        self._pixmap = QPixmap()
        self._note = ""
        self.setFixedHeight(height_px)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Preview; Enter opens the full view")

    def show_pixmap(self, pixmap: QPixmap | None) -> None:
        """Show this, or nothing yet."""
        self._pixmap, self._note = pixmap or QPixmap(), ""
        self.update()

    def show_image(self, image: QImage) -> None:
        """Show a decoded image."""
        self.show_pixmap(QPixmap.fromImage(image))

    def show_note(self, note: str) -> None:
        """Say why there is no picture."""
        self._pixmap, self._note = QPixmap(), note
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(288, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("canvas"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if self._note:
            painter.setPen(self._theme.colour("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._note)
        if not self._pixmap.isNull():
            painter.drawPixmap(self._target(), self._pixmap, QRectF(self._pixmap.rect()))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.colour("accent"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()

    def _target(self) -> QRectF:
        width, height = self._pixmap.width(), self._pixmap.height()
        factor = min(self.width() / width, self.height() / height)
        target = QRectF(0, 0, width * factor, height * factor)
        target.moveCenter(QRectF(self.rect()).center())
        return target

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Return:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
