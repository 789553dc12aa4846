"""Feeds the panel Groups: groups as graphs, which of their members are kept."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.document import Document
from app.models.group_rows import GroupRow, GroupState
from app.models.pictures import load_picture
from app.presenters import duplicate_group_facts as facts
from app.presenters.duplicate_contradictions import Counted
from app.presenters.duplicate_group_facts import Listed
from app.presenters.duplicate_keeping import DuplicateKeeping
from app.presenters.duplicate_panel import DuplicatePanel
from app.presenters.reading import Reading
from app.views.duplicates.groups import GroupsPanel
from app.widgets import text
from core.catalogue.records import Verdict
from core.changes import Changes
from core.duplicates.records import Group
from core.errors import KnownError, UsageError
from core.operations import groups, history, pairs

if TYPE_CHECKING:
    from core.project import Project

FOLLOWED = Changes.LINKS | Changes.PAIRS | Changes.IMAGES | Changes.REMOVALS | Changes.SETTINGS
SETTLE_MS, SHARP_PX = 40, 720


class DuplicateGroups(DuplicatePanel):
    """Binds the panel to a document. Nothing is read before the panel is shown."""

    explore_wanted = Signal()

    def __init__(self, document: Document, panel: GroupsPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
        self._content: int | None = None  # by which the group on show is known
        self._wanted: int | None = None  # a content whose group is to be shown
        self._parted: tuple[int, ...] = ()
        self._is_stale, self._asked = True, 0
        self._is_acting = False
        self._settle = self._timer(SETTLE_MS, self._read_state)
        self._listing: Reading[Listed] = Reading(document, self._load_list, self._take_list)
        self.keeping = DuplicateKeeping(document, panel, self._shown_content, self)
        for feed in panel.feeds:
            feed.bind(document)
        panel.list.images.bind(document)
        self._connect()

    def _timer(self, after_ms: int, call: Callable[[], object]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(after_ms)
        made.timeout.connect(call)
        return made

    def _connect(self) -> None:
        panel = self._panel
        panel.group_chosen.connect(self._choose)
        panel.order_chosen.connect(lambda _: self._listing.ask())
        panel.open_only_chosen.connect(lambda _: self._listing.ask())
        panel.members_chosen.connect(self._select)
        panel.line_chosen.connect(self._look_at_line)
        panel.cut_wanted.connect(self.cut)
        panel.accept_wanted.connect(self.accept)
        panel.out_wanted.connect(self.take_out)
        panel.answered.connect(self.mark)
        panel.compare_wanted.connect(self._compare)
        panel.bulk_wanted.connect(self._open_bulk)
        panel.explore_wanted.connect(self._show_in_explore)
        panel.opened.connect(self.image_wanted)
        self._document.changed.connect(self._follow)
        self._document.selection.changed.connect(self._follow_selection)

    # -- the list

    def begin(self) -> None:
        """The panel is shown."""
        self._panel.show_writable(self._document.is_writable)
        if self._is_stale:
            self._is_stale = False
            self.keeping.begin()
            self._listing.ask()

    def _shown_content(self) -> int:
        """By which the group on show is known; -1 for none, or while it is shown parted."""
        return -1 if self._content is None or self._parted else self._content

    def show_group_of(self, content_id: int) -> None:
        """Look at the group that holds this content."""
        self._wanted, self._parted = content_id, ()
        self._is_stale = True
        if self._panel.isVisible():
            self.begin()

    def _load_list(self, project: object) -> Listed:
        return facts.load_list(project, self._order, self._is_open_only)  # type: ignore[arg-type]

    @property
    def _order(self) -> str:
        return str(self._panel.order.currentData())

    @property
    def _is_open_only(self) -> bool:
        return self._panel.open_only.isChecked()

    def _take_list(self, listed: Listed) -> None:
        panel, total = self._panel, len(listed.groups)
        panel.model.set_groups(listed.groups, listed.order)
        panel.show_count(len(listed.order), total, listed.bytes_to_win)
        if not total:
            self._content = self._wanted = None
            self._say_none()
            return
        wanted = self._wanted if self._wanted is not None else self._content
        at = panel.model.place_of(wanted) if wanted is not None else -1
        if at < 0 and self._wanted is not None:
            panel.open_only.setChecked(False)
        is_lost = at < 0 and not self._parted
        self._wanted = None
        if is_lost and panel.model.rowCount():
            at = 0
        if at >= 0:
            panel.show_place(at)
            if wanted is None or is_lost or panel.model.place_of(wanted) == at:
                row = panel.model.row(at)
                held = wanted if wanted is not None and not is_lost else row.pictures[0].content_id
                self._content = held
        panel.stack.show_body()
        self._read_state()

    def _say_none(self) -> None:
        self._panel.state = None
        self._panel.stack.say(
            "No groups yet",
            "Groups come of duplicates: find them, then judge a few pairs under Review.",
            ("Review", partial(self.panel_wanted.emit, "review")),
        )
        self.changed.emit()

    def _choose(self, row: GroupRow) -> None:
        self._content, self._parted = row.pictures[0].content_id, ()
        self._settle.start()

    # -- the group

    def _read_state(self) -> None:
        content = self._content
        if content is None:
            return
        self._asked += 1
        asked, parted = self._asked, self._parted

        def take(state: GroupState | None) -> None:
            if asked != self._asked:
                return
            if state is not None:
                if not state.parted:  # it was taken back
                    self._parted = ()
                self._panel.show_group(state)
                self._panel.keeping.show_folders(state.folders)
                self.keeping.show_kept()
                self._follow_selection(None)
            self.changed.emit()

        self._document.read(facts.load_state, content, parted, on_done=take)

    def _look_at_line(self, at: int) -> None:
        """Sharp pictures of a link that was chosen."""
        self.changed.emit()
        graph = self._panel.graph
        if at < 0:
            return
        key = graph.line_key
        line = graph.graph.lines[at]
        for number, node in enumerate((line.a, line.b)):
            image_id = graph.graph.nodes[node].image_id
            if image_id:
                self._read_sharp(number, image_id, key)

    def _read_sharp(self, number: int, image_id: int, key: object) -> None:
        def show(picture: QImage) -> None:
            if self._panel.graph.line_key == key:
                self._panel.link.show_sharp(number, picture)

        def fail(error: BaseException) -> None:
            if not isinstance(error, KnownError):
                self._document.report(error)  # else the thumbnail is all there is

        self._document.read(load_picture, image_id, SHARP_PX, on_done=show, on_failed=fail)

    # -- what is done to it

    def can_mark(self) -> bool:
        """D, S, X and U answer the link that is chosen; without one, D accepts the group."""
        panel = self._panel
        if not panel.stack.is_body_shown or panel.state is None or self._is_acting:
            return False
        return panel.graph.line >= 0 or panel.accept.isEnabled()

    def can_cut(self) -> bool:
        """Whether there is a link to cut at."""
        return self._panel.isVisible() and self._panel.cut.isEnabled() and not self._is_acting

    def mark(self, verdict: Verdict) -> None:
        """Judge the link that is chosen, or accept the whole group."""
        key = self._panel.graph.line_key
        if key is None:
            if verdict == "duplicate":
                self.accept()
            else:
                self._document.say("Choose a link first: click it, or walk with [ and ].", "quiet")
            return
        graph = self._panel.graph
        line = graph.graph.lines[graph.line]
        self._panel.link.answers.light(verdict)

        judged: list[pairs.Judged] = []

        def store(project: "Project") -> Changes:
            judged.append(pairs.judge(project, *key, verdict, score=line.score))
            return judged[0].changes

        def done(changes: Changes) -> None:
            if judged[0].contradiction is not None:
                self._document.say(
                    "This does not go with what you said of other pairs.",
                    "warning",
                    ("Undo", self._undo),
                    ("Look at it in Review", partial(self._review, [key])),
                )

        self._is_acting = True
        self._document.edit("Judging", store, on_done=done, on_ended=self._acted)

    def accept(self) -> None:
        """All members are duplicates."""
        state = self._panel.state
        if state is None or not self._panel.accept.isEnabled():
            return
        contents = self._contents(state)
        told = f"{text.plural(len(contents), 'picture')} marked as duplicates."
        self._edit("Accepting a group", told, groups.join, contents)

    def cut(self) -> None:
        """Part the group at the link that is chosen, or the weakest."""
        state, place = self._panel.state, self._panel.line_to_cut
        if state is None or place < 0 or not self._panel.cut.isEnabled():
            return
        graph = self._panel.graph
        line = next(one for one in graph.graph.lines if one.place == place)
        ends = tuple(sorted(graph.graph.nodes[at].content_id for at in (line.a, line.b)))
        graph.choose_line(-1)
        self._part("Parting a group", state, partial(_cut, ends=ends))

    def take_out(self) -> None:
        """Part the member that is marked from the others."""
        state, chosen = self._panel.state, self._panel.chosen_contents
        if state is None or len(chosen) != 1 or not self._panel.out.isEnabled():
            return
        self._part(
            "Taking a picture out of a group", state, partial(_take_out, content_id=chosen[0])
        )

    def _part(self, title: str, state: GroupState, function: Callable[..., Changes]) -> None:
        contents = self._contents(state)
        self._parted = contents

        def failed(error: BaseException) -> None:
            self._parted = ()
            if isinstance(error, KnownError):
                self._document.say(f"{error.sentence} {error.remedy}".strip(), "warning")
            else:
                self._document.report(error)

        self._edit(title, "", function, contents[0], contents, on_failed=failed)

    @staticmethod
    def _contents(state: GroupState) -> tuple[int, ...]:
        return tuple(dict.fromkeys(one.picture.content_id for one in state.members))

    def _edit(
        self,
        title: str,
        told: str,
        function: Callable[..., Changes],
        *args: object,
        **kwargs: object,
    ) -> None:
        edit = Counted(function)

        def done(changes: Changes) -> None:
            if changes and told:
                edit.tell(self._document, told, self.contradictions_wanted.emit)

        self._is_acting = True
        self._document.edit(title, edit, *args, on_done=done, on_ended=self._acted, **kwargs)

    def _acted(self) -> None:
        self._is_acting = False
        self.changed.emit()

    def _undo(self) -> None:
        self._document.edit("Undoing", history.undo)

    # -- elsewhere

    def _select(self, image_ids: list[int]) -> None:
        current = image_ids[0] if image_ids else None
        self._document.selection.set(image_ids, current, self._panel)

    def _follow_selection(self, origin: object) -> None:
        if origin is not self._panel and self._panel.isVisible() and self._panel.state is not None:
            chosen = self._document.selection
            ids = [one.image.id for one in self._panel.state.members if one.image.id in chosen]
            self._panel.select_images(ids)

    def _show_in_explore(self) -> None:
        state = self._panel.state
        if state is not None:
            self._document.selection.set([one.image.id for one in state.members], None, self._panel)
            self.explore_wanted.emit()

    def _compare(self) -> None:
        if (key := self._panel.graph.line_key) is not None:
            self._review([key])

    def _review(self, keys: list[tuple[int, int]]) -> None:
        self.pairs_wanted.emit(keys, "A link of a group")

    def _open_bulk(self) -> None:
        state = self._panel.state
        contents = self._contents(state) if state is not None else ()
        self.bulk_wanted.emit(contents if len(contents) > 2 else ())

    def _follow(self, changes: Changes) -> None:
        if not changes & FOLLOWED:
            return
        self._is_stale = True
        if changes & Changes.IMAGES:
            self._panel.list.images.refresh()
        if self._panel.isVisible():
            self.begin()

    def forget(self) -> None:
        """Let go of what was read: the document closes."""
        self._settle.stop()
        self.keeping.forget()
        for feed in self._panel.feeds:
            feed.bind(None)
        self._panel.list.images.bind(None)
        self._panel.model.clear()


def _group(project: object, content_id: int, contents: tuple[int, ...]) -> Group:
    """The group as it is now, where it still is the one that was shown. Raises UsageError."""
    found = groups.group_of(project, content_id)  # type: ignore[arg-type]
    if found is None or set(found.contents) != set(contents):
        raise UsageError("This group has changed.", "Look at it again.")
    return found


def _cut(
    project: object, member: int, contents: tuple[int, ...], *, ends: tuple[int, ...]
) -> Changes:
    group = _group(project, member, contents)
    at = next((at for at, one in enumerate(group.edges) if (one.a, one.b) == ends), -1)
    return groups.cut(project, group, at)  # type: ignore[arg-type]


def _take_out(
    project: object, member: int, contents: tuple[int, ...], *, content_id: int
) -> Changes:
    return groups.take_out(project, _group(project, member, contents), content_id)  # type: ignore[arg-type]
