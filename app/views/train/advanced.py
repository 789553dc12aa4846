"""Every setting of a training that the page above does not ask for, each with its one line of meaning."""

from dataclasses import fields

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.style.theme import Theme
from app.widgets.parts import label
from app.widgets.setting_field import SettingField
from core.training.settings import HOLD_OUTS, LOSSES, PRECISIONS, Settings

GROUPS = (
    ("Loss and memory", ("loss", "memory", "memory_weight")),
    ("Batches and steps", ("batch", "per_class", "steps", "learning_rate", "weight_decay", "clip")),
    ("What is trained", ("dim", "copies", "rank", "precision", "seed")),
    ("What is held out, and when it stops", ("hold_out", "held_out_share", "split", "patience")),
)
CHOICES = {
    "loss": tuple((one, one) for one in LOSSES),
    "hold_out": tuple(
        (one, {"images": "Of every class", "classes": "Whole classes"}[one]) for one in HOLD_OUTS
    ),
    "precision": tuple((one, one) for one in PRECISIONS),
}
# Settings that mean something for one depth only.
ONLY_FOR = {"rank": ("adapters",), "copies": ("head",)}
TWO_FROM_PX, GAP_PX = 720, 40


class AdvancedForm(QWidget):
    """Says which setting was given which value."""

    changed = Signal(str, object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.fields: dict[str, SettingField] = {}
        self._grids: list[tuple[QGridLayout, tuple[str, ...]]] = []
        self._columns = 0
        known = {one.name: one for one in fields(Settings)}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        for title, names in GROUPS:
            box.addWidget(label(title, "section"))
            grid = QGridLayout()
            grid.setHorizontalSpacing(GAP_PX)
            grid.setVerticalSpacing(12)
            for name in names:
                one = known[name]
                kind = one.type if isinstance(one.type, type) else str
                field = SettingField(theme, name, one.default, kind, CHOICES.get(name, ()))
                field.setParent(self)  # those that mean nothing now have no place in a grid
                field.changed.connect(self.changed)
                self.fields[name] = field
            self._grids.append((grid, names))
            box.addLayout(grid)
            box.addSpacing(8)
        self._arrange(2)

    def show_settings(self, settings: Settings) -> None:
        """The values as they are."""
        for name, field in self.fields.items():
            field.show_value(getattr(settings, name))
            field.setVisible(settings.depth in ONLY_FOR.get(name, (settings.depth,)))
        self._arrange(self._columns, again=True)

    def show_resolved(self, resolved: Settings | None) -> None:
        """What the open ones come to."""
        for name, field in self.fields.items():
            field.show_resolved(getattr(resolved, name) if resolved is not None else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= TWO_FROM_PX else 1)

    def _arrange(self, columns: int, *, again: bool = False) -> None:
        if columns == self._columns and not again:
            return
        self._columns = columns
        for grid, names in self._grids:
            shown = [self.fields[one] for one in names if not self.fields[one].isHidden()]
            for number, field in enumerate(shown):
                grid.addWidget(field, number // columns, number % columns)
            for place in range(2):
                grid.setColumnStretch(place, 1 if place < columns else 0)
