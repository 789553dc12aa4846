"""What a person set for keepers: the order of the rules, and the folders from which nothing is removed."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import folder_places
from core.catalogue.folder_places import FolderPlace
from core.catalogue.session import Session
from core.changes import Changes
from core.duplicates import keepers as by_rules
from core.duplicates.keepers import DEFAULT, Rule
from core.errors import UsageError
from core.images.scan import display
from core.operations import duplicate_settings
from core.operations.duplicate_settings import PROTECTED, RULES
from core.project import Project


def rules(project: Project) -> tuple[Rule, ...]:
    """The rules for keepers, the first first; all kinds are there, some are off."""
    with project.read() as session:
        return read_rules(session)


def read_rules(session: Session) -> tuple[Rule, ...]:
    """The same within a session."""
    stored = duplicate_settings.read(session, RULES)
    if stored is None:
        return DEFAULT
    found = []
    for rule in by_rules.from_json(stored):
        if rule.kind == "folder":  # kept by their sources
            places = [_place(word) for word in rule.words]
            where = folder_places.shown(session, places)
            words = tuple(where[one] for one in places if one in where)
            rule = Rule(rule.kind, rule.is_on, rule.is_reversed, words)
        found.append(rule)
    return tuple(found)


def set_rules(project: Project, wanted: Sequence[Rule] | None) -> Changes:
    """Choose keepers by these rules from now on, None for those of the beginning. Undoable.

    Raises UsageError for a rule that does not exist or is there twice, and for a folder of no source.
    """

    def make(session: Session) -> Any:
        if wanted is None:
            return None
        stored = by_rules.to_json(by_rules.check(wanted))
        for one in stored:
            if one["kind"] == "folder":
                places = [place for word in one["words"] for place in places_at(session, word)]
                one["words"] = [asdict(place) for place in places]
        return stored

    return duplicate_settings.change(project, RULES, make, "Change the rules for keepers")


def protected(project: Project) -> list[str]:
    """Absolute paths of the folders from which, and from below which, nothing is ever removed."""
    with project.read() as session:
        places = read_protected(session)
        where = folder_places.shown(session, places)
    return [where[one] for one in places if one in where]


def protect(project: Project, folder: str | os.PathLike[str], is_protected: bool) -> Changes:
    """Never remove anything from this folder and those below it, or (``is_protected`` false) allow it again. Undoable.

    It stays protected where its source is found at another place. Raises UsageError for a folder of no source, and
    where a folder above is what protects it.
    """

    def make(session: Session) -> Any:
        here, before = places_at(session, os.fspath(folder)), read_protected(session)
        if is_protected:
            after = [*before, *(one for one in here if one not in before)]
        else:
            after = [one for one in before if one not in here]
            if len(after) == len(before):
                raise UsageError(f"{os.fspath(folder)} is not protected by itself.")
        return [asdict(one) for one in after] or None

    word = "Protect" if is_protected else "Do not protect"
    return duplicate_settings.change(
        project, PROTECTED, make, f"{word} the folder {display(os.fsencode(folder))}"
    )


def protected_images(
    project: Project, image_ids: Sequence[int] | NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which of these images lie in a protected folder now. bool [n]; an image that is gone does not."""
    with project.read() as session:
        now = project.index(session).columns
        rows = now.rows_of(np.asarray(image_ids, dtype=np.int64))
        guarded = guarded_folders(session, read_protected(session))
        return np.asarray((rows >= 0) & guarded[now.folder_ids[rows]])


def read_protected(session: Session) -> list[FolderPlace]:
    return [_place(one) for one in duplicate_settings.read(session, PROTECTED) or []]


def guarded_folders(session: Session, places: Sequence[FolderPlace]) -> NDArray[np.bool_]:
    """By folder id."""
    return np.asarray(folder_places.ranks(session, places) < len(places))


def _place(stored: Any) -> FolderPlace:
    return FolderPlace(int(stored["source_id"]), float(stored["added_at"]), str(stored["path"]))


def places_at(session: Session, folder: str) -> list[FolderPlace]:
    """The places of a folder as a person names it. Raises UsageError where no source holds it."""
    for path in dict.fromkeys((folder, display(os.fsencode(os.path.abspath(folder))))):
        found = folder_places.at(session, path)
        if found:
            return found
    raise UsageError(
        f"{display(os.fsencode(folder))} is in none of the catalogue's folders.",
        "Name a folder that was imported, or one inside it.",
    )
