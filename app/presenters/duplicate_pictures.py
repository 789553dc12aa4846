"""The pictures of the pair on show and of those that come next, decoded before they are needed."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSizeF, Signal
from PySide6.QtGui import QImage

from app.document import Document
from app.models.pair_rows import PairRow
from app.models.pair_side import PairSide
from app.models.pictures import load_picture
from app.models.thumbnails import from_jpeg
from core.catalogue.records import Image
from core.changes import Changes
from core.errors import KnownError
from core.operations import images

if TYPE_CHECKING:
    from core.project import Project

MOST_BYTES = 256 * 1024 * 1024
STANDINS, IN_FLIGHT = 256, 2
STEP_PX, LEAST_PX, SHARP_PX = 128, 512, 4096
Place = tuple[int, int]  # (image, content)


class PairPictures(QObject):
    """Thumbnails at once, the pictures as soon as they are decoded; the least recently used goes first."""

    arrived = Signal(int)  # an image id
    lapsed = Signal()  # what could not be read may be there again: prepare anew what is on show

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        # By image and content: a file that changed is read again.
        self._pictures: OrderedDict[Place, tuple[int, QImage]] = OrderedDict()
        self._standins: OrderedDict[int, QImage] = OrderedDict()  # by content
        self._notes: dict[Place, str] = {}
        self._wanted: list[tuple[Place, int]] = []  # of which the longest side
        self._under_way: set[tuple[Place, int]] = set()
        document.changed.connect(self._follow)

    def sides(self, row: PairRow) -> tuple[PairSide, PairSide]:
        """Both sides, as sharp as they are here."""
        return self._side(row.a), self._side(row.b)

    def is_sharp(self, row: PairRow) -> bool:
        """Whether both pictures are here, or cannot be had."""
        return all(
            _place(one) in self._pictures or _place(one) in self._notes for one in (row.a, row.b)
        )

    def prepare(self, rows: Sequence[PairRow], decode_px: int, ahead: int = 2) -> None:
        """Decode the first pair, then the ``ahead`` next ones; of all of ``rows`` thumbnails."""
        longest_px = max(LEAST_PX, -(-decode_px // STEP_PX) * STEP_PX)
        near = [one for row in rows[: ahead + 1] for one in (row.a, row.b)]
        self._wanted = [
            (_place(one), longest_px) for one in near if self._is_lacking(one, longest_px)
        ]
        contents = [one.content_id for row in rows for one in (row.a, row.b)]
        lacking = [one for one in dict.fromkeys(contents) if one not in self._standins]
        if lacking:
            self._document.read(_standins, lacking, on_done=self._take_standins)
        self._pump()

    def sharpen(self, row: PairRow) -> None:
        """Decode this pair as large as it gets."""
        self._wanted = [
            (_place(one), SHARP_PX) for one in (row.a, row.b) if self._is_lacking(one, SHARP_PX)
        ] + self._wanted
        self._pump()

    def forget(self) -> None:
        """Let go of all of them."""
        self._pictures.clear()
        self._standins.clear()
        self._notes.clear()
        self._wanted = []

    def _follow(self, changes: Changes) -> None:
        if changes & (Changes.IMAGES | Changes.SOURCES) and self._notes:
            self._notes.clear()
            self.lapsed.emit()

    def _is_lacking(self, image: Image, longest_px: int) -> bool:
        known = self._pictures.get(_place(image))
        needed = min(longest_px, max(image.width, image.height))
        return _place(image) not in self._notes and (known is None or known[0] < needed)

    def _side(self, image: Image) -> PairSide:
        known = self._pictures.get(_place(image))
        picture = known[1] if known is not None else self._standins.get(image.content_id, QImage())
        file_px = QSizeF(max(1, image.width), max(1, image.height))
        return PairSide(file_px, picture, self._notes.get(_place(image), ""))

    def _pump(self) -> None:
        while self._wanted and len(self._under_way) < IN_FLIGHT:
            wish = self._wanted.pop(0)
            if wish not in self._under_way:
                self._under_way.add(wish)
                self._load(*wish)

    def _load(self, place: Place, longest_px: int) -> None:
        def take(picture: QImage) -> None:
            self._keep(place, longest_px, picture)
            self.arrived.emit(place[0])

        def fail(error: BaseException) -> None:
            self._notes[place] = "The file cannot be read now."
            self.arrived.emit(place[0])
            if not isinstance(error, KnownError):
                self._document.report(error)

        def end() -> None:
            self._under_way.discard((place, longest_px))
            self._pump()

        self._document.read(
            load_picture, place[0], longest_px, on_done=take, on_failed=fail, on_ended=end
        )

    def _keep(self, place: Place, longest_px: int, picture: QImage) -> None:
        known = self._pictures.get(place)
        if known is None or known[0] < longest_px:
            self._pictures[place] = (longest_px, picture)
        self._pictures.move_to_end(place)
        held = sum(one.sizeInBytes() for _, one in self._pictures.values())
        while held > MOST_BYTES and len(self._pictures) > 2:
            _, (_, dropped) = self._pictures.popitem(last=False)
            held -= dropped.sizeInBytes()

    def _take_standins(self, found: dict[int, QImage]) -> None:
        for content_id, picture in found.items():
            self._standins[content_id] = picture
        while len(self._standins) > STANDINS:
            self._standins.popitem(last=False)
        self.arrived.emit(-1)


def _place(image: Image) -> Place:
    return image.id, image.content_id


def _standins(project: "Project", content_ids: list[int]) -> dict[int, QImage]:
    """Thumbnails as they are drawn; runs in the reads lane."""
    found = images.thumbnails(project, content_ids)
    return {
        key: from_jpeg(data).convertToFormat(QImage.Format.Format_RGB32)
        for key, data in found.items()
    }
