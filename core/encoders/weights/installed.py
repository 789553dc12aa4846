"""Which weights are on this machine: in the folder for encoders, or in the cache that programs share."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.encoders import known, names
from core.encoders.names import EncoderName
from core.encoders.weights import hub_cache, needs
from core.encoders.weights.needs import Need, Role
from core.encoders.weights.records import (
    HubFile,
    Record,
    bytes_there,
    encoder_folder,
    record,
    records,
)
from core.errors import EncoderError

__all__ = [
    "Files",
    "encoder_folder",
    "every",
    "find",
    "is_complete",
    "is_ours",
    "of_others",
    "partial_bytes",
]

# As open_clip looks for weights in a folder.
_IN_FOLDER = (
    *("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors"),
    *("open_clip_pytorch_model.bin", "open_clip_pytorch_model.pth"),
    *("model.safetensors", "pytorch_model.bin", "pytorch_model.pth", "model.pth"),
)
_SUFFIXES = (".safetensors", ".bin", ".pth")


@dataclass(frozen=True, slots=True)
class Files:
    """What an encoder is made of, on this machine.

    ``config_folder`` holds open_clip_config.json or timm's config.json, ``text_folder`` the config.json
    of a text tower of transformers' kind, ``tokenizer_folder`` a vocabulary; None where there is no need.
    """

    weights: Path
    config_folder: Path | None = None
    text_folder: Path | None = None
    tokenizer_folder: Path | None = None


def find(name: EncoderName) -> Files | None:
    """The files of an encoder, or None where some are missing (or where it needs none).

    With a checkpoint of the user's own a vocabulary may be missing: it knows no words then. Raises
    EncoderError for a name that is not known.
    """
    if name.folder:
        return _in_folder(Path(name.folder))
    found: dict[Role, Path] = {}
    kept = record(str(name))
    if kept is not None and kept.is_whole:
        found = _by_record(kept) or {}
    if not found:
        found, lacking = _by_needs(name)
        if lacking - ({"tokenizer"} if name.file else set()):
            return None
    if name.file and Path(name.file).is_file():
        found["weights"] = Path(name.file)
    weights = found.get("weights")
    if weights is None:
        return None
    config, text, tokenizer = (found.get(role) for role in _FOLDER_ROLES)
    return Files(
        weights,
        config_folder=config.parent if config else None,
        text_folder=text.parent if text else None,
        tokenizer_folder=tokenizer.parent if tokenizer else None,
    )


_FOLDER_ROLES: tuple[Role, ...] = ("config", "text", "tokenizer")


def is_complete(name: EncoderName) -> bool:
    """Whether nothing needs to be fetched for an encoder. Raises EncoderError as ``find``."""
    return find(name) is not None and not (name.file and _by_needs(name)[1])


def of_others(name: EncoderName) -> tuple[HubFile, ...]:
    """What was fetched for other encoders from the repositories that this one needs, too."""
    repos = {need.repo for need in needs.of(name, _read_config)}
    fetched = (one for kept in records() for one in kept.files if one.repo in repos)
    return tuple({(one.repo, one.commit, one.name): one for one in fetched}.values())


def missing(name: EncoderName) -> EncoderError:
    """What to say of an encoder whose weights are not here."""
    if name.file:
        return EncoderError(f"There is no checkpoint {name.file}.", "Choose another file.")
    if name.folder:
        return EncoderError(
            f"{name.folder} holds no OpenCLIP model.",
            "It needs open_clip_config.json and weights in one folder.",
        )
    return EncoderError(
        f"The encoder {name} is not installed.",
        f"lookalike encoders install {name} fetches it.",
    )


def is_ours(files: Files) -> bool:
    """Whether the weights lie in the folder for encoders, so that they may be removed."""
    folder = encoder_folder()
    return folder != hub_cache.shared_folder() and files.weights.is_relative_to(folder)


def every() -> list[EncoderName]:
    """All encoders whose files are here, by name: those installed, and those that others fetched."""
    found = {one.name for one in records() if one.is_whole}
    there = hub_cache.repos(encoder_folder()) | hub_cache.repos(hub_cache.shared_folder())
    if there:
        found |= {one.name for one in known.everything() if one.repo in there}
    parsed = [name for one in sorted(found) if (name := _parsed(one)) is not None]
    return [name for name in parsed if _is_here(name)]


def partial_bytes(name: str) -> int:
    """How much of a download that was not finished is there; 0 where there is none."""
    kept = record(name)
    if kept is None or kept.is_whole:
        return 0
    return sum(bytes_there(one) for one in kept.files)


def _parsed(name: str) -> EncoderName | None:
    try:
        return names.parse(name)
    except EncoderError:
        return None


def _is_here(name: EncoderName) -> bool:
    try:
        return find(name) is not None
    except EncoderError:
        return False


def _by_record(kept: Record) -> dict[Role, Path] | None:
    found: dict[Role, Path] = {}
    for one in kept.files:
        places = (hub_cache.find(root, one.repo, one.name, one.commit) for root in _roots())
        path = next(filter(None, places), None)
        if path is None:
            return None
        found[one.role] = path
    return found


def _by_needs(name: EncoderName) -> tuple[dict[Role, Path], set[Role]]:
    """A file of each kind that is here, and the kinds that are not."""
    found: dict[Role, Path] = {}
    lacking: set[Role] = set()
    try:
        wanted = needs.of(name, _read_config)
    except FileNotFoundError:
        return {}, {"config"}
    for need in wanted:
        path = next(filter(None, (_first(root, need) for root in _roots())), None)
        if path is None:
            lacking.add(need.role)
        else:
            found[need.role] = path
    return found, lacking


def _first(root: Path, need: Need) -> Path | None:
    chosen = need.chosen(lambda name: hub_cache.find(root, need.repo, name) is not None)
    return hub_cache.find(root, need.repo, chosen[-1]) if chosen else None


def _read_config(repo: str, name: str) -> dict[str, Any]:
    path = next(filter(None, (hub_cache.find(root, repo, name) for root in _roots())), None)
    if path is None:
        raise FileNotFoundError(name)
    return hub_cache.read_json(path)


def _roots() -> tuple[Path, Path]:
    """The folder for encoders, and the cache that programs share."""
    return encoder_folder(), hub_cache.shared_folder()


def _in_folder(folder: Path) -> Files | None:
    if not (folder / needs.CONFIGS["openclip"]).is_file():
        return None
    preferred = [folder / one for one in _IN_FOLDER if (folder / one).is_file()]
    try:
        there = sorted(os.listdir(folder), key=lambda one: (_rank(one), one))
    except OSError:
        return None
    weights = [*preferred, *(folder / one for one in there if _rank(one) < len(_SUFFIXES))]
    text = folder if (folder / "config.json").is_file() else None
    return Files(weights[0], folder, text, folder) if weights else None


def _rank(name: str) -> int:
    return next((n for n, suffix in enumerate(_SUFFIXES) if name.endswith(suffix)), len(_SUFFIXES))
