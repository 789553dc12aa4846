"""Filters as words: what is written of a filter is read as the very same one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.filters import Filter, filter_expression, parse_filter, year_range

WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
ENDS = st.none() | st.integers(0, 10**13)
DAY_NS = 86_400 * 10**9
DAYS = st.none() | st.integers(1, 30_000).map(lambda day: day * DAY_NS)
SAID = st.builds(
    Filter,
    classes=st.frozensets(WORDS, max_size=3),
    tags=st.frozensets(WORDS, max_size=3),
    formats=st.frozensets(st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF"])),
    sizes=st.frozensets(st.tuples(ENDS, ENDS), max_size=2),
    dates=st.frozensets(
        st.tuples(DAYS, DAYS) | st.integers(1971, 2100).map(year_range), max_size=2
    ),
    text=st.sampled_from(["", "sunset", "two  words", "it's", 'a "b" c', "-", "#1"]),
    state=st.sampled_from(["present", "missing", "removed"]),
)


@given(SAID)
@settings(max_examples=60, deadline=None)
def test_what_can_be_said_is_read_again(wanted: Filter) -> None:
    words = filter_expression(wanted)
    assert words is not None and parse_filter(words) == wanted


@given(
    st.builds(
        Filter,
        sources=st.frozensets(st.integers(0, 5), max_size=2),
        contents=st.none() | st.tuples(st.integers(0, 9)),
        dates=st.frozensets(st.tuples(st.integers(-(10**30), 10**30), st.none()), max_size=1),
        formats=st.frozensets(WORDS, max_size=1),
        text=WORDS,
    )
)
@settings(max_examples=60, deadline=None)
def test_what_cannot_be_said_is_not_said_otherwise(wanted: Filter) -> None:
    words = filter_expression(wanted)
    assert words is None or parse_filter(words) == wanted
    if wanted.sources or wanted.contents is not None:
        assert words is None


def test_it_reads_as_people_write() -> None:
    wanted = Filter(
        classes=frozenset({"Red apple"}), dates=frozenset({year_range(2024)}),
        sizes=frozenset({(None, 100_000)}), text="shelf",
    )  # fmt: skip
    assert filter_expression(wanted) == "'class:Red apple' size:..100000 date:2024 shelf"
    assert filter_expression(Filter()) == ""
