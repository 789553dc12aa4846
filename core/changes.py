"""Which kinds of things an edit touched, so that a view refreshes only when it must."""

from enum import Flag, auto


class Changes(Flag):
    """A set of flags; combine with ``|``, test with ``in`` or ``&``."""

    NONE = 0
    SOURCES = auto()
    IMAGES = auto()
    THUMBNAILS = auto()
    UNREADABLE = auto()
    EMBEDDINGS = auto()
    NEIGHBOURS = auto()
    LAYOUTS = auto()
    PAIRS = auto()
    TAGS = auto()
    CLASSES = auto()
    SPLITS = auto()
    RUNS = auto()
    HISTORY = auto()
    SETTINGS = auto()
    SEARCHES = auto()
    LINKS = auto()
    REMOVALS = auto()
    EXPORTS = auto()
    ALL = (
        SOURCES
        | IMAGES
        | THUMBNAILS
        | UNREADABLE
        | EMBEDDINGS
        | NEIGHBOURS
        | LAYOUTS
        | PAIRS
        | TAGS
        | CLASSES
        | SPLITS
        | RUNS
        | HISTORY
        | SETTINGS
        | SEARCHES
        | LINKS
        | REMOVALS
        | EXPORTS
    )
