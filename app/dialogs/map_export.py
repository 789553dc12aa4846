"""The question before the map is exported: as what, how large, and with which of its words."""

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.parts import button, label, row
from app.widgets.segments import Segments
from app.widgets.switch import Switch

LEAST_PX, MOST_PX = 64, 20_000
PREVIEW_PX = QSize(440, 300)
SCREEN = "As it is, twice as sharp"
SIZES = (
    ("Full HD", 1920, 1080),
    ("4K", 3840, 2160),
    ("A4 at 300 dpi", 3508, 2480),
    ("Square", 2400, 2400),
)


@dataclass(frozen=True)
class ExportSpec:
    """What is to be written. ``kind`` is png or svg."""

    kind: str
    width_px: int
    height_px: int
    has_legend: bool
    has_names: bool
    has_pictures: bool


class MapExportDialog(QDialog):
    """Shows what will be written while it is set; ``save_wanted`` when it is right."""

    changed = Signal(object)  # ExportSpec, to be shown by ``show_preview``
    save_wanted = Signal(object)  # ExportSpec

    def __init__(
        self, theme: Theme, size_px: tuple[int, int], parent: QWidget, *, has_names: bool = True
    ) -> None:
        """``size_px`` is that of the map on screen."""
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("Export the map")
        self.kind = Segments("Format", (("png", "PNG"), ("svg", "SVG")))
        self.size_choice = Choice(theme, "Size")
        self.size_choice.setObjectName("roleChoice")
        self.size_choice.addItem(SCREEN, (2 * size_px[0], 2 * size_px[1]))
        for name, width, height in SIZES:
            self.size_choice.addItem(f"{name}, {width} × {height}", (width, height))
        self.size_choice.addItem("Any other size", None)
        self.width_field, self.height_field = _pixels("Width"), _pixels("Height")
        self.legend = Switch(theme, "Legend")
        self.names = Switch(theme, "Names of regions")
        self.pictures = Switch(theme, "Pictures at any zoom")
        self.legend.setChecked(True)
        self.names.setChecked(has_names)
        self._preview = QLabel()
        self._preview.setFixedSize(PREVIEW_PX)
        self._preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._preview.setAccessibleName("How it will look")
        self._told = label("", "muted", wraps=True)
        self.save = button("Save…", lambda: self.save_wanted.emit(self.spec), "primary")
        self.save.setDefault(True)
        self._lay_out()
        self._take_size()
        self.kind.chosen.connect(lambda _: self._say())
        self.size_choice.currentIndexChanged.connect(lambda _: self._take_size())
        for field in (self.width_field, self.height_field):
            field.valueChanged.connect(lambda _: self._typed())
        for switch in (self.legend, self.names, self.pictures):
            switch.toggled.connect(lambda _: self._say())

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        lines: tuple[tuple[str, QWidget], ...] = (
            ("Format", self.kind),
            ("Size", self.size_choice),
            ("", row(self.width_field, label("×", "muted"), self.height_field, None, gap_px=6)),
            ("Legend", self.legend),
            ("Names of regions", self.names),
            ("Pictures at any zoom", self.pictures),
        )
        for number, (name, widget) in enumerate(lines):
            grid.addWidget(label(name), number, 0)
            grid.addWidget(widget, number, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 24, 24, 16)
        box.setSpacing(16)
        box.addWidget(self._preview)
        box.addLayout(grid)
        box.addWidget(self._told)
        box.addWidget(row(None, button("Cancel", self.reject), self.save))

    @property
    def spec(self) -> ExportSpec:
        """What is set."""
        return ExportSpec(
            self.kind.current,
            self.width_field.value(),
            self.height_field.value(),
            self.legend.isChecked(),
            self.names.isChecked(),
            self.pictures.isChecked(),
        )

    def show_preview(self, image: QImage | None) -> None:
        """How it will look; None where that would take too long."""
        if image is None:
            self._preview.setText("Too many points to show it beforehand")
            return
        fitted = image.scaled(
            PREVIEW_PX * self.devicePixelRatioF(),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter = QPainter(fitted)
        painter.setPen(self._theme.colour("border_strong"))  # where the paper ends
        painter.drawRect(fitted.rect().adjusted(0, 0, -1, -1))
        painter.end()
        fitted.setDevicePixelRatio(self.devicePixelRatioF())
        self._preview.setPixmap(QPixmap.fromImage(fitted))

    def begin(self) -> None:
        """Show it, and ask how it looks."""
        self.open()
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._preview.setFixedWidth(self.width() - 48)

    def _take_size(self) -> None:
        chosen = self.size_choice.currentData()
        if chosen is not None:
            self.width_field.blockSignals(True)
            self.width_field.setValue(chosen[0])
            self.width_field.blockSignals(False)
            self.height_field.setValue(chosen[1])
            self._say()

    def _typed(self) -> None:
        typed = (self.width_field.value(), self.height_field.value())
        if self.size_choice.currentData() not in (None, typed):
            self.size_choice.blockSignals(True)
            self.size_choice.setCurrentIndex(self.size_choice.count() - 1)
            self.size_choice.blockSignals(False)
        self._say()

    def _say(self) -> None:
        is_vector = self.kind.current == "svg"
        self._told.setText(
            "Points are circles up to 50,000 in sight, and a picture beyond."
            if is_vector
            else "The part of the map that is in sight, drawn anew at this size."
        )
        self.changed.emit(self.spec)


def _pixels(name: str) -> QSpinBox:
    field = QSpinBox()
    field.setRange(LEAST_PX, MOST_PX)
    field.setSuffix(" px")
    field.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    field.setAccessibleName(name)
    field.setFixedWidth(96)
    return field
