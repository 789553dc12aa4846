"""Blocks of a report as pieces of pages: paragraphs, tables, bars, pictures, charts and maps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.report_drawing import (
    POINT,
    colour,
    font,
    height_of,
    paint,
    picture,
    width_of,
    write,
    write_row,
)
from app.report_pages import WIDTH, Piece
from app.report_tables import bars, table
from app.style.palette import class_colours
from core.export.report_blocks import (
    Bars,
    Block,
    Chart,
    Chart2,
    Figures,
    Heading,
    Mapped,
    Section,
    Shot,
    Shots,
    Table,
    Text,
)

_GAP = 8 * POINT
_BODY = 9.0
# Pixels of a window that a point of paper holds, so that letters of charts are a little smaller than the text.
_DENSITY = 1.3
_SHOT, _SHOTS, _SHOT_GAP = 77.0 * POINT, 6, 8.6 * POINT
_MAP, _CARDS = 330.0 * POINT, 5


def section(one: Section) -> Iterator[Piece]:
    """A part of the report, with a rule above its title."""

    def title(painter: QPainter) -> None:
        painter.setPen(QPen(colour("border_strong"), 0.75 * POINT))
        painter.drawLine(QPointF(0, 0), QPointF(WIDTH, 0))
        write(painter, QRectF(0, 10 * POINT, WIDTH, 24 * POINT), one.title, font(16, is_bold=True))

    yield Piece(32 * POINT, title, 22 * POINT, leads=True, key=one.key)
    yield _paragraph(one.summary, font(_BODY + 0.5), "muted", 2 * POINT, leads=bool(one.blocks))
    waiting: list[Shots] = []
    for block, following in zip_longest(one.blocks, one.blocks[1:]):
        if isinstance(block, Shots) and len(block.shots) <= _SHOTS:
            waiting.append(block)
            continue
        yield from _packed(waiting)
        waiting = []
        # What is said before something stays with it.
        leads = (
            isinstance(block, Text) and following is not None and not isinstance(following, Text)
        )
        yield from (replace(piece, leads=piece.leads or leads) for piece in _pieces(block))
    yield from _packed(waiting)


def _pieces(block: Block) -> Iterator[Piece]:
    match block:
        case Text():
            yield (
                _note(block.text)
                if block.tone == "note"
                else _paragraph(
                    block.text, font(_BODY), "muted" if block.tone == "muted" else "text", _GAP
                )
            )
        case Heading():
            letters = font(11.5, is_bold=True)
            yield _paragraph(block.text, letters, "text", 16 * POINT, leads=True)
        case Figures():
            yield from figures(block)
        case Bars():
            yield from bars(block)
            yield from _more(block.more)
        case Table():
            yield from table(block)
            yield from _more(block.more)
        case Shots():
            yield from _gallery(block)
        case Chart():
            yield _charts([block], WIDTH)
        case Chart2():
            yield _charts([block.left, block.right], (WIDTH - 3 * _GAP) / 2)
        case Mapped():
            yield _map(block)


def _paragraph(text: str, letters: QFont, role: str, gap: float, *, leads: bool = False) -> Piece:
    height = height_of(text, letters, WIDTH)

    def draw(painter: QPainter) -> None:
        write(painter, QRectF(0, 0, WIDTH, height + POINT), text, letters, role)

    return Piece(height, draw, gap, leads)


def _more(words: str) -> Iterator[Piece]:
    if words:
        yield _paragraph(words, font(_BODY), "muted", 5 * POINT)


def _note(text: str) -> Piece:
    letters, inset = font(_BODY), 9 * POINT
    height = height_of(text, letters, WIDTH - 2 * inset)

    def draw(painter: QPainter) -> None:
        box = QRectF(0, 0, WIDTH, height + 1.4 * inset)
        _card(painter, box, "accent_soft", None)
        write(painter, box.adjusted(inset, 0.7 * inset, -inset, POINT), text, letters)

    return Piece(height + 1.4 * inset, draw, _GAP)


def _card(painter: QPainter, box: QRectF, fill: str, border: str | None) -> None:
    painter.setPen(QPen(colour(border), 0.6 * POINT) if border else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(colour(fill))
    painter.drawRoundedRect(box, 5 * POINT, 5 * POINT)


def figures(of: Figures) -> Iterator[Piece]:
    """Cards in rows."""
    gap, height = 6 * POINT, 46 * POINT
    rows = -(-len(of.items) // _CARDS)
    across = -(-len(of.items) // max(1, rows))
    wide = (WIDTH - (across - 1) * gap) / max(1, across)

    def draw(some: Sequence[tuple[str, str]], painter: QPainter) -> None:
        for place, (value, label) in enumerate(some):
            box = QRectF(place * (wide + gap), 0, wide, height)
            _card(painter, box, "panel", "border")
            inner = box.adjusted(9 * POINT, 6 * POINT, -4 * POINT, -3 * POINT)
            write(painter, inner, value, font(14, is_bold=True))
            inner.setTop(inner.top() + 18 * POINT)
            write(painter, inner, label, font(7.5), "muted")

    for start in range(0, len(of.items), max(1, across)):
        yield Piece(
            height, partial(draw, of.items[start : start + across]), gap if start else 10 * POINT
        )


def _packed(groups: Sequence[Shots]) -> Iterator[Piece]:
    """Groups of few pictures beside each other where they fit."""
    line: list[tuple[float, float, Shots]] = []  # (left, width, group)
    left = 0.0
    for one in groups:
        wide = max(2, len(one.shots)) * (_SHOT + _SHOT_GAP) - _SHOT_GAP
        if line and left + wide > WIDTH + 1:
            yield _line(line)
            line, left = [], 0.0
        line.append((left, wide, one))
        left += wide + _SHOT_GAP
    if line:
        yield _line(line)


def _line(groups: Sequence[tuple[float, float, Shots]]) -> Piece:
    titles = [_title(one, wide) for _, wide, one in groups]
    head = max(height for height, _ in titles)
    below = max(_height_of_shots(one.shots) for _, _, one in groups)

    def draw(painter: QPainter) -> None:
        for (left, _, one), (_, title) in zip(groups, titles, strict=True):
            painter.save()
            painter.translate(left, 0)
            title(painter)
            painter.translate(0, head)
            _shots(painter, one.shots)
            painter.restore()

    return Piece(head + below, draw, 12 * POINT)


def _title(of: Shots, width: float) -> tuple[float, Callable[[QPainter], None]]:
    """The height of a title with the text below it, and how it is painted."""
    bold, plain = font(_BODY, is_bold=True), font(8)
    first = height_of(of.title, bold, width) if of.title else 0.0
    second = height_of(of.text, plain, width) if of.text else 0.0

    def draw(painter: QPainter) -> None:
        if of.title:
            write(painter, QRectF(0, 0, width, first + POINT), of.title, bold)
        if of.text:
            write(painter, QRectF(0, first, width, second + POINT), of.text, plain, "muted")

    height = first + second
    return (height + 4 * POINT if height else 0.0), draw


def _gallery(of: Shots) -> Iterator[Piece]:
    """Many pictures in rows."""
    if of.title or of.text:
        height, draw = _title(of, WIDTH)
        yield Piece(height, draw, 12 * POINT, leads=True)
    for start in range(0, len(of.shots), _SHOTS):
        some = of.shots[start : start + _SHOTS]
        yield Piece(_height_of_shots(some), partial(_shots, shots=some), _GAP)


def _height_of_shots(shots: Sequence[Shot]) -> float:
    return _SHOT + 4 * POINT + max((_height_of_words(one) for one in shots), default=0.0)


def _height_of_words(of: Shot) -> float:
    caption = height_of(of.caption, font(7), _SHOT, 2)
    return caption + (height_of(of.under, font(7), _SHOT, 1) if of.under else 0)


def _shots(painter: QPainter, shots: Sequence[Shot]) -> None:
    for place, one in enumerate(shots):
        box = QRectF(place * (_SHOT + _SHOT_GAP), 0, _SHOT, _SHOT)
        painter.fillRect(box, colour("canvas"))
        picture(painter, box, one.picture.jpeg)
        if one.is_marked:
            painter.setPen(QPen(colour("accent"), 1.5 * POINT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
        top = box.bottom() + 4 * POINT
        write(painter, QRectF(box.left(), top, _SHOT, 0), one.caption, font(7), most=2)
        top += height_of(one.caption, font(7), _SHOT, 2)
        write(painter, QRectF(box.left(), top, _SHOT, 0), one.under, font(7), "muted", most=1)


def _charts(charts: Sequence[Chart], width: float) -> Piece:
    """Charts side by side, each under its title."""
    drawn = [one.draw(width / POINT * _DENSITY) for one in charts]
    head = 15 * POINT
    height = max(one.height * width / one.width for one in drawn)

    def draw(painter: QPainter) -> None:
        for place, (chart, drawing) in enumerate(zip(charts, drawn, strict=True)):
            painter.save()
            painter.translate(place * (width + 3 * _GAP), 0)
            write_row(painter, QRectF(0, 0, width, head), chart.title, font(_BODY, is_bold=True))
            painter.translate(0, head)
            paint(painter, drawing, width)
            painter.restore()

    return Piece(head + height, draw, 12 * POINT)


def _map(of: Mapped) -> Piece:
    head, left = 15 * POINT, _MAP + 16 * POINT
    wide, step, letters = WIDTH - left, 14 * POINT, font(8)
    entries = [
        *of.legend,
        *([("others" if of.legend else "images", of.others)] if of.others else []),
    ]
    colours = [*class_colours("light")[: len(of.legend)], colour("point").name()]

    def draw(painter: QPainter) -> None:
        write(painter, QRectF(0, 0, WIDTH, head), of.title, font(_BODY, is_bold=True))
        box = QRectF(0, head, _MAP, _MAP)
        painter.setPen(QPen(colour("border"), 0.6 * POINT))
        painter.setBrush(colour("canvas"))
        painter.drawRect(box)
        picture(painter, box, of.light)
        top = head
        for (name, count), hue in zip(entries, colours, strict=False):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(hue))
            painter.drawEllipse(QPointF(left + 4 * POINT, top + step / 2), 3.5 * POINT, 3.5 * POINT)
            row = QRectF(left + 12 * POINT, top, wide - 12 * POINT, step)
            number = f"{count:,}"
            write_row(painter, row, number, letters, align=Qt.AlignmentFlag.AlignRight)
            row.setRight(row.right() - width_of(number, letters) - 4 * POINT)
            write_row(painter, row, name, letters)
            top += step
        top += 8 * POINT
        for one in of.texts:
            high = height_of(one, letters, wide)
            write(painter, QRectF(left, top, wide, high + POINT), one, letters, "muted")
            top += high + 5 * POINT

    return Piece(head + _MAP, draw, 12 * POINT)
