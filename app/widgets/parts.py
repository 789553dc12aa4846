"""Small parts that views are put together from."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.style.theme import Theme


def label(text: str = "", tone: str = "", *, wraps: bool = False) -> QLabel:
    """A text in one of the style sheet's tones."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    if tone:
        result.setProperty("tone", tone)
    result.setWordWrap(wraps)
    return result


def button(text: str, clicked: Callable[[], object], kind: str = "") -> QPushButton:
    """A push button; ``kind`` is primary, quiet or nothing."""
    result = QPushButton(text)
    if kind:
        result.setProperty("kind", kind)
    result.clicked.connect(lambda: clicked())
    return result


def row(*widgets: QWidget | int | None, gap_px: int = 8, margins: tuple[int, ...] = ()) -> QWidget:
    """Widgets side by side; None stretches, a number is a gap in pixels."""
    holder = QWidget()
    box = QHBoxLayout(holder)
    _fill(box, widgets, gap_px, margins)
    return holder


def column(
    *widgets: QWidget | int | None, gap_px: int = 8, margins: tuple[int, ...] = ()
) -> QWidget:
    """Widgets one below the other; None stretches, a number is a gap in pixels."""
    holder = QWidget()
    box = QVBoxLayout(holder)
    _fill(box, widgets, gap_px, margins)
    return holder


def scrolling(content: QWidget) -> QScrollArea:
    """``content`` as wide as there is room, scrolled up and down; the keyboard goes to what is in it."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(content)
    return scroll


def _fill(
    box: QHBoxLayout | QVBoxLayout,
    widgets: tuple[QWidget | int | None, ...],
    gap_px: int,
    margins: tuple[int, ...],
) -> None:
    box.setSpacing(gap_px)
    left, top, right, bottom = margins or (0, 0, 0, 0)
    box.setContentsMargins(left, top, right, bottom)
    for widget in widgets:
        if widget is None:
            box.addStretch(1)
        elif isinstance(widget, int):
            box.addSpacing(widget)
        else:
            box.addWidget(widget)


class IconButton(QToolButton):
    """A square button with a themed icon, a tooltip and an accessible name."""

    def __init__(self, theme: Theme, icon: str, name: str, size_px: int = 20) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self.setIconSize(QSize(size_px, size_px))
        self.set_name(name)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self._recolour)
        self._recolour()

    def set_name(self, name: str) -> None:
        """What it does, for the tooltip and for screen readers."""
        self.setToolTip(name)
        self.setAccessibleName(name)

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self._recolour()

    def follow(self, action: QAction) -> None:
        """Show the state of an action, and trigger it."""
        shortcut = action.shortcut().toString()
        text = action.text().replace("&", "")
        self.set_name(f"{text}  {shortcut}" if shortcut else text)
        self.setCheckable(action.isCheckable())

        def copy() -> None:
            self.setEnabled(action.isEnabled())
            if action.isCheckable():
                self.setChecked(action.isChecked())

        action.changed.connect(copy)
        self.clicked.connect(lambda: action.trigger())
        self.clicked.connect(copy)
        copy()

    def _recolour(self) -> None:
        self.setIcon(self._theme.icon(self._icon))


class EmptyState(QFrame):
    """What to do next, where there is nothing to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._title = label("", "title")
        self._text = label("", "muted", wraps=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMaximumWidth(360)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 24, 24, 24)
        box.setSpacing(8)
        box.addStretch(2)
        box.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        line = QHBoxLayout()  # an aligned label would be laid out without its wrapped height
        line.addStretch(1)
        line.addWidget(self._text, 100)
        line.addStretch(1)
        box.addLayout(line)
        box.addSpacing(8)
        box.addLayout(self._buttons)
        self._buttons.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)

    def show_state(self, title: str, text: str, *choices: tuple[str, Callable[[], object]]) -> None:
        """Say it, with up to a few buttons."""
        self._title.setText(title)
        self._text.setText(text)
        had_focus = self.isAncestorOf(QApplication.focusWidget() or self)
        gone = []
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                gone.append(widget)
        for number, (name, chosen) in enumerate(choices):
            one = button(name, chosen, "primary" if number == 0 else "")
            self._buttons.addWidget(one)
            if number == 0:
                self.setFocusProxy(one)
                if had_focus:
                    one.show()  # the layout would only do so later
                    one.setFocus()
        for widget in gone:
            widget.hide()
            widget.deleteLater()


class ElidedLabel(QLabel):
    """A text on one line that gives way in the middle, and tells all in its tooltip."""

    def __init__(self, text: str = "", tone: str = "") -> None:
        super().__init__()
        self._full = text
        self._mode = Qt.TextElideMode.ElideMiddle
        self.setTextFormat(Qt.TextFormat.PlainText)
        if tone:
            self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(24)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show this text."""
        self._full = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def full_text(self) -> str:
        return self._full

    def resizeEvent(self, event: object) -> None:
        self._elide()

    def _elide(self) -> None:
        metrics = self.fontMetrics()
        self.setText(metrics.elidedText(self._full, self._mode, max(24, self.width())))
