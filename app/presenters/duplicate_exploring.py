"""Duplicates in Explore: the inspector says of which group the selected image is, and leads there."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.presenters.duplicates import DuplicatesPresenter
from app.views.inspector import InspectorView
from app.widgets import text
from core.changes import Changes
from core.operations import groups, images

if TYPE_CHECKING:
    from core.project import Project

SETTLE_MS = 120
FOLLOWED = Changes.PAIRS | Changes.LINKS | Changes.IMAGES | Changes.REMOVALS | Changes.SETTINGS
Held = tuple[int, int] | None  # (content, files of its group)


def held_by(project: "Project", image_id: int) -> Held:
    """The content of an image, and how many files its group has; None where it is in none."""
    described = images.describe(project, [image_id])
    if not described:
        return None
    group = groups.group_of(project, described[0].content_id)
    return (described[0].content_id, len(group.images)) if group is not None else None


class DuplicateExploring(QObject):
    """Binds the inspector to the panel Groups."""

    page_wanted = Signal()

    def __init__(
        self,
        document: Document,
        inspector: InspectorView,
        page: DuplicatesPresenter,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._inspector, self._page = document, inspector, page
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._read)
        document.selection.changed.connect(lambda _: self._ask())
        document.changed.connect(self._follow)
        inspector.group_wanted.connect(self.show_group)

    def _ask(self) -> None:
        self._inspector.show_group("")
        self._settle.start()

    def _follow(self, changes: Changes) -> None:
        if changes & FOLLOWED:
            self._settle.start()

    def _read(self) -> None:
        chosen = self._document.selection
        current = chosen.current
        if current is None or len(chosen) != 1 or not self._inspector.isVisible():
            self._inspector.show_group("")
            return

        def show(found: Held) -> None:
            if self._document.selection.current == current and len(self._document.selection) == 1:
                words = f"In a group of {text.plural(found[1], 'file')}" if found else ""
                self._inspector.show_group(words)

        self._document.read(held_by, current, on_done=show)

    def show_group(self) -> None:
        """The group of the current image, on the page Duplicates."""
        current = self._document.selection.current
        if current is None:
            return

        def show(found: Held) -> None:
            if found is None:
                self._document.say("This image is in no group of duplicates.")
                return
            self._page.groups.show_group_of(found[0])
            self.page_wanted.emit()

        self._document.read(held_by, current, on_done=show)
