"""Embeddings: vectors of one encoder for every content of the catalogue."""

import contextlib
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, facts, paths, updates
from core.catalogue.records import Embedding
from core.changes import Changes
from core.encoders import names
from core.encoders.base import Encoder, Preprocessing
from core.errors import EncoderError
from core.images.decode import DecodeTask
from core.intake import space
from core.intake.batches import Embedder
from core.intake.encoding import Encoding
from core.jobs import Job
from core.operations import encoders
from core.project import Project

# Rows of a base that a trained head bends and commits at once.
_BASE_ROWS = 8_192


def list_embeddings(project: Project) -> list[Embedding]:
    """All embeddings, oldest first."""
    with project.read() as session:
        return embeddings.every(session)


def find(project: Project, encoder: str | None) -> Embedding | None:
    """The embedding of an encoder (None: the default), if any. Loads nothing.

    Where its key is known, that decides: vectors of the same weights may have been made under another
    name (a copy, a folder that was moved), and those of its name by weights that were replaced since.
    """
    name = encoders.usual_name(project, encoder)
    try:
        key = encoders.key_of(project, name)
    except EncoderError:
        key = None
    with project.read() as session:
        found = embeddings.of_key(session, key) if key is not None else None
        if found is None or not found.rows:
            # Also under the name as it stands: that is how it was stored, if not by embed.
            return embeddings.find(session, name) or embeddings.find(session, encoder) or found
    return replace(found, encoder=name)


def require(project: Project, encoder: str | None) -> Embedding:
    """The embedding of an encoder (None: the default). Raises EncoderError where there is none.

    One that is updated to may have no row yet: the vectors of the encoder before it stand in.
    """
    found = find(project, encoder)
    if found is None or not _can_be_asked(project, found):
        name = encoders.usual_name(project, encoder)
        encoders.check_name(name)
        raise EncoderError(
            f"The catalogue {project.path} has no vectors of {name} yet.",
            encoders.IMPORT_THEM if names.is_given(name) else "Import a folder, or run embed.",
        )
    return found


def is_empty(project: Project, encoder: str | None) -> bool:
    """Whether there is no vector of this encoder yet, nor one that stands in for it."""
    found = find(project, encoder)
    return found is None or not _can_be_asked(project, found)


def _can_be_asked(project: Project, embedding: Embedding) -> bool:
    if embedding.rows:
        return True
    with project.read() as session:
        return updates.stand_in(session, embedding) is not None


def count(project: Project, encoder: str | None) -> int:
    """How many vectors of this encoder (None: the default) are stored."""
    found = find(project, encoder)
    return 0 if found is None else found.rows


def lacking(project: Project, encoder: str) -> NDArray[np.int64]:
    """Ids of the contents in use that have no vector of this encoder. Needs no torch.

    An encoder whose key only loading would tell counts as the one whose vectors there are.
    """
    name = encoders.usual_name(project, encoder)
    key = encoders.key_of(project, name)
    with project.read() as session:
        used = contents.in_use(session)
        stored = embeddings.of_key(session, key) if key else embeddings.find(session, name)
        if stored is None:
            return used
        return np.setdiff1d(used, embeddings.owners(session, stored.id))


def embed(
    project: Project,
    encoder: str | None = None,
    job: Job | None = None,
    *,
    only_unseen: bool = False,
) -> Changes:
    """Make the vectors that are missing. Goes on where a stopped run left off.

    Of an encoder that is updated to, contents that nothing stands in for and those that came since come
    first; with ``only_unseen`` the others are left to the update.

    The first time on a machine it is measured on pictures of the catalogue where and in what precision
    the encoder is fastest. A content whose file cannot be read now is left for the next time, with a
    note on the job. Raises EncoderError.
    """
    job = job or Job()
    name = encoders.check_available(project, encoders.name_of(project, encoder))
    key = encoders.key_of(project, name)
    if key is not None:
        every, unseen = _in_turn(project, key, lacking(project, name))
        if not len(unseen if only_unseen else every):
            return Changes.NONE
    job.start("Preparing")
    loaded = encoders.load(project, name)
    missing, unseen = _in_turn(project, loaded.key, lacking(project, name))
    if only_unseen:
        missing = unseen
    if not len(missing):
        return Changes.NONE
    if _tune(project, loaded, missing, job):
        # Anew, in the precision that won: the one that lost would stay in memory beside it.
        project.let_go(f"encoder:{name}")
        loaded = encoders.load(project, name)
    embedder = Embedder.open(project, loaded)
    todo = missing.tolist()
    work = Encoding(project, embedder)
    stage = _stage(project, loaded.key)
    todo = _from_base(project, loaded, todo, embedder, job, stage)
    job.start(stage, len(todo))
    found = squares(project, loaded.preprocessing, todo, work.ahead)
    with contextlib.closing(found):
        work.run(found, len(todo), job)
    project.database.sync()
    encoders.note_speed(name, work.per_s)
    if work.failed:
        job.note(f"{work.failed} images could not be read for embedding.")
    return Changes.EMBEDDINGS


