"""Where the catalogue of a folder lives: told without the database, before anything of it is imported."""

import hashlib
import os
from pathlib import Path

from core.settings import data_folder

SUFFIX, DATABASE_NAME = ".lookalike", "catalogue.sqlite"


def of_folder(folder: Path) -> Path:
    """The same place every time, however the folder is named, in the user's data folder and never among the photos."""
    folder = normal(folder)
    digest = hashlib.sha256(os.fsencode(os.path.normcase(folder))).hexdigest()[:10]
    name = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in folder.name)
    return data_folder() / "catalogues" / f"{name.strip() or 'images'}-{digest}{SUFFIX}"


def of_place(place: Path) -> Path:
    """The catalogue that opening ``place`` opens: itself, or that of the folder."""
    is_catalogue = place.suffix == SUFFIX or os.path.isfile(place / DATABASE_NAME)
    return normal(place) if is_catalogue else of_folder(place)


def normal(place: Path) -> Path:
    """``place`` as an absolute path without dots; links stay."""
    return Path(os.path.normpath(place.absolute()))
