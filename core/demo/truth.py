"""What the demo images are, known without drawing them: files, families, what is a copy of what."""

import zlib
from dataclasses import dataclass
from functools import lru_cache

from core.demo.families import (
    COPIED_NUMBER,
    COPY_COUNT,
    EDIT_COUNT,
    EDIT_NAMES,
    EDITED_NUMBERS,
    EDITS,
    FAMILIES,
    FAVOURITES,
    NAMES,
    ORIGINALS_PER_FAMILY,
    SIZES,
    save_variant,
)

# Raised when the pictures change; each version is kept in a folder of its own.
VERSION = 1


@dataclass(frozen=True)
class DemoItem:
    """One file of the demo images.

    ``kind`` is original, exact, crop, recompressed, mirrored, recoloured, caption, resized,
    turned or unreadable; ``of`` is the path of the original of an exact or edited copy. ``family`` names the
    subject, also for copies that lie in another folder. ``number`` counts within the family;
    ``size_px`` is what the scene is drawn at, before any edit; ``variant`` says how it is stored.
    """

    path: str
    family: str
    kind: str
    of: str | None
    seed: int
    number: int
    size_px: tuple[int, int]
    variant: str = "plain"


@dataclass(frozen=True)
class DemoTruth:
    """All demo images and what a search for duplicates should find among them."""

    items: tuple[DemoItem, ...]

    @property
    def images(self) -> int:
        """How many files can be read."""
        return sum(item.kind != "unreadable" for item in self.items)

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(family.name for family in FAMILIES)

    @property
    def exact_pairs(self) -> tuple[tuple[str, str], ...]:
        """(original, copy) with the same bytes."""
        return tuple(
            (item.of, item.path)
            for item in self.items
            if item.of is not None and item.kind == "exact"
        )

    @property
    def near_pairs(self) -> tuple[tuple[str, str, str], ...]:
        """(original, edited copy, kind of edit)."""
        return tuple(
            (item.of, item.path, item.kind)
            for item in self.items
            if item.of is not None and item.kind != "exact"
        )

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Files that no reader of images can open."""
        return tuple(item.path for item in self.items if item.kind == "unreadable")


@lru_cache(maxsize=1)
def truth() -> DemoTruth:
    """The whole set; instant, nothing is drawn."""
    copies = _copies()
    items: list[DemoItem] = []
    for at in range(len(FAMILIES)):
        for number in range(ORIGINALS_PER_FAMILY):
            original = _original(at, number)
            items.append(original)
            if (
                at,
                number,
            ) in copies:  # right after its original, whose pixels are then still at hand
                items.append(_copy(original, copies[at, number], at))
    items += _unreadable()
    return DemoTruth(tuple(items))


def items() -> list[DemoItem]:
    """The work to do, each item independent of the others."""
    return list(truth().items)


def find(path: str) -> DemoItem:
    """The item at a path. Raises KeyError."""
    return _by_path()[path]


@lru_cache(maxsize=1)
def _by_path() -> dict[str, DemoItem]:
    return {item.path: item for item in truth().items}


def _seed(text: str) -> int:
    return zlib.crc32(text.encode())


def _original(at: int, number: int) -> DemoItem:
    family = FAMILIES[at]
    stem = NAMES.get((family.name, number), family.pattern.format(family.first + number))
    suffix, variant = save_variant(at, number)
    seed = _seed(f"{family.name}/{number}")
    size_px = SIZES[(number * 7 + at * 3) % len(SIZES)]
    path = f"{family.name}/{stem}{suffix}"
    return DemoItem(path, family.name, "original", None, seed, number, size_px, variant)


def _copies() -> dict[tuple[int, int], str]:
    """Which originals, by family and number, get a copy of which kind."""
    made: dict[tuple[int, int], str] = {}
    for edit in range(EDIT_COUNT):
        at, turn = edit % len(FAMILIES), edit // len(FAMILIES)
        made[at, EDITED_NUMBERS[turn]] = EDITS[edit % len(EDITS)]
    for copy in range(COPY_COUNT):
        made[copy * 2, COPIED_NUMBER] = "exact"
    return made


def _copy(original: DemoItem, kind: str, at: int) -> DemoItem:
    folder, _, name = original.path.rpartition("/")
    stem, _, suffix = name.rpartition(".")
    if kind == "exact":
        if at % 6 == 4:
            path = f"{FAVOURITES}/{name}"
        else:
            path = f"{folder}/{stem} copy.{suffix}" if at % 4 else f"{folder}/{stem} (1).{suffix}"
        return DemoItem(
            path,
            original.family,
            kind,
            original.path,
            original.seed,
            original.number,
            original.size_px,
            original.variant,
        )
    stem = EDIT_NAMES[kind][at % 2].format(stem)
    suffix = {"recompressed": "webp", "resized": "png"}.get(kind, "jpg") if at % 4 == 1 else "jpg"
    path = f"{folder}/{stem}.{suffix}"
    seed = _seed(path)
    return DemoItem(
        path, original.family, kind, original.path, seed, original.number, original.size_px
    )


def _unreadable() -> list[DemoItem]:
    """A photo that was cut off, an empty file, and a text under the name of a photo."""
    return [
        DemoItem(
            path, family, "unreadable", None, _seed(path), ORIGINALS_PER_FAMILY, SIZES[0], variant
        )
        for path, family, variant in (
            ("sunsets/sunset-17.jpg", "sunsets", "truncated"),
            ("planets/Screenshot 3.png", "planets", "empty"),
            ("leaves/names of the leaves.jpg", "leaves", "text"),
        )
    ]
