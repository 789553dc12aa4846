"""Scenes of the panels Groups and Threshold, and of the sheet on which many pairs are answered at once."""

from collections.abc import Callable

from PySide6.QtCore import Qt

from app.photographer import SIZE_PX, Photographer

SMALL_PX = (1280, 720)


def take(camera: Photographer, only: str = "") -> None:
    """All of them, on a catalogue in which duplicates were found, or the one that is named."""
    explore = camera.explore
    explore.show_duplicates()
    for name, scene in SCENES.items():
        if only in ("", name):
            scene(camera)
    camera.application.window.banner.hide()
    explore.duplicates.show_panel("groups")
    camera.wait()


def _groups(camera: Photographer) -> None:
    panel = camera.explore.duplicates.groups
    camera.explore.duplicates.show_panel("groups")
    camera.wait()
    panel.order.setCurrentIndex(panel.order.findData("size"))
    panel.order_chosen.emit("size")
    camera.wait()
    panel.list.setCurrentIndex(panel.model.index(0, 0))
    camera.wait()
    camera.both("groups")


def _link(camera: Photographer) -> None:
    """A link that is chosen: both pictures, and the two sides of a cut."""
    graph = camera.explore.duplicates.groups.graph
    weakest = graph.graph.weakest
    graph.choose_line(weakest if weakest is not None else 0)
    camera.wait()
    camera.both("groups-link")


def _cut(camera: Photographer) -> None:
    """Parted, and taken back."""
    explore = camera.explore
    explore.deduplicating.groups.cut()
    camera.wait()
    camera.both("groups-parted")
    camera.application.commands.undo()
    camera.wait()


def _judged(camera: Photographer) -> None:
    """A group with verdicts of every kind."""
    explore = camera.explore
    panel, graph = explore.duplicates.groups, explore.duplicates.groups.graph
    for verdict, at in (("duplicate", 0), ("different", -1), ("unsure", -2)):
        lines = sorted(range(len(graph.graph.lines)), key=lambda one: -graph.graph.lines[one].score)
        graph.choose_line(lines[at])
        explore.deduplicating.groups.mark(verdict)  # type: ignore[arg-type]
        camera.wait()
    graph.choose_line(-1)
    panel._choose_member(graph.graph.nodes[1].content_id, Qt.KeyboardModifier.NoModifier)
    camera.wait()
    camera.both("groups-judged")
    for _ in range(3):
        camera.application.commands.undo()
        camera.wait()


def _small(camera: Photographer) -> None:
    camera.explore.duplicates.show_panel("groups")
    window = camera.application.window
    window.resize(*SMALL_PX)
    camera.wait()
    camera.both("groups-small")
    window.resize(*SIZE_PX)
    camera.wait()


def _threshold(camera: Photographer) -> None:
    explore = camera.explore
    explore.duplicates.show_panel("threshold")
    camera.wait()
    camera.both("threshold")
    explore.duplicates.threshold.plot.setFocus()
    explore.duplicates.threshold.plot._say(0.9)
    camera.wait()
    camera.both("threshold-moved")
    camera.application.commands.undo()
    camera.wait()


def _bulk(camera: Photographer) -> None:
    bulk = camera.explore.deduplicating.bulk
    bulk.open()
    camera.wait()
    assert bulk.sheet is not None
    bulk.sheet.tiles.turned.emit([2])
    bulk.sheet.tiles.turned.emit([5])
    camera.both("bulk", bulk.sheet)
    bulk.sheet.reject()
    camera.wait()


SCENES: dict[str, Callable[[Photographer], None]] = {
    "groups": _groups,
    "link": _link,
    "cut": _cut,
    "judged": _judged,
    "small": _small,
    "threshold": _threshold,
    "bulk": _bulk,
}
