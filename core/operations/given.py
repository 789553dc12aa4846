"""Vectors that were made elsewhere: which there are, what they are called, and letting go of them."""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings, facts, journal
from core.catalogue.columns import PRESENT
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.changes import Changes
from core.encoders import names
from core.errors import EncoderError
from core.images.scan import printable
from core.operations import embedding_files, updates
from core.project import Project

REMOVED = "remove embeddings"  # in the journal
_LONGEST_NAME = 48
_FACTS = "given vectors "


@dataclass(frozen=True, slots=True)
class Given:
    """Vectors that are here. ``contents`` have one, ``images`` present images show these contents, ``of`` there are.
    ``file`` is where they came from, ``at`` when (seconds), ``left_out`` its rows that were of no use; these are empty
    or 0 where the vectors came with another catalogue."""

    encoder: str
    dim: int
    contents: int
    images: int
    of: int
    is_default: bool
    file: str = ""
    at: float = 0.0
    rows: int = 0
    left_out: int = 0


def list_given(project: Project) -> list[Given]:
    """All vectors that were made elsewhere, oldest first."""
    found = []
    with project.read() as session:
        used = present_contents(project, session)
        for one in embeddings.every(session):
            if not names.is_given(one.encoder) or not one.rows:
                continue
            owned = np.unique(embeddings.owners(session, one.id))
            told = json.loads(facts.get(session, _FACTS + one.key, "{}"))
            found.append(
                Given(
                    one.encoder, one.dim, int(np.count_nonzero(owned)),
                    int(np.count_nonzero(np.isin(used, owned))), len(used), one.is_default, **told,
                )
            )  # fmt: skip
    return found


def find(project: Project, name: str) -> Given:
    """The vectors of this name, with or without its family. Raises EncoderError where there are none."""
    wanted = full_name(name)
    found = next((one for one in list_given(project) if one.encoder == wanted), None)
    if found is None:
        raise EncoderError(
            f"There are no vectors named {wanted.removeprefix(names.GIVEN_PREFIX)!r} in this catalogue."
        )
    return found


def remove(project: Project, name: str) -> Changes:
    """Let go of vectors, with their neighbours, layouts and clusters. Where they were the default, another encoder that
    the catalogue has vectors of is. Raises EncoderError where there are none, UsageError where an update needs them."""
    one = find(project, name)
    with project.write(durable=True) as session:
        updates.refuse_if_needed(session, one.encoder)
        gone = [each for each in embeddings.every(session) if each.encoder == one.encoder]
        forget(session, gone)
        if one.is_default:
            facts.put(session, "default_encoder", _next_default(session))
        journal.append(session, REMOVED, encoder=one.encoder, contents=one.contents)
    embedding_files.clear(project, gone)
    return (
        Changes.EMBEDDINGS | Changes.NEIGHBOURS | Changes.LAYOUTS
        | (Changes.SETTINGS if one.is_default else Changes.NONE)
    )  # fmt: skip


def full_name(name: str) -> str:
    """The name with its family. Raises EncoderError where vectors cannot have it."""
    plain = name.strip().removeprefix(names.GIVEN_PREFIX)
    return names.GIVEN_PREFIX + names.check_given(plain)


def usual_name(path: Path) -> str:
    """A name for the vectors of a file: its own, as far as vectors can have it."""
    plain = re.sub(r"[^\w .+-]+", " ", printable(path.stem)).strip(" .")
    return re.sub(r"^\W+", "", plain)[:_LONGEST_NAME].strip(" .") or "embeddings"


# -- what bringing them shares


def tell(session: Session, key: str, *, file: Path, rows: int, left_out: int) -> None:
    """Keep where vectors came from."""
    told = {"file": printable(str(file)), "at": time.time(), "rows": rows, "left_out": left_out}
    facts.put(session, _FACTS + key, json.dumps(told, ensure_ascii=False))


def forget(session: Session, gone: list[Embedding]) -> None:
    """Take embeddings out of the catalogue; ``embedding_files.clear`` does the same on the disk after."""
    for one in gone:
        embeddings.remove(session, one.id)
        facts.forget(session, _FACTS + one.key)


def present_contents(project: Project, session: Session) -> NDArray[np.int64]:
    """The content of every present image. int64 [images]."""
    now = project.index(session).columns
    return np.asarray(now.content_ids[now.status == PRESENT])


def _next_default(session: Session) -> str:
    """The encoder that is the default when this one goes: the one that comes with the program, where it has vectors."""
    every = [one for one in embeddings.every(session) if one.rows]
    every.sort(key=lambda one: (one.encoder != embeddings.DEFAULT_ENCODER, -one.rows))
    return every[0].encoder if every else embeddings.DEFAULT_ENCODER
