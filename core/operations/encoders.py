"""Encoders: which there are, and loading one."""

from dataclasses import dataclass

from core.catalogue import embeddings
from core.encoders import builtin_constants
from core.encoders.base import Encoder
from core.errors import EncoderError
from core.project import Project


@dataclass(frozen=True, slots=True)
class EncoderEntry:
    """One encoder that can be named. ``why_not`` says what is in the way where it is not available."""

    name: str
    dim: int
    words: bool
    available: bool
    why_not: str


def list_encoders() -> list[EncoderEntry]:
    """All encoders this version can use."""
    name, dim = builtin_constants.NAME, builtin_constants.DIM
    return [EncoderEntry(name, dim, words=False, available=True, why_not="")]


def key_of(project: Project, name: str) -> str:
    """The key that the encoder of this name has now, without loading it. Raises EncoderError."""
    check_name(name)
    loaded: Encoder | None = project.kept(f"encoder:{name}")
    return builtin_constants.key() if loaded is None else loaded.key


def load(project: Project, name: str | None = None) -> Encoder:
    """The encoder of this name (None: the catalogue's default), loaded once per project.

    Raises EncoderError for a name that is not known.
    """
    if name is None:
        with project.read() as session:
            name = embeddings.default_encoder(session)
    check_name(name)
    return project.keep(f"encoder:{name}", _load_builtin)


def dim_of(project: Project, name: str | None) -> int:
    """The dimension of this encoder's vectors (None: the default's), without loading it."""
    if name is None:
        with project.read() as session:
            name = embeddings.default_encoder(session)
    check_name(name)
    return next(one.dim for one in list_encoders() if one.name == name)


def check_name(name: str) -> None:
    """Raises EncoderError for a name that this version cannot load."""
    if name != builtin_constants.NAME:
        raise EncoderError(f"There is no encoder named {name!r} in this version.", "Use builtin.")


def _load_builtin() -> Encoder:
    from core.encoders.builtin import Builtin

    return Builtin()
