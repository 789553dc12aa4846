"""The dialog "is there a newer version": it asks before the network is used, and says what was found."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.parts import button, column, label, row
from app.widgets.switch import Switch
from core.records import Release

WIDE_PX = 480
BY_ITSELF = "Look by itself, once a week"


class NewerDialog(QDialog):
    """One state at a time: the question, looking, the answer, what went wrong."""

    look_wanted = Signal()  # the person agrees to it
    page_wanted = Signal(str)
    by_itself_chosen = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("A newer version")
        self.setFixedWidth(WIDE_PX)
        self._page = ""
        self.title = label("", "title", wraps=True)
        self.words = label("", "muted", wraps=True)
        self.changes = label("", wraps=True)
        self.by_itself = Switch(theme, BY_ITSELF)
        self.by_itself.clicked.connect(self.by_itself_chosen)
        name = label(BY_ITSELF)
        name.setBuddy(self.by_itself)
        when = label("When Lookalike starts. Off until you turn it on.", "muted")
        self._switch = row(column(name, when, gap_px=2), None, self.by_itself)
        self.look = button("Look now", self.look_wanted.emit, "primary")
        self.page = button("Open its page", lambda: self.page_wanted.emit(self._page), "primary")
        self.close_button = button("Close", self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 24, 24, 16)
        box.setSpacing(8)
        for widget in (self.title, self.words, self.changes):
            box.addWidget(widget)
        box.addSpacing(8)
        box.addWidget(self._switch)
        box.addSpacing(8)
        box.addWidget(row(None, self.close_button, self.look, self.page))

    def show_question(self, host: str, running: str) -> None:
        """Before anything is asked of the network."""
        self._show(
            "Look for a newer version?",
            f"Lookalike would ask {host} for one small file that names the newest version. It sends its own "
            f"name and version ({running}), and nothing of you or your pictures. Once you agree, you are not "
            "asked again.",
            look="Look now",
            close="Not now",
        )

    def show_looking(self, host: str) -> None:
        """While it is asked."""
        self._show("Looking for a newer version…", f"Asking {host}.")

    def show_release(self, release: Release, running: str) -> None:
        """What was found."""
        dated = f", of {release.date}" if release.date else ""
        if release.is_newer:
            self._page = release.page
            self._show(
                f"Lookalike {release.version} is available",
                f"You have {running}. The newest is {release.version}{dated}. Your catalogues and settings "
                "stay where they are when you install it.",
                changes="\n".join(f"•  {line}" for line in release.changes),
                page=bool(release.page),
            )
        else:
            self._show(
                "You have the newest version",
                f"You have {running}; the newest that is published is {release.version}{dated}.",
            )

    def show_problem(self, words: str, *, page: str = "", can_try: bool = True) -> None:
        """Why it cannot be told, in a sentence."""
        self._page = page
        self._show(
            "Could not look for a newer version",
            words,
            look="Try again" if can_try else "",
            page=bool(page),
        )
        self._switch.setVisible(can_try)

    def _show(
        self,
        title: str,
        words: str,
        *,
        changes: str = "",
        look: str = "",
        page: bool = False,
        close: str = "Close",
    ) -> None:
        self.title.setText(title)
        self.words.setText(words)
        self.changes.setText(changes)
        self.changes.setVisible(bool(changes))
        self.look.setText(look)
        self.look.setVisible(bool(look))
        self.page.setVisible(page)
        self.close_button.setText(close)
        self.setAccessibleDescription(f"{title}. {words}")
        first = self.look if look else self.page if page else self.close_button
        first.setDefault(True)
        first.setFocus()
        self.adjustSize()
