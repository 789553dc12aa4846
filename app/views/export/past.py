"""The exports so far, newest first, each of which can fill the page again."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.export_past import PastRow
from app.widgets.parts import ElidedLabel, EmptyState, button, column, label, row, scrolling

SHOWN = 50


class PastExports(QWidget):
    """Says which one is wanted again, and which is to be shown."""

    again_wanted = Signal(int)
    show_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[PastRow] = []
        self.buttons: list[QWidget] = []
        self.empty = EmptyState()
        self.empty.show_state(
            "Nothing was exported yet", "What you export is noted here, with all that was chosen."
        )
        self._lines = QVBoxLayout()
        self._lines.setSpacing(12)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._more = label("", "muted")
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(12)
        box.addLayout(self._lines)
        box.addWidget(self._more)
        box.addStretch(1)
        self._scroll = scrolling(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.empty)
        outer.addWidget(self._scroll)
        self._scroll.hide()

    def show_rows(self, rows: Sequence[PastRow]) -> None:
        """Show these; the first are enough to go on from."""
        self.rows, self.buttons = list(rows), []
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for at, one in enumerate(self.rows[:SHOWN]):
            again = button("Again", partial(self.again_wanted.emit, at), "link")
            again.setAccessibleName(f"Again: {one.title}, {one.when}")
            show = button("Show", partial(self.show_wanted.emit, at), "link")
            show.setAccessibleName(f"Show in folder: {one.place}")
            head = row(label(one.title), label(one.when, "muted"), None, show, again, gap_px=8)
            self._lines.addWidget(
                column(
                    head, ElidedLabel(one.place, "muted"), ElidedLabel(one.words, "muted"), gap_px=2
                )
            )
            self.buttons.append(again)
        hidden = len(self.rows) - SHOWN
        self._more.setText(f"and {hidden:,} before" if hidden > 0 else "")
        self._more.setVisible(hidden > 0)
        self.empty.setVisible(not self.rows)
        self._scroll.setVisible(bool(self.rows))
