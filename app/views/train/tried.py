"""The settings that were tried before a training, and which of them was best."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models import result_words
from app.models.figure_rows import FiguresModel
from app.widgets.parts import label
from app.widgets.tables import fit_rows, rows_table

HEADS = ("Tried", "Steps", "Time", "R@1", "MAP@R", "")


class TriedTab(QWidget):
    """A row for each, in the order in which they were tried."""

    def __init__(self) -> None:
        super().__init__()
        self.line = label("", wraps=True)
        self.model = FiguresModel(HEADS, (1, 2, 3, 4), self)
        self.table = rows_table(
            self.model,
            "Settings that were tried",
            stretched=0,
            widths_px=((1, 80), (2, 80), (3, 88), (4, 88), (5, 72)),
        )
        note = label(
            "Each learnt for the same time. The images that the result is measured on were not "
            "looked at for this.",
            "muted",
            wraps=True,
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 0, 24, 16)
        box.setSpacing(8)
        box.addWidget(self.line)
        box.addWidget(note)
        box.addWidget(self.table)
        box.addStretch(1)

    def show_trials(self, trials: Sequence[dict[str, Any]]) -> None:
        """As the result has them."""
        self.line.setText(result_words.trial_line(trials))
        self.model.set_rows(result_words.trial_rows(trials))
        fit_rows(self.table)
