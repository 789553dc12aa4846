"""What is known of one side of a pair: its picture, as sharp as it is here, and how large its file is."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter, QTransform


@dataclass(frozen=True, slots=True)
class PairSide:
    """``picture`` may be smaller than the file, or null; then ``note`` says why."""

    file_px: QSizeF
    picture: QImage
    note: str = ""

    @property
    def density(self) -> float:
        """Pixels that are here for each pixel of the file along a side."""
        return self.picture.width() / self.file_px.width() if self.file_px.width() else 0.0

    @property
    def is_known(self) -> bool:
        """Whether there is something to see of it: the picture, or why there is none."""
        return not self.picture.isNull() or bool(self.note)

    def draw(self, painter: QPainter, placed: QTransform) -> None:
        """Draw it where ``placed`` takes the pixels of the file."""
        painter.save()
        painter.setTransform(placed, True)
        painter.drawImage(QRectF(QPointF(), self.file_px), self.picture)
        painter.restore()


NOTHING = PairSide(QSizeF(), QImage())
