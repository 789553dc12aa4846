"""A card that floats over a plane, at the middle of its upper or lower edge, and moves nothing beneath it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

GAP_PX = 12
EDGES = ("top", "bottom", "corner")


class Floating(QFrame):
    """Holds a line of widgets over ``host``; hidden until it is shown."""

    def __init__(self, host: QWidget, edge: str) -> None:
        super().__init__(host)
        self.setObjectName("floating")
        self._host, self._edge = host, edge
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(12, 4, 6, 4)
        self.line.setSpacing(4)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        host.installEventFilter(self)
        self.hide()

    def rise(self) -> None:
        """Show it, where it belongs, over everything else of its host."""
        self.show()
        self.raise_()
        self.settle()

    def settle(self) -> None:
        """Take the place and the size that what it holds needs now."""
        if self.isHidden():
            return
        self.fit(self._host.width() - 2 * GAP_PX)
        self.adjustSize()
        wide = min(self.sizeHint().width(), max(0, self._host.width() - 2 * GAP_PX))
        self.resize(wide, self.sizeHint().height())
        left = (self._host.width() - self.width()) // 2 if self._edge != "corner" else GAP_PX
        below = self._host.height() - self.height() - GAP_PX
        self.move(max(0, left), GAP_PX if self._edge == "top" else max(0, below))

    def fit(self, room_px: int) -> None:
        """Leave out what has no room; for those that hold much."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self.settle()
        return False
