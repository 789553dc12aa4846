"""The grid of thumbnails: an own scroll area, so that a million images scroll like a hundred."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app.models.listing import EMPTY, Listing
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.models.tiling import MARGIN_PX, Tiling
from app.selection import Ids, Selection
from app.style.theme import Theme
from app.widgets.tile import Tile, TilePainter

MIN_THUMB_PX, MAX_THUMB_PX = 64, 256
CAPTION_FROM_PX = 96  # smaller thumbnails go without words


class GridView(QAbstractScrollArea):
    """Shows a listing; selects in the shared selection; says when an image is to be opened."""

    opened = Signal(int)
    thumb_size_changed = Signal(int)
    menu_requested = Signal(QPoint)

    def __init__(
        self,
        theme: Theme,
        selection: Selection,
        rows: Rows,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._selection = selection
        self._rows = rows
        self._thumbnails = thumbnails
        self.listing: Listing = EMPTY
        self.thumb_px = 144
        self._anchor = 0  # row where a shift selection began
        self._band: tuple[QPoint, QPoint] | None = None  # in content pixels
        self._painter = TilePainter(theme)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Grid of images")
        self.setObjectName("canvas")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        rows.arrived.connect(self.viewport().update)
        thumbnails.arrived.connect(self.viewport().update)
        theme.changed.connect(self.viewport().update)
        selection.changed.connect(self._follow_selection)

    # -- what is shown

    def set_listing(self, listing: Listing, *, keeps_place: bool = True) -> None:
        """Show another listing; with ``keeps_place`` the image at the top stays where it was.

        What a search found is shown from its best on.
        """
        first = self._row_at_top()
        top_id = int(self.listing.ids[first]) if keeps_place and first > 0 else None
        offset = self.verticalScrollBar().value() - self.tiling.top_of(first)
        self.listing = listing
        self._anchor = max(0, listing.row_of(self._selection.current))
        self._relayout()
        row = listing.row_of(top_id)
        if row >= 0:
            self.verticalScrollBar().setValue(self.tiling.top_of(row) + offset)
        elif not keeps_place:
            self.verticalScrollBar().setValue(0)
            if self._selection.current is not None and listing.scores is None:
                self.reveal(self._selection.current)
        self.viewport().update()

    def set_thumb_size(self, size_px: int) -> None:
        """Draw thumbnails of at most this many pixels a side."""
        size_px = max(MIN_THUMB_PX, min(MAX_THUMB_PX, size_px))
        if size_px == self.thumb_px:
            return
        row = self.listing.row_of(self._selection.current)
        kept = row if row in self.visible_rows() else self._row_at_top()
        offset = self.tiling.top_of(kept) - self.verticalScrollBar().value()
        self.thumb_px = size_px
        self._relayout()
        self.verticalScrollBar().setValue(self.tiling.top_of(kept) - offset)
        self.thumb_size_changed.emit(size_px)

    def reveal(self, image_id: int) -> None:
        """Scroll as little as possible so that the image is seen."""
        row = self.listing.row_of(image_id)
        if row < 0:
            return
        top, bar = self.tiling.top_of(row), self.verticalScrollBar()
        bottom = top + self.tiling.cell_height
        if top < bar.value() + MARGIN_PX:
            bar.setValue(top - MARGIN_PX)
        elif bottom > bar.value() + self.viewport().height() - MARGIN_PX:
            bar.setValue(bottom - self.viewport().height() + MARGIN_PX)

    def step(self, by: int) -> int | None:
        """The id of the image ``by`` rows from the current one, or None at either end."""
        row = self.listing.row_of(self._selection.current) + by
        return int(self.listing.ids[row]) if 0 <= row < len(self.listing) else None

    # -- geometry

    @property
    def tiling(self) -> Tiling:
        """Where the cells lie now."""
        caption = self._painter.caption_px if self.thumb_px >= CAPTION_FROM_PX else 0
        return Tiling(len(self.listing), self.viewport().width(), self.thumb_px, caption)

    @property
    def _scrolled(self) -> int:
        return self.verticalScrollBar().value()

    def cell(self, row: int) -> QRect:
        """The row's cell in viewport pixels."""
        tiling = self.tiling
        x, y = tiling.left_of(row), tiling.top_of(row) - self._scrolled
        return QRect(x, y, tiling.cell_width, tiling.cell_height)

    def row_at(self, place: QPoint) -> int:
        """The row under a viewport position, or -1."""
        return self.tiling.row_at(place.x(), place.y() + self._scrolled)

    def visible_rows(self) -> range:
        """Rows of the listing that are at least partly on screen."""
        return self.tiling.visible(self._scrolled, self.viewport().height())

    def _row_at_top(self) -> int:
        visible = self.visible_rows()
        return visible.start if len(visible) else 0

    def _relayout(self) -> None:
        tiling, bar = self.tiling, self.verticalScrollBar()
        bar.setRange(0, max(0, tiling.height - self.viewport().height()))
        bar.setEnabled(bar.maximum() > 0)
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(tiling.line_height // 2)
        self._thumbnails.set_side(round(self.thumb_px * self.devicePixelRatioF()))
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def resizeEvent(self, event: QResizeEvent) -> None:
        row = self._row_at_top()
        self._relayout()
        if row:
            self.verticalScrollBar().setValue(self.tiling.top_of(row))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.colour("canvas"))
        visible = self.visible_rows()
        if not len(visible):
            return
        ids = self.listing.ids[visible.start : visible.stop]
        contents = self.listing.contents[visible.start : visible.stop]
        selected = self._selection.mask(ids)
        scores = self.listing.scores
        for place, row in enumerate(visible):
            image_id = int(ids[place])
            tile = Tile(
                rect=self.cell(row),
                side_px=float(self.thumb_px),
                pixmap=self._thumbnails.get(int(contents[place])),
                image=self._rows.get(image_id),
                score=float(scores[row]) if scores is not None else None,
                is_selected=bool(selected[place]),
                is_current=image_id == self._selection.current and self.hasFocus(),
                has_caption=self.thumb_px >= CAPTION_FROM_PX,
                box=self.listing.boxes.get(image_id),
            )
            self._painter.paint(painter, tile, self.devicePixelRatioF())
        if self._band is not None:
            self._painter.paint_band(painter, self._band_rect())
        painter.end()
        self._ask_for(ids, contents)

    def _ask_for(self, ids: Ids, contents: NDArray[np.int32]) -> None:
        # What is seen first, then one screen further down, so that scrolling finds it ready.
        stop = self.visible_rows().stop
        ahead = slice(stop, stop + len(ids))
        self._rows.want([*ids.tolist(), *self.listing.ids[ahead].tolist()])
        self._thumbnails.want([*contents.tolist(), *self.listing.contents[ahead].tolist()])

    # -- the user's hands

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, tiling = event.key(), self.tiling
        page = max(1, self.viewport().height() // tiling.line_height)
        row = self.listing.row_of(self._selection.current)
        targets = {
            Qt.Key.Key_Left: tiling.moved(row, columns=-1),
            Qt.Key.Key_Right: tiling.moved(row, columns=1),
            Qt.Key.Key_Up: tiling.moved(row, lines=-1),
            Qt.Key.Key_Down: tiling.moved(row, lines=1),
            Qt.Key.Key_PageUp: tiling.moved(row, lines=-max(2, page)),
            Qt.Key.Key_PageDown: tiling.moved(row, lines=max(2, page)),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self.listing) - 1,
        }
        if key in targets and len(self.listing):
            is_begun = row >= 0 or key in (Qt.Key.Key_Home, Qt.Key.Key_End)
            target = targets[Qt.Key(key)] if is_begun else self._row_at_top()
            self._go_to(target, event.modifiers())
        elif key == Qt.Key.Key_Escape:
            self._selection.clear(self)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selection.current is not None:
            self.opened.emit(self._selection.current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        row = self.row_at(place)
        if event.button() == Qt.MouseButton.RightButton:
            if row >= 0 and int(self.listing.ids[row]) not in self._selection:
                self._go_to(row, Qt.KeyboardModifier.NoModifier)
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if row >= 0:
            self._go_to(row, event.modifiers(), is_click=True)
            return
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._selection.clear(self)
            self.viewport().update()
        start = place + QPoint(0, self.verticalScrollBar().value())
        self._band = (start, start)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._band is None:
            return
        here = event.position().toPoint() + QPoint(0, self.verticalScrollBar().value())
        self._band = (self._band[0], here)
        ids = self._ids_in(self._band_rect())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._selection.add(ids, None, self)
        else:
            self._selection.set(ids, None, self)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._band = None
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(int(self.listing.ids[row]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            steps = event.angleDelta().y() / 120
            self.set_thumb_size(round(self.thumb_px * 1.12**steps))
            event.accept()
        else:
            super().wheelEvent(event)

    def select_all(self) -> None:
        """Select every image listed."""
        self._selection.set(self.listing.ids, self._selection.current, self)
        self.viewport().update()

    def _go_to(self, row: int, modifiers: Qt.KeyboardModifier, *, is_click: bool = False) -> None:
        image_id = int(self.listing.ids[row])
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            low, high = sorted((min(self._anchor, len(self.listing) - 1), row))
            self._selection.set(self.listing.ids[low : high + 1], image_id, self)
        elif is_click and modifiers & Qt.KeyboardModifier.ControlModifier:
            self._anchor = row
            self._selection.toggle(image_id, self)
        else:
            self._anchor = row
            self._selection.set([image_id], image_id, self)
        self.reveal(image_id)
        image = self._rows.get(image_id)
        self.setAccessibleDescription(f"{image.name if image else 'Image'}, {row + 1}")
        self.viewport().update()

    def _follow_selection(self, origin: object) -> None:
        if origin is not self:
            row = self.listing.row_of(self._selection.current)
            if row >= 0:
                self._anchor = row
                self.reveal(int(self.listing.ids[row]))
        self.viewport().update()

    def _band_rect(self) -> QRect:
        assert self._band is not None
        shift = QPoint(0, self.verticalScrollBar().value())
        return QRect(self._band[0] - shift, self._band[1] - shift).normalized()

    def _ids_in(self, rect: QRect) -> Ids:
        """Images whose cells a rectangle of the viewport touches."""
        top, bottom = rect.top() + self._scrolled, rect.bottom() + self._scrolled
        return self.listing.ids[self.tiling.rows_in(rect.left(), top, rect.right(), bottom)]
