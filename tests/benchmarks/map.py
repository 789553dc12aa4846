"""How fluid the map is: whole frames of a real canvas of 1200 x 800, with so many points of 20 classes.

`lookalike bench map --size 1000000 --json`. The points are drawn from a seed: 200 stretched clumps of very unequal
size, as a neighbour embedding gives them. One process (`_map_frames.py`), offscreen, on one screen pixel a logical one:

- `p50_ms`, `p95_ms`: the whole paint of a frame (`viewport().repaint()`) while panning and zooming by turns over the
  whole range, from all points to a few, some 60 frames a second. Many points are drawn in a lane meanwhile, so a frame
  shows the last exact picture where it lies now, and the whole map around it; `exact_share` of them were exact.
- `exact_follow_ms`: p95 of the time from the end of a gesture until the exact picture is painted; `exact_ms`: p50 of
  drawing that picture where it is drawn in the window's own thread, and `exact_p95_ms`.
- `bin_ms`: numpy counting the same points into as many pixels and nothing else (coordinates to pixel numbers,
  `bincount`); `bin_sorted_ms`: the same of points sorted by where they lie, as the map keeps them. `ratio`: p95 / bin.
- `p95_cpu_ms`, `bin_cpu_ms`, `exact_follow_cpu_ms`, `lasso_cpu_ms`: the same in processor time (of the calling
  thread; of the process where a lane works too), for a machine with other work.
- `lasso_ms`: from letting go of a lasso round half the points until they are selected and all others are grey.
- `hover_ms`: p95 of finding the point under the pointer. `prepare_ms`: sorting and colouring all points, once.
- `live_frame_ms`: p95 of the window's part of a frame while a layout moves all points (20 times a second up to
  100,000, 4 times above); `live_pictures_per_s`: how many exact pictures came of it.
- `names_ms`: naming the regions, in a lane.
- `pyqtgraph_ms`: p50 of the same frames drawn by pyqtgraph's ScatterPlotItem, one a class; null beyond 2,000,000.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SIZE = 1_000_000
LIMIT_S = 1_200


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """The figures; pyqtgraph is no peer that has to be installed, so it is always beside."""
    here = Path(__file__).resolve().parent
    answer = subprocess.run(
        [sys.executable, str(here / "_map_frames.py"), str(size or SIZE)],
        cwd=here.parent.parent,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=LIMIT_S,
    )
    figures: dict[str, Any] = json.loads(answer.stdout.strip().splitlines()[-1])
    return figures
