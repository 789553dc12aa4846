"""Making the groups of a catalogue: what is present, linked and judged, gathered round keepers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.catalogue.columns import PRESENT
from core.catalogue.links import KINDS, Kind, pairs_of
from core.catalogue.records import VERDICTS
from core.catalogue.session import Session
from core.duplicates.grouping import Edges, Files, Grouping, grouping
from core.duplicates.groups import Machine, gathered, usable
from core.duplicates.joined import holds
from core.errors import UsageError
from core.operations import duplicate_settings, duplicate_state, keepers
from core.operations.duplicate_state import State
from core.project import Project

ALIKE: tuple[Kind, ...] = ("exact", "pixels", "near")
_DUPLICATE = VERDICTS.index("duplicate")
_NEAR = KINDS.index("near")


def grouped(project: Project, kinds: Sequence[Kind] = ALIKE) -> Grouping:
    """All groups as arrays, held in memory until something changes. Raises UsageError for a kind that is none."""
    wanted = tuple(kind for kind in KINDS if kind in kinds)
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(
                f"There is no kind of duplicates {kind!r}.", f"Use {', '.join(KINDS)}."
            )
    state = duplicate_state.load(project)
    key = f"duplicates: groups of {','.join(wanted)}"
    with project.read() as session:
        token = (project.index(session).state, duplicate_settings.stamp(session))
        kept: tuple[State, object, Grouping] | None = project.kept(key)
        if kept is not None and kept[0] is state and kept[1] == token:
            return kept[2]
        made = made_of(project, session, state, wanted)
    project.let_go(key)
    project.keep(key, lambda: (state, token, made))
    return made


def made_of(project: Project, session: Session, state: State, kinds: Sequence[Kind]) -> Grouping:
    """The groups that a state makes of the images that are present."""
    links, known = state.links, state.known
    is_kind = np.isin(np.arange(len(KINDS)), [KINDS.index(kind) for kind in kinds])[links.kinds]
    passing = is_kind & state.passes
    machine = usable(Machine(links.a[passing], links.b[passing], links.scores[passing]), known)
    now = project.index(session).columns
    present = now.status == PRESENT
    count = max(len(known.root), int(now.content_ids.max(initial=0)) + 1)
    known = known.widened(count)
    in_question = np.zeros(count, dtype=bool)
    if "exact" in kinds:
        in_question = np.bincount(now.content_ids[present], minlength=count) > 1
    in_question[machine.a] = in_question[machine.b] = True
    joined = known.root != np.arange(count)
    in_question[joined] = in_question[known.root[joined]] = True
    rows = np.flatnonzero(present & in_question[now.content_ids])
    rules = keepers.read_rules(session)
    facts = keepers.facts_of(project, session, state, rows, rules)
    ranks = facts.ranks(rules)
    rank = np.arange(count, dtype=np.int64) + len(rows)  # contents that have no file here come last
    best_last = np.argsort(-ranks)
    rank[now.content_ids[rows[best_last]]] = ranks[best_last]
    label = gathered(rank, known, machine)
    said = state.verdicts_of(links.keys)
    return grouping(
        label,
        known,
        Files(now.ids[rows], now.content_ids[rows], ranks, now.size_bytes[rows], facts.protected),
        _edges(state, passing | (said >= 0), said),
        singles="exact" in kinds,
    )


def _edges(state: State, wanted: NDArray[np.bool_], said: NDArray[np.int8]) -> Edges:
    """These links, and the verdicts on pairs that no link has."""
    links = state.links
    is_bare = ~holds(np.sort(links.keys), state.said_keys)
    a, b = pairs_of(state.said_keys[is_bare])
    codes = state.said[is_bare]
    return Edges(
        np.concatenate([links.a[wanted], a]),
        np.concatenate([links.b[wanted], b]),
        np.concatenate([links.scores[wanted], (codes == _DUPLICATE).astype(np.float32)]),
        np.concatenate([links.kinds[wanted], np.full(len(codes), _NEAR, dtype=np.uint8)]),
        np.concatenate([said[wanted], codes]),
    )
