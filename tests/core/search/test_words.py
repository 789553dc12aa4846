"""What may be typed, what it means, and the laws of the query that is made of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.search import words
from core.search.words import Phrase, combine, describe, fill, parse

WORD = st.text("abcdefghijklmnopqrstuvwxyzäöüß日本'&.!-", min_size=1, max_size=8).filter(
    lambda text: text[0] not in "-" and text[-1] not in "-" and any(map(str.isalnum, text))
)
WEIGHT = st.integers(1, 40).map(lambda number: number / 4)
PHRASE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("typed", "meant", "shown"),
    [
        ("a street at night", [("a street at night", 1)], "a street at night"),
        ("beach, sunset", [("beach", 1), ("sunset", 1)], "beach + sunset"),
        (
            "golden beach^2, sunset",
            [("golden beach", 2), ("sunset", 1)],
            "golden beach ×2 + sunset",
        ),
        ("dog ^1.5 cat", [("dog", 1.5), ("cat", 1)], "dog ×1.5 + cat"),
        ("street -car at night", [("street at night", 1), ("car", -0.5)], "street at night −car"),
        ('street -"parked  car"^2', [("street", 1), ("parked car", -1)], "street −parked car ×2"),
        ("“golden hour” sea −people", [("golden hour", 1), ("sea", 1), ("people", -0.5)], None),
        ("„rot“ «vert»", [("rot", 1), ("vert", 1)], None),
        ('red "sports, car" sun', [("red", 1), ("sports, car", 1), ("sun", 1)], None),
        ("a black-and-white photo - old", [("a black-and-white photo - old", 1)], None),
        ('a 17" screen', [('a 17" screen', 1)], None),
        ("-car", [("car", -0.5)], "−car"),
        ("street -", [("street", 1)], "street"),
        ("street, -, ,", [("street", 1)], "street"),
        ('"-5 degrees"', [("-5 degrees", 1)], None),
        ("dog's bone: 16:9", [("dog's bone: 16:9", 1)], None),
    ],
)
def test_what_may_be_typed(typed: str, meant: list[tuple[str, float]], shown: str | None) -> None:
    phrases = parse(typed)
    assert [(one.text, one.weight) for one in phrases] == meant
    if shown is not None:
        assert describe(phrases) == shown


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "no words"),
        ("  , -, ^2 -^2 ", "no words"),
        ('""', "no words"),
        ("!?", "no words"),
        ('street "parked car', "quote is not closed"),
        ("sun^x", "is no number"),
        ("sun^", "is no number"),
        ("sun^0", "is no number"),
        ("sun^nan", "is no number"),
        ("sun^-1", "is no number"),
        ("sun^1e9", "is no number"),
        (", ".join("abcdefghijklmnopqrstuvwxyz"), "more than 20"),
        ("a" * 301, "longer than 300"),
        ("sun\udcff", "no letters"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(typed: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as told:
        parse(typed)
    assert told.value.sentence.endswith(".")


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(typed: str) -> None:
    try:
        phrases = parse(typed)
    except UsageError:
        return
    assert phrases and describe(phrases)
    for one in phrases:
        assert one.text == one.text.strip() != "" and one.weight != 0
    signs = [one.is_wanted for one in phrases]
    assert signs == sorted(signs, reverse=True)


@given(st.lists(st.tuples(PHRASE, WEIGHT, st.booleans()), min_size=1, max_size=5))
def test_what_is_written_in_full_is_read_as_written(
    parts: list[tuple[str, float, bool]],
) -> None:
    typed = " ".join(f'{"" if is_wanted else "-"}"{text}"^{w:g}' for text, w, is_wanted in parts)
    expected = [Phrase(text, w) for text, w, is_wanted in parts if is_wanted]
    expected += [Phrase(text, -w * words.LESS) for text, w, is_wanted in parts if not is_wanted]
    assert parse(typed) == expected


@given(st.lists(PHRASE, min_size=1, max_size=5))
def test_commas_separate(phrases: list[str]) -> None:
    assert [one.text for one in parse(", ".join(phrases))] == phrases


def rows(count: int, seed: int = 0) -> np.ndarray:
    found = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    unit: np.ndarray = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def test_every_template_holds_the_phrase_as_it_is() -> None:
    texts = fill([Phrase("a {} of {0}"), Phrase("sea")])
    assert len(texts) == 2 * len(words.TEMPLATES)
    assert texts[0] == "a {} of {0}" and texts[len(words.TEMPLATES)] == "sea"
    assert all("a {} of {0}" in one for one in texts[: len(words.TEMPLATES)])


def test_a_query_is_the_weighted_sum_of_the_means_of_the_templates() -> None:
    phrases = [Phrase("a", 2.0), Phrase("b"), Phrase("c", -0.5)]
    vectors = rows(3 * len(words.TEMPLATES))
    means = vectors.reshape(3, len(words.TEMPLATES), 16).mean(axis=1)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    expected = 2 * means[0] + means[1] - 0.5 * means[2]
    expected /= np.linalg.norm(expected)
    assert np.allclose(combine(phrases, vectors), expected, atol=1e-6)


@given(WEIGHT, st.permutations(range(4)), st.integers(0, 50))
def test_a_query_is_of_unit_length_and_knows_neither_order_nor_scale(
    factor: float, order: list[int], seed: int
) -> None:
    weights = [1.0, 2.0, 0.5, -0.5]
    vectors = rows(4, seed)
    phrases = [Phrase(str(place), weight) for place, weight in enumerate(weights)]
    query = combine(phrases, vectors, words.PLAIN)
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-5)
    scaled = [Phrase(one.text, one.weight * factor) for one in phrases]
    assert np.allclose(combine(scaled, vectors, words.PLAIN), query, atol=1e-5)
    turned = combine([phrases[place] for place in order], vectors[order], words.PLAIN)
    assert np.allclose(turned, query, atol=1e-5)


def test_one_phrase_alone_is_its_own_vector_and_words_may_cancel_out() -> None:
    (vector,) = rows(1)
    assert np.allclose(combine([Phrase("a", 3.0)], vector[None], words.PLAIN), vector, atol=1e-6)
    assert np.allclose(combine([Phrase("a", -0.5)], vector[None], words.PLAIN), -vector, atol=1e-6)
    with pytest.raises(UsageError, match="cancel each other out"):
        combine(parse("car -car^2"), np.stack([vector, vector]), words.PLAIN)
