"""The head of a table that is sorted by its columns: the arrow stands beside the words, never on them."""

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

EDGE_PX, GAP_PX, WIDE_PX, HIGH_PX = 11, 6, 7, 4


class SortHeader(QHeaderView):
    """Draws an arrow of its own: after words on the left, before those on the right, so that a column's
    name stays above its numbers."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.save()
        super().paintSection(painter, rect, section)
        painter.restore()
        if not self.isSortIndicatorShown() or section != self.sortIndicatorSection():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().windowText())
        x, y = self.arrow_x(rect, section), rect.center().y() + 0.5
        up = 1 if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else -1
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, y + up * HIGH_PX / 2),
                    QPointF(x + WIDE_PX, y + up * HIGH_PX / 2),
                    QPointF(x + WIDE_PX / 2, y - up * HIGH_PX / 2),
                ]
            )
        )
        painter.restore()

    def arrow_x(self, rect: QRect, section: int) -> float:
        """Where the arrow begins, so that it does not touch the words."""
        model, across = self.model(), Qt.Orientation.Horizontal
        words = str(model.headerData(section, across) or "")
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold)  # as the style sheet has it
        wide = QFontMetrics(font).horizontalAdvance(words)
        aligned = model.headerData(section, across, Qt.ItemDataRole.TextAlignmentRole)
        if aligned is not None and int(aligned) & int(Qt.AlignmentFlag.AlignRight):
            return float(rect.right() - EDGE_PX - wide - GAP_PX - WIDE_PX)
        return float(min(rect.left() + EDGE_PX + wide + GAP_PX, rect.right() - WIDE_PX - 2))
