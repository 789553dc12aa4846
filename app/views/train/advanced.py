"""Every setting of a training that the page above does not ask for, each with its one line of meaning."""

from dataclasses import fields

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.models import training_words as words
from app.models.setting_words import CHOICES, ONLY_FOR
from app.style.theme import Theme
from app.widgets import text
from app.widgets.parts import button, label, row
from app.widgets.setting_field import SettingField
from core.training.settings import Settings

GROUPS = (
    ("Loss and memory", ("loss", "memory", "memory_weight")),
    ("Few images, hard classes", ("difficulty", "hallucinate", "mix", "copies")),
    ("Pairs", ("implied", "implied_classes")),
    ("Vectors", ("dim", "nested", "comparable")),
    ("Adapters", ("adapter", "rank")),
    ("Batches and steps", ("batch", "per_class", "steps", "chunk")),
    ("How steps are made", (
        "learning_rate", "weight_decay", "optimiser", "clip", "gradient_noise",
    )),
    ("What is held out, and when it stops", ("hold_out", "held_out_share", "split", "patience")),
    ("Arithmetic", ("precision", "seed")),
)  # fmt: skip
TWO_FROM_PX, GAP_PX, FILTER_PX = 880, 40, 240


class _FilterLine(QLineEdit):
    """Escape empties it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class AdvancedForm(QWidget):
    """Says which setting was given which value, and which are to be as they are by themselves."""

    changed = Signal(str, object)
    defaults_wanted = Signal(object)  # names

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.settings = Settings()
        self.fields: dict[str, SettingField] = {}
        self._groups: list[tuple[QWidget, QGridLayout, tuple[str, ...]]] = []
        self._columns = 2
        self.filter = _FilterLine()
        self.filter.setPlaceholderText("Filter settings")
        self.filter.setAccessibleName("Filter settings")
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(FILTER_PX)
        self.filter.textChanged.connect(self._arrange)
        self.only_changed = QToolButton()
        self.only_changed.setCheckable(True)
        self.only_changed.setProperty("kind", "text")
        self.only_changed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.only_changed.toggled.connect(self._arrange)
        self.back = button(
            "All back to default", lambda: self.defaults_wanted.emit(self.differing), "quiet"
        )
        self._nothing = label("", "muted", wraps=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(20)
        box.addWidget(row(self.filter, self.only_changed, None, self.back))
        box.addWidget(self._nothing)
        for title, names in GROUPS:
            box.addWidget(self._make_group(theme, title, names))
        self.show_settings(self.settings)

    def _make_group(self, theme: Theme, title: str, names: tuple[str, ...]) -> QWidget:
        known = {one.name: one for one in fields(Settings)}
        holder, grid = QWidget(), QGridLayout()
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(12)
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(label(title, "section"))
        inner.addLayout(grid)
        for name in names:
            one = known[name]
            kind = one.type if isinstance(one.type, type) else str
            field = SettingField(theme, name, one.default, kind, CHOICES.get(name))
            field.setParent(holder)  # those that are not shown have no place in the grid
            field.changed.connect(self.changed)
            self.fields[name] = field
        self._groups.append((holder, grid, names))
        return holder

    @property
    def differing(self) -> tuple[str, ...]:
        """Names of the settings here that mean something now and are other than by themselves."""
        return tuple(
            name for name, one in self.fields.items() if one.differs and self._has_meaning(name)
        )

    def show_settings(self, settings: Settings) -> None:
        """The values as they are."""
        self.settings = settings
        for name, field in self.fields.items():
            field.show_value(getattr(settings, name))
        count = len(self.differing)
        if not count:
            self.only_changed.setChecked(False)
        self.only_changed.setText(f"Only changed ({count})" if count else "Only changed")
        told = text.plural(count, "setting differs", "settings differ")
        self.only_changed.setAccessibleName(f"{told} from the default: show only those")
        for one in (self.only_changed, self.back):
            one.setEnabled(bool(count))
        self._arrange()

    def show_resolved(self, resolved: Settings | None) -> None:
        """What the open ones come to."""
        for name, field in self.fields.items():
            field.show_resolved(getattr(resolved, name) if resolved is not None else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = 2 if self.width() >= TWO_FROM_PX else 1
        if columns != self._columns:
            self._columns = columns
            self._arrange()

    def _has_meaning(self, name: str) -> bool:
        other, values, _ = ONLY_FOR.get(name, ("depth", (self.settings.depth,), ""))
        return getattr(self.settings, other) in values

    def _is_wanted(self, name: str) -> bool:
        field = self.fields[name]
        is_asked = field.differs or not self.only_changed.isChecked()
        return self._has_meaning(name) and is_asked and field.matches(self.filter.text())

    def _arrange(self) -> None:
        columns, any_is_shown = self._columns, False
        for holder, grid, names in self._groups:
            shown = [one for one in names if self._is_wanted(one)]
            for name in names:
                field = self.fields[name]
                if name not in shown:
                    grid.removeWidget(field)
                field.setVisible(name in shown)
            for number, name in enumerate(shown):
                grid.addWidget(self.fields[name], number // columns, 2 * (number % columns))
            # The gap is a column too, so that a single setting is as wide as one of two.
            grid.setColumnMinimumWidth(1, GAP_PX if columns > 1 else 0)
            grid.setColumnStretch(0, 1)
            grid.setColumnStretch(2, columns - 1)
            holder.setVisible(bool(shown))
            any_is_shown |= bool(shown)
        self._nothing.setText("" if any_is_shown else self._why_nothing())
        self._nothing.setVisible(not any_is_shown)

    def _why_nothing(self) -> str:
        typed = self.filter.text()
        for name, (_, _, when) in ONLY_FOR.items():
            if self.fields[name].matches(typed):
                return f"{words.NAMES[name]} means something only {when}."
        return "No setting is called so, or says so of itself."
