"""Candidates compared on pixels in a catalogue: links, refuted pairs, the same pixels in other files, what waits."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps, PngImagePlugin

from core.catalogue.links import KINDS, Links, difference_names, joined, pair_keys
from core.jobs import Cancelled, Job
from core.operations import images, sources, verification
from core.operations.verification import verify
from core.project import Project

Pair = tuple[str, str]


def drawn(seed: int) -> Image.Image:
    random = np.random.default_rng(seed)
    ground = random.integers(60, 190, (4, 5, 3), dtype=np.uint8)
    made = Image.fromarray(ground).resize((320, 240), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(made)
    for _ in range(50):
        x, y, radius = random.uniform((0, 0, 4), (320, 240, 26))
        colour = tuple(int(one) for one in random.integers(0, 256, 3))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return made


def noted(text: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", text)
    return info


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One picture in six files, and another."""
    root = tmp_path_factory.mktemp("pictures")
    one = drawn(1)
    one.save(root / "one.png")
    one.save(root / "noted.png", pnginfo=noted("the same, with words that nobody sees"))
    one.save(root / "one.bmp")
    one.save(root / "one.jpg", quality=95)
    ImageOps.mirror(one).save(root / "mirrored.png")
    one.crop((0, 0, 240, 180)).save(root / "part.png")
    drawn(2).save(root / "other.png")
    return root


def imported(project: Project, root: Path) -> dict[str, int]:
    """Contents by name."""
    sources.import_folders(project, [root], embed=False)
    found = images.describe(project, images.list_ids(project).tolist())
    return {each.name: each.content_id for each in found}


@pytest.fixture
def ids(project: Project, pictures: Path, tmp_path: Path) -> dict[str, int]:
    """Contents by name, of pictures that a test may remove."""
    shutil.copytree(pictures, tmp_path / "pictures")
    return imported(project, tmp_path / "pictures")


def verified(
    project: Project, ids: dict[str, int], pairs: list[Pair]
) -> tuple[dict[Pair, tuple[str, tuple[str, ...]]], Links, NDArray[np.int64]]:
    """What each pair is and how it differs; all links; all that were refuted."""
    a, b = (np.array([ids[pair[side]] for pair in pairs], dtype=np.int32) for side in (0, 1))
    found = list(verify(project, a, b, Job()))
    links = joined([each for each, _ in found])
    rows = {int(key): row for row, key in enumerate(links.keys)}
    told = {}
    for pair, key in zip(pairs, pair_keys(a, b).tolist(), strict=True):
        if key in rows:
            row = rows[key]
            told[pair] = KINDS[links.kinds[row]], difference_names(int(links.differs[row]))
    return told, links, np.concatenate([none for _, none in found])


def test_what_each_pair_is(project: Project, ids: dict[str, int]) -> None:
    pairs = [
        ("one.png", "noted.png"),
        ("one.bmp", "one.png"),
        ("one.jpg", "one.png"),
        ("one.png", "mirrored.png"),
        ("part.png", "one.png"),
        ("one.png", "other.png"),
    ]
    told, links, refuted = verified(project, ids, pairs)
    assert told == {
        ("one.png", "noted.png"): ("pixels", ("metadata",)),
        ("one.bmp", "one.png"): ("pixels", ("format",)),
        ("one.jpg", "one.png"): ("near", ("format",)),
        ("one.png", "mirrored.png"): ("near", ("mirrored",)),
        ("part.png", "one.png"): ("part-of", ("cropped",)),
    }
    assert refuted.tolist() == pair_keys(*np.array([[ids["one.png"]], [ids["other.png"]]])).tolist()
    assert np.all(links.a < links.b)
    part = int(np.flatnonzero(links.kinds == KINDS.index("part-of"))[0])
    ends = (links.a[part], links.b[part])
    shares = {int(one): share for one, share in zip(ends, links.overlaps[part], strict=True)}
    assert shares[ids["one.png"]] == pytest.approx(0.5625, abs=0.02)
    assert shares[ids["part.png"]] == pytest.approx(1.0, abs=0.02)


def test_the_order_of_a_pair_and_of_pairs_is_no_matter(
    project: Project, ids: dict[str, int]
) -> None:
    pairs = [("one.png", "part.png"), ("mirrored.png", "one.jpg"), ("one.bmp", "other.png")]
    _, there, none = verified(project, ids, pairs)
    _, back, again = verified(project, ids, [pair[::-1] for pair in pairs[::-1]])
    order = np.argsort(there.keys), np.argsort(back.keys)
    assert np.array_equal(there.transforms[order[0]], back.transforms[order[1]])
    assert np.array_equal(there.scores[order[0]], back.scores[order[1]])
    assert np.array_equal(none, again)


def test_a_lost_thumbnail_is_made_again_and_without_its_file_a_pair_waits(
    project: Project, ids: dict[str, int], tmp_path: Path
) -> None:
    project.thumbnails.keep_only(set())
    (tmp_path / "pictures" / "other.png").unlink()
    told, _, refuted = verified(project, ids, [("one.png", "one.jpg"), ("one.png", "other.png")])
    assert told == {("one.png", "one.jpg"): ("near", ("format",))} and len(refuted) == 0


def test_of_frames_and_deep_values_more_than_the_first_eight_bits_are_no_same_pixels(
    project: Project, tmp_path: Path
) -> None:
    root = tmp_path / "pictures"
    root.mkdir()
    pages = [drawn(seed) for seed in (1, 2)]
    for name in ("pages.tif", "frames.webp"):
        pages[0].save(root / name, save_all=True, append_images=pages[1:], lossless=True)
    assert cv2.imwrite(
        str(root / "deep.png"), np.asarray(pages[0])[..., ::-1].astype(np.uint16) * 257
    )
    pages[0].save(root / "one.png")
    pages[0].save(root / "one.bmp")
    ids = imported(project, root)
    pairs = [(name, "one.png") for name in ("deep.png", "frames.webp", "one.bmp", "pages.tif")]
    told, _, _ = verified(project, ids, pairs)
    assert {one: kind for (one, _), (kind, _) in told.items()} == {
        "deep.png": "near",
        "frames.webp": "near",
        "one.bmp": "pixels",
        "pages.tif": "near",
    }


def test_a_file_that_went_is_near_and_not_the_same_pixels(
    project: Project, ids: dict[str, int], tmp_path: Path
) -> None:
    (tmp_path / "pictures" / "one.bmp").unlink()
    told, _, _ = verified(project, ids, [("one.bmp", "one.png")])
    assert told == {("one.bmp", "one.png"): ("near", ("format",))}


def test_a_file_that_shows_something_else_by_now_is_not_the_same_pixels(
    project: Project, ids: dict[str, int], tmp_path: Path
) -> None:
    shutil.copy(tmp_path / "pictures" / "one.png", tmp_path / "pictures" / "one.jpg")
    told, _, _ = verified(project, ids, [("one.jpg", "one.png")])
    assert told == {("one.jpg", "one.png"): ("near", ("format",))}


def test_what_was_given_out_before_a_cancel_stands(
    project: Project, ids: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "BATCH", 2)
    first = np.array([ids["one.png"]] * 4, dtype=np.int32)
    others = ("noted.png", "one.jpg", "mirrored.png", "part.png")
    job = Job()
    batches = verify(project, first, np.array([ids[one] for one in others]), job)
    links, refuted = next(batches)
    assert (len(links), len(refuted)) == (2, 0)
    job.cancel()
    with pytest.raises(Cancelled):
        next(batches)
