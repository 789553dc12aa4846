"""What may be meant by what is being typed: a few lines below a field, which keeps the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.style import icons
from app.style.theme import Theme
from app.widgets.corners import round_corners
from app.widgets.parts import ElidedLabel, label

WIDTH_PX, MARGIN_PX, ICON_PX = 400, 8, 18


@dataclass(frozen=True)
class Suggestion:
    """One line. ``key`` tells whoever hears of the choice what was meant; ``note`` stands below."""

    key: tuple[str, str]
    icon: str
    text: str
    note: str = ""
    is_enabled: bool = True


class _Line(QFrame):
    """An icon, the words, and the key that takes it while it is the current one."""

    chosen = Signal()
    entered = Signal()

    def __init__(self, theme: Theme, spec: Suggestion) -> None:
        super().__init__()
        self.setObjectName("suggestion")
        self.spec = spec
        tokens = theme.tokens
        picture = QLabel()
        picture.setFixedSize(QSize(ICON_PX, ICON_PX))
        picture.setPixmap(icons.pixmap(spec.icon, tokens.muted, ICON_PX, self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(2)
        self._text = ElidedLabel(spec.text, "" if spec.is_enabled else "muted")
        words.addWidget(self._text)
        if spec.note:
            words.addWidget(ElidedLabel(spec.note, "muted"))
        self._key = label("Enter")
        self._key.setObjectName("keyCap")
        box = QHBoxLayout(self)
        box.setContentsMargins(8, 7, 8, 7)
        box.setSpacing(10)
        box.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(words, 1)
        box.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)
        for part in (picture, self._text, self._key):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setMouseTracking(True)
        self.show_current(False)

    def show_current(self, is_current: bool) -> None:
        """Mark it as the one that Enter takes."""
        policy = self._key.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the words keep their width as the mark moves on
        self._key.setSizePolicy(policy)
        self._key.setVisible(is_current)
        self.setProperty("current", is_current)
        for part in (self, self._key):
            part.style().unpolish(part)
            part.style().polish(part)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        # Not when the line comes to lie under a pointer that rests.
        self.entered.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.spec.is_enabled and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()


class Suggestions(QFrame):
    """Lies over the window below its field, and never takes the focus."""

    chosen = Signal(object)  # the line's key

    def __init__(self, theme: Theme, field: QWidget) -> None:
        super().__init__(field)
        self.setObjectName("popup")
        self._theme, self._field = theme, field
        self._lines: list[_Line] = []
        self._current = -1
        self._title = label("", "section")
        self._title.setContentsMargins(8, 4, 8, 0)
        self._hints: tuple[tuple[str, str], ...] = ()
        self._hint = QFrame()
        self._hint.setObjectName("suggestionHint")
        self._hint_grid = QGridLayout(self._hint)
        self._hint_grid.setContentsMargins(8, 8, 8, 4)
        self._hint_grid.setHorizontalSpacing(16)
        self._hint_grid.setVerticalSpacing(2)
        self._hint_grid.setColumnStretch(1, 1)
        self._holder = QVBoxLayout()
        self._holder.setSpacing(0)
        box = QVBoxLayout(self)
        box.setContentsMargins(6, 6, 6, 6)
        box.setSpacing(0)
        box.addWidget(self._title)
        box.addLayout(self._holder)
        box.addWidget(self._hint)
        theme.changed.connect(self._redraw)
        self.hide()

    @property
    def specs(self) -> list[Suggestion]:
        """What the lines say, top to bottom."""
        return [one.spec for one in self._lines]

    @property
    def current(self) -> Suggestion | None:
        """The line that Enter takes."""
        return self._lines[self._current].spec if self._current >= 0 else None

    def show_lines(
        self,
        specs: Sequence[Suggestion],
        *,
        current: int = 0,
        title: str = "",
        hints: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Open with these lines, of which one is marked (-1: none); without any it closes.

        ``hints`` stand below them: what may be typed, and what that means.
        """
        for line in self._lines:
            self._holder.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines, self._current = [], -1
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._show_hints(tuple(hints))
        for place, spec in enumerate(specs):
            line = _Line(self._theme, spec)
            line.chosen.connect(lambda key=spec.key: self._choose(key))
            line.entered.connect(lambda at=place: self._mark(at))
            self._holder.addWidget(line)
            line.show()  # else it would take no room before the next turn of the event loop
            self._lines.append(line)
        if not specs:
            self.hide()
            return
        self._mark(current if specs[current].is_enabled else -1)
        self._open()

    def step(self, by: int) -> bool:
        """Mark the next or the previous line; False where there is none any more."""
        place = self._current + by
        while 0 <= place < len(self._lines) and not self._lines[place].spec.is_enabled:
            place += by
        if not 0 <= place < len(self._lines):
            return False
        self._mark(place)
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        round_corners(self)

    def _show_hints(self, hints: tuple[tuple[str, str], ...]) -> None:
        if hints != self._hints:
            while (item := self._hint_grid.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.deleteLater()
            for row, (typed, meaning) in enumerate(hints):
                for column, one in enumerate((label(typed), label(meaning, "muted"))):
                    self._hint_grid.addWidget(one, row, column)
                    one.show()
            self._hints = hints
        self._hint.setVisible(bool(hints))

    def _choose(self, key: tuple[str, str]) -> None:
        self.hide()
        self.chosen.emit(key)

    def _mark(self, place: int) -> None:
        if place >= 0 and not self._lines[place].spec.is_enabled:
            return
        if 0 <= self._current < len(self._lines):
            self._lines[self._current].show_current(False)
        self._current = place
        if place < 0:
            return
        self._lines[place].show_current(True)
        # Screen readers read the field, which has the focus: it tells of the line.
        self._field.setAccessibleDescription(self._lines[place].spec.text)
        if QAccessible.isActive():
            event = QAccessibleEvent(self._field, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)

    def _open(self) -> None:
        window = self._field.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        width_px = max(WIDTH_PX, self._field.width())
        place = self._field.mapTo(window, QPoint(0, self._field.height() + 4))
        self.setFixedWidth(min(width_px, window.width() - 2 * MARGIN_PX))
        self.ensurePolished()
        box = self.layout()
        assert box is not None
        box.activate()
        self.setFixedHeight(box.totalSizeHint().height())
        self.move(min(place.x(), window.width() - self.width() - MARGIN_PX), place.y())
        self.show()
        self.raise_()

    def _redraw(self) -> None:
        if self.isVisible():
            place = self._current
            self.show_lines(self.specs, current=place, title=self._title.text(), hints=self._hints)
