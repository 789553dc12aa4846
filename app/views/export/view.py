"""Export: what, as which format, of which images; how it will look; where to, and the same as a call."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.models.export_preview import Shown
from app.style.theme import Theme
from app.views.export.destination import Destination
from app.views.export.form import ExportForm
from app.views.export.past import PastExports
from app.widgets.kind_list import KindList
from app.widgets.notice import Notice
from app.widgets.parts import IconButton, column, label, row
from app.widgets.preview_table import PreviewTable
from app.widgets.segments import Segments
from app.widgets.stack import Stack

TABS = (("preview", "Preview"), ("past", "Exports so far"))
KINDS_PX, FORM_PX, RIGHT_PX = 272, 400, 560


class ExportView(QWidget):
    """Puts the parts together; each of them says what the user did."""

    closed = Signal()
    tab_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.kinds = KindList(theme)
        self.form = ExportForm(theme)
        self.table = PreviewTable(theme)
        self.notice = Notice(theme, is_warning=False)
        self.count = label("", "muted")
        self.past = PastExports()
        self.foot = Destination(theme)
        self.tabs = Segments("Right side", TABS)
        self.tabs.chosen.connect(self._turn)
        self.back = IconButton(theme, "back", "Back to the images  Esc", 18)
        self.back.clicked.connect(self.closed)
        bar = row(self.back, label("Export", "title"), None, margins=(8, 4, 12, 4))
        bar.setFixedHeight(48)
        left = QFrame()
        left.setMinimumWidth(216)
        inner = QVBoxLayout(left)
        inner.setContentsMargins(0, 8, 0, 8)
        inner.addWidget(self.kinds)
        self.form.setMinimumWidth(288)
        body = column(self.notice, self.table, gap_px=8, margins=(16, 0, 16, 12))
        filled = body.layout()
        assert isinstance(filled, QVBoxLayout)
        filled.setStretchFactor(self.table, 1)
        self.stack = Stack(body, self.table)
        self._right = QStackedWidget()
        self._right.addWidget(self.stack)
        self._right.addWidget(self.past)
        head = row(self.tabs, None, self.count, margins=(8, 8, 16, 4))
        right = column(head, self._right, gap_px=0)
        wide = right.layout()
        assert isinstance(wide, QVBoxLayout)
        wide.setStretchFactor(self._right, 1)
        right.setMinimumWidth(320)
        upper = _splitter(self.form, right, sizes=[FORM_PX, RIGHT_PX])
        lower = column(upper, self.foot, gap_px=0)
        tall = lower.layout()
        assert isinstance(tall, QVBoxLayout)
        tall.setStretchFactor(upper, 1)
        self.splitter = _splitter(left, lower, sizes=[KINDS_PX, FORM_PX + RIGHT_PX])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self.splitter, 1)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self.kinds

    @property
    def tab(self) -> str:
        return self.tabs.current

    def show_preview(self, shown: Shown, *, is_counted: bool = True) -> None:
        """The first rows, and what is to be known of them; ``is_counted``: there are more of the kind."""
        self.table.show_rows(shown)
        preview = shown.preview
        self.notice.say(" ".join(preview.notes))
        rows = len(preview.rows)
        first = f"First {rows} of {preview.count:,}" if rows < preview.count else f"{rows} in all"
        self.count.setText(first if is_counted else "")
        self.count.setToolTip("How many rows or pictures there are")
        self.stack.show_body()

    def say_instead(self, title: str, words: str) -> None:
        """There is nothing to preview, and why."""
        self.count.setText("")
        self.stack.say(title, words)

    def show_tab(self, key: str) -> None:
        """Turn the right side to the preview or to the exports so far."""
        self.tabs.show_chosen(key)
        self._turn(key)

    def _turn(self, key: str) -> None:
        self._right.setCurrentIndex([one[0] for one in TABS].index(key))
        self.count.setVisible(key == "preview")
        self.tab_chosen.emit(key)

    def minimumSizeHint(self) -> QSize:
        return QSize(640, 400)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def _splitter(first: QWidget, second: QWidget, *, sizes: list[int]) -> QSplitter:
    made = QSplitter(Qt.Orientation.Horizontal)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    made.addWidget(first)
    made.addWidget(second)
    made.setStretchFactor(1, 1)
    made.setSizes(sizes)
    return made
