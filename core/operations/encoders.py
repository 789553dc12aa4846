"""Encoders: which there are, loading one, and which is a catalogue's default."""

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from core.catalogue import embeddings, facts, journal, updates
from core.changes import Changes
from core.encoders import (
    builtin_constants,
    cards,
    estimate,
    known,
    names,
    run_files,
    small_shapes,
)
from core.encoders.base import Encoder
from core.encoders.estimate import Rates
from core.encoders.known import Known
from core.encoders.names import EncoderName
from core.encoders.weights import hub_cache, installed
from core.errors import EncoderError
from core.project import Project

BUILTIN = builtin_constants.NAME
IMPORT_THEM = "Import them: lookalike embeddings import FILE --name NAME."
_RANDOM = "Its weights are random: a start for training, no good for a search."
# Loaded at once, besides those that need next to nothing: the one in use and the one before it.
_MOST_LOADED = 2
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class EncoderEntry:
    """One encoder that can be named.

    ``available``: it can be searched with now; ``why_not`` says what is in the way. ``group`` ("small",
    "balanced", "best") and ``about`` are of the few to begin with. ``images_per_s`` counts decoded
    pictures on this machine, measured (``is_measured``) or estimated; None where nobody has tried.
    """

    name: str
    dim: int
    words: bool
    available: bool
    why_not: str
    title: str = ""
    about: str = ""
    family: str = ""
    size_px: int = 0
    parameters: int = 0
    download_bytes: int = 0
    licence: str = ""
    group: str = ""
    is_installed: bool = False
    is_random: bool = False
    images_per_s: float | None = None
    is_measured: bool = False


def list_encoders() -> list[EncoderEntry]:
    """The builtin one, those installed, and all that can be: the few to begin with before the rest.

    Imports nothing heavy.
    """
    here, rates = _repositories_here(), estimate.read()
    entries = {builtin_constants.NAME: _builtin_entry()}
    for name in installed.every():
        entries[str(name)] = _entry(name, known.find(name), rates, is_installed=True)
    few = [names.parse(one.name) for one in known.recommended()]
    for name, one in [(name, known.find(name)) for name in few] + [
        (names.parse(one.name), one) for one in known.everything()
    ]:
        if str(name) not in entries:
            may_be_here = one is not None and one.repo in here
            is_installed = may_be_here and installed.find(name) is not None
            entries[str(name)] = _entry(name, one, rates, is_installed=is_installed)
    return sorted(entries.values(), key=lambda one: (not one.is_installed, not one.group))


def describe(name: str, project: Project | None = None) -> EncoderEntry:
    """One encoder, whether it is in the list or not; of a run only its ``project`` knows more than the name.

    Raises EncoderError for what is no name.
    """
    if name == builtin_constants.NAME:
        return _builtin_entry()
    parsed = names.parse(name)
    if parsed.family == "run":
        return _run_entry(parsed, project)
    if parsed.family == "given":
        return _given_entry(parsed, project)
    is_installed = not parsed.is_random and _files_are_here(parsed)
    return _entry(parsed, known.find(parsed), estimate.read(), is_installed=is_installed)


def key_of(project: Project, name: str) -> str | None:
    """The key that the encoder of this name has now, without loading it; None where only loading
    tells. Raises EncoderError."""
    check_name(name)
    loaded: Encoder | None = project.kept(f"encoder:{name}")
    if loaded is not None:
        return loaded.key
    if name == builtin_constants.NAME:
        return builtin_constants.key()
    parsed = names.parse(name)
    if parsed.family == "run":
        trained = run_files.read(models_folder(project), parsed.model)
        return trained.key if trained is not None else None
    if parsed.family == "given":
        with project.read() as session:
            found = embeddings.find(session, name)
        return found.key if found is not None else None
    card = _card(parsed)
    return card.key if card is not None else None


def models_folder(project: Project) -> Path:
    """Where a catalogue keeps what its runs made."""
    return project.path / "models"


def name_of(project: Project, name: str | None) -> str:
    """The name as it is kept; None stands for the catalogue's default. Raises EncoderError."""
    if name is not None:
        return str(names.parse(name))
    with project.read() as session:
        return embeddings.default_encoder(session)


def usual_name(project: Project, name: str | None) -> str:
    """As ``name_of``; what is no name stays as it is."""
    try:
        return name_of(project, name)
    except EncoderError:
        return str(name)


