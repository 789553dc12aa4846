"""The layouts of the map: chosen, made while one watches, stopped when they look right, extended."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu

from app.document import Document
from app.models import encoder_titles, layout_choices
from app.presenters.map_loading import Loaded, count_unplaced, encoders_with
from app.selection import Ids
from app.tasks import Task
from app.views.map.facts import LayoutFacts
from app.views.map.menus import LayoutCalls, layout_menu
from app.views.map.view import MapView
from app.widgets import text
from core.changes import Changes
from core.operations import images, layouts
from core.operations.layout_facts import Facts, in_words
from core.operations.layout_watch import Frame, watch_of

TICK_MS = 50
RIGHT, CANCEL, PLACE, ANEW = "It looks right", "Cancel", "Place them", "Lay out anew"


class MapLayouts(QObject):
    """Switches between layouts and makes them; shows one under way as it comes."""

    wanted = Signal()  # the layout is to be read again
    began_moving = Signal()  # a layout under way is shown from now on
    appeared = Signal()  # it is of other images than were on show
    chosen_changed = Signal(object)  # method by encoder
    changed = Signal()  # what can be made, or whether one is under way

    def __init__(self, document: Document, view: MapView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        self.chosen: dict[str, str] = {}
        self.shown: Loaded | None = None
        self.unplaced = 0
        self.is_live = False
        self._task: Task | None = None
        self._is_building = self._is_made = False
        self._places_next = False  # another layout was opened, which is to have the new images too
        self._number = 0
        self._ids: Ids | None = None  # of the layout under way, and its contents
        self._contents: Ids | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.look)
        document.runner.started.connect(self._follow_task)
        view.bar.layouts_wanted.connect(self.open_menu)
        view.bar.trust_wanted.connect(self.show_facts)
        view.settings.wanted.connect(self.make)

    # -- what is on show

    def show_loaded(self, loaded: Loaded | None) -> None:
        """Another layout is on show, or none."""
        self.shown = loaded
        bar = self._view.bar
        if loaded is None:
            bar.show_layout("", "")
            bar.show_trust("", "")
            return
        bar.show_layout(layout_choices.title(loaded.method), layout_choices.words(loaded.method))
        trust = loaded.facts.trustworthiness
        bar.show_trust(f"Trust {trust:.2f}" if trust is not None else "", " ".join(self.sentences))
        self._document.read(
            count_unplaced, self._document.encoder, loaded.ids, on_done=self._show_unplaced
        )

    @property
    def sentences(self) -> list[str]:
        """What a person should know of the layout on show."""
        if self.shown is None:
            return []
        return in_words(_titled(self.shown.facts))

    def _show_unplaced(self, count: int) -> None:
        self.unplaced = count
        places, self._places_next = self._places_next, False
        if self._document.is_computing or self.is_live:
            return
        strip = self._view.strip
        if not count or not self._document.is_writable:
            if strip.offers == [PLACE, ANEW]:
                strip.hide()
        elif places:
            self.place()
        else:
            amount = "1 new image is" if count == 1 else f"{text.number(count)} new images are"
            strip.show_message(
                f"{amount} not on this map yet.", (PLACE, self.place), (ANEW, self.make_anew)
            )

    # -- what the user wants

    def remember(self, chosen: dict[str, str]) -> None:
        """What was chosen before."""
        self.chosen = dict(chosen)

    def open_menu(self, place: QPoint) -> QMenu:
        """The layouts there are."""
        shown = self.shown
        offered = layout_choices.choices(
            shown.stored if shown is not None else (), shown.method if shown is not None else ""
        )
        calls = LayoutCalls(self.choose, self.make, self.open_settings, self.make_anew)
        menu = layout_menu(self._view, offered, calls, can_make=self.can_make)
        menu.popup(place)
        return menu

    @property
    def can_make(self) -> bool:
        """Whether a layout could be made now."""
        return self._document.is_writable and not self._is_building

    def choose(self, method: str) -> None:
        """Show the stored layout of this method; new images are placed in it."""
        if self.shown is not None and method != self.shown.method:
            self._keep(method)
            self._places_next = True
            self.wanted.emit()

    def choose_next(self) -> None:
        """The next of those that are stored."""
        if self.shown is not None and len(self.shown.stored) > 1:
            order = [one.name for one in layout_choices.choices(self.shown.stored, "")]
            names = [one for one in order if one in self.shown.stored]
            place = names.index(self.shown.method) if self.shown.method in names else -1
            self.choose(names[(place + 1) % len(names)])

    def open_settings(self) -> None:
        """Set how a layout is made."""
        shown, view = self.shown, self._view

        def show(encoders: list[str]) -> None:
            mine = shown.encoder if shown is not None else ""
            over = [(one, encoder_titles.title(one)) for one in encoders if one != mine]
            known = {name: facts.options for name, facts in shown.stored.items()} if shown else {}
            view.settings.show_known(known, over)
            button = view.bar.layouts
            place = button.mapToGlobal(QPoint(0, button.height() + 4))
            view.settings.open_at(place, shown.method if shown is not None else "")

        self._document.read(encoders_with, on_done=show)

    def make_anew(self) -> None:
        """The layout on show, from the start, as it was set."""
        if self.shown is not None:
            self.make(self.shown.method, self.shown.facts.options or None)

    def place(self) -> None:
        """Put new images among those of the layout on show, which stay."""
        if self.shown is not None:
            words = text.plural(self.unplaced, "new image") if self.unplaced else "New images"
            self._build(f"Placing {words}", self.shown.method, only_if_stale=True)

    def make(
        self, method: str, options: dict[str, Any] | None = None, over: str | None = None
    ) -> None:
        """Make a layout; the map moves while it is worked out."""
        over = layouts.NO_ENCODER if over == "none" else over
        self._build("Laying out", method, options=options, align_with=over)

    def finish(self) -> None:
        """The layout under way looks right: it is kept as it is."""
        watch_of(self._document.project).finish()

    def cancel(self) -> None:
        """The layout under way is given up; the old one comes back."""
        if self._task is not None:
            self._task.cancel()

    def _build(self, title: str, method: str, **how: Any) -> None:
        if not self.can_make:
            return
        encoder = self._document.encoder or (self.shown.encoder if self.shown else None)
        waits = self._document.is_computing

        def done(changes: Changes) -> None:
            self._is_made = True
            if encoder is not None:
                self._keep(method, encoder)
            self._document.changed.emit(changes | Changes.LAYOUTS)

        self._is_building, self._is_made = True, False
        self._say_running(f"{title}…" if not waits else f"{title} when the running job has ended")
        task = self._document.compute(
            title, layouts.build, method=method, encoder=encoder, on_done=done,
            on_ended=self._ended, **how,
        )  # fmt: skip
        self._task = None if task.is_over else task
        self.changed.emit()

    def _keep(self, method: str, encoder: str | None = None) -> None:
        name = encoder or (self.shown.encoder if self.shown is not None else None)
        if name is not None and self.chosen.get(name) != method:
            self.chosen = {**self.chosen, name: method}
            self.chosen_changed.emit(self.chosen)

    def _ended(self) -> None:
        self._task, self._is_building = None, False
        self._stop_watching()
        if not self._is_made:
            self.wanted.emit()  # the old one comes back

    # -- one under way

    def _follow_task(self, task: Task) -> None:
        if task.lane == "compute" and self._document.is_computing:
            self._timer.start()

    def look(self) -> None:
        """Show where the layout under way is now."""
        if not self._document.is_open:
            self._timer.stop()
            return
        frame = watch_of(self._document.project).frame
        if frame is not None and self._is_mine(frame):
            self._take(frame)
        elif self.is_live and not self._is_building:
            self._stop_watching()
            self.wanted.emit()
        if not self._document.is_computing:
            self._timer.stop()

    def look_away(self) -> None:
        """Another encoder is looked through: what moves by the one before is no longer shown."""
        if self.is_live:
            self._stop_watching()
            self._view.strip.hide()

    def _is_mine(self, frame: Frame) -> bool:
        wanted = self._document.encoder or (self.shown.encoder if self.shown else None)
        return wanted in (None, frame.encoder)

    def _take(self, frame: Frame) -> None:
        if frame.image_ids is not self._ids:
            self._ids, self._contents = frame.image_ids, None
            self._read_contents(frame.image_ids)
        if self._contents is None or frame.number == self._number:
            return
        self._number = frame.number
        if not self.is_live:
            self.is_live = True
            self._view.bar.show_trust("", "")  # of the one before
            self.changed.emit()
            self.began_moving.emit()
        is_disk = layout_choices.is_disk(frame.method)
        places, contents = frame.positions, self._contents
        if not self._view.show_frame(frame.image_ids, contents, places, is_disk=is_disk):
            self.appeared.emit()
        self._view.bar.show_layout(
            layout_choices.title(frame.method), layout_choices.words(frame.method)
        )
        share = frame.round / frame.rounds if frame.rounds else None
        rounds = f"ound {frame.round} of {frame.rounds}"
        self._say_running(f"Laying out, r{rounds}", share, f"R{rounds}")

    def _read_contents(self, ids: Ids) -> None:
        def take(contents: Ids) -> None:
            if self._ids is ids:
                self._contents = contents

        self._document.read(images.content_ids, ids, on_done=take)

    def _say_running(self, words: str, share: float | None = None, short: str = "") -> None:
        calls: list[tuple[str, Callable[[], object]]] = []
        if share is not None:
            calls.append((RIGHT, self.finish))
        if self._is_building:
            calls.append((CANCEL, self.cancel))
        self._view.strip.show_progress(words, share, *calls, short=short)

    def _stop_watching(self) -> None:
        self.is_live = False
        self._ids = self._contents = None
        self.changed.emit()
        if not self._is_building:
            self._view.strip.hide()

    # -- what is known of it

    def show_facts(self) -> LayoutFacts | None:
        """The card that tells how far the layout can be trusted."""
        if self.shown is None:
            return None
        card = LayoutFacts(self._view)
        words = layout_choices.words(self.shown.method)
        place = self._view.bar.trust.mapToGlobal(QPoint(0, self._view.bar.trust.height() + 4))
        card.show_facts(layout_choices.title(self.shown.method), [words, *self.sentences], place)
        return card


def _titled(facts: Facts) -> Facts:
    """With the encoder that it lies over called as the window calls it."""
    if facts.aligned_with is None:
        return facts
    return replace(facts, aligned_with=encoder_titles.split(facts.aligned_with)[0])
