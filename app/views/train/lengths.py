"""By length of the vector: what the first numbers of each vector find by themselves."""

from collections.abc import Sequence
from math import log2
from typing import Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.models import result_words
from app.models.figure_rows import FiguresModel
from app.style.theme import Theme
from app.widgets.curve_plot import Curve, CurvePlot
from app.widgets.parts import column, label, row
from app.widgets.tables import fit_rows, rows_table

HEADS = ("Numbers", "R@1 before", "After", "MAP@R before", "After", "Kept")
PLOT_PX = (340, 240)


class LengthsTab(QWidget):
    """A table, and the same as curves."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.line = label("", wraps=True)
        self.model = FiguresModel(HEADS, tuple(range(len(HEADS))), self)
        self.table = rows_table(
            self.model,
            "What the first numbers of each vector find",
            stretched=5,
            widths_px=((0, 96), (1, 116), (2, 68), (3, 136), (4, 68)),
        )
        self.plot = CurvePlot(
            theme,
            "Found with the first numbers",
            [
                Curve("before", "R@1 before", -1, "dash"),
                Curve("recall@1", "R@1", 0),
                Curve("map@r", "MAP@R", 2, "dot"),
            ],
            tip="What is found on held-out images when only the first numbers of each vector are "
            "compared. Flat to the left is good: short vectors take less space and search quicker.",
            is_from_zero=False,
            waits="Not measured",
        )
        self.plot.setFixedSize(*PLOT_PX)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 0, 24, 16)
        box.setSpacing(12)
        box.addWidget(self.line)
        body = row(column(self.table, None), column(self.plot, None), gap_px=24)
        inner = body.layout()
        assert isinstance(inner, QHBoxLayout)
        inner.setStretch(0, 1)
        box.addWidget(body)
        box.addStretch(1)

    def show_lengths(self, by_prefix: Sequence[dict[str, Any]]) -> None:
        """As the result has them."""
        found = sorted(by_prefix, key=lambda one: int(one["dim"]))
        self.model.set_rows(result_words.prefix_rows(found))
        fit_rows(self.table)
        self.line.setText(result_words.prefix_line(found))
        self.plot.clear()
        if not found:
            return
        places = [(log2(one["dim"]), str(one["dim"])) for one in found]
        lines, values = {}, {}
        for key, when, metric in (
            ("before", "before", "recall@1"),
            ("recall@1", "after", "recall@1"),
            ("map@r", "after", "map@r"),
        ):
            points = [
                (place, float(one[when][metric]))
                for (place, _), one in zip(places, found, strict=True)
                if one.get(when) and one[when].get(metric) is not None
            ]
            drawn = np.array(points, dtype=np.float64).reshape(-1, 2)
            lines[key] = (drawn[:, 0], drawn[:, 1])
            if points:
                values[key] = f"{points[-1][1]:.2f}"
        self.plot.show_curves(lines, values, ticks=places)
