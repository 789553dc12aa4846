"""Verdicts as CSV: read from tables that people bring, and written for other programs."""

import time
from pathlib import Path

from core.catalogue import pairs, paths
from core.catalogue.pairs import Key, Said
from core.catalogue.records import VERDICTS, Verdict
from core.duplicates.records import Contradiction
from core.duplicates.verdicts import Verdicts
from core.errors import TableError
from core.operations.said import NOUNS, record, said_of
from core.operations.tables import PathIndex, TableReport, read_rows, write_rows
from core.project import Project

COLUMNS = ("a", "b", "verdict")
MOST_TOLD = 100  # contradictions of one table that are explained


def import_csv(project: Project, path: Path) -> TableReport:
    """Read verdicts from a CSV file with the columns a, b and verdict; a and b are paths of images.

    All rows that match are kept as one step, which can be undone. A row that contradicts what others lead to is kept
    and told. A row without a verdict, as an export of all pairs has them, says nothing and is only counted. A verdict
    that is not known, or two for one pair, refuse the file. Raises TableError.
    """
    rows = read_rows(path, COLUMNS)
    report = TableReport(rows=len(rows))
    verdicts, lines = _matched(rows, PathIndex(project, path), path, report)
    if rows and not verdicts:
        if report.unsaid == len(rows):
            raise TableError(f"No row of {path} has a verdict.", f"Write {', '.join(VERDICTS)}.")
        raise TableError(f"No row of {path} names two images of the catalogue.")
    now = time.time()
    said = [Said(verdict, None, None, "table", now) for verdict in verdicts.values()]
    kept = said_of(project)
    with kept.lock:
        record(project, list(verdicts), said, lambda _: f"Import {len(verdicts):,} verdicts")
        _tell(project, kept.verdicts, lines, report)
    report.kept = len(verdicts)
    return report


def _matched(
    rows: list[tuple[int, dict[str, str]]], index: PathIndex, path: Path, report: TableReport
) -> tuple[dict[Key, Verdict], dict[Key, int]]:
    """What the rows say of which pair, and on which line."""
    verdicts: dict[Key, Verdict] = {}
    lines: dict[Key, int] = {}
    for line, values in rows:
        if len(values) < len(COLUMNS):
            report.unmatched.append((line, "the row is too short"))
            continue
        if not values["verdict"]:
            report.unsaid += 1
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
            lines.setdefault((a, b), line)
    return verdicts, lines


def _tell(project: Project, verdicts: Verdicts, lines: dict[Key, int], report: TableReport) -> None:
    """Note what contradicts by a line of the table: that of the pair itself, or else the last of its chain."""
    told = []
    for one in verdicts.contradictions(MOST_TOLD):
        steps = [(min(step.a, step.b), max(step.a, step.b)) for step in one.chain]
        line = lines.get(one.pair) or max(lines.get(key, 0) for key in steps)
        if line:
            told.append((line, one))
    count = verdicts.count_contradictions()
    report.contradicting = count if count > MOST_TOLD else len(told)
    wanted = sorted({end for _, one in told for step in one.chain for end in (step.a, step.b)})
    with project.read() as session:
        names = paths.paths_of_contents(session, wanted)
    report.contradictions += [
        (line, _sentence(one, names)) for line, one in sorted(told, key=_line)
    ]


def _line(told: tuple[int, Contradiction]) -> int:
    return told[0]


def _sentence(one: Contradiction, names: dict[int, str]) -> str:
    def name(content: int) -> str:
        return names.get(content, "a picture that is gone")

    steps = ", ".join(
        f"{name(step.a)} and {name(step.b)} are {NOUNS[step.verdict]}" for step in one.chain
    )
    a, b = one.pair
    return f"{name(a)} and {name(b)} cannot be {NOUNS[one.says]} as well: {steps}"


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
