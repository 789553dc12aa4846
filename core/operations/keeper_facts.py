"""What the rules for keepers compare: one number of each image for each rule."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import folder_places
from core.catalogue.links import difference_bits
from core.catalogue.session import Session
from core.duplicates import keepers as by_rules
from core.duplicates.joined import NO
from core.duplicates.keepers import Facts, Rule, RuleKind
from core.operations import images
from core.operations.duplicate_state import State
from core.operations.keeper_settings import guarded_folders, places_at, read_protected
from core.project import Project

_WHOLE = "duplicates: wholeness"
_ADDED = np.uint32(difference_bits(("border", "caption")))
_CROPPED = np.uint32(difference_bits(("cropped",)))


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
    place of those that are protected. Where an earlier rule tells an image from all others, what later ones would say
    of its name and path is left at 0."""
    index = project.index(session)
    place = np.empty(len(index), dtype=np.int64)
    place[index.order(session, "path")] = np.arange(len(index))
    if folders is None:
        places = read_protected(session)
    else:
        places = [one for folder in folders for one in places_at(session, folder)]
    guarded = guarded_folders(session, places)[index.columns.folder_ids[rows]]
    columns: dict[RuleKind, NDArray[Any]] = {}
    so_far: list[NDArray[Any]] = [guarded]
    for rule in wanted:
        if not (rule.is_on or of_all):
            continue
        if rule.kind in ("name", "path") and not of_all:
            # Texts are read of those only that nothing before tells apart.
            column = np.zeros(len(rows), dtype=np.int64)
            tied = _tied(so_far)
            column[tied] = _column(project, session, state, rows[tied], rule)
        else:
            column = _column(project, session, state, rows, rule)
        columns[rule.kind] = column
        so_far.append(column)
    return Facts(columns, guarded, place[rows])


def _tied(columns: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Rows that another row equals in all of these columns."""
    order = np.lexsort(tuple(columns))
    is_same = np.ones(max(0, len(order) - 1), dtype=bool)
    for column in columns:
        is_same &= column[order[1:]] == column[order[:-1]]
    is_tied = np.zeros(len(order), dtype=bool)
    is_tied[1:] |= is_same
    is_tied[:-1] |= is_same
    return np.sort(order[is_tied])


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
        # A camera writes raw and JPEG one after the other, and some drives count in two seconds.
        return now.mtime_ns[rows] // 2_000_000_000
    if rule.kind == "pixels":
        return -images.pixel_counts(project, session)[now.content_ids[rows]]
    if rule.kind == "format":
        codes, names = index.format_codes(session)
        return by_rules.format_ranks([*names, ""], rule.words)[codes[rows]]
    if rule.kind == "folder":
        places = [one for word in rule.words for one in folder_places.at(session, word)]
        return folder_places.ranks(session, places)[now.folder_ids[rows]]
    if rule.kind == "whole":
        worth = _wholeness(project, state)
        return np.asarray(-worth[now.content_ids[rows].clip(max=len(worth) - 1)])
    order = np.argsort(now.ids[rows])
    names = folder_places.file_names(session, now.ids[rows][order])
    found = np.empty(len(rows), dtype=np.int64)
    if rule.kind == "name":
        found[order] = by_rules.copy_marks(names, rule.words)
    else:
        found[order] = [len(name) for name in names]
        found += folder_places.lengths(session)[now.folder_ids[rows]]
    return found


def _wholeness(project: Project, state: State) -> NDArray[np.float64]:
    """By content id, held in memory while the state is the same; the last is for all contents beyond."""
    kept: tuple[State, NDArray[np.float64]] | None = project.kept(_WHOLE)
    if kept is not None and kept[0] is state:
        return kept[1]
    links = state.links.take(state.passes & (state.labels != NO))
    count = int(links.b.max(initial=0)) + 2
    is_framed = (links.differs & _ADDED != 0) & (links.differs & _CROPPED == 0)
    worth = np.round(by_rules.wholeness(count, links.a, links.b, links.overlaps, is_framed), 6)
    if state.token is not None:  # not what would be, had a person said something else
        project.let_go(_WHOLE)
        project.keep(_WHOLE, lambda: (state, worth))
    return worth
