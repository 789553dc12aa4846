"""A group in words: how alike its least alike members are, what it holds, what a link is."""

from app.models.group_rows import GroupRow, Line, MemberRow, Node
from app.models.pair_words import KINDS, but_words
from app.widgets import text
from core.catalogue.records import Verdict

# The score of a link says how much of what both pictures show agrees. One of them may still be blurred or recoloured,
# so that it is told as the strength of the link, not of how alike they look.
STRENGTHS = (
    (0.97, "very strong"),
    (0.92, "strong"),
    (0.85, "fairly strong"),
    (0.75, "weak"),
    (0.0, "very weak"),
)
SAID: dict[Verdict, str] = {
    "duplicate": "you said duplicates",
    "similar": "you said similar",
    "different": "you said different",
    "unsure": "you were unsure",
}
# What a rule prefers, said of two images.
RULE_TIPS = {
    "whole": "The picture that shows the most; a crop comes after its whole",
    "pixels": "The picture with more pixels",
    "bytes": "The larger file",
    "format": "The format that keeps the most: raw, then lossless, then the others",
    "date": "The older file, by its date",
    "folder": "The folder that comes first in your list",
    "name": "No “copy” or “(1)” in the name",
    "path": "The shorter path",
}


def strength(score: float) -> str:
    """How strong a link of this score is, for people."""
    return next(words for least, words in STRENGTHS if score >= least)


def count_words(row: GroupRow) -> str:
    """What it holds: pictures, and files where they are more."""
    said = text.plural(row.contents, "picture")
    return said if row.images == row.contents else f"{said}, {text.plural(row.images, 'file')}"


def weakest_words(row: GroupRow) -> str:
    """Its weakest link."""
    if row.is_judged:
        return "judged by you"
    if row.weakest is None:
        return "the same bytes"
    if row.contents == 2:
        return f"{strength(row.weakest)} link"
    return f"weakest link: {strength(row.weakest)}"


def gain_words(row: GroupRow) -> str:
    """What its other files take."""
    return f"{text.size(row.bytes_to_win)} to win" if row.bytes_to_win else "nothing to win"


def told(row: GroupRow) -> str:
    """A row, for those who hear it."""
    return f"{count_words(row)}, {gain_words(row)}, {weakest_words(row)}"


def line_words(line: Line, nodes: tuple[Node, ...]) -> str:
    """A link."""
    a, b = nodes[line.a].name, nodes[line.b].name
    said = SAID[line.verdict] if line.verdict else _kind_words(line)
    said = said[:1].lower() + said[1:]
    weakest = "; the weakest link" if line.is_weakest else ""
    return f"{a} and {b}: {said} ({100 * line.score:.0f} %){weakest}"


def facts(row: MemberRow) -> tuple[str, str, str]:
    """A member in three lines below its name: what it is, how large and how old, where."""
    one = row.image
    return (
        f"{one.width} × {one.height}  ·  {one.format}",
        f"{text.size(one.size_bytes)}  ·  {text.date(one.mtime_ns)}",
        one.folder,
    )


def member_told(row: MemberRow) -> str:
    """A member, for those who hear it."""
    return ", ".join(one for one in (row.image.path, *facts(row)[:2], why_words(row)) if one)


def effect_words(decides: int, changes: int, is_on: bool) -> str:
    """What a rule does."""
    if not is_on:
        if not changes:
            return "Off; would change no keeper"
        return f"Off; would change {text.plural(changes, 'keeper')}"
    if not decides and not changes:
        return "Decides none"
    return f"Decides {text.number(decides)}, changes {text.plural(changes, 'keeper')}"


def why_words(row: MemberRow) -> str:
    """What becomes of a member, and why."""
    if row.is_keeper:
        return "Kept"
    if row.is_protected:
        return "Protected: stays"
    if row.why == "First by path":
        return "Keeper comes first by path"
    return f"Keeper has: {row.why[:1].lower()}{row.why[1:]}" if row.why else ""


def link_title(line: Line) -> str:
    """A link in a few words."""
    return SAID[line.verdict].capitalize() if line.verdict else _kind_words(line)


def link_note(line: Line, members: int) -> str:
    """How strong it is, and what a cut leaves of so many members."""
    said = f"{strength(line.score)} link ({100 * line.score:.0f} %)"
    far = len(line.far_side)
    return f"{said}  ·  a cut leaves {members - far} and {far}" if far else said


def _kind_words(line: Line) -> str:
    changed = but_words(line.differs)
    return f"{KINDS[line.kind]}, but {changed}" if changed else KINDS[line.kind]
