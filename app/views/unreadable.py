"""Files that look like images and that nothing opens: what and why, by kind; trying again, handing on."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QMenu,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.models.faults import (
    DATE,
    FILE,
    FOLDER,
    KIND,
    KINDS,
    SIZE,
    WHY,
    FaultTable,
    UnreadableModel,
    kind_name,
)
from app.style.theme import Theme
from app.widgets import text
from app.widgets.flow import FlowLayout
from app.widgets.limit_strip import LimitStrip
from app.widgets.parts import EmptyState, IconButton, button, column, label, row
from app.widgets.tables import rows_table
from core.catalogue.records import Unreadable

WIDTHS_PX = ((FILE, 184), (FOLDER, 216), (KIND, 120), (SIZE, 80), (DATE, 148))
KEPT_SELECTED = 5000  # files that stay selected when the list is read again


class UnreadableView(QWidget):
    """The table with what can be done about a file. Says what the user wants; does none of it."""

    closed = Signal()
    copied = Signal(str)  # paths, one a line
    shown = Signal(str)  # path, in the file manager
    retry_wanted = Signal(object)  # list of paths; None for all
    export_wanted = Signal()
    # Pixels, which may be more than 32 bits hold; those refused by it are to be tried again.
    limit_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.model = UnreadableModel(self)
        self.table = self._make_table()
        self.limit = LimitStrip()
        self.limit.limit_chosen.connect(self.limit_chosen)
        back = IconButton(theme, "back", "Back to the images  Esc", 18)
        back.clicked.connect(self.closed)
        self._note = label("", "muted")
        self._all = button("Try all again", lambda: self.retry_wanted.emit(None))
        self._export = button("Export as CSV…", self.export_wanted.emit)
        bar = row(
            back, label("Unreadable files", "title"), self._note, None, self._export, self._all,
            margins=(8, 4, 16, 4),
        )  # fmt: skip
        bar.setFixedHeight(48)
        kinds = QWidget()
        kinds.setAccessibleName("Kinds of problems")
        self._kind_box = FlowLayout(kinds)
        self._kinds = QButtonGroup(self)
        self._kind_buttons: dict[str, QToolButton] = {}
        self._chosen_note = label("", "muted")
        self._one = button("Try again", self._retry, "primary")
        self._copy_button = button("Copy paths", self._copy)
        self._show_button = button("Show in file manager", self._show)
        foot = row(
            self._chosen_note, None, self._copy_button, self._show_button, self._one,
        )  # fmt: skip
        self.empty = EmptyState()
        self.empty.show_state(
            "Every file could be read",
            "Files that look like images and cannot be opened are listed here with the reason.",
            ("Back to the images", self.closed.emit),
        )
        listed = column(kinds, self.limit, self.table, foot, margins=(16, 0, 16, 16))
        self._stack = QStackedWidget()
        self._stack.addWidget(listed)
        self._stack.addWidget(self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(bar)
        box.addWidget(self._stack, 1)
        self.show_writable(True)
        self._tell_chosen()

    def _make_table(self) -> QTableView:
        table = rows_table(self.model, "Unreadable files", stretched=WHY, widths_px=WIDTHS_PX)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        table.doubleClicked.connect(lambda _: self._show())
        table.setSortingEnabled(True)
        table.sortByColumn(FOLDER, Qt.SortOrder.AscendingOrder)
        table.selectionModel().selectionChanged.connect(lambda *_: self._tell_chosen())
        return table

    # -- what is shown

    def show_table(self, table: FaultTable) -> None:
        """Show what could not be read; what was selected stays so."""
        kept = {file.path for file in self.chosen()[:KEPT_SELECTED]}
        place = self.table.verticalScrollBar().value()
        counts = table.counts()
        if self.model.kind not in counts:
            self.model.kind = ""
        self.model.set_table(table)
        self._show_kinds(counts)
        self.limit.show_facts(table.limit)
        count = len(table.files)
        self._note.setText(
            f"{text.plural(count, 'file was', 'files were')} left out" if count else ""
        )
        self._all.setVisible(count > 0)
        self._export.setVisible(count > 0)
        self._stack.setCurrentIndex(0 if count else 1)
        self._select(kept)
        self.table.verticalScrollBar().setValue(place)

    def show_writable(self, is_writable: bool) -> None:
        """Whether files can be tried again."""
        for one in (self._all, self._one, self.limit):
            one.setEnabled(is_writable)

    def show_kind(self, kind: str) -> None:
        """List files of one kind, or of all where it is empty."""
        if not self._kind_buttons[kind].isChecked():
            self._kind_buttons[kind].setChecked(True)  # which comes back here
            return
        self.model.set_kind(kind)
        if self.model.rowCount():
            self.table.selectRow(0)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self.table if self.model.rowCount() else self.empty

    def chosen(self) -> list[Unreadable]:
        """The selected files, in the order of the rows."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.file(row) for row in rows]

    def _show_kinds(self, counts: dict[str, int]) -> None:
        for known in self._kind_buttons.values():
            self._kinds.removeButton(known)
            self._kind_box.removeWidget(known)
            known.hide()
            known.deleteLater()
        self._kind_buttons = {}
        for kind, count in {"": sum(counts.values()), **counts}.items():
            choice = QToolButton()
            choice.setText(f"{kind_name(kind) if kind else 'All'}  {text.number(count)}")
            choice.setCheckable(True)
            choice.setProperty("kind", "text")
            choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            choice.setToolTip(KINDS.get(kind, ("", ""))[1])
            choice.setChecked(kind == self.model.kind)
            # Not clicked: the arrow keys tick the next one without a click.
            choice.toggled.connect(lambda is_on, k=kind: self.show_kind(k) if is_on else None)
            self._kinds.addButton(choice)
            self._kind_box.addWidget(choice)
            self._kind_buttons[kind] = choice

    def _select(self, paths: set[str]) -> None:
        rows = [r for r in range(self.model.rowCount()) if self.model.file(r).path in paths] if (
            paths
        ) else []  # fmt: skip
        if not rows:
            if self.model.rowCount():
                self.table.selectRow(0)
            self._tell_chosen()
            return
        self.table.clearSelection()
        model = self.table.selectionModel()
        flags = model.SelectionFlag.Select | model.SelectionFlag.Rows
        for one in rows:
            model.select(self.model.index(one, 0), flags)

    # -- what the user wants

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.table.hasFocus():
            self._show()
        else:
            super().keyPressEvent(event)

    def _tell_chosen(self) -> None:
        if not hasattr(self, "_one"):
            return  # the table is made before what is said of it
        count = len(self.table.selectionModel().selectedRows())
        self._chosen_note.setText(f"{text.number(count)} selected" if count else "")
        for one in (self._one, self._copy_button, self._show_button):
            one.setVisible(count > 0)

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, call in (
            ("Try again", self._retry),
            ("Copy paths", self._copy),
            ("Show in file manager", self._show),
        ):
            menu.addAction(name).triggered.connect(call)
        menu.actions()[0].setEnabled(self._one.isEnabled())
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _retry(self) -> None:
        if chosen := self.chosen():
            self.retry_wanted.emit([file.path for file in chosen])

    def _copy(self) -> None:
        self.copied.emit("\n".join(file.path for file in self.chosen()))

    def _show(self) -> None:
        if chosen := self.chosen():
            self.shown.emit(chosen[0].path)
