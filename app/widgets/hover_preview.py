"""The card beside the cursor: picture, name and class of the point under it."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.widgets.parts import label

# Name, class and thumbnail of (image id, content id), as far as they are here.
Parts = Callable[[int, int], tuple[str, str, object]]


class HoverPreview(QFrame):
    """The picture of the point under the cursor."""

    def __init__(self, parent: QWidget, parts: Parts) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._parent, self._parts = parent, parts
        self._shown = (-1, -1)
        self._place = QPoint()
        self._picture, self._name, self._group = QLabel(), label(), label("", "muted")
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(2)
        for widget in (self._picture, self._name, self._group):
            box.addWidget(widget)
        self.hide()

    def show_image(self, image_id: int, content: int, place: QPoint) -> None:
        """Show it beside the cursor."""
        self._shown, self._place = (image_id, content), place
        self.show()
        self.raise_()
        self.refresh()

    def refresh(self) -> None:
        """Take in what came since."""
        if self.isHidden():
            return
        name, group, pixmap = self._parts(*self._shown)
        metrics = self.fontMetrics()
        self._name.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, 200))
        self._group.setText(metrics.elidedText(group, Qt.TextElideMode.ElideRight, 200))
        if pixmap is not None:
            self._picture.setPixmap(pixmap)  # type: ignore[arg-type]
        else:
            self._picture.clear()
        self.adjustSize()
        room = self._parent.rect().adjusted(4, 4, -4, -4)
        x, y = self._place.x() + 16, self._place.y() + 16
        if x + self.width() > room.right():
            x = self._place.x() - 16 - self.width()
        if y + self.height() > room.bottom():
            y = self._place.y() - 16 - self.height()
        self.move(max(room.left(), x), max(room.top(), y))
