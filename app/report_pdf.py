"""A report as PDF: A4 pages painted by Qt, with contents and page numbers. Needs no window, and runs in a lane."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from app.report_drawing import POINT, colour, font, height_of, width_of, write_row
from app.report_drawing import write as write_text
from app.report_pages import FOOT, HEIGHT, MARGIN, PAGE_HEIGHT, WIDTH, Page, Piece, flow, pages_of
from app.report_painting import figures, section
from core.export.report import Report
from core.export.report_blocks import Section
from core.export.report_page import at_a_glance, sections, subtitle
from core.jobs import Job

_DPI = round(72 * POINT)


def write(report: Report, place: Path, job: Job) -> None:
    """Write it to ``place``. Raises OSError and Cancelled."""
    parts = sections(report)
    pieces = [piece for one in job.track(parts, "Laying out pages") for piece in section(one)]
    # Contents and numbers need each other; the numbers do not move what they stand in.
    pages = _laid(report, parts, pieces, {})
    pages = _laid(report, parts, pieces, pages_of(pages))
    # Qt tells of no full disk; a file of Python does.
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF()
        )
    )
    writer.setTitle(report.name)
    writer.setCreator(f"Lookalike {report.made_of.program}")
    painter = QPainter(writer)
    try:
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        for number, page in enumerate(job.track(pages, "Writing pages"), 1):
            if number > 1:
                writer.newPage()
            _paint(painter, page, report.name, f"{number} of {len(pages)}")
    finally:
        painter.end()
    with open(place, "wb") as file:
        file.write(buffer.data().data())


def _laid(
    report: Report, parts: tuple[Section, ...], pieces: list[Piece], numbers: dict[str, int]
) -> list[Page]:
    """The first page and those after it."""
    first = Page()
    for piece in (_title(report), *figures(at_a_glance(report)), _contents(parts, numbers)):
        first.put(piece)
    return [first, *flow(pieces, Page())]


def _title(report: Report) -> Piece:
    name, below = font(26, is_bold=True), font(10)
    height = height_of(report.name, name, WIDTH)

    def draw(painter: QPainter) -> None:
        write_text(painter, QRectF(0, 0, WIDTH, height + POINT), report.name, name)
        line = QRectF(0, height + 4 * POINT, WIDTH, 40 * POINT)
        write_text(painter, line, subtitle(report), below, "muted")

    return Piece(height + 24 * POINT, draw)


def _contents(parts: tuple[Section, ...], numbers: dict[str, int]) -> Piece:
    """Each part with its sentence and its page."""
    bold, plain, column = font(10, is_bold=True), font(8.5), 30 * POINT
    heights = [height_of(one.summary, plain, WIDTH - column) for one in parts]

    def draw(painter: QPainter) -> None:
        write_text(painter, QRectF(0, 0, WIDTH, 24 * POINT), "Contents", font(13, is_bold=True))
        top = 26 * POINT
        for one, height in zip(parts, heights, strict=True):
            number = str(numbers.get(one.key, ""))
            line = QRectF(0, top, WIDTH, 15 * POINT)
            write_text(painter, line, one.title, bold)
            write_text(painter, line, number, bold, align=Qt.AlignmentFlag.AlignRight)
            painter.setPen(QPen(colour("border_strong"), 0.8 * POINT, Qt.PenStyle.DotLine))
            left, right = width_of(one.title, bold) + 6 * POINT, WIDTH - width_of(number, bold) - 6 * POINT  # fmt: skip
            painter.drawLine(QPointF(left, top + 9.5 * POINT), QPointF(right, top + 9.5 * POINT))
            box = QRectF(0, top + 14 * POINT, WIDTH - column, height + POINT)
            write_text(painter, box, one.summary, plain, "muted")
            top += 14 * POINT + height + 9 * POINT

    total = 26 * POINT + sum(14 * POINT + height + 9 * POINT for height in heights)
    return Piece(min(total, HEIGHT), draw, 26 * POINT)


def _paint(painter: QPainter, page: Page, name: str, number: str) -> None:
    for top, piece in page.pieces:
        painter.save()
        painter.translate(MARGIN, MARGIN + top)
        piece.paint(painter)
        painter.restore()
    foot = QRectF(MARGIN, PAGE_HEIGHT - FOOT + 16 * POINT, WIDTH, 14 * POINT)
    write_row(painter, foot, number, font(8), "muted", Qt.AlignmentFlag.AlignRight)
    foot.setWidth(WIDTH - 80 * POINT)
    write_row(painter, foot, name, font(8), "muted")
