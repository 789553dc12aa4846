"""Labels: classes, tags, splits and further columns from outside, and back out as CSV."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import history
from core.catalogue import fields, images, labels, places, steps, tags
from core.catalogue.columns import REMOVED
from core.catalogue.fields import Field
from core.catalogue.session import Session
from core.changes import Changes
from core.errors import TableError
from core.images.scan import display
from core.jobs import Job
from core.labelling import contents, matching, plan, reader, roles
from core.labelling.edit import SPLIT_NAME, Content, PutLabels
from core.labelling.matching import HOW, SEVERAL, Matches
from core.labelling.moved import Moves
from core.labelling.plan import Plan, Unmatched
from core.labelling.reader import EXTENSIONS
from core.labelling.roles import Column
from core.labelling.table import ColumnRoles, Role, Table
from core.operations.tables import write_rows
from core.project import Project

__all__ = (
    "EXTENSIONS",
    "Column",
    "ColumnRoles",
    "Field",
    "LabelPreview",
    "LabelReport",
    "PutLabels",
    "Role",
    "SampleRow",
    "Unmatched",
    "apply_labels",
    "export_csv",
    "export_unmatched",
    "fields_of",
    "list_fields",
    "preview_labels",
)

COLUMNS = ("path", "label")
UNMATCHED_COLUMNS = ("line", "path", "reason")
# What the history keeps of one import, both ways; above it the import cannot be taken back.
UNDO_LIMIT_BYTES = 128 << 20
_EXPORTED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One row of a label file: its cells in the order of the columns, and the image it names.

    ``content_id`` is 0 and ``problem`` says why where the row will be left out.
    """

    line: int
    cells: tuple[str, ...]
    image_name: str
    content_id: int
    problem: str


