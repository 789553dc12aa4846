"""Keepers: which image file of a group stays, by a person's rules, and folders from which nothing is removed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.duplicates import keepers as by_rules
from core.duplicates.grouping import Grouping
from core.duplicates.keepers import Facts, Rule
from core.duplicates.keepers import RuleEffect as RuleEffect
from core.errors import UsageError
from core.operations import duplicate_state
from core.operations.keeper_facts import facts_of as facts_of
from core.operations.keeper_settings import protect as protect
from core.operations.keeper_settings import protected as protected
from core.operations.keeper_settings import protected_images as protected_images
from core.operations.keeper_settings import read_rules as read_rules
from core.operations.keeper_settings import rules as rules
from core.operations.keeper_settings import set_rules as set_rules
from core.project import Project


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays of a group: the ``keeper``, and all ``staying`` images, itself first (further ones are protected).

    ``leaving`` are the others, best first; ``reasons`` says of each what the keeper has before it, in a few words.
    """

    keeper: int
    staying: tuple[int, ...]
    leaving: tuple[int, ...]
    reasons: tuple[str, ...]


def chosen(
    project: Project,
    groups: Sequence[Sequence[int]],
    wanted: Sequence[Rule] | None = None,
) -> list[Kept]:
    """What stays of each group of images, and why; groups hold ids of images, one or more.

    ``wanted`` rules take the place of those that are set. Images that are gone are passed over, and a group of none
    raises UsageError.
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
        facts = facts_of(project, session, state, rows, wanted)
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
    told = by_rules.reasons(facts, wanted)
    place = np.full(len(keeper_rows), len(told) - 1)
    for number, (_, column) in reversed(list(enumerate(told))):
        place[column != column[keeper_rows]] = number
    return [told[one][0] for one in place.tolist()]


def preview(
    project: Project, found: Grouping, wanted: Sequence[Rule] | None = None
) -> list[RuleEffect]:
    """What each of these rules (those that are set, where none are given) does to these groups, in their order.

    The groups that no rule decides (by protection, or only by the order of paths) are what is left to the number of
    groups.
    """
    ids = found.image_ids
    of = np.repeat(np.arange(len(found)), np.diff(found.image_starts))
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
