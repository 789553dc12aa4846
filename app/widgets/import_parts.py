"""What previews of files that are imported have in common: figures, tables of rows, and the tabs over them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

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


def tabs(
    pages: Sequence[tuple[str, QWidget]],
    stack: QStackedWidget,
    group: QButtonGroup,
    show: Callable[[int], None],
) -> list[QToolButton]:
    """A button for each page by its name; the pages go into ``stack``, ``show`` is told which is wanted."""
    made = []
    for number, (name, page) in enumerate(pages):
        tab = QToolButton()
        tab.setText(name)
        tab.setCheckable(True)
        tab.setProperty("kind", "text")
        tab.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Not clicked: the arrow keys tick the next one without a click.
        tab.toggled.connect(lambda is_on, n=number: show(n) if is_on else None)
        group.addButton(tab, number)
        stack.addWidget(page)
        made.append(tab)
    return made


def row_list(model: ListModel, name: str, widths: Sequence[int]) -> QTableView:
    """A table of plain rows; ``name`` is for those who hear it."""
    table = QTableView()
    table.setModel(model)
    dress(table, name, 32)
    left_headed(table)
    for column, width in enumerate(widths):
        table.setColumnWidth(column, width)
    return table


def left_headed(table: QTableView) -> None:
    """Heads at the left, the last column as wide as there is room."""
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setStretchLastSection(True)


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
