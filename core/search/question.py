"""A query as a thing: what is asked for, told in a value that can be kept, named, asked again and shown in words."""

import hashlib
import json
import math
import os
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.catalogue.filters import Filter
from core.errors import UsageError

VERSION = 1
# x, y, width, height of a part, in shares of the upright picture's sides.
Region = tuple[float, float, float, float]
Kind = Literal["like", "between", "oddest"]
KINDS: tuple[Kind, ...] = ("like", "between", "oddest")
_MOST_SHOWN = 3  # examples that are named one by one
_SLACK = 1e-4  # what rounding may push a region over the edge
_SETS = ("sources", "classes", "tags", "formats", "sizes", "dates")


@dataclass(frozen=True, slots=True)
class Example:
    """One thing that the answer is to be like, or less like. Made by the functions below.

    An image of the catalogue has ``image_id``, or ``sha256`` of its bytes (hex) where it was kept, and
    ``path`` where it lay; a file only ``path``; ``words`` are read as ``core.search.words`` does, or
    (``is_plain``) asked alone; ``pixels`` (h, w, 3) uint8 RGB were pasted. ``region`` is the part of a
    picture that is meant: what asks with one looks for it in parts of pictures too.
    """

    image_id: int | None = None
    path: str = ""
    sha256: str = ""
    words: str = ""
    pixels: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)
    region: Region | None = None
    weight: float = 1.0
    is_plain: bool = False

    @property
    def is_picture(self) -> bool:
        return not self.words

    @property
    def is_of_catalogue(self) -> bool:
        """Whether it is meant as an image of the catalogue, not as a file that may lie anywhere."""
        return self.pixels is None and (self.image_id is not None or bool(self.sha256))

    @property
    def name(self) -> str:
        """What a chip calls it."""
        if self.words:
            return self.words
        if self.pixels is not None:
            shown = "a pasted picture"
        else:
            shown = Path(self.path).name or f"image {self.image_id or self.sha256[:8]}"
        return f"a part of {shown}" if self.is_part else shown

    @property
    def is_part(self) -> bool:
        """Whether it is less than the whole picture."""
        return self.region is not None and self.region != (0, 0, 1, 1)


def of_image(
    image_id: int, path: str = "", *, region: Region | None = None, weight: float = 1.0
) -> Example:
    """An image of the catalogue; ``path`` only names it in words."""
    return Example(image_id=image_id, path=path, region=region, weight=weight)


def of_file(
    path: "os.PathLike[str] | str", *, region: Region | None = None, weight: float = 1.0
) -> Example:
    """A file, inside the catalogue or not."""
    return Example(path=str(Path(path).absolute()), region=region, weight=weight)


def of_words(text: str, *, weight: float = 1.0, is_plain: bool = False) -> Example:
    """What was typed. Raises UsageError where that is nothing."""
    if not text.strip():
        raise UsageError("Type at least one word to search for.")
    return Example(words=text, weight=weight, is_plain=is_plain)


def of_pixels(
    rgb: NDArray[np.uint8], *, region: Region | None = None, weight: float = 1.0
) -> Example:
    """A picture (h, w, 3) uint8 RGB that has no file: pasted or dropped."""
    digest = hashlib.sha256(f"{rgb.shape}".encode() + np.ascontiguousarray(rgb).tobytes())
    return Example(pixels=rgb, sha256=digest.hexdigest(), region=region, weight=weight)


@dataclass(frozen=True, slots=True)
class Question:
    """Which images are asked for, and how many.

    "like" ranks by likeness to ``wanted``, less that to ``unwanted``; with ``is_negated`` the least like
    come first. "between" takes two pictures and gives what lies between them, in order along the way.
    "oddest" takes none and gives what is unlike anything. ``encoder`` None means the catalogue's default.
    """

    wanted: tuple[Example, ...] = ()
    unwanted: tuple[Example, ...] = ()
    kind: Kind = "like"
    filter: Filter = Filter()
    encoder: str | None = None
    k: int = 50
    is_negated: bool = False

    @property
    def has_region(self) -> bool:
        """Whether it asks where in a picture something is."""
        return self.kind == "like" and any(one.region is not None for one in self.wanted)

    def negated(self) -> "Question":
        """The same question with its answer from the other end."""
        return replace(self, is_negated=not self.is_negated)


def check(question: Question) -> None:
    """Raises UsageError where the question makes no sense, before anything is loaded."""
    if question.k < 1:
        raise UsageError("Ask for at least one image.")
    if question.kind not in KINDS:
        raise UsageError(f"There is no kind of search {question.kind!r}.")
    for one in (*question.wanted, *question.unwanted):
        _check_example(one)
    if question.kind == "like" and not question.wanted:
        raise UsageError("Name at least one image to search with.")
    if question.kind == "between":
        _check_between(question)
    if question.kind == "oddest" and (question.wanted or question.unwanted):
        raise UsageError("The oddest images are unlike anything, so no example goes with them.")


def _check_between(question: Question) -> None:
    if len(question.wanted) != 2 or not all(one.is_picture for one in question.wanted):
        raise UsageError("Name two images to search between.")
    if question.unwanted or question.is_negated:
        raise UsageError("A search between two images takes nothing away and cannot be reversed.")


