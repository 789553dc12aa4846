"""Reviewing duplicates: how long an answer takes until it is on the disk, and how many questions a review needs.

`lookalike bench review --size 1000000 --json` makes links without pictures, all drawn from one seed: groups of 2 to 30
pictures, small ones more often (sizes drawn by 1 / size^2), any two of a group linked with a probability of 0.9 (and
each with the one before it), and as many links between pictures of different groups, two groups being neighbours of
each other. Scores of duplicates scatter about 0.87 with a deviation of 0.08, of the others about 0.72, so that 0.8
leaves errors on both sides, and the chances that the review reckons with are about right.

- `sizes`: for 10,000, 100,000 and so on up to `--size` links, all in a catalogue on disk. `begin_s`: from opened
  links to the first card. `answer_p50_ms`, `answer_p95_ms`: one answer, stored and synced, the queue counted anew;
  `judge_*` of that the storing alone. Ends in `cpu_p50_ms`: processor time of the same, which others on a busy machine
  lengthen less. `next_*`: the next card, `next_60_*`: the next sixty of them, as the window
  lists. `undo_p50_ms`: taking an answer back and following that. Answers are those of the truth, in the order "gain".
- `many`: 100,000 verdicts (or as many as there are links) as one step: `s`, undoing it: `undo_s`, bytes of the step.
- `questions`: a whole review of some 10,000 links by somebody who always answers by the truth, for each order: how
  many questions it takes against asking `all`, what was estimated at the beginning, and `wrong_after`: pairs that
  would be wrong if the rest were left to the threshold, after a tenth, a quarter and a half of the questions that
  the best order takes.
"""

import json
import os
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import facts
from core.catalogue import links as link_rows
from core.catalogue.links import KINDS, Links
from core.catalogue.records import Verdict
from core.duplicates.review import Queue
from core.duplicates.verdicts import Verdicts
from core.operations import history, links, pairs
from core.operations.review import Review
from core.project import Project

SEED, SIZE, ANSWERS, SIMULATED, MANY = 20_26, 100_000, 300, 10_000, 100_000
STEEPNESS = 0.15 / 0.08**2  # of the chance about 0.8, as it follows from the two scatters
ORDERS = ("gain", "score", "least")


