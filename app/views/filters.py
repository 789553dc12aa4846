"""The filter popup: tick sources, classes, tags and formats, each with its count."""

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.style import icons
from app.style.theme import Theme
from app.widgets import keyboard, text
from app.widgets.corners import round_corners
from core.catalogue.records import Facet, Facets

KINDS = (
    ("class", "Class"),
    ("tag", "Tag"),
    ("source", "Source"),
    ("format", "Format"),
    ("file", "Size, date"),
)
PLACE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
COUNT_ROLE = PLACE_ROLE + 1
ON = Qt.CheckState.Checked
LINE_PX = 28
WIDTH_PX, HEIGHT_PX = 320, 400


class _FacetDelegate(QStyledItemDelegate):
    """A box, the name, and the count on the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(120, LINE_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme, rect = self._theme, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(rect, 4, 4)
        left = rect.left() + 8
        if index.data(Qt.ItemDataRole.CheckStateRole) is not None:
            is_on = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) == ON
            box = QRectF(left + 0.5, rect.center().y() - 6.5, 14, 14)
            painter.setPen(QPen(theme.colour("accent" if is_on else "border_strong"), 1.25))
            painter.setBrush(theme.colour("accent") if is_on else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 3, 3)
            if is_on:
                tick = icons.pixmap("check", theme.tokens.on_accent, 14, 2.0)
                painter.drawPixmap(box.toRect().topLeft(), tick)
            left += 24
        middle = Qt.AlignmentFlag.AlignVCenter
        count = str(index.data(COUNT_ROLE) or "")
        taken = option.fontMetrics.horizontalAdvance(count) + 16
        painter.setPen(theme.colour("muted"))
        painter.drawText(rect.adjusted(0, 0, -8, 0), middle | Qt.AlignmentFlag.AlignRight, count)
        painter.setPen(theme.colour("text"))
        room = QRectF(left, rect.top(), rect.right() - left - taken, rect.height())
        name = option.fontMetrics.elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, int(room.width())
        )
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()


class FilterPopup(QFrame):
    """Opens below its button; every tick takes effect at once."""

    toggled = Signal(str, object, bool)  # kind, value, is on
    cleared = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAccessibleName("Filters")
        self._facets: dict[str, list[tuple[str, Facet]]] = {}
        self._chosen: dict[str, frozenset[object]] = {}
        self._kind = "class"
        self._is_filling = False
        tabs = QHBoxLayout()
        tabs.setSpacing(4)
        self._group = QButtonGroup(self)
        self._tabs: dict[str, QToolButton] = {}
        for kind, name in KINDS:
            tab = QToolButton()
            tab.setText(name)
            tab.setCheckable(True)
            tab.setProperty("kind", "text")
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            # Not clicked: the arrow keys tick the next one without a click.
            tab.toggled.connect(lambda is_on, k=kind: self.show_kind(k) if is_on else None)
            self._group.addButton(tab)
            self._tabs[kind] = tab
            tabs.addWidget(tab)
        tabs.addStretch(1)
        self._narrow = QLineEdit()
        self._narrow.setPlaceholderText("Find a name")
        self._narrow.setAccessibleName("Find among the names")
        self._model = QStandardItemModel(self)
        self._model.itemChanged.connect(self._say)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._narrow.textChanged.connect(self._proxy.setFilterFixedString)
        self._list = QListView()
        self._list.setModel(self._proxy)
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setItemDelegate(_FacetDelegate(theme, self._list))
        self._list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._list.setAccessibleName("Names to filter by")
        self._list.clicked.connect(self._click)
        clear = QPushButton("Clear all filters")
        clear.setProperty("kind", "quiet")
        clear.clicked.connect(self.cleared)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(8)
        box.addLayout(tabs)
        box.addWidget(self._narrow)
        box.addWidget(self._list, 1)
        box.addWidget(clear)
        self._tabs[self._kind].setChecked(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        round_corners(self)

    def open_below(self, anchor: QWidget) -> None:
        """Show it under its button."""
        self._fit()
        place = anchor.mapToGlobal(QPoint(0, anchor.height() + 4))
        window = anchor.window().frameGeometry()
        x = min(place.x(), window.right() - self.width() - 8)
        self.move(max(window.left(), x), place.y())
        self._fill()
        self.show()
        self._narrow.setFocus()

    def _fit(self) -> None:
        """Wide enough for the names of all tabs, whatever the font."""
        for tab in self._tabs.values():
            tab.ensurePolished()
            tab.setMinimumWidth(tab.sizeHint().width())
        box = self.layout()
        assert box is not None
        self.setFixedSize(max(WIDTH_PX, box.minimumSize().width()), HEIGHT_PX)

    def set_facets(self, facets: Facets, chosen: dict[str, frozenset[object]]) -> None:
        """What there is, and what is ticked."""
        new = {
            "class": [("class", one) for one in facets.classes],
            "tag": [("tag", one) for one in facets.tags],
            "source": [("source", one) for one in facets.sources],
            "format": [("format", one) for one in facets.formats],
            "file": [
                *(("state", one) for one in facets.states),
                *(("size", one) for one in facets.sizes),
                *(("date", one) for one in facets.years),
            ],
        }
        is_news = (new, chosen) != (self._facets, self._chosen)
        self._facets, self._chosen = new, dict(chosen)
        if is_news and self.isVisible():
            # Later, since this may be the answer to a tick that the list is still telling of.
            QTimer.singleShot(0, self, self._fill)

    def show_kind(self, kind: str) -> None:
        """Show one kind's names."""
        if not self._tabs[kind].isChecked():
            self._tabs[kind].setChecked(True)  # which comes back here
            return
        self._kind = kind
        self._narrow.clear()
        self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return) and self._narrow.hasFocus():
            self._list.setFocus()
            self._list.setCurrentIndex(self._proxy.index(0, 0))
        elif keyboard.press_focused(event):
            pass
        else:
            super().keyPressEvent(event)

    def _fill(self) -> None:
        self._is_filling = True
        kept = self._list.verticalScrollBar().value()
        facets = self._facets.get(self._kind, [])
        self._model.clear()
        for place, (kind, facet) in enumerate(facets):
            item = QStandardItem(facet.name or "(none)")
            item.setData(text.number(facet.count), COUNT_ROLE)
            item.setData(f"{facet.name}, {facet.count}", Qt.ItemDataRole.AccessibleTextRole)
            item.setData(place, PLACE_ROLE)
            item.setCheckable(True)
            is_on = facet.value in self._chosen.get(kind, frozenset())
            item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
            self._model.appendRow(item)
        if not facets:
            empty = {"tag": "No tags yet. Select images and press T."}
            item = QStandardItem(empty.get(self._kind, "Nothing here yet."))
            item.setEnabled(False)
            self._model.appendRow(item)
        self._list.verticalScrollBar().setValue(kept)
        self._is_filling = False

    def _click(self, index: object) -> None:
        # A click on the words ticks too; a click on the box has done so already.
        item = self._model.itemFromIndex(self._proxy.mapToSource(index))  # type: ignore[arg-type]
        if not item.isCheckable():
            return
        kind, facet = self._facets[self._kind][item.data(PLACE_ROLE)]
        was_on = facet.value in self._chosen.get(kind, frozenset())
        is_on = item.checkState() == Qt.CheckState.Checked
        if was_on == is_on:
            item.setCheckState(Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked)

    def _say(self, item: QStandardItem) -> None:
        if self._is_filling:
            return
        is_on = item.checkState() == Qt.CheckState.Checked
        kind, facet = self._facets[self._kind][item.data(PLACE_ROLE)]
        old = self._chosen.get(kind, frozenset())
        self._chosen[kind] = old | {facet.value} if is_on else old - {facet.value}
        self.toggled.emit(kind, facet.value, is_on)