@dataclass(slots=True)
class LabelPreview:
    """What an import of a label file would do. Nothing has been changed.

    ``matched`` counts the rows that name an image and are kept, ``images`` their images. ``classes``,
    ``tags``, ``splits`` and ``fields`` list (name, images). ``new_labels``, ``changed_labels`` and
    ``lost_labels`` count the images whose label that is. ``how`` counts rows by how they were found.
    """

    file: Path
    format: str
    rows: int
    matched: int
    images: int
    columns: list[Column]
    unmatched: list[Unmatched]
    conflicts: list[Unmatched]
    classes: list[tuple[str, int]]
    tags: list[tuple[str, int]]
    splits: list[tuple[str, int]]
    fields: list[Field]
    new_labels: int
    changed_labels: int
    lost_labels: int
    how: dict[str, int]
    moves: list[Moves]
    notes: list[str]
    can_undo: bool
    table: Table = field(repr=False)
    matches: Matches = field(repr=False)
    plan: Plan = field(repr=False)

    def sample(self, count: int) -> list[SampleRow]:
        """The first rows of the file, with their images."""
        known, result = self.matches.places, []
        for row in range(min(count, self.table.rows)):
            at = int(self.matches.rows[row])
            problem = "" if at >= 0 else "Several images" if at == SEVERAL else "No image"
            if self.plan.is_left_out[row]:
                problem = "Contradicted"
            name = known.names[at] if at >= 0 else ""
            content_id = int(known.content_ids[at]) if at >= 0 else 0
            cells = tuple(column[row] for column in self.table.values)
            line = int(self.table.lines[row])
            result.append(SampleRow(line, cells, name, content_id, problem))
        return result


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What became of the rows of a label file. ``left_out`` are those that were not kept."""

    file: Path
    rows: int
    kept: int
    images: int
    classes: int
    tags: int
    left_out: list[Unmatched]
    can_undo: bool
    changes: Changes


def preview_labels(
    project: Project,
    path: Path,
    *,
    columns: ColumnRoles | None = None,
    before: LabelPreview | None = None,
    job: Job | None = None,
) -> LabelPreview:
    """Check a whole label file against the catalogue and say what importing it would do.

    ``path`` is a CSV, TSV, Parquet or JSON file, or a folder with a sub-folder for each class.
    ``columns`` says what columns are for; the others are guessed. ``before`` is an earlier preview of
    the same file, which then is not read again. Raises TableError.
    """
    job = job or Job()
    table = before.table if before is not None else reader.read(path, job)
    found = roles.assign(table, columns, needs_path=False)
    matches = _matches(project, table, found, before, job)
    with project.read() as session:
        made = plan.make(table, found, matches, _kinds(session))
        now = made.content.now(session)
    kept = _kept_rows(made)
    preview = LabelPreview(
        file=table.path,
        format=table.format,
        rows=table.rows + len(table.broken),
        matched=int(kept.sum()),
        images=len(np.unique(made.ids[kept])),
        columns=found,
        unmatched=made.unmatched,
        conflicts=made.conflicts,
        classes=plan.counted(made.content.classes),
        tags=plan.counted_tags(made.content.tags),
        splits=plan.counted(made.content.parts),
        fields=[
            Field(name, "number" if isinstance(one, fields.Numbers) else "text", len(one))
            for name, one in made.content.fields.items()
        ],
        new_labels=0,
        changed_labels=0,
        lost_labels=0,
        how={
            HOW[code]: int(count)
            for code, count in enumerate(np.bincount(matches.how[matches.how >= 0]))
            if count
        },
        moves=matches.moves,
        notes=made.notes,
        can_undo=_stored_bytes(made, now) <= UNDO_LIMIT_BYTES,
        table=table,
        matches=matches,
        plan=made,
    )
    _count_labels(preview, made, now)
    return preview


def apply_labels(
    project: Project,
    path: Path,
    *,
    columns: ColumnRoles | None = None,
    before: LabelPreview | None = None,
    job: Job | None = None,
) -> LabelReport:
    """Give the images what a label file says, in one transaction that can be undone as one step.

    The arguments are those of ``preview_labels``; images are matched anew. Rows that match no image,
    or contradict each other, are left out. Raises TableError where no row is left.
    """
    job = job or Job()
    table = before.table if before is not None else reader.read(path, job)
    found = roles.assign(table, columns)
    matches = _matches(project, table, found, None, job)
    job.start("Saving", None)
    with project.write(durable=True) as session:
        made = plan.make(table, found, matches, _kinds(session))
        if not (made.ids > 0).any():
            raise TableError(f"No row of {table.path} names an image of the catalogue.")
        # Images may have gone while the paths were matched.
        wanted = made.content.image_ids()
        there = tags.existing(session, wanted)
        content = made.content if len(there) == len(wanted) else made.content.narrowed(there)
        now, count = content.now(session), len(there)
        name = display(os.fsencode(path.absolute().name))
        command = PutLabels(name, count, content, False, now.digest(), now)
        can_undo = _stored_bytes(replace(made, content=content), now) <= UNDO_LIMIT_BYTES
        changes = Changes.NONE
        if count and can_undo:
            changes = history.do(session, command)
        elif count:
            # What came before can no longer be taken back one by one either.
            content.put(session)
            steps.clear(session)
            changes = command.changes | Changes.HISTORY
        job.checkpoint()
    return LabelReport(
        file=table.path,
        rows=table.rows + len(table.broken),
        kept=int(_kept_rows(made).sum()),
        images=count,
        classes=len(content.classes.names) if content.classes else 0,
        tags=len(content.tags.names) if content.tags else 0,
        left_out=sorted(made.unmatched + made.conflicts),
        can_undo=can_undo,
        changes=changes,
    )


def export_unmatched(rows: Sequence[Unmatched], target: Path) -> int:
    """Write the rows that were left out as CSV: line, path, reason. Returns how many."""
    return write_rows(
        target, UNMATCHED_COLUMNS, ((str(one.line), one.path, one.reason) for one in rows)
    )


def list_fields(project: Project) -> list[Field]:
    """The further columns that came with labels, by name, with the number of images."""
    with project.read() as session:
        return fields.every(session)


def fields_of(project: Project, image_id: int) -> list[tuple[str, str | float]]:
    """(field, value) of one image, by name of the field."""
    with project.read() as session:
        return fields.of(session, image_id)


def export_csv(project: Project, path: Path) -> int:
    """Write path, label and split of every image, missing ones too; the label is the folder's where
    none came from outside. Returns the number of rows."""
    with project.read() as session:
        index = project.index(session)
        now, order = index.columns, index.order(session, "path")
        ids = now.ids[order[now.status[order] != REMOVED]]
        parts = labels.split(session, SPLIT_NAME)
    columns = (*COLUMNS, "split") if parts else COLUMNS

    def rows() -> Iterator[Sequence[str]]:
        for start in range(0, len(ids), _EXPORTED_AT_ONCE):
            with project.read() as session:
                described = images.describe(
                    session, ids[start : start + _EXPORTED_AT_ONCE].tolist()
                )
            for image in described:
                yield (image.path, image.class_name, parts.get(image.id, ""))[: len(columns)]

    return write_rows(path, columns, rows())


def _matches(
    project: Project,
    table: Table,
    columns: Sequence[Column],
    before: LabelPreview | None,
    job: Job,
) -> Matches:
    """The images that the rows name; those of ``before`` where the same column held the paths."""
    name = next((one.name for one in columns if one.role == "path"), None)
    if before is not None and any(c.name == name and c.role == "path" for c in before.columns):
        return before.matches
    with project.read() as session:
        known = places.read(session)
        hashes = places.hashes(session) if table.origins else {}
    base = display(os.fsencode(table.base))
    texts = table.column(name) if name is not None else [""] * table.rows
    found = matching.match(texts, known, base, job, encoding=table.legacy_encoding)
    if table.origins:
        contents.match(found, table.origins, hashes, job)
    return found


def _kinds(session: Session) -> dict[str, fields.FieldKind]:
    return {one.name: one.kind for one in fields.every(session)}


def _kept_rows(made: Plan) -> NDArray[np.bool_]:
    """Rows that name an image and are not contradicted. bool [rows]."""
    kept: NDArray[np.bool_] = (made.ids > 0) & ~made.is_left_out
    return kept


def _stored_bytes(made: Plan, now: Content) -> int:
    """About what the history would keep of it, both ways."""
    return sum(PutLabels("", 0, one).stored_bytes for one in (made.content, now))


def _count_labels(preview: LabelPreview, made: Plan, now: Content) -> None:
    """How many images get a label, get another, or lose theirs."""
    wanted, held = made.content.classes, now.classes
    if wanted is None or held is None:
        return
    index = {name: code for code, name in enumerate(held.names)}
    same = np.array([index.get(name, -2) for name in wanted.names] + [-1], dtype=np.int64)
    asked = same[wanted.codes]
    preview.lost_labels = int(((wanted.codes < 0) & (held.codes >= 0)).sum())
    preview.new_labels = int(((wanted.codes >= 0) & (held.codes < 0)).sum())
    preview.changed_labels = int(
        ((wanted.codes >= 0) & (held.codes >= 0) & (asked != held.codes)).sum()
    )
