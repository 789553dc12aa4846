"""The shortcut sheet: every key there is, by what it is for."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

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


class ShortcutSheet(QDialog):
    """Built from the action table and the keys of the views."""

    def __init__(self, sections: Sequence[Section], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        columns = QHBoxLayout()
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
        close = button("Close", self.accept, "primary")
        close.setDefault(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(32, 24, 32, 16)
        box.setSpacing(16)
        box.addWidget(label("Keyboard shortcuts", "title"))
        box.addLayout(columns)
        box.addWidget(row(None, close))


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
