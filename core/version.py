"""The version that runs, from its installed metadata; pyproject.toml is the one place where it is written."""

NOT_INSTALLED = "0 (not installed)"


def current() -> str:
    """The version, as PEP 440 writes it; ``NOT_INSTALLED`` where the package has no metadata."""
    from importlib import (
        metadata,
    )  # a tenth of what the start of the window takes, which needs none of it

    try:
        return metadata.version("lookalike")
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
