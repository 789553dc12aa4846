"""By class and confusions: the two tables of a result."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from app.models.class_rows import (
    AFTER,
    BEFORE,
    CHANGE,
    CLASS,
    QUERIES,
    SAYS_SHARE,
    WEIGHT,
    ClassesModel,
    ConfusionsModel,
)
from app.style.theme import Theme
from app.widgets.parts import label
from app.widgets.tables import rows_table

MARGINS = (24, 0, 24, 16)


class _ChangeDelegate(QStyledItemDelegate):
    """A bar to the right for what was won, to the left for what was lost, and the figure."""

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
        change = float(index.data(SAYS_SHARE))
        rect = QRectF(option.rect)
        middle, reach = rect.x() + 64, 48.0
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("border_strong"))
        painter.drawRect(QRectF(middle - 0.5, rect.y() + 8, 1, rect.height() - 16))
        largest = max(0.1, index.model().largest)  # type: ignore[attr-defined]
        width = max(-1.0, min(1.0, change / largest)) * reach
        painter.setBrush(self._theme.colour("accent" if change > 0 else "danger"))
        left = middle if width > 0 else middle + width
        painter.drawRoundedRect(QRectF(left, rect.center().y() - 4, abs(width), 8), 2, 2)
        painter.restore()


class ByClassTab(QWidget):
    """R@1 of every class, what changed most first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.model = ClassesModel(self)
        self.table = rows_table(
            self.model,
            "R@1 of every class",
            stretched=CLASS,
            widths_px=((QUERIES, 88), (BEFORE, 112), (AFTER, 96), (CHANGE, 192), (WEIGHT, 112)),
        )
        self.table.setItemDelegateForColumn(CHANGE, _ChangeDelegate(theme, self.table))
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(CHANGE, Qt.SortOrder.DescendingOrder)
        self._note = label("", "muted")
        box = QVBoxLayout(self)
        box.setContentsMargins(*MARGINS)
        box.setSpacing(8)
        box.addWidget(self._note)
        box.addWidget(self.table, 1)

    def show_rows(
        self, rows: list[dict[str, Any]], attention: Sequence[tuple[str, float]] = ()
    ) -> None:
        """As the result has them; ``attention``: the classes that counted more, by their names."""
        self.model.set_rows(rows, dict(attention))
        self.table.setColumnHidden(WEIGHT, not attention)
        won = sum(1 for one in rows if one["after"] > one["before"])
        lost = sum(1 for one in rows if one["after"] < one["before"])
        same = len(rows) - won - lost
        self._note.setText(f"{won:,} better, {lost:,} worse, {same:,} as before")


class ConfusionsTab(QWidget):
    """Whose nearest neighbour was of which other class."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ConfusionsModel(self)
        self.table = rows_table(
            self.model,
            "Which classes are taken for which",
            stretched=1,
            widths_px=((0, 280), (2, 112), (3, 112)),
        )
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        note = label(
            "Held-out images whose nearest neighbour was of another class, most frequent first.",
            "muted",
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(*MARGINS)
        box.setSpacing(8)
        box.addWidget(note)
        box.addWidget(self.table, 1)

    def show_rows(self, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
        """As the result has them."""
        self.model.set_rows(before, after)
