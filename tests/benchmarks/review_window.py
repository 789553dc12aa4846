"""A review by keyboard in a real window: how long an answer takes to be seen, to be kept, and to bring the next pair.

`lookalike bench review-window [--size N] [--source FOLDER] --json`: N verdicts (default 1,000) typed on the pairs of a
catalogue of generated photos of 1600 x 1200, or of the photos of a folder (the pairs are made up: what is measured is
the window). D, S, X and U come from a fixed seed, each as soon as the pair before is on screen for 80 ms, which is
quicker than anyone answers. Offscreen where there is no display.

- `acknowledged_*_ms`: from the key press until the picture with the answer on it is painted.
- `committed_*_ms`: until the verdict is on the disk. `next_*_ms`: from there until the next pair is painted.
- `next_cpu_*_ms`: processor time of the window's process in that span, which a busy machine does not stretch.
- `sharp_share`: of the pairs, how many had both pictures decoded when they were answered.
- `contradictions`: answers that did not go with others, after which the pair stays until the person goes on; they are
  left out of `next`.
- `kills`, `lost`: twenty windows are ended by `kill -9` right after a random one of their answers was kept; all that
  was kept must be there when the catalogue is opened again. `undone`: in each the last one can be taken back then.
"""

import itertools
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from core.operations import history, images, pairs, projects, sources
from core.project import Project

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "helpers")]
import made_links  # noqa: E402
from _photos import make_photos  # noqa: E402

SIZE, KILLS, SEED = 1_000, 20, 20261128
SIZE_PX = (1600, 1200)
REACH = 4  # a picture is paired with so many that follow it


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """The figures of ``size`` verdicts, then of the kills."""
    count = size or SIZE
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as place:
        folder = Path(place)
        photos = _photos(folder / "photos", count, source)
        catalogue = folder / "review.lookalike"
        with projects.create(catalogue) as project:
            sources.import_folders(project, [photos])
            asked = make_pairs(project)
        fresh = folder / "fresh.lookalike"
        shutil.copytree(catalogue, fresh)
        found = json.loads(
            _window(catalogue, folder, count).communicate()[0].strip().splitlines()[-1]
        )
        figures = _figures(found, asked, catalogue)
        return figures | _killed(fresh, folder)


def _photos(folder: Path, count: int, source: Path | None) -> Path:
    """As many photos as give enough pairs: an answer settles more than itself."""
    needed = count * 3 // 4 + 8
    if source is None:
        make_photos(folder, SIZE_PX, needed, seed=SEED)
        return folder
    folder.mkdir()
    every = sorted(one for one in Path(source).rglob("*") if one.suffix.lower() in (".jpg", ".png"))
    for number, one in enumerate(every[:needed]):
        (folder / f"{number:06}{one.suffix}").write_bytes(one.read_bytes())
    return folder


def make_pairs(project: Project) -> int:
    """Links from each content to those that follow it, with scores that mean nothing. Returns how many."""
    every = images.describe(project, images.list_ids(project).tolist())
    contents = sorted({one.content_id for one in every})
    scores = np.random.default_rng(SEED)
    made = [
        (contents[at], contents[at + by], float(scores.uniform(0.6, 0.99)))
        for at, by in itertools.product(range(len(contents)), range(1, REACH + 1))
        if at + by < len(contents)
    ]
    made_links.keep(project, made_links.made(made))
    return len(made)


def _window(catalogue: Path, folder: Path, count: int, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / "_review_window.py"), str(catalogue), str(folder), str(count), *more],
        cwd=HERE.parent.parent,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def _figures(found: dict[str, Any], asked: int, catalogue: Path) -> dict[str, Any]:
    answers = found["answers"]
    with projects.open(catalogue, write=False) as project:
        kept = len(pairs.list_pairs(project))
    figures: dict[str, Any] = {"pairs": asked, "answers": len(answers), "kept": kept}
    for name in ("acknowledged", "committed", "next", "next_cpu", "whole"):
        spent = np.array([one[name] for one in answers])
        for key, value in (("p50", 50), ("p95", 95), ("max", 100)):
            figures[f"{name}_{key}_ms"] = round(float(np.percentile(spent, value)), 1)
    figures["acknowledged_within_50_ms"] = sum(one["acknowledged"] <= 50 for one in answers)
    figures["next_within_30_ms"] = sum(one["next"] <= 30 for one in answers)
    figures["contradictions"] = found["contradictions"]
    figures["sharp_share"] = round(found["sharp"] / max(1, len(answers)), 3)
    return figures


def _killed(fresh: Path, folder: Path) -> dict[str, Any]:
    chance = random.Random(SEED)
    told, lost, undone = 0, 0, 0
    for number in range(KILLS):
        catalogue = folder / f"killed-{number}.lookalike"
        shutil.copytree(fresh, catalogue)
        answers = kill_after(catalogue, folder, chance.randrange(1, 12), seed=number)
        with projects.open(catalogue) as project:
            there = {(one.a, one.b): one.verdict for one in pairs.list_pairs(project)}
            told += len(answers)
            lost += sum(there.get(key) != verdict for key, verdict in answers)
            history.undo(project)
            undone += len(pairs.list_pairs(project)) == len(there) - 1
        shutil.rmtree(catalogue)
    return {"kills": KILLS, "answers_before_kills": told, "lost": lost, "undone": undone}


def kill_after(
    catalogue: Path, folder: Path, count: int, *, seed: int
) -> list[tuple[tuple[int, int], str]]:
    """Answer in a window and end it by ``kill -9`` as soon as the ``count``-th answer was told as kept. Returns what
    was told."""
    told: list[tuple[tuple[int, int], str]] = []
    with _window(catalogue, folder, 10_000, "--tell", "--seed", str(seed)) as window:
        assert window.stdout is not None
        for line in window.stdout:
            a, b, verdict = line.split()
            told.append(((int(a), int(b)), verdict))
            if len(told) == count:
                window.send_signal(signal.SIGKILL)
                break
        window.stdout.close()
    return told
