"""The dialog for a bug: what happened, and a report to copy."""

from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from app.widgets.parts import button, label, row

KEPT = 5


class ReportDialog(QDialog):
    """Does not stop the work; further errors join the first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setMinimumSize(560, 360)
        self._reports: list[str] = []
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setAccessibleName("Report of the error")
        close = button("Close", self.accept, "primary")
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 24, 24, 16)
        box.setSpacing(8)
        box.addWidget(label("Something went wrong", "title"))
        box.addWidget(
            label(
                "This is a fault of Lookalike, not of yours. Your catalogue is safe and you can go "
                "on. The report below helps to mend it; it is also in the log.",
                "muted",
                wraps=True,
            )
        )
        box.addWidget(self._text, 1)
        box.addWidget(row(button("Copy report", self._copy), None, close))
        close.setDefault(True)

    def add(self, report: str) -> None:
        """Show one more."""
        self._reports = [*self._reports, report][-KEPT:]
        self._text.setPlainText("\n\n".join(self._reports))

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._text.toPlainText())
