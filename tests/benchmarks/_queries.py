"""Asks every kind of search in a window, and prints what each took as JSON.

python tests/benchmarks/_queries.py CATALOGUE WORK_FOLDER
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from _application import start, until
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtGui import QImage

TURNS, WARM = 20, 2
LIMIT_S = 60.0
FILES = 64
gaps: list[float] = []
Ask = Callable[[int], None]


def main(catalogue: Path, work: Path) -> dict[str, Any]:
    """Everything in one window of 1440 x 900, offscreen where there is no display."""
    _qt, application = start(work)
    _wait(lambda: application.shell.opening is not None)
    application.shell.open_path(catalogue)
    _wait(lambda: application.shell.explore is not None)
    explore = application.shell.explore
    _wait(lambda: len(explore.browse.listing) > 0)
    explore.document.project.keep("encoder:builtin", stand_in)
    _rest(application)
    kinds = asks(explore, sorted((work / "files").glob("*.jpg")))
    times: dict[str, dict[str, list[float]]] = {
        kind: {"listed": [], "pictured": [], "cpu": []} for kind in kinds
    }
    for number in range(TURNS + WARM):
        if number == WARM:
            gaps.clear()
        for kind, ask in kinds.items():
            listed, pictured, cpu = _ask(application, ask, number)
            if number >= WARM:
                times[kind]["listed"].append(listed)
                times[kind]["pictured"].append(pictured)
                times[kind]["cpu"].append(cpu)
    explore.browse.clear()
    _rest(application)
    found = {
        "images": len(explore.browse.listing),
        "told": explore.query_bar.told,
        "times": times,
        "gap_max_ms": max(gaps),
    }
    application.window.close()
    application.close()
    return found


def stand_in() -> Any:
    """The built-in encoder, and fixed vectors for words, which it knows none of."""
    from core.encoders.builtin import Builtin

    class Wordy(Builtin):
        has_words = True

        def encode_words(self, texts: Any) -> NDArray[np.float32]:
            rows = [np.random.default_rng(len(one)).standard_normal(self.dim) for one in texts]
            found = np.array(rows, dtype=np.float32)
            return found / np.linalg.norm(found, axis=1, keepdims=True)

    return Wordy()


def asks(explore: Any, files: list[Path]) -> dict[str, Ask]:
    """A function for each kind, which asks the one of this number."""
    from core.search import question as asking
    from core.search.question import Question

    random = np.random.default_rng(5)
    ids = random.permutation(explore.browse.listing.ids)
    selection, start = explore.document.selection, explore.asking
    classes = [one.value for one in explore.browse.facets.classes]
    sources = [one.value for one in explore.browse.facets.sources]
    pictures = [QImage(str(file)) for file in files[:8]]

    def selected(count: int, do: Callable[[], None]) -> Ask:
        def ask(number: int) -> None:
            do()

        ask.prepare = (
            lambda number: selection.set(  # type: ignore[attr-defined]
                ids[number * 8 : number * 8 + count]
            )
        )
        return ask

    def several(number: int) -> None:
        liked, unliked = ids[number * 8 : number * 8 + 3], ids[number * 8 + 3 : number * 8 + 5]
        explore.browse.ask(
            Question(tuple(map(asking.of_image, liked)), tuple(map(asking.of_image, unliked)))
        )

    def filtered(kind: str, values: list[Any]) -> Ask:
        def ask(number: int) -> None:
            wanted = {kind: frozenset({values[number % len(values)]})}
            explore.browse.ask(
                Question((asking.of_image(int(ids[number])),)),
                wanted=replace(explore.browse.filter, **wanted),
            )

        return ask

    return {
        "image": selected(1, start.like_selection),
        "several_plus_minus": several,
        "file": lambda number: start.like_file(files[number % FILES]),
        "pasted_picture": lambda number: start.like_picture(pictures[number % len(pictures)]),
        "words": lambda number: explore.words.search("cat" + "s" * number),
        "part_with_tiles": lambda number: start.like_part(1 + number, (0.2, 0.2, 0.5, 0.5)),
        "between": selected(2, start.between_selected),
        "least_like": selected(1, start.less_like_selection),
        "oddest": lambda number: start.oddest(),
        "filtered_by_class": filtered("classes", classes),
        "filtered_by_source": filtered("sources", sources),
        "saved": _saved(explore, int(ids[-1])),
        "order_by_oddness": _without_query(lambda: explore.browse.set_sort("oddness", False)),
        "end_search": _without_query(explore.browse.clear),
    }


def _without_query(do: Callable[[], None]) -> Ask:
    def ask(number: int) -> None:
        do()

    ask.is_none = True  # type: ignore[attr-defined]
    return ask


def _saved(explore: Any, image_id: int) -> Ask:
    from core.operations import searches
    from core.search import question as asking
    from core.search.question import Question

    searches.save(
        explore.document.project, "kept", Question((asking.of_image(image_id),)), is_replacing=True
    )
    return lambda number: explore.saving.run("kept")


def _ask(application: Any, ask: Ask, number: int) -> tuple[float, float, float]:
    """(ms until the listing is painted, until its thumbnails are, ms of processor time of all threads until
    the first), from a grid that lists all."""
    explore = application.shell.explore
    browse, grid = explore.browse, explore.grid
    browse.clear()
    browse.order.give_up()
    explore.document.selection.clear()
    _rest(application)
    if prepare := getattr(ask, "prepare", None):  # what is done before the key is pressed
        prepare(number)
        _rest(application)
    before = browse.listing
    begun_s, spent_s = time.perf_counter(), time.process_time()
    ask(number)
    _wait(lambda: browse.listing is not before)
    grid.viewport().repaint()
    listed_ms = (time.perf_counter() - begun_s) * 1000
    cpu_ms = (time.process_time() - spent_s) * 1000
    assert len(browse.listing), "nothing was found"
    message = application.window.banner.message
    assert application.window.banner.tone != "danger", message
    assert getattr(ask, "is_none", False) or browse.query is not None, "the search failed"
    _wait(lambda: _has_pictures(grid))
    grid.viewport().repaint()
    pictured_ms = (time.perf_counter() - begun_s) * 1000
    _rest(application)
    return listed_ms, pictured_ms, cpu_ms


def _has_pictures(grid: Any) -> bool:
    rows = grid.visible_rows()
    shown = grid.listing.contents[rows.start : rows.stop].tolist()
    return bool(shown) and all(grid._thumbnails.cache.is_known(one) for one in shown)


def _rest(application: Any) -> None:
    calm_s, until_s = time.perf_counter() + 0.06, time.monotonic() + LIMIT_S
    while time.perf_counter() < calm_s and time.monotonic() < until_s:
        _step()
        if application.runner.tasks or not application.shell.explore.inspecting.is_settled:
            calm_s = time.perf_counter() + 0.06


def _wait(is_done: Callable[[], bool]) -> None:
    until(is_done, _step, LIMIT_S)


def _step() -> None:
    begun_s = time.perf_counter()
    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    gaps.append((time.perf_counter() - begun_s) * 1000)
    time.sleep(0.0005)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
