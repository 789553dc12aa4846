"""The shortcut sheet: every key there is, by what it is for."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.widgets.parts import button, label, row

Section = tuple[str, Sequence[tuple[str, Sequence[str]]]]  # name, (what, keys)

# Keys that belong to a view rather than to an action.
VIEW_SECTIONS: tuple[Section, ...] = (
    (
        "Grid",
        (
            ("Move", ("Arrows", "PgUp", "PgDn")),
            ("First, last", ("Home", "End")),
            ("Extend the selection", ("Shift+Arrows",)),
            ("Larger or smaller pictures", ("Ctrl+Wheel",)),
        ),
    ),
    (
        "Map",
        (
            ("Zoom", ("Wheel", "+", "-")),
            ("Pan", ("Drag", "Arrows")),
            ("Add to the selection", ("Shift+Drag",)),
            ("Take from the selection", ("Ctrl+Drag",)),
        ),
    ),
    (
        "Full view",
        (
            ("Next, previous", ("→", "←")),
            ("Zoom", ("Wheel", "+", "-")),
            ("Fit, actual size", ("0", "1")),
            ("Back", ("Esc",)),
        ),
    ),
)

FRAME_PX, BAR_PX = 48, 16  # what a window's frame takes; what a scroll bar takes


class ShortcutSheet(QDialog):
    """Built from the action table and the keys of the views."""

    def __init__(self, sections: Sequence[Section], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        holder = QWidget()
        holder.setObjectName("sheet")
        columns = QHBoxLayout(holder)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(40)
        every = [*sections, *VIEW_SECTIONS]
        heights = [len(keys) + 2 for _, keys in every]
        for chosen in _split(heights, 3):
            column = QVBoxLayout()
            column.setSpacing(16)
            for number in chosen:
                column.addWidget(_section(*every[number]))
            column.addStretch(1)
            columns.addLayout(column)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setAccessibleName("Keyboard shortcuts")
        self._scroll.setWidget(holder)
        close = button("Close", self.accept, "primary")
        close.setDefault(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(32, 24, 32, 16)
        box.setSpacing(16)
        box.addWidget(label("Keyboard shortcuts", "title"))
        box.addWidget(self._scroll, 1)
        box.addWidget(row(None, close))
        self._scroll.setFocus()  # arrows and page keys move it
        # The sheet as a whole where there is room for it; else it scrolls.
        room = self.screen().availableSize().expandedTo(parent.size()) - QSize(FRAME_PX, FRAME_PX)
        wanted = holder.sizeHint() + QSize(64 + BAR_PX, 40 + 3 * 40)
        self.resize(wanted.boundedTo(room))
        self.setMaximumSize(room)


def _section(name: str, keys: Sequence[tuple[str, Sequence[str]]]) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    grid.addWidget(label(name, "section"), 0, 0, 1, 2)
    for line, (what, caps) in enumerate(keys, start=1):
        grid.addWidget(label(what), line, 0)
        shown: list[QWidget | int | None] = [None]
        for cap in caps:
            one = QLabel(cap)
            one.setObjectName("keyCap")
            shown.append(one)
        grid.addWidget(row(*shown, gap_px=4), line, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    return holder


def _split(heights: Sequence[int], columns: int) -> list[list[int]]:
    """Sections in order over so many columns of about one height."""
    share, filled = sum(heights) / columns, 0.0
    result: list[list[int]] = [[] for _ in range(columns)]
    for number, height in enumerate(heights):
        place = min(columns - 1, int((filled + height / 2) / share))
        result[place].append(number)
        filled += height
    return result
