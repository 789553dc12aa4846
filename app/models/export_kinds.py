"""What can be taken away, as the page Export lists it: how much there is, or what is lacking and how to get it."""

from dataclasses import dataclass

from app.models.layout_choices import title as layout_title
from app.widgets import text
from core.export.kinds import WHATS, What
from core.operations.export_standing import Standing

ICONS = {
    "embeddings": "encoder", "neighbours": "lens", "layout": "map", "pairs": "similar", "groups": "duplicate",
    "tags": "tag", "splits": "split", "dataset": "pictures", "model": "train", "report": "report",
}  # fmt: skip
# What fits into the list; all of it stands over the form.
SHORT = {
    "embeddings": "Vectors, a row an image", "neighbours": "The nearest of each image",
    "layout": "Places on the map", "pairs": "Verdicts and what was found",
    "groups": "Duplicates, with keepers", "tags": "Class, split and tags",
    "splits": "Train, validate and test", "dataset": "Pictures for other programs",
    "model": "An encoder trained here", "report": "What is there and was found",
}  # fmt: skip


@dataclass(frozen=True)
class KindRow:
    """One kind of thing. ``amount`` is how much there is; where there is none ``lacking`` says so, and ``remedy`` is
    (key, words of a button) of what makes it."""

    key: str
    icon: str
    title: str
    line: str
    short: str
    amount: str = ""
    lacking: str = ""
    remedy: tuple[str, str] = ("", "")


def kind_rows(standing: Standing | None, classes: int, tags: int) -> list[KindRow]:
    """All kinds; without a standing how much there is is not known yet. ``classes`` and ``tags`` are how many."""
    return [_row(one, standing, classes, tags) for one in WHATS]


def _row(kind: What, standing: Standing | None, classes: int, tags: int) -> KindRow:
    told = (
        kind.name,
        ICONS.get(kind.name, "open"),
        kind.title,
        kind.meaning,
        SHORT.get(kind.name, kind.meaning),
    )
    if standing is None:
        return KindRow(*told)
    if not standing.images:
        return KindRow(*told, "", "There are no images yet.", ("add-folder", "Add folder…"))
    return KindRow(*told, *_amount(kind, standing, classes, tags))


def _amount(kind: What, now: Standing, classes: int, tags: int) -> tuple[str, str, tuple[str, str]]:
    """(how much, what is lacking, what makes it)."""
    nothing = ("", "")
    if kind.has_encoder and kind.name != "report" and now.embedding is None:
        return "", "No encoder has vectors of these images yet.", ("encoders", "Encoders…")
    match kind.name:
        case "embeddings" if now.embedding is not None:
            return f"{now.embedding.rows:,} × {now.embedding.dim:,}", "", nothing
        case "neighbours":
            if not now.neighbours:
                return (
                    "",
                    "The neighbours were not worked out yet.",
                    ("neighbours", "Work them out"),
                )
            return f"{now.neighbours} each", "", nothing
        case "layout":
            if not now.layouts:
                return "", "No map of it was laid out yet.", ("map", "Lay out a map")
            return ", ".join(map(layout_title, now.layouts[:2])), "", nothing
        case "pairs":
            if not now.judged and not now.found:
                return "", "No pair was judged or found yet.", ("duplicates", "Find duplicates")
            parts = [f"{now.judged:,} judged"] if now.judged else []
            return (
                ", ".join([*parts, *([f"{now.found:,} found"] if now.found else [])]),
                "",
                nothing,
            )
        case "groups":
            if not now.judged and not now.found and not now.copies:
                return "", "No duplicates were found yet.", ("duplicates", "Find duplicates")
            return "", "", nothing
        case "tags":
            parts = [text.plural(classes, "class", "classes")] if classes else []
            return ", ".join([*parts, *([text.plural(tags, "tag")] if tags else [])]), "", nothing
        case "splits":
            if not now.splits:
                return (
                    "",
                    "No split is known yet: import one, or let Insight propose one.",
                    ("insight", "Insight"),
                )
            return text.plural(len(now.splits), "split"), "", nothing
        case "dataset":
            return text.plural(now.images, "image"), "", nothing
        case "model":
            if not now.runs:
                return "", "Nothing was trained here yet.", ("train", "Train…")
            return f"{len(now.runs):,} trained", "", nothing
    return "", "", nothing
