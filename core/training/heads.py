"""The projection at the end of the encoder: what is trained on stored vectors, and what ends a trained network."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


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
        """Begin where what varies within a label counts less: whitening by the scatter within labels, as
        far as the vectors tell it from noise, then the principal axes of what is left.

        ``vectors`` [n, in_dim] and ``labels`` [n]. Mikolajczyk and Matas 2007; Radenovic et al. 2018 call it
        learned whitening. It needs no step of training, and on new images it finds more than the encoder does.
        """
        self.mean.copy_(vectors.mean(dim=0))
        # In fp64: the axes are an answer that another machine should get as well.
        centred = (vectors - self.mean).double()
        numbers = labels.unique(return_inverse=True)[1]
        count = torch.bincount(numbers).double()
        sums = torch.zeros(len(count), self.in_dim, dtype=torch.float64, device=vectors.device)
        within = centred - (sums.index_add_(0, numbers, centred) / count[:, None])[numbers]
        freedom = max(1, min(self.in_dim, len(vectors) - len(count)))
        values, axes = torch.linalg.eigh(within.T @ within / max(1, len(within)))
        values = values.clamp_min(0)
        # The mean of the directions that vary at all: directions nobody has seen vary must not win.
        floor = values.sum() / freedom
        if float(floor) <= 0:  # nothing but single images, or copies of one
            values, floor = torch.ones_like(values), torch.ones_like(floor)
        whitened = axes * (values + floor).rsqrt()
        turned = centred @ whitened
        _, onto = torch.linalg.eigh(turned.T @ turned / max(1, len(turned)))
        chosen = whitened @ onto.flip(1)[:, : self.dim]
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
