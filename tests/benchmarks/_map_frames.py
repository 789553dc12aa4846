"""Frames of the map and of its peers, timed; the benchmark `map` says what is what.

A process of its own: python tests/benchmarks/_map_frames.py SIZE
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEventLoop, QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.models.points import Points, colour_of
from app.models.region_labels import name_regions
from app.models.thumbnails import Thumbnails
from app.selection import Selection
from app.style.theme import Theme
from app.tasks import TaskRunner
from app.widgets.map_canvas import MapCanvas
from app.window_app import SWITCH_S

WIDTH, HEIGHT = 1200, 800
CLASSES, CLUMPS, SEED = 20, 200, 20_26
GESTURES, STEPS = 24, 10
TICK_S = 0.016
PYQTGRAPH_UP_TO = 2_000_000
Places = NDArray[np.float32]


def clumps(count: int) -> tuple[Places, NDArray[np.int32]]:
    """Points [n, 2] and their classes."""
    random = np.random.default_rng(SEED)
    centres = random.normal(size=(CLUMPS, 2)) * 4
    widths = np.exp(random.normal(-1.1, 0.6, size=(CLUMPS, 2)))
    turns = random.uniform(0, np.pi, CLUMPS)
    clump = random.choice(CLUMPS, count, p=random.dirichlet(np.full(CLUMPS, 0.6)))
    places = np.empty((count, 2), dtype=np.float32)
    for start in range(0, count, 1_000_000):
        part = clump[start : start + 1_000_000]
        along, across = (random.normal(size=(len(part), 2)) * widths[part]).T
        cos, sin = np.cos(turns[part]), np.sin(turns[part])
        places[start : start + len(part), 0] = centres[part, 0] + along * cos - across * sin
        places[start : start + len(part), 1] = centres[part, 1] + along * sin + across * cos
    return places, (clump % CLASSES).astype(np.int32)


class Bench:
    """A canvas in a window, with a lane of the program's own kind."""

    def __init__(self, size: int) -> None:
        self.theme = Theme("dark")
        self.theme.apply()
        self.runner = TaskRunner()
        self.points = Points()
        self.canvas = MapCanvas(self.theme, self.points, Thumbnails())
        self.window = QWidget()
        box = QVBoxLayout(self.window)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.canvas)
        self.window.resize(WIDTH, HEIGHT)
        self.window.show()
        places, codes = clumps(size)
        ids = np.arange(size, dtype=np.int64)
        self.points.set_places(ids, ids, places)
        self.points.set_codes(codes, [f"class {one}" for one in range(CLASSES)])
        self.points.recolour(self.theme)
        self.canvas.item.lane = self.lane

    def lane(self, task: Callable[[], Any], take: Callable[[Any], None]) -> None:
        self.runner.run("Drawing", task, lane="reads", on_done=take, is_listed=False)

    def paint(self) -> float:
        begun_s = time.perf_counter()
        self.canvas.viewport().repaint()
        return (time.perf_counter() - begun_s) * 1000

    def settle(self, limit_s: float = 60.0) -> tuple[float, float]:
        """Until the exact picture is painted; the milliseconds that took, and those of the processor."""
        begun_s, busy_s = time.perf_counter(), time.process_time()
        while True:
            self.paint()
            if self.canvas.item.is_exact:
                busy_ms = (time.process_time() - busy_s) * 1000
                return (time.perf_counter() - begun_s) * 1000, busy_ms
            if time.perf_counter() - begun_s > limit_s:
                raise TimeoutError("the exact picture does not come")
            pump(0.001)
            while self.canvas.item._asked is not None:  # the lane has it
                pump(0.001)


def pump(seconds: float) -> None:
    until_s = time.perf_counter() + seconds
    while True:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)
        left_s = until_s - time.perf_counter()
        if left_s <= 0:
            return
        time.sleep(min(left_s, 0.001))


def gestures(bench: Bench) -> Iterator[list[Callable[[], None]]]:
    """By turns a pan and a zoom, in to a few thousand points and out again."""
    canvas, random = bench.canvas, np.random.default_rng(1)
    factor = min(1.3, 10_000.0 ** (1 / (GESTURES / 4 * STEPS)))
    for number in range(GESTURES):
        if number % 2:
            by = QPointF(*random.uniform(-45, 45, 2).tolist())
            yield [lambda by=by: canvas._pan(by)] * STEPS
        else:
            about = QPointF(WIDTH * 0.55, HEIGHT * 0.52)
            step = factor if number < GESTURES / 2 else 1 / factor
            yield [lambda f=step, at=about: canvas.zoom(f, at)] * STEPS


