"""Demo images are drawn the same each time, written once, and as broken or upright as they claim."""

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps, UnidentifiedImageError

from core.demo import DemoItem, make_images, render, truth
from core.demo.images import draw
from core.jobs import Cancelled, Job


def _first(kind: str) -> DemoItem:
    return next(item for item in truth().items if item.kind == kind)


def _open(item: DemoItem) -> Image.Image:
    image = Image.open(io.BytesIO(render(item)))
    image.load()
    return image


def _fake(_: Callable[[DemoItem], bytes], items: Sequence[DemoItem]) -> Iterable[bytes]:
    return (item.path.encode() for item in items)


def test_the_same_bytes_each_time() -> None:
    item = _first("original")
    one = render(item)
    draw.cache_clear()
    assert hashlib.sha256(render(item)).digest() == hashlib.sha256(one).digest()


@pytest.mark.parametrize("family", truth().families)
def test_every_family_draws(family: str) -> None:
    item = next(item for item in truth().items if item.family == family and item.number == 1)
    picture = draw(item)
    width, height = item.size_px
    assert picture.shape == (height, width, 3)
    assert picture.std() > 15, "flat"
    assert 40 < picture.mean() < 245 or family in ("planets", "cities at night")


def test_exact_copies_have_the_same_bytes() -> None:
    copy = _first("exact")
    original = next(item for item in truth().items if item.path == copy.of)
    assert render(copy) == render(original)


@pytest.mark.parametrize(
    "kind", ["crop", "recompressed", "mirrored", "recoloured", "caption", "resized", "turned"]
)
def test_edits_change_the_file_but_not_the_subject(kind: str) -> None:
    copy = _first(kind)
    original = next(item for item in truth().items if item.path == copy.of)
    assert render(copy) != render(original)
    edited, source = _open(copy).convert("RGB"), Image.fromarray(draw(original))
    if kind == "mirrored":
        edited = ImageOps.mirror(edited)
    if kind == "turned":
        assert edited.size == source.size[::-1]
    elif kind in ("crop", "resized"):
        assert edited.width < source.width and edited.height < source.height
    else:
        assert edited.width >= source.width and edited.height >= source.height
    if kind in ("mirrored", "recompressed"):
        change = np.abs(np.asarray(edited, np.float32) - np.asarray(source, np.float32))
        assert change.mean() < 6


@pytest.mark.parametrize("variant", ["orientation-3", "orientation-6", "orientation-8"])
def test_orientation_shows_upright(variant: str) -> None:
    item = next(item for item in truth().items if item.variant == variant)
    upright = ImageOps.exif_transpose(_open(item)).convert("RGB")
    picture = draw(item)
    assert upright.size == item.size_px
    assert np.abs(np.asarray(upright, np.float32) - picture.astype(np.float32)).mean() < 6


def test_grey_and_transparent() -> None:
    modes = {
        item.variant: _open(item).mode
        for item in truth().items
        if item.variant in ("grey", "alpha")
    }
    assert modes == {"grey": "L", "alpha": "RGBA"}


def test_unreadable_files_fail() -> None:
    broken = [item for item in truth().items if item.kind == "unreadable"]
    for item in broken:
        with pytest.raises((UnidentifiedImageError, OSError)):
            _open(item)
    assert sorted(len(render(item)) > 1000 for item in broken) == [False, False, True]


def test_writing_is_complete_and_done_once(tmp_path: Path) -> None:
    known = make_images(tmp_path, map_items=_fake)
    files = {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert files == {item.path for item in known.items}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    job = Job()
    make_images(tmp_path, job, map_items=_fake)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    assert job.progress.done == 0

    lost = tmp_path / known.items[5].path
    lost.unlink()
    make_images(tmp_path, map_items=_fake)
    assert lost.read_bytes() == known.items[5].path.encode()


def test_a_cancelled_job_keeps_whole_files(tmp_path: Path) -> None:
    job = Job()

    def stop_after_three(
        work: Callable[[DemoItem], bytes], items: Sequence[DemoItem]
    ) -> Iterable[bytes]:
        for at, data in enumerate(_fake(work, items)):
            if at == 3:
                job.cancel()
            yield data

    with pytest.raises(Cancelled):
        make_images(tmp_path, job, map_items=stop_after_three)
    names = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert len(names) == 4
    assert not any(name.endswith(".part") for name in names)
