"""Before and after: every figure with its interval, ROC curves, and what was followed."""

from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.models import training_words as words
from app.models.curves import Line
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets.curve_plot import Curve, CurvePlot
from app.widgets.interval_plot import Compared, IntervalPlot
from app.widgets.neighbour_rows import NeighbourRows
from app.widgets.parts import column, label, scrolling
from core.training.records import METRIC_NAMES
from core.training.watch import Pinned

ROC_PX = 320


class MeasuredTab(QWidget):
    """Shows ``Run.result``."""

    image_wanted = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.intervals = IntervalPlot(theme)
        self.roc = CurvePlot(
            theme,
            "ROC of pairs",
            [Curve("before", "before", -1, "dash"), Curve("after", "after", 0)],
            tip="Pairs of one class that are found (up) against pairs of two classes that are taken "
            "for one (right), at every threshold. The further to the upper left, the better.",
            span=(0.0, 1.0),
            waits="Not measured",
        )
        self.roc.setFixedSize(ROC_PX, ROC_PX)
        self.followed = NeighbourRows(theme, thumbnails)
        self.followed.chosen.connect(self.image_wanted)
        self._followed = column(
            label("Neighbours at the start and at the end", "section"), self.followed, gap_px=8
        )
        left = column(self.intervals, self._followed, None, gap_px=24)
        body = QWidget()
        box = QHBoxLayout(body)
        box.setContentsMargins(24, 4, 24, 24)
        box.setSpacing(32)
        box.addWidget(left, 1)
        box.addWidget(column(self.roc, None))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(body))

    def clear(self) -> None:
        """Nothing was measured."""
        self.intervals.show_figures(())
        self.roc.clear()
        self._followed.hide()

    def show_result(
        self, result: dict[str, Any], pinned: tuple[tuple[Pinned, ...], tuple[Pinned, ...]]
    ) -> None:
        """The figures, and what was followed: at the start and at the end."""
        self.intervals.show_figures(compared(result))
        roc = result.get("roc", {})
        areas = {
            key: f"{result[key]['roc_auc']:.3f}"
            for key in ("before", "after")
            if result.get(key, {}).get("roc_auc") is not None
        }
        lines = {key: _line(roc.get(key) or []) for key in ("before", "after")}
        if any(len(x) for x, _ in lines.values()):
            self.roc.show_curves(lines, areas, until=1.0)
        else:
            self.roc.clear()
        rows = []
        for before, after in zip(*pinned, strict=False):
            rows += [("before", before), ("after", after)]
        self.followed.show_rows(tuple(rows))
        self.followed.setFixedHeight(max(1, len(rows)) * 64)
        self._followed.setVisible(bool(rows))


def compared(result: dict[str, Any]) -> tuple[Compared, ...]:
    """Every figure that was measured both times."""
    before, after = result["before"], result["after"]
    differences = result.get("difference", {})
    found = []
    for key, name in METRIC_NAMES.items():
        if before.get(key) is None or after.get(key) is None:
            continue
        change = differences.get(key)
        if change is not None and (change["low"] is None or change["high"] is None):
            change = None
        is_clear = change is not None and (change["low"] > 0 or change["high"] < 0)
        told = words.signed(after[key] - before[key])
        if change is not None:
            told = f"{told} ({words.signed(change['low'])} to {words.signed(change['high'])})"
        found.append(
            Compared(
                name,
                words.METRIC_MEANINGS[key],
                float(before[key]),
                float(after[key]),
                _between(before, key),
                _between(after, key),
                told,
                is_clear,
            )
        )
    return tuple(found)


def _between(metrics: dict[str, Any], key: str) -> tuple[float, float] | None:
    found = metrics.get("intervals", {}).get(key)
    return (float(found[0]), float(found[1])) if found else None


def _line(points: list[list[float]]) -> Line:
    drawn = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return drawn[:, 0], drawn[:, 1]
