"""Search: images like a file, like a pasted picture, like images of the catalogue, or like words."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue.filters import Filter
from core.errors import UsageError
from core.images.decode import DecodeTask
from core.operations import words
from core.operations.images import id_of_path
from core.operations.neighbours import Hit
from core.operations.questions import Region, asked, loaded, ranked, sample, stored, vector_of_file
from core.parallel import cores, limit_threads
from core.preload import preload_torch
from core.project import Project
from core.search.query import combine, subtract


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
    if not image_ids:
        raise UsageError("Name at least one image to search with.")
    embedding = asked(project, encoder)
    rows = stored(project, embedding, [*image_ids, *minus])
    split = len(image_ids)
    query = combine(rows[:split], rows[split:])
    return ranked(project, embedding, query, k, wanted, leave_out={*image_ids, *minus})


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
    if not files:
        raise UsageError("Name at least one image to search with.")
    embedding = asked(project, encoder)
    texts = [one for one in minus if isinstance(one, str)]
    less = words.query(project, embedding, words.unwanted(texts)) if texts else None
    leave_out: set[int] = set()
    rows = []
    against = [one for one in minus if isinstance(one, Path)]
    for file, part in [*((one, region) for one in files), *((one, None) for one in against)]:
        image_id = id_of_path(project, file)
        rows.append(vector_of_file(project, embedding, file, image_id, part))
        if image_id is not None:
            leave_out.add(image_id)
    query = combine(np.stack(rows[: len(files)]), np.array(rows[len(files) :]))
    if less is not None:
        query = subtract(query, -less, sample(project, embedding))
    return ranked(project, embedding, query, k, wanted, leave_out)


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
    texts = [one for one in minus if isinstance(one, str)]
    phrases = [*words.read(text), *words.unwanted(texts)]
    embedding = asked(project, encoder)
    query = words.query(project, embedding, phrases, is_plain=is_plain)
    against, leave_out = [], set()
    for file in (one for one in minus if isinstance(one, Path)):
        image_id = id_of_path(project, file)
        against.append(vector_of_file(project, embedding, file, image_id, None))
        if image_id is not None:
            leave_out.add(image_id)
    if against:
        mean = combine(np.stack(against), np.zeros((0, 0), np.float32))
        query = subtract(query, mean, sample(project, embedding))
    return ranked(project, embedding, query, k, wanted, leave_out)


def similar_to_picture(
    project: Project,
    rgb: NDArray[np.uint8],
    *,
    k: int = 50,
    encoder: str | None = None,
    wanted: Filter | None = None,
) -> list[Hit]:
    """The k images most like a picture (h, w, 3) uint8 RGB that has no file: pasted or dropped."""
    from PIL import Image

    from core.images.decode import pixels

    embedding = asked(project, encoder)
    model = loaded(project, embedding)
    way = model.preprocessing
    square = pixels(Image.fromarray(rgb), DecodeTask(b"", **way.square()))
    assert square is not None
    return ranked(project, embedding, model.encode_images(square[None])[0], k, wanted, set())
