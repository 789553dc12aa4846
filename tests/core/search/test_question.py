"""A question as a value: its words, what it refuses, and that nothing is lost in JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.filters import Filter
from core.errors import UsageError
from core.search import question as asking
from core.search.question import Example, Question, check, describe, from_json, to_json

WORDS = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda one: bool(one.strip()))
SHARES = st.floats(0, 0.5)


@st.composite
def regions(draw: st.DrawFn) -> asking.Region:
    x, y = draw(SHARES), draw(SHARES)
    return x, y, draw(st.floats(0.001, 0.5)), draw(st.floats(0.001, 0.5))


WEIGHTS = st.floats(0.01, 100)
PICTURES = st.builds(
    Example,
    image_id=st.none() | st.integers(1, 2**40),
    path=WORDS,
    sha256=st.just("") | st.binary(min_size=32, max_size=32).map(bytes.hex),
    region=st.none() | regions(),
    weight=WEIGHTS,
)
TYPED = st.builds(Example, words=WORDS, weight=WEIGHTS, is_plain=st.booleans())
RANGES = st.tuples(st.none() | st.integers(0, 2**62), st.none() | st.integers(0, 2**62))
FILTERS = st.builds(
    Filter,
    sources=st.frozensets(st.integers(1, 99)),
    classes=st.frozensets(WORDS),
    tags=st.frozensets(WORDS),
    formats=st.frozensets(WORDS),
    sizes=st.frozensets(RANGES),
    dates=st.frozensets(RANGES),
    text=st.text(),
    state=st.sampled_from(["present", "missing", "removed"]),
    contents=st.none() | st.lists(st.integers(1, 2**31 - 1)).map(tuple),
)
LIKE = st.builds(
    Question,
    wanted=st.lists(PICTURES | TYPED, min_size=1, max_size=4).map(tuple),
    unwanted=st.lists(PICTURES | TYPED, max_size=3).map(tuple),
    filter=FILTERS,
    encoder=st.none() | WORDS,
    k=st.integers(1, 10**6),
    is_negated=st.booleans(),
)
BETWEEN = st.builds(
    Question, wanted=st.tuples(PICTURES, PICTURES), kind=st.just("between"), filter=FILTERS
)
ODDEST = st.builds(Question, kind=st.just("oddest"), filter=FILTERS, is_negated=st.booleans())


@given(LIKE | BETWEEN | ODDEST)
def test_nothing_is_lost_in_json(question: Question) -> None:
    text = to_json(question)
    assert from_json(text) == question
    assert to_json(from_json(text)) == text
    assert describe(question)


def test_names_that_are_not_utf_8_survive(tmp_path: Path) -> None:
    example = asking.of_file(tmp_path / "caf\udce9.jpg")
    assert from_json(to_json(Question((example,)))).wanted == (example,)


def test_another_version_and_damage_are_refused_in_a_sentence() -> None:
    document = json.loads(to_json(Question((asking.of_words("red"),))))
    with pytest.raises(UsageError, match="another version"):
        from_json(json.dumps({**document, "version": 2}))
    damaged = [
        *("", "[]", "null", "{}", "{"),
        json.dumps({**document, "filter": {"shape": 3}}),
        json.dumps({**document, "wanted": [{"unheard": 1}]}),
        json.dumps({**document, "wanted": "red"}),
        json.dumps({**document, "k": "many"}),
        json.dumps({**document, "wanted": [{"sha256": "not a hash"}]}),
        json.dumps({**document, "wanted": [{"image_id": 1, "weight": "heavy"}]}),
    ]
    for text in damaged:
        with pytest.raises(UsageError, match="damaged"):
            from_json(text)


def test_pasted_pictures_are_compared_by_their_pixels_and_not_saved() -> None:
    grey, white = (np.full((4, 5, 3), value, np.uint8) for value in (128, 255))
    assert asking.of_pixels(grey) == asking.of_pixels(grey.copy())
    assert asking.of_pixels(grey) != asking.of_pixels(white)
    with pytest.raises(UsageError, match="cannot be saved"):
        to_json(Question((asking.of_pixels(grey),)))


NAN, INF = float("nan"), float("inf")
IMAGE, TEXT = asking.of_image(1), asking.of_words("red")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question(), "at least one image"),
        (Question((IMAGE,), k=0), "at least one image"),
        (Question((asking.of_image(1, weight=NAN),)), "weight"),
        (Question((asking.of_image(1, weight=INF),)), "weight"),
        (Question((IMAGE,), (asking.of_image(2, weight=-1),)), "weight"),
        (Question((asking.of_image(1, region=(0, 0, 0, 1)),)), "no area"),
        (Question((asking.of_image(1, region=(0.2, 0, 0.9, 1)),)), "outside"),
        (Question((asking.of_image(1, region=(-0.1, 0, 0.9, 1)),)), "outside"),
        (Question((asking.of_image(1, region=(0, 0, NAN, 1)),)), "four numbers"),
        (Question((asking.of_image(1, region=(0, 0, INF, 1)),)), "four numbers"),
        (Question((Example(words="red", region=(0, 0, 1, 1)),)), "words have none"),
        (Question((IMAGE,), kind="between"), "two images"),
        (Question((IMAGE, TEXT), kind="between"), "two images"),
        (Question((IMAGE, IMAGE), (IMAGE,), kind="between"), "takes nothing away"),
        (Question((IMAGE, IMAGE), kind="between", is_negated=True), "reversed"),
        (Question((IMAGE,), kind="oddest"), "unlike anything"),
        (Question((IMAGE,), kind="strange"), "no kind"),  # type: ignore[arg-type]
    ],
)
def test_what_makes_no_sense_is_refused(question: Question, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check(question)


def test_words_for_chips() -> None:
    photo = asking.of_image(7, "/photos/IMG_3.jpg")
    part = asking.of_image(7, "/photos/IMG_3.jpg", region=(0, 0, 0.5, 0.5))
    apples = Filter(classes=frozenset({"Apple"}), tags=frozenset({"b", "a"}))
    said = [
        (Question((photo,), (asking.of_words("car"),), filter=apples),
         "like IMG_3.jpg, less like car, class Apple, tag a or b"),
        (Question((part, IMAGE)), "like a part of IMG_3.jpg and image 1"),
        (Question((photo,) * 5), "like IMG_3.jpg and IMG_3.jpg and IMG_3.jpg and 2 more"),
        (Question((photo, IMAGE), kind="between"), "between IMG_3.jpg and image 1"),
        (Question((TEXT,)).negated(), "least like red"),
        (Question(kind="oddest"), "unlike anything"),
        (Question((asking.of_pixels(np.zeros((2, 2, 3), np.uint8)),)), "like a pasted picture"),
    ]  # fmt: skip
    for question, words in said:
        assert describe(question) == words
    assert Question((TEXT,)).negated().negated() == Question((TEXT,))
