"""A trained encoder as one network, from what it started from to its last head: to take it away, and to take one in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.encoders import names, registry, run_files, runs
from core.encoders.base import Encoder, Preprocessing
from core.encoders.builtin import Builtin, ShapeColour
from core.encoders.names import EncoderName
from core.encoders.network import Network
from core.encoders.towers import Colour, Towers
from core.errors import EncoderError
from core.training import checkpoint, heads

# The largest difference in any number of a unit vector at which two ways of computing it count as the same.
TOLERANCE = 1e-3
# Of an encoder that works here in reduced precision the cosine is what can be asked for.
_LEAST_COSINE = 0.98
_SAMPLES = 5
_PROOF_NUMBERS = 16


class Chain(nn.Module):
    """A network and the heads behind it: float [n, 3, height, width], normalised, to unit rows [n, dim]."""

    def __init__(self, backbone: nn.Module, chained: Sequence[heads.Head]) -> None:
        super().__init__()
        self.backbone = backbone
        self.heads = nn.ModuleList(chained)

    def forward(self, planes: Tensor) -> Tensor:
        found = self.backbone(planes)
        rows = (found[0] if isinstance(found, tuple) else found).flatten(1).float()
        for head in self.heads:
            if isinstance(head, heads.ResidualHead):  # as it was trained, see ``Siamese``
                rows = functional.normalize(rows, dim=1)
            rows = head(rows)
        return functional.normalize(rows, dim=1)


class Planes(nn.Module):
    """``builtin`` as a network that takes what every other takes; mean 0 and deviation 1."""

    def __init__(self, inner: ShapeColour) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, planes: Tensor) -> Tensor:
        return self.inner.of_planes(planes)


@dataclass(frozen=True, slots=True)
class Complete:
    """A whole encoder in fp32 on the CPU. ``root`` is the name of what its first network is; ``mean`` and ``std``
    are of RGB in 0 to 1, ``input_px`` (height, width) is what the network takes."""

    root: str
    architecture: str
    network: Chain
    preprocessing: Preprocessing
    mean: Colour
    std: Colour
    input_px: tuple[int, int]
    patches: Callable[[nn.Module, Tensor], Tensor] | None = None

    @property
    def head_shapes(self) -> list[dict[str, Any]]:
        """What ``heads.make`` needs for each head, the first one first."""
        return [one.shape for one in _heads_of(self.network)]

    @property
    def dim(self) -> int:
        """Numbers in a vector; every trained encoder ends in a head."""
        return int(self.head_shapes[-1]["dim"])

    def ready(self, pixels: NDArray[np.uint8]) -> Tensor:
        """RGB squares [n, side, side, 3] to what the network takes."""
        planes = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 255
        mean, std = (torch.tensor(one).view(3, 1, 1) for one in (self.mean, self.std))
        planes = ((planes - mean) / std).contiguous()
        if planes.shape[-2:] != self.input_px:
            planes = functional.interpolate(planes, self.input_px, mode="bilinear", antialias=True)
        return planes

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit rows [n, dim] for RGB squares [n, side, side, 3]."""
        with torch.inference_mode():
            found: NDArray[np.float32] = self.network(self.ready(pixels)).numpy()
        return found


def of_run(models: Path, run: str) -> Complete:
    """The whole of a trained encoder in the ``models`` folder of its catalogue, with adapters merged.

    Raises EncoderError where it or what it started from cannot be had.
    """
    card = run_files.read(models, run)
    if card is None:
        raise EncoderError(f"There is no trained encoder named {run!r} in this catalogue.")
    weights = runs.read_weights(run_files.folder(models, run) / run_files.WEIGHTS)
    if card.heads:
        return put_together(card.base, card.heads, weights)
    head = heads.make(card.head)
    head.load_state_dict(checkpoint.part(weights, "head."))
    base = names.parse(card.base)
    if card.depth == "head":
        found = _of_base(models, base)
        every = [*_heads_of(found.network), head]
    else:
        found = _complete(base, runs.trained_towers(card, weights), [])
        every = [head]
    return replace(found, network=_at_rest(Chain(found.network.backbone, every)))


def put_together(
    root: str, shapes: Sequence[dict[str, Any]], tensors: dict[str, Tensor]
) -> Complete:
    """The encoder whose first network is that of ``root`` without its weights, with heads of these shapes, and these
    ``tensors`` for all of it: the other way round from ``weights``. Raises EncoderError where they do not fit."""
    base = names.parse(root)
    towers = builtin_towers() if base.family == "builtin" else registry.without_weights(base)
    try:
        found = _complete(base, towers, [heads.make(one) for one in shapes])
        found.network.load_state_dict(tensors)
    except (RuntimeError, ValueError, KeyError, TypeError) as error:
        raise EncoderError(
            f"These weights are not those of {root} with heads behind it."
        ) from error
    return found


