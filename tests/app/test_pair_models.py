"""Where a pair is drawn, what differs in it, and what is said of it: plain values, without a window."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QTransform

from app.models import group_words, pair_words
from app.models.group_rows import Line, Node
from app.models.pair_difference import Placed, difference
from app.models.pair_frame import IDENTITY, PairFrame
from core.catalogue.records import Image
from core.duplicates.records import Card, Contradiction, Remaining, Step

PANE = QSizeF(464, 420)
MIRROR = np.array([[-1, 0, 1], [0, 1, 0]], dtype=np.float32)
QUARTER = np.array([[0, -1, 1], [1, 0, 0]], dtype=np.float32)  # B is A, turned to the right
HALF = np.array([[-1, 0, 1], [0, -1, 1]], dtype=np.float32)
CROP = np.array([[1.25, 0, -0.1], [0, 1.6, -0.3]], dtype=np.float32)  # B is a part of A
TURNS = {"mirror": MIRROR, "quarter": QUARTER, "half": HALF, "crop": CROP, "same": IDENTITY}

sides = st.integers(1, 9000)
shares = st.floats(0.05, 0.95)
places = st.tuples(st.floats(0, 464), st.floats(0, 420)).map(lambda at: QPointF(*at))
moves = st.one_of(
    st.tuples(st.just("zoom"), st.floats(0.4, 4.0), places, st.integers(0, 1)),
    st.tuples(st.just("drag"), st.floats(-300, 300), places, st.integers(0, 1)),
)


def frame(transform: np.ndarray, a: tuple[float, float], b: tuple[float, float]) -> PairFrame:
    return PairFrame.of(QSizeF(*a), QSizeF(*b), transform, PANE)


def gone_about(one: PairFrame, steps: list[tuple[str, float, QPointF, int]]) -> PairFrame:
    for what, value, place, side in steps:
        if what == "zoom":
            one = one.zoomed(value, place, side)
        else:
            one = one.moved(QPointF(value, place.y() - 210), side)
    return one


def seen(one: PairFrame, transform: np.ndarray, share: tuple[float, float]) -> tuple[QPointF, ...]:
    """Where the detail at a share of A is drawn: by A on the left, by B on the right, each in place of the other."""
    x, y = transform @ np.array([*share, 1.0])
    of_a = QPointF(share[0] * one.a_px.width(), share[1] * one.a_px.height())
    of_b = QPointF(x * one.b_px.width(), y * one.b_px.height())
    return (
        one.placed(0, 0).map(of_a), one.placed(1, 1).map(of_b),
        one.placed(1, 0).map(of_b), one.placed(0, 1).map(of_a),
    )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(sorted(TURNS)), a=st.tuples(sides, sides), b=st.tuples(sides, sides),
    share=st.tuples(shares, shares), steps=st.lists(moves, max_size=5),
)  # fmt: skip
def test_a_detail_is_at_the_same_place_of_both_panes_however_they_are_moved(
    kind: str, a: tuple[int, int], b: tuple[int, int], share: tuple[float, float],
    steps: list[tuple[str, float, QPointF, int]],
) -> None:  # fmt: skip
    transform = TURNS[kind]
    one = gone_about(frame(transform, a, b), steps)
    left, right, swapped, back = seen(one, transform, share)
    reach = 1e-4 * (1 + abs(left.x()) + abs(left.y()))
    for other in (right, swapped, back):
        assert abs(other.x() - left.x()) < reach and abs(other.y() - left.y()) < reach


@pytest.mark.parametrize("kind", sorted(TURNS))
def test_as_they_are_each_fits_its_pane_and_zooms_by_the_same_factor(kind: str) -> None:
    one = frame(TURNS[kind], (1200, 800), (600, 900)).aligned(False)
    for side, size in ((0, QSizeF(1200, 800)), (1, QSizeF(600, 900))):
        assert one.whole(side).size() == size
        shown = one.base(side).mapRect(one.whole(side))
        assert shown.width() == pytest.approx(432) or shown.height() == pytest.approx(388)
        assert shown.center().x() == pytest.approx(232)
    closer = one.zoomed(3.0, QPointF(100, 100), 1)
    assert closer.scale(0) / one.scale(0) == pytest.approx(3.0)
    assert closer.scale(1) / one.scale(1) == pytest.approx(3.0)
    # In place of the other it is laid over it, so that only what differs moves.
    left, _, swapped, _ = seen(closer, TURNS[kind], (0.5, 0.5))
    assert (left - swapped).manhattanLength() < 1e-3


@settings(max_examples=20, deadline=None)
@given(place=places, by=st.floats(1.1, 6.0), side=st.integers(0, 1), aligned=st.booleans())
def test_what_lies_under_the_pointer_stays_there_while_zooming(
    place: QPointF, by: float, side: int, aligned: bool
) -> None:
    one = frame(QUARTER, (900, 700), (700, 900)).aligned(aligned).zoomed(4.0)
    held = one.base(side).inverted()[0].map(place)
    closer = one.zoomed(by, place, side)
    assert closer.factor == pytest.approx(4.0 * by)
    assert (closer.base(side).map(held) - place).manhattanLength() < 0.01


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(moves, min_size=1, max_size=8))
def test_the_picture_cannot_be_lost(steps: list[tuple[str, float, QPointF, int]]) -> None:
    one = gone_about(frame(CROP, (3000, 2000), (1500, 900)), steps)
    assert one.factor >= 1.0
    assert one.base(0).mapRect(one.whole(0)).contains(QPointF(232, 210))


def test_a_transform_that_cannot_be_turned_round_lays_b_over_all_of_a() -> None:
    one = frame(np.zeros((2, 3), dtype=np.float32), (400, 300), (40, 30))
    assert one.to_a.map(QPointF(40, 30)) == QPointF(400, 300)


# -- what differs


def painted(colour: str, spot: tuple[int, int, int, int] | None = None) -> QImage:
    made = QImage(100, 80, QImage.Format.Format_RGB32)
    made.fill(QColor(colour))
    if spot is not None:
        x, y, wide, high = spot
        for row in range(y, y + high):
            for column in range(x, x + wide):
                made.setPixelColor(column, row, QColor("#ffffff"))
    return made


def placed(image: QImage, where: QTransform | None = None) -> Placed:
    return Placed(image, QSizeF(100, 80), where or QTransform())


def test_equal_pictures_differ_nowhere_and_a_spot_differs_where_it_is() -> None:
    size = QSize(100, 80)
    same = difference(placed(painted("#335577")), placed(painted("#335577")), QTransform(), size)
    assert same.share == 0.0
    spot = difference(
        placed(painted("#335577")), placed(painted("#335577", (10, 20, 20, 10))), QTransform(), size
    )
    assert spot.share == pytest.approx(200 / 8000)
    inside, outside = spot.image.pixelColor(20, 25), spot.image.pixelColor(60, 60)
    assert inside.lightness() > 150 and outside.lightness() < 60
    assert outside.saturation() == 0  # grey where they agree


def test_only_what_both_show_is_compared() -> None:
    beside = QTransform.fromTranslate(100, 0)
    found = difference(
        placed(painted("#000000")), placed(painted("#ffffff"), beside), QTransform(), QSize(200, 80)
    )
    assert found.share is None
    half = QTransform.fromTranslate(50, 0)
    found = difference(
        placed(painted("#000000")), placed(painted("#ffffff"), half), QTransform(), QSize(150, 80)
    )
    assert found.share == 1.0
    assert found.image.pixelColor(140, 40).lightness() < 160  # B alone is no difference


# -- in words


def image(**changes: object) -> Image:
    made = Image(
        1, 1, 1, "/photos/a.jpg", "a.jpg", "/photos", 4_000_000, 10**18, 4000, 3000, "JPEG", "", False,
        None, False, "", "photos", None, (),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def card(**changes: object) -> Card:
    made = Card(1, 2, 1, 2, "near", 0.97, 0.99, (), 1.0, 1, 1, (1.0, 1.0), IDENTITY)
    return replace(made, **changes)  # type: ignore[arg-type]


def words(asked: Card, a: Image, b: Image) -> list[str]:
    return list(pair_words.badges(asked, a, b))


def test_badges_say_which_side_is_which() -> None:
    a = image()
    small = image(id=2, width=1000, height=750, size_bytes=400_000)
    assert words(card(differs=("size",)), a, small) == [
        "A has 16 times the pixels", "A has 10 times the bytes",
    ]  # fmt: skip
    assert words(card(differs=("size",)), small, a)[0] == "B has 16 times the pixels"
    png = image(id=2, format="PNG", size_bytes=4_000_000)
    assert words(card(differs=("format",)), a, png) == ["JPEG and PNG"]
    older = image(id=2, mtime_ns=10**18 - 3 * 86_400 * 10**9, folder="/other")
    assert words(card(), a, older) == ["B is 3 days older", "other folders"]
    assert words(card(), a, a) == []
    pressed = image(id=2, size_bytes=400_000)
    # Which of them was compressed anew is not known: a copy may have more bytes than its original.
    assert words(card(differs=("recompressed",)), a, pressed) == [
        "compressed anew", "A has 10 times the bytes",
    ]  # fmt: skip
    assert words(card(differs=("recompressed",)), pressed, a)[0] == "compressed anew"


def test_badges_of_what_was_done_to_the_picture() -> None:
    a, turned = image(), image(id=2, width=3000, height=4000)
    assert words(card(differs=("turned",), transform=QUARTER), a, turned) == [
        "B is turned a quarter right"
    ]
    assert words(card(differs=("turned",), transform=HALF), a, a) == ["B is upside down"]
    assert words(card(differs=("mirrored",), transform=MIRROR), a, a) == ["mirrored"]
    part = card(kind="part-of", differs=("cropped",), overlaps=(0.5, 1.0), transform=CROP)
    assert words(part, a, a)[0] == "B is cropped: shows 50 % of A"
    whole = replace(part, overlaps=(1.0, 0.64))
    assert words(whole, a, a)[0] == "A is cropped: shows 64 % of B"
    framed = card(differs=("border",), overlaps=(1.0, 0.8))
    assert words(framed, a, a)[0] == "B has a border"
    c, s = np.cos(np.radians(4.0)), np.sin(np.radians(4.0))
    tilted = np.array([[c, -s * 0.75, 0.02], [s / 0.75, c, -0.03]], dtype=np.float32)
    assert words(card(differs=("rotated",), transform=tilted), a, a) == ["B is rotated by 4.0°"]


@pytest.mark.parametrize("word", sorted(pair_words.PLAIN))
def test_every_other_difference_has_a_badge(word: str) -> None:
    assert words(card(differs=(word,)), image(), image(id=2)) == [pair_words.PLAIN[word]]


def test_a_changed_copy_is_the_same_picture_but() -> None:
    said = pair_words.headline
    assert said(card(score=1.0, differs=("size", "blurred"))) == (
        "A near copy: almost surely the same picture, but one is blurred"
    )
    assert said(card(score=1.0, differs=("recoloured", "blurred"))).endswith(
        "same picture, but in other colours and one is blurred"
    )
    assert said(card(score=1.0, differs=("size",))).endswith("100 % of what both show agrees")
    assert "but" not in said(card(chance=0.1, differs=("blurred",)))
    line = Line(0, 1, 0, 0.99, "near", None, False, differs=("blurred",))
    assert group_words.link_title(line) == "A near copy, but one is blurred"
    assert group_words.link_note(line, 2) == "very strong link (99 %)"
    cuttable = replace(line, far_side=frozenset({1}))
    assert group_words.link_note(cuttable, 5) == "very strong link (99 %)  ·  a cut leaves 4 and 1"
    nodes = tuple(Node(at, at, f"{at}.jpg", 1, False) for at in (0, 1))
    told = group_words.line_words(line, nodes)
    assert told == "0.jpg and 1.jpg: a near copy, but one is blurred (99 %)"


def test_a_row_of_the_queue_names_both_files_and_what_differs_first() -> None:
    a, b = image(), image(id=2, name="b.png", format="PNG", size_bytes=400_000)
    asked = card(differs=("format", "recompressed"))
    said = pair_words.first_differences
    assert said(asked, a, b) == "JPEG and PNG  ·  compressed anew"
    assert (
        said(card(kind="pixels"), a, b)
        == "Same pixels  ·  JPEG and PNG  ·  A has 10 times the bytes"
    )
    assert said(card(), a, a) == "Near copy"


def test_facts_mark_what_speaks_for_a_side() -> None:
    a = image(format="PNG", size_bytes=9_000_000, mtime_ns=10**18 - 10**12)
    b = image(id=2, width=2000, height=1500)
    assert [one.better for one in pair_words.facts(a, b)] == [
        "more pixels", "lossless", "larger file", "older",
    ]  # fmt: skip
    assert [one.better for one in pair_words.facts(b, a)] == ["", "", "", ""]


def test_what_is_left_is_said_in_pairs_questions_and_time() -> None:
    said = pair_words.remaining_words
    assert said(Remaining(412, 130, 57, 14, 540.0)) == (
        "412 pairs left, about 130 questions, 9 minutes at your pace"
    )
    assert said(Remaining(1, 1, 0, 0, None)) == "1 pair left"
    assert said(Remaining(0, 0, 9, 3, 4.0)) == "No pairs left"


def test_a_contradiction_is_told_along_its_chain() -> None:
    chain = (Step(7, 3, "duplicate"), Step(3, 9, "duplicate"))
    found = Contradiction((7, 9), "different", "duplicate", chain)
    assert pair_words.contradiction_words(found) == (
        "You said that A and B are different, but A = C and C = B, which makes them duplicates."
    )
    apart = (Step(7, 3, "duplicate"), Step(3, 9, "different"))
    found = Contradiction((7, 9), "duplicate", "different", apart)
    assert pair_words.contradiction_words(found).endswith(
        "but A = C and C ≠ B, which makes them different."
    )
