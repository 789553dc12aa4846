"""Tables as they all look here."""

from collections.abc import Iterable

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.widgets.sort_header import SortHeader


def rows_table(
    model: QAbstractItemModel, name: str, *, stretched: int, widths_px: Iterable[tuple[int, int]]
) -> QTableView:
    """A table that is chosen from by rows; ``name`` is for those who hear it, ``stretched`` the column
    that takes what is left, ``widths_px`` those of others."""
    table = QTableView()
    table.setHorizontalHeader(SortHeader(table))
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(32)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    for place, width in widths_px:
        table.setColumnWidth(place, width)
    return table


def fit_rows(table: QTableView) -> None:
    """As high as its few rows, so that it does not look unfinished."""
    rows = table.model().rowCount() * table.verticalHeader().defaultSectionSize()
    table.setFixedHeight(table.horizontalHeader().sizeHint().height() + rows + 4)
