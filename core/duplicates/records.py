"""What the room of duplicates speaks of: cards of the review, chains, groups, curves. Frozen; ids, not pictures."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import Kind
from core.catalogue.records import Verdict

Key = tuple[int, int]  # (content, content), the lower first


@dataclass(frozen=True, slots=True)
class Step:
    """One verdict of a chain: ``a`` and ``b`` are contents, in the order in which the chain walks."""

    a: int
    b: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A pair whose verdict does not go with what follows from others.

    ``says`` is the pair's own verdict, ``follows`` what the ``chain`` of verdicts from one to the other leads to.
    """

    pair: Key
    says: Verdict
    follows: Verdict
    chain: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One question of the review: are these two the same picture?

    ``a``, ``b`` contents; ``a_image``, ``b_image`` an image of each that is present. ``chance`` is how likely
    they are duplicates (0 to 1, calibrated where there are verdicts). ``settles`` counts the open pairs, this one
    included, that an answer is expected to decide; ``if_duplicate`` and ``if_different`` those that each answer
    decides. ``transform`` float32 [2, 3] takes a point of a to b in shares of the sides; ``overlaps`` are the
    shares of a and b that both show.
    """

    a: int
    b: int
    a_image: int
    b_image: int
    kind: Kind
    score: float
    chance: float
    differs: tuple[str, ...]
    settles: float
    if_duplicate: int
    if_different: int
    overlaps: tuple[float, float]
    transform: NDArray[np.float32]

    @property
    def key(self) -> Key:
        """The pair."""
        return (self.a, self.b)


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of the review: open ``pairs``, about how many ``questions`` they take, ``judged`` so far by a
    person, ``followed`` from those, and seconds at the pace of this sitting (None before there is one)."""

    pairs: int
    questions: int
    judged: int
    followed: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Edge:
    """Two members of a group that hang together. ``verdict`` is a person's, else None; ``score`` 0 to 1."""

    a: int
    b: int
    score: float
    kind: Kind
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Group:
    """Contents that are the same picture, the keeper first.

    ``images`` all present image files of them. ``edges`` between members; ``weakest`` the place in ``edges`` of the
    link whose loss would part the group most easily (None where verdicts hold all of it). ``is_judged`` where a
    person's verdicts join all members, of which there are two at least. ``bytes_to_win`` counts the files beside the
    keeper that are not protected.
    """

    contents: tuple[int, ...]
    images: tuple[int, ...]
    edges: tuple[Edge, ...]
    weakest: int | None
    is_judged: bool
    keeper_image: int
    bytes_to_win: int = 0

    @property
    def id(self) -> int:
        """The lowest content: the same from call to call while that one is in the group."""
        return min(self.contents)


@dataclass(frozen=True, slots=True)
class Curve:
    """Expected errors of one kind of link at each threshold: arrays [n], thresholds ascending.

    ``precision`` and ``recall`` float64 [n, 3]: the estimate with its 95 % interval (low, middle, high). Shown are
    the candidates that score at least the threshold and were not judged otherwise: ``shown`` int64 [n] counts them, and
    ``scores`` float32, ascending, are those of all of them. Precision is the share of duplicates among the shown,
    recall the share of the duplicates among all candidates of the kind that are shown. ``answers`` how many verdicts of
    the person it rests on; 0 means that only what was measured in advance speaks. ``candidates`` is how many there are
    at all.
    """

    kind: Kind
    thresholds: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    answers: int
    shown: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    candidates: int = 0
    scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a threshold comes to: ``precision`` and ``recall`` as (low, middle, high), ``shown`` pairs, of all
    ``candidates``, and the ``answers`` it rests on; as in ``Curve``."""

    precision: tuple[float, float, float]
    recall: tuple[float, float, float]
    shown: int
    candidates: int
    answers: int