def _check_example(one: Example) -> None:
    if not math.isfinite(one.weight) or one.weight <= 0:
        raise UsageError("The weight of an example must be a number above 0.")
    if one.region is None:
        return
    if one.words:
        raise UsageError("A region is a part of an image, and words have none.")
    check_region(one.region)


def check_region(region: Region) -> None:
    """Raises UsageError unless it is a part of a picture that has an area."""
    if len(region) != 4 or not all(math.isfinite(one) for one in region):
        raise UsageError("A region is four numbers: x, y, width and height in shares of 1.")
    x, y, width, height = region
    if width <= 0 or height <= 0:
        raise UsageError("The region has no area.")
    if x < 0 or y < 0 or x + width > 1 + _SLACK or y + height > 1 + _SLACK:
        raise UsageError("The region reaches outside the picture.")


def describe(question: Question) -> str:
    """The question in short words: "like IMG_3.jpg, less like car, class Apple"."""
    if question.kind == "oddest":
        parts = ["least odd" if question.is_negated else "unlike anything"]
    elif question.kind == "between":
        parts = ["between " + " and ".join(one.name for one in question.wanted)]
    else:
        verb = "least like" if question.is_negated else "like"
        parts = [f"{verb} {_listed(question.wanted)}"]
        if question.unwanted:
            parts.append(f"less like {_listed(question.unwanted)}")
    return ", ".join([*parts, *_filter_words(question.filter)])


def _listed(examples: tuple[Example, ...]) -> str:
    shown = [one.name for one in examples[:_MOST_SHOWN]]
    left = len(examples) - len(shown)
    return " and ".join([*shown, f"{left} more"] if left else shown)


def _filter_words(wanted: Filter) -> list[str]:
    parts = [
        f"{noun} {' or '.join(sorted(values))}"
        for noun, values in (
            ("class", wanted.classes),
            ("tag", wanted.tags),
            ("format", wanted.formats),
        )
        if values
    ]
    for count, noun in ((len(wanted.sources), "folder"), (len(wanted.sizes), "range of size")):
        if count:
            parts.append(f"in {count} {noun}s" if count > 1 else f"in 1 {noun}")
    if wanted.dates:
        parts.append("of some dates")
    if wanted.text:
        parts.append(f"named {wanted.text}")
    if wanted.contents is not None:
        parts.append(f"among {len(wanted.contents)} images")
    if wanted.state != "present":
        parts.append(wanted.state)
    return parts


def to_json(question: Question) -> str:
    """The question as JSON, with a version. Raises UsageError for a pasted picture: it has no place to
    be found again."""
    document = {
        "version": VERSION,
        "kind": question.kind,
        "wanted": [_example_fields(one) for one in question.wanted],
        "unwanted": [_example_fields(one) for one in question.unwanted],
        "filter": _filter_fields(question.filter),
        "encoder": question.encoder,
        "k": question.k,
        "is_negated": question.is_negated,
    }
    return json.dumps(document)


def from_json(text: str) -> Question:
    """The question that ``to_json`` wrote. Raises UsageError for one of a later version, or damaged."""
    try:
        document = json.loads(text)
        version = document["version"]
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError("This saved search is damaged and cannot be read.") from error
    if version != VERSION:
        raise UsageError(
            "This search was saved by another version of Lookalike.", "Update it to ask again."
        )
    try:
        question = Question(
            wanted=tuple(_example(one) for one in document["wanted"]),
            unwanted=tuple(_example(one) for one in document["unwanted"]),
            kind=document["kind"],
            filter=_filter(document["filter"]),
            encoder=document["encoder"],
            k=int(document["k"]),
            is_negated=bool(document["is_negated"]),
        )
        check(question)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError("This saved search is damaged and cannot be read.") from error
    return question


def _example_fields(one: Example) -> dict[str, Any]:
    if one.pixels is not None:
        raise UsageError(
            "A search with a pasted picture cannot be saved.",
            "Save the picture as a file and search with that.",
        )
    defaults = Example()
    found = {each.name: getattr(one, each.name) for each in fields(one) if each.name != "pixels"}
    return {key: value for key, value in found.items() if value != getattr(defaults, key)}


def _example(document: dict[str, Any]) -> Example:
    region = document.get("region")
    bytes.fromhex(document.get("sha256", ""))  # a hash must be one
    return Example(**{**document, "region": tuple(map(float, region)) if region else None})


def _filter_fields(wanted: Filter) -> dict[str, Any]:
    found = asdict(wanted)
    for key in _SETS:
        found[key] = sorted(found[key], key=repr)
    defaults = asdict(Filter())
    return {key: value for key, value in found.items() if value and value != defaults[key]} | (
        {"contents": list(wanted.contents)} if wanted.contents is not None else {}
    )


def _filter(document: dict[str, Any]) -> Filter:
    found: dict[str, Any] = dict(document)
    for key in _SETS:
        if key in found:
            ranges = key in ("sizes", "dates")
            found[key] = frozenset(tuple(one) if ranges else one for one in found[key])
    if "contents" in found:
        found["contents"] = tuple(int(one) for one in found["contents"])
    return Filter(**found)
