"""Names of clusters: what is typical, what is mixed, what is nothing, each name once; medoids; the nearest cluster."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.catalogue.words_of_images import WordKind, Words
from core.clustering import middles
from core.clustering.middles import joined, medoids, without_strays
from core.clustering.naming import names
from core.jobs import Job
from core.search.vectors import Vectors


def words(kind: WordKind, of_rows: list[list[str]]) -> Words:
    known = sorted({word for one in of_rows for word in one})
    pairs = [(row, known.index(word)) for row, one in enumerate(of_rows) for word in one]
    rows, codes = zip(*pairs, strict=True) if pairs else ((), ())
    return Words(kind, known, np.array(rows, np.int64), np.array(codes, np.int32))


def test_what_is_typical_names_a_cluster() -> None:
    classes = ["milk"] * 9 + ["cream"] + ["milk", "cream"] * 5 + ["egg"] * 2 + [*"abcdefgh"] * 5
    codes = np.array([0] * 10 + [1] * 10 + [2] * 2 + [3] * 8 + [-1] * 32, dtype=np.int32)
    found = names(codes, [words("class", [[one] for one in classes])], len(codes))
    assert [one.text for one in found] == [
        "mostly milk, 90 %",
        "cream and milk",
        "egg",
        "Cluster 4",
    ]
    assert [one.word for one in found] == ["milk", "cream and milk", "egg", "Cluster 4"]
    assert [one.share for one in found] == [0.9, 1.0, 1.0, None]
    assert (found[0].class_name, found[0].class_share) == ("milk", 0.9)
    assert (found[3].class_name, found[3].class_share) == ("a", 0.125)


def test_what_everything_is_called_says_nothing() -> None:
    codes = np.array([0] * 10 + [-1] * 5, dtype=np.int32)
    (found,) = names(codes, [words("class", [["photos"]] * 15)], 15)
    assert found.text == "Cluster 1" and found.share is None
    assert (found.class_name, found.class_share) == ("photos", 1.0)


def test_the_word_that_tells_most_wins_and_a_class_before_a_folder() -> None:
    codes = np.array([0] * 10 + [1] * 10 + [-1] * 60, dtype=np.int32)
    classes = words("class", [["2019"]] * 14 + [["2020"]] * 66)
    tags = words("tag", [["sunset"]] * 9 + [[]] * 71)
    folders = words("folder", [["2019", "holiday"]] * 14 + [["2020"]] * 66)
    found = names(codes, [folders, tags, classes], 80)
    assert found[0].text == "mostly sunset, 90 %"
    assert names(codes, [folders, classes], 80)[0].text == "2019"
    assert names(codes, [folders], 80)[0].word in ("2019", "holiday")
    assert found[1].class_name == "2020"


def test_no_name_comes_twice() -> None:
    codes = np.repeat(np.arange(4), 5).astype(np.int32)
    classes = words("class", [["milk"]] * 5 + [["milk (2)"]] * 5 + [["milk"]] * 10)
    others = words("tag", [[f"own {row}"] for row in range(20)])
    found = names(codes, [classes, others], 200)
    assert [one.word for one in found] == ["milk", "milk (2)", "milk (3)", "milk (4)"]


def test_no_clusters_and_no_words() -> None:
    assert names(np.full(3, -1, np.int32), [words("class", [["a"]] * 3)], 3) == []
    assert names(np.zeros(0, np.int32), [], 0) == []
    (one,) = names(np.zeros(2, np.int32), [words("tag", [[], []])], 2)
    assert one.text == "Cluster 1" and one.class_name is None and one.class_share is None


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(1, 6), st.integers(0, 10**6))
def test_medoids_are_nearest_to_all_others(
    tmp_path_factory: pytest.TempPathFactory, count: int, clusters: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    vectors, places = stored(tmp_path_factory.mktemp("v"), count, random)
    codes = random.integers(-1, clusters, count).astype(np.int32)
    others = random.integers(-1, count, (count, 4)).astype(np.int32)
    found = medoids(vectors, places, codes, others, 3, Job())
    assert found.shape == (int(codes.max()) + 1, 3)
    unit = vectors.gather(places).astype(np.float64)
    for one in range(len(found)):
        members = np.flatnonzero(codes == one)
        if len(members) > 32:
            continue  # not all of them are compared
        kept = found[one][found[one] >= 0]
        assert len(kept) == min(3, len(members)) and set(kept) <= set(members)
        if len(members):
            apart = ((unit[members][:, None] - unit[members][None]) ** 2).sum(axis=(1, 2))
            best = dict(zip(members.tolist(), apart.tolist(), strict=True))
            assert [best[int(each)] for each in kept] == pytest.approx(
                sorted(best.values())[: len(kept)], abs=5e-3
            )


def stored(
    folder: Path, count: int, random: np.random.Generator
) -> tuple[Vectors, NDArray[np.int64]]:
    """Unit rows in another order than the contents, and where each content's is."""
    rows = random.standard_normal((count, 6)).astype(np.float32)
    vectors = Vectors(folder / "v", 6)
    vectors.write(0, rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return vectors, random.permutation(count)


def test_of_large_and_of_many_clusters_the_most_linked_are_typical(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(1)
    vectors, places = stored(tmp_path, 300, random)
    codes = np.repeat([0, 1], [200, 100]).astype(np.int32)
    others = np.where(np.arange(300)[:, None] < 200, np.arange(40), 200 + np.arange(40))
    found = medoids(vectors, places, codes, others.astype(np.int32), 4, Job())
    assert (found[0] < 40).all() and ((found[1] >= 200) & (found[1] < 240)).all()
    monkeypatch.setattr(middles, "_COMPARED", 1)
    fewer = medoids(vectors, places, codes, others.astype(np.int32), 4, Job())
    assert np.array_equal(fewer[0], found[0]) and fewer[1].tolist() == [200, 201, 202, 203]
    monkeypatch.setattr(middles, "_COMPARED", 1_024)
    monkeypatch.setattr(middles, "_AT_ONCE", 1)
    assert np.array_equal(medoids(vectors, places, codes, others.astype(np.int32), 4, Job()), found)
    lost = np.where(np.isin(np.arange(300), found[0, :1]), -1, places)
    assert found[0, 0] not in medoids(vectors, lost, codes, others.astype(np.int32), 4, Job())[0]


def test_those_on_their_own_go_to_the_nearest_cluster() -> None:
    others = np.array([[1, 2], [0, 2], [3, 4], [2, 4], [0, 3], [6, -1], [5, -1]], dtype=np.int32)
    codes = np.array([7, -1, -1, 3, -1, -1, -1], dtype=np.int32)
    assert joined(codes, others).tolist() == [7, 7, 3, 3, 7, -1, -1]
    assert codes.tolist() == [7, -1, -1, 3, -1, -1, -1]
    assert joined(np.zeros(0, np.int32), np.zeros((0, 3), np.int32)).tolist() == []


def test_those_far_off_are_not_of_a_cluster() -> None:
    codes = np.array([1, 0, 1, -1, 1, 0, 1], dtype=np.int32)
    reach = np.array([0.2, 0.5, 0.3, 0.9, 0.61, 0.9, 0.3], dtype=np.float32)
    assert without_strays(codes, reach).tolist() == [1, 0, 1, -1, -1, 0, 1]
    assert without_strays(codes[:0], reach[:0]).tolist() == []
    assert without_strays(np.full(2, -1, np.int32), reach[:2]).tolist() == [-1, -1]
