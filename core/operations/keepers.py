"""Keepers: which image file of a group stays, by a person's rules, and folders from which nothing is removed."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, folder_places
from core.catalogue.folder_places import FolderPlace
from core.catalogue.session import Session
from core.changes import Changes
from core.duplicates import keepers as by_rules
from core.duplicates.joined import NO
from core.duplicates.keepers import DEFAULT, Facts, Rule
from core.duplicates.records import Group
from core.errors import UsageError
from core.images.scan import display
from core.operations import duplicate_settings, duplicate_state
from core.operations.duplicate_settings import PROTECTED, RULES
from core.operations.duplicate_state import State
from core.project import Project

_PIXELS = "pixels by content"


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What a rule does to some groups: ``decides`` counts those in which it leaves one image; ``changes`` those whose
    keeper would be another if the rule were off (or on, where it is off)."""

    rule: Rule
    decides: int
    changes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays of a group: the ``keeper``, and all ``staying`` images, itself first (further ones are protected).

    ``leaving`` are the others, best first; ``reasons`` says of each what the keeper has before it, in a few words.
    """

    keeper: int
    staying: tuple[int, ...]
    leaving: tuple[int, ...]
    reasons: tuple[str, ...]


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
                places = [place for word in one["words"] for place in _at(session, word)]
                one["words"] = [asdict(place) for place in places]
        return stored

    return duplicate_settings.change(project, RULES, make, "Change the rules for keepers")


def protected(project: Project) -> list[str]:
    """Absolute paths of the folders from which, and from below which, nothing is ever removed."""
    with project.read() as session:
        places = _protected(session)
        where = folder_places.shown(session, places)
    return [where[one] for one in places if one in where]


def protect(project: Project, folder: str | os.PathLike[str], is_protected: bool) -> Changes:
    """Never remove anything from this folder and those below it, or (``is_protected`` false) allow it again. Undoable.

    It stays protected where its source is found at another place. Raises UsageError for a folder of no source, and
    where a folder above is what protects it.
    """

    def make(session: Session) -> Any:
        here, before = _at(session, os.fspath(folder)), _protected(session)
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
        guarded = _is_protected(session, _protected(session))
        return np.asarray((rows >= 0) & guarded[now.folder_ids[rows]])


def keeper(project: Project, image_ids: Sequence[int], wanted: Sequence[Rule] | None = None) -> int:
    """Which of these images stays; with no rules given, by those that are set. Raises UsageError for none."""
    if not len(image_ids):
        raise UsageError("A keeper is chosen among images.")
    return chosen(project, [image_ids], wanted)[0].keeper


def chosen(
    project: Project,
    groups: Sequence[Sequence[int]],
    wanted: Sequence[Rule] | None = None,
    folders: Sequence[str] | None = None,
) -> list[Kept]:
    """What stays of each group of images, and why; groups hold ids of images, one or more.

    ``wanted`` rules and protected ``folders`` take the place of those that are set. Images that are gone are passed
    over, and a group of none raises UsageError.
    """
    ids = np.fromiter((one for group in groups for one in group), dtype=np.int64)
    of = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    wanted = rules(project) if wanted is None else by_rules.check(wanted)
    state = duplicate_state.load(project)
    with project.read() as session:
        now = project.index(session).columns
        rows = now.rows_of(ids)
        rows, ids, of = rows[rows >= 0], ids[rows >= 0], of[rows >= 0]
        if len(np.unique(of)) != len(groups):
            raise UsageError("None of the images of a group is in the catalogue any more.")
        facts = facts_of(project, session, state, rows, wanted, folders=folders)
    order = np.lexsort((facts.ranks(wanted), of))
    first = order[np.searchsorted(of[order], np.arange(len(groups)))]
    reasons = _reasons(facts, wanted, first[of])
    found = []
    for place, part in enumerate(
        np.split(order, np.searchsorted(of[order], np.arange(1, len(groups))))
    ):
        stays = facts.protected[part].copy()
        stays[0] = True
        staying, leaving = part[stays], part[~stays]
        found.append(
            Kept(
                int(ids[first[place]]),
                tuple(ids[staying].tolist()),
                tuple(ids[leaving].tolist()),
                tuple(reasons[one] for one in leaving.tolist()),
            )
        )
    return found


def _reasons(facts: Facts, wanted: Sequence[Rule], keeper_rows: NDArray[np.int64]) -> list[str]:
    """What its keeper has before each image."""
    texts = [
        "Protected",
        *(by_rules.text_of(rule) for rule in wanted if rule.is_on),
        "First by path",
    ]
    place = np.full(len(keeper_rows), len(texts) - 1)
    columns = [~facts.protected, *facts.ordered(wanted)]
    for number in reversed(range(len(columns))):
        column = columns[number]
        place[column != column[keeper_rows]] = number
    return [texts[one] for one in place.tolist()]


def preview(
    project: Project, groups: Sequence[Group], wanted: Sequence[Rule] | None = None
) -> list[RuleEffect]:
    """What each of these rules (those that are set, where none are given) does to these groups, in their order.

    The groups that no rule decides (by protection, or only by the order of paths) are what is left to the number of
    groups.
    """
    ids = np.fromiter((one for group in groups for one in group.images), dtype=np.int64)
    of = np.repeat(np.arange(len(groups)), [len(group.images) for group in groups])
    wanted = rules(project) if wanted is None else tuple(wanted)
    by_rules.check(wanted)
    state = duplicate_state.load(project)
    with project.read() as session:
        now = project.index(session).columns
        rows = now.rows_of(ids)
        there = rows >= 0
        facts = facts_of(project, session, state, rows[there], wanted, of_all=True)
    _, of = np.unique(of[there], return_inverse=True)
    count = int(of.max(initial=-1)) + 1
    decided = np.bincount(
        by_rules.deciding(facts, wanted, of, count) + 1, minlength=len(wanted) + 2
    )
    now_kept = by_rules.keepers(facts, wanted, of, count)
    effects = []
    for place, rule in enumerate(wanted):
        turned = Rule(rule.kind, not rule.is_on, rule.is_reversed, rule.words)
        other = by_rules.keepers(facts, [*wanted[:place], turned, *wanted[place + 1 :]], of, count)
        effects.append(RuleEffect(rule, int(decided[place + 1]), int((other != now_kept).sum())))
    return effects


def facts_of(
    project: Project,
    session: Session,
    state: State,
    rows: NDArray[np.int64],
    wanted: Sequence[Rule],
    *,
    folders: Sequence[str] | None = None,
    of_all: bool = False,
) -> Facts:
    """What the rules that are on (``of_all``: all of them) compare, of these rows of the index. ``folders`` take the
    place of those that are protected."""
    columns = {
        rule.kind: _column(project, session, state, rows, rule)
        for rule in wanted
        if rule.is_on or of_all
    }
    index = project.index(session)
    place = np.empty(len(index), dtype=np.int64)
    place[index.order(session, "path")] = np.arange(len(index))
    if folders is None:
        places = _protected(session)
    else:
        places = [one for folder in folders for one in _at(session, folder)]
    guarded = _is_protected(session, places)[index.columns.folder_ids[rows]]
    return Facts(columns, guarded, place[rows])


def _column(
    project: Project,
    session: Session,
    state: State,
    rows: NDArray[np.int64],
    rule: Rule,
) -> NDArray[Any]:
    """Of each image what the rule compares, lower is better. [n]."""
    index = project.index(session)
    now = index.columns
    if rule.kind == "bytes":
        return -now.size_bytes[rows]
    if rule.kind == "date":
        return now.mtime_ns[rows]
    if rule.kind == "pixels":
        table = contents.pixel_counts(session, project.kept(_PIXELS))
        project.let_go(_PIXELS)
        project.keep(_PIXELS, lambda: table)
        return -table[now.content_ids[rows]]
    if rule.kind == "format":
        codes, names = index.format_codes(session)
        return by_rules.format_ranks([*names, ""], rule.words)[codes[rows]]
    if rule.kind == "folder":
        places = [one for word in rule.words for one in folder_places.at(session, word)]
        return folder_places.ranks(session, places)[now.folder_ids[rows]]
    if rule.kind == "whole":
        worth = _wholeness(state, int(now.content_ids.max(initial=0)) + 1)
        return -worth[now.content_ids[rows]]
    order = np.argsort(now.ids[rows])
    names = folder_places.file_names(session, now.ids[rows][order])
    found = np.empty(len(rows), dtype=np.int64)
    if rule.kind == "name":
        found[order] = by_rules.copy_marks(names, rule.words)
    else:
        found[order] = [len(name) for name in names]
        found += folder_places.lengths(session)[now.folder_ids[rows]]
    return found


def _wholeness(state: State, count: int) -> NDArray[np.float64]:
    links = state.links.take(state.passes & (state.labels != NO))
    count = max(count, int(links.b.max(initial=0)) + 1)
    return np.round(by_rules.wholeness(count, links.a, links.b, links.overlaps), 6)


def _protected(session: Session) -> list[FolderPlace]:
    return [_place(one) for one in duplicate_settings.read(session, PROTECTED) or []]


def _is_protected(session: Session, places: Sequence[FolderPlace]) -> NDArray[np.bool_]:
    """By folder id."""
    return folder_places.ranks(session, places) < max(1, len(places)) if places else _none(session)


def _none(session: Session) -> NDArray[np.bool_]:
    return np.zeros(len(folder_places.ranks(session, [])), dtype=bool)


def _place(stored: Any) -> FolderPlace:
    return FolderPlace(int(stored["source_id"]), float(stored["added_at"]), str(stored["path"]))


def _at(session: Session, folder: str) -> Iterable[FolderPlace]:
    """The places of a folder as a person names it. Raises UsageError where no source holds it."""
    for path in dict.fromkeys((folder, display(os.fsencode(os.path.abspath(folder))))):
        found = folder_places.at(session, path)
        if found:
            return found
    raise UsageError(
        f"{display(os.fsencode(folder))} is in none of the catalogue's folders.",
        "Name a folder that was imported, or one inside it.",
    )
