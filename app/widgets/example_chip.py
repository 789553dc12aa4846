"""One example of a search: its picture and name, on the side of more or of less."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from app.style.theme import Theme
from app.widgets.parts import label

PICTURE_PX = 28
MINUS = "−"
_TURN = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ExampleChip(QFrame):
    """A sign that turns it to the other side, and a cross. ``sign`` is "+", "−", or nothing where it has
    only one side. By keyboard: Space turns, + and - choose a side, Delete removes."""

    turned = Signal()
    removed = Signal()
    focused = Signal()

    def __init__(
        self, theme: Theme, sign: str, text: str, picture: QImage | None, name_px: int
    ) -> None:
        """``name_px`` is the room that its name has."""
        super().__init__()
        self.setObjectName("exampleChip")
        self.setProperty("side", "unwanted" if sign == MINUS else "wanted")
        self.setFixedHeight(36)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.text = f"{sign} {text}".strip()
        self._theme, self._sign = theme, sign
        side = {"+": "More like ", MINUS: "Less like "}.get(sign, "")
        how = "Space turns it, " if sign else ""
        self.setAccessibleName(f"{side}{text}. {how}Delete removes it")
        box = QHBoxLayout(self)
        box.setContentsMargins(4, 3, 4, 3)
        box.setSpacing(6)
        self.side = QToolButton()
        self.side.setObjectName("side")
        self.side.setText(sign)
        self.side.setFixedSize(22, 24)
        self.side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        other = "More" if sign == MINUS else "Less"
        self.side.setToolTip(f"{other} like this instead")
        self.side.clicked.connect(self.turned)
        box.addWidget(self.side)
        self.side.setVisible(bool(sign))
        if picture is not None and not picture.isNull():
            shown = QLabel()
            shown.setFixedSize(PICTURE_PX, PICTURE_PX)
            shown.setPixmap(_rounded(picture, self.devicePixelRatioF()))
            box.addWidget(shown)
        name = label("")
        name.setText(name.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, name_px))
        name.setToolTip(text)
        box.addWidget(name)
        self.cross = QToolButton()
        self.cross.setIconSize(QSize(14, 14))
        self.cross.setFixedSize(20, 20)
        self.cross.setStyleSheet("padding: 0;")
        self.cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cross.setToolTip(f"Take {text} out of the search")
        self.cross.clicked.connect(self.removed)
        self.cross.setIcon(theme.icon("close"))
        box.addWidget(self.cross)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        turning = {
            "+": (Qt.Key.Key_Minus, *_TURN),
            MINUS: (Qt.Key.Key_Plus, *_TURN),
        }.get(self._sign, ())
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif key in turning:
            self.turned.emit()
        else:
            super().keyPressEvent(event)


def _rounded(picture: QImage, ratio: float) -> QPixmap:
    side_px = round(PICTURE_PX * ratio)
    shown = QPixmap(side_px, side_px)
    shown.fill(Qt.GlobalColor.transparent)
    painter = QPainter(shown)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, side_px, side_px), 4 * ratio, 4 * ratio)
    painter.setClipPath(path)
    painter.drawImage(QRectF(0, 0, side_px, side_px), picture)
    painter.end()
    shown.setDevicePixelRatio(ratio)
    return shown
