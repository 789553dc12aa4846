"""Two pictures side by side with one zoom and one place for both; the other one in place while Tab is held."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.models.pair_difference import Difference, Placed
from app.models.pair_frame import PairFrame
from app.models.pair_side import NOTHING, PairSide
from app.style.theme import Theme
from app.widgets import pair_marks

GAP_PX = 8.0
WHEEL = 1.25  # a notch
STEP_PX = 64.0
SIDES = ("A", "B")


class PairView(QWidget):
    """Shows a pair and what was answered; says when that was painted, and what is to be seen sharper."""

    painted = Signal(object)  # the key of the pair that is on screen now
    answer_painted = Signal(str)  # the verdict that is on screen now
    sharper_wanted = Signal()
    difference_wanted = Signal()  # for what is in sight now
    opened = Signal(int)  # a side, over the whole work area

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.sides: tuple[PairSide, PairSide] = (NOTHING, NOTHING)
        self.frame: PairFrame | None = None
        self.key: object = None
        self.side = 0  # that keys are about
        self.is_aligned = True
        self.is_swapped = False
        self.is_difference = False
        self.difference: Difference | None = None
        self.verdict = ""
        self._told_key: object = None
        self._told_verdict = ""
        self._dragged: tuple[QPointF, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("The pair")
        self.setMinimumSize(320, 160)
        theme.changed.connect(self.update)

    # -- what is shown

    def show_pair(
        self, key: object, sides: tuple[PairSide, PairSide], transform: object, told: str
    ) -> None:
        """Another pair: all of it is in sight. ``transform`` float32 [2, 3], shares of A to shares of B."""
        self.key, self.sides, self.verdict = key, sides, ""
        self._told_key, self._told_verdict = None, ""
        self.difference, self.is_swapped = None, False
        self.frame = PairFrame.of(
            sides[0].file_px, sides[1].file_px, transform, self._pane_px(),  # type: ignore[arg-type]
            is_aligned=self.is_aligned,
        )  # fmt: skip
        self.setAccessibleDescription(told)
        self._look_anew()

    def show_sides(self, sides: tuple[PairSide, PairSide]) -> None:
        """The same pair, sharper."""
        self.sides = sides
        self._look_anew()

    def show_answer(self, verdict: str) -> None:
        """What was answered, until the next pair comes; empty: nothing, it was not kept."""
        self.verdict, self._told_verdict = verdict, ""
        self.update()

    def forget(self) -> None:
        """Show nothing."""
        self.key, self.frame, self.sides, self.difference = None, None, (NOTHING, NOTHING), None
        self.update()

    def lay_over(self, is_aligned: bool) -> None:
        """Whether B is laid over A, or each stands as it is."""
        self.is_aligned = is_aligned
        if self.frame is not None:
            self.frame = self.frame.aligned(is_aligned)
        self._look_anew()

    def turn_difference(self, is_on: bool) -> None:
        """Whether the right pane shows what differs."""
        self.is_difference, self.difference = is_on, None
        if is_on and self.frame is not None and not self.frame.is_aligned:
            self.frame = self.frame.aligned(True)
        elif not is_on and self.frame is not None and not self.is_aligned:
            self.frame = self.frame.aligned(False)
        self._look_anew()

    def show_difference(self, found: Difference) -> None:
        """What differs in what was in sight when it was asked for."""
        self.difference = found
        self.update()

    def swap(self, is_swapped: bool) -> None:
        """Each in the place of the other, or back."""
        if is_swapped != self.is_swapped:
            self.is_swapped = is_swapped
            self.update()

    def choose(self, side: int) -> None:
        """Which side keys are about."""
        self.side = side
        self.update()

    # -- geometry

    def pane(self, side: int) -> QRectF:
        """Where a side is drawn in the widget."""
        wide = (self.width() - GAP_PX) / 2
        return QRectF(side * (wide + GAP_PX), 0, wide, self.height())

    def _pane_px(self) -> QSizeF:
        return self.pane(0).size()

    def side_at(self, place: QPointF) -> int:
        """The side whose pane this place is in."""
        return int(place.x() > self.width() / 2)

    @property
    def decode_px(self) -> int:
        """The longest side of a picture that is sharp where all of it fits."""
        size = self._pane_px()
        return round(max(size.width(), size.height()) * self.devicePixelRatioF())

    def needed_density(self, side: int) -> float:
        """Device pixels per pixel of a side's file, as it is drawn now."""
        if self.frame is None:
            return 0.0
        placed = self.frame.placed(side, side)
        return abs(placed.determinant()) ** 0.5 * self.devicePixelRatioF()

    def placed_now(self) -> tuple[Placed, Placed, PairFrame, QSize, float] | None:
        """What a difference is made of: both pictures as they lie over each other in device pixels."""
        if self.frame is None or any(one.picture.isNull() for one in self.sides):
            return None
        ratio = self.devicePixelRatioF()
        base = self.frame.aligned(True) if not self.frame.is_aligned else self.frame
        a, b = (
            Placed(
                one.picture, one.file_px, base.placed(at, 0) * QTransform.fromScale(ratio, ratio)
            )
            for at, one in enumerate(self.sides)
        )
        size = self._pane_px()
        return a, b, base, QSize(round(size.width() * ratio), round(size.height() * ratio)), ratio

    # -- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        for side in (0, 1):
            pane = self.pane(side)
            painter.save()
            painter.setClipRect(pane)
            painter.fillRect(pane, self._theme.colour("canvas"))
            if self.frame is not None:
                self._paint_side(painter, side, pane)
            painter.restore()
        if self.hasFocus():
            pair_marks.draw_focus(painter, self._theme, self.pane(self.side))
        if self.frame is not None and self.verdict:
            pair_marks.draw_verdict(painter, self._theme, QRectF(self.rect()), self.verdict)
        painter.end()
        self._tell_painted()

    def _paint_side(self, painter: QPainter, side: int, pane: QRectF) -> None:
        assert self.frame is not None
        picture = 1 - side if self.is_swapped else side
        painter.save()
        painter.translate(pane.topLeft())
        is_smooth = self.needed_density(picture) < 4 * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
        if self.is_difference and side == 1 and not self.is_swapped:
            self._paint_difference(painter)
        elif not self.sides[picture].picture.isNull():
            self.sides[picture].draw(painter, self.frame.placed(picture, side))
        painter.restore()
        if self.is_difference and side == 1 and not self.is_swapped:
            pair_marks.draw_difference_key(painter, self._theme, pane, self.difference)
            return
        if note := self.sides[picture].note:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(
                pane.adjusted(24, 24, -24, -24),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                note,
            )
        pair_marks.draw_letter(
            painter, self._theme, pane, SIDES[picture], is_swapped=self.is_swapped
        )

    def _paint_difference(self, painter: QPainter) -> None:
        if self.difference is None or self.frame is None:
            return
        was, is_possible = self.difference.base.inverted()
        if is_possible:  # drawn where it belongs now, until that of what is in sight comes
            painter.setTransform(was * self.frame.base(0), True)
            painter.drawImage(QPointF(), self.difference.image)

    def _tell_painted(self) -> None:
        is_there = all(one.is_known for one in self.sides)  # else it is told when the pictures come
        if self.key is not None and self._told_key != self.key and is_there:
            self._told_key = self.key
            self.painted.emit(self.key)
        if self.verdict and self._told_verdict != self.verdict:
            self._told_verdict = self.verdict
            self.answer_painted.emit(self.verdict)

    def _look_anew(self) -> None:
        """Something else is in sight."""
        self.update()
        if self.frame is None:
            return
        if self.is_difference:
            self.difference_wanted.emit()
        lacking = (
            0 < one.density < min(1.0, self.needed_density(at)) * 0.95
            for at, one in enumerate(self.sides)
        )
        if self.frame.factor > 1 and any(lacking):
            self.sharper_wanted.emit()

    # -- the user's hands

    def zoom_by(self, factor: float, about: QPointF | None = None, side: int = 0) -> None:
        """Zoom both about a place in the pane of a side."""
        if self.frame is not None:
            self.frame = self.frame.zoomed(factor, about, side)
            self._look_anew()

    def fit(self) -> None:
        """All of both."""
        if self.frame is not None:
            self.frame = self.frame.fit()
            self._look_anew()

    def show_pixels(self, about: QPointF | None = None, side: int = 0) -> None:
        """A pixel of the chosen side's file as a pixel of the screen."""
        if self.frame is not None and (now := self.needed_density(self.side)):
            self.zoom_by(1 / now, about, side)

    def _pan(self, x: float, y: float) -> None:
        if self.frame is not None:
            self.frame = self.frame.moved(QPointF(x, y), self.side)
            self._look_anew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.frame is not None:
            self.frame = self.frame.resized(self._pane_px())
            self._look_anew()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Tab
            and not event.modifiers()
        ):
            if not event.isAutoRepeat():
                self.swap(True)
            return True
        return super().event(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Tab and not event.isAutoRepeat():
            self.swap(False)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.swap(False)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, is_shifted = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = {
            Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0),
            Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }.get(Qt.Key(key))  # fmt: skip
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(WHEEL)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / WHEEL)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.show_pixels()
        elif step is not None and is_shifted:
            self._pan(STEP_PX * step[0], STEP_PX * step[1])
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.choose(int(key == Qt.Key.Key_Down))
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self.side)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        side = self.side_at(event.position())
        about = event.position() - self.pane(side).topLeft()
        self.zoom_by(WHEEL ** (event.angleDelta().y() / 120), about, side)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = event.position(), self.side_at(event.position())
            self.choose(self._dragged[1])
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None and self.frame is not None:
            before, side = self._dragged
            self._dragged = event.position(), side
            self.frame = self.frame.moved(event.position() - before, side)
            self._look_anew()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        side = self.side_at(event.position())
        if self.frame is not None and self.frame.factor > 1:
            self.fit()
        else:
            self.show_pixels(event.position() - self.pane(side).topLeft(), side)
