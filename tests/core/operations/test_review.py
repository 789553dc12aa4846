"""The review over a catalogue: what it asks, what follows, undo and redo, and going on after a restart."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kept_folders import put_back

from core.catalogue import images as image_rows
from core.catalogue import links as link_rows
from core.catalogue import pairs as pair_rows
from core.catalogue.links import KINDS, Links
from core.catalogue.records import VERDICTS, Verdict
from core.changes import Changes
from core.duplicates.records import Card, Group, Key
from core.duplicates.verdicts import Verdicts
from core.errors import UndoRefused, UsageError
from core.operations import history, pair_cards, pairs, review, sources
from core.operations import links as link_operations
from core.operations.review import Review
from core.project import Project


@pytest.fixture
def tmp_path(kept: Path, make_picture: Callable[..., object]) -> Path:
    """A folder with eight pictures and a catalogue that has taken them in, as it was made once."""

    def fill(home: Path) -> None:
        for number in range(8):
            folder = home / "photos" / ("one" if number < 4 else "two")
            folder.mkdir(parents=True, exist_ok=True)
            size = (24, 16) if number < 4 else (96, 64)
            make_picture(number, size=size).save(folder / f"{number}.png")  # type: ignore[attr-defined]
        with Project.create(home / "test.lookalike") as new:
            sources.import_folders(new, [home / "photos"], embed=False)

    return put_back(kept, "review", fill)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "test.lookalike") as opened:
        yield opened


@pytest.fixture
def contents(project: Project) -> list[int]:
    """Contents of eight pictures: four in each of two folders, the second folder's files larger."""
    with project.read() as session:
        by_path = {one.path: one for one in image_rows.describe(session, range(1, 9))}
    return [by_path[path].content_id for path in sorted(by_path)]


def link(
    project: Project, keys: Sequence[Key], scores: Sequence[float] | None = None, kind: str = "near"
) -> None:
    """Links as verifying would have stored them."""
    count = len(keys)
    ends = np.array([sorted(key) for key in keys], dtype=np.int32).reshape(-1, 2)
    made = Links(
        ends[:, 0], ends[:, 1],
        np.asarray(scores if scores is not None else np.linspace(0.95, 0.6, count), np.float32),
        np.full(count, KINDS.index(kind), dtype=np.uint8),  # type: ignore[arg-type]
        np.full(count, link_rows.difference_bits(["size", "cropped"]), dtype=np.uint32),
        np.tile(np.array([[1, 0.5]], dtype=np.float32), (count, 1)),
        np.tile(np.array([[[1, 0, 0], [0, 1, 0.25]]], dtype=np.float32), (count, 1, 1)),
    )  # fmt: skip
    link_operations.update(project)
    with project.write() as session:
        link_rows.clear(session)
        link_rows.append(session, made, np.zeros(0, dtype=np.int64))
    project.let_go("links")


def keys(cards: Sequence[Card]) -> list[Key]:
    return [card.key for card in cards]


def pairs_of(contents: Sequence[int]) -> list[Key]:
    return [(min(pair), max(pair)) for pair in itertools.combinations(contents, 2)]


def test_a_card_says_all_of_its_link(project: Project, contents: list[int]) -> None:
    a, b, c = sorted(contents[:3])
    link(project, [(a, b), (b, c)], [0.9, 0.7], "part-of")
    card = Review.begin(project, order="score").upcoming(5)[0]
    assert (card.key, card.kind, card.differs) == ((a, b), "part-of", ("size", "cropped"))
    assert card.score == pytest.approx(0.9) and card.overlaps == (1.0, 0.5)
    assert card.transform.tolist() == [[1, 0, 0], [0, 1, 0.25]]
    with project.read() as session:
        assert image_rows.of_contents(session, [a, b]) == {a: [card.a_image], b: [card.b_image]}
    assert 0.5 < card.chance < 1 and (card.settles, card.if_duplicate) == (pytest.approx(1), 1)


def test_a_pair_asked_for_by_name_is_as_likely_as_in_the_queue(
    project: Project, contents: list[int]
) -> None:
    a, b, c, d = sorted(contents[:4])
    link(project, [(a, b), (c, d)], [0.9, 0.7])
    asked = Review.begin(project, order="score").upcoming(5)
    found = pair_cards.cards(project, [(d, c), (b, a), (a, c), (a, 10**6)])
    assert keys(found) == [(c, d), (a, b), (a, c)]
    assert [one.chance for one in found[:2]] == pytest.approx(
        [one.chance for one in asked[::-1]], abs=1e-3
    )
    assert abs(found[0].chance - found[0].score) > 0.01  # calibrated, not the score itself
    assert [(one.a_image, one.b_image) for one in found[:2]] == [
        (one.a_image, one.b_image) for one in asked[::-1]
    ]
    assert (found[2].score, found[2].chance) == (0.0, 0.5)


