"""The inspector: what is selected, its facts, its tags, and what looks like it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QCompleter,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import text
from app.widgets.chip import Chip
from app.widgets.flow import FlowLayout
from app.widgets.parts import ElidedLabel, EmptyState, IconButton, button, column, label, row
from app.widgets.picture import Picture
from app.widgets.strip import Strip
from core.catalogue.records import Image

FACTS = (
    "Marks", "Missing", "Taken out", "Folder", "Class", "Fields", "Size", "Dimensions", "Format", "Read",
    "Date", "SHA-256",
)  # fmt: skip
MIN_PREVIEW_PX, PREVIEW_PX = 128, 232
BELOW_PREVIEW_PX = 490  # facts, tags and a row of look-alikes


@dataclass(frozen=True)
class Neighbour:
    """One look-alike in the strip."""

    image_id: int
    content_id: int
    score: float | None
    path: str


class InspectorView(QFrame):
    """Shows one image, or what several have in common; says what the user wants of them."""

    opened = Signal()
    walked = Signal(int)  # image id
    went_back = Signal()
    went_forward = Signal()
    tag_added = Signal(str)
    tag_removed = Signal(str)
    more_like_these = Signal()
    less_like_these = Signal()
    between_these = Signal()
    group_wanted = Signal()  # of duplicates
    left = Signal()  # Escape in the tag field

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setMinimumWidth(240)
        self._theme, self._thumbnails = theme, thumbnails
        self._chips: list[Chip] = []
        self._facts: dict[str, ElidedLabel] = {}
        self._labels: dict[str, QLabel] = {}
        self._build()
        self.show_nothing()

    def _build(self) -> None:
        theme = self._theme
        self.title = ElidedLabel("", "title")
        self.back = IconButton(theme, "back", "Back  Alt+Left", 18)
        self.forward = IconButton(theme, "forward", "Forward  Alt+Right", 18)
        self.back.clicked.connect(self.went_back)
        self.forward.clicked.connect(self.went_forward)
        head = row(self.title, self.back, self.forward, gap_px=2, margins=(16, 4, 8, 4))
        head.setFixedHeight(40)
        head.setObjectName("paneBar")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.preview = Picture(theme, PREVIEW_PX)
        self.preview.clicked.connect(self.opened)
        self.mosaic = Strip(theme, self._thumbnails, "Selected images", columns=4)
        self.mosaic.chosen.connect(self.walked)
        self.strip = Strip(theme, self._thumbnails, "Look-alikes")
        self.strip.chosen.connect(self.walked)
        self.more = button("More like these", self.more_like_these.emit)
        self.less = IconButton(theme, "minus", "Less like this  N", 18)
        self.less.clicked.connect(self.less_like_these)
        self.between = IconButton(theme, "between", "Between these two  Shift+B", 18)
        self.between.clicked.connect(self.between_these)
        self._strip_title = label("Look-alikes", "section")
        self._strip_note = label("", "muted", wraps=True)
        content = column(
            self.preview,
            self.mosaic,
            self._build_facts(),
            self._build_group(),
            label("Tags", "section"),
            self._build_tags(),
            8,
            row(self._strip_title, None, self.between, self.less, self.more, gap_px=4),
            self._strip_note,
            self.strip,
            None,
            margins=(16, 16, 16, 16),
        )
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(scroll)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self._stack, 1)

    def _build_facts(self) -> QWidget:
        holder = QWidget()
        form = QFormLayout(holder)
        form.setContentsMargins(0, 8, 0, 8)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name in FACTS:
            value = ElidedLabel()
            self._facts[name] = value
            self._labels[name] = label(name, "muted")
            form.addRow(self._labels[name], value)
        return holder

    def _build_group(self) -> QWidget:
        self.group_line = label("")
        self.group = button("Show  Shift+G", self.group_wanted.emit, "link")
        self.group.setAccessibleName("Show the group of duplicates of this image")
        self._group_holder = row(self.group_line, self.group, None, gap_px=8, margins=(0, 0, 0, 8))
        self._group_holder.hide()
        return self._group_holder

    def _build_tags(self) -> QWidget:
        self.tag_field = QLineEdit()
        self.tag_field.setAcceptDrops(False)
        self.tag_field.setPlaceholderText("Add a tag")
        self.tag_field.setAccessibleName("Add a tag to the selection")
        self.tag_field.installEventFilter(self)
        self.tag_field.returnPressed.connect(self._say_tag)
        self._known_tags = QStringListModel(self)
        completer = QCompleter(self._known_tags, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.tag_field.setCompleter(completer)
        chips = QWidget()
        self._chip_box = FlowLayout(chips)
        self._chip_holder = chips
        return column(chips, self.tag_field, gap_px=8)

    def sizeHint(self) -> QSize:
        return QSize(320, 600)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # On a low screen the picture gives way: the first look-alikes are to be seen unscrolled.
        room_px = self.height() - BELOW_PREVIEW_PX
        self.preview.setFixedHeight(max(MIN_PREVIEW_PX, min(PREVIEW_PX, room_px)))
        super().resizeEvent(event)

    # -- what is shown

    def show_nothing(self) -> None:
        """Nothing is selected."""
        self.title.set_text("Nothing selected")
        self.empty.show_state("", "Click an image in the grid or a point on the map.")
        self._stack.setCurrentIndex(0)

    def show_one(self, image: Image, thumbnail: QPixmap | None) -> None:
        """One image is selected; its picture and look-alikes follow."""
        self._stack.setCurrentIndex(1)
        self.title.set_text(image.name)
        self.preview.show()
        self.mosaic.hide()
        self.preview.show_pixmap(thumbnail)
        self._set_facts(
            {
                "Folder": image.folder,
                "Class": image.class_name,
                "Size": text.size(image.size_bytes),
                "Dimensions": f"{image.width} × {image.height}",
                "Format": image.format,
                "Date": text.date(image.mtime_ns),
                "SHA-256": image.sha256,
            }
            | ({"Read": image.note} if image.note else {})
            | ({"Missing": _missing_words(image)} if image.is_missing else {})
            | ({"Taken out": "its file and its tags stay"} if image.is_removed else {})
        )
        self._facts["Folder"].setToolTip(image.path)
        self.set_tags([(tag, 1) for tag in image.tags], 1)
        self.more.setText("More like this")
        self.less.set_name("Less like this  N")
        self.between.hide()

    def show_several(
        self, count: int, images: Sequence[Image], tags: list[tuple[str, int]]
    ) -> None:
        """Several are selected; ``images`` are the first of them."""
        self._stack.setCurrentIndex(1)
        self.title.set_text(f"{text.plural(count, 'image')} selected")
        self.preview.hide()
        self.mosaic.show()
        self.mosaic.set_items([(i.id, i.content_id, None, i.path) for i in images[:12]])
        is_all = len(images) == count
        classes = sorted({i.class_name for i in images})
        total = text.size(sum(i.size_bytes for i in images))
        shown = ", ".join(classes[:6]) + (" and more" if len(classes) > 6 or not is_all else "")
        self._set_facts({"Class": shown} | ({"Size": total} if is_all else {}))
        self.set_tags(tags, count)
        self.more.setText("More like these" if count != 2 else "More")  # beside one button more
        self.less.set_name("Less like these  N")
        self.between.setVisible(count == 2)

    def show_fields(self, fields: Sequence[tuple[str, str | float]]) -> None:
        """Further columns that came with labels from outside; nothing where there are none."""
        words = [f"{name} {_plain(value)}" for name, value in fields]
        self._facts["Fields"].set_text(" · ".join(words))
        self._facts["Fields"].setToolTip("\n".join(words))
        for one in (self._facts["Fields"], self._labels["Fields"]):
            one.setVisible(bool(words))

    def show_reason(self, image: Image, why: str) -> None:
        """Why the file of the image on show is missing, in a sentence."""
        self._facts["Missing"].set_text(f"{_missing_words(image)}. {why}")

    def show_marks(self, words: str) -> None:
        """What was said of the selected images; nothing where the line is not needed."""
        self._facts["Marks"].set_text(words)
        for one in (self._facts["Marks"], self._labels["Marks"]):
            one.setVisible(bool(words))

    def show_group(self, words: str) -> None:
        """Of which group of duplicates the image on show is; nothing where it is in none."""
        self.group_line.setText(words)
        self._group_holder.setVisible(bool(words))

    def set_tags(self, tags: list[tuple[str, int]], count: int) -> None:
        """Tags with how many of the ``count`` selected images have them."""
        for chip in self._chips:
            self._chip_box.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for tag, having in tags:
            words = tag if having == count else f"{tag}  {having} of {count}"
            chip = Chip(self._theme, words, name="tagChip")
            chip.removed.connect(lambda t=tag: self.tag_removed.emit(t))
            self._chip_box.addWidget(chip)
            self._chips.append(chip)
        self._chip_holder.setVisible(bool(tags))

    def set_known_tags(self, tags: list[str]) -> None:
        """What the field completes."""
        self._known_tags.setStringList(tags)

    def show_picture(self, image: QImage) -> None:
        """The sharp preview."""
        self.preview.show_image(image)

    def show_neighbours(self, neighbours: list[Neighbour], note: str = "") -> None:
        """The look-alikes of the image on show, best first."""
        self.strip.set_items([(n.image_id, n.content_id, n.score, n.path) for n in neighbours])
        self.strip.setVisible(bool(neighbours))
        self._strip_note.setText(note)
        self._strip_note.setVisible(bool(note))

    def set_editable(self, is_editable: bool) -> None:
        """Whether tags can be changed."""
        self.tag_field.setEnabled(is_editable)
        for chip in self._chips:
            chip.setEnabled(is_editable)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.tag_field and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Escape:
                self.tag_field.clear()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)

    def focus_tags(self) -> None:
        """Put the cursor where a tag is typed."""
        self.tag_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.tag_field.selectAll()

    def _set_facts(self, facts: dict[str, str]) -> None:
        for name, value in self._facts.items():
            if name == "Marks":
                continue  # which comes by itself
            value.set_text(facts.get(name, ""))
            value.setVisible(name in facts)
            self._labels[name].setVisible(name in facts)

    def _say_tag(self) -> None:
        tag = self.tag_field.text().strip()
        if tag:
            self.tag_field.clear()
            self.tag_added.emit(tag)


def _missing_words(image: Image) -> str:
    if not image.missing_since:
        return "its file is gone"
    return f"since {text.date(int(image.missing_since * 1e9))}"


def _plain(value: str | float) -> str:
    """A number without needless digits, or words as they are."""
    return f"{value:.15g}" if isinstance(value, float) else value
