"""Classes: how well each is found, and what the chosen one is mistaken for, with pictures of it."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.models import insight_words as words
from app.models.figure_rows import Cell, FiguresModel
from app.models.insight import ClassRow
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import text
from app.widgets.parts import ElidedLabel, column, label, scrolling
from app.widgets.picture_groups import PictureGroups
from app.widgets.stack import Stack
from app.widgets.tables import rows_table

HEADS = ("Class", "Images", "R@1", "R@5", "R@10", "MAP@R")
SIDE_PX, FOUND_PX, MOST_MISTAKES = 424, 132, 8


class _ShareDelegate(QStyledItemDelegate):
    """A bar as long as the share, and the figure."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        model = index.model()
        assert isinstance(model, FiguresModel)
        share, rect = float(model.cell(index)[0]), QRectF(option.rect)
        bar = QRectF(rect.x() + 8, rect.center().y() - 3, 56, 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("pressed"))
        painter.drawRoundedRect(bar, 3, 3)
        bar.setWidth(56 * share)
        painter.setBrush(self._theme.colour("accent"))
        painter.drawRoundedRect(bar, 3, 3)
        painter.restore()


class ClassesTab(QWidget):
    """A table to put in order, worst first; beside it the mistakes of the class on the current row."""

    opened = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails
        self._rows: tuple[ClassRow, ...] = ()
        self.line = label("", wraps=True)
        self.model = FiguresModel(HEADS, (1, 2, 3, 4, 5), self)
        self.table = rows_table(
            self.model,
            "How well every class is found",
            stretched=0,
            widths_px=((1, 88), (2, FOUND_PX), (3, 80), (4, 80), (5, 88)),
        )
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self.table.setItemDelegateForColumn(2, _ShareDelegate(theme, self.table))
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_mistakes())
        self.chosen_name = ElidedLabel()
        self.chosen_name.setProperty("tone", "title")
        self.chosen_line = label("", "muted", wraps=True)
        self.mistakes: list[PictureGroups] = []
        self._list = QWidget()
        self._mistake_box = QVBoxLayout(self._list)
        self._mistake_box.setContentsMargins(0, 0, 0, 0)
        self._mistake_box.setSpacing(4)
        side = QFrame()
        side.setObjectName("card")
        side.setFixedWidth(SIDE_PX)
        inner = QVBoxLayout(side)
        inner.setContentsMargins(16, 12, 8, 8)
        inner.setSpacing(8)
        inner.addWidget(self.chosen_name)
        inner.addWidget(self.chosen_line)
        scroll = scrolling(self._list)
        self._list.setAutoFillBackground(False)  # the card shows through
        scroll.viewport().setAutoFillBackground(False)
        inner.addWidget(scroll, 1)
        body = QWidget()
        box = QHBoxLayout(body)
        box.setContentsMargins(16, 0, 16, 12)
        box.setSpacing(16)
        left = column(self.line, self.table)
        holder = left.layout()
        assert isinstance(holder, QVBoxLayout)
        holder.setStretchFactor(self.table, 1)
        box.addWidget(left, 1)
        box.addWidget(side)
        self.stack = Stack(body, self.table)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the tab is shown."""
        return self.table if self.stack.is_body_shown else self.stack.empty

    def show_classes(self, rows: Sequence[ClassRow], line: str) -> None:
        """What was measured of each class."""
        self._rows = tuple(rows)
        self.line.setText(line)
        self.model.set_rows([_cells(one) for one in rows])
        self.stack.show_body()
        self.table.selectRow(0)
        self._show_mistakes()

    @property
    def chosen(self) -> ClassRow | None:
        """The class on the current row."""
        index = self.table.currentIndex()
        return self._rows[self.model.number(index)] if index.isValid() else None

    def _show_mistakes(self) -> None:
        for old in self.mistakes:
            old.blockSignals(True)
        while (item := self._mistake_box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.mistakes = []
        chosen = self.chosen
        self.chosen_name.set_text(chosen.name if chosen is not None else "")
        if chosen is None:
            self.chosen_line.setText("")
            return
        wrong = sum(one.images for one in chosen.mistakes)
        self.chosen_line.setText(
            f"{text.plural(wrong, 'image has its', 'images have their')} nearest in another class. "
            "Each picture stands beside the one it was taken for."
            if wrong
            else "Every image has its nearest in its own class."
        )
        for one in chosen.mistakes[:MOST_MISTAKES]:
            name = ElidedLabel(f"{one.taken_for}  ·  {text.number(one.images)}")
            pictures = PictureGroups(
                self._theme,
                self._thumbnails,
                f"Taken for {one.taken_for}",
                side_px=64,
                most_lines=1,
                has_arrow=True,
            )
            pictures.chosen.connect(self.opened)
            pictures.show_groups([((a, ""), (b, "")) for a, b in one.examples])
            self.mistakes.append(pictures)
            self._mistake_box.addWidget(name)
            self._mistake_box.addWidget(pictures)
            self._mistake_box.addSpacing(8)
        self._mistake_box.addStretch(1)


def _cells(one: ClassRow) -> tuple[Cell, ...]:
    return (
        (one.name.casefold(), one.name),
        (one.images, text.number(one.images)),
        *((value, words.share(value)) for value in (one.recall_1, one.recall_5, one.recall_10)),
        (one.map_r, f"{one.map_r:.2f}"),
    )
