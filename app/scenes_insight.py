"""Scenes of the page Insight: doubted labels, leaks of a split, classes and an embedding, on photos in folders."""

import csv
import random
from pathlib import Path

from app.photographer import SIZE_PX, Photographer
from core.changes import Changes
from core.operations import images, labels
from core.project import Project

SMALL_PX = (1280, 720)
MISFILED, SEED = 24, 5


def take(camera: Photographer, place: Path) -> None:
    """Every tab in both sizes; ``place`` is a folder for a table of labels and a split."""
    explore, window = camera.explore, camera.application.window
    page = explore.insight
    explore.show_insight()
    camera.wait()
    page.show_tab("splits")
    camera.wait()
    camera.both("insight-no-split")
    _import(camera, place)
    for size in (SIZE_PX, SMALL_PX):
        window.resize(*size)
        suffix = "" if size == SIZE_PX else "-small"
        for tab in ("labels", "splits", "classes", "embedding"):
            page.show_tab(tab)
            camera.wait()
            page.first_focus().setFocus()
            window.banner.hide()
            camera.wait()
            camera.both(f"insight-{tab}{suffix}")
    window.resize(*SIZE_PX)
    page.show_tab("splits")
    camera.wait()
    if page.splits.stack.is_body_shown:
        page.splits.save.click()
        camera.wait()
        camera.both("insight-no-leaks")
        camera.application.commands.undo()
        camera.wait()
    camera.application.commands.undo()  # of the labels: the catalogue is as it was
    camera.wait()
    window.banner.hide()
    explore.show_browser()
    camera.wait()


def _import(camera: Photographer, place: Path) -> None:
    """Labels as a person might have them: some wrong, and a split that was drawn by chance."""
    place.mkdir(parents=True, exist_ok=True)
    document, noise = camera.explore.document, random.Random(SEED)
    table = place / "labels.csv"
    every = images.describe(document.project, images.list_ids(document.project).tolist())
    names = sorted({one.folder_class for one in every})
    wrong = set(noise.sample([one.id for one in every], min(MISFILED, len(every) // 4)))
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "split"))
        for one in every:
            name = noise.choice(names) if one.id in wrong else one.folder_class
            part = noise.choices(("train", "val", "test"), (8, 1, 1))[0]
            writer.writerow((one.path, name, part))
    document.edit("Importing labels", _apply, table)
    camera.wait()


def _apply(project: Project, table: Path) -> Changes:
    return labels.apply_labels(project, table).changes
