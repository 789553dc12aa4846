"""The list of groups: pictures of each, the file that stays, what it holds and would win, its weakest link."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyleOptionViewItem,
    QTableView,
)

from app.models import group_words as words
from app.models.group_list import GroupListModel
from app.models.group_rows import GroupRow
from app.models.insight import Picture
from app.models.picture_rows import SAYS_ROW
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.style import icons
from app.style.theme import Theme
from app.widgets import fonts, text, thumb
from app.widgets.picture_list import Index, PictureDelegate

ROW_PX, SIDE_PX, GAP_PX, EDGE_PX = 100, 48, 4, 12
TICK_PX, NUMBER_PX = 16, 56
OTHERS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape, Qt.Key.Key_Delete)


class GroupDelegate(PictureDelegate):
    """One row a group."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, images: Rows) -> None:
        super().__init__(theme, thumbnails)
        self._images = images

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(240, ROW_PX)

    def pictures(self, rect: QRectF, index: Index) -> Iterable[tuple[QRectF, Picture]]:
        row: GroupRow = index.data(SAYS_ROW)
        room = int((rect.width() - 2 * EDGE_PX + GAP_PX) // (SIDE_PX + GAP_PX))
        for number, one in enumerate(row.pictures[: max(1, room)]):
            x = rect.x() + EDGE_PX + number * (SIDE_PX + GAP_PX)
            yield QRectF(x, rect.y() + 8, SIDE_PX, SIDE_PX), one

    def draw(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        row: GroupRow = index.data(SAYS_ROW)
        theme, shown = self.theme, 0
        last = QRectF()
        for place, picture in self.pictures(rect, index):
            thumb.draw(painter, theme, self.thumbnails, place, picture.content_id)
            last, shown = place, shown + 1
        if row.contents > shown:
            self._draw_more(painter, last, row.contents - shown + 1)
        painter.setFont(fonts.sized(painter.font(), 13, is_strong=True))
        painter.setPen(theme.colour("text"))
        line = QRectF(rect.x() + EDGE_PX, rect.y() + 60, rect.width() - 2 * EDGE_PX, 18)
        name = self.keeper_name(row) or words.count_words(row)
        room = int(line.width()) - NUMBER_PX
        name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(fonts.sized(painter.font(), 12))
        painter.setPen(theme.colour("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, right, text.size(row.bytes_to_win) if row.bytes_to_win else "")
        below = line.translated(0, 17)
        if row.is_judged:
            tick = icons.pixmap("check", theme.tokens.success, TICK_PX, self._ratio(painter))
            painter.drawPixmap(QPointF(below.x(), below.y() + 1), tick)
            painter.setPen(theme.colour("success"))
            below.setLeft(below.left() + TICK_PX + 4)
        said = f"{words.count_words(row)}  ·  {words.weakest_words(row)}"
        said = painter.fontMetrics().elidedText(
            said, Qt.TextElideMode.ElideRight, int(below.width())
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, said)

    def keeper_name(self, row: GroupRow) -> str:
        """The name of the file that stays; empty before it was read."""
        found = self._images.get(row.pictures[0].image_id) if row.pictures else None
        return found.name if found is not None else ""

    def _draw_more(self, painter: QPainter, place: QRectF, count: int) -> None:
        veil = self.theme.colour("canvas")
        veil.setAlphaF(0.82)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(self.theme.colour("text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"+{count:,}")

    @staticmethod
    def _ratio(painter: QPainter) -> float:
        device = painter.device()
        return float(device.devicePixelRatioF()) if device is not None else 1.0


class GroupList(QTableView):
    """Says which group was chosen; letters are keys of the panel. A table of one column: any number shows at once."""

    chosen = Signal(object)  # GroupRow

    def __init__(self, theme: Theme, thumbnails: Thumbnails, model: GroupListModel) -> None:
        super().__init__()
        self.rows, self._thumbnails = model, thumbnails
        self.images = Rows(2000)
        self.images.arrived.connect(self.viewport().update)
        self._delegate = GroupDelegate(theme, thumbnails, self.images)
        self._delegate.setParent(self)
        model.name_of = self._delegate.keeper_name
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Groups")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        upright = self.verticalHeader()
        upright.hide()
        upright.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        upright.setMinimumSectionSize(ROW_PX)
        upright.setDefaultSectionSize(ROW_PX)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(32)
        self.selectionModel().currentChanged.connect(self._say)
        thumbnails.arrived.connect(self.viewport().update)
        theme.changed.connect(self.viewport().update)

    def _say(self, index: Index, before: Index) -> None:
        if index.isValid():
            self.chosen.emit(self.rows.row(index.row()))

    def paintEvent(self, event: QPaintEvent) -> None:
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() + ROW_PX)
        last = self.rows.rowCount() - 1 if last < 0 else last
        wanted: list[int] = []
        keepers: list[int] = []
        for at in range(first, min(last, first + self.viewport().height() // ROW_PX + 3) + 1):
            rect = QRectF(0, 0, self.viewport().width(), ROW_PX)
            shown = self._delegate.pictures(rect, self.rows.index(at, 0))
            wanted += [one.content_id for _, one in shown]
            keepers += [one.image_id for one in self.rows.row(at).pictures[:1]]
        self._thumbnails.set_side(round(SIDE_PX * 2 * self.devicePixelRatioF()))
        self._thumbnails.want(list(dict.fromkeys(wanted)))
        self.images.want(keepers)
        super().paintEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_word = bool(event.text().strip())
        is_command = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if (is_word and not is_command) or Qt.Key(event.key()) in OTHERS:
            event.ignore()
        else:
            super().keyPressEvent(event)
