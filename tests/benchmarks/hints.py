"""How well label hints find wrong labels: some labels of real photos are made wrong, and looked for.

`lookalike bench hints --source FOLDER [--size SEEDS] --json`. Every image of FOLDER, its class the name of its folder,
embedded with `builtin`. By `kind`, 5 % of the labels are made wrong: `random` into any other class, `confusable` into
the class whose mean vector is nearest. Means over the seeds (3) of what each way of ranking finds:

- `ours`: what the program lists by (`core.search.hints`);
- `equal_votes`: the share of the 20 neighbours with another class, less that with the image's own, all alike;
- `one_neighbour`: whether the nearest image has another class, surest where it is most alike;
- `confident_learning`: our votes, each share less the mean share that images of that class give their own class
  (normalised margin: Northcutt, Jiang and Chuang 2021);
- `no_copies`, `no_balance`: ours where near-copies vote one by one, or where classes are not weighed by their size.

`auroc` of telling wrong labels from right ones; `precision@50`, `@100`, and `@wrong`, where as many are looked at as
are wrong. `listed`: what is told to a person when all above a confidence are (`from`): how many, how many of those
are wrong, which part of the wrong ones that is, and how often the suggested class is then the true one. FOLDER's own
wrong labels, if any, count as right, so the figures are a little too low.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEEDS, WRONG, KINDS = 3, 0.05, ("random", "confusable")
LISTED = (0.0, 0.2, 0.4, 0.6, 0.8)


@dataclass
class Data:
    """A graph, the class of each of its contents, near-copy groups, and the nearest class of each class."""

    graph: Any
    classes: NDArray[np.int64]
    groups: NDArray[np.int64]
    nearest_class: NDArray[np.int64]


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """The figures of each way by kind of wrong labels."""
    if source is None:
        raise SystemExit("lookalike: say where photos in folders by class lie, with --source.")
    data = read(source)
    found: dict[str, Any] = {
        "images": len(data.classes),
        "classes": int(data.classes.max()) + 1,
        "seeds": size or SEEDS,
    }
    for kind in KINDS:
        rows: dict[str, list[dict[str, float]]] = {name: [] for name in WAYS}
        listed: dict[float, list[dict[str, float]]] = {one: [] for one in LISTED}
        for seed in range(size or SEEDS):
            labels, wrong = corrupted(data, kind, seed)
            for name, way in WAYS.items():
                rows[name].append(measured(way(data, labels), wrong))
            for one in LISTED:
                listed[one].append(told(data, labels, wrong, one))
        found[kind] = {name: means(row) for name, row in rows.items()}
        found[kind]["listed"] = [{"from": one, **means(row)} for one, row in listed.items()]
    return found


def read(source: Path) -> Data:
    """Import the photos and take what a search would."""
    from core.catalogue import queries
    from core.operations import evaluate, examples, graphs, projects, sources
    from core.training import holdout

    with (
        tempfile.TemporaryDirectory(prefix="lookalike-bench-") as place,
        projects.create(Path(place) / "c.lookalike") as project,
    ):
        sources.import_folders(project, [source])
        found = evaluate.labelled(project, "folders")
        _, graph = graphs.stored(project)
        groups = holdout.leak_groups(graph.content_ids, examples.leak_graph(project))
        with project.read() as session:
            contents = queries.content_ids(project.index(session), found.image_ids)
    table = np.zeros(int(contents.max()) + 1, dtype=np.int64)
    table[contents] = found.classes
    means = np.stack(
        [found.vectors[found.classes == one].mean(axis=0) for one in range(len(found.names))]
    )
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    alike = means @ means.T
    np.fill_diagonal(alike, -2)
    return Data(graph, table[graph.content_ids], groups, alike.argmax(axis=1))


def corrupted(data: Data, kind: str, seed: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(labels of which some are wrong, which)."""
    random = np.random.default_rng(seed)
    count, classes = len(data.classes), int(data.classes.max()) + 1
    rows = random.choice(count, round(WRONG * count), replace=False)
    labels = data.classes.copy()
    if kind == "random":
        labels[rows] = (labels[rows] + random.integers(1, classes, len(rows))) % classes
    else:
        labels[rows] = data.nearest_class[labels[rows]]
    return labels, labels != data.classes


