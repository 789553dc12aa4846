"""The status bar: counts, the encoder, and what is running."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from app.style.theme import Theme
from app.widgets import text
from app.widgets.parts import IconButton, button, label, row

FLASH_MS = 4000


@dataclass(frozen=True)
class JobState:
    """A running job as it stands; ``key`` tells whoever pauses or cancels it which one."""

    key: int
    title: str
    stage: str
    done: int
    total: int | None
    per_s: float | None
    left_s: float | None
    is_paused: bool
    is_waiting: bool
    is_stopping: bool
    counts_bytes: bool = False

    @property
    def unit(self) -> str:
        """What is counted, where that is files."""
        return "files " if "image" in self.stage.lower() or "file" in self.stage.lower() else ""

    @property
    def words(self) -> str:
        """Stage, count, rate and time left, as far as they are known."""
        if self.is_stopping:
            return "Stopping"
        if self.is_waiting:
            return "Waiting"
        parts = [self.stage] if self.stage and self.stage != self.title else []
        words = text.size if self.counts_bytes else text.number
        if self.total:
            parts.append(f"{words(self.done)} of {words(self.total)}")
        elif self.done:
            parts.append(words(self.done))
        if not self.is_paused:
            if self.per_s and self.counts_bytes:
                parts.append(f"{text.size(round(self.per_s))} a second")
            elif self.per_s and self.done:
                rate = f"{self.per_s:.0f}" if self.per_s >= 10 else f"{self.per_s:.1f}"
                parts.append(f"{rate} {self.unit}a second" if self.unit else f"{rate}/s")
            if self.left_s is not None and self.total and self.done < self.total:
                parts.append(f"{text.span(self.left_s)} left")
        return "  ·  ".join(parts)


@dataclass(frozen=True)
class CatalogueState:
    """What the status bar says of the open catalogue."""

    images: str = ""
    selected: str = ""
    unreadable: int = 0
    missing: int = 0
    encoder: str = ""
    watched: tuple[str, ...] = ()  # folders


class JobRow(QWidget):
    """One job: name, words, bar, pause, cancel. Paused, it is of another colour and says Resume."""

    paused = Signal(int)
    cancelled = Signal(int)

    def __init__(self, theme: Theme, *, bar_px: int = 96) -> None:
        super().__init__()
        self.key = -1
        self._title = label()
        self._words = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(bar_px)
        self._bar.setAccessibleName("Progress")
        self._pause = IconButton(theme, "pause", "Pause", 14)
        self._resume = button("Resume", lambda: self.paused.emit(self.key), "warning")
        self._resume.setFixedHeight(24)
        self._resume.hide()
        self._is_paused = False
        self._cancel = IconButton(theme, "close", "Cancel; what is done is kept", 14)
        for one in (self._pause, self._cancel):
            one.setFixedSize(22, 22)
        self._pause.clicked.connect(lambda: self.paused.emit(self.key))
        self._cancel.clicked.connect(lambda: self.cancelled.emit(self.key))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        for widget in (
            self._title,
            self._words,
            self._bar,
            self._pause,
            self._resume,
            self._cancel,
        ):
            box.addWidget(widget)

    def show_job(self, job: JobState) -> None:
        """Show where it stands."""
        self.key = job.key
        _set(self._title, f"Paused: {job.title}" if job.is_paused else job.title)
        _set(self._words, job.words)
        if job.total and not job.is_waiting:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * min(1.0, job.done / job.total)))
        elif self._bar.maximum() != 0:
            self._bar.setRange(0, 0 if not job.is_waiting else 1000)
        is_paused = job.is_paused and not job.is_stopping
        self._pause.setVisible(not is_paused)
        self._resume.setVisible(is_paused)
        self._pause.setEnabled(not job.is_stopping)
        self._cancel.setEnabled(not job.is_stopping)
        if is_paused != self._is_paused:
            self._is_paused = is_paused
            for one in (self, self._title, self._bar):
                one.setProperty("tone", "warning" if is_paused else "")
                one.style().unpolish(one)
                one.style().polish(one)


class StatusBar(QFrame):
    """Says which job is to be paused or cancelled, and what the user wants to see."""

    unreadable_wanted = Signal()
    missing_wanted = Signal()
    sources_wanted = Signal()
    jobs_wanted = Signal()
    encoders_wanted = Signal()  # the menu of those that can be looked through
    pause_toggled = Signal(int)
    cancel_requested = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("statusBar")
        self.setFixedHeight(32)
        self._images = label()
        self._selected = label("", "muted")
        self._missing = _quiet("", "Show the images that are missing")
        self._missing.clicked.connect(self.missing_wanted)
        self._unreadable = _quiet("", "Show the files that could not be read")
        self._unreadable.clicked.connect(self.unreadable_wanted)
        self._watched = IconButton(theme, "eye", "", 16)
        self._watched.setFixedSize(24, 24)
        self._watched.clicked.connect(self.sources_wanted)
        self._flash_end = QTimer(self)
        self._flash_end.setSingleShot(True)
        self._flash_end.setInterval(FLASH_MS)
        self._flash_end.timeout.connect(lambda: self.flash(""))
        self._flashed = label("", "muted")
        self.encoder = _quiet("", "The encoder in use; choose another")
        self.encoder.clicked.connect(self.encoders_wanted)
        self._job = JobRow(theme)
        self._job.paused.connect(self.pause_toggled)
        self._job.cancelled.connect(self.cancel_requested)
        self._more = _quiet("", "Show all jobs")
        self._more.clicked.connect(self.jobs_wanted)
        inner = row(
            self._images, self._selected, self._missing, self._unreadable, self._watched,
            self._flashed, None,
            self._job, self._more, self.encoder,
            gap_px=12, margins=(16, 0, 16, 0),
        )  # fmt: skip
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(inner)
        self.show_jobs([])
        self.show_state(CatalogueState())

    def show_state(self, state: CatalogueState) -> None:
        """What the catalogue holds and what is selected."""
        _set(self._images, state.images)
        _set(self._selected, state.selected)
        self._selected.setVisible(bool(state.selected))
        for shown, count, word in (
            (self._missing, state.missing, "missing"),
            (self._unreadable, state.unreadable, "unreadable"),
        ):
            _set(shown, f"{text.number(count)} {word}")
            shown.setVisible(count > 0)
        folders = "\n".join(state.watched)
        self._watched.set_name(f"New files appear by themselves in:\n{folders}")
        self._watched.setVisible(bool(state.watched))
        _set(self.encoder, f"Encoder: {state.encoder}" if state.encoder else "")
        self.encoder.setVisible(bool(state.encoder))

    def flash(self, words: str) -> None:
        """Say something small for a moment."""
        self._flashed.setText(words)
        self._flashed.setVisible(bool(words))
        if words:
            self._flash_end.start()

    def show_jobs(self, jobs: Sequence[JobState]) -> None:
        """What is running; the first in full, the rest as a number."""
        self._job.setVisible(bool(jobs))
        self._more.setVisible(bool(jobs))
        if jobs:
            self._job.show_job(jobs[0])
            self._more.setText(f"+ {len(jobs) - 1}" if len(jobs) > 1 else "Jobs")


def _quiet(words: str, tip: str) -> QPushButton:
    result = QPushButton(words)
    result.setProperty("kind", "quiet")
    result.setToolTip(tip)
    result.setAccessibleName(tip)
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    result.setFixedHeight(24)
    result.setStyleSheet("padding: 2px 4px;")
    return result


def _set(shown: object, words: str) -> None:
    """Set a label's text only where it changed: a label that is set is laid out again."""
    if shown.text() != words:  # type: ignore[attr-defined]
        shown.setText(words)  # type: ignore[attr-defined]
