"""The popover that sets how a layout is made: its method, the options of that method, and what it is laid over."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.corners import round_corners
from app.widgets.option_field import OptionField
from app.widgets.parts import button, column, label, row, scrolling
from app.widgets.told_choice import ToldChoice
from core.layout import methods
from core.layout.methods import Method

WIDE_PX, EDGE_PX = 372, 16
BAR_PX = 12  # of the bar that scrolls
OPTIONS_PX = 330  # that are shown without scrolling


class LayoutSettings(QFrame):
    """Built from ``core.layout.methods``; says what is to be made."""

    wanted = Signal(str, object, object)  # method, options, encoder to lie over (None: as ever)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._parent = parent
        self.setObjectName("popup")
        self.setAccessibleName("Settings of the layout")
        self._theme = theme
        self._known: dict[str, Mapping[str, Any]] = {}
        self._fields: list[OptionField] = []
        self.method = ToldChoice(theme, "Layout to make")
        self.method.setObjectName("roleChoice")
        for one in methods.METHODS:
            self.method.add(one.name, one.title, one.words)
        self.method.currentIndexChanged.connect(lambda _: self._show_method())
        self._words = label("", "muted", wraps=True)
        self._options = QVBoxLayout()
        self._options.setContentsMargins(0, 0, 12, 0)
        self._options.setSpacing(12)
        holder = QWidget()
        holder.setLayout(self._options)
        self._scroll = scrolling(holder)
        self.over = ToldChoice(theme, "Lay it over")
        self.over.setObjectName("roleChoice")
        self._over_row = row(label("Lay it over"), None, self.over)
        self._back = button("Defaults", self._take_defaults, "quiet")
        self.make = button("Lay out", self._say, "primary")
        box = QVBoxLayout(self)
        box.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)
        box.setSpacing(12)
        box.addWidget(column(self.method, self._words, gap_px=6))
        box.addWidget(self._scroll, 1)
        box.addWidget(self._over_row)
        box.addWidget(row(self._back, None, self.make))

    def open_at(self, place: QPoint, chosen: str) -> None:
        """Show it below a place, on a method."""
        self.method.setCurrentIndex(max(0, self.method.findData(chosen)))
        self._show_method()
        window = self._parent.window().frameGeometry()
        self._fit()
        x = min(place.x(), window.right() - self.width() - 8)
        self.move(max(window.left(), x), place.y())
        self.show()
        self.method.setFocus()

    def show_known(
        self, known: Mapping[str, Mapping[str, Any]], over: Sequence[tuple[str, str]]
    ) -> None:
        """What the stored layouts were made with, by method; encoders (name, title) to lie over."""
        self._known = dict(known)
        self.over.clear()
        self.over.add("", "what is there", "Its old self; else the map of another encoder.")
        for name, title in over:
            self.over.add(name, title, "What moved means that they see it differently.")
        self.over.add("none", "nothing", "Wherever it comes to lie.")

    @property
    def options(self) -> dict[str, Any]:
        """The options as they are set."""
        return {one.option.name: one.value for one in self._fields}

    @property
    def chosen(self) -> Method:
        return methods.method(str(self.method.currentData()))

    def field(self, name: str) -> OptionField:
        """The field of an option."""
        return next(one for one in self._fields if one.option.name == name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        round_corners(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            self._take_defaults() if focused is self._back else self._say()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        """As high as what it holds; many options scroll."""
        wide = WIDE_PX - 2 * EDGE_PX
        needed = sum(one.heightForWidth(wide - BAR_PX) for one in self._fields)
        needed += self._options.spacing() * max(0, len(self._fields) - 1)
        scrolls = needed > OPTIONS_PX
        self._options.setContentsMargins(0, 0, BAR_PX if scrolls else 0, 0)
        self._scroll.setFixedHeight(min(OPTIONS_PX, needed + 4))
        box = self.layout()
        assert box is not None
        box.activate()
        self.resize(WIDE_PX, box.totalHeightForWidth(WIDE_PX))

    def _show_method(self) -> None:
        chosen = self.chosen
        self._words.setText(chosen.words)
        while (item := self._options.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._fields = [OptionField(self._theme, one) for one in chosen.options]
        kept = self._known.get(chosen.name, {})
        for one in self._fields:
            if one.option.name in kept:
                one.show_value(kept[one.option.name])
            self._options.addWidget(one)
        self._options.addStretch(1)
        self._scroll.setVisible(bool(self._fields))
        self._back.setVisible(bool(self._fields))
        self._over_row.setVisible(not chosen.needs_start)
        self._fit()

    def _take_defaults(self) -> None:
        for one in self._fields:
            one.show_value(one.option.default)

    def _say(self) -> None:
        self.hide()
        over = self.over.currentData()
        self.wanted.emit(self.chosen.name, self.options, over or None)
