"""What the page Compare shows, as plain values: encoders, images with two lists of neighbours each, classes."""

from dataclasses import dataclass

from app.models.insight import Picture


@dataclass(frozen=True, slots=True)
class Choice:
    """An encoder that can be compared; ``has_vectors``: of images of this catalogue."""

    name: str
    title: str
    has_vectors: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A neighbour in a list. ``is_alone``: the other encoder does not name it; ``is_own``: it is of the image's
    class, None where that is not known. ``score`` is a cosine."""

    picture: Picture
    score: float
    is_alone: bool
    is_own: bool | None


@dataclass(frozen=True, slots=True)
class CompareRow:
    """An image with its neighbours by A and by B. Of ``of`` neighbours ``same`` are in both; ``gain`` is how many more
    of its class B names; ``moved`` how far it is on B's map from where A has it, as a share of the map."""

    picture: Picture
    class_name: str | None
    same: int
    of: int
    gain: int
    moved: float | None
    a: tuple[Mark, ...]
    b: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class ClassGain:
    """A class of ``images``: how many more of its own B names (``low`` to ``high``, 95 %, where that is known)."""

    name: str
    images: int
    value: float
    low: float | None
    high: float | None
    share: float
