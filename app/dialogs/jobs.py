"""The list of running jobs, above the status bar."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.views.status import JobRow, JobState
from app.widgets import keyboard
from app.widgets.corners import round_corners
from app.widgets.parts import label


class JobsPopup(QFrame):
    """All jobs with their bars; each can be paused and cancelled."""

    pause_toggled = Signal(int)
    cancel_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAccessibleName("Running jobs")
        self.setMinimumWidth(560)
        self._theme = theme
        self._rows: dict[int, JobRow] = {}
        self._none = label("Nothing is running.", "muted")
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(16, 12, 16, 12)
        self._box.setSpacing(8)
        self._box.addWidget(label("Jobs", "section"))
        self._box.addWidget(self._none)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        round_corners(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keyboard.press_focused(event):
            super().keyPressEvent(event)

    def show_jobs(self, jobs: Sequence[JobState]) -> None:
        """Where they stand; rows stay where they are while their job runs."""
        known = {job.key for job in jobs}
        for key in [key for key in self._rows if key not in known]:
            gone = self._rows.pop(key)
            self._box.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for job in jobs:
            if job.key not in self._rows:
                one = JobRow(self._theme, bar_px=120)
                one.paused.connect(self.pause_toggled)
                one.cancelled.connect(self.cancel_requested)
                self._rows[job.key] = one
                self._box.addWidget(one)
            self._rows[job.key].show_job(job)
        self._none.setVisible(not jobs)
        if self.isVisible():
            self._settle()

    def open_above(self, anchor: QWidget) -> None:
        """Show it over the right end of the status bar."""
        self._corner = anchor.mapToGlobal(QPoint(anchor.width() - 8, -4))
        self.show()
        self._settle()

    def _settle(self) -> None:
        self.adjustSize()
        self.move(self._corner.x() - self.width(), self._corner.y() - self.height())
