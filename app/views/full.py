"""One image over the whole work area: fit, zoom about the cursor, pan, next and previous."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.style.theme import Theme
from app.widgets.part_box import PartBox, draw_part, share_of
from app.widgets.parts import IconButton
from core.search.question import Region

MAX_ZOOM = 16.0
BAR_PX, BUTTON_PX = 40, 28
KEYS = "wheel zoom    0 fit    1 actual size    drag a box to search for a part"
PART_KEYS = "arrows move    Shift+arrows resize    Enter searches for this part    Esc leaves"


class FullView(QWidget):
    """Shows a picture; asks for the next, the previous, or a sharper one."""

    closed = Signal()
    stepped = Signal(int)  # +1 or -1
    sharper_wanted = Signal()
    part_chosen = Signal(object)  # Region

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._pixmap = QPixmap()
        self._size_px = QSize()  # of the file, which may be larger than what is decoded
        self._note, self._caption = "", ""
        self._zoom: float | None = None  # device-independent: screen px per image px; None fits
        self._centre = QPointF(0.5, 0.5)  # of the image, as shares of it
        self._dragged: QPointF | None = None
        self._has_asked = False
        self._hit: Region | None = None
        self.part = PartBox(theme, self)
        self.part.changed.connect(self._show_part)
        self.part.chosen.connect(self.part_chosen)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Full view")
        self.setMouseTracking(True)
        self.previous = IconButton(theme, "back", "Previous image  ←", 18)
        self.next = IconButton(theme, "forward", "Next image  →", 18)
        self.leave = IconButton(theme, "close", "Back to the images  Esc", 18)
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(1))
        self.leave.clicked.connect(self.closed)
        self.box = IconButton(theme, "part", "Search for a part of the picture  C", 18)
        self.box.setCheckable(True)
        self.box.clicked.connect(lambda is_on: self.begin_part() if is_on else self.part.leave())
        for choice in (self.previous, self.next, self.box, self.leave):
            choice.setParent(self)
            choice.setFixedSize(BUTTON_PX, BUTTON_PX)
        theme.changed.connect(self.update)

    # -- what is shown

    def show_image(
        self, image: QImage | None, size_px: QSize, caption: str, *, is_same: bool = False
    ) -> None:
        """Show a picture; ``is_same`` keeps zoom and place, since it is only sharper."""
        self._pixmap = QPixmap.fromImage(image) if image is not None else QPixmap()
        self._size_px, self._caption, self._note = size_px, caption, ""
        if not is_same:
            self._zoom, self._centre, self._has_asked = None, QPointF(0.5, 0.5), False
        self.setAccessibleDescription(caption)
        self.update()

    def show_standin(self, pixmap: QPixmap | None, size_px: QSize, caption: str) -> None:
        """Show the thumbnail, stretched, until the picture comes."""
        self.show_image(None, size_px, caption)
        self._pixmap = pixmap or QPixmap()

    def show_note(self, note: str) -> None:
        """Say why there is no picture."""
        self._pixmap, self._note = QPixmap(), note
        self.update()

    def show_hit(self, region: Region | None) -> None:
        """The part of it that answers a search for a part, where one does."""
        if region != self._hit:
            self._hit = region
            self.update()

    @property
    def hit(self) -> Region | None:
        return self._hit

    def begin_part(self) -> None:
        """Show a box that keys move, or the mouse draws anew."""
        self.part.begin()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_part(self) -> None:
        self.box.setChecked(self.part.is_on)
        self.update()

    @property
    def zoom(self) -> float:
        """Logical screen pixels per pixel of the file."""
        return self._zoom if self._zoom is not None else self._fitting()

    def _fitting(self) -> float:
        if self._size_px.isEmpty():
            return 1.0
        room = QSize(max(1, self.width() - 32), max(1, self.height() - 72))
        fitting = min(room.width() / self._size_px.width(), room.height() / self._size_px.height())
        return min(fitting, max(1.0, 640 / max(self._size_px.width(), self._size_px.height())))

    def _target(self) -> QRectF:
        """Where the image lies in the widget."""
        zoom = self.zoom
        width, height = self._size_px.width() * zoom, self._size_px.height() * zoom
        x = self.width() / 2 - self._centre.x() * width
        y = (self.height() - BAR_PX) / 2 - self._centre.y() * height
        return QRectF(x, y, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("canvas"))
        target = self._target()
        if not self._pixmap.isNull():
            is_pixelated = self.zoom >= 4
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_pixelated)
            painter.drawPixmap(target, self._pixmap, QRectF(self._pixmap.rect()))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._hit is not None and not self.part.is_on:
                draw_part(painter, self._theme, self._hit, target)
            self.part.paint(painter, target)
        if self._note:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._note)
        self._paint_bar(painter)
        painter.end()

    def _paint_bar(self, painter: QPainter) -> None:
        bar = QRectF(0, self.height() - BAR_PX, self.width(), BAR_PX)
        painter.fillRect(bar, self._theme.colour("panel"))
        painter.fillRect(QRectF(0, bar.top(), bar.width(), 1), QColor(self._theme.tokens.border))
        inner = bar.adjusted(3 * BUTTON_PX + 28, 0, -BUTTON_PX - 24, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self._theme.colour("muted"))
        keys = f"{round(self.zoom * 100)} %    {PART_KEYS if self.part.is_on else KEYS}"
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, keys)
        room = int(inner.width() - painter.fontMetrics().horizontalAdvance(keys) - 24)
        painter.setPen(self._theme.colour("text"))
        shown = painter.fontMetrics().elidedText(
            self._caption, Qt.TextElideMode.ElideMiddle, max(40, room)
        )
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        top = self.height() - BAR_PX + (BAR_PX - BUTTON_PX) // 2
        self.previous.move(8, top)
        self.next.move(8 + BUTTON_PX + 4, top)
        self.box.move(8 + 2 * (BUTTON_PX + 4), top)
        self.leave.move(self.width() - BUTTON_PX - 8, top)

    # -- the user's hands

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom about a position in the widget, which keeps what lies there."""
        if self._size_px.isEmpty():
            return
        if about is None:  # the corner (0, 0) counts as false
            about = QPointF(self.width() / 2, (self.height() - BAR_PX) / 2)
        target = self._target()
        share = QPointF(
            (about.x() - target.x()) / target.width(), (about.y() - target.y()) / target.height()
        )
        self._zoom = max(min(self._fitting(), 1.0) * 0.5, min(MAX_ZOOM, self.zoom * factor))
        width, height = self._size_px.width() * self._zoom, self._size_px.height() * self._zoom
        self._centre = QPointF(
            share.x() - (about.x() - self.width() / 2) / width,
            share.y() - (about.y() - (self.height() - BAR_PX) / 2) / height,
        )
        self._keep_in_sight()
        decoded = self._pixmap.width() / self._size_px.width()
        if not self._has_asked and self._zoom * self.devicePixelRatioF() > decoded * 1.05:
            self._has_asked = True
            self.sharper_wanted.emit()
        self.update()

    def _keep_in_sight(self) -> None:
        x, y = self._centre.x(), self._centre.y()
        self._centre = QPointF(min(1.0, max(0.0, x)), min(1.0, max(0.0, y)))

    def set_zoom(self, zoom: float | None) -> None:
        """A fixed zoom; None fits."""
        if zoom is None:
            self._zoom, self._centre = None, QPointF(0.5, 0.5)
            self.update()
        else:
            self.zoom_by(zoom / self.zoom)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(1.25 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.part.takes_key(event):
            return
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Return):
            self.closed.emit()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            self.stepped.emit(1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
            self.stepped.emit(-1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1.25)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(0.8)
        elif key == Qt.Key.Key_0:
            self.set_zoom(None)
        elif key == Qt.Key.Key_1:
            self.set_zoom(1 / self.devicePixelRatioF())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._is_boxed(event.position()):
            self.part.press(share_of(event.position(), self._target()))
            return
        self._dragged = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.part.is_dragged:
            self.part.drag(share_of(event.position(), self._target()))
            return
        if self._dragged is None:
            is_boxed = self._is_boxed(event.position())
            self.setCursor(Qt.CursorShape.CrossCursor if is_boxed else Qt.CursorShape.ArrowCursor)
            return
        by, target = event.position() - self._dragged, self._target()
        self._dragged = event.position()
        if self._zoom is not None and target.width() and target.height():
            self._centre -= QPointF(by.x() / target.width(), by.y() / target.height())
            self._keep_in_sight()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.part.is_dragged:
            self.part.release()
        self._dragged = None
        self.unsetCursor()

    def _is_boxed(self, place: QPointF) -> bool:
        """Whether dragging from here draws a box: a picture that fits has nowhere to be moved to."""
        is_free = self._zoom is None or self.part.is_on
        return is_free and not self._pixmap.isNull() and self._target().contains(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._zoom is None:
            self.zoom_by(1 / self.devicePixelRatioF() / self.zoom, event.position())
        else:
            self.set_zoom(None)
