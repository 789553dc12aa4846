"""Search: stored neighbours, files inside and outside the catalogue, filters inside the search."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue.filters import Filter, parse_filter
from core.errors import EncoderError, ImageError, UsageError
from core.operations import images, neighbours, search, sources
from core.project import Project


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def brute_force(project: Project, image_id: int) -> list[str]:
    """Paths by falling cosine with the image, from the encoder itself."""
    encoder = project.keep("encoder:builtin", lambda: None)
    ids = images.list_ids(project).tolist()
    squares = np.stack(
        [
            np.asarray(
                Image.fromarray(images.picture(project, one)).resize(
                    (16, 16), Image.Resampling.HAMMING, reducing_gap=2.0
                )
            )
            for one in ids
        ]
    )
    vectors = encoder.encode_images(squares)  # type: ignore[attr-defined]
    scores = vectors @ vectors[ids.index(image_id)]
    order = [ids[row] for row in np.argsort(-scores, kind="stable") if ids[row] != image_id]
    return [one.path for one in images.describe(project, order)]


def test_stored_and_asked_agree_with_brute_force(filled: Project) -> None:
    for image_id in images.list_ids(filled)[::4].tolist():
        expected = brute_force(filled, image_id)[:5]
        assert [hit.path for hit in neighbours.of_image(filled, image_id, 5)] == expected
        asked = search.similar_to_images(filled, [image_id], k=5)
        assert [hit.path for hit in asked] == expected
        assert all(a.score >= b.score for a, b in itertools.pairwise(asked))


def test_an_exact_duplicate_comes_first_and_the_query_is_left_out(
    filled: Project, photos: Path
) -> None:
    found = search.similar_to_files(filled, [photos / "discs" / "disc-0.png"], k=20)
    assert found[0].path == f"{photos}/squares/disc-0 copy.png"
    assert found[0].score == pytest.approx(1, abs=1e-3)
    assert len(found) == 12
    assert str(photos / "discs" / "disc-0.png") not in [hit.path for hit in found]


def test_a_file_outside_the_catalogue(filled: Project, photos: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes((photos / "triangles" / "triangle-2.png").read_bytes())
    (hit,) = search.similar_to_files(filled, [outside], k=1)
    assert hit.path.endswith("triangle-2.png") and hit.score > 0.99


def test_pasted_pixels_find_their_image(
    filled: Project, make_picture: Callable[..., Image.Image]
) -> None:
    rgb = np.asarray(make_picture(11, shape=1))
    (hit,) = search.similar_to_picture(filled, rgb, k=1)
    assert hit.path.endswith("square-1.png") and hit.score > 0.99


def test_filters_count_before_k(filled: Project, photos: Path) -> None:
    query = [photos / "discs" / "disc-0.png"]
    found = search.similar_to_files(filled, query, k=4, wanted=parse_filter("class:triangles"))
    assert len(found) == 4 and all("/triangles/" in hit.path for hit in found)
    assert search.similar_to_files(filled, query, k=4, wanted=Filter(text="copy"))[0].score > 0.99


def test_less_like_moves_the_answer(filled: Project, photos: Path) -> None:
    query, against = photos / "discs" / "disc-0.png", photos / "discs" / "disc-1.png"
    plain = {hit.path: hit.score for hit in search.similar_to_files(filled, [query], k=12)}
    moved = {
        hit.path: hit.score
        for hit in search.similar_to_files(filled, [query], minus=[against], k=12)
    }
    assert str(against) not in moved
    assert plain.keys() - moved.keys() == {str(against)}


def test_a_region_asks_for_a_part(filled: Project, photos: Path, tmp_path: Path) -> None:
    both = Image.new("RGB", (192, 72))
    for place, name in enumerate(("discs/disc-2.png", "triangles/triangle-3.png")):
        with Image.open(photos / name) as picture:
            both.paste(picture, (96 * place, 0))
    both.save(tmp_path / "both.png")
    (hit,) = search.similar_to_files(filled, [tmp_path / "both.png"], region=(0.5, 0, 0.5, 1), k=1)
    assert hit.path.endswith("triangle-3.png") and hit.score > 0.99


def test_what_cannot_be_asked(filled: Project, photos: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no file"):
        search.similar_to_files(filled, [tmp_path / "nowhere.png"])
    with pytest.raises(ImageError, match="cannot be read"):
        search.similar_to_files(filled, [photos / "discs" / "broken.jpg"])
    with pytest.raises(UsageError):
        search.similar_to_files(filled, [])
    with pytest.raises(EncoderError, match="no encoder named"):
        search.similar_to_files(filled, [photos / "discs" / "disc-0.png"], encoder="nothing")


def test_an_empty_catalogue_says_what_to_do(project: Project, photos: Path) -> None:
    with pytest.raises(EncoderError, match="no vectors"):
        search.similar_to_files(project, [photos / "discs" / "disc-0.png"])
    assert neighbours.of_image(project, 1) == []
