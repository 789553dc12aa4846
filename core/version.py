"""The version that runs, from its installed metadata; pyproject.toml is the one place where it is written."""

from importlib import metadata

NOT_INSTALLED = "0 (not installed)"


def current() -> str:
    """The version, as PEP 440 writes it; ``NOT_INSTALLED`` where the package has no metadata."""
    try:
        return metadata.version("lookalike")
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
