"""A training that runs: how it goes in curves, in similarities, and in the neighbours of a few images."""

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QProgressBar, QVBoxLayout, QWidget

from app.models import curves
from app.models import training_words as words
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.train import charts
from app.views.train.health import AttentionPanel, HealthPanel
from app.widgets import text
from app.widgets.neighbour_rows import NeighbourRows
from app.widgets.notice import Notice
from app.widgets.parts import button, column, label, row, scrolling
from app.widgets.segments import Segments
from app.widgets.similarity_plot import SimilarityPlot
from core.training.watch import Snapshot

NARROW_PX, FOLLOWED_PX, WIDE_FROM_PX = 320, 392, 1120
TWO_FROM_PX = 880
TURN_MS = 15


class LivePage(QWidget):
    """Shows snapshots; says that it is to pause, to stop and keep, to be cancelled."""

    pause_toggled = Signal()
    stop_wanted = Signal()
    cancel_wanted = Signal()
    image_wanted = Signal(int)  # a content id

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.snapshot = Snapshot()
        self._columns = 0
        self._measured = self._healthy = (-1, -1)
        self._due: deque[Callable[[], None]] = deque()
        self._turns = QTimer(self)
        self._turns.setInterval(TURN_MS)
        self._turns.timeout.connect(self._draw_next)
        self._parts: tuple[Callable[[], None], ...] = (
            lambda: charts.show_loss(self.loss, self.snapshot),
            self._show_measured,
            lambda: charts.show_hard(self.hard, self.snapshot),
            self._show_similarities,
            self._show_followed,
            self._show_health,
        )
        self._title = label("", "title")
        self._phase = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the training")
        self._facts = label("", "muted", wraps=True)
        self.pause = button("Pause", self.pause_toggled.emit)
        self.stop = button("Stop and keep", self.stop_wanted.emit)
        self.cancel = button("Cancel", self.cancel_wanted.emit)
        self._trial = label("", wraps=True)
        self._trial.hide()
        self.loss = charts.loss(theme)
        self.recall = charts.recall(theme)
        self.hard = charts.hard(theme)
        self.drift = charts.drift(theme)
        self.similarities = SimilarityPlot(theme)
        self.health = HealthPanel(theme)
        self.attention = AttentionPanel(theme)
        self.notice = Notice(theme)
        self.when = Segments("Neighbours", [("now", "Now"), ("before", "At the start")])
        self.when.chosen.connect(lambda _: self._show_followed())
        self.followed = NeighbourRows(theme, thumbnails)
        self.followed.chosen.connect(self.image_wanted)
        self._followed_note = label(
            "Images that are followed appear after the first look.", "muted", wraps=True
        )
        self._build()

    def _build(self) -> None:
        words_ = column(
            row(self._title, self._phase, None, gap_px=12), self._trial, self._facts, gap_px=2
        )
        for one in (self.pause, self.stop, self.cancel):
            one.setMinimumHeight(30)
        head = column(
            row(words_, self.pause, self.stop, self.cancel),
            self._bar,
            gap_px=8,
            margins=(24, 12, 24, 8),
        )
        words_box = words_.parentWidget().layout()  # type: ignore[union-attr]
        words_box.setStretch(0, 1)  # type: ignore[union-attr]
        plots = QWidget()
        grid = self._grid = QGridLayout(plots)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(16)
        self._arrange(2)
        side = self._side = QWidget()
        side_box = QVBoxLayout(side)
        side_box.setContentsMargins(0, 0, 0, 0)
        side_box.setSpacing(8)
        side_box.addWidget(row(label("Followed images", "section"), None, self.when))
        side_box.addWidget(self._followed_note)
        side_box.addWidget(self.followed, 100)
        side_box.addStretch(1)
        upper = row(plots, side, gap_px=24)
        upper_box = upper.layout()
        assert upper_box is not None
        upper_box.setStretch(0, 1)  # type: ignore[attr-defined]
        body = QWidget()
        body_box = QVBoxLayout(body)
        body_box.setContentsMargins(24, 8, 24, 16)
        body_box.setSpacing(16)
        body_box.addWidget(upper, 1)
        body_box.addWidget(self.attention)
        body_box.addWidget(self.health)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(head)
        outer.addWidget(column(self.notice, margins=(24, 0, 24, 4)))
        outer.addWidget(scrolling(body), 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._side.setFixedWidth(FOLLOWED_PX if self.width() >= WIDE_FROM_PX else NARROW_PX)
        self._arrange(2 if self.width() >= TWO_FROM_PX else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns, grid = columns, self._grid
        plots = (self.loss, self.recall, self.hard, self.drift)
        for place, one in enumerate(plots):
            grid.addWidget(one, place // columns, place % columns)
        last = len(plots) // columns
        grid.addWidget(self.similarities, last, 0, 1, columns)
        for place in range(2):
            grid.setColumnStretch(place, 1 if place < columns else 0)
        for place in range(len(plots) + 1):
            grid.setRowStretch(place, 1 if place <= last else 0)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self.pause

    # -- what is shown

    def begin(self, name: str, *, is_trying: bool = False) -> None:
        """Another training, or a few settings that are tried: nothing is known yet."""
        self._title.setText(name)
        self._is_trying = is_trying
        self._trial.hide()
        self.stop.setToolTip(
            "End this trial, leave out those to come, and keep the best so far"
            if is_trying
            else "End now, measure, and keep what was learnt"
        )
        self.cancel.setToolTip(
            "Stop, and keep nothing of it"
            if is_trying
            else "Stop at a checkpoint; it can be resumed or discarded later"
        )
        self._clear()
        self.show_state("")

    def show_trial(self, place: int, count: int, told: str) -> None:
        """The next of a few settings: what came before is no part of it."""
        self._trial.setText(f"Trial {place} of {count}: {told}")
        self._trial.show()
        self._clear()

    def _clear(self) -> None:
        for one in (self.loss, self.recall, self.hard, self.drift):
            one.clear()
        self.health.clear()
        self.snapshot = Snapshot()
        self._measured = self._healthy = (-1, -1)
        self.when.show_chosen("now")
        self.show_snapshot(self.snapshot)
        self.finish()

    def show_state(self, state: str) -> None:
        """waiting, paused, stopping (to be kept), cancelling, or nothing: it goes on."""
        self._state = state
        is_ending = state in ("stopping", "cancelling")
        for one in (self.pause, self.stop, self.cancel):
            one.setEnabled(not is_ending)
        if state == "waiting":
            self.stop.setEnabled(False)
        self.pause.setText("Resume" if state == "paused" else "Pause")
        self.pause.setProperty("kind", "warning" if state == "paused" else "")
        tone = "warning" if state == "paused" else ""
        self._bar.setProperty("tone", tone)
        self._phase.setProperty("tone", tone or "muted")
        for changed in (self._bar, self._phase, self.pause):
            changed.style().unpolish(changed)
            changed.style().polish(changed)
        self._show_phase()

    def show_snapshot(self, now: Snapshot, left_s: float | None = None) -> None:
        """Where it stands. Costs the same however long it has run."""
        self.snapshot = now
        self._show_phase()
        self._bar.setRange(0, 1000 if now.steps else 0)
        if now.steps:
            self._bar.setValue(round(1000 * now.step / now.steps))
        self._show_facts(now, left_s)
        for part in self._parts:
            if part not in self._due:
                self._due.append(part)
        self._turns.start()

    def finish(self) -> None:
        """Draw at once what is still to be drawn."""
        while self._due:
            self._draw_next()

    def _draw_next(self) -> None:
        """One part a turn, so that the window answers between two of them."""
        if self._due:
            self._due.popleft()()
        if not self._due:
            self._turns.stop()

    def _show_measured(self) -> None:
        """What changes only with a measurement."""
        now = self.snapshot
        if self._measured == (len(now.measured_at), now.steps):
            return
        self._measured = (len(now.measured_at), now.steps)
        charts.show_recall(self.recall, now)
        charts.show_drift(self.drift, now)

    def _show_health(self) -> None:
        """How the classes lie, and what is to be said of it."""
        now = self.snapshot
        self.notice.say(now.health)
        self.attention.show_weights(now.attention)
        if self._healthy != (len(now.measured_at), now.steps):
            self._healthy = (len(now.measured_at), now.steps)
            self.health.show_snapshot(now)

    def _show_similarities(self) -> None:
        now = self.snapshot
        self.similarities.show_counts(
            now.positives, now.negatives, now.positives_before, now.negatives_before
        )

    def _show_phase(self) -> None:
        told = {
            "waiting": "Waiting for another job",
            "paused": "Paused",
            "stopping": "Stopping; what was learnt is measured and kept",
            "cancelling": "Stopping; nothing is kept"
            if self._is_trying
            else "Stopping at a checkpoint",
        }
        _set(self._phase, told.get(self._state, words.PHASES[self.snapshot.phase]))

    _state, _is_trying = "", False

    def _show_facts(self, now: Snapshot, left_s: float | None) -> None:
        parts = []
        if now.steps:
            parts.append(f"Step {text.number(now.step)} of {text.number(now.steps)}")
        if left_s is not None and self._state == "":
            parts.append(f"{text.span(left_s)} left")
        if now.images_per_s:
            parts.append(f"{text.number(round(now.images_per_s))} images/s")
        if now.memory_size:
            parts.append(
                f"memory {text.number(now.memory_filled)} of {text.number(now.memory_size)}"
            )
        if now.device:
            parts.append(words.device(now.device))
        _set(self._facts, "   ·   ".join(parts) if parts else " ")
        rate = curves.newest(now.learning_rate)
        self._facts.setToolTip("" if rate is None else f"Learning rate {rate:.2g}")

    def _show_followed(self) -> None:
        now = self.snapshot
        is_before = self.when.current == "before"
        chosen = now.pinned_before if is_before else now.pinned
        chosen = chosen or now.pinned_before
        self.followed.show_rows(tuple(("", one) for one in chosen))
        self.followed.setVisible(bool(chosen))
        self._followed_note.setVisible(not chosen)


def _set(shown: object, words_: str) -> None:
    if shown.text() != words_:  # type: ignore[attr-defined]
        shown.setText(words_)  # type: ignore[attr-defined]
