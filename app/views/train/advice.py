"""What is recommended for the images at hand: in a line, with its reasons, and a button that takes it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from app.widgets.parts import button, column, label
from core.training.advice import Advice
from core.training.settings import Settings

HEAD = "Recommended for these images"


class AdviceCard(QFrame):
    """Hidden while nothing is known to recommend."""

    use_wanted = Signal(object)  # Settings

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("advice")
        self.advice: Advice | None = None
        self._headline = label("", "title", wraps=True)
        self._reasons = label("", "muted", wraps=True)
        self.use = button("Use this", self._use)
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(16)
        words = column(label(HEAD, "section"), self._headline, self._reasons, gap_px=4)
        box.addWidget(words, 1)
        box.addWidget(self.use, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_advice(self, advice: Advice | None, settings: Settings) -> None:
        """This advice, beside the settings as they are."""
        self.advice = advice
        self.setVisible(advice is not None)
        if advice is not None:
            self._headline.setText(advice.headline)
            self._reasons.setText(" ".join(advice.reasons))
            told = f"{advice.headline}. {' '.join(advice.reasons)}"
            self.setAccessibleName(f"{HEAD}: {told}")
            self.use.setAccessibleName(f"Use what is recommended: {advice.headline}")
        self.show_settings(settings)

    def show_settings(self, settings: Settings) -> None:
        """The settings as they are: they may be those that are recommended."""
        is_used = self.advice is not None and settings == self.advice.settings
        self.use.setText("In use" if is_used else "Use this")
        self.use.setEnabled(not is_used)

    @property
    def words(self) -> str:
        """What it says, or nothing while it is hidden."""
        return "" if self.isHidden() else f"{self._headline.text()} {self._reasons.text()}"

    def _use(self) -> None:
        if self.advice is not None:
            self.use_wanted.emit(self.advice.settings)