@dataclass(frozen=True)
class Made:
    """Links as they were drawn: contents from 1 on, the group of each content (place 0 is none)."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    scores: NDArray[np.float32]
    group: NDArray[np.int32]

    @property
    def is_same(self) -> NDArray[np.bool_]:
        return np.asarray(self.group[self.a] == self.group[self.b])


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """The figures for up to ``size`` links."""
    wanted = size or SIZE
    steps = [one for one in (10_000, 100_000, 1_000_000, 10_000_000) if one < wanted] + [wanted]
    sizes = []
    many: dict[str, Any] = {}
    for count in steps:
        made = draw(count)
        with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
            path = Path(folder) / "made.lookalike"
            make(path, made)
            with Project.open(path) as project:
                sizes.append(measure(project, made))
                if count == steps[-1]:
                    many = measure_many(project, made)
    load = round(os.getloadavg()[0], 1)
    return {
        "load": load,
        "sizes": sizes,
        "many": many,
        "questions": simulate(draw(min(wanted, SIMULATED))),
    }


def draw(count: int) -> Made:
    """About ``count`` links."""
    random = np.random.default_rng(SEED)
    weights = 1.0 / np.arange(2, 31) ** 2
    groups, inner, ends = [], 0, []
    first = 1
    drawn = iter(random.choice(np.arange(2, 31), size=count, p=weights / weights.sum()).tolist())
    while inner < count / 2:
        size = next(drawn)
        one, other = np.triu_indices(size, 1)
        kept = (random.random(len(one)) < 0.9) | (other == one + 1)
        ends.append(np.stack([one[kept], other[kept]]) + first)
        groups.append(size)
        first, inner = first + size, inner + int(kept.sum())
    group = np.concatenate([[-1], np.repeat(np.arange(len(groups)), groups)]).astype(np.int32)
    starts = np.cumsum([0, *groups])
    # A neighbour of each group; links between both in turn until there are enough.
    between = (count - inner) * 3
    here = random.integers(0, len(groups), between)
    there = (here + 1) % len(groups)
    low = starts[here] + (random.random(between) * np.array(groups)[here]).astype(np.int64) + 1
    high = starts[there] + (random.random(between) * np.array(groups)[there]).astype(np.int64) + 1
    a, b = np.concatenate([np.stack([low, high]), *ends], axis=1)
    keys = np.unique(link_rows.pair_keys(a, b))
    is_inner = group[keys >> 32] == group[keys & 0xFFFFFFFF]
    crossing = random.permutation(np.flatnonzero(~is_inner))[: max(0, count - int(is_inner.sum()))]
    keys = np.sort(np.concatenate([keys[is_inner], keys[crossing]]))
    a, b = link_rows.pairs_of(keys)
    is_same = group[a] == group[b]
    scores = random.normal(np.where(is_same, 0.87, 0.72), 0.08).clip(0.5, 0.999)
    return Made(a, b, scores.astype(np.float32), group)


def make(path: Path, made: Made) -> None:
    """A catalogue with these links and as many contents, of which each has an image that no file stands for."""
    with Project.create(path) as project:
        made_of = {"method": links.METHOD, "graphs": [], "encoders": [], "contents": ""}
        with project.write() as session:
            facts.put(session, "links", json.dumps(made_of))
    connection = sqlite3.connect(path / "catalogue.sqlite")
    connection.execute(
        "INSERT INTO sources (id, path, raw_path, ignored, added_at) VALUES (1, '/made', x'2f', 0, 0)"
    )
    connection.execute(
        "INSERT INTO folders (id, source_id, path, raw_path, name) VALUES (1, 1, '', x'', '')"
    )
    count = len(made.group) - 1
    connection.executemany(
        "INSERT INTO contents (id, sha256, width, height, format, frames, perceptual_hash, added_at)"
        " VALUES (?, ?, 64, 64, 'JPEG', 1, x'00', 0)",
        ((number, number.to_bytes(32, "big")) for number in range(1, count + 1)),
    )
    connection.executemany(
        "INSERT INTO images (id, source_id, folder_id, content_id, name, name_key, raw_path, mtime_ns, size_bytes,"
        " added_at, revision) VALUES (?, 1, 1, ?, ?, ?, ?, 0, 1000, 0, 1)",
        (
            (one, one, f"{one}.jpg", f"{one}.jpg", f"{one}.jpg".encode())
            for one in range(1, count + 1)
        ),
    )
    connection.execute("INSERT OR REPLACE INTO facts (key, value) VALUES ('revision', '1')")
    connection.commit()
    connection.close()
    with Project.open(path) as project, project.write() as session:
        link_rows.append(session, as_links(made), np.zeros(0, dtype=np.int64))


def as_links(made: Made) -> Links:
    count = len(made.a)
    return Links(
        made.a, made.b, made.scores, np.full(count, KINDS.index("near"), dtype=np.uint8),
        np.zeros(count, dtype=np.uint32), np.ones((count, 2), dtype=np.float32),
        np.zeros((count, 2, 3), dtype=np.float32),
    )  # fmt: skip


def measure(project: Project, made: Made) -> dict[str, Any]:
    links.load(project)
    started, used = time.perf_counter(), time.process_time()
    sitting = Review.begin(project)
    sitting.upcoming(1)
    begin_s, begin_cpu_s = time.perf_counter() - started, time.process_time() - used
    times: dict[str, list[tuple[float, float]]] = {
        name: [] for name in ("answer", "judge", "next", "next_60", "undo")
    }
    inner = pairs.judge

    def timed(*arguments: Any, **named: Any) -> Any:
        return _timed(times["judge"], partial(inner, *arguments, **named))

    pairs.judge = timed
    try:
        for number in range(ANSWERS):
            card = _timed(times["next"], lambda: sitting.upcoming(1))[0]
            _timed(times["next_60"], lambda: sitting.upcoming(60))
            is_same = bool(made.group[card.a] == made.group[card.b])
            verdict: Verdict = "duplicate" if is_same else "different"
            _timed(times["answer"], partial(sitting.answer, project, card, verdict))
            if number % 10 == 9:
                _timed(times["undo"], lambda: (history.undo(project), sitting.refresh(project)))
    finally:
        pairs.judge = inner
    found: dict[str, Any] = {
        "links": len(made.a),
        "contents": len(made.group) - 1,
        "begin_s": round(begin_s, 3),
        "begin_cpu_s": round(begin_cpu_s, 3),
    }
    for name, values in times.items():
        wall, used = np.array(values).T
        found[f"{name}_p50_ms"] = round(float(np.median(wall)), 2)
        found[f"{name}_p95_ms"] = round(float(np.percentile(wall, 95)), 2)
        found[f"{name}_cpu_p50_ms"] = round(float(np.median(used)), 2)
    return found


def _timed(times: list[tuple[float, float]], call: Any) -> Any:
    before, used = time.perf_counter(), time.process_time()
    found = call()
    times.append(((time.perf_counter() - before) * 1e3, (time.process_time() - used) * 1e3))
    return found


def measure_many(project: Project, made: Made) -> dict[str, Any]:
    rows = np.flatnonzero(made.is_same)[:MANY]
    keys = list(zip(made.a[rows].tolist(), made.b[rows].tolist(), strict=True))
    started = time.perf_counter()
    pairs.judge_many(project, keys, "duplicate", "Accept many")
    stored_s = time.perf_counter() - started
    with project.read() as session:
        query = "SELECT length(ids) + length(inverse_ids) FROM history ORDER BY id DESC LIMIT 1"
        size = session.exec_driver_sql(query).scalar()
    started = time.perf_counter()
    history.undo(project)
    undone_s = time.perf_counter() - started
    return {
        "pairs": len(keys),
        "s": round(stored_s, 2),
        "undo_s": round(undone_s, 2),
        "step_bytes": size,
    }


def simulate(made: Made) -> dict[str, Any]:
    """Whole reviews, without a catalogue."""
    orders: dict[str, Any] = {}
    wrong: dict[str, list[int]] = {}
    for order in ORDERS:
        wrong[order], estimate = _simulated(made, order)
        orders[order] = {"questions": len(wrong[order]) - 1, "estimate": estimate}
    best = min(one["questions"] for one in orders.values())
    for order, one in orders.items():
        one["share_of_all"] = round(one["questions"] / len(made.a), 4)
        one["wrong_after"] = {
            share: wrong[order][int(best * share)] for share in (0.0, 0.1, 0.25, 0.5)
        }
    return {
        "links": len(made.a),
        "groups": int(made.group.max()) + 1,
        "all": len(made.a),
        "orders": orders,
    }


def _simulated(made: Made, order: str) -> tuple[list[int], int]:
    """(open pairs that the threshold has wrong before each question and at the end, questions estimated)."""
    place = np.argsort(-made.scores, kind="stable")
    a, b, scores = made.a[place], made.b[place], made.scores[place]
    is_same = made.is_same[place]
    chance = (1 / (1 + np.exp(-STEEPNESS * (scores - 0.8)))).astype(np.float32)
    heights = {"gain": None, "score": scores, "least": 1 - scores}[order]
    verdicts = Verdicts()
    queue = Queue(a, b, chance, heights, verdicts)
    is_wrong = (chance >= 0.5) != is_same
    estimate, wrong = queue.estimate.questions, [int((queue.is_open & is_wrong).sum())]
    while found := queue.first(1):
        row = found[0]
        verdicts.say(int(a[row]), int(b[row]), "duplicate" if is_same[row] else "different")
        queue.take(verdicts, np.array([int(a[row]) << 32 | int(b[row])]))
        wrong.append(int((queue.is_open & is_wrong).sum()))
    return wrong, estimate
