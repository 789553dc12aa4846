"""A new training: what to learn from, what to start from, how much and how long; what that would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.models import training_words as words
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.train.advanced import AdvancedForm
from app.views.train.advice import AdviceCard
from app.views.train.estimate import EstimateBar
from app.widgets.choice import Choice
from app.widgets.option_card import OptionRow
from app.widgets.parts import button, column, label, row, scrolling
from app.widgets.preview_strip import PreviewStrip
from app.widgets.strip import Strip
from core.training import augmentation_text
from core.training.advice import Advice
from core.training.records import Plan, Survey
from core.training.settings import AUGMENTATIONS, DEPTHS, LABEL_SOURCES, PRESETS, Settings

WIDEST_PX = 1040
CONFLICTS_SHOWN = 6


class SetUpPage(QWidget):
    """Holds the settings as the user makes them, and says when they change."""

    settings_changed = Signal(object)  # Settings
    start_wanted = Signal()
    trials_wanted = Signal()
    advice_taken = Signal(object)  # Settings
    preview_wanted = Signal()
    pins_cleared = Signal()
    encoders_wanted = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme = theme
        self.settings = Settings()
        self.advice = AdviceCard()
        self.sources = OptionRow(
            theme, "What to learn from", [(one, words.SOURCES[one], "") for one in LABEL_SOURCES]
        )
        self.depths = OptionRow(
            theme, "How much to train", [(one, *words.DEPTHS[one]) for one in DEPTHS], least_px=260
        )
        self.presets = OptionRow(
            theme, "How long to try", [(one, *words.PRESETS[one]) for one in PRESETS], least_px=260
        )
        self.encoder = Choice(theme, "What to start from")
        self.encoder.setObjectName("roleChoice")
        self.encoder.setMinimumWidth(280)
        self.varied = Choice(theme, "How pictures are varied while learning")
        self.varied.setObjectName("roleChoice")
        self.varied.setMinimumWidth(280)
        self._varied_about = label("", "muted", wraps=True)
        for one in AUGMENTATIONS:
            self.varied.addItem(words.VARIED[one], one)
        self.preview = button("Show on my images", self.preview_wanted.emit)
        self.strip = PreviewStrip(theme)
        self._preview_note = label("", "muted", wraps=True)
        self._preview_note.hide()
        self.pinned = Strip(theme, thumbnails, "Images that are followed", columns=5)
        self.pinned.setFixedWidth(5 * 64)
        self.clear_pins = button("Let it choose", self.pins_cleared.emit)
        self.clear_pins.setAccessibleName("Let the training choose which images are followed")
        self._pin_note = label("", "muted")
        self.advanced = AdvancedForm(theme)
        self.disclosure = QToolButton()
        self.disclosure.setText("Advanced: every setting")
        self.disclosure.setCheckable(True)
        self.disclosure.setProperty("kind", "text")
        self.disclosure.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._draw_icon()
        self.disclosure.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.changed.connect(self._draw_icon)
        self._conflicts = QFrame()
        self._conflicts.setObjectName("notice")
        self.conflict_words = label("", wraps=True)
        inner = QVBoxLayout(self._conflicts)
        inner.setContentsMargins(16, 8, 16, 8)
        inner.addWidget(self.conflict_words)
        self.estimate = EstimateBar(theme)
        self._build()
        self._connect()
        self.show_settings(self.settings)

    @property
    def name(self) -> QLineEdit:
        return self.estimate.name

    @property
    def start(self) -> QWidget:
        return self.estimate.start

    def _build(self) -> None:
        other = button("Other encoders…", self.encoders_wanted.emit, "quiet")
        holder = QWidget()
        inner = self._inner = QVBoxLayout(holder)
        inner.setSpacing(24)
        inner.addWidget(self.advice)
        advanced = column(row(self.disclosure, None), self.advanced, gap_px=12)
        self.advanced.hide()
        varied = column(
            row(self.varied, self.preview, None),
            self._varied_about,
            self._preview_note,
            self.strip,
            gap_px=12,
        )
        for title, line, part in (
            ("What to learn from", "Images of one class are to come out alike.", self.sources),
            ("What to start from", "", row(self.encoder, other, None)),
            ("How much to train", "", self.depths),
            ("How long to try", "", self.presets),
            ("How pictures are varied", "", varied),
            ("Images to follow", "", row(self._pin_note, self.pinned, self.clear_pins, None,
                                         gap_px=12)),
        ):  # fmt: skip
            head = label(title, "title")
            shown = column(head, label(line, "muted"), gap_px=2) if line else head
            inner.addWidget(column(shown, part, gap_px=8))
            if part is self.sources:
                inner.addWidget(self._conflicts)
        inner.addWidget(advanced)
        inner.addStretch(1)
        self._conflicts.hide()
        self.scroller = scrolling(holder)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.scroller, 1)
        outer.addWidget(self.estimate)

    def _connect(self) -> None:
        self.sources.chosen.connect(lambda key: self._change("labels", key))
        self.depths.chosen.connect(lambda key: self._change("depth", key))
        self.presets.chosen.connect(lambda key: self._change("preset", key))
        self.encoder.activated.connect(
            lambda _: self._change("encoder", self.encoder.currentData())
        )
        self.varied.activated.connect(
            lambda _: self._change("augmentation", self.varied.currentData())
        )
        self.advanced.changed.connect(self._change)
        self.advanced.defaults_wanted.connect(self._take_back)
        self.disclosure.toggled.connect(self._disclose)
        self.estimate.start_wanted.connect(self.start_wanted)
        self.estimate.trials_wanted.connect(self.trials_wanted)
        self.advice.use_wanted.connect(self.advice_taken)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A margin rather than a widest width, for which Qt would reckon the heights of wrapped words.
        self._inner.setContentsMargins(24, 16, max(24, self.width() - WIDEST_PX), 24)

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the page is shown."""
        return self.sources.focus_chosen()

    # -- what is shown

    def _draw_icon(self) -> None:
        self.disclosure.setIcon(self._theme.icon("chevron-down"))

    def show_settings(self, settings: Settings) -> None:
        """These settings, wherever they come from; nothing is said of them."""
        self.settings = settings
        self.sources.choose(settings.labels)
        self.depths.choose(settings.depth)
        self.presets.choose(settings.preset)
        self.varied.setCurrentIndex(max(0, self.varied.findData(settings.augmentation)))
        self._varied_about.setText(f"{augmentation_text.about(settings.augmentation)}.")
        self.encoder.setCurrentIndex(max(0, self.encoder.findData(settings.encoder)))
        self.advanced.show_settings(settings)
        self.advice.show_settings(settings)
        count = len(self.advanced.differing)
        changed = f"   ·   {count} changed" if count else ""
        self.disclosure.setText(f"Advanced: every setting{changed}")

    def show_encoders(self, encoders: Sequence[tuple[str, str]]) -> None:
        """(name, title) of what can be started from; the first is the catalogue's default."""
        box = self.encoder
        if [(box.itemData(n), box.itemText(n)) for n in range(box.count())] == list(encoders):
            return
        self.encoder.clear()
        for name, title in encoders:
            self.encoder.addItem(title, name)
        self.encoder.setCurrentIndex(max(0, self.encoder.findData(self.settings.encoder)))

    def show_surveys(self, surveys: Mapping[str, Survey]) -> None:
        """What there is to learn from."""
        for key, card in self.sources.cards.items():
            found = surveys.get(key)
            if found is not None:
                card.say(words.survey_line(found), words.survey_detail(found), found.problem)

    def show_plan(self, plan: Plan | None, problem: str = "") -> None:
        """What it would cost, or why it cannot start."""
        self.estimate.show_plan(plan, problem)
        self.advanced.show_resolved(plan.settings if plan is not None else None)
        found = [*plan.survey.conflicts, *plan.survey.notes, *plan.notes] if plan else []
        lines = found[:CONFLICTS_SHOWN]
        if len(found) > CONFLICTS_SHOWN:
            lines.append(f"and {len(found) - CONFLICTS_SHOWN:,} more")
        self.conflict_words.setText("\n".join(lines))
        self._conflicts.setVisible(bool(lines))

    def show_advice(self, advice: Advice | None) -> None:
        """What is recommended for what is learnt from."""
        self.advice.show_advice(advice, self.settings)

    def show_trials(self, seconds: float | None, problem: str = "") -> None:
        """What trying a few settings would take, or why they cannot be tried."""
        self.estimate.show_trials(seconds, problem)

    def show_name(self, name: str) -> None:
        """What it would be called."""
        self.name.setPlaceholderText(name)

    def show_preview(self, rows: list[list[QPixmap]], note: str = "") -> None:
        """The user's own images, varied."""
        self.strip.show_rows(rows)
        self._preview_note.setText(note)
        self._preview_note.setVisible(bool(note))

    def show_pins(self, content_ids: Sequence[int]) -> None:
        """The images that the user wants to follow."""
        self.pinned.set_items([(one, one, None, "") for one in content_ids])
        self.pinned.setVisible(bool(content_ids))
        self.clear_pins.setVisible(bool(content_ids))
        self._pin_note.setText(
            ""
            if content_ids
            else "Five are chosen. To choose them yourself, select images in Explore and press P."
        )
        self._pin_note.setVisible(not content_ids)

    # -- what the user wants

    def open_advanced(self) -> None:
        """Show every setting."""
        self.disclosure.setChecked(True)

    def _disclose(self, is_open: bool) -> None:
        self.advanced.setVisible(is_open)

    def _take_back(self, names: Sequence[str]) -> None:
        plain = Settings()
        self.show_settings(replace(self.settings, **{name: getattr(plain, name) for name in names}))
        self.settings_changed.emit(self.settings)

    def _change(self, name: str, value: Any) -> None:
        self.show_settings(replace(self.settings, **{name: value}))
        self.settings_changed.emit(self.settings)
