"""Removal: what would go and what stays, the check of every file, the removal itself, and the way back."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.picture_rows import RowsModel
from app.models.removal_rows import PlanState, RemovalRow, act_words, told
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.duplicates.removal_side import RemovalSide
from app.widgets import text
from app.widgets.notice import Notice
from app.widgets.parts import button, column, label, row
from app.widgets.removal_rows import LEFT_HEADS, PLAN_HEADS, RemovalHead, RemovalList
from app.widgets.stack import Stack

SIDE_PX, HEAD_PX, FOOT_PX = 288, 48, 56
ALL_STATES = ("plan", "sure", "busy", "report")


class RemovalPanel(QWidget):
    """Says what is wanted of a plan. ``side`` says what goes; the foot is a plan, a question, work or a report."""

    check_wanted = Signal()
    apply_wanted = Signal()
    stop_wanted = Signal()
    save_wanted = Signal()
    again_wanted = Signal()  # another plan, after a report
    restore_wanted = Signal(str)  # the removal just done
    manifest_wanted = Signal()
    turned = Signal(object)  # image ids to be taken out of the plan, or put back
    opened = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.side = RemovalSide(theme)
        self.model: RowsModel[RemovalRow] = RowsModel(told, self)
        self.list = RemovalList(theme, thumbnails, self.model)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.state: PlanState | None = None
        self._is_writable = True
        self._uid = ""
        self.title = label("", "title")
        self.note = label("", "muted")
        self.keep_plan = button("Save the plan…", self.save_wanted.emit)
        self.notice = Notice(theme)
        self._build_foot()
        head = row(self.title, self.note, None, self.keep_plan, margins=(16, 8, 16, 8))
        head.setFixedHeight(HEAD_PX)
        self.heads = RemovalHead(theme, self.list)
        body = column(head, self.notice, self.heads, self.list, self.foot, gap_px=0)
        box = body.layout()
        assert isinstance(box, QVBoxLayout)
        box.setStretchFactor(self.list, 1)
        self.stack = Stack(body, self.list)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setHandleWidth(1)
        sides.setChildrenCollapsible(False)
        sides.addWidget(self.side)
        sides.addWidget(self.stack)
        sides.setStretchFactor(1, 1)
        sides.setSizes([SIDE_PX, 900])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(sides)
        self.list.opened.connect(self.opened)
        self.list.turned.connect(self.turned)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._show_actions())
        self.say_nothing()

    def _build_foot(self) -> None:
        self.take_out = button("Take out  Del", lambda: self.turned.emit(self.list.chosen_images()))
        self.sums = label("", "muted")
        self.check = button("Check every file", self.check_wanted.emit)
        self.act = button("", self.ask, "primary")
        self.question = label("", wraps=True)
        self.not_now = button("Not now  Esc", self.leave)
        self.sure = button("", self._begin, "primary")
        self.progress = label("", "")
        self.stop = button("Stop", self.stop_wanted.emit)
        self.report = label("", "section", wraps=True)
        self.restore = button("Restore all of it", lambda: self.restore_wanted.emit(self._uid))
        self.manifest = button("Show the manifest", self.manifest_wanted.emit)
        self.again = button("Plan again", self.again_wanted.emit, "primary")
        self.foot = QStackedWidget()
        self.foot.setObjectName("bar")
        for one in (
            row(self.take_out, self.sums, None, self.check, self.act, margins=(16, 8, 16, 8)),
            row(self.question, self.not_now, self.sure, margins=(16, 8, 16, 8)),
            row(self.progress, None, self.stop, margins=(16, 8, 16, 8)),
            row(self.report, self.manifest, self.restore, self.again, margins=(16, 8, 16, 8)),
        ):
            self.foot.addWidget(one)
        for words in (self.question, self.report):
            words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.foot.setFixedHeight(FOOT_PX)

    @property
    def phase(self) -> str:
        """ "plan", "sure" (the question), "busy" or "report"."""
        return ALL_STATES[self.foot.currentIndex()]

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the panel is shown."""
        return self.list if self.stack.is_body_shown else self.side.exact

    # -- what is shown

    def say_nothing(self, sentence: str = "", *, is_final: bool = False) -> None:
        """There is nothing that would go."""
        self.state = None
        self._turn("plan")
        title = "Nothing to remove" if is_final else "Nothing to remove yet"
        self.stack.say(
            title,
            sentence
            or "Find duplicates first. Nothing goes before you have seen the plan, and all of it can be "
            "restored.",
        )

    def show_plan(self, state: PlanState, notes: Sequence[str] = ()) -> None:
        """A plan, or the same one with other files taken out."""
        is_same = self.state is not None and self.state.plan.uid == state.plan.uid
        is_same &= len(self.model.rows) == len(state.rows)
        self.state = state
        self.heads.show_names(PLAN_HEADS)
        (self.model.change_rows if is_same else self.model.set_rows)(state.rows)
        groups = text.plural(state.stays, "group")
        self.title.setText(f"{text.plural(state.files, 'file')} would go")
        self.note.setText(f"{text.size(state.size_bytes)}  ·  {groups}, each keeps a file")
        more = state.plan.files - len(state.rows)
        shown = (
            [f"The first {len(state.rows):,} are shown; a saved plan lists all."] if more else []
        )
        self.notice.say(" ".join((*notes, *shown)))
        self._turn("plan")
        self.stack.show_body()
        self._show_actions()

    def show_busy(self, words: str) -> None:
        """What is under way."""
        self.progress.setText(words)
        self.progress.setAccessibleName(words)
        if self.phase != "busy":
            had_focus = self.foot.isAncestorOf(QApplication.focusWidget() or self)
            self._turn("busy")
            if had_focus:
                self.stop.setFocus()
        self.side.setEnabled(False)
        self.keep_plan.setEnabled(False)

    def show_rest(self) -> None:
        """Nothing is under way any more; a report stays."""
        if self.phase == "busy":
            self._turn("plan")
            self._show_actions()

    def show_report(
        self, uid: str, words: str, rows: Sequence[RemovalRow], notes: Sequence[str]
    ) -> None:
        """What came of it; ``rows`` are the files that stayed, with their reasons."""
        self._uid = uid
        self.model.set_rows(rows)
        self.title.setText("Done")
        left = f"{text.plural(len(rows), 'file')} could not go"
        self.note.setText(left if rows else "All of them went.")
        self.heads.show_names(LEFT_HEADS)
        self.notice.say(" ".join(notes))
        self.report.setText(words)
        self.report.setAccessibleName(words)
        self.restore.setVisible(bool(uid))
        self.manifest.setVisible(bool(uid))
        self._turn("report")
        self.stack.show_body()
        self._show_actions()
        self.again.setFocus()

    def show_writable(self, is_writable: bool) -> None:
        """Whether anything can be removed."""
        self._is_writable = is_writable
        self._show_actions()

    def ask(self) -> None:
        """Show the last question, with the keyboard on the way back."""
        if self.state is None or self.phase != "plan" or not self.act.isEnabled():
            return
        self.question.setText(
            "Every file is checked once more right before it goes, and all of it can be restored."
        )
        self.sure.setText(self.act.text())
        self._turn("sure")
        self.not_now.setFocus()

    def leave(self) -> None:
        """Back from the question to the plan."""
        if self.phase == "sure":
            self._turn("plan")
            self.act.setFocus()

    def _begin(self) -> None:
        if self.phase == "sure":
            self.apply_wanted.emit()

    def _turn(self, phase: str) -> None:
        self.foot.setCurrentIndex(ALL_STATES.index(phase))
        self.side.setEnabled(phase in ("plan", "report"))
        self.keep_plan.setVisible(phase in ("plan", "busy"))

    def _show_actions(self) -> None:
        state, chosen = self.state, self.list.chosen_rows()
        is_plan = state is not None and self.phase == "plan"
        rows = [self.model.rows[at] for at in chosen]
        self.take_out.setEnabled(is_plan and bool(rows))
        is_back = bool(rows) and all(one.is_out for one in rows)
        self.take_out.setText("Put back  Del" if is_back else "Take out  Del")
        self.keep_plan.setEnabled(is_plan)
        if state is None:
            return
        parts = [f"{state.out:,} taken out"] if state.out else []
        parts += [f"{state.refused:,} cannot go"] if state.refused else []
        self.sums.setText("  ·  ".join(parts))
        can = is_plan and self._is_writable and state.files > 0
        self.check.setEnabled(is_plan and state.files > 0)
        self.act.setEnabled(can)
        self.act.setText(act_words(state.plan, state.files, state.size_bytes))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.phase == "sure":
            self.leave()
        else:
            super().keyPressEvent(event)
