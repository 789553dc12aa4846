"""Tables and bars of a report as pieces of pages, a piece a row; the head of a table is repeated on each page."""

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from app.report_drawing import POINT, colour, font, height_of, width_of, write, write_row
from app.report_pages import WIDTH, Piece
from core.export.report_blocks import Bars, Table

_PAD, _BETWEEN = 3 * POINT, 10 * POINT
_MEASURED = 200  # rows that tell how wide columns are
_LEAST = 40 * POINT


def table(of: Table) -> Iterator[Piece]:
    """The rows, under their head."""
    widths = _widths(of)
    rights = [place in of.numbers for place in range(len(of.columns))]
    bold, plain, code = font(8, is_bold=True), font(8.5), font(7.5, is_code=True)
    head = _row(of.columns, widths, rights, [bold] * len(widths), "muted", is_head=True)
    yield head
    fonts = [code if place in of.codes else plain for place in range(len(widths))]
    for cells in of.rows:
        row = _row(cells, widths, rights, fonts, "text")
        yield Piece(row.height, row.paint, head=head)


def _widths(of: Table) -> list[float]:
    """Columns as wide as their texts where that fits; else the widest give way."""
    plain, code = font(8.5), font(7.5, is_code=True)
    wanted = []
    for place, name in enumerate(of.columns):
        letters = code if place in of.codes else plain
        cells = [row[place] for row in of.rows[:_MEASURED]]
        widest = max((width_of(cell, letters) for cell in cells), default=0.0)
        wanted.append(max(widest, width_of(name, font(8, is_bold=True))) + 2 * POINT)
    room = WIDTH - _BETWEEN * (len(wanted) - 1)
    if sum(wanted) <= room:
        spare = (room - sum(wanted)) / len(wanted)
        return [one + spare for one in wanted]
    # The same limit for all that are wider than it.
    low, high = _LEAST, max(wanted)
    for _ in range(30):
        limit = (low + high) / 2
        low, high = (
            (limit, high) if sum(min(one, limit) for one in wanted) <= room else (low, limit)
        )
    return [min(one, low) for one in wanted]


def _row(
    cells: Sequence[str],
    widths: Sequence[float],
    rights: Sequence[bool],
    fonts: Sequence[QFont],
    role: str,
    *,
    is_head: bool = False,
) -> Piece:
    height = max(
        height_of(cell, letters, wide)
        for cell, letters, wide in zip(cells, fonts, widths, strict=True)
    )

    def draw(painter: QPainter) -> None:
        left = 0.0
        for cell, wide, is_right, letters in zip(cells, widths, rights, fonts, strict=True):
            align = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
            write(painter, QRectF(left, _PAD, wide, height + POINT), cell, letters, role, align)
            left += wide + _BETWEEN
        line = height + 2 * _PAD
        painter.setPen(QPen(colour("border_strong" if is_head else "border"), 0.6 * POINT))
        painter.drawLine(QPointF(0, line), QPointF(WIDTH, line))

    return Piece(height + 2 * _PAD, draw, 10 * POINT if is_head else 0.0, leads=is_head)


def bars(of: Bars) -> Iterator[Piece]:
    """Two columns of names with their bars where there are many."""
    most = max((count for _, count in of.rows), default=1) or 1
    half = -(-len(of.rows) // 2) if len(of.rows) > 8 else len(of.rows)
    apart = 24 * POINT
    wide = (WIDTH - apart) / 2
    step, letters = 13 * POINT, font(8.5)

    def draw(some: Sequence[tuple[str, int]], painter: QPainter) -> None:
        for place, (name, count) in enumerate(some):
            left, label, number = place * (wide + apart), wide * 0.46, 34 * POINT
            write_row(painter, QRectF(left, 0, label - 4 * POINT, step), name, letters)
            track = (wide - label - number) * count / most
            bar = QRectF(left + label, step / 2 - 3 * POINT, max(track, POINT), 6 * POINT)
            painter.fillRect(bar, colour("accent"))
            told = QRectF(left + wide - number, 0, number, step)
            align = Qt.AlignmentFlag.AlignRight
            write_row(painter, told, f"{count:,}", letters, "text", align)

    for place in range(half):
        gap = 8 * POINT if place == 0 else 0.0
        yield Piece(step, partial(draw, of.rows[place::half]), gap, leads=place == 0)
