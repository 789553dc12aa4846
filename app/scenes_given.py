"""Scenes of vectors that were made elsewhere: the dialog empty, refused, with a preview, with rows left out; the page
Encoders with them on it."""

import csv
from pathlib import Path

import numpy as np

from app.photographer import SIZE_PX, Photographer
from app.presenters.given import GivenPresenter
from core.catalogue import embeddings as rows
from core.operations import embeddings, given, images
from core.project import Project

SMALL_PX = (1280, 720)
DIM, SEED = 768, 11
NAME = "dinov2 export"


def take(camera: Photographer, place: Path) -> None:
    """All of them; ``place`` is a folder for files of vectors, as somebody might have one. The vectors go again."""
    application, window = camera.application, camera.application.window
    file = _make_file(camera.explore.document.project, place)
    for size in (SIZE_PX, SMALL_PX):
        window.resize(*size)
        suffix = "" if size == SIZE_PX else "-small"
        application.commands.import_embeddings()
        presenter = application.popups._given
        assert presenter is not None
        if size == SIZE_PX:
            camera.wait()
            _both(camera, presenter, "given-empty")
            presenter.show_file(_odd_file(place))
            camera.wait()
            _both(camera, presenter, "given-refused")
            presenter.show_file(_nameless_file(place))
            camera.wait()
            _both(camera, presenter, "given-nameless")
        presenter.show_file(file)
        camera.wait()
        _both(camera, presenter, f"given-preview{suffix}")
        presenter.dialog.show_tab(1)
        _both(camera, presenter, f"given-left-out{suffix}")
        if size != SIZE_PX:
            presenter.dialog.reject()
            continue
        presenter.dialog.name.setText(NAME)
        presenter.apply()
        camera.wait()
        camera.both("given-imported")
        _taken(camera, file, place)
        _page(camera)
    given.remove(camera.explore.document.project, NAME)


def _taken(camera: Photographer, file: Path, place: Path) -> None:
    """A name that other vectors have."""
    camera.application.window.banner.hide()
    other = place / "newer.npy"
    np.save(other, np.load(file) + np.float32(0.5))
    other.with_name("newer.npy.csv").write_bytes(file.with_name(f"{file.name}.csv").read_bytes())
    presenter = camera.application.popups.show_given(other)
    assert presenter is not None
    camera.wait()
    presenter.dialog.name.setText(NAME)
    presenter.dialog.name_changed.emit(NAME)
    _both(camera, presenter, "given-taken")
    presenter.dialog.reject()


def _page(camera: Photographer) -> None:
    """The page Encoders, and its card."""
    explore = camera.explore
    explore.switching.switch_to(f"given:{NAME}")
    camera.wait()
    explore.show_encoders()
    camera.wait()
    camera.application.window.banner.hide()
    for size in (SIZE_PX, SMALL_PX):
        camera.application.window.resize(*size)
        camera.wait()
        camera.both("given-card" if size == SIZE_PX else "given-card-small")
    camera.application.window.resize(*SIZE_PX)
    explore.document.switch_to(None)
    explore.show_browser()
    camera.wait()


def _both(camera: Photographer, presenter: GivenPresenter, name: str) -> None:
    camera.both(name, presenter.dialog)


def _make_file(project: Project, place: Path) -> Path:
    """Vectors of another model as a person might have them: without those of some images, with some that are of no
    use, and paths of another machine."""
    place.mkdir(parents=True, exist_ok=True)
    embedding = embeddings.require(project, None)
    with project.read() as session:
        owners = rows.owners(session, embedding.id)
    stored = project.vectors(embedding).read(0, len(owners)).astype(np.float32)
    row_of = {int(content): row for row, content in enumerate(owners)}
    every = images.describe(project, images.list_ids(project).tolist())
    random = np.random.default_rng(SEED)
    mix = random.normal(size=(embedding.dim, DIM)).astype(np.float32)
    kept = every[: len(every) * 9 // 10]
    made = np.stack([stored[row_of[one.content_id]] for one in kept]) @ mix
    made[7], made[11] = np.nan, 0
    with (place / "dinov2.npy.csv").open("w", newline="", encoding="utf-8") as table:
        out = csv.writer(table)
        out.writerow(["path", "model"])
        for number, one in enumerate(kept):
            folder, _, name = one.path.rpartition("/")
            shown = f"/data/images/{folder.rpartition('/')[2]}/{name}"
            out.writerow([shown if number % 40 else f"/data/images/old/{name}.bak", "dinov2"])
    np.save(place / "dinov2.npy", made)
    return place / "dinov2.npy"


def _odd_file(place: Path) -> Path:
    np.save(place / "features.npy", np.ones((40, 7, 7, 16), np.float32))
    return place / "features.npy"


def _nameless_file(place: Path) -> Path:
    np.save(place / "vectors only.npy", np.ones((40, 16), np.float32))
    return place / "vectors only.npy"
