"""The search field and the chips of what is asked for: words, images, filters."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPixmap,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QSizePolicy, QWidget

from app.style.theme import Theme
from app.widgets.chip import Chip
from app.widgets.suggestions import Suggestion, Suggestions

TYPING_PAUSE_MS = 180


@dataclass(frozen=True)
class ChipSpec:
    """One chip: ``key`` tells whoever removes it what it stood for."""

    key: tuple[str, object]
    text: str
    picture: QPixmap | None = None


class SearchField(QLineEdit):
    """A line edit that lets an image be pasted, walks the lines below it, and is emptied by Escape."""

    image_pasted = Signal()
    left = Signal()
    looked_at = Signal()  # by a click, or by the key that leads here

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.suggestions = Suggestions(theme, self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        lines, key = self.suggestions, event.key()
        if event.matches(QKeySequence.StandardKey.Paste) and holds_image():
            self.image_pasted.emit()
        elif key == Qt.Key.Key_Escape and lines.isVisible() and (lines.current or not self.text()):
            lines.hide()
        elif key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key == Qt.Key.Key_Up and lines.isVisible():
            lines.step(-1)
        elif key == Qt.Key.Key_Down and lines.isVisible() and lines.step(1):
            pass
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.looked_at.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.suggestions.hide()


def holds_image() -> bool:
    """Whether the clipboard has an image, or a file that is no text to type."""
    data = QGuiApplication.clipboard().mimeData()
    return data is not None and (data.hasImage() or data.hasUrls())


class SearchBar(QWidget):
    """Says what is searched for; shows what is in force."""

    typed = Signal(str)  # with every letter
    text_changed = Signal(str)  # after a pause in typing
    entered = Signal(str, object)  # what stands there, and the key of the line that is marked
    looked_at = Signal()
    pick_requested = Signal()
    paste_requested = Signal()
    saved_requested = Signal()
    filters_requested = Signal()
    chip_removed = Signal(object)  # the chip's key
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.field = SearchField(theme)
        self.field.setObjectName("searchField")
        self.show_words_known(False)
        self.field.setAccessibleName("Search")
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(200)
        self.field.setMaximumWidth(360)
        self.field.setFixedHeight(32)
        self.field.setAcceptDrops(False)  # what is dropped is the window's to take
        self._lens = QAction(self)
        self.field.addAction(self._lens, QLineEdit.ActionPosition.LeadingPosition)
        self._pick = QAction("Search with an image file", self)
        self._pick.triggered.connect(self.pick_requested)
        self.field.addAction(self._pick, QLineEdit.ActionPosition.TrailingPosition)
        self._saved = QAction("Saved searches  Ctrl+B", self)
        self._saved.triggered.connect(self.saved_requested)
        self.field.addAction(self._saved, QLineEdit.ActionPosition.TrailingPosition)
        self.filters = QPushButton("Filter")
        self.filters.setFixedHeight(32)
        self.filters.setAccessibleName("Filter by source, class, tag or format")
        self.filters.setToolTip("Filter by source, class, tag or format")
        self.filters.setIconSize(QSize(16, 16))
        self.filters.clicked.connect(self.filters_requested)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.say_now)
        self.field.textChanged.connect(self._follow_typing)
        self.field.returnPressed.connect(self._enter)
        self.field.looked_at.connect(self.looked_at)
        self.field.suggestions.chosen.connect(self._say_entered)
        self.field.image_pasted.connect(self.paste_requested)
        self.field.left.connect(self._leave)
        self._in_force, self._is_typed = "", True
        self._chips: list[Chip] = []
        holder = QWidget()
        self._chip_box = QHBoxLayout(holder)
        self._chip_box.setContentsMargins(0, 0, 0, 0)
        self._chip_box.setSpacing(4)
        self._chip_box.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(holder)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFixedHeight(36)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.field, 3)
        box.addWidget(self.filters)
        box.addWidget(self._scroll, 4)
        theme.changed.connect(self._recolour)
        self._recolour()

    def set_chips(self, specs: Sequence[ChipSpec]) -> None:
        """Show these chips, in order."""
        for chip in self._chips:
            self._chip_box.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for place, spec in enumerate(specs):
            chip = Chip(self._theme, spec.text, picture=spec.picture)
            chip.removed.connect(lambda key=spec.key: self.chip_removed.emit(key))
            self._chip_box.insertWidget(place, chip)
            self._chips.append(chip)

    @property
    def chip_texts(self) -> list[str]:
        """What the chips say."""
        return [chip.text for chip in self._chips]

    def set_text(self, text: str) -> None:
        """Put what is in force into the field without saying so; what is being typed stays."""
        if text == self._in_force:
            return
        self._in_force = text
        if self.field.text().strip() != text:
            self._is_typed = False  # with its signals blocked the field would keep its cross
            self.field.setText(text)
            self._is_typed = True

    def show_words_known(self, is_known: bool) -> None:
        """Say what may be typed: words for what pictures show, or names of files alone."""
        self.field.setPlaceholderText(
            "Describe a picture, or paste or drop one"
            if is_known
            else "Search file names, or paste or drop an image"
        )

    def suggest(
        self,
        lines: Sequence[Suggestion],
        *,
        current: int = 0,
        title: str = "",
        hints: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Offer these below the field; none closes them."""
        self.field.suggestions.show_lines(lines, current=current, title=title, hints=hints)

    @property
    def suggested(self) -> list[str]:
        """What the lines below the field say, while they show."""
        lines = self.field.suggestions
        return [one.text for one in lines.specs] if lines.isVisible() else []

    def focus_field(self) -> None:
        """Put the cursor into the field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self.looked_at.emit()

    def say_now(self) -> None:
        """Search at once, without waiting for a pause in typing."""
        self._pause.stop()
        self.text_changed.emit(self.field.text().strip())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ParentChange:  # its lines lie in the window: they come along
            self.field.suggestions.hide()
            self.field.suggestions.setParent(self.field)
        return super().event(event)

    def _follow_typing(self) -> None:
        if self._is_typed:
            self._pause.start()
            self.typed.emit(self.field.text().strip())

    def _enter(self) -> None:
        lines = self.field.suggestions
        marked = lines.current if lines.isVisible() else None
        lines.hide()
        self._say_entered(marked.key if marked is not None else None)

    def _say_entered(self, key: tuple[str, str] | None) -> None:
        self._pause.stop()
        self.entered.emit(self.field.text().strip(), key)

    def _leave(self) -> None:
        if self._pause.isActive():
            self.say_now()
        self.left.emit()

    def _recolour(self) -> None:
        self._lens.setIcon(self._theme.icon("search"))
        self._pick.setIcon(self._theme.icon("image-search"))
        self._saved.setIcon(self._theme.icon("bookmark"))
        self.filters.setIcon(self._theme.icon("filter"))