def load(project: Project, name: str | None = None) -> Encoder:
    """The encoder of this name (None: the catalogue's default), loaded once per project.

    Raises EncoderError for a name that is not known, and where its weights are not here.
    """
    name = name_of(project, name)
    check_name(name)
    loaded: Encoder = project.keep(f"encoder:{name}", lambda: _load(project, name))
    _let_go_of_others(project, name, loaded)
    return loaded


def is_light(project: Project, name: str | None) -> bool:
    """Whether a picture costs this encoder (None: the default) no more than its decoding, told without
    loading anything."""
    return name_of(project, name) == builtin_constants.NAME


def dim_of(project: Project, name: str | None) -> int:
    """The dimension of this encoder's vectors (None: the default's) as far as it is known without
    loading it; what is not known counts as 1,024."""
    name = name_of(project, name)
    return describe(name, project).dim or 1024


def check_name(name: str) -> None:
    """Raises EncoderError for what names no encoder. Whether its weights are here is told by loading."""
    parsed = names.parse(name)
    if parsed.family in ("openclip", "small", "timm") and not (parsed.hub_repo or parsed.folder):
        listed = known.find(EncoderName(parsed.family, parsed.model, parsed.tag))
        if listed is None:
            raise EncoderError(
                f"There is no encoder named {name!r}.",
                f"lookalike encoders --search {parsed.model} lists those with similar names.",
            )


def check_available(project: Project, name: str) -> str:
    """The name as it is kept (files as absolute paths). Raises EncoderError where the encoder cannot be
    used: not known, or its weights are not here."""
    check_name(name)
    if names.is_given(name):
        raise cannot_embed(name)
    entry = describe(name, project)
    if not (entry.is_installed or entry.is_random):
        parsed = names.parse(name)
        if parsed.family == "run":
            raise EncoderError(f"There is no trained encoder named {parsed.model!r}.")
        raise installed.missing(parsed)
    return str(names.parse(name))


def cannot_embed(name: str) -> EncoderError:
    """What to raise where vectors that were made elsewhere are asked for one that there is not."""
    return EncoderError(
        f"{name} are vectors that were made elsewhere: what has one can be searched, mapped, clustered and compared, "
        "but no vector can be made of a new picture, a part of one, or words.",
        "Use another encoder for that, or import a file that has them.",
    )


def refuse_as_start(name: str) -> None:
    """Raises EncoderError where there is no encoder of this name that a training could begin with, only vectors."""
    if names.is_given(name):
        raise EncoderError(
            f"{name} are vectors that were made elsewhere: there is no encoder behind them that a training could begin "
            "with.",
            "Name another encoder to train from.",
        )


def note_speed(name: str, images_per_s: float) -> None:
    """A speed that was seen at work, where it is better than the measured one: that was taken while
    something else ran."""
    card = cards.read(name)
    if card is not None and card.speed is not None and images_per_s > card.speed.images_per_s:
        cards.write_speed(name, replace(card.speed, images_per_s=round(images_per_s, 2)))


def set_default(project: Project, name: str) -> Changes:
    """Let this encoder be meant where none is named; an update to another one ends where it is. Raises
    EncoderError."""
    if names.is_given(name):
        if not describe(name, project).available:
            raise EncoderError(f"The catalogue has no vectors of {name}.", IMPORT_THEM)
    else:
        name = check_available(project, name)
    if describe(name, project).is_random:
        raise EncoderError(f"{name} cannot be a default.", _RANDOM)
    with project.write(durable=True) as session:
        update = updates.find(session)
        if update is not None and update.encoder != name:
            updates.end(session)
        facts.put(session, "default_encoder", name)
        journal.append(session, "default encoder", encoder=name)
    return Changes.EMBEDDINGS


def become_default(project: Project, name: str) -> Changes:
    """Let this encoder be the default where the present one has no vectors: nobody could look through
    those that there are without naming it."""
    with project.read() as session:
        found = embeddings.find(session, None)
        is_alone = found is None or not (found.rows or updates.stand_in(session, found))
    if not is_alone or name == name_of(project, None) or names.parse(name).is_random:
        return Changes.NONE
    return set_default(project, name)


def _load(project: Project, name: str) -> Encoder:
    from core.encoders import registry

    parsed = names.parse(name)
    if parsed.family == "given":
        raise cannot_embed(name)
    if parsed.family == "run":
        from core.encoders import runs

        def base(wanted: str) -> Encoder:
            return load(project, wanted)

        return runs.load(models_folder(project), parsed.model, base)
    with _loading:  # two at once would take the memory of both before either is done
        return registry.load(names.parse(name))


