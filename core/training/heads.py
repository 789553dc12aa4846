"""The projection at the end of the encoder: what is trained on stored vectors, and what ends a trained network."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

# Of the within scatter's mean eigenvalue, added to each; the power of an axis's between scatter that it is
# weighted by; the least weight, as a share of the mean between scatter.
SHRINKAGE, EMPHASIS, LEAST_WEIGHT = 1.0, 0.25, 0.003
# The first two where pairs teach: a few hundred say little of how images vary, and nothing of classes.
PAIRS_SHRINKAGE, PAIRS_EMPHASIS = 10.0, 0.0


class ResidualHead(nn.Module):
    """Vectors to vectors: centred, whitened, and a perceptron beside them that starts at zero.

    It starts as what ``fit`` gives (before that, the encoder's own first axes), so training moves away from
    what works only where that pays. Input [n, in_dim] unit rows, output [n, dim], not normalised.
    """

    mean: Tensor
    axes: Tensor

    def __init__(self, in_dim: int, dim: int, hidden: int) -> None:
        super().__init__()
        self.in_dim, self.dim, self.hidden = in_dim, dim, hidden
        self.register_buffer("mean", torch.zeros(in_dim))
        self.register_buffer("axes", torch.eye(in_dim, dim))
        self.inner = nn.Linear(dim, hidden)
        self.outer = nn.Linear(hidden, dim)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def fit(self, vectors: Tensor, labels: Tensor, *, is_pairs: bool = False) -> None:
        """Begin where what varies within a label counts less, and what tells labels apart counts more.

        ``vectors`` [n, in_dim] and ``labels`` [n]. Linear discriminant analysis (Rao 1948), softened for few
        images in many dimensions: whitened by the scatter within labels as far as that stands out from
        its mean, turned onto the axes that tell labels apart, and these weighted by a root of how well they
        do; what is left of ``dim`` goes to the other principal axes at the least weight. It takes no step
        of training, and finds more on new images than the encoder does (docs/decisions.md).
        """
        self.mean.copy_(vectors.mean(dim=0))
        # In fp64: the axes are an answer that another machine should get as well.
        centred = (vectors - self.mean).double()
        onto = _span(centred)
        strength = (PAIRS_SHRINKAGE, PAIRS_EMPHASIS) if is_pairs else (SHRINKAGE, EMPHASIS)
        axes, aside = _discriminant(centred @ onto, labels.to(vectors.device), *strength)
        chosen = self._fitted(onto, axes, aside)
        # Rows of about length 1, so that the perceptron meets the same scale in every catalogue.
        self.axes.copy_(chosen / (centred @ chosen).norm(dim=1).mean().clamp_min(1e-12))

    def _fitted(self, onto: Tensor, axes: Tensor, aside: Tensor) -> Tensor:
        """[in_dim, dim] from ``axes`` [r, r] within the span ``onto`` [in_dim, r]; ``aside`` is the weight
        of what lies outside it."""
        chosen = (onto @ axes)[:, : self.dim]
        missing = self.dim - chosen.shape[1]
        if missing > 0:  # fewer vectors than dimensions: directions at right angles to all of them
            other = torch.linalg.qr(onto, mode="complete")[0][:, onto.shape[1] :]
            chosen = torch.cat([chosen, aside * other[:, :missing]], dim=1)
        # The sign of an axis is the library's whim.
        signed: Tensor = chosen * chosen.gather(0, chosen.abs().argmax(dim=0, keepdim=True)).sign()
        return signed

    def forward(self, vectors: Tensor) -> Tensor:
        turned = (vectors - self.mean) @ self.axes
        bent: Tensor = self.outer(functional.gelu(self.inner(turned)))
        return turned + bent

    @property
    def shape(self) -> dict[str, Any]:
        """What ``make`` needs to build it again."""
        return {
            "kind": "residual",
            "in_dim": self.in_dim,
            "dim": self.dim,
            "hidden": self.hidden,
        }


def _span(centred: Tensor) -> Tensor:
    """Orthonormal axes [d, r] that hold all rows [n, d]: few rows need few of many dimensions."""
    n, d = centred.shape
    if n < d:
        found: Tensor = torch.linalg.qr(centred.T)[0]
        return found
    return torch.eye(d, dtype=centred.dtype, device=centred.device)


def _discriminant(
    rows: Tensor, labels: Tensor, shrinkage: float, emphasis: float
) -> tuple[Tensor, Tensor]:
    """(axes [r, r], the weight of a direction in which nothing varies) for centred rows [n, r]."""
    numbers = torch.unique(labels, return_inverse=True)[1]
    count = torch.bincount(numbers).double()
    means = torch.zeros(len(count), rows.shape[1], dtype=torch.float64, device=rows.device)
    means = means.index_add_(0, numbers, rows) / count[:, None]
    within = rows - means[numbers]
    values, axes = torch.linalg.eigh(within.T @ within / len(within))
    values = values.clamp_min(0)
    # The mean of the directions that vary at all: directions nobody has seen vary must not win.
    freedom = max(1, min(rows.shape[1], len(rows) - len(count)))
    floor = shrinkage * values.sum() / freedom
    if float(floor) <= 0:  # nothing but single images, or copies of one
        values, floor = torch.ones_like(values), torch.ones_like(floor)
    whitened = axes * (values + floor).rsqrt()
    apart = (means @ whitened) * (count / count.sum()).sqrt()[:, None]
    _, spread, onto = torch.linalg.svd(apart, full_matrices=False)
    told = max(1, min(len(count) - 1, len(spread)))
    between = spread[:told].square()
    least = LEAST_WEIGHT * between.mean().clamp_min(1e-12)
    lowest = (least / (between[0] + least)) ** (emphasis / 2)
    weights = lowest.expand(rows.shape[1]).clone()
    weights[:told] = ((between + least) / (between[0] + least)) ** (emphasis / 2)
    turn = onto[:told].T
    rest = torch.linalg.qr(turn, mode="complete")[0][:, told:]
    # What tells no labels apart in the order of how much it varies: an optimiser with a rate for each
    # number learns worse where all of them are mixed.
    turned = rows @ (whitened @ rest)
    _, order = torch.linalg.eigh(turned.T @ turned)
    basis = torch.cat([turn, rest @ order.flip(1)], dim=1)
    return whitened @ basis * weights, lowest * floor.rsqrt()


class LinearHead(nn.Linear):
    """One matrix from features to vectors, as XBM and most of the papers have it."""

    def __init__(self, in_dim: int, dim: int) -> None:
        super().__init__(in_dim, dim)
        nn.init.kaiming_normal_(self.weight, nonlinearity="linear")
        nn.init.zeros_(self.bias)

    @property
    def shape(self) -> dict[str, Any]:
        """What ``make`` needs to build it again."""
        return {"kind": "linear", "in_dim": self.in_features, "dim": self.out_features}


Head = ResidualHead | LinearHead


def make(shape: dict[str, Any]) -> Head:
    """A head of this shape, to load weights into. Raises ValueError for a kind that is not known."""
    kind = shape.get("kind")
    if kind == "residual":
        return ResidualHead(int(shape["in_dim"]), int(shape["dim"]), int(shape["hidden"]))
    if kind == "linear":
        return LinearHead(int(shape["in_dim"]), int(shape["dim"]))
    raise ValueError(f"a head of the kind {kind!r}")
