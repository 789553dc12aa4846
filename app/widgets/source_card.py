"""One source: where it lies, what it holds, and what can be done with it; questions are asked in place."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets import text
from app.widgets.parts import ElidedLabel, IconButton, button, column, label, row
from app.widgets.tick import Tick
from core.catalogue.records import Source


class SourceCard(QFrame):
    """Shows a source; every signal is about this one."""

    look_wanted = Signal()
    watch_toggled = Signal(bool)
    move_wanted = Signal()
    rebind_confirmed = Signal(object)  # Path, the new place
    remove_confirmed = Signal()
    shown = Signal()
    missing_wanted = Signal()
    unreadable_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setProperty("kind", "source")
        self.source: Source | None = None
        self._is_writable = True
        self._name = label("", "title")
        self._absent = label("This folder is not there", "warning")
        self._place = ElidedLabel("", "muted")
        self._counts = label("", "muted")
        self._missing = _link("Show the missing images", self.missing_wanted.emit)
        self._unreadable = _link("Show the unreadable files", self.unreadable_wanted.emit)
        self._look = button("Look for new files", self.look_wanted.emit)
        self._moved = button("It has moved…", self.move_wanted.emit, "primary")
        self.watch = Tick(theme, "Watch")
        self.watch.setToolTip("New files appear by themselves while the catalogue is open.")
        self.watch.clicked.connect(self.watch_toggled)
        self._more = IconButton(theme, "more", "More about this folder", 18)
        self._more.clicked.connect(self._open_menu)
        head = row(
            self._name, self._absent, None, self.watch, self._look, self._moved, self._more,
            gap_px=12,
        )  # fmt: skip
        foot = row(self._counts, self._missing, self._unreadable, None, gap_px=4)
        foot.setMinimumHeight(24)
        self._question = QWidget()
        self._question_box = QVBoxLayout(self._question)
        self._question_box.setContentsMargins(0, 8, 0, 0)
        self._question.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 12, 12)
        box.addWidget(column(head, self._place, foot, self._question, gap_px=4))

    def show_source(self, source: Source, *, is_writable: bool) -> None:
        """Show how it stands."""
        if self.source is not None and self.source.path != source.path:
            self.calm()  # what was asked is answered
        self.source, self._is_writable = source, is_writable
        self.setAccessibleName(f"Source {source.name}")
        self._name.setText(source.name)
        self._place.set_text(source.path)
        parts = [text.plural(source.images, "image")]
        if source.ignored:
            parts.append(text.plural(source.ignored, "other file"))
        self._counts.setText("  ·  ".join(parts))
        self._missing.setText(f"{text.number(source.missing)} missing")
        self._missing.setVisible(source.missing > 0)
        self._unreadable.setText(f"{text.number(source.unreadable)} unreadable")
        self._unreadable.setVisible(source.unreadable > 0)
        self._absent.setVisible(not source.is_present)
        self._show_moved()
        self._look.setVisible(source.is_present)
        self._look.setEnabled(is_writable)
        self._look.setAccessibleName(f"Look for new files in {source.name}")
        self.watch.setVisible(source.is_present)
        self.watch.setEnabled(is_writable)
        self.watch.setChecked(source.is_watched)
        self.watch.setAccessibleName(f"Watch {source.name} for new files")
        self._more.setAccessibleName(f"More about {source.name}")

    def _show_moved(self) -> None:
        is_absent = self.source is not None and not self.source.is_present
        self._moved.setVisible(is_absent and self._is_writable and not self.is_asking)

    # -- questions

    def ask_rebind(self, place: Path, words: str, examples: list[str], *, is_likely: bool) -> None:
        """Say what lies at a new place, and ask whether the source is that from now on."""
        agree = button("Re-bind", self._confirming(lambda: self.rebind_confirmed.emit(place)))
        if is_likely:
            agree.setProperty("kind", "primary")
        shown: list[QWidget] = [label(f"New place: {place}", wraps=True), label(words, wraps=True)]
        if examples:
            listed = "\n".join(f"    {one}" for one in examples)
            shown.append(label(f"Changed or missing, for example\n{listed}", "muted", wraps=True))
        self._ask(agree, shown, focuses_agree=is_likely)

    def ask_removal(self) -> None:
        """Ask whether the source is to be forgotten."""
        source = self.source
        if source is None:
            return
        count = text.plural(source.images + source.missing, "image")
        agree = button(f"Remove {source.name}", self._confirming(self.remove_confirmed.emit))
        agree.setProperty("kind", "danger")
        words = (
            f"Remove {source.name} from the catalogue? Its {count} leave the catalogue, and the tags "
            "and labels on them are forgotten; this cannot be undone. The files themselves stay "
            "where they are."
        )
        self._ask(agree, [label(words, wraps=True)], focuses_agree=False)

    def calm(self) -> None:
        """Ask nothing any more."""
        had_focus = self._question.isAncestorOf(self.focusWidget() or self)
        while (item := self._question_box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._question.hide()
        self._show_moved()
        if had_focus:
            self._more.setFocus()

    @property
    def is_asking(self) -> bool:
        return not self._question.isHidden()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_asking:
            self.calm()
        else:
            super().keyPressEvent(event)

    def _ask(self, agree: QPushButton, shown: list[QWidget], *, focuses_agree: bool) -> None:
        self.calm()
        leave = button("Cancel", self.calm)
        for one in (*shown, row(agree, leave, None)):
            self._question_box.addWidget(one)
        self._question.show()
        self._show_moved()
        (agree if focuses_agree else leave).setFocus()

    def _confirming(self, say: Callable[[], object]) -> Callable[[], object]:
        def confirm() -> None:
            self.calm()
            say()

        return confirm

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_present = self.source is not None and self.source.is_present
        entries = (
            ("Show in file manager", self.shown.emit, is_present),
            ("Folder has moved…", self.move_wanted.emit, self._is_writable),
            ("Remove from the catalogue…", self.ask_removal, self._is_writable),
        )
        for name, call, can in entries:
            entry = menu.addAction(name)
            entry.triggered.connect(call)
            entry.setEnabled(can)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))


def _link(name: str, call: Callable[[], object]) -> QPushButton:
    result = button("", call, "quiet")
    result.setAccessibleName(name)
    result.setToolTip(name)
    result.setFixedHeight(24)
    result.setStyleSheet("padding: 2px 4px;")
    return result
