"""The one vector that a question of several parts comes to: pictures and words, wanted and unwanted."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, paths
from core.catalogue.columns import PRESENT
from core.catalogue.records import Embedding
from core.errors import EncoderError, ImageError
from core.images.decode import DecodeTask
from core.images.scan import printable
from core.operations import words
from core.operations.images import id_of_path
from core.operations.questions import loaded, sample, stored, vector_of_file
from core.project import Project
from core.search.query import combine, subtract
from core.search.question import Example, Question, Region
from core.search.words import LESS, Phrase


@dataclass(frozen=True, slots=True)
class Phrases:
    """What the words of a question say, read before anything is loaded."""

    wanted: list[Phrase]
    unwanted: list[Phrase]
    is_plain: bool


def phrases(question: Question) -> Phrases:
    """The words of a question. Raises UsageError where they make no sense."""
    typed = [one for one in question.wanted if one.words]
    wanted = [_weighed(each, one.weight) for one in typed for each in words.read(one.words)]
    unwanted = [
        _weighed(each, one.weight)
        for one in question.unwanted
        if one.words
        for each in words.unwanted([one.words])
    ]
    return Phrases(wanted, unwanted, any(one.is_plain for one in typed))


def _weighed(phrase: Phrase, weight: float) -> Phrase:
    return replace(phrase, weight=phrase.weight * weight)


def compose(
    project: Project, embedding: Embedding, question: Question, said: Phrases
) -> tuple[NDArray[np.float32], set[int]]:
    """(the unit query [dim], ids of the images that it was made of).

    Pictures of one kind of part are averaged by weight, and those unwanted taken away (Rocchio 1971).
    Words and pictures meet by how widely their scores spread (``core.search.query.subtract``). Raises
    ImageError for a picture that cannot be had, EncoderError for words to an encoder that knows none.
    """
    wanted = [one for one in question.wanted if one.is_picture]
    unwanted = [one for one in question.unwanted if one.is_picture]
    rows, leave_out = vectors(project, embedding, [*wanted, *unwanted])
    like = _by_weight(rows[: len(wanted)], wanted)
    unlike = _by_weight(rows[len(wanted) :], unwanted)
    if not wanted:
        query = words.query(
            project, embedding, [*said.wanted, *said.unwanted], is_plain=said.is_plain
        )
        if not unwanted:
            return query, leave_out
        against = combine(unlike, np.zeros((0, 0), np.float32))
        return subtract(
            query, against, sample(project, embedding), LESS * _mean_weight(unwanted)
        ), leave_out
    ratio = _mean_weight(unwanted) / _mean_weight(wanted) if unwanted else 1.0
    query = combine(like, unlike, LESS * ratio)
    every = [*said.wanted, *said.unwanted]
    if any(one.is_wanted for one in every):
        typed = words.query(project, embedding, every, is_plain=said.is_plain)
        weight = _mean_weight([one for one in question.wanted if one.words]) / _mean_weight(wanted)
        query = subtract(query, -typed, sample(project, embedding), weight)
    elif every:
        less = words.query(project, embedding, every, is_plain=said.is_plain)
        query = subtract(query, -less, sample(project, embedding))
    return query, leave_out


def _mean_weight(examples: Sequence[Example]) -> float:
    return float(np.mean([one.weight for one in examples]))


def _by_weight(rows: NDArray[np.float32], examples: list[Example]) -> NDArray[np.float32]:
    """Rows scaled so that their plain mean is the weighted one."""
    weights = np.array([one.weight for one in examples], dtype=np.float32)
    if len(weights) and np.any(weights != weights[0]):
        return np.asarray(rows * (weights / weights.mean())[:, None], dtype=np.float32)
    return rows


def vectors(
    project: Project, embedding: Embedding, examples: Sequence[Example]
) -> tuple[NDArray[np.float32], set[int]]:
    """(unit vectors [n, dim] of picture examples, ids of the images of the catalogue among them).

    Stored vectors where there are any, those of files and parts from their pixels. Raises ImageError.
    """
    places = locate(project, examples)
    whole = [
        at
        for at, (one, (image_id, _)) in enumerate(zip(examples, places, strict=True))
        if image_id is not None and one.region is None
    ]
    rows = np.empty((len(examples), embedding.dim), dtype=np.float32)
    done = set[int]()
    try:
        if whole:
            ids = [image_id for at in whole if (image_id := places[at][0]) is not None]
            rows[whole] = stored(project, embedding, ids)
            done.update(whole)
    except EncoderError:
        pass  # one is not embedded yet: each alone, from its file where it must be
    for at, one in enumerate(examples):
        if at in done:
            continue
        image_id, path = places[at]
        if one.pixels is not None:
            rows[at] = _vector_of_pixels(project, embedding, one.pixels, one.region)
        else:
            rows[at] = vector_of_file(project, embedding, path, image_id, one.region)
    return rows, {image_id for image_id, _ in places if image_id is not None}


def locate(project: Project, examples: Sequence[Example]) -> list[tuple[int | None, Path]]:
    """(image id, or None; its file) of each picture example. Raises ImageError for one that is gone."""
    ids = [one.image_id for one in examples if one.image_id is not None]
    with project.read() as session:
        known = paths.raw_paths(session, ids)
    found: list[tuple[int | None, Path]] = []
    for one in examples:
        if one.pixels is not None:
            found.append((None, Path()))
        elif one.image_id is not None:
            if one.image_id not in known:
                raise ImageError("This image is no longer in the catalogue.")
            found.append((one.image_id, Path(os.fsdecode(known[one.image_id]))))
        elif one.sha256:
            found.append(_find_kept(project, one))
        else:
            path = Path(one.path)
            found.append((id_of_path(project, path), path))
    return found


def _find_kept(project: Project, one: Example) -> tuple[int | None, Path]:
    """Where the image of a saved search is now: by its bytes, at its old path if it is still there."""
    path, sha256 = Path(one.path), bytes.fromhex(one.sha256)
    at_path = id_of_path(project, path) if one.path else None
    with project.read() as session:
        content_id = contents.find(session, [sha256]).get(sha256, 0)
        columns = project.index(session).columns
        rows = np.flatnonzero(columns.content_ids == content_id)
        # Where it lay, else where its file is there, else any: its vector may be there though it is missing.
        order = np.lexsort((columns.status[rows] != PRESENT, columns.ids[rows] != (at_path or 0)))
        if len(rows):
            image_id = int(columns.ids[rows[order[0]]])
            return image_id, Path(os.fsdecode(paths.raw_paths(session, [image_id])[image_id]))
    if one.path and os.path.isfile(path) and _has_bytes(path, one.sha256):
        return None, path
    raise ImageError(
        f"The image {printable(one.path) or one.sha256[:12]} that this search was made with is gone.",
        "Put it back, or make the search anew with another one.",
    )


def _has_bytes(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _vector_of_pixels(
    project: Project, embedding: Embedding, rgb: NDArray[np.uint8], region: Region | None
) -> NDArray[np.float32]:
    from PIL import Image

    from core.images.decode import cut, pixels

    model = loaded(project, embedding)
    picture = Image.fromarray(rgb)
    square = pixels(
        cut(picture, region) if region is not None else picture,
        DecodeTask(b"", **model.preprocessing.square()),
    )
    assert square is not None
    return np.asarray(model.encode_images(square[None])[0], dtype=np.float32)
