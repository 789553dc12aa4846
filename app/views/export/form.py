"""The middle of the page Export: format, images, encoder and options of the kind that was chosen."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QVBoxLayout, QWidget

from app.models.export_kinds import KindRow
from app.style.theme import Theme
from app.widgets.choice import Choice
from app.widgets.option_card import OptionRow
from app.widgets.parts import button, column, label, row, scrolling
from app.widgets.segments import Segments
from core.export.kinds import Format, Option, What

IMAGES = (("all", "All"), ("shown", "Shown"), ("selected", "Selected"), ("before", "As before"))
CARD_PX = 168


class ExportForm(QWidget):
    """Says what was chosen; shows what it is told."""

    format_chosen = Signal(str)
    images_chosen = Signal(str)
    encoder_chosen = Signal(str)
    option_chosen = Signal(str, str)
    remedy_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._remedy = ""
        self._kind = ""
        self._shape: tuple[object, ...] = ()
        self.title = label("", "title")
        self.meaning = label("", "muted", wraps=True)
        self.lacking = label("", wraps=True)
        self.make = button("", lambda: self.remedy_wanted.emit(self._remedy))
        self.lack = QFrame()
        self.lack.setObjectName("advice")
        inner = QVBoxLayout(self.lack)
        inner.setContentsMargins(12, 8, 12, 12)
        inner.setSpacing(8)
        inner.addWidget(self.lacking)
        inner.addWidget(self.make, 0, Qt.AlignmentFlag.AlignLeft)
        self.lack.hide()
        self.formats: OptionRow | None = None
        self._formats = QVBoxLayout()
        self.format_line = label("", "muted", wraps=True)
        self.images = Segments("Images", IMAGES)
        self.images.chosen.connect(self.images_chosen)
        self.which = label("", "muted", wraps=True)
        self._images = column(
            label("Images", "section"),
            row(self.images, None),
            self.which,
            gap_px=4,
            margins=(0, 12, 0, 0),
        )
        self.encoder = Choice(theme, "Encoder")
        self.encoder.setObjectName("roleChoice")
        self.encoder.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.encoder.activated.connect(
            lambda at: self.encoder_chosen.emit(self.encoder.itemData(at))
        )
        self._encoder = column(
            label("Encoder", "section"), self.encoder, gap_px=4, margins=(0, 12, 0, 0)
        )
        self.fields: dict[str, Choice | QLineEdit] = {}
        self._options = QVBoxLayout()
        self._options.setSpacing(12)
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(16, 16, 16, 16)
        box.setSpacing(4)
        for one in (self.title, self.meaning, self.lack):
            box.addWidget(one)
        box.addSpacing(8)
        box.addWidget(label("Format", "section"))
        box.addLayout(self._formats)
        box.addWidget(self.format_line)
        box.addWidget(self._images)
        box.addWidget(self._encoder)
        box.addSpacing(8)
        box.addLayout(self._options)
        box.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(content))

    # -- what is shown

    def show_kind(self, told: KindRow, kind: What, chosen: Format) -> None:
        """A kind of thing with its formats, one of them chosen."""
        self.title.setText(told.title)
        self.meaning.setText(f"{told.line}.")
        self._remedy, words = told.remedy
        self.lacking.setText(told.lacking)
        self.make.setText(words)
        self.make.setVisible(bool(words))
        self.lack.setVisible(bool(told.lacking))
        if self._kind != kind.name:
            self._kind = kind.name
            self._show_formats(kind)
        assert self.formats is not None
        self.formats.choose(chosen.name)
        self.format_line.setText(f"{chosen.meaning}.")
        self._images.setVisible(kind.has_images)
        self._encoder.setVisible(kind.has_encoder)

    def _show_formats(self, kind: What) -> None:
        if self.formats is not None:
            self.formats.hide()
            self.formats.deleteLater()
        cards = [(one.name, one.title, _files(one)) for one in kind.formats]
        self.formats = OptionRow(self._theme, f"Format of {kind.title}", cards, least_px=CARD_PX)
        for one in kind.formats:
            self.formats.cards[one.name].setToolTip(one.meaning)
            self.formats.cards[one.name].setAccessibleDescription(one.meaning)
        self.formats.chosen.connect(self.format_chosen)
        self._formats.addWidget(self.formats)

    def show_images(self, counts: Mapping[str, int | None], chosen: str, sentence: str) -> None:
        """How many images each choice has (None: it is no choice now), which is chosen, and what that means."""
        for key, words in IMAGES:
            one = self.images.button(key)
            count = counts.get(key)
            one.setVisible(count is not None)
            shown = f"{words}  {count:,}" if count is not None and count >= 0 else words
            one.setText(shown)
            one.setAccessibleName(f"Images: {shown}")
        self.images.show_chosen(chosen)
        is_choice = sum(one is not None for one in counts.values()) > 1
        self.images.setVisible(is_choice)
        self.which.setText(sentence)

    def show_encoders(self, choices: Sequence[tuple[str, str]], chosen: str) -> None:
        """(name, title) of those with vectors."""
        with QSignalBlocker(self.encoder):
            self.encoder.clear()
            for name, title in choices:
                self.encoder.addItem(title, name)
            self.encoder.setCurrentIndex(self.encoder.findData(chosen))
        self.encoder.setEnabled(len(choices) > 1)

    def show_options(
        self,
        options: Sequence[Option],
        values: Mapping[str, str],
        choices: Mapping[str, Sequence[tuple[str, str]]],
    ) -> None:
        """Fields for these options; ``choices`` are (value, words) of those whose values only the catalogue knows."""
        shape = tuple((one, tuple(choices.get(one.name, ()))) for one in options)
        if shape != self._shape:
            self._shape = shape
            self._build(options, choices)
        for name, field in self.fields.items():
            value = values.get(name, "")
            if isinstance(field, Choice):
                with QSignalBlocker(field):
                    field.setCurrentIndex(max(0, field.findData(value)))
            elif not field.isModified():
                field.setText(value)

    def _build(
        self, options: Sequence[Option], choices: Mapping[str, Sequence[tuple[str, str]]]
    ) -> None:
        while (item := self._options.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.fields = {}
        for option in options:
            if not option.choices and len(choices.get(option.name, ())) == 1:
                continue  # nothing to choose from
            field = self._field(option, choices.get(option.name, ()))
            field.setAccessibleName(option.title)
            field.setAccessibleDescription(option.meaning)
            self.fields[option.name] = field
            words = option.meaning.partition("; default")[0]  # which stands in the field
            is_word = words.split(" ")[0].strip(",;").isalpha()  # float16 stays as it is written
            meaning = f"{words[:1].upper()}{words[1:]}." if is_word else f"{words}."
            self._options.addWidget(
                column(
                    label(option.title, "section"),
                    field,
                    label(meaning, "muted", wraps=True),
                    gap_px=4,
                )
            )

    def _field(self, option: Option, known: Sequence[tuple[str, str]]) -> Choice | QLineEdit:
        entries = [(one, one) for one in option.choices] or list(known)
        if not entries:
            line = QLineEdit()
            line.editingFinished.connect(lambda: self._typed(option.name, line))
            return line
        choice = Choice(self._theme, option.title)
        choice.setObjectName("roleChoice")
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for value, words in entries:
            choice.addItem(words, value)
        choice.activated.connect(
            lambda at: self.option_chosen.emit(option.name, str(choice.itemData(at)))
        )
        return choice

    def _typed(self, name: str, line: QLineEdit) -> None:
        if line.isModified():
            line.setModified(False)
            self.option_chosen.emit(name, line.text().strip())


def _files(form: Format) -> str:
    """What is written: suffixes, or that it is a folder."""
    return ", ".join((form.suffix, *form.also)) if form.suffix else "a folder"