def test_answers_settle_what_follows_and_a_verdict_keeps_its_score(
    project: Project, contents: list[int]
) -> None:
    a, b, c, d = sorted(contents[:4])
    link(project, [(a, b), (b, c), (a, c), (c, d), (b, d)])
    sitting = Review.begin(project, order="score")
    left = sitting.remaining()
    assert (left.pairs, left.judged, left.followed, left.seconds) == (5, 0, 0, None)
    first, *_ = sitting.upcoming(1)
    judged = sitting.answer(project, first, "duplicate")
    assert (judged.changes, judged.followed) == (Changes.PAIRS | Changes.HISTORY, 0)
    assert judged.contradiction is None
    second = sitting.upcoming(1)[0]
    assert second.key == (b, c) and (second.if_duplicate, second.if_different) == (2, 2)
    assert sitting.answer(project, second, "duplicate").followed == 1
    assert keys(sitting.upcoming(9)) == [(c, d)]  # (b, d) would be settled with it
    assert sitting.answer(project, sitting.upcoming(1)[0], "different").followed == 1
    left = sitting.remaining()
    assert (left.pairs, left.questions, left.judged, left.followed) == (0, 0, 3, 2)
    assert sitting.upcoming(3) == [] and left.seconds == 0
    with project.read() as session:
        said = pair_rows.said_of(session, [(b, c)])[b, c]
    assert said.score == pytest.approx(second.score) and said.origin == "person"


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("score", [0, 1, 2, 3]),
        ("least", [3, 2, 1, 0]),
        ("folder", [0, 1, 2, 3]),
    ],
)
def test_orders(project: Project, contents: list[int], order: str, wanted: list[int]) -> None:
    """Pairs of no common content: two small, one of each, two large."""
    small, large = contents[:4], contents[4:]
    links = [(small[0], small[1]), (small[2], large[0]), (small[3], large[1]), (large[2], large[3])]
    link(project, links, [0.95, 0.9, 0.82, 0.76])
    found = Review.begin(project, order=order).upcoming(9)  # type: ignore[arg-type]
    assert keys(found) == [tuple(sorted(links[place])) for place in wanted]


def test_by_gain_what_is_worth_most_comes_first(project: Project, contents: list[int]) -> None:
    """The worth is p^2 (uncertainty in bits + 1) and a little, times what the answer is expected to settle."""
    a, b, c, d, e, f, *_ = sorted(contents)
    link(project, [(a, b), (a, c), (b, c), (c, d), (e, f)], [0.97, 0.9, 0.85, 0.8, 0.7])
    pairs.judge(project, a, b, "duplicate")
    found = Review.begin(project).upcoming(9)
    assert len(found) == 3 and found[0].settles == pytest.approx(2)
    worth = []
    for one in found:
        p = one.chance
        bits = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
        worth.append((p * p * (bits + 1) + 0.005) * one.settles)
    assert worth == sorted(worth, reverse=True) and len(set(worth)) > 1


def test_by_size_the_largest_files_come_first(
    project: Project, contents: list[int], tmp_path: Path
) -> None:
    links = [tuple(contents[place : place + 2]) for place in (0, 2, 4, 6)]
    link(project, links)  # type: ignore[arg-type]
    files = sorted((tmp_path / "photos").rglob("*.png"))
    size = {content: file.stat().st_size for content, file in zip(contents, files, strict=True)}
    found = [
        sum(size[one] for one in card.key)
        for card in Review.begin(project, order="size").upcoming(9)
    ]
    assert len(found) == 4 and found == sorted(found, reverse=True) != [found[0]] * 4


def test_kinds_and_a_floor(project: Project, contents: list[int]) -> None:
    links = pairs_of(contents[:3])
    link(project, links, [0.9, 0.5, 0.7])
    assert len(Review.begin(project, lowest=0.6).upcoming(9)) == 2
    assert Review.begin(project, kinds=("part-of",)).upcoming(9) == []
    with pytest.raises(UsageError, match="no kind"):
        Review.begin(project, kinds=("far",))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="ordered"):
        Review.begin(project, order="colour")  # type: ignore[arg-type]


