"""What came of a training: the verdict first, then before and after, by class, confusions, curves."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models import training_words as words
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.train.lengths import LengthsTab
from app.views.train.measured import MeasuredTab
from app.views.train.past import CurvesTab, SettingsTab
from app.views.train.tables import ByClassTab, ConfusionsTab
from app.views.train.tried import TriedTab
from app.widgets import text
from app.widgets.notice import Notice
from app.widgets.parts import button, column, label, row
from app.widgets.segments import Segments
from core.training.records import Run
from core.training.watch import from_curves

TABS = (
    ("measured", "Before and after"),
    ("classes", "By class"),
    ("confusions", "Confusions"),
    ("lengths", "By length"),
    ("tried", "Tried"),
    ("curves", "Curves"),
    ("settings", "Settings"),
)


class ResultPage(QWidget):
    """Shows a run; says what is to become of it."""

    step_chosen = Signal(str)  # update, promote, keep, discard, rollback, resume, again …
    image_wanted = Signal(int)  # a content id

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.run: Run | None = None
        self._first = ("", "")  # the run, and the tab that was shown first
        self.steps: dict[str, QPushButton] = {}
        self._name = label("", "muted")
        self.verdict = label("", "verdict", wraps=True)
        self.reason = label("", wraps=True)
        self._facts = label("", "muted", wraps=True)
        self.comparable = label("", wraps=True)
        self.notice = Notice(theme)
        self._steps = QHBoxLayout()
        self._steps.setSpacing(8)
        self._asking = QFrame()
        self._asking.setObjectName("notice")
        self._question = label("", wraps=True)
        self._sure = button("Discard", lambda: self.step_chosen.emit("discard"), "danger")
        self._no = button("Leave it", self.calm)
        inner = QHBoxLayout(self._asking)
        inner.setContentsMargins(16, 8, 8, 8)
        inner.addWidget(self._question, 1)
        inner.addWidget(self._sure)
        inner.addWidget(self._no)
        self._asking.hide()
        self.tabs = Segments("Result", TABS)
        self.measured = MeasuredTab(theme, thumbnails)
        self.measured.image_wanted.connect(self.image_wanted)
        self.classes = ByClassTab(theme)
        self.confusions = ConfusionsTab()
        self.lengths = LengthsTab(theme)
        self.tried = TriedTab()
        self.curves = CurvesTab(theme)
        self.settings = SettingsTab()
        self._stack = QStackedWidget()
        self._pages = {
            "measured": self.measured,
            "classes": self.classes,
            "confusions": self.confusions,
            "lengths": self.lengths,
            "tried": self.tried,
            "curves": self.curves,
            "settings": self.settings,
        }
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.tabs.chosen.connect(lambda key: self._stack.setCurrentWidget(self._pages[key]))
        head = column(
            *(self._name, self.verdict, self.reason, self._facts, self.comparable),
            gap_px=4,
            margins=(24, 16, 24, 0),
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(head)
        outer.addWidget(column(self.notice, self._asking, margins=(24, 0, 24, 0)))
        line = QHBoxLayout()
        line.setContentsMargins(24, 0, 24, 0)
        line.addLayout(self._steps)
        line.addStretch(1)
        outer.addLayout(line)
        bar = row(self.tabs, None, margins=(16, 0, 24, 0))
        outer.addWidget(bar)
        outer.addWidget(self._stack, 1)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown: to what is recommended."""
        shown = [one for one in self.steps.values() if one.isEnabled()]
        return shown[0] if shown else self.tabs.button(self.tabs.current)

    # -- what is shown

    def show_run(
        self,
        run: Run,
        *,
        back_to: str = "",
        is_fresh: bool = False,
        is_writable: bool = True,
        is_busy: bool = False,
    ) -> None:
        """A run as it is stored. ``back_to`` is the encoder that rolling back would bring, ``is_fresh``
        that it has just ended."""
        self.run = run
        self.calm()
        badge = "Default encoder" if run.is_default else words.STATUS[run.status]
        self._name.setText(f"{run.name}   ·   {badge}   ·   {words.when(run.made_at)}")
        headline, reason = split(verdict(run))
        self.verdict.setText(headline)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        tone = {"better": "verdict-good", "worse": "verdict-bad"}.get(words.mark(run), "verdict")
        self.verdict.setProperty("tone", "verdict-bad" if run.status == "failed" else tone)
        self.verdict.style().unpolish(self.verdict)
        self.verdict.style().polish(self.verdict)
        self._facts.setText(facts(run))
        self._facts.setVisible(bool(self._facts.text()))
        self.comparable.setText(words.comparable(run))
        self.comparable.setVisible(bool(self.comparable.text()))
        self._show_steps(run, back_to, is_fresh=is_fresh, is_writable=is_writable, is_busy=is_busy)
        result = run.result
        is_measured = words.is_measured(run)
        went = from_curves(run.curves)
        if is_measured:
            self.measured.show_result(result, (went.pinned_before, went.pinned))
        else:
            self.measured.clear()
        by_class, confused = result.get("by_class", []), result.get("confusions", {})
        self.notice.say(str(result.get("health") or ""))
        self.classes.show_rows(by_class, went.attention)
        self.confusions.show_rows(confused.get("before", []), confused.get("after", []))
        by_prefix, trials = result.get("by_prefix") or [], result.get("trials") or []
        self.lengths.show_lengths(by_prefix)
        self.tried.show_trials(trials)
        self.curves.show_curves(went)
        self.settings.show_settings(run.settings)
        self.tabs.set_available("measured", is_measured)
        self.tabs.set_available("classes", bool(by_class))
        self.tabs.set_available("confusions", bool(confused.get("before") or confused.get("after")))
        self.tabs.set_available("lengths", bool(by_prefix))
        self.tabs.set_available("tried", bool(trials))
        self.tabs.set_available("curves", self.curves.has_any)
        first = "measured" if is_measured else "curves" if self.curves.has_any else "settings"
        if self._first != (run.name, first):
            self._first = (run.name, first)
            self.tabs.show_chosen(first)
            self._stack.setCurrentWidget(self._pages[first])

    def ask_discard(self) -> None:
        """Ask once, in place: what is deleted is gone."""
        if self.run is None:
            return
        kept = " Its vectors go too." if self.run.status == "promoted" else ""
        self._question.setText(
            f"Discarding {self.run.name} deletes its weights and curves for good.{kept}"
        )
        self._asking.show()
        self._no.setFocus()

    def calm(self) -> None:
        """Nothing is asked any more."""
        had_focus = self._sure.hasFocus() or self._no.hasFocus()
        self._asking.hide()
        if had_focus and "ask-discard" in self.steps:
            self.steps["ask-discard"].setFocus()

    @property
    def is_asking(self) -> bool:
        return not self._asking.isHidden()

    def _show_steps(
        self, run: Run, back_to: str, *, is_fresh: bool, is_writable: bool, is_busy: bool
    ) -> None:
        had_focus = any(one.hasFocus() for one in self.steps.values())
        chosen = steps(run, back_to, is_fresh=is_fresh) if is_writable else ()
        while (item := self._steps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.steps = {}
        for key, name, kind in chosen:
            one = button(name, lambda key=key: self._choose(key), kind)  # type: ignore[misc]
            one.setAccessibleName(f"{name}: {run.name}")
            one.setEnabled(not is_busy)
            self.steps[key] = one
            self._steps.addWidget(one)
        if had_focus:
            for one in self.steps.values():
                one.show()
            self.first_focus().setFocus()

    def _choose(self, key: str) -> None:
        if key == "ask-discard":
            self.ask_discard()
        else:
            self.step_chosen.emit(key)


def steps(run: Run, back_to: str, *, is_fresh: bool) -> tuple[tuple[str, str, str], ...]:
    """(key, words, kind of button) of what can be done with a run; the first is what is recommended."""
    again = ("again", "Train again like this", "quiet")
    export = ("export", "Export…", "quiet")
    if run.status == "running":
        return ()
    if run.status == "stopped":
        return (("resume", "Resume", "primary"), ("ask-discard", "Discard", ""), again)
    if run.status == "failed":
        return (("ask-discard", "Discard", ""), again)
    if run.is_default:
        back = (("rollback", f"Roll back to {back_to}", ""),) if back_to else ()
        return (*back, export, again)
    discard, is_comparable = ("ask-discard", "Discard", ""), words.is_comparable(run)
    if words.mark(run) == "better":
        keep = (("keep", "Keep as candidate", ""),) if is_fresh else ()
        update = (("update", words.UPDATE, "primary"),) if is_comparable else ()
        promote = ("promote", "Promote", "" if is_comparable else "primary")
        return (*update, promote, *keep, discard, export, again)
    keep = (("keep", "Keep as candidate", "primary"),) if is_fresh else ()
    update = (("update-anyway", f"{words.UPDATE}, anyway", ""),) if is_comparable else ()
    return (*keep, discard, *update, ("anyway", "Promote anyway", ""), export, again)


def verdict(run: Run) -> str:
    """The first sentence that is read."""
    if run.status == "running":
        return "This training is running in another window, or has not ended properly."
    if run.status == "stopped":
        return "Stopped before its end. It goes on from its checkpoint when you resume it."
    found = run.result
    if found.get("verdict"):
        return str(found["verdict"])
    if run.status == "failed":
        return str(found.get("problem") or "This training failed; nothing of it is used.")
    return words.MARKS[words.mark(run)]


def split(sentence: str) -> tuple[str, str]:
    """The verdict in a word or three, and what it rests on."""
    headline, colon, reason = sentence.partition(": ")
    if not colon or len(headline) > 40:
        return sentence, ""
    return headline, reason[:1].upper() + reason[1:]


def facts(run: Run) -> str:
    """How it went, on a line."""
    found: dict[str, Any] = run.result
    parts = []
    if found.get("steps"):
        parts.append(f"{text.plural(int(found['steps']), 'step')}")
    if found.get("seconds"):
        parts.append(text.span(float(found["seconds"])))
    if found.get("device"):
        parts.append(words.device(str(found["device"])))
    if found.get("held_out"):
        parts.append(f"measured on {text.plural(int(found['held_out']), 'held-out image')}")
    if found.get("stopped_because"):
        parts.append(str(found["stopped_because"]).rstrip("."))
    line = "   ·   ".join(parts)
    notes = [str(one) for one in found.get("notes", [])]
    return "\n".join([line, *notes] if line else notes)
