"""The last look before a file is touched: it is what the plan says, and so is a survivor that stays."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from core.catalogue.removals import How
from core.duplicates.removal import looking
from core.duplicates.removal.looking import Look, Refused
from core.duplicates.removal.records import Keeper, Leaving
from core.images.scan import display


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for a whole removal, as of now.

    ``leaving`` are the paths of all files of the plan that are to go. From the folders ``protected`` nothing
    goes, nor do the images ``guarded``. ``known`` is where the catalogue has
    its present images by id, ``refuted`` the pairs of contents (lower first) that a person called something
    else than duplicates, ``unfounded`` the images that nothing makes surplus beside their survivor any
    more. ``promised`` collects the files that survivors are, as (device, number): they may
    not go later on.
    """

    how: How
    leaving: Collection[bytes]
    protected: tuple[bytes, ...] = ()
    guarded: Collection[int] = ()
    known: Mapping[int, bytes] = field(default_factory=dict)
    refuted: Collection[tuple[int, int]] = ()
    unfounded: Collection[int] = ()
    promised: set[tuple[int, int]] = field(default_factory=set)


def check(keeper: Keeper, one: Leaving, now: Circumstances) -> tuple[Look, Look]:
    """(the file that goes, its survivor) as they are at this moment, both read whole and found right.

    Raises Refused with the reason why the file must stay.
    """
    _check_plan(keeper, one, now)
    seen = looking.look(one.raw_path)
    if seen.sha256 != one.sha256:
        raise Refused("its bytes have changed since the plan was made")
    if (seen.device, seen.inode) in now.promised and seen.inode:
        raise Refused("it is the survivor of another file that went")
    survivor = look_at_survivor(keeper)
    if seen.is_same_file(survivor) or looking.are_one(one.raw_path, keeper.raw_path):
        raise Refused(
            f"it is the very same file as {display(keeper.raw_path)} under another name, so nothing would be won"
        )
    if now.how == "links":
        _check_link(one, keeper, seen, survivor)
    return seen, survivor


def _check_plan(keeper: Keeper, one: Leaving, now: Circumstances) -> None:
    """What can be told without the disk, or by names alone."""
    if not os.path.isabs(one.raw_path) or not os.path.isabs(keeper.raw_path):
        raise Refused("the plan does not say where it is")
    if now.known.get(one.image) != one.raw_path:
        raise Refused("the catalogue has no present image there")
    if now.known.get(keeper.image) != keeper.raw_path:
        raise Refused("the catalogue has no present image where its survivor should be")
    if keeper.raw_path == one.raw_path:
        raise Refused("the plan names it as its own survivor")
    if keeper.raw_path in now.leaving:
        raise Refused("its survivor is to go in the same plan")
    if one.ground == "exact" and one.sha256 != keeper.sha256:
        raise Refused("the plan calls it an exact copy of a file with other bytes")
    if (min(one.content, keeper.content), max(one.content, keeper.content)) in now.refuted:
        raise Refused("it was judged to be no duplicate of its survivor")
    if one.image in now.unfounded:
        raise Refused("what made it a duplicate of its survivor no longer holds")
    if looking.is_in_trash(one.raw_path):
        raise Refused("it lies in the trash already")
    is_below = any(looking.is_below(one.raw_path, folder) for folder in now.protected)
    if is_below or one.image in now.guarded:
        raise Refused("its folder is protected")


def look_at_survivor(keeper: Keeper) -> Look:
    """The survivor, read whole. Raises Refused where it is not what the plan says."""
    shown = display(keeper.raw_path)
    if looking.is_in_trash(keeper.raw_path):
        raise Refused(f"its survivor {shown} lies in the trash")
    try:
        survivor = looking.look(keeper.raw_path)
    except Refused as reason:
        raise Refused(f"its survivor {shown} cannot be relied on: {reason}") from reason
    if survivor.sha256 != keeper.sha256:
        raise Refused(f"the bytes of its survivor {shown} have changed since the plan was made")
    return survivor


def _check_link(one: Leaving, keeper: Keeper, seen: Look, survivor: Look) -> None:
    if one.sha256 != keeper.sha256:
        raise Refused("only a file with the very bytes of its survivor can become a link to it")
    if seen.device != survivor.device:
        raise Refused("its survivor is on another drive, so it cannot become a link to it")