def encoder(whole: Complete, name: str, key: str) -> Network:
    """It at work, the way that was measured for its key."""
    patches = whole.patches
    towers = Towers(
        architecture=whole.architecture,
        module=whole.network,
        pictures=whole.network,
        preprocessing=whole.preprocessing,
        mean=whole.mean,
        std=whole.std,
        input_px=whole.input_px,
        patches=None
        if patches is None
        else lambda module, planes: _patches(patches, module, planes),
    )
    return Network(name, key, towers, registry.way_of(key))


def _patches(
    patches: Callable[[nn.Module, Tensor], Tensor], module: nn.Module, planes: Tensor
) -> Tensor:
    assert isinstance(module, Chain)
    return patches(module.backbone, planes)


def squares(side: int) -> NDArray[np.uint8]:
    """Pictures to compare two ways of computing with, always the same: uint8 [5, side, side, 3], from noise to
    smooth colours with edges in them."""
    random = np.random.default_rng(10)
    y, x = np.mgrid[0:side, 0:side] / max(1, side - 1)
    found = []
    for number in range(_SAMPLES):
        slopes, phase = random.normal(0, 4, (2, 3)), random.uniform(0, 6, 3)
        waves = np.sin(x[..., None] * slopes[0] + y[..., None] * slopes[1] + phase)
        edges = (x + y > random.uniform(0.5, 1.5))[..., None] * random.normal(0, 60, 3)
        noise = random.normal(0, 12 * number, (side, side, 3))
        found.append(128 + 80 * waves + edges + noise)
    pictures: NDArray[np.uint8] = np.clip(np.stack(found), 0, 255).astype(np.uint8)
    return pictures


def difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The largest difference in any number; infinite where the shapes differ or something is no number."""
    if one.shape != other.shape:
        return float("inf")
    found = float(np.abs(one - other).max(initial=0.0))
    return found if np.isfinite(found) else float("inf")


def check_live(whole: Complete, live: Encoder) -> float:
    """How far the whole network is from the encoder at work, on generated pictures: the largest difference in any
    number. Raises EncoderError where that is more than rounding."""
    pictures = squares(whole.preprocessing.size_px)
    mine, theirs = whole.vectors(pictures), live.encode_images(pictures)
    found = difference(mine, theirs)
    is_same = found <= TOLERANCE
    if live.precision != "fp32" and mine.shape == theirs.shape:
        is_same = float((mine * theirs).sum(axis=1).min()) >= _LEAST_COSINE
    if not is_same:
        raise EncoderError(
            f"The network put together for {live.name} gives other vectors than the encoder itself "
            f"(they differ by {found:.2g}), so it is not written."
        )
    return found


def proof(whole: Complete) -> list[list[float]]:
    """The first numbers of the vectors of ``squares``, rounded: whoever reads them with a file can tell whether what
    was put together of it is the same encoder."""
    found = whole.vectors(squares(whole.preprocessing.size_px))[:, :_PROOF_NUMBERS]
    return [[round(number, 5) + 0.0 for number in row] for row in found.tolist()]


def is_proven(whole: Complete, wanted: Any) -> bool:
    """Whether it gives the numbers of ``proof``, which somebody else may have written."""
    try:
        return (
            difference(np.array(proof(whole), np.float32), np.array(wanted, np.float32))
            <= TOLERANCE
        )
    except (ValueError, TypeError):
        return False


def weights(whole: Complete) -> dict[str, Tensor]:
    """All tensors by name, "backbone." and "heads.0." before them; contiguous, none shared."""
    return {
        name: one.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, one in whole.network.state_dict().items()
    }


def _of_base(models: Path, base: EncoderName) -> Complete:
    if base.family == "run":
        return of_run(models, base.model)
    if base.family == "builtin":
        return _complete(base, builtin_towers(), [])
    return _complete(base, registry.towers(base), [])


def builtin_towers() -> Towers:
    """``builtin`` as towers."""
    inner = Builtin()
    side = inner.preprocessing.size_px
    pictures = Planes(inner.module).eval()
    return Towers(
        architecture=inner.key,
        module=pictures,
        pictures=pictures,
        preprocessing=inner.preprocessing,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        input_px=(side, side),
    )


def _complete(root: EncoderName, towers: Towers, chained: Sequence[heads.Head]) -> Complete:
    return Complete(
        root=str(root),
        architecture=towers.architecture,
        network=_at_rest(Chain(towers.pictures, chained)),
        preprocessing=towers.preprocessing,
        mean=towers.mean,
        std=towers.std,
        input_px=towers.input_px,
        patches=towers.patches,
    )


def _at_rest(network: Chain) -> Chain:
    return network.eval().requires_grad_(False)


def _heads_of(chain: Chain) -> list[heads.Head]:
    return [one for one in chain.heads if isinstance(one, heads.ResidualHead | heads.LinearHead)]
