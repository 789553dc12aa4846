"""Pairs: verdicts on two contents, read from and written to CSV."""

from pathlib import Path

from core.catalogue import pairs, paths
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
    verdicts: dict[tuple[int, int], Verdict] = {}
    for line, values in rows:
        if len(values) < len(COLUMNS):
            report.unmatched.append((line, "the row is too short"))
            continue
        verdict = next((one for one in VERDICTS if one == values["verdict"].lower()), None)
        if verdict is None:
            raise TableError(
                f"Line {line} of {path} has the verdict {values['verdict']!r}.",
                f"Use {', '.join(VERDICTS)}.",
            )
        found = [index.find(values["a"]), index.find(values["b"])]
        if found[0] is None or found[1] is None:
            lost = values["a"] if found[0] is None else values["b"]
            report.unmatched.append((line, f"{lost} names no image, or several"))
            continue
        a, b = sorted((index.content_id(found[0]), index.content_id(found[1])))
        if a == b:
            report.unmatched.append((line, "both are the same bytes"))
        elif verdicts.get((a, b), verdict) != verdict:
            raise TableError(f"Line {line} of {path} contradicts an earlier line on the same pair.")
        else:
            verdicts[a, b] = verdict
    if rows and not verdicts:
        raise TableError(f"No row of {path} names two images of the catalogue.")
    with project.write(durable=True) as session:
        kept = [(a, b, verdict) for (a, b), verdict in verdicts.items()]
        report.kept = pairs.put(session, kept, origin="table")
    return report


def export_csv(project: Project, path: Path) -> int:
    """Write the verdicts as CSV; returns how many. Contents that no image has any more are left out,
    since nothing names them."""
    with project.read() as session:
        every = pairs.every(session)
        names = paths.paths_of_contents(
            session, sorted({c for one in every for c in (one.a, one.b)})
        )
    rows = (
        (names[one.a], names[one.b], one.verdict)
        for one in every
        if one.a in names and one.b in names
    )
    return write_rows(path, COLUMNS, rows)
