"""Search: images like a file, like a pasted picture, like images of the catalogue, or like words."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue.filters import Filter
from core.jobs import Job
from core.operations import between, composing, outliers, regions
from core.operations.neighbours import Hit
from core.operations.picking import best_images, flipped
from core.operations.questions import asked, ranked
from core.parallel import cores, limit_threads
from core.preload import preload_torch
from core.project import Project
from core.search import question as asking
from core.search.question import Example, Question, Region


def prepare() -> None:
    """The heavy imports, once, so that the first question need not wait for them.

    For a window: afterwards torch leaves it a core.
    """
    preload_torch()
    import core.encoders.builtin
    import core.search.knn

    assert core.search.knn
    encoder = core.encoders.builtin.Builtin()
    side_px = encoder.preprocessing.size_px
    # The first call sets torch's kernels up, some 100 ms in which a window would stand still later.
    encoder.encode_images(np.zeros((2, side_px, side_px, 3), dtype=np.uint8))
    limit_threads(cores() - 1)


def ask(
    project: Project, question: Question, *, job: Job | None = None, mode: str | None = None
) -> list[Hit]:
    """The images that a question asks for, best first, those that it was made of left out.

    Between two images they come in order along the way from the first to the second. A hit's score is
    its cosine with the question, between two images the lesser one with both, and of the oddest images
    their oddness. Filters count before ``k`` does. ``mode`` (exact, balanced, fast; None: the catalogue's) says how
    sure the nearest are to be found in a large catalogue. Raises UsageError for a question that makes no sense,
    ImageError for a picture that cannot be had, EncoderError where the encoder cannot be asked this.
    """
    (job or Job()).checkpoint()
    asking.check(question)
    if question.kind == "oddest":
        return _oddest(project, question)
    said = composing.phrases(question)
    embedding = asked(project, question.encoder)
    if question.kind == "between":
        ends, leave_out = composing.vectors(project, embedding, question.wanted)
        return between.between(project, embedding, ends, question.k, question.filter, leave_out)
    query, leave_out = composing.compose(project, embedding, question, said)
    how = question.k, question.filter, leave_out
    if question.has_region:
        parts = regions.ranked(project, embedding, query, *how, is_negated=question.is_negated)
        if parts is not None:
            return parts
    if question.is_negated:
        query = -query
    found = ranked(project, embedding, query, *how, mode=mode)
    return flipped(found) if question.is_negated else found


def _oddest(project: Project, question: Question) -> list[Hit]:
    """Images by how unlike they are to all others, the most ordinary first where it is negated."""
    image_ids, oddness = outliers.scores(project, question.encoder)
    sign = -1 if question.is_negated else 1
    scores = np.asarray(sign * oddness, dtype=np.float32)
    found = best_images(project, image_ids, scores, question.k, question.filter, set())
    return flipped(found) if question.is_negated else found


def similar_to_images(
    project: Project,
    image_ids: Sequence[int],
    *,
    minus: Sequence[int] = (),
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
) -> list[Hit]:
    """The k images most like these and least like ``minus``, best first, themselves left out."""
    parts = tuple(map(asking.of_image, image_ids)), tuple(map(asking.of_image, minus))
    return ask(project, Question(*parts, filter=wanted or Filter(), encoder=encoder, k=k))


def similar_to_files(
    project: Project,
    files: Sequence[Path],
    *,
    minus: Sequence[Path | str] = (),
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
    region: Region | None = None,
) -> list[Hit]:
    """The k images most like these files, which need not be in the catalogue; those that are, are
    left out of the answer. ``region`` (x, y, width, height in shares) limits ``files`` to a part.

    ``minus`` are files, or words (text), that the answer is to be less like. Raises ImageError for a
    file that cannot be decoded, UsageError where there is none, EncoderError for words to an encoder
    that knows none.
    """
    parts = tuple(asking.of_file(one, region=region) for one in files), _unwanted(minus)
    return ask(project, Question(*parts, filter=wanted or Filter(), encoder=encoder, k=k))


def similar_to_words(
    project: Project,
    text: str,
    *,
    minus: Sequence[Path | str] = (),
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
    is_plain: bool = False,
) -> list[Hit]:
    """The k images that words tell of best: ``text`` as core.search.words reads it.

    ``minus`` are more words, or files, that the answer is to be less like; images of the catalogue
    among them are left out of it. ``is_plain`` asks with the words alone, in no template. Raises
    EncoderError where the encoder knows no words, and UsageError for words that make no sense.
    """
    parts = (Example(words=text or " ", is_plain=is_plain),), _unwanted(minus)
    return ask(project, Question(*parts, filter=wanted or Filter(), encoder=encoder, k=k))


def similar_to_picture(
    project: Project,
    rgb: NDArray[np.uint8],
    *,
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
) -> list[Hit]:
    """The k images most like a picture (h, w, 3) uint8 RGB that has no file: pasted or dropped."""
    parts = (asking.of_pixels(rgb),)
    return ask(project, Question(parts, filter=wanted or Filter(), encoder=encoder, k=k))


def _unwanted(minus: Sequence[Path | str]) -> tuple[Example, ...]:
    return tuple(
        Example(words=one or " ") if isinstance(one, str) else asking.of_file(one) for one in minus
    )
