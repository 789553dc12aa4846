"""Removals so far, as the panel Removal lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.widgets import text
from core.catalogue.removals import Removal

MOST_SHOWN = 20
_STATES = (("gone", "gone"), ("restored", "restored"), ("lost", "lost"), ("refused", "stayed"))
_TO = {"trash": "Trash", "links": "Hard links", "folder": "Folder"}


@dataclass(frozen=True, slots=True)
class Past:
    """One removal in words."""

    uid: str
    when: str
    words: str
    can_restore: bool


def past(removals: Sequence[Removal]) -> tuple[Past, ...]:
    """The last removals, the last first."""
    return tuple(_one(each) for each in removals[:MOST_SHOWN])


def _one(each: Removal) -> Past:
    when = text.date(int(each.begun_at * 1e9))
    counts = [f"{each.counts[key]:,} {word}" for key, word in _STATES if each.counts.get(key)]
    size = [text.size(each.size_bytes)] if each.size_bytes else []
    words = "  ·  ".join([_TO[each.how], *counts, *size])
    return Past(each.uid, when, words, bool(each.counts.get("gone") or each.counts.get("lost")))
