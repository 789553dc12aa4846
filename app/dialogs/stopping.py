"""The question before a training is stopped by closing."""

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.widgets.parts import button, label, row

WIDE_PX = 440


class StoppingDialog(QDialog):
    """Accepted where the user wants it stopped."""

    def __init__(self, name: str, yes: str, parent: QWidget, *, is_kept: bool = True) -> None:
        super().__init__(parent)
        self.setWindowTitle("A training is running")
        self.setFixedWidth(WIDE_PX)
        self.stop = button(yes, self.accept, "primary")
        self.stay = button("Keep training", self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 24, 24, 16)
        box.setSpacing(8)
        box.addWidget(label(f"{name} is still learning", "title"))
        words = (
            "It will be stopped at a checkpoint. Nothing that it has learnt is lost: resume it from "
            "Train whenever you like."
            if is_kept
            else "It tries a few settings, and has not come to its end: nothing of it is kept."
        )
        box.addWidget(label(words, "muted", wraps=True))
        box.addSpacing(8)
        box.addWidget(row(None, self.stay, self.stop))
        self.setAccessibleDescription(words)
        self.stop.setDefault(True)
        self.stop.setFocus()
