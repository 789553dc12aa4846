"""A combo box that draws its own small arrow in the theme's colour."""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from app.style import icons
from app.style.theme import Theme

ARROW_PX = 14


class Choice(QComboBox):
    """One of a few words."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setToolTip(name)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        colour = self._theme.tokens.muted if self.isEnabled() else self._theme.tokens.border
        arrow = icons.pixmap("chevron-down", colour, ARROW_PX, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - ARROW_PX - 4, (self.height() - ARROW_PX) // 2, arrow)
        painter.end()
