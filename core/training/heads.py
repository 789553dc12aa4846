"""The projection at the end of the encoder: what is trained on stored vectors, and what ends a trained network."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

# Of the within scatter's mean eigenvalue, added to each; the power of an axis's between scatter that it is
# weighted by; the least weight, as a share of the mean between scatter.
SHRINKAGE, EMPHASIS, LEAST_WEIGHT = 1.0, 0.25, 0.005


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

    def fit(self, vectors: Tensor, labels: Tensor) -> None:
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
        numbers = torch.unique(labels, return_inverse=True)[1].to(vectors.device)
        count = torch.bincount(numbers).double()
        means = torch.zeros(len(count), self.in_dim, dtype=torch.float64, device=vectors.device)
        means.index_add_(0, numbers, centred)
        means /= count[:, None]
        within = centred - means[numbers]
        values, axes = torch.linalg.eigh(within.T @ within / len(within))
        values = values.clamp_min(0)
        # The mean of the directions that vary at all: directions nobody has seen vary must not win.
        freedom = max(1, min(self.in_dim, len(vectors) - len(count)))
        floor = SHRINKAGE * values.sum() / freedom
        if float(floor) <= 0:  # nothing but single images, or copies of one
            values, floor = torch.ones_like(values), torch.ones_like(floor)
        whitened = axes * (values + floor).rsqrt()
        apart = (means @ whitened) * (count / count.sum()).sqrt()[:, None]
        between, onto = torch.linalg.eigh(apart.T @ apart)
        between, onto = between.flip(0).clamp_min(0), onto.flip(1)
        told = max(1, min(len(count) - 1, self.in_dim))
        rest = onto[:, told:]
        turned = centred @ (whitened @ rest)
        _, order = torch.linalg.eigh(turned.T @ turned)
        onto = torch.cat([onto[:, :told], rest @ order.flip(1)], dim=1)
        least = LEAST_WEIGHT * between[:told].mean().clamp_min(1e-12)
        weights = torch.full_like(between, float(least))
        weights[:told] += between[:told]
        weights = (weights / weights[0]) ** (EMPHASIS / 2)
        chosen = ((whitened @ onto) * weights)[:, : self.dim]
        # Rows of about length 1, so that the perceptron meets the same scale in every catalogue.
        chosen = chosen / (centred @ chosen).norm(dim=1).mean().clamp_min(1e-12)
        # The sign of an eigenvector is the library's whim.
        signs = chosen.gather(0, chosen.abs().argmax(dim=0, keepdim=True)).sign()
        self.axes.copy_((chosen * signs).float())

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


class NoHead(nn.Identity):
    """The network's own last layer is the projection."""

    @property
    def shape(self) -> dict[str, Any]:
        """What ``make`` needs to build it again."""
        return {"kind": "none"}


Head = ResidualHead | LinearHead | NoHead


def make(shape: dict[str, Any]) -> Head:
    """A head of this shape, to load weights into. Raises ValueError for a kind that is not known."""
    kind = shape.get("kind")
    if kind == "residual":
        return ResidualHead(int(shape["in_dim"]), int(shape["dim"]), int(shape["hidden"]))
    if kind == "linear":
        return LinearHead(int(shape["in_dim"]), int(shape["dim"]))
    if kind == "none":
        return NoHead()
    raise ValueError(f"a head of the kind {kind!r}")