def frames(bench: Bench) -> dict[str, Any]:
    """Paints while gestures go on at some 60 a second; then the exact picture is waited for."""
    spent, busy, exact, follow, sights = [], [], [], [], []
    bench.canvas.fit()
    bench.settle()
    for steps in gestures(bench):
        for step in steps:
            begun_s = time.perf_counter()
            step()
            busy_s = time.thread_time()
            spent.append(bench.paint())
            busy.append((time.thread_time() - busy_s) * 1000)
            exact.append(bench.canvas.item.is_exact)
            pump(max(0.002, TICK_S - (time.perf_counter() - begun_s)))
        follow.append(bench.settle())
        sights.append(bench.canvas.frame())
    alone = []
    bench.canvas.item.lane = None
    for frame in sights:
        bench.canvas._show_view((frame.left, frame.right, frame.bottom, frame.top))
        bench.canvas.item.invalidate()
        alone.append(bench.paint())
    bench.canvas.item.lane = bench.lane
    return {
        "p50_ms": middle(spent), "p95_ms": p95(spent), "worst_ms": round(max(spent), 2),
        "p95_cpu_ms": p95(busy), "frames": len(spent), "exact_share": round(float(np.mean(exact)), 2),
        "exact_follow_ms": p95([wall for wall, _ in follow]),
        "exact_follow_cpu_ms": p95([cpu for _, cpu in follow]), "exact_ms": middle(alone), "exact_p95_ms": p95(alone),
    }  # fmt: skip


def binning(places: Places) -> tuple[float, float]:
    """Milliseconds, and those of the processor, of counting points into pixels, all of them seen."""
    low, high = places.min(axis=0), places.max(axis=0)
    x, y = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
    across = np.float32((WIDTH - 1) / (high[0] - low[0]))
    down = np.float32((HEIGHT - 1) / (high[1] - low[1]))

    def count() -> None:
        column = x * across
        column -= low[0] * across
        line = y * down
        line -= low[1] * down
        at = line.astype(np.int32)
        at *= np.int32(WIDTH)
        at += column.astype(np.int32)
        np.bincount(at, minlength=WIDTH * HEIGHT)

    return timed(count, 9), timed(count, 9, time.thread_time)


def lasso(bench: Bench) -> tuple[float, float]:
    """From letting go until the chosen half is coloured and the other half grey, painted."""
    canvas, points, selection = bench.canvas, bench.points, Selection()
    canvas.tool = "lasso"
    canvas.fit()
    bench.settle()
    pixels = canvas.frame().to_pixels(points.places)
    middle_px = float(np.median(pixels[:, 0]))
    random, spent, busy = np.random.default_rng(2), [], []
    for turn in range(7):
        y = np.linspace(0, HEIGHT, 120)
        edge = middle_px + 12 * np.sin(y / 30) + random.normal(size=len(y))
        x0 = 1.0 if turn % 2 else WIDTH - 1.0
        path = QPainterPath()
        corners = [QPointF(*one) for one in zip(edge.tolist(), y.tolist(), strict=True)]
        path.addPolygon(QPolygonF([*corners, QPointF(x0, HEIGHT), QPointF(x0, 0)]))
        path.closeSubpath()
        begun_s, busy_s = time.perf_counter(), time.process_time()
        rows = canvas._rows_in(path)
        selection.set(points.ids[rows])
        points.select(selection.ids)
        points.recolour(bench.theme)
        canvas.item.invalidate()
        bench.settle()
        spent.append((time.perf_counter() - begun_s) * 1000)
        busy.append((time.process_time() - busy_s) * 1000)
        if not 0.45 < len(rows) / len(points) < 0.55:
            raise RuntimeError(f"the lasso holds {len(rows)} points, not half of them")
    points.select(np.empty(0, dtype=np.int64))
    points.recolour(bench.theme)
    canvas.item.invalidate()
    bench.settle()
    return middle(spent), middle(busy)


