"""Looks at a network while it learns: how well watched images find each other, how far fixed ones moved, and how
those that are learnt from crowd together."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.jobs import Job
from core.training import collapse, harmony, pair_measure
from core.training.evaluate import NOTHING, RANKS, Ranking, rank
from core.training.examples import Ints, pairs_among
from core.training.feeds import Feed
from core.training.material import Material
from core.training.siamese import Siamese, embed_all
from core.training.standing import Standing
from core.training.watch import Pinned

_PROBE_ROWS = 256
_GALLERY_ROWS = 1000
_AROUND_ROWS = 2000
# Learned images whose crowding is measured, where a look costs no picture; else the probe's.
_CROWD_ROWS = 384
_PINNED, _NEIGHBOURS = 5, 8


class Observer:
    """Embeds the watched images, the probe and the pinned ones, each once a look."""

    def __init__(
        self,
        model: Siamese,
        feed: Feed,
        material: Material,
        pinned: tuple[int, ...],
        old: NDArray[np.float16] | None = None,
    ) -> None:
        """``old`` [n, d]: the vectors of all rows that the new ones are to stay comparable with."""
        self._model, self._feed, self._material = model, feed, material
        watched = material.watched
        random = np.random.default_rng(7)
        is_cheap = model.backbone is None
        most = _CROWD_ROWS if is_cheap else _PROBE_ROWS
        crowd = collapse.sample(material.labels, material.learned, most, random)
        # Those first, so that no look embeds more for them.
        rest = random.permutation(np.setdiff1d(material.learned, crowd))
        others = np.concatenate([crowd, rest])
        probe = others[:_PROBE_ROWS]
        pool = watched if len(watched) else np.sort(probe)
        self._gallery = (
            pool
            if len(pool) <= _GALLERY_ROWS
            else np.sort(random.permutation(pool)[:_GALLERY_ROWS])
        )
        self._pins = self._choose(pinned)
        # What the pinned ones find their neighbours among: more where a look costs no picture.
        around = others[:_AROUND_ROWS] if is_cheap else probe
        self._around = np.unique(np.concatenate([self._gallery, around]))
        parts = [watched, self._gallery, self._pins, probe, self._around]
        self._rows = np.unique(np.concatenate(parts))
        self._probe_places = np.searchsorted(self._rows, probe)
        self._old = None if old is None else old[watched].astype(np.float32)
        self._crowd_places = np.searchsorted(self._rows, crowd)
        self.probe: Tensor | None = None

    def _choose(self, pinned: tuple[int, ...]) -> Ints:
        """Rows of the wanted contents; five of different classes where none is wanted."""
        found = np.flatnonzero(np.isin(self._material.ids, np.array(pinned, dtype=np.int64)))
        if len(found):
            return found[:_PINNED]
        labels = self._material.labels[self._gallery]
        counts = np.bincount(labels, minlength=1)
        several = np.flatnonzero(counts > 1)
        chosen = several[np.linspace(0, len(several) - 1, min(_PINNED, len(several))).astype(int)]
        rows = [int(self._gallery[np.flatnonzero(labels == one)[0]]) for one in chosen]
        return np.array(rows, dtype=np.int64)

    def look(self) -> Standing:
        """Embed and measure."""
        vectors = embed_all(self._model, self._feed.plain(self._rows))
        probe = vectors[self._probe_places]
        drift = float("nan")
        if self.probe is not None:
            drift = float((probe - self.probe).square().sum(dim=1).mean())
        self.probe = probe.clone()
        return self._standing(vectors, drift)

    def of(self, vectors: NDArray[np.float16]) -> Standing:
        """Measure other vectors of all rows [n, d]: those before anything was trained."""
        rows = torch.from_numpy(vectors[self._rows]).float()
        return self._standing(functional.normalize(rows, dim=1), float("nan"))

    def _standing(self, vectors: Tensor, drift: float) -> Standing:
        labels = self._material.labels[self._rows]
        array = vectors.numpy()
        is_finite = bool(np.isfinite(array).all())
        watched = np.searchsorted(self._rows, self._material.watched)
        ranking = rank(array, labels, watched, watched, Job()) if is_finite else NOTHING
        values = _values(ranking)
        score = self._score(array, labels, watched, values)
        if is_finite:
            crowd = self._crowd_places
            values |= collapse.measure(array[crowd], labels[crowd]).values()
        gallery = np.searchsorted(self._rows, self._gallery)
        histograms = pair_measure.histograms(array[gallery], labels[gallery])
        pinned = self._follow(vectors, labels)
        by_query = labels[ranking.queries], ranking.hits[RANKS[0]]
        return Standing(values, score, drift, is_finite, histograms, pinned, by_query)

    def _score(
        self,
        vectors: NDArray[np.float32],
        labels: Ints,
        watched: Ints,
        values: dict[str, float],
    ) -> float | None:
        """What states are compared by."""
        material = self._material
        if not material.is_pairs:
            # R@1 alone jumps by single images.
            score = (values["recall@1"] + values["map@r"]) / 2 if values else None
            if score is not None and self._old is not None:
                mixed = harmony.measure(self._old, vectors[watched], labels[watched], Job())
                # What is comparable is better than all that is not.
                score -= not mixed["is_comparable"]
            return score
        rows, is_same = pairs_among(labels, watched, material.different)
        if not len(rows) or not is_same.any() or is_same.all():
            return None
        return pair_measure.from_pairs(vectors, rows, is_same).average_precision

    def _follow(self, vectors: Tensor, labels: Ints) -> tuple[Pinned, ...]:
        if not len(self._pins):
            return ()
        gallery = np.searchsorted(self._rows, self._around)
        places = np.searchsorted(self._rows, self._pins)
        products = vectors[places] @ vectors[gallery].T
        own = torch.from_numpy(self._pins[:, None] == self._around[None])
        products[own] = -2.0
        top = products.topk(min(_NEIGHBOURS, max(1, len(gallery) - 1)), dim=1)
        ids = self._material.ids[self._rows]
        found = []
        for place, scores, order in zip(places, top.values, top.indices, strict=True):
            others = gallery[order.numpy()]
            same: tuple[bool | None, ...] = tuple(
                True
                if labels[other] == labels[place]
                else (None if self._material.is_pairs else False)
                for other in others
            )
            found.append(
                Pinned(
                    int(ids[place]),
                    tuple(int(ids[other]) for other in others),
                    tuple(round(float(one), 4) for one in scores),
                    same,
                )
            )
        return tuple(found)


def _values(ranking: Ranking) -> dict[str, float]:
    """What the curves show of it; nothing where no query counted."""
    if not len(ranking.queries):
        return {}
    values = {f"recall@{k}": float(ranking.hits[k].mean()) for k in RANKS}
    values["map@r"] = float(ranking.average_precision.mean())
    values["queries"] = len(ranking.queries)
    return values
