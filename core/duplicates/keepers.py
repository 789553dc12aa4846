"""Keepers: ordered rules that say which image file of a group stays."""

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageError

RuleKind = Literal["whole", "pixels", "bytes", "format", "date", "folder", "name", "path"]
# From the most to the least that a later edit can still be made of. Formats that are not named come last.
FORMATS = (
    "RAW", "TIFF", "PSD", "PNG", "JXL", "JPEG2000", "BMP", "QOI", "HEIF", "AVIF", "WEBP", "MPO", "JPEG", "GIF",
)  # fmt: skip
# What file managers and programs write into the name of a copy, in the languages they speak.
_COPY = re.compile(
    r"\(\d+\)|\[\d+\]|~\d*(?=\.|$)|(?<![^\W_])(?:copy|copie|copia|cópia|kopie|kopia|kopi|kópia|kopio|копия|копія|αντίγραφο)"
    r"(?![^\W\d_])|コピー|副本|拷贝|複製|복사본",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Of two images the one with more of what ``kind`` names wins; with ``is_reversed`` the other one.

    kind       the better image                                           reversed
    whole      shows the larger part of the picture                       the smaller part
    pixels     has more pixels                                            fewer
    bytes      has the larger file                                        the smaller
    format     has a format earlier in ``words`` (FORMATS without)        later
    date       has the older file, by two seconds or more                 the newer
    folder     lies in a folder earlier in ``words`` (or below it)        later, or in none
    name       has no mark of a copy in its name ("copy", "(1)"), and     has one
               fits none of the patterns in ``words`` ("*-small.*")
    path       has the shorter path                                       the longer
    """

    kind: RuleKind
    is_on: bool = True
    is_reversed: bool = False
    words: tuple[str, ...] = ()


KINDS: tuple[RuleKind, ...] = (
    "whole", "pixels", "name", "date", "format", "bytes", "folder", "path",
)  # fmt: skip
# Who was there first comes before who is larger: an edited copy that was saved anew often has more bytes, and a
# lossless file made of a lossy one no more picture. The length of a path says little of who is the original.
DEFAULT: tuple[Rule, ...] = tuple(
    Rule(kind, is_on=kind not in ("folder", "path")) for kind in KINDS
)

_TEXTS: dict[RuleKind, tuple[str, str]] = {
    "whole": ("Not cropped", "Cropped"),
    "pixels": ("Most pixels", "Fewest pixels"),
    "bytes": ("Largest file", "Smallest file"),
    "format": ("Best format", "Plainest format"),
    "date": ("Oldest file", "Newest file"),
    "folder": ("First folder", "Last folder"),
    "name": ("Name of an original", "Name of a copy"),
    "path": ("Shortest path", "Longest path"),
}


def text_of(rule: Rule) -> str:
    """The rule in a few words: "Most pixels"."""
    return _TEXTS[rule.kind][rule.is_reversed]


def check(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules, where they can be used; kinds that are not named follow, off. Raises UsageError."""
    kinds = [rule.kind for rule in rules]
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"There is no rule {kind!r} for keepers.", f"Use {', '.join(KINDS)}.")
        if kinds.count(kind) > 1:
            raise UsageError(f"The rule {kind!r} is there twice.", "Name each rule once.")
    return (*rules, *(Rule(kind, is_on=False) for kind in KINDS if kind not in kinds))


def read_words(words: Sequence[str]) -> tuple[Rule, ...]:
    """Rules from words, first wins: "pixels", "-bytes" for the reverse, "folder=/a:/b", "format=PNG:JPEG",
    "name=*-small.*". What is not named is off. Raises UsageError."""
    rules = []
    for word in words:
        kind, _, rest = word.strip().partition("=")
        known = next((one for one in KINDS if one == kind.lstrip("-").lower()), None)
        if known is None:
            raise UsageError(f"There is no rule {kind!r} for keepers.", f"Use {', '.join(KINDS)}.")
        if known == "folder" and not rest:
            raise UsageError("The rule folder needs folders.", "Write folder=/first:/second.")
        parts = tuple(one for one in rest.split(":") if one)
        rules.append(Rule(known, is_reversed=kind.startswith("-"), words=parts))
    return check(rules)


def to_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """What is stored of rules."""
    return [
        {"kind": one.kind, "on": one.is_on, "reversed": one.is_reversed, "words": list(one.words)}
        for one in rules
    ]


