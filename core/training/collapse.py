"""How far the images that are learnt from crowd together by class: where held-out ones suffer by it, it over-trains.

After Papyan, Han and Donoho, "Prevalence of neural collapse during the terminal phase of deep learning
training" (PNAS 2020). Only numpy.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from core.training.examples import Ints

# Classes that a look takes in at most: more cost a decomposition of so many numbers squared.
_MOST_CLASSES = 32
# Of the largest eigenvalue, and of the vectors' mean square: what lies below is rounding.
_TOLERANCE, _LEAST_APART = 1e-10, 1e-12
# Measurements that are averaged, and that must all agree: one jumps by single images.
_SEVERAL = 4
# Images that have crowded together vary this much less than when most was found.
_CROWDED = 0.9
# As with patience: while the steps are large, what is watched may get worse before it gets better.
_SETTLED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Collapse:
    """How the vectors of some classes lie; NaN where that cannot be told.

    ``variability`` within the classes (NC1), ``uneven_norms`` and ``uneven_angles`` of their means (NC2; 0
    for a simplex), ``centred``: share nearest to the mean of its own class (NC4).
    """

    variability: float = float("nan")
    uneven_norms: float = float("nan")
    uneven_angles: float = float("nan")
    centred: float = float("nan")

    def values(self) -> dict[str, float]:
        """By the names of the curves."""
        return asdict(self)


def sample(labels: Ints, rows: Ints, most: int, random: np.random.Generator) -> Ints:
    """At most ``most`` of ``rows`` to measure by: of some classes, as many of each as can be, at least two.

    ``labels`` int64 [n] of all rows. Empty where fewer than two classes have two rows.
    """
    mixed = random.permutation(rows)
    _, numbers, counts = np.unique(labels[mixed], return_inverse=True, return_counts=True)
    usable = random.permutation(np.flatnonzero(counts > 1))[: min(_MOST_CLASSES, most // 2)]
    if len(usable) < 2:
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    turn = np.empty(len(mixed), dtype=np.int64)  # first of its class, second, ...
    starts = np.cumsum(counts) - counts
    turn[order] = np.arange(len(mixed)) - starts[numbers[order]]
    kept = np.flatnonzero(np.isin(numbers, usable))
    found: Ints = mixed[kept[np.argsort(turn[kept], kind="stable")][:most]]
    return found


def measure(vectors: NDArray[np.float32], labels: Ints) -> Collapse:
    """NC1, NC2 and NC4 of vectors [n, d] with their labels int64 [n]; classes of one vector are left out.

    NC1 is tr(Sw Sb+) / C, with the mean of the class means as the centre, so that Sb has rank C - 1 whatever
    the sizes. All of it follows from products with the C class means, so no matrix of d x d is made; in fp64.
    For NC4 an image is taken out of its own class mean: few images a class must not flatter.
    """
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    kept = (counts > 1)[numbers]
    counts = counts[counts > 1]
    if len(counts) < 2:
        return Collapse()
    own = np.unique(numbers[kept], return_inverse=True)[1].reshape(-1)
    rows = (vectors if kept.all() else vectors[kept]).astype(np.float64)
    averages = (own == np.arange(len(counts))[:, None]) / counts[:, None]  # [C, n]
    means = averages @ rows
    centre = means.mean(axis=0)
    means -= centre
    products = rows @ means.T - means @ centre  # of centred rows and centred means [n, C]
    gram = averages @ products
    gram = (gram + gram.T) / 2
    within = products - gram[own]
    norms_2 = np.maximum(gram.diagonal(), 0.0)
    lengths_2: NDArray[np.float64] = np.einsum("nd,nd->n", rows, rows)
    if norms_2.max() <= _LEAST_APART * lengths_2.mean():  # all classes lie in one place
        return Collapse()
    spread_2 = lengths_2 - 2 * (rows @ centre) + centre @ centre
    return Collapse(
        _variability(within, gram),
        *_unevenness(gram, np.sqrt(norms_2)),
        _centred(products, spread_2, norms_2, own, counts),
    )


def _variability(within: NDArray[np.float64], gram: NDArray[np.float64]) -> float:
    """NC1 from ``within`` [n, C], rows less their class mean times the centred class means, and the latter's
    products [C, C]."""
    values, axes = np.linalg.eigh(gram)
    used = values > _TOLERANCE * values[-1]
    used[0] = False  # the centred means add up to nothing
    # With means = U s V': a row on V is row means' U / s, and Sb+ is V C / s^2 V'.
    scaled = within @ (axes[:, used] / values[used])
    return float(np.square(scaled).sum() / len(within))


def _unevenness(gram: NDArray[np.float64], norms: NDArray[np.float64]) -> tuple[float, float]:
    """Coefficient of variation of the norms, and mean |cos + 1 / (C - 1)| between the class means."""
    classes = len(norms)
    if not norms.min() > 0:
        return float("nan"), float("nan")
    cosines = gram / norms[:, None] / norms
    apart = np.abs(cosines + 1 / (classes - 1))
    np.fill_diagonal(apart, 0.0)
    return float(norms.std() / norms.mean()), float(apart.sum() / classes / (classes - 1))


def _centred(
    products: NDArray[np.float64],
    spread_2: NDArray[np.float64],
    norms_2: NDArray[np.float64],
    own: Ints,
    counts: Ints,
) -> float:
    distances = spread_2[:, None] - 2 * products + norms_2
    every = np.arange(len(own))
    # Without the row itself the mean moves away from it: by n / (n - 1) of the way.
    away = counts[own] / (counts[own] - 1)
    mine = distances[every, own] * away**2
    distances[every, own] = np.inf
    return float((mine < distances.min(axis=1)).mean())


def judge(
    measured_at: Sequence[int],
    variability: Sequence[float],
    recall: Sequence[float],
    map_at_r: Sequence[float],
    *,
    queries: int,
    steps: int,
    best_step: int,
) -> str:
    """A sentence where it over-trains, else nothing.

    All [m]: the step of each measurement, NC1 of what is learnt, R@1 and MAP@R of ``queries`` watched images.
    It speaks from half of the ``steps`` on, when in each of the last measurements R@1 is more than a standard
    error below the best stretch before, MAP@R is below it too, and the learned images vary clearly less.
    """
    at = np.array(measured_at, dtype=np.int64)
    curves = np.array([variability, recall, map_at_r], dtype=np.float64)
    usable = np.isfinite(curves).all(axis=0)
    # Of step 0 there are two: of the encoder that it starts from, and of the network.
    usable &= np.append(at[1:] != at[:-1], True)
    at, curves = at[usable], curves[:, usable]
    if len(at) < 2 * _SEVERAL or queries < 1 or at[-1] < _SETTLED_SHARE * steps:
        return ""
    window = np.ones(_SEVERAL) / _SEVERAL
    means = np.stack([np.convolve(one, window, "valid") for one in curves])
    peak = int(means[1, :-_SEVERAL].argmax())
    varied, found, ranked = means[:, peak]
    late = curves[:, -_SEVERAL:]
    error = np.sqrt(max(found * (1 - found), 1 / queries) / queries)
    falls = (late[1] < found - error).all() and (late[2] < ranked).all()
    crowds = (late[0] < _CROWDED * varied).all()
    since = _since(curves[1], found, peak + _SEVERAL)
    if not falls or not crowds or best_step >= at[-_SEVERAL]:
        return ""
    return (
        "The images it learns from crowd together while held-out images are found less often: it is "
        f"over-training since step {at[since]:,}. The best state, at step {best_step:,}, is what is kept; "
        "fewer steps or more images would help."
    )


def _since(recall: NDArray[np.float64], found: float, after: int) -> int:
    """The first measurement from which on all lie below ``found``, not before ``after``."""
    above = np.flatnonzero(recall >= found)
    return min(max(int(above.max(initial=-1)) + 1, after), len(recall) - 1)
