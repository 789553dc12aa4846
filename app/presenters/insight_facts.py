"""What the page Insight shows, made in a lane from what the engine says: pictures by their ids, counts in words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.models import insight_words as words
from app.models.encoder_titles import title
from app.models.figure_rows import Cell
from app.models.insight import (
    ClassRow,
    Doubt,
    Doubts,
    EmbeddingState,
    LeakRow,
    Member,
    Mistakes,
    Picture,
    SplitPlan,
    SplitState,
)
from app.widgets import text
from core.catalogue.queries import ClassSource
from core.jobs import Job
from core.operations import diagnostics, hints, images, split_counts, splits

if TYPE_CHECKING:
    from core.operations.by_class import ByClass
    from core.operations.splits import LeakImage, Leaks
    from core.project import Project

MOST_DOUBTS, MOST_LEAKS, MOST_CLASSES = 1_000, 200, 2_000
# Upper ends of the bars: among the neighbours of up to so many others.
_BOUNDS = (0, 2, 5, 10, 20, 50, 100, 200)


def usual_source(project: "Project") -> ClassSource:
    """Labels where a catalogue has them, else folders with what was corrected since."""
    return "labels" if hints.usual_source(project) == "labels" else "classes"


def load_doubts(project: "Project", source: ClassSource, encoder: str | None, job: Job) -> Doubts:
    """The surest label hints. Raises UsageError, EncoderError."""
    found = hints.find(project, source, k=MOST_DOUBTS, encoder=encoder, job=job)
    shown = _Pictures(
        project,
        (one for hint in found.found for one in (hint.image_id, *hint.support_ids)),
        {
            id_: path
            for hint in found.found
            for id_, path in zip(
                (hint.image_id, *hint.support_ids), (hint.path, *hint.support), strict=True
            )
        },
    )
    rows = tuple(
        Doubt(
            shown[hint.image_id],
            hint.class_name,
            hint.suggested,
            hint.confidence,
            shown.some(hint.support_ids),
        )
        for hint in found.found
    )
    return Doubts(rows, found.total, found.judged, words.doubts_note(found.alone, found.kept))


def load_splits(
    project: "Project", split: str | None, source: ClassSource, job: Job
) -> "tuple[SplitState, Leaks]":
    """A split (None: the first there is), its leaks, and the one without them."""
    names = tuple(splits.names(project))
    if split not in names:
        split = names[0] if names else None
    found = splits.find(project, split, source=source, k=MOST_LEAKS, job=job)
    members = [one for leak in found.found for one in leak.images]
    shown = _Pictures(
        project, (one.image_id for one in members), {one.image_id: one.path for one in members}
    )
    rows = tuple(
        LeakRow(
            tuple(Member(shown[one.image_id], one.part) for one in leak.images),
            words.alike(leak.score, is_copied=shown.are_copied(leak.images)),
        )
        for leak in found.found
    )
    line = words.leaks_line(found.total, found.images, len(rows)) if found.total else ""
    note = " ".join(found.notes)
    plan = _plan(project, found, source) if found.proposal is not None else None
    return SplitState(names, found.split, rows, f"{line} {note}".strip(), plan), found


def _plan(project: "Project", found: "Leaks", source: ClassSource) -> SplitPlan:
    proposal = found.proposal
    assert proposal is not None
    parts = tuple(
        (
            (one.part, one.part),
            (one.before, text.number(one.before)),
            (one.after, text.number(one.after)),
            _change(one.after - one.before),
        )
        for one in proposal.parts
    )
    classes = []
    counted = split_counts.by_class(project, proposal, source)[:MOST_CLASSES]
    for place, one in enumerate(counted):
        cells: list[Cell] = [(place, one.name or "No class")]
        for before, after in zip(one.before, one.after, strict=True):
            told = f"{before:,} → {after:,}" if before != after else f"{after:,}"
            cells.append((after, told))
        classes.append(tuple(cells))
    return SplitPlan(
        words.plan_line(len(proposal.moved), proposal.upset),
        parts,
        ("Class", *(one.part for one in proposal.parts)),
        tuple(classes),
        f"{proposal.split} without leaks"[: splits.LONGEST],
    )


def _change(by: int) -> Cell:
    return (by, f"+{by:,}" if by > 0 else f"−{-by:,}" if by else "0")


def load_embedding(
    project: "Project", source: ClassSource, encoder: str | None, job: Job
) -> EmbeddingState:
    """What an embedding is like, and how it finds each class. Raises EncoderError."""
    found = diagnostics.diagnose(project, source, encoder=encoder, job=job, needs_classes=False)
    asked = found.by_class.confusions if found.by_class is not None else []
    shown = _Pictures(
        project,
        [
            *(one.image_id for one in found.hubs),
            *(one for group in found.same_ids for one in group),
            *(one for wrong in asked for pair in wrong.examples for one in pair),
        ],
    )
    spectrum, dim = found.spectrum, found.dim
    directions = [("Stored numbers", float(dim), f"{dim:,}")]
    for share in (0.99, 0.9):
        axes = spectrum.axes_for(share)
        name = f"For {100 * share:.0f} % of what differs"
        directions.append((name, float(axes), f"{axes:,}"))
    if found.dimension.two_nn is not None:
        value = max(1, round(found.dimension.two_nn))
        directions.append(("Around one image", float(value), f"{value:,}"))
    whole = np.cumsum(spectrum.shares) if spectrum.shares.any() else np.zeros(0)
    axis = np.log2(np.arange(1, len(whole) + 1))
    ticks = [(float(np.log2(one)), f"{one:,}") for one in _ticks(dim)] if len(whole) else []
    kept = spectrum.axes_for(0.9)
    return EmbeddingState(
        f"{title(found.encoder)}: {found.contents:,} distinct images, {found.k} neighbours kept of each.",
        found.sentences,
        tuple(directions),
        occurrences(found.hubness.counts, found.hub_limit),
        tuple(
            (shown[one.image_id], text.number(one.count))
            for one in found.hubs
            if one.image_id in shown
        ),
        tuple(shown.some(group) for group in found.same_ids),
        (axis.astype(np.float64), whole.astype(np.float64)),
        tuple(ticks),
        f"90 % with {kept:,} numbers, 99 % with {spectrum.axes_for(0.99):,}",
        _classes(found.by_class, shown),
        found.sentences["by_class"],
    )


def occurrences(counts: NDArray[np.int64], limit: int) -> tuple[tuple[str, int, bool], ...]:
    """(among the neighbours of how many, images, whether more than ``limit``) each; ``counts`` int64 [n]."""
    bounds = sorted({*_BOUNDS, limit})
    kinds = np.bincount(np.searchsorted(bounds, counts)).tolist()
    bars = []
    for place, count in enumerate(kinds):
        low = bounds[place - 1] + 1 if place else 0
        name = f"{low:,}–{bounds[place]:,}" if place < len(bounds) else f"> {bounds[-1]:,}"
        bars.append((name if place else "0", int(count), low > limit))
    return tuple(bars)


def _ticks(dim: int) -> list[int]:
    """The length of a vector, a quarter of it, and so on."""
    found = [dim]
    while found[0] >= 8:
        found.insert(0, found[0] // 4)
    return found


def _classes(found: "ByClass | None", shown: "_Pictures") -> tuple[ClassRow, ...]:
    if found is None:
        return ()
    wrong: dict[str, list[Mistakes]] = {}
    for one in found.confusions:
        pairs = tuple((shown[a], shown[b]) for a, b in one.examples if a in shown and b in shown)
        wrong.setdefault(one.name, []).append(Mistakes(one.taken_for, one.images, pairs))
    return tuple(
        ClassRow(
            one.name,
            one.images,
            one.recall_1,
            one.recall_5,
            one.recall_10,
            one.map_r,
            tuple(wrong.get(one.name, ())),
        )
        for one in found.classes[:MOST_CLASSES]
    )


class _Pictures:
    """Images by id, with what is needed to draw them."""

    def __init__(
        self, project: "Project", ids: Iterable[int], paths: dict[int, str] | None = None
    ) -> None:
        wanted = sorted(set(ids))
        if paths is None:
            described = images.describe(project, wanted)
            self._known = {one.id: Picture(one.id, one.content_id, one.path) for one in described}
            return
        contents: Any = images.content_ids(project, np.array(wanted, dtype=np.int64)).tolist()
        self._known = {
            id_: Picture(id_, int(content), paths[id_])
            for id_, content in zip(wanted, contents, strict=True)
        }

    def __contains__(self, image_id: int) -> bool:
        return image_id in self._known

    def __getitem__(self, image_id: int) -> Picture:
        return self._known[image_id]

    def are_copied(self, members: "tuple[LeakImage, ...]") -> bool:
        """Whether any two of these have the same content."""
        return len({self._known[one.image_id].content_id for one in members}) < len(members)

    def some(self, ids: Iterable[int]) -> tuple[Picture, ...]:
        """Those of ``ids`` that are there."""
        return tuple(self._known[one] for one in ids if one in self._known)
