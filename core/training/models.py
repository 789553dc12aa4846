"""The network to train, by depth: a head on stored vectors, adapters in a frozen network, or all of it."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from core.encoders.towers import Towers
from core.training import adapters
from core.training.heads import Head, LinearHead, ResidualHead
from core.training.settings import Settings
from core.training.siamese import Siamese

# Images that a head's axes are fitted on; more change little and take their products.
MOST_FITTED = 20_000
_HIDDEN = 512


def on_vectors(in_dim: int, settings: Settings) -> Siamese:
    """A head alone, over the vectors of an encoder. Its random numbers are those of the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return Siamese(None, ResidualHead(in_dim, settings.dim, _HIDDEN))


def on_pictures(
    towers: Towers, feature_dim: int, settings: Settings, *, is_from_scratch: bool, device: str
) -> Siamese:
    """A network with its head, on ``device``. ``feature_dim`` is what the network itself gives.

    From scratch the head is one matrix, as in the paper on XBM. Of a trained network it begins with what the
    network tells already (``fit_head``).
    """
    pictures = towers.pictures
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        adapted = None
        if settings.depth == "adapters":
            adapted = adapters.add(pictures, settings.rank, kind=settings.adapter)
        else:
            pictures.requires_grad_(True)
            if is_from_scratch:
                _draw_anew(pictures)
        head: Head
        if not is_from_scratch:
            head = ResidualHead(feature_dim, settings.dim, _HIDDEN)
        else:
            # Also where the dimension stays: what comes out of a last ReLU is never below zero, so
            # that half of all pairs would begin above any margin.
            head = LinearHead(feature_dim, settings.dim)
    model = Siamese(pictures, head, adapted).to(device)
    if is_convolutional(pictures):
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


def fit_head(
    model: Siamese, batches: Iterator[Tensor], labels: Tensor, *, is_pairs: bool = False
) -> None:
    """Let a residual head begin with what these inputs tell; other heads stay as they are."""
    if not isinstance(model.head, ResidualHead):
        return
    was_training = model.training
    model.eval()
    with torch.no_grad():
        found = torch.cat([model.features(one).cpu() for one in batches])
        device = model.head.mean.device
        model.head.cpu().fit(found, labels, is_pairs=is_pairs)
        model.head.to(device)
    model.train(was_training)


def is_convolutional(module: nn.Module) -> bool:
    """Whether most of its work is convolutions, which prefer channels last."""
    return sum(isinstance(one, nn.Conv2d) for one in module.modules()) > 3


def _draw_anew(module: nn.Module) -> None:
    """Random weights of the run's own seed rather than those that every random encoder has."""
    for one in module.modules():
        reset = getattr(one, "reset_parameters", None)
        if isinstance(one, nn.Conv2d | nn.Linear | nn.BatchNorm2d | nn.LayerNorm) and reset:
            reset()
        if isinstance(one, nn.Conv2d):
            nn.init.kaiming_normal_(one.weight, nonlinearity="relu")
