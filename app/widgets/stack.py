"""A tab's content, or the sentence that stands there while there is none."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from app.widgets.parts import EmptyState


class Stack(QStackedWidget):
    """Two pages: what was found, and what is to be said instead."""

    def __init__(self, body: QWidget, first: QWidget) -> None:
        """``first`` gets the keyboard when ``body`` comes to be shown under it."""
        super().__init__()
        self._first = first
        self.empty = EmptyState()
        self.addWidget(self.empty)
        self.addWidget(body)
        self.words = ""

    @property
    def is_body_shown(self) -> bool:
        return self.currentIndex() == 1

    def show_body(self) -> None:
        """What was found."""
        had_focus = self.empty.isAncestorOf(QApplication.focusWidget() or self)
        self.setCurrentIndex(1)
        if had_focus:
            self._first.setFocus()

    def say(self, title: str, words: str, *choices: tuple[str, Callable[[], object]]) -> None:
        """What there is to say instead, with what can be done."""
        self.words = f"{title}. {words}"
        self.empty.show_state(title, words, *choices)
        self.setCurrentIndex(0)