def live(bench: Bench) -> dict[str, Any]:
    """All points move a little, over and over, as a layout under way has them."""
    points, item = bench.points, bench.canvas.item
    tick_s = 0.05 if len(points) <= 100_000 else 0.25
    places, drift = points.places, np.float32(1.003)
    spent, seen, begun_s = [], 0, time.perf_counter()
    drawing = item._drawing
    for _ in range(60 if tick_s < 0.1 else 16):
        tick_begun_s = time.perf_counter()
        places = places * drift
        points.move_to(places)
        item.invalidate()
        while time.perf_counter() - tick_begun_s < tick_s:
            spent.append(bench.paint())
            seen += item._drawing is not drawing
            drawing = item._drawing
            pump(TICK_S)
    whole_s = time.perf_counter() - begun_s
    bench.settle()
    return {"live_frame_ms": p95(spent), "live_pictures_per_s": round(seen / whole_s, 1)}


def hover(bench: Bench) -> float:
    random, spent = np.random.default_rng(3), []
    for x, y in random.uniform(0, 1, (300, 2)).tolist():
        begun_s = time.perf_counter()
        bench.canvas.item.row_at(QPointF(x * WIDTH, y * HEIGHT))
        spent.append((time.perf_counter() - begun_s) * 1000)
    return p95(spent)


def scatter(bench: Bench) -> float | None:
    """pyqtgraph's own item, one a class; the median of pans and zooms about the whole."""
    points = bench.points
    if len(points) > PYQTGRAPH_UP_TO:
        print("pyqtgraph's scatter is left out beyond 2,000,000 points.", file=sys.stderr)
        return None
    plot = pg.GraphicsView(background="#121316")
    box = pg.ViewBox(lockAspect=True, enableMenu=False)
    plot.setCentralItem(box)
    plot.resize(WIDTH, HEIGHT)
    plot.show()
    for code in range(CLASSES):
        item = pg.ScatterPlotItem(pen=None, brush=colour_of(bench.theme, code), size=2, pxMode=True)
        some = points.places[points.codes == code]
        item.setData(pos=some)
        box.addItem(item)
    low, high = points.places.min(axis=0).tolist(), points.places.max(axis=0).tolist()
    box.setRange(QRectF(low[0], low[1], high[0] - low[0], high[1] - low[1]))
    pump(0.2)
    spent = []
    for number in range(12):
        if number % 2:
            box.translateBy(x=0.3, y=-0.2)
        else:
            box.scaleBy((0.98, 0.98))
        begun_s = time.perf_counter()
        plot.viewport().repaint()
        spent.append((time.perf_counter() - begun_s) * 1000)
    plot.hide()
    return middle(spent)


def timed(
    call: Callable[[], Any], turns: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    spent = []
    for _ in range(turns):
        begun_s = clock()
        call()
        spent.append((clock() - begun_s) * 1000)
    return middle(spent)


def middle(values: list[float]) -> float:
    return round(float(np.median(values)), 2)


def p95(values: list[float]) -> float:
    return round(float(np.percentile(values, 95)), 2)


def main(size: int) -> dict[str, Any]:
    """Everything, the binning before, between and after the frames."""
    sys.setswitchinterval(SWITCH_S)  # as the window does
    application = QApplication([])
    application.setStyle("Fusion")
    bench = Bench(size)
    gc.collect()
    gc.freeze()  # as the window does, when it has imported everything
    bench.canvas.fit()
    prepare_ms, _ = bench.settle()
    index = bench.points.index
    ordered = np.stack([index.x, index.y], axis=1)
    bins, bins_sorted, found = [], [], []
    for _ in range(3):
        bins.append(binning(bench.points.places))
        bins_sorted.append(binning(ordered))
        found.append(frames(bench))
    bins.append(binning(bench.points.places))
    figures = {key: middle([one[key] for one in found]) for key in found[0]}
    figures |= {
        "bin_ms": middle([wall for wall, _ in bins]),
        "bin_cpu_ms": middle([cpu for _, cpu in bins]),
        "bin_sorted_ms": middle([wall for wall, _ in bins_sorted]),
    }
    figures["ratio"] = round(figures["p95_ms"] / figures["bin_ms"], 2)
    figures["lasso_ms"], figures["lasso_cpu_ms"] = lasso(bench)
    figures["hover_ms"] = hover(bench)
    points = bench.points
    figures["names_ms"] = timed(lambda: name_regions(points.places, points.codes, points.names), 1)
    figures |= live(bench)
    figures["pyqtgraph_ms"] = scatter(bench)
    bench.window.hide()
    bench.runner.close()
    return {"size": size, **figures, "prepare_ms": round(prepare_ms, 1)}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))), flush=True)
    sys.stdout.flush()
    # pyqtgraph takes its views apart in an order that Qt does not survive.
    os._exit(0)
