"""How long it takes to make the groups of many links, and to say what their thresholds come to.

`lookalike bench groups --size N --json`: N links (1,000,000 without --size), drawn from one seed, among contents in
groups of 4 to 12, each linked with the next three of its group in no order of quality; scores from 0.8 to 1; of a tenth
a person said something, in seven of ten cases "duplicate". Seconds of the clock (``s``) and of the processor
(``cpu_s``) for: ``known`` (what follows from the verdicts), ``labels`` (of each link), ``gathered`` (who is in which
group), ``grouping`` (members, edges, weakest links, bytes of all groups), ``records`` (all of them as records),
``page`` (200 of them by weakest link), ``curve`` (calibration over all links). ``peak_rss_mb`` of the whole process.
"""

import resource
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from core.catalogue.links import KINDS, pair_keys, pairs_of
from core.catalogue.records import VERDICTS, Pair
from core.duplicates.calibration import calibrate
from core.duplicates.chances import Answers
from core.duplicates.grouping import Edges, Files, grouping
from core.duplicates.groups import Machine, gathered, usable
from core.duplicates.joined import known

SEED = 9
T = TypeVar("T")


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """The figures."""
    random = np.random.default_rng(SEED)
    wanted = size or 1_000_000
    keys, count = _links(random, wanted)
    a, b = pairs_of(keys)
    scores = random.uniform(0.8, 1, len(keys)).astype(np.float32)
    judged = np.sort(random.choice(len(keys), len(keys) // 10, replace=False))
    words = np.where(random.random(len(judged)) < 0.7, "duplicate", "different")
    verdicts = [
        Pair(int(a[row]), int(b[row]), VERDICTS[VERDICTS.index(word)], None, "person", 0.0)
        for row, word in zip(judged.tolist(), words.tolist(), strict=True)
    ]
    rank = random.permutation(count).astype(np.int64)
    ids = np.arange(1, count)
    files = Files(
        ids.astype(np.int64), ids.astype(np.int32), rank[1:], ids + 1_000, np.zeros(count - 1, bool)
    )
    said = np.full(len(keys), -1, dtype=np.int8)
    said[judged] = [VERDICTS.index(word) for word in words.tolist()]
    edges = Edges(a, b, scores, np.full(len(keys), KINDS.index("near"), dtype=np.uint8), said)
    times: dict[str, dict[str, float]] = {}
    standing = _timed(times, "known", lambda: known(verdicts, count))
    labels = _timed(times, "labels", lambda: standing.labels(a, b))
    label = _timed(
        times, "gathered", lambda: gathered(rank, standing, usable(Machine(a, b, scores), standing))
    )
    found = _timed(times, "grouping", lambda: grouping(label, standing, files, edges, singles=True))
    every = _timed(times, "records", lambda: found.groups(found.order("size")))
    _timed(times, "page", lambda: found.groups(found.order("weakest")[:200]))
    told = judged[:1_000]
    answers = Answers(
        scores[told].astype(np.float64),
        said[told] == VERDICTS.index("duplicate"),
        np.ones(len(told)),
    )
    _timed(times, "curve", lambda: calibrate("near", scores, labels, answers))
    return {
        "size": len(keys),
        "contents": count - 1,
        "verdicts": len(verdicts),
        "groups": len(every),
        "largest": max(len(one.contents) for one in every),
        **times,
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _links(random: np.random.Generator, wanted: int) -> tuple[np.ndarray, int]:
    """(keys of so many links, one more than the highest content)."""
    sizes = 3 + np.minimum(9, random.geometric(0.4, wanted // 6 + 10))
    group = np.repeat(np.arange(len(sizes)), sizes)
    place = 1 + random.permutation(len(group))
    found = []
    for apart in (1, 2, 3):
        same = group[apart:] == group[:-apart]
        found.append(pair_keys(place[apart:][same], place[:-apart][same]))
    # In no order of quality, yet the first so many of them by group.
    owner = np.concatenate([group[apart:][group[apart:] == group[:-apart]] for apart in (1, 2, 3)])
    chosen = np.argsort(owner, kind="stable")[:wanted]
    return np.sort(np.concatenate(found)[chosen]), len(group) + 1


def _timed(times: dict[str, dict[str, float]], name: str, work: Callable[[], T]) -> T:
    clock, processor = time.perf_counter(), time.process_time()
    made = work()
    times[name] = {
        "s": round(time.perf_counter() - clock, 3),
        "cpu_s": round(time.process_time() - processor, 3),
    }
    return made
