"""What is known of an encoder without loading it: its key, its dimension, and what was measured here.

One small JSON file for each in the user's data folder. A card counts only for exactly the files it was made of.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from core import settings
from core.encoders.weights.installed import Files

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured for one device (``machine`` names it and torch's version).

    ``images_per_s`` counts pictures that are decoded already; ``recall`` is recall@10 against fp32 on
    ``pictures`` photos.
    """

    machine: str
    device: str
    precision: str
    images_per_s: float
    fp32_images_per_s: float
    recall: float
    pictures: int


@dataclass(frozen=True, slots=True)
class Card:
    """An encoder that was loaded here once. ``made_of`` are its files, their sizes and times."""

    name: str
    key: str
    dim: int
    size_px: int
    has_words: bool
    made_of: str
    speed: Speed | None = None


def stamp(files: Files | None) -> str:
    """Names, sizes and times of an encoder's files: another text means that the card is old."""
    if files is None:  # drawn anew each time, by torch's generator
        return f"random, torch {metadata.version('torch')}"
    parts = [files.weights]
    for folder in {files.config_folder, files.text_folder, files.tokenizer_folder} - {None}:
        assert folder is not None
        parts += sorted(one for one in folder.iterdir() if one.suffix == ".json")
    seen = []
    for path in parts:
        status = os.stat(path)
        seen.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(seen)


def read(name: str) -> Card | None:
    """The card of this encoder, or None."""
    try:
        kept: dict[str, Any] = json.loads(_path(name).read_text(encoding="utf-8"))
        if kept.pop("version") != _VERSION or kept["name"] != name:
            return None
        speed = kept.pop("speed")
        return Card(**kept, speed=None if speed is None else Speed(**speed))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def fresh(name: str, files: Files | None) -> Card | None:
    """The card, where it is of exactly these files."""
    card = read(name)
    try:
        return card if card is not None and card.made_of == stamp(files) else None
    except OSError:
        return None


def write(card: Card) -> None:
    """Keep a card, whole or not at all. A folder that cannot be written keeps nothing."""
    path = _path(card.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}.new")
        beside.write_text(json.dumps({"version": _VERSION, **asdict(card)}, indent=1), "utf-8")
        beside.replace(path)
    except OSError:
        return  # it only saves time


def write_speed(name: str, speed: Speed) -> None:
    """Keep what was measured, beside what else is known."""
    card = read(name)
    if card is not None:
        write(replace(card, speed=speed))


def forget(name: str) -> None:
    """Take the card away; the next loading makes another."""
    _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    short = hashlib.sha256(name.encode()).hexdigest()[:24]
    return settings.data_folder() / "cards" / f"{short}.json"
