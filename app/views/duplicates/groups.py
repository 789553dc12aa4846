"""Groups: contents that are the same picture, as the graph of their links, and which of them is kept."""

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.models import group_words as words
from app.models.group_list import GroupListModel
from app.models.group_rows import GroupState, MemberRow
from app.models.picture_rows import RowsModel
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.views.duplicates.keeping import KeepingSide
from app.widgets import text
from app.widgets.choice import Choice
from app.widgets.group_list import GroupList
from app.widgets.link_card import LinkCard
from app.widgets.member_tiles import MemberDelegate
from app.widgets.parts import ElidedLabel, button, column, label, row
from app.widgets.similarity_graph import SimilarityGraph
from app.widgets.stack import Stack
from app.widgets.tick import Tick
from app.widgets.tiles import Tiles

ORDERS = (("bytes", "Most bytes to win"), ("size", "Most pictures"), ("weakest", "Weakest link"))
LIST_PX, RULES_PX, GRAPH_PX, SURVEY_PX = 264, 304, 420, 272
HELP = "Arrows: members  ·  [ ]: links  ·  C: cut  ·  D: all  ·  Del: out"


class GroupsPanel(QWidget):
    """Says which group is looked at and what is done to it."""

    group_chosen = Signal(object)  # GroupRow
    order_chosen = Signal(str)
    open_only_chosen = Signal(bool)
    members_chosen = Signal(object)  # image ids
    line_chosen = Signal(int)
    cut_wanted = Signal()
    accept_wanted = Signal()
    out_wanted = Signal()
    answered = Signal(str)
    compare_wanted = Signal()
    bulk_wanted = Signal()
    explore_wanted = Signal()
    opened = Signal(int)

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.theme = theme
        self.feeds = (
            Thumbnails(160, memory_mb=48),
            Thumbnails(200, memory_mb=48),
            Thumbnails(256, memory_mb=16),
        )
        self.model = GroupListModel(self)
        self.list = GroupList(theme, thumbnails, self.model)
        self.list.chosen.connect(self.group_chosen)
        self.order = Choice(theme, "Order of the groups")
        for key, name in ORDERS:
            self.order.addItem(name, key)
        self.order.activated.connect(lambda _: self.order_chosen.emit(self.order.currentData()))
        self.open_only = Tick(theme, "Only those not judged yet")
        self.open_only.toggled.connect(self.open_only_chosen)
        self.count = label("", "section")
        self.graph = SimilarityGraph(theme, self.feeds[0])
        self.members: RowsModel[MemberRow] = RowsModel(words.member_told, self)
        self.survey = Tiles(
            "Members of the group", self.members, MemberDelegate(theme, self.feeds[1]), 160
        )
        self.link = LinkCard(theme, self.feeds[2])
        self.keeping = KeepingSide(theme)
        self.state: GroupState | None = None
        self._is_writable = True
        self._build()
        self._connect()
        self.stack.say(
            "No groups yet",
            "Groups come of duplicates: find them, then judge a few pairs under Review.",
        )

    def _build(self) -> None:
        head = column(self.count, self.order, self.open_only, gap_px=4, margins=(12, 12, 8, 8))
        left = column(head, self.list, gap_px=0)
        _stretch(left, self.list)
        left.setMinimumWidth(224)
        self.title = label("", "title")
        self.note = ElidedLabel("", "muted")
        self.accept = button("All duplicates  D", self.accept_wanted.emit, "primary")
        self.cut = button("Cut  C", self.cut_wanted.emit)
        self.cut.setToolTip("Cut the group at the link that is chosen, or at its weakest")
        self.out = button("Take out  Del", self.out_wanted.emit)
        self.bulk = button("Answer many…", self.bulk_wanted.emit)
        self.explore = button("Show in Explore", self.explore_wanted.emit)
        bar = row(self.title, self.note, self.out, self.cut, self.accept, margins=(12, 6, 12, 6))
        self.help = ElidedLabel(HELP, "muted")
        foot = row(self.help, self.explore, self.bulk, margins=(12, 4, 12, 4))
        for line, place in ((bar, 1), (foot, 0)):
            inner = line.layout()
            assert isinstance(inner, QHBoxLayout)
            inner.setStretch(place, 1)
        top = column(
            bar,
            self.graph,
            foot,
            gap_px=0,
        )
        _stretch(top, self.graph)
        self.below = QStackedWidget()
        self.below.addWidget(self.survey)
        self.below.addWidget(self.link)
        self.survey.setFrameShape(QFrame.Shape.NoFrame)
        centre = QSplitter(Qt.Orientation.Vertical)
        sides = QSplitter(Qt.Orientation.Horizontal)
        for one, parts in ((centre, (top, self.below)), (sides, (left, centre, self.keeping))):
            one.setHandleWidth(1)
            one.setChildrenCollapsible(False)
            for part in parts:
                one.addWidget(part)
        centre.setSizes([GRAPH_PX, SURVEY_PX])
        centre.setStretchFactor(0, 1)
        sides.setStretchFactor(1, 1)
        sides.setSizes([LIST_PX, 800, RULES_PX])
        self.stack = Stack(sides, self.list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _connect(self) -> None:
        self.list.clicked.connect(lambda at: self.group_chosen.emit(self.model.row(at.row())))
        self.graph.opened.connect(self.opened)
        self.graph.node_chosen.connect(self._choose_member)
        self.graph.line_chosen.connect(self._choose_line)
        self.survey.opened.connect(lambda at: self.opened.emit(self.members.rows[at].image.id))
        self.survey.selectionModel().selectionChanged.connect(lambda *_: self._say_members())
        self.link.answered.connect(self.answered)
        self.link.cut_wanted.connect(self.cut_wanted)
        self.link.compare_wanted.connect(self.compare_wanted)
        self.link.left.connect(lambda: self.graph.choose_line(-1))

    def first_focus(self) -> QWidget:
        """Where the keyboard goes when the panel is shown."""
        return self.list if self.stack.is_body_shown else self.stack.empty

    # -- what is shown

    def show_count(self, shown: int, total: int, bytes_to_win: int) -> None:
        """How many groups there are, and what all of them would win."""
        of = f"{shown:,} of {total:,} groups" if shown != total else text.plural(total, "group")
        won = f"  ·  {text.size(bytes_to_win)} to win" if bytes_to_win else ""
        self.count.setText(f"{of}{won}")

    def show_place(self, at: int) -> None:
        """Mark a row of the list as the one on show, silently."""
        with QSignalBlocker(self.list.selectionModel()):
            self.list.setCurrentIndex(self.model.index(at, 0))
        self.list.selectionModel().select(
            self.model.index(at, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.list.scrollTo(self.model.index(at, 0))
        self.list.viewport().update()

    def show_group(self, state: GroupState) -> None:
        """The group that is looked at."""
        kept = [
            one.image.id for one in state.members if one.picture.content_id in self.graph.selected
        ]
        is_same = self.state is not None and self.state.graph.id == state.graph.id
        self.state = state
        self.graph.show_graph(state.graph)
        with QSignalBlocker(self.survey.selectionModel()):
            self.members.set_rows(state.members)
        if is_same and kept:
            self.select_images(kept)
        if state.parted:
            said = f"Parted into {' and '.join(str(one) for one in state.parted)}"
            self.title.setText(said)
            self.note.set_text("Ctrl+Z takes it back")
        else:
            self.title.setText(words.count_words(state.row))
            self.note.set_text(
                f"{words.weakest_words(state.row)}  ·  {words.gain_words(state.row)}"
            )
        self._show_actions()
        self._choose_line(self.graph.line)
        self.stack.show_body()

    def select_images(self, image_ids: object) -> None:
        """Mark these members, as somebody else selected them."""
        wanted = set(image_ids) if isinstance(image_ids, list | tuple | set | frozenset) else set()
        rows = [at for at, one in enumerate(self.members.rows) if one.image.id in wanted]
        model = self.survey.selectionModel()
        with QSignalBlocker(model):
            model.clearSelection()
            for at in rows:
                model.select(self.members.index(at, 0), QItemSelectionModel.SelectionFlag.Select)
        self.graph.select(frozenset(self.members.rows[at].picture.content_id for at in rows))
        self.survey.viewport().update()
        self._show_actions()

    def show_writable(self, is_writable: bool) -> None:
        """Whether anything can be changed."""
        self._is_writable = is_writable
        self.keeping.set_editable(is_writable)
        self.link.answers.set_enabled(is_writable)
        self._show_actions()

    @property
    def chosen_contents(self) -> tuple[int, ...]:
        """The contents of the members that are marked."""
        return tuple(sorted(self.graph.selected))

    def _show_actions(self) -> None:
        state = self.state
        is_whole = state is not None and not state.parted
        many = state is not None and len(state.graph.nodes) > 1
        can = self._is_writable and is_whole and many
        self.accept.setEnabled(can and state is not None and not state.row.is_judged)
        self.cut.setEnabled(can and self.line_to_cut >= 0)
        self.link.cut.setEnabled(can and self.line_to_cut >= 0)
        self.out.setEnabled(can and len(self.graph.selected) == 1)
        self.bulk.setEnabled(self._is_writable)

    @property
    def line_to_cut(self) -> int:
        """Where C cuts: the link that is chosen, or the weakest; its place in the group's edges, -1 for none."""
        lines = self.graph.graph.lines
        at = self.graph.line if self.graph.line >= 0 else self.graph.graph.weakest
        return lines[at].place if at is not None and 0 <= at < len(lines) else -1

    # -- hands

    def _choose_member(self, content_id: int, keys: Qt.KeyboardModifier) -> None:
        chosen = {content_id}
        adds = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if keys & adds:
            chosen = set(self.graph.selected) ^ {content_id}
        ids = [one.image.id for one in self.members.rows if one.picture.content_id in chosen]
        self.select_images(ids)
        if ids:
            at = next(at for at, one in enumerate(self.members.rows) if one.image.id == ids[0])
            self.survey.scrollTo(self.members.index(at, 0))
        self.members_chosen.emit(ids)

    def _say_members(self) -> None:
        rows = [self.members.rows[at] for at in self.survey.chosen_rows()]
        self.graph.select(frozenset(one.picture.content_id for one in rows))
        self._show_actions()
        self.members_chosen.emit([one.image.id for one in rows])

    def _choose_line(self, at: int) -> None:
        graph = self.graph.graph
        self.below.setCurrentWidget(self.link if at >= 0 else self.survey)
        if at >= 0:
            line = graph.lines[at]
            a, b = graph.nodes[line.a], graph.nodes[line.b]
            self.link.show_link(
                words.link_title(line),
                words.link_note(line, len(graph.nodes) + graph.more),
                (a.content_id, b.content_id),
                (a.name, b.name),
                line.verdict or "",
            )
        self._show_actions()
        self.line_chosen.emit(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and key == Qt.Key.Key_C and self.cut.isEnabled():
            self.cut_wanted.emit()
        elif plain and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.out.isEnabled():
            self.out_wanted.emit()
        elif key == Qt.Key.Key_Escape and self.graph.line >= 0:
            self.graph.choose_line(-1)
        else:
            super().keyPressEvent(event)


def _stretch(holder: QWidget, part: QWidget) -> None:
    box = holder.layout()
    assert isinstance(box, QVBoxLayout)
    box.setStretchFactor(part, 1)
