"""The curves of a training: which there are, what they are called, and how a snapshot fills them."""

from collections.abc import Sequence

import numpy as np

from app.models import curves
from app.models.curves import Floats, Line
from app.style.theme import Theme
from app.widgets.curve_plot import Curve, CurvePlot
from core.training.watch import Snapshot


def loss(theme: Theme) -> CurvePlot:
    """Of the batch, and of the comparison with the memory."""
    return CurvePlot(
        theme,
        "Loss",
        [
            Curve("loss", "batch", 0, faint="loss-raw"),
            Curve("memory_loss", "memory", 1, "dash", faint="memory_loss-raw"),
        ],
        tip="How wrong the training images still are, among the batch and against the memory of "
        "earlier batches. Pale: every step. Strong: the mean of the last steps.",
        waits="After the first steps",
    )


def recall(theme: Theme) -> CurvePlot:
    """Of the held-out images that are watched."""
    return CurvePlot(
        theme,
        "Found on held-out images",
        [
            Curve("recall@1", "R@1", 0),
            Curve("recall@5", "R@5", 2, "dash"),
            Curve("recall@10", "R@10", 5, "dot"),
        ],
        tip="Share of held-out images with one of their class as the nearest (R@1), among the five "
        "(R@5) or ten nearest (R@10). The dashed line is at the best R@1 so far: that is kept.",
        is_from_zero=False,
        waits="After the first measurement",
    )


def hard(theme: Theme) -> CurvePlot:
    """Negatives that still count."""
    return CurvePlot(
        theme,
        "Hard negatives an image",
        [
            Curve("hard_batch", "batch", 0, faint="hard_batch-raw"),
            Curve("hard_memory", "memory", 1, "dash", faint="hard_memory-raw"),
        ],
        tip="Images of other classes that are still too alike, for each image of a batch: found in "
        "the batch itself, and in the memory.",
        waits="After the first steps",
    )


def drift(theme: Theme) -> CurvePlot:
    """How far fixed pictures move."""
    return CurvePlot(
        theme,
        "Drift of the memory",
        [Curve("drift", "moved", 3)],
        tip="How far the same pictures have moved since the measurement before (mean squared "
        "distance). The memory is only of use while this is small.",
        waits="After the second measurement",
    )


def packed(theme: Theme) -> CurvePlot:
    """Variability within classes."""
    return CurvePlot(
        theme,
        "How tightly classes are packed",
        [Curve("variability", "spread within classes", 4)],
        tip="How much images of one class differ, against how far classes lie apart; of the images "
        "that are learnt from. It falls as classes draw together: at 0 each would be a point.",
        waits="After the first measurement",
    )


def spread(theme: Theme) -> CurvePlot:
    """How the class means lie to each other."""
    return CurvePlot(
        theme,
        "How evenly classes are spread",
        [
            Curve("uneven_norms", "distances", 6),
            Curve("uneven_angles", "directions", 9, "dash"),
        ],
        tip="How unevenly the centres of the classes lie around their common middle: by their "
        "distances from it, and by the directions to them. 0 is as even as can be.",
        waits="After the first measurement",
    )


def centred(theme: Theme) -> CurvePlot:
    """How far the nearest class centre tells the class."""
    return CurvePlot(
        theme,
        "Share nearest to the centre of their class",
        [Curve("centred", "share", 2)],
        tip="Share of the images that are learnt from which lie nearer to the centre of their own "
        "class than to any other. A class is easy to name where this is near 1.",
        is_from_zero=False,
        waits="After the first measurement",
    )


def show(plots: Sequence[CurvePlot], now: Snapshot) -> None:
    """Draw a snapshot: loss, recall, hard negatives and drift."""
    show_loss(plots[0], now)
    show_recall(plots[1], now)
    show_hard(plots[2], now)
    show_drift(plots[3], now)


def show_loss(plot: CurvePlot, now: Snapshot) -> None:
    _show_steps(plot, {"loss": now.loss, "memory_loss": now.memory_loss}, now, 3)


def show_hard(plot: CurvePlot, now: Snapshot) -> None:
    _show_steps(plot, {"hard_batch": now.hard_batch, "hard_memory": now.hard_memory}, now, 1)


def show_recall(plot: CurvePlot, now: Snapshot) -> None:
    found = {f"recall@{k}": one for k, one in zip((1, 5, 10), now.recall, strict=True)}
    newest = {key: curves.newest(one) for key, one in found.items()}
    if len(now.measured_at) and all(one is None for one in newest.values()):
        plot.say("Too few images of a class are held out to tell")
    plot.show_curves(
        {key: _at(now, one) for key, one in found.items()},
        # Two digits: with three the legend has no room on a line in a small window.
        {key: f"{one:.2f}" for key, one in newest.items() if one is not None},
        until=_until(now),
        best=float(now.best_step),
    )


def show_health(plots: Sequence[CurvePlot], now: Snapshot) -> None:
    """Draw how the classes lie to each other: packed, spread and centred."""
    for plot, given in zip(
        plots,
        (
            {"variability": now.variability},
            {"uneven_norms": now.uneven_norms, "uneven_angles": now.uneven_angles},
            {"centred": now.centred},
        ),
        strict=True,
    ):
        newest = {key: curves.newest(one) for key, one in given.items()}
        plot.show_curves(
            {key: _at(now, one) for key, one in given.items()},
            {key: f"{one:.2f}" for key, one in newest.items() if one is not None},
            until=_until(now),
        )


def show_drift(plot: CurvePlot, now: Snapshot) -> None:
    newest = curves.newest(now.drift)
    values = {} if newest is None else {"drift": f"{newest:.4f}"}
    plot.show_curves({"drift": _at(now, now.drift)}, values, until=_until(now))


def _show_steps(plot: CurvePlot, given: dict[str, Floats], now: Snapshot, digits: int) -> None:
    lines: dict[str, Line] = {}
    values: dict[str, str] = {}
    for key, raw in given.items():
        lines[f"{key}-raw"] = curves.thin(raw)
        lines[key] = curves.trend(raw, curves.window_of(len(raw)))
        if len(lines[key][1]):
            values[key] = f"{lines[key][1][-1]:.{digits}f}"
    plot.show_curves(lines, values, until=_until(now))


def _until(now: Snapshot) -> float:
    return float(max(now.steps, now.step))


def _at(now: Snapshot, y: Floats) -> Line:
    """Values at steps; a single one as a short line, since a point would not be seen."""
    count = min(len(now.measured_at), len(y))
    kept = np.isfinite(y[:count])
    x = now.measured_at[:count][kept].astype(np.float64)
    values = y[:count][kept].astype(np.float64)
    if len(x) == 1:
        return np.array([x[0], x[0] + max(1.0, _until(now) / 50)]), np.repeat(values, 2)
    return x, values
