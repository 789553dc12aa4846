"""One image with both strips of neighbours, larger: what the page Compare tells of the image that is chosen."""

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.models import compare_words as words
from app.models.compare import CompareRow
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import compare_strips as strips
from app.widgets import thumb

SMALL_PX, EDGE_PX, LINE_PX = 48, 12, 20
OWN_PX = 2 * SMALL_PX + strips.GAP_PX + LINE_PX + 4
HEIGHT_PX = OWN_PX + 2 * EDGE_PX
NOBODY = (-1, 0)  # the focus is on the image itself
HINT = "Choose an image in the list or on a map to see its neighbours by both encoders."


class CompareDetail(QWidget):
    """Arrow keys go between the pictures; Enter or a click walks to a neighbour, Space opens it in full."""

    looked_at = Signal(int)
    full_wanted = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails
        self.row: CompareRow | None = None
        self._focused = NOBODY
        self._words = HINT
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("The chosen image and its neighbours by both encoders")
        thumbnails.arrived.connect(self.update)
        theme.changed.connect(self.update)

    def show_row(self, row: CompareRow | None, instead: str = HINT) -> None:
        """This image; with None a sentence ``instead``."""
        self.row, self._words = row, instead
        self._focused = NOBODY
        if row is not None:
            contents = [one.picture.content_id for one in (*row.a, *row.b)]
            self._thumbnails.want([row.picture.content_id, *dict.fromkeys(contents)])
        self.setAccessibleDescription(words.row_told(row) if row is not None else instead)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, HEIGHT_PX)

    # -- where things are

    def _own(self) -> QRectF:
        return QRectF(EDGE_PX, EDGE_PX, OWN_PX, OWN_PX)

    def _left(self) -> float:
        return EDGE_PX + OWN_PX + 16.0

    def _places(self) -> dict[tuple[int, int], tuple[QRectF, object]]:
        if self.row is None:
            return {}
        top = EDGE_PX + LINE_PX + 4.0
        found = strips.places(self.row, self._left(), top, self.width() - EDGE_PX, SMALL_PX)
        return {(strip, number): (where, mark) for strip, number, where, mark in found}

    def _image_of(self, place: tuple[int, int]) -> int:
        assert self.row is not None
        if place[0] < 0:
            return self.row.picture.image_id
        return (self.row.a, self.row.b)[place[0]][place[1]].picture.image_id

    def _place_at(self, here: QPoint) -> tuple[int, int] | None:
        if self.row is None:
            return None
        if self._own().contains(here.toPointF()):
            return NOBODY
        for place, (where, _) in self._places().items():
            if where.contains(here.toPointF()):
                return place
        return None

    # -- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.setPen(theme.colour("border"))
        painter.drawLine(0, 0, self.width(), 0)
        if self.row is None:
            painter.setPen(theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._words)
            painter.end()
            return
        thumb.draw(painter, theme, self._thumbnails, self._own(), self.row.picture.content_id)
        self._draw_words(painter, self.row)
        strips.draw_letters(painter, theme, self._left(), EDGE_PX + LINE_PX + 4.0, SMALL_PX)
        for (strip, _), (where, mark) in self._places().items():
            strips.draw_mark(painter, theme, self._thumbnails, where, mark, strip)  # type: ignore[arg-type]
        if self.hasFocus():
            places = self._places()
            rect = places[self._focused][0] if self._focused in places else self._own()
            thumb.ring(painter, theme, rect.adjusted(-3, -3, 3, 3))
        painter.end()

    def _draw_words(self, painter: QPainter, row: CompareRow) -> None:
        name = row.picture.path.rpartition("/")[2]
        title = row.class_name if row.class_name is not None else name
        strong, plain = QFont(self.font()), QFont(self.font())
        strong.setPixelSize(14)
        strong.setWeight(QFont.Weight.DemiBold)
        plain.setPixelSize(12)
        line = QRectF(self._left(), EDGE_PX - 2, self.width() - EDGE_PX - self._left(), LINE_PX)
        said = words.row_words(row)
        painter.setFont(plain)
        wide = painter.fontMetrics().horizontalAdvance(said) + 16
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)
        room = max(0, int(line.width()) - wide)
        painter.setFont(strong)
        painter.setPen(self._theme.colour("text"))
        middle = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(title, middle, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
        after = painter.fontMetrics().horizontalAdvance(shown) + 12
        if title != name and room - after > 48:
            painter.setFont(plain)
            painter.setPen(self._theme.colour("muted"))
            shown = painter.fontMetrics().elidedText(name, middle, room - after)
            line.setLeft(line.left() + after)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)

    # -- hands

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None and place != NOBODY and event.button() == Qt.MouseButton.LeftButton:
            self.looked_at.emit(self._image_of(place))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None:
            self.full_wanted.emit(self._image_of(place))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_over = self._place_at(event.position().toPoint()) is not None
        hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.setCursor(hand if is_over else arrow)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place, told = self._place_at(event.pos()), ""
            if place is not None and self.row is not None:
                told = self.row.picture.path
                if place != NOBODY:
                    mark = (self.row.a, self.row.b)[place[0]][place[1]]
                    told = words.mark_told(mark, strips.SIDES[place[0]])
            QToolTip.showText(event.globalPos(), told)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }.get(Qt.Key(event.key()))
        if self.row is None:
            event.ignore()
        elif step is not None:
            self._step(*step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._focused != NOBODY:
            self.looked_at.emit(self._image_of(self._focused))
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.full_wanted.emit(self._image_of(self._focused))
        else:
            event.ignore()

    def _step(self, down: int, right: int) -> None:
        strip, number = self._focused
        places = self._places()
        if strip < 0:
            wanted = (1 if down > 0 else 0, 0) if right > 0 or down else NOBODY
        elif right < 0 and number == 0:
            wanted = NOBODY
        else:
            wanted = (max(0, min(1, strip + down)), number + right)
        if wanted in places or wanted == NOBODY:
            self._focused = wanted
            if wanted != NOBODY:
                assert self.row is not None
                mark = (self.row.a, self.row.b)[wanted[0]][wanted[1]]
                self.setAccessibleDescription(words.mark_told(mark, strips.SIDES[wanted[0]]))
            self.update()
