"""The next pairs of the review: both pictures small, the names of their files, and what differs first."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from app.models import pair_words as words
from app.models.insight import Picture
from app.models.pair_rows import PairRow
from app.models.picture_rows import SAYS_ROW, RowsModel
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import fonts, thumb
from app.widgets.picture_list import Index, PictureDelegate, PictureList

SMALL_PX, EDGE_PX, GAP_PX, LINE_PX = 56, 12, 4, 18
ROW_PX = SMALL_PX + 16
LEFT_ALONE = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_0, Qt.Key.Key_1,
    Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal,
)  # fmt: skip


class QueueDelegate(PictureDelegate):
    """One row a pair."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(240, ROW_PX)

    def pictures(self, rect: QRectF, index: Index) -> Iterable[tuple[QRectF, Picture]]:
        row: PairRow = index.data(SAYS_ROW)
        for place, image in enumerate((row.a, row.b)):
            left = rect.x() + EDGE_PX + place * (SMALL_PX + GAP_PX)
            where = QRectF(left, rect.y() + 8, SMALL_PX, SMALL_PX)
            yield where, Picture(image.id, image.content_id, image.path)

    def draw(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        row: PairRow = index.data(SAYS_ROW)
        for where, picture in self.pictures(rect, index):
            thumb.draw(painter, self.theme, self.thumbnails, where, picture.content_id)
        left = rect.x() + EDGE_PX + 2 * SMALL_PX + GAP_PX + 12
        middle, end = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
        lines = (
            (row.a.name, "text", middle),
            (row.b.name, "text", middle),
            (words.first_differences(row.card, row.a, row.b), "muted", end),
        )
        painter.setFont(fonts.sized(painter.font(), 12))
        for place, (said, ink, gives_way) in enumerate(lines):
            painter.setPen(self.theme.colour(ink))
            line = QRectF(left, rect.y() + 9 + place * LINE_PX, rect.right() - left - 8, LINE_PX)
            shown = painter.fontMetrics().elidedText(said, gives_way, int(line.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)


def _told(row: PairRow) -> str:
    differs = words.first_differences(row.card, row.a, row.b)
    return f"{row.a.name} and {row.b.name}: {words.headline(row.card)}; {differs}, {words.settles_words(row.card)}"


class PairQueue(PictureList):
    """Says which pair is wanted: by a click, or by going to its row."""

    chosen = Signal(object)  # PairRow

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        delegate = QueueDelegate(theme, thumbnails)
        self.rows: RowsModel[PairRow] = RowsModel(_told, delegate)
        super().__init__("The next pairs", self.rows, delegate)
        self.setSelectionMode(self.SelectionMode.SingleSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the pair
        self.selectionModel().currentChanged.connect(lambda now, _: self._go_to(now))

    def show_rows(self, rows: Sequence[PairRow], current: object) -> None:
        """These, with the one whose key is ``current`` marked."""
        was = self.selectionModel().blockSignals(True)
        self.rows.set_rows(rows)
        place = next((at for at, row in enumerate(rows) if row.card.key == current), -1)
        self.setCurrentIndex(self.rows.index(place, 0) if place >= 0 else QModelIndex())
        if place < 0:
            self.clearSelection()
        self.selectionModel().blockSignals(was)
        self.setVisible(bool(rows))
        self.viewport().update()

    def _go_to(self, index: Index) -> None:
        if index.isValid():
            self.chosen.emit(self.rows.rows[index.row()])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super(PictureList, self).mouseReleaseEvent(event)  # a click on a picture is one on its row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in LEFT_ALONE or event.text().isalpha():
            event.ignore()  # what these do on the page they do here too
        else:
            super().keyPressEvent(event)
