"""Which images, and in what order: the filter and the sort that the window and the command line share."""

import shlex
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import UsageError

SortKey = Literal["path", "name", "date", "size", "class"]
SORT_KEYS: tuple[SortKey, ...] = ("path", "name", "date", "size", "class")

# How people write formats, against how decoders name them.
_FORMAT_ALIASES = {"JPG": "JPEG", "TIF": "TIFF", "JP2": "JPEG2000"}


@dataclass(frozen=True, slots=True)
class Filter:
    """Images must match every field that is set; within a field, any of its values.

    ``contents`` limits to these content ids. Missing images are left out unless ``missing`` says so.
    """

    sources: frozenset[int] = frozenset()
    classes: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    text: str = ""
    missing: bool = False
    contents: tuple[int, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the filter lets every present image through."""
        return self == Filter()


@dataclass(frozen=True, slots=True)
class Sort:
    """One key and a direction; ties are broken by path, then id, so that the order is total."""

    by: SortKey = "path"
    descending: bool = False


def parse_filter(expression: str) -> Filter:
    """A filter from words such as ``class:Apple tag:"to keep" format:JPEG sunset``.

    Words without a known key are looked for in the file name and folder. Raises UsageError for a
    quote that is not closed or a key that is not known.
    """
    try:
        words = shlex.split(expression)
    except ValueError as error:
        raise UsageError(f"The filter {expression!r} has a quote that is not closed.") from error
    if any("\ud800" <= letter <= "\udfff" for letter in expression):
        raise UsageError("The filter holds bytes that are no letters.")
    found = Filter()
    texts: list[str] = []
    for word in words:
        key, colon, value = word.partition(":")
        if not colon:
            texts.append(word)
        elif key == "class":
            found = replace(found, classes=found.classes | {value})
        elif key == "tag":
            found = replace(found, tags=found.tags | {value})
        elif key == "format":
            name = value.upper()
            found = replace(found, formats=found.formats | {_FORMAT_ALIASES.get(name, name)})
        else:
            raise UsageError(
                f"The filter knows no key {key!r}.", "Use class:, tag:, format: or plain words."
            )
    return replace(found, text=" ".join(texts))
