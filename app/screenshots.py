"""Pictures of every view, light and dark, drawn offscreen: for the README, the guide and our own eyes."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from app import (
    scenes,
    scenes_about,
    scenes_compare,
    scenes_duplicates,
    scenes_encoders,
    scenes_export,
    scenes_given,
    scenes_groups,
    scenes_insight,
    scenes_map,
    scenes_queries,
    scenes_removal,
    scenes_training,
    scenes_words,
)
from app.photographer import SIZE_PX, Photographer, calm, surroundings, window
from core.operations import demo

DATE_S = 1_780_000_000


def take_all(folder: Path, home: Path | None = None, *, photos: Path | None = None) -> list[Path]:
    """Every view, light and dark, of the demo images (or of ``photos``); returns the files.

    ``home`` is where the folders lie that some pictures show with their paths, such as /home/me; it
    must not exist, and is removed at the end. Without it they lie in a temporary folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place, surroundings(Path(place)), calm(), _home(home) as somewhere:
        is_demo = photos is None
        if photos is None:
            photos = Path(gettempdir()) / "lookalike-screenshots" / "Demo"
            demo.make_images(photos)
            for file in photos.rglob("*.*"):  # the same date in every picture taken
                os.utime(file, (DATE_S, DATE_S))
        with window() as application:
            camera = Photographer(application, folder)
            _start_page(camera)
            scenes_about.take(camera)
            _import(camera, photos)
            _explore(camera)
            _search(camera, photos)
            scenes_queries.take(camera)
            if is_demo:
                scenes_words.take(camera, photos, photos.with_name("demo-words"))
            scenes_encoders.take(camera, somewhere / "Models")
            scenes_insight.take(camera, somewhere / "Labels")
            scenes_map.take(camera)
            _other_pages(camera)
            scenes_training.take(camera)
            scenes_compare.take(camera)
            scenes_duplicates.take(camera)
            scenes_training.take_without_labels(camera, somewhere)
            application.commands.close_catalogue()
            camera.wait()
            scenes.take(camera, photos, somewhere)
            return camera.saved


def take_scenes(folder: Path, photos: Path, home: Path | None = None) -> list[Path]:
    """Only the scenes that need folders of their own, with copies of ``photos``."""
    with _studio(folder, home) as (camera, somewhere):
        scenes.take(camera, photos, somewhere)
        return camera.saved


def take_training(folder: Path, photos: Path, home: Path | None = None) -> list[Path]:
    """Only the Train view, on ``photos`` in class folders."""
    with _studio(folder, home) as (camera, somewhere):
        camera.open(photos)
        scenes_training.take(camera)
        scenes_training.take_without_labels(camera, somewhere)
        return camera.saved


def take_queries(
    folder: Path, catalogue: Path, *, size_px: tuple[int, int] = SIZE_PX
) -> list[Path]:
    """Only the scenes of searches, on a catalogue: parts of its pictures are looked at in it."""
    with _studio(folder, None) as (camera, _):
        camera.application.window.resize(*size_px)
        camera.open(catalogue)
        scenes_queries.take(camera)
        return camera.saved


def take_insight(folder: Path, catalogue: Path) -> list[Path]:
    """Only the page Insight, on a catalogue of images in class folders, which is left as it was."""
    with _studio(folder, None) as (camera, somewhere):
        camera.open(catalogue)
        scenes_insight.take(camera, somewhere)
        return camera.saved


def take_compare(folder: Path, catalogue: Path) -> list[Path]:
    """Only the page Compare, on a catalogue with two embeddings, or a run that has none yet."""
    with _studio(folder, None) as (camera, _):
        camera.open(catalogue)
        scenes_compare.take(camera)
        return camera.saved


def take_duplicates(folder: Path, catalogue: Path) -> list[Path]:
    """Only the review of duplicates, on a catalogue, of which pairs are judged."""
    with _studio(folder, None) as (camera, _):
        camera.open(catalogue)
        scenes_duplicates.take(camera)
        return camera.saved


def take_groups(folder: Path, catalogue: Path) -> list[Path]:
    """Only the panels Groups and Threshold and the sheet of many answers, on a catalogue in which duplicates were
    found; what is answered for a picture is undone."""
    with _studio(folder, None) as (camera, _):
        camera.open(catalogue)
        scenes_groups.take(camera)
        return camera.saved


def take_removal(folder: Path, photos: Path) -> list[Path]:
    """Only the panel Removal, on copies of ``photos``, some of which truly go to a trash of their own."""
    with _studio(folder, None) as (camera, somewhere):
        os.environ["XDG_DATA_HOME"] = str(somewhere / "data")  # before anything is sent there
        shutil.copytree(photos, somewhere / "Photos")
        scenes_removal.make_copies(somewhere / "Photos")
        camera.open(somewhere / "Photos")
        scenes_removal.take(camera)
        return camera.saved


def take_export(folder: Path, catalogue: Path, out: Path, *, only: str = "") -> list[Path]:
    """Only the page Export, on a catalogue; what is exported goes to ``out``, which is made and removed; ``only``
    names one part of it."""
    with _studio(folder, out) as (camera, somewhere):
        camera.open(catalogue)
        scenes_export.take(camera, somewhere, only)
        return camera.saved


def take_given(folder: Path, catalogue: Path) -> list[Path]:
    """Only the import of vectors that were made elsewhere, on a catalogue, which is left as it was."""
    with _studio(folder, None) as (camera, somewhere):
        camera.open(catalogue)
        scenes_given.take(camera, somewhere / "Vectors")
        return camera.saved


def take_map(
    folder: Path, catalogue: Path, *, size_px: tuple[int, int] = SIZE_PX, only: str = ""
) -> list[Path]:
    """Only the map, on a catalogue, which gets layouts that it has not; ``only`` names one scene of it."""
    with _studio(folder, None) as (camera, _):
        camera.application.window.resize(*size_px)
        camera.open(catalogue)
        scenes_map.take(camera, only)
        return camera.saved


