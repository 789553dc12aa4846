"""What previews of files that are imported have in common: figures, and tables of rows."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView, QVBoxLayout, QWidget

from app.models.label_rows import ListModel
from app.widgets import text
from app.widgets.parts import label


def figure(count: int, noun: str, is_bad: bool) -> QWidget:
    """A count over what is counted."""
    number = label(text.number(count), "title")
    if is_bad:
        number.setProperty("tone", "figure-warning")
    holder = QWidget()
    box = QVBoxLayout(holder)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    box.addWidget(number)
    box.addWidget(label(noun, "muted"))
    holder.setAccessibleName(f"{text.number(count)} {noun}")
    return holder


def row_list(model: ListModel, name: str, widths: Sequence[int]) -> QTableView:
    """A table of plain rows; ``name`` is for those who hear it."""
    table = QTableView()
    table.setModel(model)
    dress(table, name, 32)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setStretchLastSection(True)
    for column, width in enumerate(widths):
        table.setColumnWidth(column, width)
    return table


def dress(table: QTableView, name: str, row_px: int) -> None:
    """Let a table look like one of rows, each ``row_px`` high."""
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setCornerWidget(QWidget())
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_px)
