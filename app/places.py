"""Is it a folder, is it a file: asked of places that may not be looked into, which is no error here."""

from pathlib import Path


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
