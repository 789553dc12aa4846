"""Labels: classes and splits from outside, read from and written to CSV."""

from pathlib import Path

from core.catalogue import images, labels
from core.errors import TableError
from core.operations.tables import PathIndex, TableReport, read_rows, write_rows
from core.project import Project

COLUMNS = ("path", "label")
# The split that a table's column of that name is kept as.
SPLIT_NAME = "labels"
PARTS = ("train", "val", "test", "query", "gallery")


def import_csv(project: Project, path: Path) -> TableReport:
    """Read labels from a CSV file with the columns path, label and, where there is one, split.

    An empty label takes the label off, unless the row gives a split only. All rows that match are
    kept in one transaction. Raises TableError where none does or a part of the split is not known.
    """
    rows = read_rows(path, COLUMNS)
    index = PathIndex(project, path)
    report = TableReport(rows=len(rows))
    label_by_image: dict[int, str] = {}
    part_by_image: dict[int, str] = {}
    for line, values in rows:
        if "path" not in values or "label" not in values:
            report.unmatched.append((line, "the row is too short"))
            continue
        image_id = index.find(values["path"])
        if image_id is None:
            report.unmatched.append((line, f"{values['path']} names no image, or several"))
            continue
        part = values.get("split", "").lower()
        if values["label"] or not part:
            label_by_image[image_id] = values["label"]
        if part and part not in PARTS:
            raise TableError(
                f"Line {line} of {path} has the split {part!r}.", f"Use {', '.join(PARTS)}."
            )
        if part:
            part_by_image[image_id] = part
    if rows and not label_by_image and not part_by_image:
        raise TableError(f"No row of {path} names an image of the catalogue.")
    with project.write(durable=True) as session:
        labels.put(session, label_by_image)
        if part_by_image:
            labels.put_split(session, SPLIT_NAME, part_by_image)
    report.kept = len(label_by_image.keys() | part_by_image.keys())
    return report


def export_csv(project: Project, path: Path) -> int:
    """Write path, label and split of every image, missing ones too; the label is the folder's where
    none came from outside. Returns the number of rows."""
    with project.read() as session:
        described = images.describe(session, images.every_id(session))
        parts = labels.split(session, SPLIT_NAME)
    columns = (*COLUMNS, "split") if parts else COLUMNS
    rows = (
        (image.path, image.class_name, parts.get(image.id, ""))[: len(columns)]
        for image in sorted(described, key=lambda image: image.path)
    )
    return write_rows(path, columns, rows)