def from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Rules as they were stored; kinds that this version does not know are passed over."""
    kinds: dict[str, RuleKind] = {kind: kind for kind in KINDS}
    rules = {
        kinds[one["kind"]]: Rule(
            kinds[one["kind"]], bool(one["on"]), bool(one["reversed"]), tuple(one["words"])
        )
        for one in stored
        if one["kind"] in kinds
    }
    return check(tuple(rules.values()))


def format_ranks(names: Sequence[str], words: Sequence[str]) -> NDArray[np.int64]:
    """The place of each format in ``words``, or in FORMATS; those that are not named come after. int64 [n]."""
    order = [one.upper() for one in (words or FORMATS)]
    return np.array(
        [order.index(one.upper()) if one.upper() in order else len(order) for one in names],
        dtype=np.int64,
    )


def copy_marks(names: Sequence[str], words: Sequence[str]) -> NDArray[np.int64]:
    """How many marks of a copy each file name bears: int64 [n]. Patterns are those of shells, without case."""
    patterns = [re.compile(fnmatch.translate(word.casefold())) for word in words]
    return np.array(
        [
            len(_COPY.findall(name)) + sum(bool(one.match(name.casefold())) for one in patterns)
            for name in names
        ],
        dtype=np.int64,
    )


def wholeness(
    count: int,
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    overlaps: NDArray[np.float32],
    is_framed: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """How much of the largest picture that is known of it each content shows: float64 [count], 1 for all.

    ``overlaps`` [n, 2]: the share of a, and of b, that the other shows too. Where b shows nearly all of a and a shows
    clearly less of b, a is a part of b, and is worth what b is times that share; so a part is always worth less than
    its whole, through any number of crops of crops. Where ``is_framed`` bool [n], what the larger one shows beyond the
    other is a border or a caption: then it is the one that is worth less.
    """
    worth = np.ones(count)
    gap = overlaps[:, 0] - overlaps[:, 1]
    is_part = np.abs(gap) >= _PART_GAP
    gap = np.where(is_framed, -gap, gap)
    part = np.where(gap > 0, a, b)[is_part]
    whole = np.where(gap > 0, b, a)[is_part]
    share = np.minimum(overlaps[:, 0], overlaps[:, 1])[is_part].astype(np.float64)
    for _ in range(_CROPS_OF_CROPS):
        before = worth.copy()
        np.minimum.at(worth, part, before[whole] * share)
        if np.array_equal(before, worth):
            break
    return worth


# Differences of two overlaps below this are those of measuring.
_PART_GAP = 0.03
_CROPS_OF_CROPS = 8


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What a rule does to some groups: ``decides`` counts those in which it leaves one image; ``changes`` those whose
    keeper would be another if the rule were off (or on, where it is off)."""

    rule: Rule
    decides: int
    changes: int


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What rules compare, of n images: one array [n] for each kind of rule that is asked for, lower is better.

    ``protected`` bool [n]: images that are never removed; they come before all rules. ``path_order`` int64 [n]: the
    place of each among all paths, none twice; it decides what no rule does.
    """

    columns: Mapping[RuleKind, NDArray[Any]]
    protected: NDArray[np.bool_]
    path_order: NDArray[np.int64]

    def ordered(self, rules: Sequence[Rule]) -> list[NDArray[Any]]:
        """The columns of the rules that are on, lower is better, the first rule first."""
        return [
            -self.columns[rule.kind] if rule.is_reversed else self.columns[rule.kind]
            for rule in rules
            if rule.is_on
        ]

    def ranks(self, rules: Sequence[Rule]) -> NDArray[np.int64]:
        """The place of each image in the order of the rules: 0 for the best, none twice. int64 [n]."""
        keys = [~self.protected, *self.ordered(rules), self.path_order]
        ranks = np.empty(len(self.path_order), dtype=np.int64)
        ranks[np.lexsort(keys[::-1])] = np.arange(len(ranks))
        return ranks


def reasons(facts: Facts, rules: Sequence[Rule]) -> list[tuple[str, NDArray[Any]]]:
    """What decides between images, the first first: (in a few words, its column). The last differs for any two."""
    names = [text_of(rule) for rule in rules if rule.is_on]
    columns = [~facts.protected, *facts.ordered(rules), facts.path_order]
    return list(zip(["Protected", *names, "First by path"], columns, strict=True))


def keepers(
    facts: Facts, rules: Sequence[Rule], groups: NDArray[np.integer], count: int
) -> NDArray[np.int64]:
    """The keeper of each group: rows of ``facts``, int64 [count]. ``groups`` [n]: the group of each image, 0 to
    ``count`` - 1, none empty."""
    order = np.lexsort((facts.ranks(rules), groups))
    return order[np.searchsorted(groups[order], np.arange(count))]


def deciding(
    facts: Facts, rules: Sequence[Rule], groups: NDArray[np.integer], count: int
) -> NDArray[np.int64]:
    """Which rule leaves one image of each group: its place in ``rules``, int64 [count].

    -1 where protection alone does, or there is only one image; ``len(rules)`` where only the path does.
    """
    decided = np.full(count, len(rules), dtype=np.int64)
    rows = np.arange(len(groups))
    places = [place for place, rule in enumerate(rules) if rule.is_on]
    columns = [~facts.protected, *facts.ordered(rules)]
    for place, column in zip([-1, *places], columns, strict=True):
        values, of = column[rows], groups[rows]
        order = np.lexsort((values, of))
        first = np.searchsorted(of[order], np.arange(count))
        ends = np.append(first[1:], len(order))
        lowest = values[order[np.minimum(first, len(order) - 1)]]
        still = values == lowest[of]
        left = np.bincount(of[still], minlength=count)
        decided[(left == 1) & (ends > first)] = place
        rows = rows[still & (left[of] > 1)]
        if not len(rows):
            break
    return decided
