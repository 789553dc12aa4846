"""The layouts that the map offers, as its menu shows them: those that are stored, those that can be made."""

from collections.abc import Collection
from dataclasses import dataclass

from core.layout import methods


@dataclass(frozen=True)
class LayoutChoice:
    """A layout to choose; ``words`` say what its distances mean."""

    name: str
    title: str
    words: str
    is_stored: bool
    is_shown: bool


def choices(stored: Collection[str], shown: str) -> list[LayoutChoice]:
    """All methods, in the order of their table."""
    return [
        LayoutChoice(one.name, one.title, one.words, one.name in stored, one.name == shown)
        for one in methods.METHODS
    ]


def title(name: str) -> str:
    """What a method is called; a name that this version does not know, as it is."""
    return next((one.title for one in methods.METHODS if one.name == name), name)


def words(name: str) -> str:
    """What its distances mean."""
    return next((one.words for one in methods.METHODS if one.name == name), "")


def is_disk(name: str) -> bool:
    """Whether its positions lie in the Poincare disk."""
    return any(one.is_disk for one in methods.METHODS if one.name == name)