def _in_turn(
    project: Project, key: str, missing: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(all of ``missing`` in the order to embed, its first part: what no update would make new anyway)."""
    with project.read() as session:
        update = updates.find(session)
        if update is None or update.key != key:
            return missing, missing
        is_later = np.isin(missing, updates.waiting(session)) & (missing <= update.last_content)
    unseen = missing[~is_later]
    return np.concatenate([unseen, missing[is_later]]), unseen


def _stage(project: Project, key: str) -> str:
    """What the progress is called."""
    with project.read() as session:
        update = updates.find(session)
    return "Re-embedding" if update is not None and update.key == key else "Embedding"


def _tune(project: Project, encoder: Encoder, missing: NDArray[np.int64], job: Job) -> bool:
    """Measure the encoder where nobody has and where it pays: on some of the pictures it is to see.

    Returns whether it works in another way now.
    """
    if encoder.is_light:
        return False
    from core.encoders import precision, registry
    from core.encoders.network import Network

    # With fewer pictures the measurement would take as long as the work, or tell nothing.
    count = min(precision.SAMPLE, len(missing) // 4)
    if count < precision.LEAST_SAMPLE or not isinstance(encoder, Network):
        return False
    if registry.is_tuned(encoder):
        return False
    chosen = np.random.default_rng(0).permutation(missing)[:count]
    sample = squares(project, encoder.preprocessing, chosen.tolist(), ahead=64)
    found = [square for _, square in sample if square is not None]
    if len(found) < precision.LEAST_SAMPLE:
        return False
    before = encoder.way
    registry.tune(encoder, np.stack(found), job, among=len(missing))
    return encoder.way != before


def _from_base(
    project: Project,
    encoder: Encoder,
    todo: list[int],
    embedder: Embedder,
    job: Job,
    stage: str,
) -> list[int]:
    """Vectors of a trained head from those that its base has stored already: no picture is decoded.

    Returns the contents that are left.
    """
    from core.encoders.runs import HeadEncoder

    if not isinstance(encoder, HeadEncoder):
        return todo
    with project.read() as session:
        base = embeddings.of_key(session, encoder.base.key)
        owners = embeddings.owners(session, base.id) if base is not None else None
    if base is None or owners is None:
        return todo
    is_wanted = np.isin(owners, np.array(todo, dtype=np.int64))
    vectors = project.vectors(base)
    job.start(stage, len(todo))
    for start in range(0, len(owners), _BASE_ROWS):
        wanted = is_wanted[start : start + _BASE_ROWS]
        if not wanted.any():
            continue
        block = vectors.read(start, start + len(wanted))[wanted]
        made = encoder.from_vectors(block.astype(np.float32))
        ids = owners[start : start + _BASE_ROWS][wanted].tolist()
        space.check_floor(project.path)
        with project.write(durable=True) as session:
            embedder.append(project, session, ids, made)
        embedder.committed(ids)
        job.advance(len(ids))
    return [one for one in todo if one not in embedder.done]


def squares(
    project: Project, preprocessing: Preprocessing, content_ids: list[int], ahead: int
) -> Generator[tuple[int, NDArray[np.uint8] | None], None, None]:
    """(content id, its square, or None where its file cannot be read now or has changed), in order.

    Contents without a file are passed over.
    """
    with project.read() as session:
        files = paths.files_of_contents(session, content_ids)
        hashes = contents.hashes(session, content_ids)
        limit_px = facts.limit_px(session)
    square: dict[str, Any] = preprocessing.square()
    known = [one for one in content_ids if one in files]
    tasks = (
        DecodeTask(files[one], **square, with_thumbnail=False, limit_px=limit_px) for one in known
    )
    outcomes = project.readers.map(tasks, window=ahead)
    with contextlib.closing(outcomes):
        for content_id, outcome in zip(known, outcomes, strict=True):
            # Another hash: the file was overwritten since it was read. The next import will see it.
            is_same = outcome.result is not None and outcome.result.sha256 == hashes[content_id]
            yield content_id, outcome.array if is_same else None