@contextmanager
def _studio(folder: Path, home: Path | None) -> Iterator[tuple[Photographer, Path]]:
    """A window that is ready, and a place for folders of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as place,
        surroundings(Path(place)),
        calm(),
        _home(home) as somewhere,
        window() as application,
    ):
        camera = Photographer(application, folder)
        camera.wait(lambda: application.shell.opening is not None)
        camera.wait()
        yield camera, somewhere


def take_main(project_path: Path, out: Path) -> Path:
    """The main window on a catalogue; returns the file."""
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as place,
        surroundings(Path(place)),
        calm(),
        window() as application,
    ):
        camera = Photographer(application, out.parent)
        application.theme.choose("dark")
        camera.wait(lambda: application.shell.opening is not None)
        application.shell.open_path(project_path)
        camera.wait()
        _select_nth(camera, 3)
        application.window.grab().save(str(out))
    return out


@contextmanager
def _home(wanted: Path | None) -> Iterator[Path]:
    """A folder that is removed at the end: the one that is wanted, or any."""
    if wanted is None:
        with TemporaryDirectory() as place:
            yield Path(place) / "me"
        return
    wanted.mkdir()  # never one with somebody's files in it
    try:
        yield wanted
    finally:
        shutil.rmtree(wanted)


def _start_page(camera: Photographer) -> None:
    shell = camera.application.shell
    camera.wait(lambda: shell.opening is not None)
    camera.wait()
    data = "/home/me/.local/share/Lookalike"
    recents = [
        (f"{data}/Holidays-0123456789.lookalike", "/home/me/Pictures/Holidays"),
        (f"{data}/Holidays-9876543210.lookalike", "/media/archive/2019/Holidays"),
        ("/home/me/Projects/Scans.lookalike", "/home/me/Projects/scanner/out and 2 more"),
    ]
    camera.both("start")
    shell.window_.start.set_recents(recents)
    camera.both("start-recent")
    shell.window_.start.set_recents([])


def _import(camera: Photographer, photos: Path) -> None:
    """The window in the middle of an import, then at its end."""
    shell = camera.application.shell
    shell.open_path(photos)

    def has_some() -> bool:
        explore = shell.explore
        running = [state for state in shell.jobs.states if state.total and state.per_s]
        return bool(running) and explore is not None and len(explore.browse.listing) > 40

    camera.wait(lambda: has_some() or (shell.explore is not None and not shell.runner.tasks))
    until_s = time.monotonic() + 1.0
    camera.wait(lambda: time.monotonic() > until_s)
    for choice in ("light", "dark"):
        camera.application.theme.choose(choice)
        camera.save("importing")
    jobs = camera.application.popups.jobs
    jobs.open_above(shell.window_.status)
    camera.save("jobs", jobs)
    jobs.hide()
    camera.wait()
    shell.window_.banner.hide()


def _explore(camera: Photographer) -> None:
    explore = camera.explore
    explore.browse.set_sort("class", False)
    camera.wait()
    camera.both("explore")
    _select_nth(camera, 3)
    camera.both("explore-selected")
    explore.map.canvas.zoom(5)
    camera.wait()
    camera.both("map-zoomed")
    explore.map.canvas.fit()
    ids = explore.browse.listing.ids
    explore.document.selection.set(ids[8:20])
    camera.wait()
    explore.inspecting.add_tag("to compare")
    camera.wait()
    camera.both("inspector-several")
    explore.inspecting.remove_tag("to compare")
    explore.document.selection.clear()
    camera.wait()
    names = explore.browse.facets.classes
    explore.browse.set_value("class", names[0].value, True)
    explore.browse.set_value("class", names[1].value, True)
    camera.wait()
    camera.both("filtered")
    explore.filters.open_below(explore.search.filters)
    camera.both("filter-popup", explore.filters)
    explore.filters.hide()
    explore.browse.clear()
    camera.wait()


def _search(camera: Photographer, photos: Path) -> None:
    """An image from elsewhere: a turned and cropped picture of the catalogue, as if pasted."""
    explore = camera.explore
    ids = explore.browse.listing.ids
    paths: list[str] = []
    explore.document.selection.set([int(ids[len(ids) // 3])])
    explore.selected.with_paths(paths.extend)
    camera.wait()
    picture = QImage(paths[0])
    wide, high = picture.width(), picture.height()
    cut = picture.copy(wide // 10, high // 10, wide * 4 // 5, high * 4 // 5)
    explore.asking.like_picture(cut)
    camera.wait()
    camera.both("search-by-image")
    explore.browse.clear()
    camera.wait()


def _other_pages(camera: Photographer) -> None:
    application, explore = camera.application, camera.explore
    _select_nth(camera, 5)
    explore.open_current()
    camera.wait()
    camera.both("full-view")
    explore.full.zoom_by(4.0, QPointF(500, 300))
    camera.wait()
    camera.both("full-view-zoomed")
    explore.show_browser()
    for name, opened in (
        ("palette", application.popups.show_palette),
        ("shortcuts", application.popups.show_shortcuts),
    ):
        popup = opened()
        camera.wait()
        camera.both(name, popup)
        popup.reject()
        camera.wait()
    explore.browse.set_text("there is no such name")
    camera.wait()
    camera.both("nothing-matches")
    explore.browse.clear()
    camera.wait()


def _select_nth(camera: Photographer, number: int) -> None:
    ids = camera.explore.browse.listing.ids
    if len(ids):
        chosen = int(ids[min(number, len(ids) - 1)])
        camera.explore.document.selection.set(np.array([chosen]))
    camera.wait()