def ours(
    data: Data, labels: NDArray[np.int64], *, groups: bool = True, balance: float | None = None
) -> Any:
    from core.jobs import Job
    from core.search import hints

    of = hints.units(data.graph.content_ids.astype(np.int64), labels)
    numbers = data.groups if groups else np.arange(len(labels))
    kept = hints.BALANCE
    hints.BALANCE = kept if balance is None else balance
    try:
        return hints.opinions(data.graph, of, numbers, Job())
    finally:
        hints.BALANCE = kept


def shares(data: Data, labels: NDArray[np.int64], *, are_equal: bool) -> NDArray[np.float64]:
    """The vote of each image's neighbours by class [n, classes]."""
    from core.search import hints

    rows = np.arange(len(labels))
    others, weight = hints.weights(data.graph, data.groups, rows)
    if are_equal:
        weight = np.ones_like(weight)
    found = np.zeros((len(labels), int(data.classes.max()) + 1))
    np.add.at(found, (np.repeat(rows, others.shape[1]), labels[others].ravel()), weight.ravel())
    return found / found.sum(axis=1, keepdims=True)


def lead(found: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The best other class's value less the own one's."""
    rows = np.arange(len(labels))
    own = found[rows, labels]
    rest = found.copy()
    rest[rows, labels] = -np.inf
    lead: NDArray[np.float64] = rest.max(axis=1) - own
    return lead


def one_neighbour(data: Data, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    from core.search.oddness import row_by_id

    first = row_by_id(data.graph)[data.graph.neighbour_ids[:, 0]]
    cosine = data.graph.scores[:, 0].astype(np.float64)
    return np.where(labels[first] != labels, cosine, -cosine)


def confident_learning(data: Data, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    found = shares(data, labels, are_equal=False)
    own = found[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=found.shape[1])
    usual = np.bincount(labels, own, minlength=found.shape[1]) / counts.clip(1)
    return lead(found - usual, labels)


WAYS: dict[str, Callable[[Data, NDArray[np.int64]], Any]] = {
    "ours": lambda data, labels: ours(data, labels).confidence,
    "equal_votes": lambda data, labels: lead(shares(data, labels, are_equal=True), labels),
    "one_neighbour": one_neighbour,
    "confident_learning": confident_learning,
    "no_copies": lambda data, labels: ours(data, labels, groups=False).confidence,
    "no_balance": lambda data, labels: ours(data, labels, balance=0.0).confidence,
}


def measured(scores: NDArray[Any], wrong: NDArray[np.bool_]) -> dict[str, float]:
    """Equal scores count half for AUROC; for precision they stand in the order of the images."""
    hits = wrong[np.argsort(-scores, kind="stable")]
    _, number, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[number]
    bad = int(wrong.sum())
    area = (ranks[wrong].sum() - bad * (bad + 1) / 2) / (bad * (len(wrong) - bad))
    return {
        "auroc": float(area),
        "precision@50": float(hits[:50].mean()),
        "precision@100": float(hits[:100].mean()),
        "precision@wrong": float(hits[:bad].mean()),
    }


def told(
    data: Data, labels: NDArray[np.int64], wrong: NDArray[np.bool_], least: float
) -> dict[str, float]:
    said = ours(data, labels)
    chosen = (said.confidence > least) & (said.suggested >= 0)
    hit = chosen & wrong
    return {
        "images": float(chosen.sum()),
        "precision": float(hit.sum() / max(1, chosen.sum())),
        "recall": float(hit.sum() / wrong.sum()),
        "right_class": float((said.suggested == data.classes)[hit].mean()) if hit.any() else 0.0,
    }


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(float(np.mean([one[key] for one in rows])), 4) for key in rows[0]}
