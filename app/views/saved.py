"""The saved searches, below the search field: run, rename, turn round, remove."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets import keyboard
from app.widgets.corners import round_corners
from app.widgets.inline_field import NameField
from app.widgets.parts import ElidedLabel, IconButton, column, label, scrolling

WIDTH_PX, LINE_PX, MOST_PX = 440, 52, 420


@dataclass(frozen=True)
class SavedSpec:
    """One line: ``words`` say what is asked, or why it cannot be."""

    name: str
    words: str
    is_good: bool = True
    can_turn: bool = True


class SavedLine(QFrame):
    """Enter or a click runs it, F2 renames it, R turns it round, Delete removes it."""

    chosen = Signal()
    renamed = Signal(str)
    turned = Signal()
    removed = Signal()
    stepped = Signal(int)

    def __init__(self, theme: Theme, spec: SavedSpec, is_editable: bool) -> None:
        super().__init__()
        self.setObjectName("savedLine")
        self.setFixedHeight(LINE_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"{spec.name}: {spec.words}")
        self.spec, self._is_editable = spec, is_editable
        name, words = ElidedLabel(spec.name), ElidedLabel(spec.words, "muted")
        for one in (name, words):
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.field = NameField(spec.name)
        self.field.setMaxLength(100)
        self.field.setAccessibleName(f"Another name for {spec.name}")
        self.field.returnPressed.connect(self._take_name)
        self.field.left.connect(self.stop_renaming)
        self._stack = QStackedWidget()
        self._stack.addWidget(column(name, words, gap_px=1))
        self._stack.addWidget(self.field)
        self._stack.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.turn = IconButton(theme, "reverse", "Turn round  R", 16)
        self.rename = IconButton(theme, "rename", "Rename  F2", 16)
        self.remove = IconButton(theme, "close", "Remove  Del", 16)
        self.turn.clicked.connect(self.turned)
        self.rename.clicked.connect(self.start_renaming)
        self.remove.clicked.connect(self.removed)
        box = QHBoxLayout(self)
        box.setContentsMargins(10, 5, 6, 5)
        box.setSpacing(2)
        box.addWidget(self._stack, 1)
        for choice in (self.turn, self.rename, self.remove):
            choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            box.addWidget(choice)
            choice.setVisible(is_editable)
        self.turn.setEnabled(spec.is_good and spec.can_turn)

    def start_renaming(self) -> None:
        """Put the cursor into its name."""
        self.field.setText(self.spec.name)
        self._stack.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
        self._stack.setCurrentIndex(1)
        self.field.setFocus()
        self.field.selectAll()

    def stop_renaming(self) -> None:
        """The name stays."""
        self._stack.setCurrentIndex(0)
        self._stack.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocus()

    def _take_name(self) -> None:
        name = self.field.text().strip()
        self.stop_renaming()
        if name and name != self.spec.name:
            self.renamed.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, edits = event.key(), self._is_editable
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.spec.is_good:
            self.chosen.emit()
        elif key == Qt.Key.Key_F2 and edits:
            self.start_renaming()
        elif key == Qt.Key.Key_R and edits and self.turn.isEnabled():
            self.turned.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and edits:
            self.removed.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        is_here = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and is_here and self.spec.is_good:
            self.chosen.emit()


class SavedPopup(QFrame):
    """Opens below the search field. Says which search was meant, and what is to be done with it."""

    chosen = Signal(str)
    renamed = Signal(str, str)  # old, new
    turned = Signal(str)
    removed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAccessibleName("Saved searches")
        self._theme = theme
        self.lines: list[SavedLine] = []
        self._current = 0
        self._wanted = ""  # the line that is to have the keyboard when they are shown anew
        self._empty = label(
            "No search is saved yet. Ask something, then press Ctrl+S to keep it under a name.",
            "muted",
            wraps=True,
        )
        self._empty.setContentsMargins(10, 4, 10, 8)
        self._holder = QVBoxLayout()
        self._holder.setContentsMargins(0, 0, 0, 0)
        self._holder.setSpacing(2)
        inner = QWidget()
        inner.setLayout(self._holder)
        self._scroll = scrolling(inner)
        title = label("Saved searches", "section")
        title.setContentsMargins(10, 4, 8, 4)
        self._hint = label("Enter runs · F2 renames · R turns round · Del removes", "muted")
        self._hint.setContentsMargins(10, 4, 8, 2)
        box = QVBoxLayout(self)
        box.setContentsMargins(6, 6, 6, 6)
        box.setSpacing(2)
        for one in (title, self._scroll, self._empty, self._hint):
            box.addWidget(one)

    def open_below(self, anchor: QWidget) -> None:
        """Show it under the search field."""
        place = anchor.mapToGlobal(QPoint(0, anchor.height() + 4))
        window = anchor.window().frameGeometry()
        self._fit()
        self.move(min(place.x(), window.right() - self.width() - 8), place.y())
        self.show()
        self._focus_line()

    def show_searches(self, specs: Sequence[SavedSpec], *, is_editable: bool) -> None:
        """List these, by name."""
        focused = next((at for at, one in enumerate(self.lines) if one.hasFocus()), 0)
        for line in self.lines:
            self._holder.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = []
        for at, spec in enumerate(specs):
            line = SavedLine(self._theme, spec, is_editable)
            line.chosen.connect(lambda name=spec.name: self._choose(name))
            line.renamed.connect(lambda new, name=spec.name: self._rename(name, new))
            line.turned.connect(lambda name=spec.name: self.turned.emit(name))
            line.removed.connect(lambda name=spec.name: self.removed.emit(name))
            line.stepped.connect(lambda by, at=at: self._step(at, by))
            self._holder.addWidget(line)
            line.show()
            self.lines.append(line)
        self._empty.setVisible(not specs)
        self._scroll.setVisible(bool(specs))
        self._hint.setVisible(bool(specs) and is_editable)
        names = [spec.name for spec in specs]
        self._current = names.index(self._wanted) if self._wanted in names else focused
        self._wanted = ""
        if self.isVisible():
            self._fit()
            self._focus_line()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        round_corners(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif not keyboard.press_focused(event):
            super().keyPressEvent(event)

    def _fit(self) -> None:
        lines = len(self.lines) * (LINE_PX + 2)
        self._scroll.setFixedHeight(min(MOST_PX, lines))
        self.setFixedWidth(WIDTH_PX)
        self.ensurePolished()
        box = self.layout()
        assert box is not None
        box.activate()
        self.setFixedHeight(box.totalHeightForWidth(WIDTH_PX) if box.hasHeightForWidth()
                            else box.totalSizeHint().height())  # fmt: skip

    def _focus_line(self) -> None:
        if self.lines:
            self.lines[min(self._current, len(self.lines) - 1)].setFocus()
        else:
            self.setFocus()

    def _choose(self, name: str) -> None:
        self.hide()
        self.chosen.emit(name)

    def _rename(self, old: str, new: str) -> None:
        self._wanted = new
        self.renamed.emit(old, new)

    def _step(self, at: int, by: int) -> None:
        self.lines[max(0, min(len(self.lines) - 1, at + by))].setFocus()
