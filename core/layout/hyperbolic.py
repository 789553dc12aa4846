"""The hyperbolic plane as the Poincare disk and as the hyperboloid: moves and directions, in torch."""

import torch

MOST = 1 - 1e-3  # of the radius of the disk: no point lies further out


def on_hyperboloid(at: torch.Tensor) -> torch.Tensor:
    """Points of the disk [n, 2] as (t, x, y) [n, 3] with t^2 - x^2 - y^2 = 1; -<a, b> is cosh of the distance."""
    inner = 1 / (1 - (at * at).sum(dim=1, keepdim=True))
    return torch.cat([2 * inner - 1, 2 * inner * at], dim=1)


def to_disk_frame(body: torch.Tensor, along: torch.Tensor) -> torch.Tensor:
    """Tangent vectors [n, 3] at points of the hyperboloid [n, 3], in the frame of the disk there [n, 2], where
    Euclidean length is hyperbolic length."""
    return along[:, 1:] - along[:, :1] * (body[:, 1:] / (1 + body[:, :1]))


def towards(here: torch.Tensor, there: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(distance [n], unit direction [n, 2] in the frame at ``here``) from points of the disk to others.

    By Moebius addition, (-here) + there = (there - here) / (1 - conj(here) there) of complex numbers, which
    stays exact for close points near the rim.
    """
    x, y = there[:, 0] - here[:, 0], there[:, 1] - here[:, 1]
    real = 1 - (here[:, 0] * there[:, 0] + here[:, 1] * there[:, 1])
    cross = here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0]
    size = real * real + cross * cross
    turned = torch.stack([(x * real - y * cross) / size, (x * cross + y * real) / size], dim=1)
    length = torch.linalg.vector_norm(turned, dim=1)
    distance = 2 * torch.atanh(length.clamp_max(1 - 1e-6))
    return distance, turned / length.clamp_min(1e-12)[:, None]


def moved(at: torch.Tensor, by: torch.Tensor, longest: float) -> torch.Tensor:
    """Points of the disk [n, 2] after going along geodesics, ``by`` [n, 2] in the frame of each, ``longest`` at
    most; kept within MOST (the exponential map, Ganea et al. 2018)."""
    length = torch.linalg.vector_norm(by, dim=1).clamp_min(1e-12)
    step = by * (torch.tanh(length.clamp_max(longest) / 2) / length)[:, None]
    x, y = at[:, 0] + step[:, 0], at[:, 1] + step[:, 1]
    real = 1 + (at[:, 0] * step[:, 0] + at[:, 1] * step[:, 1])
    cross = at[:, 0] * step[:, 1] - at[:, 1] * step[:, 0]
    size = real * real + cross * cross
    new = torch.stack([(x * real + y * cross) / size, (y * real - x * cross) / size], dim=1)
    length = torch.linalg.vector_norm(new, dim=1, keepdim=True)
    kept: torch.Tensor = new * (MOST / length.clamp_min(MOST))
    return kept
