"""Words: which encoders know them, and the vector of what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings
from core.catalogue.records import Embedding
from core.encoders import known, names
from core.encoders.base import Encoder
from core.errors import EncoderError
from core.operations import encoders
from core.operations.embeddings import find
from core.operations.questions import loaded
from core.project import Project
from core.search import words as reading
from core.search.words import LESS, PLAIN, TEMPLATES, Phrase

KEPT = 1000  # texts whose vectors are kept in memory, of each encoder


@dataclass(frozen=True, slots=True)
class WordsState:
    """What can be asked in words: of the encoder in use, and which others here know them."""

    encoder: str
    knows: bool
    others: tuple[str, ...] = ()


def state(project: Project, encoder: str | None = None) -> WordsState:
    """Whether this encoder (None: the default) knows words, and which embeddings' do. Loads nothing."""
    name = encoders.usual_name(project, encoder)
    with project.read() as session:
        known = [one.encoder for one in embeddings.every(session) if one.rows]
    others = dict.fromkeys(one for one in known if one != name and can_be_asked(project, one))
    return WordsState(name, knows(project, name), tuple(others))


def knows(project: Project, name: str) -> bool:
    """Whether the encoder of this name knows words, told without loading it."""
    encoder = project.kept(f"encoder:{name}")
    if encoder is not None:
        return bool(encoder.has_words)
    # Each of OpenCLIP's models has a text tower.
    return names.is_name(name) and names.parse(name).family == "openclip"


def can_be_asked(project: Project, name: str) -> bool:
    """Whether words find anything with it: it knows them, and its weights are not random."""
    return knows(project, name) and not names.parse(name).is_random


def prepare(project: Project, encoder: str | None = None) -> None:
    """Load the encoder and read a word with it, so that the first search need not wait for that."""
    embedding = find(project, encoder)
    if embedding is not None and embedding.rows and knows(project, embedding.encoder):
        loaded(project, embedding).encode_words(["picture"])


def read(text: str) -> list[Phrase]:
    """The phrases of what was typed. Raises UsageError where it makes no sense."""
    return reading.parse(text)


def describe(text: str) -> str:
    """How what was typed is understood, in short. Raises UsageError where it makes no sense."""
    return reading.describe(reading.parse(text))


def unwanted(texts: Sequence[str]) -> list[Phrase]:
    """Phrases of what the answer is to be less like."""
    phrases = (one for text in texts for one in reading.parse(text))
    return [Phrase(one.text, -LESS * one.weight) if one.is_wanted else one for one in phrases]


def query(
    project: Project, embedding: Embedding, phrases: Sequence[Phrase], *, is_plain: bool = False
) -> NDArray[np.float32]:
    """The unit vector [dim] of these phrases, in the space of the embedding's pictures.

    Raises EncoderError where its encoder knows no words, saying which one does.
    """
    name = embedding.encoder
    if not knows(project, name):
        raise no_words(project, name)
    encoder = loaded(project, embedding)
    if not encoder.has_words:
        raise no_words(project, name)
    templates = PLAIN if is_plain else TEMPLATES
    rows = _vectors(project, encoder, reading.fill(phrases, templates))
    return reading.combine(phrases, rows, templates)


def _vectors(project: Project, encoder: Encoder, texts: list[str]) -> NDArray[np.float32]:
    """The vectors [n, dim] of texts; those read before are kept, since a filter asks the same again."""
    kept: dict[str, NDArray[np.float32]] = project.keep(f"words:{encoder.key}", dict)
    found = {one: kept[one] for one in texts if one in kept}
    lacking = [one for one in dict.fromkeys(texts) if one not in found]
    if lacking:
        found.update(zip(lacking, encoder.encode_words(lacking), strict=True))
        if len(kept) > KEPT:
            kept.clear()
        kept.update(found)
    return np.stack([found[one] for one in texts])


def no_words(project: Project, name: str) -> EncoderError:
    """The error for words that were asked of this encoder, and what to do about it."""
    others = state(project, name).others
    remedy = (
        f"Search with {others[0]}, which does."
        if others
        else f"Install one that does, such as {_first_with_words()}, and embed with it."
    )
    return EncoderError(f"The encoder {name} knows no words.", remedy)


def _first_with_words() -> str:
    """The smallest of the recommended encoders that knows words."""
    listed = ((one, known.find(names.parse(one.name))) for one in known.recommended())
    return next(one.name for one, found in listed if found is not None and found.words)