def _let_go_of_others(project: Project, name: str, loaded: Encoder) -> None:
    """Of large encoders keep the two that were asked for last."""
    if loaded.is_light:
        return
    recent: list[str] = project.keep("encoders in use", list)
    with _loading:
        if name in recent:
            recent.remove(name)
        recent.append(name)
        while len(recent) > _MOST_LOADED:
            project.let_go(f"encoder:{recent.pop(0)}")


def _run_entry(name: EncoderName, project: Project | None) -> EncoderEntry:
    card = run_files.read(models_folder(project), name.model) if project is not None else None
    missing = f"There is no trained encoder named {name.model!r} in this catalogue."
    return EncoderEntry(
        str(name),
        card.dim if card is not None else 0,
        words=False,
        available=card is not None,
        why_not="" if card is not None else missing,
        title=name.model,
        about=f"Trained here, from {card.base}." if card is not None else "",
        family="run",
        size_px=card.size_px if card is not None else 0,
        is_installed=card is not None,
    )


def _given_entry(name: EncoderName, project: Project | None) -> EncoderEntry:
    found = None
    if project is not None:
        with project.read() as session:
            found = embeddings.find(session, str(name))
    is_here = found is not None and found.rows > 0
    return EncoderEntry(
        str(name),
        found.dim if found is not None else 0,
        words=False,
        available=is_here,
        why_not="" if is_here else f"There are no vectors named {name.model!r} in this catalogue.",
        title=name.model,
        about="Vectors that were made elsewhere. They can be searched, mapped, clustered and compared; of new pictures "
        "and words there are none.",
        family="given",
    )


def _builtin_entry() -> EncoderEntry:
    name, dim = builtin_constants.NAME, builtin_constants.DIM
    return EncoderEntry(
        name,
        dim,
        words=False,
        available=True,
        why_not="",
        title="Built in",
        about="Shape and colour, no trained weights. Very fast, and always here.",
        family=name,
        size_px=builtin_constants.SIZE_PX,
        licence="apache-2.0",
        is_installed=True,
    )


def _entry(
    name: EncoderName, listed: Known | None, rates: list[Rates], *, is_installed: bool
) -> EncoderEntry:
    """What is known of an encoder: from its card where it was loaded here, else from the list."""
    card = _card(name) if is_installed or name.is_random else None
    few = next((one for one in known.recommended() if one.name == str(name)), None)
    shape = small_shapes.find(name)
    is_random = name.is_random
    speed = card.speed.images_per_s if card is not None and card.speed is not None else None
    guess = max((one.images_per_s(listed.work) for one in rates), default=None) if listed else None
    return EncoderEntry(
        name=str(name),
        dim=card.dim if card is not None else listed.dim if listed is not None else 0,
        words=card.has_words if card else listed.words if listed else False,
        available=is_installed and not is_random,
        why_not=_RANDOM if is_random else "" if is_installed else str(installed.missing(name)),
        title=few.title if few is not None else shape.title if shape is not None else _title(name),
        about=few.about if few is not None else shape.about if shape is not None else "",
        family=name.family,
        size_px=card.size_px if card else listed.preprocessing.size_px if listed else 0,
        parameters=listed.parameters if listed is not None else 0,
        download_bytes=listed.download_bytes if listed is not None else 0,
        licence=listed.licence if listed is not None else "",
        group=few.group if few is not None else "",
        is_installed=is_installed,
        is_random=is_random,
        images_per_s=speed if speed is not None else guess,
        is_measured=speed is not None,
    )


def _title(name: EncoderName) -> str:
    place = name.hub_repo or name.folder or name.model
    return f"{place.rsplit('/', 1)[-1]} {name.tag}".strip()


def _card(name: EncoderName) -> cards.Card | None:
    try:
        return cards.fresh(str(name), None if name.is_random else installed.find(name))
    except EncoderError:
        return None


def _files_are_here(name: EncoderName) -> bool:
    try:
        return installed.find(name) is not None
    except EncoderError:
        return False


def _repositories_here() -> set[str]:
    """Repositories of which there is something on this machine, so that not each is looked for."""
    roots = (installed.encoder_folder(), hub_cache.shared_folder())
    return set().union(*(hub_cache.repos(root) for root in roots))
