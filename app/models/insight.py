"""What the page Insight shows, as plain values: doubted classes, leaks of a split, what an embedding is like."""

from dataclasses import dataclass

from app.models.curves import Line
from app.models.figure_rows import Cell


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it is drawn small; ``path`` is told where the pointer rests on it."""

    image_id: int
    content_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """An image whose class may be wrong: what it should be, how sure that is (0 to 1), and who says so."""

    picture: Picture
    class_name: str
    suggested: str
    confidence: float
    support: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Doubts:
    """The surest ``rows`` of ``total``, among ``judged`` images; ``note`` says what was passed over."""

    rows: tuple[Doubt, ...]
    total: int
    judged: int
    note: str


@dataclass(frozen=True, slots=True)
class Member:
    """An image of a leak, with the part of the split that it is in."""

    picture: Picture
    part: str


@dataclass(frozen=True, slots=True)
class LeakRow:
    """Images that belong together and lie in several parts; ``words`` say how alike they are."""

    members: tuple[Member, ...]
    words: str


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """A split without leaks: ``words`` say what it does, the tables count images by part, and by class and part."""

    words: str
    parts: tuple[tuple[Cell, ...], ...]
    class_heads: tuple[str, ...]
    classes: tuple[tuple[Cell, ...], ...]
    name: str


@dataclass(frozen=True, slots=True)
class SplitState:
    """A split of ``names``: None where there is none. ``plan`` is None where nothing leaks."""

    names: tuple[str, ...]
    split: str | None
    rows: tuple[LeakRow, ...]
    words: str
    plan: SplitPlan | None


Captioned = tuple[Picture, str]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """How often a class is taken for another, with (an image, what it was taken for) of some."""

    taken_for: str
    images: int
    examples: tuple[tuple[Picture, Picture], ...]


@dataclass(frozen=True, slots=True)
class ClassRow:
    """Retrieval of one class: shares of 0 to 1."""

    name: str
    images: int
    recall_1: float
    recall_5: float
    recall_10: float
    map_r: float
    mistakes: tuple[Mistakes, ...]


@dataclass(frozen=True, slots=True)
class EmbeddingState:
    """What an embedding is like. ``occurrences``: (among how many neighbours, images, whether these are hubs);
    ``spectrum``: share of the variance over the base-2 logarithm of the number of axes."""

    words: str
    sentences: dict[str, str]
    directions: tuple[tuple[str, float, str], ...]
    occurrences: tuple[tuple[str, int, bool], ...]
    hubs: tuple[Captioned, ...]
    same: tuple[tuple[Picture, ...], ...]
    spectrum: Line
    ticks: tuple[tuple[float, str], ...]
    spectrum_words: str
    classes: tuple[ClassRow, ...]
    classes_words: str
