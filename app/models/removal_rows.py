"""What the panel Removal shows of a plan: one row for each file that goes, beside the one that stays."""

from dataclasses import dataclass

from app.models.insight import Picture
from app.widgets import text
from core.duplicates.removal.records import Keeper, Leaving, Plan
from core.images.scan import display

MOST_ROWS = 20_000
GROUNDS = {
    "exact": "Same bytes",
    "pixels": "Same pixels",
    "judged": "Judged duplicates",
    "near": "Alike",
}


@dataclass(frozen=True, slots=True)
class RemovalRow:
    """A file that is to go. ``is_first`` of its group.

    ``ground`` and ``why`` say why it is surplus and why the other one is kept; ``refused`` why it stays.
    """

    leaving: Picture
    keeper: Picture
    is_first: bool
    name: str
    folder: str
    kept_name: str
    kept_folder: str
    ground: str
    why: str
    size_bytes: int
    is_out: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class PlanState:
    """A plan as the panel shows it: the first rows of it, and the sums of all that goes."""

    plan: Plan
    rows: tuple[RemovalRow, ...]
    files: int
    size_bytes: int
    stays: int
    out: int = 0
    refused: int = 0


def state_of(plan: Plan, out: frozenset[int], refused: dict[bytes, str]) -> PlanState:
    """The rows of a plan without what a person took out (images) or a check refused (reason by path)."""
    rows: list[RemovalRow] = []
    files = size = 0
    for group in plan.groups:
        for place, one in enumerate(group.leaving):
            reason = refused.get(one.raw_path, "")
            if one.image not in out and not reason:
                files, size = files + 1, size + one.size_bytes
            if len(rows) < MOST_ROWS:
                is_out = one.image in out
                rows.append(_row(group.keeper, one, place == 0, is_out, reason))
    return PlanState(plan, tuple(rows), files, size, len(plan.groups), len(out), len(refused))


def _row(keeper: Keeper, one: Leaving, is_first: bool, is_out: bool, refused: str) -> RemovalRow:
    path, kept = display(one.raw_path), display(keeper.raw_path)
    folder, _, name = path.rpartition("/")
    kept_folder, _, kept_name = kept.rpartition("/")
    ground = GROUNDS[one.ground]
    if one.score is not None:
        ground = f"{ground}, {100 * one.score:.0f} %"
    return RemovalRow(
        Picture(one.image, one.content, path), Picture(keeper.image, keeper.content, kept),
        is_first, name, folder, kept_name, kept_folder, ground, one.why,
        one.size_bytes, is_out, refused,
    )  # fmt: skip


def told(row: RemovalRow) -> str:
    """The row in words, for those who hear it."""
    if row.refused:
        return f"{row.name} cannot go: {row.refused}"
    if row.is_out:
        return f"{row.name} stays, taken out of the plan"
    return (
        f"{row.name} goes, {text.size(row.size_bytes)}; {row.kept_name} stays. {row.ground}. "
        f"Kept for: {row.why}"
    )


def act_words(plan: Plan, files: int, size_bytes: int) -> str:
    """What the last button says: "Move 214 files to the trash, 1.3 GB"."""
    many, size = text.plural(files, "file"), text.size(size_bytes)
    if plan.how == "links":
        return f"Turn {many} into hard links, {size}"
    where = "the trash" if plan.folder is None else f"“{display(plan.folder).rpartition('/')[2]}”"
    return f"Move {many} to {where}, {size}"


def went_words(how: str, files: int, size_bytes: int) -> str:
    """What came of it: "214 files went to the trash, 1.3 GB"."""
    many, size = text.plural(files, "file"), text.size(size_bytes)
    if how == "links":
        return f"{many} became {'a hard link' if files == 1 else 'hard links'}, {size}"
    return f"{many} went to the {how}, {size}"
