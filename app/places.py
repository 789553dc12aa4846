"""Is it a folder, is it a file: asked of places that may not be looked into, which is no error here."""

import os
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

# What labels come in (core.labelling.reader), known without the imports that reading them needs.
LABEL_EXTENSIONS = (".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson")


def is_folder(path: Path) -> bool:
    """Whether it is a folder that can be reached."""
    try:
        return path.is_dir()
    except OSError:  # no permission on the way to it
        return False


def is_file(path: Path) -> bool:
    """Whether it is a file that can be reached."""
    try:
        return path.is_file()
    except OSError:
        return False


def expanded(text: str) -> Path:
    """The place that was typed, ``~`` and ``~name`` as home folders; as it stands where nobody has that name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def is_label_file(path: Path) -> bool:
    """Whether a file is, by its name, one that labels come in."""
    return path.suffix.lower() in LABEL_EXTENSIONS and is_file(path)


def from_argument(text: str) -> tuple[Path | None, str]:
    """The absolute place that an argument of the command line names, as a path or as some launchers write it
    (``file:///home/me/My%20photos``); else None and, in a sentence, why not."""
    scheme, separator, rest = text.partition("://")
    if os.path.exists(text) or not separator or not scheme.isalpha():
        return Path(text).absolute(), ""
    if scheme.lower() != "file":
        return None, (
            f"{text} is not on this machine: copy the folder here, or open it where it is mounted."
        )
    host, slash, path = rest.partition("/")
    if host not in ("", "localhost") or not slash:
        return None, f"{text} names no folder of this machine."
    name = os.fsdecode(unquote_to_bytes(path.partition("?")[0].partition("#")[0]))
    return Path(name if sys.platform == "win32" else f"/{name}").absolute(), ""
