"""The list of trainings: name, when, how it went, better or worse."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.models import training_words as words
from app.models.run_rows import RUN, RunsModel
from app.style.theme import Theme
from core.training.records import Run

ROW_PX = 60


class _RunDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QListView) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme, run = self._theme, index.data(RUN)
        rect, state = QRectF(option.rect), option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = rect.adjusted(4, 2, -4, -2)
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        if is_chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if is_chosen else "hover"))
            painter.drawRoundedRect(ground, 6, 6)
        if is_chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        self._write(painter, ground.adjusted(12, 8, -12, -8), run)
        painter.restore()

    def _write(self, painter: QPainter, rect: QRectF, run: Run) -> None:
        theme = self._theme
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        badge = "Default" if run.is_default else words.STATUS[run.status]
        is_loud = run.status in ("running", "promoted")
        ink = {"failed": "danger", "stopped": "warning"}.get(run.status, "muted")
        painter.setPen(theme.colour("accent" if is_loud else ink))
        width = painter.fontMetrics().horizontalAdvance(badge)
        first = QRectF(rect.x(), rect.y(), rect.width(), rect.height() / 2)
        second = QRectF(rect.x(), rect.center().y(), rect.width(), rect.height() / 2)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(first, middle | Qt.AlignmentFlag.AlignRight, badge)
        font.setPixelSize(13)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        room = int(rect.width()) - width - 8
        name = painter.fontMetrics().elidedText(run.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(first, middle, name)
        font.setBold(False)
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        day = words.when_short(run.made_at)
        found = words.headline(run)
        if found is None:
            painter.drawText(second, middle, day)
            return
        name, before, after = found
        line = f"{name} {words.share(before)} → {words.share(after)}"
        painter.drawText(second, middle, line)
        painter.drawText(second, middle | Qt.AlignmentFlag.AlignRight, day)
        at = rect.x() + painter.fontMetrics().horizontalAdvance(line) + 8
        self._draw_mark(painter, QPointF(at, second.center().y()), words.mark(run))

    def _draw_mark(self, painter: QPainter, at: QPointF, mark: str) -> None:
        """A triangle up, one down, or a dash: told apart without colour."""
        colour = self._theme.colour({"better": "accent", "worse": "danger"}.get(mark, "muted"))
        x, y = at.x(), at.y()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if mark == "better":
            painter.drawPolygon(
                QPolygonF([QPointF(x, y + 4), QPointF(x + 9, y + 4), QPointF(x + 4.5, y - 4)])
            )
        elif mark == "worse":
            painter.drawPolygon(
                QPolygonF([QPointF(x, y - 4), QPointF(x + 9, y - 4), QPointF(x + 4.5, y + 4)])
            )
        elif mark == "same":
            painter.drawRoundedRect(QRectF(x, y - 1.25, 9, 2.5), 1, 1)


class RunList(QListView):
    """Says which run the user wants to see."""

    picked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.model_ = RunsModel(self)
        self.setModel(self.model_)
        self.setItemDelegate(_RunDelegate(theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { border: 0; background: transparent; }")
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Trainings of this catalogue")
        self.clicked.connect(self._pick)
        theme.changed.connect(self.viewport().update)

    def show_runs(self, runs: list[Run], current: str) -> None:
        """Newest first; ``current`` is the one on show, or nothing."""
        self.model_.set_runs(runs)
        row = self.model_.row_of(current) if current else -1
        if row < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif self.currentIndex().row() != row or not self.selectedIndexes():
            self.setCurrentIndex(self.model_.index(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.currentIndex().isValid() and (is_enter or self.currentIndex().row() != before):
            self._pick(self.currentIndex())

    def _pick(self, index: QModelIndex) -> None:
        self.picked.emit(self.model_.runs[index.row()].name)