def test_undo_brings_the_pair_back_as_the_current_one(
    project: Project, contents: list[int]
) -> None:
    links = [(contents[0], contents[1]), (contents[2], contents[3]), (contents[4], contents[5])]
    link(project, links)
    sitting = Review.begin(project, order="score")
    first, second, third = sitting.upcoming(3)
    sitting.answer(project, first, "different")
    sitting.answer(project, second, "duplicate")
    text = history.state(project).undo_text or ""
    assert text.startswith("Mark “") and text.endswith("” as duplicates")
    history.undo(project)
    history.undo(project)
    sitting.refresh(project)
    assert {card.key for card in sitting.upcoming(2)} == {first.key, second.key}
    history.redo(project)
    sitting.refresh(project)
    assert keys(sitting.upcoming(3)) == keys([second, third])
    # A review that is begun anew asks the same, whatever was on screen.
    assert keys(Review.begin(project, order="score").upcoming(3)) == keys([second, third])


def test_skipped_pairs_come_at_the_end_and_the_way_back_is_kept(
    project: Project, contents: list[int]
) -> None:
    links = [(contents[0], contents[1]), (contents[2], contents[3]), (contents[4], contents[5])]
    link(project, links)
    sitting = Review.begin(project, order="score")
    first, second, third = sitting.upcoming(3)
    sitting.skip(first)
    assert keys(sitting.upcoming(3)) == keys([second, third, first])
    sitting.answer(project, second, "duplicate")
    again = sitting.back()
    assert again is not None and again.key == second.key
    assert keys(sitting.upcoming(3)) == keys([second, third, first])
    sitting.answer(project, again, "different")
    assert keys(sitting.upcoming(3)) == keys([third, first])
    assert [one.verdict for one in pairs.list_pairs(project)] == ["different"]
    for wanted in (second, first):
        back = sitting.back()
        assert back is not None and back.key == wanted.key
    assert sitting.back() is None


def test_new_links_are_taken_up_and_what_was_skipped_stays_skipped(
    project: Project, contents: list[int]
) -> None:
    links = [(contents[0], contents[1]), (contents[2], contents[3])]
    link(project, links)
    sitting = Review.begin(project, order="score")
    sitting.skip(sitting.upcoming(1)[0])
    link(project, [*links, (contents[4], contents[5])], [0.9, 0.8, 0.7])
    sitting.refresh(project)
    found = keys(sitting.upcoming(5))
    assert found == [tuple(sorted(links[1])), tuple(sorted(contents[4:6])), tuple(sorted(links[0]))]


def test_a_judged_pair_is_not_asked_again_when_it_is_found_anew(
    project: Project, contents: list[int]
) -> None:
    """By another encoder, or by a better method: the link is another, the contents are the same."""
    links = pairs_of(contents[:4])
    link(project, links)
    sitting = Review.begin(project)
    asked = []
    for verdict in ("unsure", "similar"):
        card = sitting.upcoming(1)[0]
        sitting.answer(project, card, verdict)  # type: ignore[arg-type]
        asked.append(card.key)
    link(project, links[::-1], kind="part-of")
    sitting.refresh(project)
    for each in (sitting, Review.begin(project, order="least")):
        found = keys(each.bulk(project, lowest=0))
        assert len(found) == 4 and not set(found) & set(asked)


def test_what_is_said_elsewhere_is_followed(project: Project, contents: list[int]) -> None:
    a, b, c = sorted(contents[:3])
    link(project, [(a, b), (b, c), (a, c)])
    sitting = Review.begin(project)
    pairs.judge(project, a, b, "duplicate")
    pairs.judge(project, b, c, "duplicate", score=0.5)
    sitting.refresh(project)
    assert sitting.upcoming(3) == []
    judged = pairs.judge(project, a, c, "different")
    assert judged.contradiction is not None and judged.contradiction.follows == "duplicate"
    assert [step.verdict for step in judged.contradiction.chain] == ["duplicate"] * 2
    assert pairs.contradictions(project)[0].pair == (a, c)
    history.undo(project)
    assert pairs.contradictions(project) == []


def test_a_card_whose_pictures_are_gone_is_a_sentence(
    project: Project, contents: list[int]
) -> None:
    link(project, [(contents[0], contents[1])])
    sitting = Review.begin(project)
    card = sitting.upcoming(1)[0]
    with project.write() as session:
        session.exec_driver_sql("DELETE FROM images")
        session.exec_driver_sql("DELETE FROM contents")
    with pytest.raises(UsageError, match="no longer"):
        sitting.answer(project, card, "duplicate")
    assert pairs.list_pairs(project) == []
    assert history.state(project).undo_text is None


