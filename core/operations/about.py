"""What Lookalike says of itself: versions, where it keeps what, and whose work it holds."""

import platform
from importlib import metadata
from importlib.resources import files
from pathlib import Path

import resources
from core import settings, version
from core.records import About as About

# In the order in which they are told: what a report of a fault should name.
LIBRARIES = ("PySide6-Essentials", "torch", "faiss-cpu", "numpy", "Pillow")
IN_BUNDLE, IN_SOURCE = "THIRD_PARTY_NOTICES.txt", "THIRD_PARTY_NOTICES.md"


def facts() -> About:
    """What is running here."""
    found = []
    for name in LIBRARIES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:  # a bundle without the metadata of this one
            continue
    return About(
        version.current(),
        f"Python {platform.python_version()} on {platform.platform(terse=True)}",
        tuple(found),
        settings.data_folder(),
        settings.config_folder(),
    )


def notices() -> str:
    """Whose work this holds, and under which licences: the long text in a bundle, the table beside the source."""
    shipped = files("resources") / IN_BUNDLE
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    beside = Path(resources.__file__).parents[1] / IN_SOURCE
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    return (
        "This Lookalike runs on packages that were installed beside it. Each of them holds its licence: "
        "`pip show --verbose --files NAME` tells where."
    )
