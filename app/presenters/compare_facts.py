"""What the page Compare shows, made in a lane from what the engine says."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from app.models.compare import Choice, ClassGain, CompareRow, Mark
from app.models.encoder_titles import is_random, split, title
from app.models.insight import Picture
from app.selection import NO_IDS, Ids
from core.jobs import Job
from core.operations import (
    comparison,
    comparison_lists,
    comparison_maps,
    comparison_words,
    embeddings,
    images,
    neighbours,
    runs,
)
from core.operations.comparison import Comparison
from core.operations.comparison_lists import Compared, Neighbour, Order
from core.operations.comparison_maps import Maps

if TYPE_CHECKING:
    from core.project import Project

MOST_ROWS = 200


@dataclass(frozen=True, eq=False)
class Found:
    """A comparison in words and arrays, with the classes that gained or lost most."""

    found: Comparison
    sentences: tuple[str, ...]
    note: str
    classes: tuple[ClassGain, ...]


@dataclass(frozen=True, eq=False)
class Laid:
    """Both maps: the content of each image, and its class as a code of ``names``, -1 for none."""

    maps: Maps
    contents: Ids
    codes: NDArray[np.int32]
    names: list[str]


def load_choices(project: "Project") -> tuple[list[Choice], str, str]:
    """(what can be compared, the default, the newest other one): encoders with vectors, and runs that have none yet."""
    every = embeddings.list_embeddings(project)
    newest = {one.encoder: one for one in every if one.rows and not is_random(one.encoder)}
    made = [one.encoder for one in sorted(newest.values(), key=lambda one: one.id)]
    ready = [one for one in runs.list_runs(project) if one.status in ("candidate", "promoted")]
    unmade = [one.encoder for one in ready if one.encoder not in newest]
    choices = [Choice(one, title(one), True) for one in made]
    choices += [Choice(one, title(one), False) for one in unmade]
    default = next((one.encoder for one in every if one.is_default and one.rows), "")
    a = default if default in newest else (made[0] if made else "")
    others = [one for one in made if one != a][::-1] + unmade
    return choices, a, others[0] if others else ""


def lacking(project: "Project", encoder: str) -> str:
    """What an encoder lacks before it can be compared: "vectors", "neighbours" or nothing."""
    found = embeddings.find(project, encoder)
    if found is None or not found.rows:
        return "vectors"
    return "" if neighbours.load(project, found) is not None else "neighbours"


def load(project: "Project", a: str, b: str, job: Job) -> Found | tuple[str, str]:
    """The comparison; or (encoder, what it lacks). Raises UsageError."""
    for one in (a, b):
        if what := lacking(project, one):
            return one, what
    found = comparison.compare(project, a, b, job=job)
    said = comparison_words.sentences(found, split(a)[0], split(b)[0])
    notes = list(found.notes)
    if found.only_a or found.only_b:
        notes.append(
            f"Only A knows {found.only_a:,} more images, only B {found.only_b:,}; they are left out."
        )
    classes = tuple(
        ClassGain(name, one.images, one.value, one.low, one.high, one.share)
        for name, one in found.by_class
    )
    return Found(found, tuple(said.values()), " ".join(notes), classes)


def load_maps(project: "Project", a: str, b: str) -> Laid:
    """Both layouts over each other."""
    maps = comparison_maps.maps(project, a, b)
    ids = maps.image_ids
    if not len(ids):
        return Laid(maps, NO_IDS, np.empty(0, np.int32), [])
    codes, names = images.group_codes(project, ids, "class")
    return Laid(maps, images.content_ids(project, ids), codes, names)


def load_rows(
    project: "Project", found: Comparison, order: str, laid: Laid | None
) -> tuple[CompareRow, ...]:
    """The images that come first in this order."""
    if order != "moved":
        places = comparison_lists.ranked(found, cast(Order, order), MOST_ROWS)
    elif laid is not None:
        far = laid.contents[comparison_maps.furthest(laid.maps, MOST_ROWS)]
        places = _places(found, far[np.sort(np.unique(far, return_index=True)[1])])
    else:
        return ()
    return _rows(project, found, places, laid)


def load_row(
    project: "Project", found: Comparison, image_id: int, laid: Laid | None
) -> CompareRow | None:
    """One image; None where the comparison does not hold it."""
    content = images.content_ids(project, np.array([image_id], dtype=np.int64))
    rows = _rows(project, found, _places(found, content), laid)
    if not rows:
        return None
    described = images.describe(project, [image_id])  # it may be a copy of the image that is listed
    one = described[0] if described else None
    if one is None:
        return rows[0]
    return CompareRow(
        Picture(one.id, one.content_id, one.path), rows[0].class_name, rows[0].same, rows[0].of,
        rows[0].gain, rows[0].moved, rows[0].a, rows[0].b,
    )  # fmt: skip


def agreement_codes(found: Comparison, contents: Ids) -> tuple[NDArray[np.int32], list[str]]:
    """(how many neighbours are the same of each content, -1 where it was not compared; what that is called)."""
    highest = int(max(found.content_ids.max(initial=0), contents.max(initial=0)))
    table = np.full(highest + 1, -1, dtype=np.int32)
    table[found.content_ids] = found.agreement.same
    return table[contents], [f"{one} of {found.k}" for one in range(found.k + 1)]


def _places(found: Comparison, contents: Ids) -> Ids:
    """Where these contents are in the comparison, in their order; those that it does not hold are left out."""
    at = np.searchsorted(found.content_ids, contents)
    at[at == len(found.content_ids)] = 0
    return at[found.content_ids[at] == contents].astype(np.int64)


def _rows(
    project: "Project", found: Comparison, places: Ids, laid: Laid | None
) -> tuple[CompareRow, ...]:
    listed = comparison_lists.lists(project, found, places)
    moved: dict[int, float] = {}
    if laid is not None and laid.maps.moved is not None:
        ids = np.array([one.image_id for one in listed], dtype=np.int64)
        at = np.searchsorted(laid.maps.image_ids, ids)  # ascending where both maps are there
        at[at == len(laid.maps.image_ids)] = 0
        is_there = laid.maps.image_ids[at] == ids
        moved = dict(
            zip(ids[is_there].tolist(), laid.maps.moved[at[is_there]].tolist(), strict=True)
        )
    return tuple(_row(one, moved.get(one.image_id)) for one in listed)


def _row(one: Compared, moved: float | None) -> CompareRow:
    picture = Picture(one.image_id, one.content_id, one.path)
    a, b = (tuple(_mark(each) for each in side) for side in (one.a, one.b))
    return CompareRow(picture, one.class_name, one.same, one.of, one.gain, moved, a, b)


def _mark(one: Neighbour) -> Mark:
    picture = Picture(one.image_id, one.content_id, one.path)
    return Mark(picture, one.score, one.is_alone, one.is_own)
