"""The frame: rail, top bar, banner, work area, status bar. Built from the action table; no behaviour."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.places import is_folder
from app.style import icons
from app.style.theme import Theme
from app.views.start import StartPage
from app.views.status import CatalogueState, StatusBar
from app.widgets import keyboard
from app.widgets.banner import Banner
from app.widgets.parts import IconButton, column, row

RAIL_TOP = ("explore", "show-duplicates", "show-train", "show-compare", "show-export")
RAIL_BOTTOM = ("palette", "shortcuts", "switch-theme")
TOGGLES = ("show-grid", "show-map", "show-inspector")
RAIL_PX = 56
TITLE_PX = 32


class MainWindow(QMainWindow):
    """Says what was dropped on it and that it is to be closed."""

    paths_dropped = Signal(object)  # list[Path]
    image_dropped = Signal(QImage)
    closing = Signal()
    painted = Signal()  # once, when the first frame has been drawn

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._has_painted = False
        # Asks before what runs is lost; True where there is nothing to ask.
        self.may_close: Callable[[], bool] = lambda: True
        self.setWindowTitle("Lookalike")
        self.setWindowIcon(icons.window_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 560)
        room = self.screen().availableSize()  # a frame of a few pixels comes around it
        self.resize(min(1280, room.width()), min(800, room.height() - TITLE_PX))
        self.banner = Banner(theme)
        self.start = StartPage(theme)
        self.status = StatusBar(theme)
        self.menu_button = IconButton(theme, "menu", "Menu  F10")
        self.name_button = QPushButton()
        self.menu = QMenu(self)
        self.menu.setAccessibleName("Menu")
        self._rail_top, self._rail_bottom = QVBoxLayout(), QVBoxLayout()
        self._toggles = QHBoxLayout()
        self._search_place = QHBoxLayout()
        self._work: QWidget | None = None
        self._drop_hint = QLabel(self)
        self._build()
        self.show_start()

    def _build(self) -> None:
        rail = QFrame()
        rail.setObjectName("rail")
        rail.setFixedWidth(RAIL_PX)
        inner = QVBoxLayout(rail)
        inner.setContentsMargins(8, 8, 8, 8)
        inner.setSpacing(8)
        self.menu_button.setProperty("kind", "rail")
        self.menu_button.clicked.connect(self.open_menu)
        inner.addWidget(self.menu_button)
        for place in (self._rail_top, self._rail_bottom):
            place.setSpacing(4)
        inner.addLayout(self._rail_top)
        inner.addStretch(1)
        inner.addLayout(self._rail_bottom)
        self._top = QFrame()
        self._top.setObjectName("topBar")
        self._top.setFixedHeight(48)
        self.name_button.setProperty("kind", "quiet")
        self.name_button.setStyleSheet("font-weight: 600; padding: 6px 8px; text-align: left;")
        self.name_button.setMaximumWidth(200)
        top = QHBoxLayout(self._top)
        top.setContentsMargins(8, 0, 12, 0)
        top.setSpacing(8)
        self._toggles.setSpacing(2)
        top.addWidget(self.name_button)
        top.addLayout(self._search_place, 1)
        top.addLayout(self._toggles)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start)
        right = column(self._top, self.banner, self.stack, self.status, gap_px=0)
        right_box = right.layout()
        assert isinstance(right_box, QVBoxLayout)
        right_box.setStretchFactor(self.stack, 1)
        centre = row(rail, right, gap_px=0)
        centre.setObjectName("work")
        centre_box = centre.layout()
        assert isinstance(centre_box, QHBoxLayout)
        centre_box.setStretchFactor(right, 1)
        self.setCentralWidget(centre)
        self._drop_hint.setObjectName("dropHint")
        self._drop_hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop_hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._drop_hint.hide()

    # -- built from the action table

    def take_actions(
        self, actions: Mapping[str, QAction], menus: Sequence[tuple[str, Sequence[QAction | None]]]
    ) -> None:
        """Menus, rail and buttons from actions; None separates."""
        for name, entries in menus:
            menu = self.menu.addMenu(name)
            for entry in entries:
                menu.addSeparator() if entry is None else menu.addAction(entry)
        for place, ids in ((self._rail_top, RAIL_TOP), (self._rail_bottom, RAIL_BOTTOM)):
            for one in ids:
                choice = self._action_button(actions[one])
                choice.setProperty("kind", "rail")
                place.addWidget(choice)
        for one in TOGGLES:
            self._toggles.addWidget(self._action_button(actions[one]))

    def _action_button(self, action: QAction) -> IconButton:
        choice = IconButton(self._theme, str(action.property("icon_name")), action.text())
        choice.follow(action)
        return choice

    def open_menu(self) -> None:
        """The menu beside its button."""
        self.menu.popup(self.menu_button.mapToGlobal(QPoint(self.menu_button.width() + 4, 0)))

    # -- pages

    def show_start(self) -> None:
        """The start page; no catalogue is open."""
        self.stack.setCurrentWidget(self.start)
        self._top.hide()
        self.status.hide()
        self.status.show_state(CatalogueState())
        self.setWindowTitle("Lookalike")
        self.start.first.setFocus()

    def show_work(self, work: QWidget, search: QWidget, name: str) -> None:
        """The work area of a catalogue, with its search bar on top."""
        self.drop_work()
        self._work = work
        self.stack.addWidget(work)
        self.stack.setCurrentWidget(work)
        self._search_place.addWidget(search)
        self._top.show()
        self.status.show()
        shown = name if len(name) <= 24 else f"{name[:22]}…"
        self.name_button.setText(shown)
        self.name_button.setToolTip(name)
        self.name_button.setAccessibleName(f"Catalogue {name}; recent catalogues")
        self.setWindowTitle(f"{name} – Lookalike")

    def drop_work(self) -> None:
        """Take the work area away."""
        if self._work is None:
            return
        item = self._search_place.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.setParent(self._work)
        self.stack.removeWidget(self._work)
        self._work.setParent(None)
        self._work.deleteLater()
        self._work = None

    def bring_to_front(self) -> None:
        """Another window was asked for this one's catalogue."""
        self.setWindowState(
            (self.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive
        )
        self.raise_()
        self.activateWindow()

    # -- events

    def focusNextPrevChild(self, is_next: bool) -> bool:
        return keyboard.move_focus(self, is_next=is_next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keyboard.press_focused(event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._has_painted:
            self._has_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def close_unasked(self) -> None:
        """Close at once, whatever runs."""
        self.may_close = lambda: True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._drop_hint.setGeometry(self.rect())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        data = event.mimeData()
        if not (data.hasUrls() or data.hasImage()):
            return
        event.acceptProposedAction()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths and is_folder(paths[0]):
            words = "Drop to add this folder" if self._work else "Drop to open this folder"
        else:
            words = "Drop to search for images like this one"
        self._drop_hint.setText(words)
        self._drop_hint.show()
        self._drop_hint.raise_()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        data = event.mimeData()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.paths_dropped.emit(paths)
        elif data.hasImage():
            event.acceptProposedAction()
            self.image_dropped.emit(QImage(data.imageData()))
