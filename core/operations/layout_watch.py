"""A layout while it is worked out, as another thread sees it: where the points are now, and "it looks right"."""

import threading
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.project import Project

_KEY = "layout-watch"
_EVERY_S = 0.05
_MOST_SHARE = 0.1  # of the time at most that goes into showing


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where a layout under way has come to: one point per present image, as ``StoredLayout``.

    ``number`` grows with every frame of the project; ``image_ids`` is the same array all through a layout.
    """

    number: int
    method: str
    encoder: str
    image_ids: NDArray[np.int64]
    positions: NDArray[np.float32]
    round: int
    rounds: int


class Watch:
    """One a project. The worker replaces ``frame``; whoever looks reads it on a timer. None: nothing runs."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self._number = 0
        self._finished = threading.Event()
        self._shown_s = self._cost_s = 0.0

    def finish(self) -> None:
        """Keep the layout as it is now, from any thread."""
        self._finished.set()

    @property
    def is_finished(self) -> bool:
        return self._finished.is_set()

    def begin(self) -> None:
        """A layout begins."""
        self._finished.clear()
        self._shown_s = self._cost_s = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time for another frame: 20 a second, fewer where one takes long to make."""
        wait = max(_EVERY_S, self._cost_s / _MOST_SHARE)
        return time.perf_counter() - self._shown_s >= wait

    def show(
        self,
        method: str,
        encoder: str,
        image_ids: NDArray[np.int64],
        positions: NDArray[np.float32],
        rounds: tuple[int, int],
        cost_s: float,
    ) -> None:
        """The next frame, which took ``cost_s`` to make; ``rounds`` are (done, of)."""
        self._number += 1
        self._cost_s, self._shown_s = cost_s, time.perf_counter()
        self.frame = Frame(self._number, method, encoder, image_ids, positions, *rounds)

    def end(self) -> None:
        """Nothing runs any more."""
        self.frame = None


def watch_of(project: Project) -> Watch:
    """The one watch of a project, there from the first call on."""
    return project.keep(_KEY, Watch)
