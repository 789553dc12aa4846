"""The report on pages: lines that fit, pieces that keep to their place and are never split, contents that are right."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
import reported
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app import report_pdf
from app.report_drawing import POINT, font, height_of, lines, width_of
from app.report_pages import HEIGHT, WIDTH, Page, Piece, flow, pages_of
from app.report_painting import section
from core.export.html import visible
from core.export.report import Report
from core.export.report_page import sections
from core.jobs import Cancelled, Job
from core.operations import export_report, projects, sources
from core.operations.export_request import Request
from tests.conftest import draw_photos


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """A report with something in every part."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LOOKALIKE_WORKERS", "0")
        with projects.create(folder / "told.lookalike") as project:
            sources.import_folders(project, [draw_photos(folder / "photos")], embed=False)
            reported.fill(project, folder)
            yield export_report.material(project, Request("report", "pdf"), Job())


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=80), st.integers(20, 400))
def test_lines_hold_the_whole_text_and_keep_to_their_width(
    qapp: QApplication, text: str, width_pt: int
) -> None:
    letters, width = font(9), width_pt * POINT
    found = lines(text, letters, width)
    assert "".join("".join(found).split()) == "".join(visible(text).split())
    for one in found:
        assert len(one) == 1 or width_of(one, letters) <= width
    assert height_of(text, letters, width, 2) <= height_of(text, letters, width)


def _nothing(painter: QPainter) -> None:
    pass


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 900), st.integers(0, 90), st.booleans()), max_size=60))
def test_pieces_keep_their_order_and_their_page(drawn: list[tuple[int, int, bool]]) -> None:
    head = Piece(40.0, _nothing)
    unit = HEIGHT / 3_000
    pieces = [
        Piece(height * unit, _nothing, gap * unit, leads=leads and height < 300, head=head, key=str(place))
        for place, (height, gap, leads) in enumerate(drawn)
    ]  # fmt: skip
    pages = flow(pieces, Page())
    assert [one for page in pages for _, one in page.pieces if one is not head] == pieces
    for page in pages:
        for (top, one), (following, _) in pairwise(page.pieces):
            assert following >= top + one.height - 1e-6
        assert all(top + one.height <= HEIGHT + 1e-6 for top, one in page.pieces)
    for page in pages[1:]:
        assert page.pieces[0][1] is head  # what goes on says under which head
    where = pages_of(pages)
    for one, following in pairwise(pieces):
        # Only where what it leads to would not fit on one page with it may they part.
        if one.leads and not following.leads:
            assert where[one.key] == where[following.key] or _longer_than_a_page(
                pieces, following, head
            )


def _longer_than_a_page(pieces: list[Piece], last: Piece, head: Piece) -> bool:
    place = next(number for number, one in enumerate(pieces) if one is last)
    total = last.height + last.gap + head.height
    while place and pieces[place - 1].leads:
        place -= 1
        total += pieces[place].height + pieces[place].gap
    return total > HEIGHT


def test_every_piece_paints_within_its_own_height(qapp: QApplication, report: Report) -> None:
    paper = QColor("white")
    room = 24  # px above and below
    for one in sections(report):
        for piece in section(one):
            high = round(piece.height / POINT)
            image = QImage(
                round(WIDTH / POINT) + 2 * room, high + 2 * room, QImage.Format.Format_RGB32
            )
            image.fill(paper)
            painter = QPainter(image)
            painter.translate(room, room)
            painter.scale(1 / POINT, 1 / POINT)
            piece.paint(painter)
            painter.end()
            rows = [*range(room - 3), *range(high + room + 3, image.height())]
            for row in rows:
                line = bytes(image.constScanLine(row))
                assert line == b"\xff" * len(line), (
                    f"{one.title}: outside at {row - room} of {high}"
                )
            assert piece.height <= HEIGHT


def test_it_is_written_in_a_lane_with_contents_that_are_right(
    qapp: QApplication, report: Report, tmp_path: Path
) -> None:
    place = tmp_path / "r.pdf"
    with ThreadPoolExecutor(1) as lane:
        lane.submit(report_pdf.write, report, place, Job()).result()
    content = place.read_bytes()
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    count = len(re.findall(rb"/Type\s*/Page\b(?!s)", content))
    parts = sections(report)
    pieces = [piece for one in parts for piece in section(one)]
    pages = flow(pieces, Page())
    assert count == 1 + len(pages)
    numbers = pages_of([Page(), *pages])
    assert list(numbers) == [one.key for one in parts]
    assert list(numbers.values()) == sorted(numbers.values()) and numbers["dataset"] == 2
    assert numbers["versions"] <= count
    sizes = {
        tuple(map(float, one.split())) for one in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", content)
    }
    assert {tuple(map(round, one)) for one in sizes} == {(0, 0, 595, 842)}


def test_cancelled_or_without_a_place_it_says_so(
    qapp: QApplication, report: Report, tmp_path: Path
) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        report_pdf.write(report, tmp_path / "r.pdf", job)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        report_pdf.write(report, tmp_path / "missing" / "r.pdf", Job())


def test_a_catalogue_of_nothing_has_its_pages_too(qapp: QApplication, tmp_path: Path) -> None:
    with projects.create(tmp_path / "empty.lookalike") as project:
        report = export_report.material(project, Request("report", "pdf"), Job())
    report_pdf.write(report, tmp_path / "r.pdf", Job())
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")
