"""Every kind of question: what it gives, in what order, and what it refuses, for catalogues of any size."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.catalogue.filters import parse_filter
from core.errors import EncoderError, ImageError, UsageError
from core.jobs import Cancelled, Job
from core.operations import images, neighbours, projects, search, sources
from core.operations.embeddings import require
from core.operations.questions import stored
from core.project import Project
from core.search import question as asking
from core.search.question import Question

Draw = Callable[..., Image.Image]


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


@pytest.fixture
def coloured(tmp_path: Path, flags: Path, colour_encoder: type) -> Iterator[Project]:
    """The flags, under an encoder that knows the names of their colours."""
    with projects.create(tmp_path / "flags.lookalike") as opened:
        opened.keep("encoder:builtin", colour_encoder)
        sources.import_folders(opened, [flags])
        yield opened


def vectors_of(project: Project, ids: list[int]) -> np.ndarray:
    return stored(project, require(project, None), ids)


FILTERS = st.sampled_from(["", "class:discs", "class:squares disc", "format:PNG", "nothing"])


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_k_are_given_where_so_many_exist_and_never_the_question_itself(
    filled: Project, data: st.DataObject
) -> None:
    ids = images.list_ids(filled).tolist()
    kind = data.draw(st.sampled_from(["like", "between"]))
    count = 2 if kind == "between" else data.draw(st.integers(1, 3))
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=count, max_size=count))
    regions = st.sampled_from([None, (0.1, 0.1, 0.6, 0.5)])
    wanted = tuple(asking.of_image(one, region=data.draw(regions)) for one in chosen)
    less = data.draw(st.lists(st.sampled_from(ids), max_size=2)) if kind == "like" else []
    question = Question(
        wanted,
        tuple(asking.of_image(one) for one in less),
        kind=kind,  # type: ignore[arg-type]
        k=data.draw(st.sampled_from([1, 2, 5, 12, 13, 14, 500])),
        filter=parse_filter(data.draw(FILTERS)),
        is_negated=kind == "like" and data.draw(st.booleans()),
    )
    found = search.ask(filled, question)
    passing = set(images.list_ids(filled, question.filter).tolist()) - {*chosen, *less}
    got = [one.image_id for one in found]
    assert len(got) == len(set(got)) == min(question.k, len(passing))
    assert set(got) <= passing
    assert all(-1 <= one.score <= 1 for one in found)
    if kind == "like":
        scores = [one.score for one in found]
        assert scores == sorted(scores, reverse=not question.is_negated)
    assert search.ask(filled, asking.from_json(asking.to_json(question))) == found


def test_a_duplicate_of_the_question_is_found(filled: Project, photos: Path) -> None:
    first = images.id_of_path(filled, photos / "discs/disc-0.png")
    assert first is not None
    for question in (
        Question((asking.of_image(first),), k=1),
        Question((asking.of_image(first), asking.of_image(first)), kind="between", k=1),
    ):
        (hit,) = search.ask(filled, question)
        assert hit.path.endswith("disc-0 copy.png") and hit.score == pytest.approx(1, abs=1e-3)


def test_between_is_the_lune_in_order_along_the_way(filled: Project) -> None:
    ids = images.list_ids(filled).tolist()
    rows = vectors_of(filled, ids)
    for a, b in ((0, 5), (3, 11), (1, 8)):
        found = search.ask(
            filled,
            Question((asking.of_image(ids[a]), asking.of_image(ids[b])), kind="between", k=4),
        )
        cosines = (rows @ rows[[a, b]].T).clip(-1, 1)
        lesser = cosines.min(axis=1)
        lesser[[a, b]] = -2
        best = np.sort(lesser)[::-1][:4]
        assert sorted((one.score for one in found), reverse=True) == pytest.approx(
            best.tolist(), abs=1e-5
        )
        places = [ids.index(one.image_id) for one in found]
        angles = np.arccos(cosines[places])
        along = angles[:, 0] / angles.sum(axis=1)
        assert np.all(np.diff(along) >= 0)


@pytest.mark.parametrize("by_torch", [False, True])
def test_what_is_near_to_one_end_is_not_between(
    project: Project,
    tmp_path: Path,
    make_picture: Draw,
    monkeypatch: pytest.MonkeyPatch,
    by_torch: bool,
) -> None:
    """Many near one end have a higher sum than what lies between: they must not crowd it out."""
    root = tmp_path / "crowd"
    root.mkdir()
    left, right = (np.asarray(make_picture(seed, shape=seed)) for seed in (1, 2))
    random = np.random.default_rng(0)
    for number in range(30):
        noise = random.integers(-3, 4, left.shape)
        near = (left.astype(int) + noise).clip(0, 255).astype(np.uint8)
        Image.fromarray(near).save(root / f"near-{number:02}.png")
    for share in (0.4, 0.5, 0.6):
        blend = (left * (1 - share) + right * share).astype(np.uint8)
        Image.fromarray(blend).save(root / f"blend-{share}.png")
    Image.fromarray(right).save(root / "right.png")
    sources.import_folders(project, [root])
    a, b = (images.id_of_path(project, root / one) for one in ("near-00.png", "right.png"))
    if by_torch:
        monkeypatch.setattr("core.operations.comparing._LITTLE_NUMBERS", 0)
    question = Question((asking.of_image(a or 0), asking.of_image(b or 0)), kind="between", k=3)
    names = [Path(one.path).name for one in search.ask(project, question)]
    assert names == ["blend-0.4.png", "blend-0.5.png", "blend-0.6.png"]
    few = replace(question, filter=parse_filter("blend-0.5"))
    assert [Path(one.path).name for one in search.ask(project, few)] == ["blend-0.5.png"]


def test_least_like_is_the_other_end(filled: Project) -> None:
    question = Question((asking.of_image(1),), (asking.of_image(2),), k=99)
    assert search.ask(filled, question.negated()) == search.ask(filled, question)[::-1]


def test_the_oddest(filled: Project, photos: Path) -> None:
    Image.effect_noise((96, 72), 120).save(photos / "discs" / "noise.png")
    sources.import_folders(filled, [photos])
    neighbours.build(filled)
    every = search.ask(filled, Question(kind="oddest", k=99))
    assert len(every) == 14
    scores = [one.score for one in every]
    assert scores == sorted(scores, reverse=True)
    few = search.ask(filled, Question(kind="oddest", k=2, filter=parse_filter("class:squares")))
    assert [one.path for one in few] == [
        one.path for one in every if Path(one.path).parent.name == "squares"
    ][:2]
    least = search.ask(filled, Question(kind="oddest", k=99, is_negated=True))
    assert [one.score for one in least] == scores[::-1]


def test_weights_move_the_answer(filled: Project) -> None:
    a, b = (asking.of_image(one) for one in images.list_ids(filled).tolist()[:2])
    rows = vectors_of(filled, [a.image_id or 0, b.image_id or 0])
    for weight in (0.25, 1.0, 7.0):
        found = search.ask(filled, Question((replace(a, weight=weight), b), k=5))
        query = weight * rows[0] + rows[1]
        query /= np.linalg.norm(query)
        expected = vectors_of(filled, [one.image_id for one in found]) @ query
        assert [one.score for one in found] == pytest.approx(expected.tolist(), abs=1e-4)
    same = [replace(one, weight=3.0) for one in (a, b)]
    assert search.ask(filled, Question(tuple(same), k=5)) == search.ask(
        filled, Question((a, b), k=5)
    )


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_images(project: Project, tmp_path: Path, make_picture: Draw, count: int) -> None:
    root = tmp_path / "few"
    root.mkdir()
    for number in range(count):
        make_picture(number).save(root / f"{number}.png")
    outside = tmp_path / "outside.png"
    make_picture(99).save(outside)
    sources.import_folders(project, [root])
    question = Question((asking.of_file(outside),), k=10)
    if not count:
        with pytest.raises(EncoderError, match="no vectors"):
            search.ask(project, question)
        return
    assert len(search.ask(project, question)) == count
    assert len(search.ask(project, replace(question, is_negated=True))) == count
    between = Question((asking.of_file(outside), asking.of_image(1)), kind="between", k=10)
    assert len(search.ask(project, between)) == count - 1
    assert len(search.ask(project, Question((asking.of_image(1),), k=10))) == count - 1


def test_what_is_gone_or_makes_no_sense(filled: Project, photos: Path) -> None:
    for unknown in (999, 0, -1):
        with pytest.raises(ImageError, match="no longer in the catalogue"):
            search.ask(filled, Question((asking.of_image(unknown),)))
    with pytest.raises(UsageError, match="no area"):
        search.ask(filled, Question((asking.of_image(1, region=(0, 0, 1, 0)),)))
    with pytest.raises(UsageError, match="weight"):
        search.ask(filled, Question((asking.of_image(1, weight=float("nan")),)))
    with pytest.raises(EncoderError, match="knows no words"):
        search.ask(filled, Question((asking.of_image(1), asking.of_words("red"))))
    stopped = Job()
    stopped.cancel()
    with pytest.raises(Cancelled):
        search.ask(filled, Question((asking.of_image(1),)), job=stopped)


def test_pasted_parts(filled: Project, photos: Path) -> None:
    with Image.open(photos / "discs/disc-2.png") as picture:
        left = np.asarray(picture.convert("RGB"))
    with Image.open(photos / "triangles/triangle-3.png") as picture:
        right = np.asarray(picture.convert("RGB"))
    both = np.concatenate([left, right], axis=1)
    (hit,) = search.ask(filled, Question((asking.of_pixels(both, region=(0.5, 0, 0.5, 1)),), k=1))
    assert hit.path.endswith("triangle-3.png") and hit.score > 0.99


def test_an_image_without_a_vector_asks_by_its_file(filled: Project, photos: Path) -> None:
    late = photos / "discs" / "late.png"
    late.write_bytes((photos / "squares/square-3.png").read_bytes()[:-1] + b"\x82\n")
    sources.import_folders(filled, [photos], embed=False)
    image_id = images.id_of_path(filled, late)
    assert image_id is not None
    found = search.ask(filled, Question((asking.of_image(image_id),), k=1))
    assert found[0].path.endswith("square-3.png") and found[0].score > 0.99


def test_words_and_pictures_together(coloured: Project, flags: Path) -> None:
    yellow = asking.of_file(flags / "yellow.png")
    plain = search.ask(coloured, Question((yellow,), k=36))
    mixed = search.ask(coloured, Question((yellow, asking.of_words("red")), k=36))
    place = [[Path(one.path).name for one in found].index("red.png") for found in (plain, mixed)]
    assert place[1] < place[0]
    heavy = search.ask(coloured, Question((yellow, asking.of_words("red", weight=5)), k=1))
    assert Path(heavy[0].path).name == "red.png"
