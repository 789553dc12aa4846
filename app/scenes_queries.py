"""Scenes of every kind of search: more and less, between, least, oddest, parts, saved, on the map."""

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from app.photographer import Photographer
from app.selection import Ids
from core.catalogue.filters import Filter
from core.operations import images, indexes

PART = (0.22, 0.2, 0.48, 0.5)
INDEXED = 1_000


def take(camera: Photographer) -> None:
    """All of them, on whatever is open; what they save and tag is taken back."""
    explore = camera.explore
    camera.application.window.banner.hide()
    classes = [str(one.value) for one in explore.browse.facets.classes]
    first, second, third = (_ids(camera, name) for name in classes[:3])
    _more_and_less(camera, first, second)
    _saved(camera)
    _between(camera, int(first[0]), int(second[0]))
    _ends(camera, int(third[0]))
    _accuracy(camera, int(third[0]))
    _parts(camera, int(first[1]))
    explore.browse.clear()
    explore.document.selection.clear()
    camera.wait()


def _ids(camera: Photographer, name: str) -> Ids:
    project = camera.explore.document.project
    return images.list_ids(project, Filter(classes=frozenset({name})))


def _more_and_less(camera: Photographer, first: Ids, second: Ids) -> None:
    explore = camera.explore
    explore.document.selection.set(first[:2])
    camera.wait()
    explore.asking.like_selection()
    camera.wait()
    explore.document.selection.set(explore.browse.listing.ids[4:5])
    camera.wait()
    explore.asking.less_like_selection()
    camera.wait()
    camera.both("query-more-and-less")
    menu = camera.application.popups.show_found_menu(QPoint(0, 0))
    button = explore.query_bar.more
    place = button.mapTo(camera.application.window, QPoint(button.width(), button.height() + 4))
    menu.move(camera.application.window.pos() + place - QPoint(menu.width(), 0))
    camera.both("query-menu", menu)
    menu.close()
    explore.querying.ask_tag()
    camera.wait()
    camera.both("query-tag")
    explore.query_bar.close_field()
    camera.application.actions.actions["show-found"].trigger()
    camera.wait()
    camera.both("query-on-map")
    explore.map.canvas.fit()
    explore.document.selection.clear()
    camera.wait()


def _saved(camera: Photographer) -> None:
    explore = camera.explore
    explore.querying.ask_name()
    camera.wait()
    QTest.keyClicks(explore.query_bar.inline.field, "Like these two")
    camera.both("query-save")
    explore.querying.save("Like these two")
    camera.wait()
    explore.asking.oddest()
    camera.wait()
    explore.querying.save("Odd ones")
    camera.wait()
    explore.asking.turn_round()
    camera.wait()
    explore.querying.save("The usual")
    camera.wait()
    explore.browse.clear()
    camera.wait()
    explore.saving.open()
    camera.wait()
    camera.both("saved-searches", explore.saved)
    line = explore.saved.lines[1]
    line.start_renaming()
    camera.both("saved-rename", explore.saved)
    line.stop_renaming()
    explore.saved.hide()
    for name in explore.saving.names:
        explore.saving.remove(name)
        camera.wait()
    camera.application.window.banner.hide()


def _between(camera: Photographer, one: int, other: int) -> None:
    explore = camera.explore
    explore.document.selection.set([one, other])
    camera.wait()
    explore.asking.between_selected()
    camera.wait()
    camera.both("query-between")


def _ends(camera: Photographer, one: int) -> None:
    explore = camera.explore
    explore.browse.end_search()
    explore.document.selection.set([one])
    camera.wait()
    explore.asking.less_like_selection()
    camera.wait()
    camera.both("query-least")
    explore.document.selection.clear()
    explore.asking.oddest()
    camera.wait()
    camera.both("query-oddest")
    explore.browse.clear()
    explore.browse.set_sort("oddness", False)
    camera.wait()
    camera.both("grid-by-oddness")
    explore.browse.set_sort("path", False)
    camera.wait()


def _accuracy(camera: Photographer, one: int) -> None:
    """The ways to search as a large catalogue offers them, measured on this one."""
    explore = camera.explore
    document = explore.document
    if len(explore.browse.listing) < INDEXED:
        return
    changed = document.changed.emit
    document.compute("Index", indexes.build, least_rows=INDEXED, on_done=changed)
    camera.wait()
    explore.document.selection.set([one])
    explore.asking.like_selection()
    camera.wait()
    camera.both("query-accuracy")
    explore.browse.clear()
    document.compute("Index", indexes.build, on_done=changed)  # it is too small for one
    camera.wait()


def _parts(camera: Photographer, one: int) -> None:
    explore = camera.explore
    explore.document.selection.set([one])
    camera.wait()
    preview = explore.inspector.preview
    target = preview._target()
    begin, end = (
        QPointF(target.x() + x * target.width(), target.y() + y * target.height())
        for x, y in (PART[:2], (PART[0] + PART[2], PART[1] + PART[3]))
    )
    QTest.mousePress(preview, Qt.MouseButton.LeftButton, pos=begin.toPoint())
    for share in (0.5, 1.0):
        QTest.mouseMove(preview, (begin + (end - begin) * share).toPoint())
    camera.both("part-in-inspector")
    preview.part.leave()
    QTest.mouseRelease(preview, Qt.MouseButton.LeftButton, pos=end.toPoint())
    explore.begin_part()
    camera.wait()
    camera.both("part-in-full-view")
    explore.full.part.leave()
    explore.asking.like_part(one, PART)
    camera.wait()
    camera.both("query-part-offer")
    explore.parts.look_inside()
    camera.wait()
    camera.application.window.banner.hide()
    explore.document.selection.set(explore.browse.listing.ids[2:3])
    camera.wait()
    camera.both("query-part")
    explore.open_current()
    camera.wait()
    camera.both("part-found")
    explore.show_browser()
    camera.wait()
    explore.document.selection.set(np.array([one]))
