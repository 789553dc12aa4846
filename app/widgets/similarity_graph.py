"""A group as a graph: pictures that stand the nearer the more alike they are, and the links that hold them together."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.models import group_words
from app.models.graph_places import fitted
from app.models.group_rows import Graph
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import graph_drawing
from app.widgets.graph_drawing import Look
from app.widgets.moving import Moving

EDGE_PX, HIT_PX = 16, 7
MARK_SHARES = (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72)
LARGEST_PX, SMALLEST_PX = 112, 40


class SimilarityGraph(QWidget):
    """Says which member or which link was chosen. Arrows go among members, [ and ] among links from the weakest on."""

    node_chosen = Signal(int, object)  # a content id, modifiers
    line_chosen = Signal(int)  # a place in graph.lines; -1 for none
    opened = Signal(int)  # an image id

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails
        self.graph = Graph(-1)
        self.selected: frozenset[int] = frozenset()
        self.focused, self.line = 0, -1
        self._hovered_node = self._hovered_line = -1
        self._places = self._targets = fitted(self.graph.places, 1, 1, 1)
        self._moving = Moving(self._move_to, self)
        self.setAccessibleName("The group as a graph")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        thumbnails.arrived.connect(self.update)
        theme.changed.connect(self.update)

    # -- what is shown

    def show_graph(self, graph: Graph) -> None:
        """Show this group; where it holds the same members, they walk to their new places."""
        before = {one.content_id: at for at, one in enumerate(self.graph.nodes)}
        old = self._places
        is_same = {one.content_id for one in graph.nodes} == set(before) and bool(graph.nodes)
        chosen = self.line_key
        self.graph = graph
        self.line, self._hovered_node, self._hovered_line = -1, -1, -1
        if is_same:
            self.line = next(
                (at for at, _ in enumerate(graph.lines) if self._key(at) == chosen), -1
            )
        else:
            self.focused, self.selected = 0, frozenset()
        self._fit()
        if is_same:
            order = [before[one.content_id] for one in graph.nodes]
            self._moving.start(old[order], self._targets)  # type: ignore[arg-type]
        else:
            self._moving.stop()
            self._places = self._targets
        self._describe()
        self.update()

    def select(self, contents: frozenset[int]) -> None:
        """Mark these members."""
        if contents != self.selected:
            self.selected = contents
            self.update()

    def choose_line(self, at: int) -> None:
        """Mark a link and say so; -1 none."""
        if at != self.line:
            self.line = at
            self._describe()
            self.update()
            self.line_chosen.emit(at)

    @property
    def line_key(self) -> tuple[int, int] | None:
        """The contents that the chosen link joins."""
        return self._key(self.line) if self.line >= 0 else None

    def _key(self, at: int) -> tuple[int, int]:
        line, nodes = self.graph.lines[at], self.graph.nodes
        a, b = nodes[line.a].content_id, nodes[line.b].content_id
        return min(a, b), max(a, b)

    def _describe(self) -> None:
        graph = self.graph
        if self.line >= 0:
            self.setAccessibleDescription(
                group_words.line_words(graph.lines[self.line], graph.nodes)
            )
        elif graph.nodes:
            node = graph.nodes[min(self.focused, len(graph.nodes) - 1)]
            kept = ", which is kept" if node.is_keeper else ""
            self.setAccessibleDescription(
                f"{len(graph.nodes)} members, {len(graph.lines)} links; at {node.name}{kept}"
            )

    # -- where things are

    @property
    def side_px(self) -> float:
        """The side of a picture: the fewer there are, the larger."""
        count = max(1, len(self.graph.nodes))
        room = (
            max(1, self.width() - 2 * EDGE_PX) * max(1, self.height() - 2 * EDGE_PX) / count
        ) ** 0.5
        return max(SMALLEST_PX, min(LARGEST_PX, 0.46 * room))

    def _fit(self) -> None:
        width, height = self.width() - 2 * EDGE_PX, self.height() - 2 * EDGE_PX
        self._targets = fitted(self.graph.places, width, height, self.side_px * 1.12) + EDGE_PX
        self._thumbnails.set_side(round(self.side_px * self.devicePixelRatioF()))

    def _move_to(self, places: object) -> None:
        self._places = places  # type: ignore[assignment]
        self.update()

    def centre(self, at: int) -> QPointF:
        """The middle of a member."""
        x, y = self._places[at].tolist()
        return QPointF(x, y)

    def rect_of(self, at: int) -> QRectF:
        """Where a member is drawn."""
        rect = QRectF(0, 0, self.side_px, self.side_px)
        rect.moveCenter(self.centre(at))
        return rect

    def _node_at(self, where: QPointF) -> int:
        found = [at for at in range(len(self.graph.nodes)) if self.rect_of(at).contains(where)]
        return found[-1] if found else -1

    def _line_at(self, where: QPointF) -> int:
        best, found = float(HIT_PX), -1
        for at, line in enumerate(self.graph.lines):
            far = graph_drawing.distance(where, self.centre(line.a), self.centre(line.b))
            if far < best:
                best, found = far, at
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        self._moving.stop()
        self._places = self._targets

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    # -- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        graph = self.graph
        self._thumbnails.want([one.content_id for one in graph.nodes])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        theme = self._theme
        painter.fillRect(self.rect(), theme.colour("canvas"))
        shown = self.line if self.line >= 0 else self._hovered_line
        far = graph.lines[shown].far_side if shown >= 0 else frozenset()
        order = sorted(
            range(len(graph.lines)),
            key=lambda at: (at in (shown, self.line), graph.lines[at].is_weakest),
        )
        for at in order:
            line = graph.lines[at]
            graph_drawing.draw_line(
                painter, theme, line, self.centre(line.a), self.centre(line.b),
                is_chosen=at == self.line, is_hovered=at == self._hovered_line,
            )  # fmt: skip
        for at, node in enumerate(graph.nodes):
            look = Look(
                is_selected=node.content_id in self.selected,
                is_hovered=at == self._hovered_node,
                is_focused=self.hasFocus() and self.line < 0 and at == self.focused,
                is_far=at in far,
            )
            graph_drawing.draw_node(painter, theme, self._thumbnails, node, self.rect_of(at), look)
        for at in order:
            if graph.lines[at].is_weakest or graph.lines[at].verdict is not None or at == shown:
                graph_drawing.draw_mark(
                    painter, theme, graph.lines[at], self._mark_place(at), at == shown
                )
        if graph.more:
            graph_drawing.draw_more(painter, theme, graph.more, QRectF(self.rect()))
        painter.end()

    def _mark_place(self, at: int) -> QPointF:
        """On a link, as near to its middle as no picture lies."""
        line = self.graph.lines[at]
        a, b = self.centre(line.a), self.centre(line.b)
        rects = [self.rect_of(node) for node in range(len(self.graph.nodes))]
        for share in MARK_SHARES:
            place = a + (b - a) * share
            if not any(one.contains(place) for one in rects):
                return place
        return (a + b) / 2

    # -- hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        where = event.position()
        if (node := self._node_at(where)) >= 0:
            self.focused = node
            self.choose_line(-1)
            self.node_chosen.emit(self.graph.nodes[node].content_id, event.modifiers())
            self._describe()
            self.update()
        else:
            self.choose_line(self._line_at(where))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if (node := self._node_at(event.position())) >= 0:
            self.opened.emit(self.graph.nodes[node].image_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        node = self._node_at(event.position())
        line = self._line_at(event.position()) if node < 0 else -1
        if (node, line) != (self._hovered_node, self._hovered_line):
            self._hovered_node, self._hovered_line = node, line
            is_over = node >= 0 or line >= 0
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if is_over else Qt.CursorShape.ArrowCursor
            )
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered_node = self._hovered_line = -1
        self.update()

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            where = event.pos().toPointF()
            node = self._node_at(where)
            line = self._line_at(where) if node < 0 else -1
            words = self.graph.nodes[node].name if node >= 0 else ""
            if line >= 0:
                words = group_words.line_words(self.graph.lines[line], self.graph.nodes)
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if not self.graph.nodes:
            event.ignore()
        elif key in steps:
            self._walk(*steps[key], event.modifiers())
        elif event.text() in ("[", "]", ",", ".") and self.graph.lines:
            self._next_line(1 if event.text() in ("]", ".") else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.graph.nodes[self.focused].image_id)
        else:
            event.ignore()

    def _walk(self, x: int, y: int, keys: object) -> None:
        """To the nearest member in that direction."""
        here = self.centre(self.focused)
        best, found = float("inf"), -1
        for at in range(len(self.graph.nodes)):
            away = self.centre(at) - here
            along, across = away.x() * x + away.y() * y, abs(away.x() * y) + abs(away.y() * x)
            if along > 1 and along + 2 * across < best:
                best, found = along + 2 * across, at
        if found >= 0 or self.line >= 0:
            self.focused = max(found, 0) if found >= 0 else self.focused
            self.choose_line(-1)
            self.node_chosen.emit(self.graph.nodes[self.focused].content_id, keys)
            self._describe()
            self.update()

    def _next_line(self, by: int) -> None:
        """Links from the weakest to the strongest."""
        lines = self.graph.lines
        order = sorted(
            range(len(lines)),
            key=lambda at: (
                not lines[at].is_weakest,
                lines[at].verdict is not None,
                lines[at].score,
                at,
            ),
        )
        at = order.index(self.line) + by if self.line >= 0 else (0 if by > 0 else -1)
        self.choose_line(order[at % len(order)])
