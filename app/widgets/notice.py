"""A calm sentence inside a page: what is to be known of what stands below it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from app.style import icons
from app.style.theme import Theme
from app.widgets.parts import label

ICON_PX = 16


class Notice(QFrame):
    """Hidden while there is nothing to say; it cannot be closed, since it stays true. Calm where ``is_warning`` is
    False: what it says is worth knowing, and nothing is wrong."""

    def __init__(self, theme: Theme, *, is_warning: bool = True) -> None:
        super().__init__()
        self._theme, self._is_warning = theme, is_warning
        self.setObjectName("notice" if is_warning else "calmNotice")
        self._mark = QLabel()
        self._text = label("", wraps=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box = QHBoxLayout(self)
        box.setContentsMargins(12, 8, 16, 8)
        box.setSpacing(8)
        box.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(self._text, 1)
        theme.changed.connect(self._recolour)
        self._recolour()
        self.hide()

    @property
    def message(self) -> str:
        """What it says, or nothing while it is hidden."""
        return self._text.text() if not self.isHidden() else ""

    def say(self, sentence: str) -> None:
        """Say this; nothing hides it."""
        if sentence != self._text.text():
            self._text.setText(sentence)
            self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def _recolour(self) -> None:
        tokens = self._theme.tokens
        icon, ink = ("alert", tokens.warning) if self._is_warning else ("info", tokens.muted)
        self._mark.setPixmap(icons.pixmap(icon, ink, ICON_PX, self.devicePixelRatioF()))