def test_bulk_takes_open_pairs_of_a_score_a_group_or_two_folders(
    project: Project, contents: list[int], tmp_path: Path
) -> None:
    small, large = contents[:4], contents[4:]
    links = [(small[0], small[1]), (small[0], large[0]), (small[1], large[0]), (large[0], large[1])]
    links = [(min(key), max(key)) for key in links]
    link(project, links, [0.95, 0.9, 0.8, 0.7])
    photos = tmp_path / "photos"
    assert keys(review.bulk(project, lowest=0.75)) == links[:3]
    both = (str(photos / "one"), str(photos / "two"))
    assert keys(review.bulk(project, lowest=0, folders=both)) == links[1:3]
    assert keys(review.bulk(project, lowest=0, folders=(both[1], both[1]))) == links[3:]
    assert len(review.bulk(project, lowest=0, folders=(str(photos), str(photos)))) == 4
    group = Group((small[0], small[1], large[0]), (), (), None, False, 0)
    assert keys(review.bulk(project, lowest=0, group=group)) == links[:3]
    assert review.bulk(project, lowest=0, kinds=("part-of",)) == []
    with pytest.raises(UsageError, match="no folder"):
        review.bulk(project, lowest=0, folders=("/nowhere", both[0]))
    before = pairs.list_pairs(project)
    assert before == []  # nothing is kept until it is said
    sitting = Review.begin(project)
    chosen = sitting.bulk(project, lowest=0.85)
    pairs.judge_many(
        project, keys(chosen), "duplicate", "Accept 2 pairs", scores=[one.score for one in chosen]
    )
    assert history.state(project).undo_text == "Accept 2 pairs"
    assert keys(review.bulk(project, lowest=0.75)) == []  # the third follows
    with project.read() as session:
        assert pair_rows.said_of(session, links[:1])[links[0]].score == pytest.approx(0.95)
    history.undo(project)
    sitting.refresh(project)
    assert len(sitting.bulk(project, lowest=0.75)) == 3


_talk = st.lists(
    st.tuples(
        st.sampled_from(["answer", "answer", "answer", "bulk", "undo", "undo", "redo", "open"]),
        st.integers(0, 5),
        st.sampled_from(VERDICTS),
    ),
    max_size=12,
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_talk)
def test_whatever_is_said_undone_and_done_again_the_queue_is_that_of_what_is_kept(
    project: Project, contents: list[int], talk: list[tuple[str, int, Verdict]]
) -> None:
    """Through closing and opening the catalogue; the verdicts kept tell alone what is open."""
    every = pairs_of(contents[:5])
    with project.write(durable=True) as session:
        pair_rows.say(session, dict.fromkeys([(one.a, one.b) for one in pair_rows.every(session)]))
        session.exec_driver_sql("DELETE FROM history")
    link(project, every)
    path, own = project.path, project
    sitting = Review.begin(own)
    done: list[dict[Key, Verdict]] = [{}]
    undone: list[dict[Key, Verdict]] = []
    try:
        for act, number, verdict in talk:
            now = dict(done[-1])
            if act == "open":
                own.close()
                own = Project.open(path)
                sitting = Review.begin(own)
            elif act in ("undo", "redo"):
                try:
                    (history.undo if act == "undo" else history.redo)(own)
                except UndoRefused:
                    assert not (done[1:] if act == "undo" else undone)
                else:
                    if act == "undo":
                        undone.append(done.pop())
                    else:
                        done.append(undone.pop())
                sitting.refresh(own)
            elif act == "bulk":
                said = dict.fromkeys(every[number : number + 3], verdict)
                if pairs.judge_many(own, list(said), verdict, "Many"):
                    done.append({**now, **said})
                    undone.clear()
                sitting.refresh(own)
            elif cards := sitting.upcoming(number + 1):
                card = cards[-1]
                assert sitting.answer(own, card, verdict).changes
                done.append({**now, card.key: verdict})
                undone.clear()
            kept = {(one.a, one.b): one.verdict for one in pairs.list_pairs(own)}
            assert kept == done[-1]
            known = Verdicts((*key, one) for key, one in kept.items())
            wanted = {key for key in every if key not in kept and known.follows(*key) is None}
            assert {card.key for card in sitting.bulk(own, lowest=0)} == wanted
            assert sitting.remaining().pairs == len(wanted)
            assert {card.key for card in sitting.upcoming(99)} <= wanted
            assert pairs.contradictions(own) == known.contradictions()
    finally:
        if own is not project:
            own.close()
            project.__dict__.update(Project.open(path).__dict__)
