"""A picture that fits its place, for the inspector and as a stand-in while a sharper one loads."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from app.style.theme import Theme
from app.widgets.part_box import PartBox, draw_part, share_of
from core.search.question import Region


class Picture(QWidget):
    """Draws a pixmap as large as fits. ``clicked`` opens it; a box that is dragged on it is a part."""

    clicked = Signal()
    part_chosen = Signal(object)  # Region

    def __init__(self, theme: Theme, height_px: int) -> None:
        super().__init__()
        self._theme = theme
        self._pixmap = QPixmap()
        self._note = ""
        self._hit: Region | None = None
        self._pressed: QPointF | None = None
        self.part = PartBox(theme, self)
        self.part.changed.connect(self.update)
        self.part.chosen.connect(self.part_chosen)
        self.setFixedHeight(height_px)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Preview; Enter opens the full view")
        self.setToolTip("Click: full view. Drag a box: search for that part")

    def show_pixmap(self, pixmap: QPixmap | None) -> None:
        """Show this, or nothing yet."""
        self._pixmap, self._note = pixmap or QPixmap(), ""
        self.update()

    def show_hit(self, region: Region | None) -> None:
        """The part of it that answers a search for a part, where one does."""
        if region != self._hit:
            self._hit = region
            self.update()

    @property
    def hit(self) -> Region | None:
        return self._hit

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
            target = self._target()
            painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))
            if self._hit is not None and not self.part.is_on:
                draw_part(painter, self._theme, self._hit, target)
            self.part.paint(painter, target)
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or self._pixmap.isNull():
            return
        here, target = event.position(), self._target()
        if not self.part.is_dragged:
            far = (here - self._pressed).manhattanLength()
            if far < QApplication.startDragDistance():
                return
            self.setFocus(Qt.FocusReason.MouseFocusReason)  # so that Escape comes here
            self.setCursor(Qt.CursorShape.CrossCursor)
            self.part.press(share_of(self._pressed, target))
        self.part.drag(share_of(here, target))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        if self.part.is_dragged:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.part.release()
        elif self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.part.takes_key(event):
            self._pressed = None
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif event.key() == Qt.Key.Key_Return:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
