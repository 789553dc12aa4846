"""Trained encoders at work: the base they started from, and what training made of it."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from core.encoders import names, registry, run_files
from core.encoders.base import Encoder, no_words
from core.encoders.network import Network
from core.encoders.run_files import RunCard
from core.encoders.towers import Towers
from core.errors import EncoderError
from core.training import adapters, checkpoint, heads
from core.training.siamese import Siamese

_ROWS = 2048


class HeadEncoder:
    """An encoder with a trained head behind it. Its vectors can be had from those of its base."""

    has_words = False
    is_light = False

    def __init__(self, name: str, key: str, base: Encoder, head: heads.Head, dim: int) -> None:
        self.name, self.key, self.base, self.dim = name, key, base, dim
        self.preprocessing = base.preprocessing
        self.has_patches = base.has_patches
        self._model = Siamese(None, head).eval()

    @property
    def device(self) -> str:
        return self.base.device

    @property
    def precision(self) -> str:
        return self.base.precision

    @property
    def batch(self) -> int:
        """Pictures that the base takes at once."""
        return int(getattr(self.base, "batch", 64))

    def encode_images(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors [n, dim] for RGB squares [n, size_px, size_px, 3]."""
        return self.from_vectors(self.base.encode_images(pixels))

    def from_vectors(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit vectors [n, dim] for vectors [n, d] of the base."""
        rows = [np.zeros((0, self.dim), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(vectors), _ROWS):
                part = torch.from_numpy(np.ascontiguousarray(vectors[start : start + _ROWS]))
                rows.append(unit(self._model(functional.normalize(part.float(), dim=1))))
        return np.concatenate(rows)

    def encode_words(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Training bent the space of pictures away from that of words. Raises EncoderError."""
        raise no_words(self.name)

    def encode_patches(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """As the base has them, which see the picture before the head."""
        return self.base.encode_patches(pixels)


def load(models: Path, run: str, load_base: Callable[[str], Encoder]) -> Encoder:
    """The trained encoder of this name. ``load_base`` loads an encoder by its name.

    Raises EncoderError where it or its base cannot be had.
    """
    card = run_files.read(models, run)
    if card is None:
        raise EncoderError(f"There is no trained encoder named {run!r} in this catalogue.")
    weights = read_weights(run_files.folder(models, run) / run_files.WEIGHTS)
    name = f"run:{run}"
    if card.heads:
        from core.encoders import complete  # which stands on this

        return complete.encoder(
            complete.put_together(card.base, card.heads, weights), name, card.key
        )
    head = heads.make(card.head)
    head.load_state_dict(checkpoint.part(weights, "head."))
    head.eval().requires_grad_(False)
    if card.depth == "head":
        base = load_base(card.base)
        if base.key != card.base_key:
            raise EncoderError(
                f"{name} was trained on another version of {card.base} than the one that is here.",
                "Train it again.",
            )
        return HeadEncoder(name, card.key, base, head, card.dim)
    towers = with_head(trained_towers(card, weights), head, card.feature_dim)
    return Network(name, card.key, towers, registry.way_of(card.key))


def trained_towers(card: RunCard, weights: dict[str, Tensor]) -> Towers:
    """The base network with what training made of it."""
    towers = registry.towers(names.parse(card.base))
    if card.depth == "adapters":
        factors = checkpoint.part(weights, "adapters.")
        adapters.merge(towers.pictures, factors, card.rank, float(card.rank), card.adapter)
    else:
        towers.pictures.load_state_dict(checkpoint.part(weights, "backbone."))
    towers.pictures.eval().requires_grad_(False)
    return towers


class _WithHead(nn.Module):
    """A network and its head as one; what comes out is not normalised."""

    def __init__(self, pictures: nn.Module, head: heads.Head) -> None:
        super().__init__()
        self.trained = Siamese(pictures, head)

    def forward(self, planes: Tensor) -> Tensor:
        model = self.trained
        found: Tensor = model.head(model.features(planes))
        return found


def with_head(towers: Towers, head: heads.Head, feature_dim: int) -> Towers:
    """These towers with a head behind their pictures' part, and without words."""
    patches = towers.patches
    pictures = _WithHead(towers.pictures, head)
    return Towers(
        architecture=towers.architecture,
        module=pictures,
        pictures=pictures,
        preprocessing=towers.preprocessing,
        mean=towers.mean,
        std=towers.std,
        input_px=towers.input_px,
        patches=None
        if patches is None
        else lambda module, planes: _patches(patches, module, planes),
    )


def _patches(
    patches: Callable[[nn.Module, Tensor], Tensor], module: nn.Module, planes: Tensor
) -> Tensor:
    assert isinstance(module, _WithHead) and module.trained.backbone is not None
    return patches(module.trained.backbone, planes)


def key_of(base_key: str, facts: str, weights: dict[str, Tensor]) -> str:
    """A hash of base, shape and the values of all weights."""
    digest = hashlib.sha256(f"1 {base_key} {facts}".encode())
    for name, tensor in sorted(weights.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
    return f"run-{digest.hexdigest()[:24]}"


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors by name. Raises EncoderError where the file is gone or damaged."""
    try:
        weights: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise EncoderError(f"The weights {path} cannot be read: {error}.") from error
    return weights


def unit(rows: Tensor) -> NDArray[np.float32]:
    """Rows of length 1 as an array."""
    found: NDArray[np.float32] = functional.normalize(rows.float(), dim=1).cpu().numpy()
    return found
