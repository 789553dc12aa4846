"""Is it a folder, is it a file: asked of places that may not be looked into, which is no error here."""

from pathlib import Path

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


def is_label_file(path: Path) -> bool:
    """Whether a file is, by its name, one that labels come in."""
    return path.suffix.lower() in LABEL_EXTENSIONS and is_file(path)
