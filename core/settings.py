"""The user's settings: what they chose, kept as JSON in the platform's configuration folder.

What belongs to a catalogue is kept in the catalogue; the environment variables LOOKALIKE_CONFIG_DIR and
LOOKALIKE_DATA_DIR move both folders (tests use them).
"""

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_data_path

VERSION = 1
RECENT_KEPT = 12


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting: name, type, default, and one line of meaning."""

    theme: str = "system"  # "system", "light" or "dark"
    thumbnail_size_px: int = 160  # longest side of the pictures in the grid
    recent: tuple[str, ...] = ()  # catalogues, newest first
    recent_places: dict[str, str] = field(default_factory=dict)  # where a recent one's images lie
    last_catalogue: str = ""  # opened again at the next start, where the user wants that
    window_geometry: str = ""  # Qt's own form, base64
    window_state: str = ""  # Qt's own form, base64
    splitters: dict[str, str] = field(default_factory=dict)  # by name, Qt's own form, base64
    shortcuts: dict[str, str] = field(default_factory=dict)  # by action id, where changed
    map_is_shown: bool = True
    grid_is_shown: bool = True
    inspector_is_shown: bool = True
    map_layouts: dict[str, str] = field(default_factory=dict)  # the method last chosen, by encoder
    map_names_are_shown: bool = True  # names of regions on the map
    word_searches: tuple[str, ...] = ()  # what was searched for in words, newest first
    words_as_typed: bool = False  # searched for without the wordings of core.search.words
    export_folder: str = ""  # last written to
    # What was chosen last for an export, by kind: "format", and options by name.
    export_choices: dict[str, dict[str, str]] = field(default_factory=dict)
    may_look_for_releases: bool = False  # the person agreed to ask the network for a newer version
    looks_for_releases: bool = False  # by itself, once a week
    last_look_for_releases: str = ""  # the day of it, YYYY-MM-DD
    encoder_folder: str = ""  # where weights are kept; empty: among the user's data


def config_folder() -> Path:
    """Where settings are kept."""
    override = os.environ.get("LOOKALIKE_CONFIG_DIR")
    return Path(override) if override else user_config_path("Lookalike", appauthor=False)


def data_folder() -> Path:
    """Where catalogues that were made by dropping a folder, and the demo images, are kept."""
    override = os.environ.get("LOOKALIKE_DATA_DIR")
    return Path(override) if override else user_data_path("Lookalike", appauthor=False)


def load() -> Settings:
    """The kept settings; what is missing, unknown or of the wrong type takes its default."""
    try:
        kept = json.loads((config_folder() / "settings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(kept, dict):
        return Settings()
    defaults = Settings()
    values: dict[str, Any] = {}
    for one in fields(Settings):
        default, value = getattr(defaults, one.name), kept.get(one.name)
        if isinstance(default, tuple) and isinstance(value, list):
            values[one.name] = tuple(str(item) for item in value)
        elif type(value) is type(default):
            values[one.name] = value
    return Settings(**values)


def save(settings: Settings) -> None:
    """Keep ``settings``, whole or not at all. A folder that cannot be written keeps nothing."""
    folder = config_folder()
    text = json.dumps({"version": VERSION, **asdict(settings)}, indent=1, ensure_ascii=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f"settings.json.{os.getpid()}.new"
        beside.write_text(text, encoding="utf-8")
        beside.replace(folder / "settings.json")
    except OSError:
        # A locked-down home must not keep anyone from looking at pictures.
        return
