"""The foot of a new training: what it would cost, its name, and the button that starts it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.models import training_words as words
from app.style.theme import Theme
from app.widgets import text
from app.widgets.flow import FlowLayout
from app.widgets.parts import button, label
from core.training.records import Plan

FIGURES, GAP_PX = 6, 12
TRIES = (
    "Learns with three settings that suit these images, for two minutes each, and keeps the one that "
    "is best on watched images."
)


class EstimateBar(QFrame):
    """Shows a plan, or the sentence that says why there is none."""

    start_wanted = Signal()
    trials_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("footBar")
        self._problem = label("", "danger", wraps=True)
        self._problem.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._figures: list[tuple[QWidget, QLabel, QLabel]] = []
        self._holder = QWidget()
        flow = FlowLayout(self._holder, gap_px=GAP_PX)
        for _ in range(FIGURES):
            one = QWidget()
            box = QVBoxLayout(one)
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(0)
            name, figure = label("", "section"), label()
            box.addWidget(name)
            box.addWidget(figure)
            self._figures.append((one, name, figure))
            flow.addWidget(one)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the training")
        self.name.setToolTip("What it is called; the encoder it makes is run:NAME")
        self.name.setFixedWidth(112)
        self.name.setPlaceholderText("Name")
        self.start = button("Start training", self.start_wanted.emit, "primary")
        self.start.setMinimumHeight(36)
        self.tries = button("Try three settings", self.trials_wanted.emit)
        self.tries.setMinimumHeight(36)
        self._can_start = False
        self._tries_s: float | None = None
        self._is_waiting = False
        box_ = QHBoxLayout(self)
        box_.setContentsMargins(24, 12, 24, 12)
        box_.setSpacing(12)
        box_.addWidget(self._holder, 1)
        box_.addWidget(self._problem, 1)
        box_.addWidget(self.name, 0, Qt.AlignmentFlag.AlignVCenter)
        box_.addWidget(self.tries, 0, Qt.AlignmentFlag.AlignVCenter)
        box_.addWidget(self.start, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_plan(None)
        self.show_trials(None)

    @property
    def problem(self) -> str:
        return self._problem.text()

    @property
    def figures(self) -> dict[str, str]:
        """What it says now."""
        return {name.text(): figure.text() for _, name, figure in self._figures}

    def show_plan(self, plan: Plan | None, problem: str = "") -> None:
        """The estimate; without a plan and a problem it is still being made."""
        problem = problem or (plan.survey.problem if plan is not None else "")
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._holder.setVisible(not problem)
        self._can_start = plan is not None and not problem
        self.start.setEnabled(self._can_start)
        self.tries.setEnabled(self._can_start and self._tries_s is not None)
        if plan is None:
            for _, name, figure in self._figures:
                if not name.text():
                    name.setText(" ")
                figure.setEnabled(False)
            return
        for (_, name, figure), (word, shown) in zip(
            self._figures, words.estimate(plan), strict=True
        ):
            name.setText(word)
            figure.setText(shown)
            figure.setEnabled(True)
        told = ", ".join(f"{name} {figure}" for name, figure in words.estimate(plan))
        self.start.setAccessibleDescription(told)

    def show_trials(self, seconds: float | None, problem: str = "") -> None:
        """What trying a few settings would take, or why they cannot be tried; neither: not known yet."""
        self._tries_s = seconds
        self.tries.setEnabled(self._can_start and seconds is not None)
        about = f" About {text.span(seconds)}." if seconds is not None else ""
        told = problem or f"{TRIES}{about}"
        self.tries.setToolTip(told)
        self.tries.setAccessibleDescription(told)
