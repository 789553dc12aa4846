"""The trade-off of AdANNS (Rege et al., NeurIPS 2023): what is found against what is computed, rigid and adaptive.

`lookalike bench adanns --source DATA [--size N] --json`: N (default 50,000) vectors of pieces cut out of the photos of
`train` (``_rows.Pieces``; DATA as for `bench methods`), each with its photo's class; the questions are the photos of
`test`, whole, at most 1,000. Heads of 512 numbers are trained on `train` as in `bench nested`, and make these

- `nested`: trained with every prefix, in its own order;
- `plain_pca`: trained as a whole, turned onto the principal axes of the vectors that are searched;
- `base_pca`: the encoder's own 2,048 numbers, turned, the first 512.

All use 256 lists (k-means), squared distances over leading numbers, and fp32; nothing is quantised, so that only the
numbers of dimensions differ:

- `rigid`: lists and scan by the same first d numbers, as cut vectors in an IVF have it;
- `adaptive`: lists by the first d_c, scan by the first d_s >= d_c (AdANNS-IVF);
- `rigid_reranked`, `adaptive_reranked`: the same, and the best 50 compared in full.

Each point: `coarse`, `fine`, `probes`; `multiply_adds` a question, counted: 256 d_c + scanned rows d_s (+ 50 x 512);
`ms` a question, by batches on one thread; `recall@10` of the ten nearest by all 512; `accuracy`: the nearest row is of
the question's class. `fronts`: those points of each way that nothing cheaper equals, by `recall@10` and by `accuracy`.
`compute_at`: the least multiply-adds at a recall, and at the accuracy of exact search less half a point.

`python tests/benchmarks/adanns.py FIGURES.json PICTURE.svg` draws them.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

Floats = NDArray[np.float32]
SIZE, DIM, STEPS, LISTS, SHORTLIST, QUESTIONS, SEED = 50_000, 512, 300, 256, 50, 1_000, 7
DIMS = (8, 16, 32, 64, 128, 256, 512)
PROBES = (1, 2, 4, 8, 16, 32, 64)
RECALLS = (0.9, 0.95, 0.99)
WAYS = ("rigid", "adaptive", "rigid_reranked", "adaptive_reranked")
_SAME = 1e-5


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """The points of every way for each kind of vectors."""
    import methods

    with methods.on_photos(source) as data:
        heads = {name: _head(data, name == "nested") for name in ("nested", "plain")}
    assert source is not None
    base, labels, asked, asked_labels = _photos(methods.find(source)[1], size or SIZE)
    found: dict[str, Any] = {"size": len(base), "questions": len(asked), "lists": LISTS, "dim": DIM}
    for name in ("nested", "plain_pca", "base_pca"):
        rows, queries = base, asked
        if name != "base_pca":
            model = heads[name.removesuffix("_pca")]
            rows, queries = _through(model, base), _through(model, asked)
        if name != "nested":
            rows, queries = _turned(rows, queries)
        found[name] = _measured(rows, queries, labels, asked_labels)
        sys.stderr.write(f"{name}: {len(found[name]['points'])} points\n")
    return found


def _head(data: Any, is_nested: bool) -> Any:
    import _heads

    given = {"nested": True} if is_nested else {}
    return _heads.learn(data, seed=0, steps=STEPS, dim=DIM, **given)["subject"].model.eval()


def _photos(
    folder: Path | None, count: int
) -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """(vectors of pieces of train, classes, vectors of whole photos of test, classes) by the builtin encoder."""
    import _rows
    from PIL import Image, ImageOps

    assert folder is not None
    train, test = _rows.photos(folder / "train"), _rows.photos(folder / "test")
    test = [
        test[one] for one in np.linspace(0, len(test) - 1, min(QUESTIONS, len(test))).astype(int)
    ]
    names = sorted({one.parent.name for one in train + test})
    pieces = _rows.Pieces(train)
    made, which = zip(*pieces.blocks(count), strict=True)
    codes = np.array([names.index(one.parent.name) for one in train])
    side, squares = pieces.encoder.preprocessing.size_px, []
    for path in test:
        with Image.open(path) as picture:
            picture.draft("RGB", (320, 320))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        squares.append(np.asarray(upright.resize((side, side), Image.Resampling.HAMMING)))
    asked = [
        pieces.encoder.encode_images(np.stack(squares[a : a + 128]))
        for a in range(0, len(test), 128)
    ]
    classes = np.array([names.index(one.parent.name) for one in test])
    return np.concatenate(made), codes[np.concatenate(which)], np.concatenate(asked), classes


def _through(model: Any, rows: Floats) -> Floats:
    """Unit vectors of a head for those of the encoder."""
    import torch

    with torch.inference_mode():
        parts = [model(torch.from_numpy(rows[a : a + 2_048])) for a in range(0, len(rows), 2_048)]
        made: Floats = torch.nn.functional.normalize(torch.cat(parts), dim=1).numpy()
    return made


def _turned(rows: Floats, queries: Floats) -> tuple[Floats, Floats]:
    from core.search.adaptive.order import principal

    drawn = np.random.default_rng(SEED).permutation(len(rows))[:20_000]
    order = principal(rows[np.sort(drawn)], DIM)
    return order.apply(rows), order.apply(queries)


def _measured(
    rows: Floats, queries: Floats, labels: NDArray[np.int64], asked: NDArray[np.int64]
) -> dict[str, Any]:
    import faiss

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatL2(DIM)
    flat.add(np.ascontiguousarray(rows))
    limits, nearest = flat.search(np.ascontiguousarray(queries), 10)
    exact = float(np.mean(labels[nearest[:, 0]] == asked))
    points = []
    for coarse in DIMS:
        leading = np.ascontiguousarray(rows[:, :coarse])
        means = faiss.Kmeans(coarse, LISTS, niter=10, seed=SEED, max_points_per_centroid=200)
        means.train(leading)
        sorter = faiss.IndexFlatL2(coarse)
        sorter.add(np.asarray(means.centroids))
        assigned = sorter.search(leading, 1)[1][:, 0]
        sizes = np.bincount(assigned, minlength=LISTS)
        for fine in (one for one in DIMS if one >= coarse):
            quantizer = _quantizer(sorter, coarse, fine)
            index = _index(quantizer, fine, np.ascontiguousarray(rows[:, :fine]), assigned)
            asking = np.ascontiguousarray(queries[:, :fine])
            for probes in PROBES:
                index.nprobe = probes
                lists = sorter.search(np.ascontiguousarray(queries[:, :coarse]), probes)[1]
                work = LISTS * coarse + float(sizes[lists].sum(axis=1).mean()) * fine
                for is_reranked in (False, True):
                    began = time.perf_counter()
                    got = index.search(asking, SHORTLIST if is_reranked else 10)[1]
                    if is_reranked and fine < DIM:
                        got = _reranked(rows, queries, got)
                    ms = 1e3 * (time.perf_counter() - began) / len(queries)
                    family = "rigid" if coarse == fine else "adaptive"
                    points.append(
                        {
                            "way": f"{family}_reranked" if is_reranked else family,
                            "coarse": coarse,
                            "fine": fine,
                            "probes": probes,
                            "multiply_adds": round(work + (SHORTLIST * DIM if is_reranked else 0)),
                            "ms": round(ms, 4),
                            "recall@10": _recall(rows, queries, got[:, :10], limits[:, -1]),
                            "accuracy": round(float(np.mean(labels[got[:, 0]] == asked)), 4),
                        }
                    )
    return {"exact_accuracy": round(exact, 4), "points": points, **_summed(points, exact)}


def _quantizer(sorter: Any, coarse: int, fine: int) -> Any:
    """What finds lists for the first ``fine`` numbers by the first ``coarse`` of them."""
    import faiss

    lib: Any = faiss
    if coarse == fine:
        return sorter
    return lib.IndexPreTransform(lib.RemapDimensionsTransform(fine, coarse, False), sorter)


def _index(quantizer: Any, fine: int, rows: Floats, assigned: NDArray[np.int64]) -> Any:
    import faiss

    index: Any = faiss.IndexIVFFlat(quantizer, fine, LISTS, faiss.METRIC_L2)
    index.is_trained = True
    numbers = np.arange(len(rows), dtype=np.int64)
    index.add_core(len(rows), *(faiss.swig_ptr(one) for one in (rows, numbers, assigned)))
    index.ntotal = len(rows)
    return index


def _reranked(rows: Floats, queries: Floats, got: NDArray[np.int64]) -> NDArray[np.int64]:
    out = np.full((len(got), 10), -1, dtype=np.int64)
    for row, (numbers, query) in enumerate(zip(got, queries, strict=True)):
        kept = numbers[numbers >= 0]
        order = np.argsort(((rows[kept] - query) ** 2).sum(axis=1), kind="stable")[:10]
        out[row, : len(order)] = kept[order]
    return out


def _recall(
    rows: Floats, queries: Floats, got: NDArray[np.int64], limits: NDArray[np.float32]
) -> float:
    """The share of the ten nearest that was found; of equally near ones any counts."""
    hits = 0
    for numbers, query, limit in zip(got, queries, limits, strict=True):
        kept = numbers[numbers >= 0]
        hits += int(np.count_nonzero(((rows[kept] - query) ** 2).sum(axis=1) <= limit + _SAME))
    return round(min(1.0, hits / (10 * len(got))), 4)


def _summed(points: list[dict[str, Any]], exact: float) -> dict[str, Any]:
    fronts: dict[str, Any] = {}
    compute: dict[str, Any] = {}
    for way in WAYS:
        # What is rigid is a kind of adaptive, with d_c = d_s.
        kinds = (way, way.replace("adaptive", "rigid"))
        mine = sorted(
            (one for one in points if one["way"] in kinds), key=lambda one: one["multiply_adds"]
        )
        fronts[way] = {key: _front(mine, key) for key in ("recall@10", "accuracy")}
        goals = [("recall@10", one, f"recall {one}") for one in RECALLS]
        for key, goal, name in (*goals, ("accuracy", exact - 0.005, "accuracy of exact - 0.005")):
            fitting = [one for one in mine if one[key] >= goal]
            compute.setdefault(name, {})[way] = fitting[0] if fitting else None
    return {"fronts": fronts, "compute_at": compute}


def _front(points: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for one in sorted(points, key=lambda one: (one["multiply_adds"], -one[key])):
        if not kept or one[key] > kept[-1][key]:
            kept.append(one)
    return kept


def draw(figures: dict[str, Any]) -> str:
    """An SVG of the fronts: two panels for each kind of vectors."""
    from _curves_svg import Curve, Panel, svg

    titles = {
        "nested": "Trained with prefixes, own order",
        "plain_pca": "Trained as a whole, principal axes",
        "base_pca": "builtin, principal axes",
    }
    words = {
        "rigid": "rigid: lists and scan by the same d numbers",
        "adaptive": "adaptive (AdANNS-IVF): lists by d_c, scan by d_s numbers",
        "rigid_reranked": "rigid, the best 50 compared in full",
        "adaptive_reranked": "adaptive, the best 50 compared in full",
    }
    panels = []
    for name, title in titles.items():
        for key, said in (
            ("recall@10", "recall of the ten nearest"),
            ("accuracy", "1-NN accuracy"),
        ):
            curves = [
                Curve(
                    words[way],
                    [(one["multiply_adds"], one[key]) for one in figures[name]["fronts"][way][key]],
                    is_dashed=way.startswith("rigid"),
                )
                for way in WAYS
            ]
            panels.append(Panel(title, "multiply-adds a question", said, curves))
    return svg(panels)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        Path(sys.argv[2]).write_text(draw(json.load(file)), encoding="utf-8")
