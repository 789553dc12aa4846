"""Pairs: verdicts on two contents, read from and written to CSV."""

from pathlib import Path

from core.catalogue import images, pairs
from core.catalogue.records import VERDICTS, Pair, Verdict
from core.errors import TableError
from core.operations.tables import PathIndex, TableReport, read_rows, write_rows
from core.project import Project

COLUMNS = ("a", "b", "verdict")


def list_pairs(project: Project) -> list[Pair]:
    """All verdicts."""
    with project.read() as session:
        return pairs.every(session)


def import_csv(project: Project, path: Path) -> TableReport:
    """Read verdicts from a CSV file with the columns a, b and verdict; a and b are paths of images.

    All rows that match are kept in one transaction; a verdict that is not known refuses the file.
    Raises TableError.
    """
    rows = read_rows(path, COLUMNS)
    index = PathIndex(project, path)
    report = TableReport(rows=len(rows))
    verdicts: list[tuple[int, int, Verdict]] = []
    for line, values in rows:
        verdict = next((one for one in VERDICTS if one == values["verdict"].lower()), None)
        if verdict is None:
            raise TableError(
                f"Line {line} of {path} has the verdict {values['verdict']!r}.",
                f"Use {', '.join(VERDICTS)}.",
            )
        found = [index.find(values["a"]), index.find(values["b"])]
        if found[0] is None or found[1] is None:
            lost = values["a"] if found[0] is None else values["b"]
            report.unmatched.append((line, lost))
            continue
        verdicts.append((index.content_id(found[0]), index.content_id(found[1]), verdict))
    if rows and not verdicts:
        raise TableError(f"No row of {path} names two images of the catalogue.")
    with project.write(durable=True) as session:
        report.kept = pairs.put(session, verdicts, origin="table")
    return report


def export_csv(project: Project, path: Path) -> int:
    """Write all verdicts as CSV; returns how many."""
    with project.read() as session:
        every = pairs.every(session)
        paths = images.paths_of_contents(
            session, sorted({one for p in every for one in (p.a, p.b)})
        )
    rows = ((paths.get(one.a, ""), paths.get(one.b, ""), one.verdict) for one in every)
    return write_rows(path, COLUMNS, rows)
