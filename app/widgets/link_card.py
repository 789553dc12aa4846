"""Two members of a group side by side, what is known of their link, and the four answers."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import thumb
from app.widgets.parts import ElidedLabel, IconButton, button, label, row
from app.widgets.verdict_bar import VerdictBar


class _Side(QWidget):
    """A picture as large as fits: the thumbnail until the sharp one comes."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, name: str) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails
        self._content, self._sharp = -1, QPixmap()
        self.setAccessibleName(name)
        self.setMinimumSize(120, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        thumbnails.arrived.connect(self.update)
        theme.changed.connect(self.update)

    def show_content(self, content_id: int) -> None:
        if content_id != self._content:
            self._content, self._sharp = content_id, QPixmap()
            self.update()

    def show_sharp(self, image: QImage) -> None:
        self._sharp = QPixmap.fromImage(image)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), self._theme.colour("canvas"))
        pixmap = self._sharp if not self._sharp.isNull() else self._thumbnails.get(self._content)
        if pixmap is not None and not pixmap.isNull():
            target = thumb.fitted(pixmap, QRectF(self.rect()))
            painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
        painter.end()


class LinkCard(QWidget):
    """Says what the person answers, and that the link is to be looked at no more."""

    answered = Signal(str)
    cut_wanted = Signal()
    compare_wanted = Signal()
    left = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self.title = ElidedLabel("", "title")
        self.note = label("", "muted")
        self.answers = VerdictBar()
        self.answers.answered.connect(self.answered)
        self.cut = button("Cut here  C", self.cut_wanted.emit)
        self.compare = button("Look closely", self.compare_wanted.emit)
        self.back = IconButton(theme, "close", "Back to all members  Esc", 18)
        self.back.clicked.connect(self.left)
        self.sides = _Side(theme, thumbnails, "One picture"), _Side(theme, thumbnails, "The other")
        self.names = ElidedLabel("", "muted"), ElidedLabel("", "muted")
        head = row(self.title, self.note, self.back, margins=(12, 4, 8, 4))
        pictures, named = QHBoxLayout(), QHBoxLayout()
        for box in (pictures, named):
            box.setSpacing(8)
        for side, name in zip(self.sides, self.names, strict=True):
            pictures.addWidget(side, 1)
            named.addWidget(name, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 8)
        outer.setSpacing(4)
        outer.addWidget(head)
        inner = QVBoxLayout()
        inner.setContentsMargins(12, 0, 12, 0)
        inner.setSpacing(4)
        inner.addLayout(pictures, 1)
        inner.addLayout(named)
        inner.addWidget(row(self.answers, None, self.compare, self.cut))
        outer.addLayout(inner, 1)

    def show_link(
        self, title: str, note: str, contents: tuple[int, int], names: tuple[str, str], verdict: str
    ) -> None:
        """Show this link; sharp pictures follow."""
        self.title.set_text(title)
        self.note.setText(note)
        for side, name, content, words in zip(self.sides, self.names, contents, names, strict=True):
            side.show_content(content)
            name.set_text(words)
        self._thumbnails.want(list(contents))
        self.answers.light(verdict)

    def show_sharp(self, number: int, image: QImage) -> None:
        """The picture of one side, decoded."""
        self.sides[number].show_sharp(image)
