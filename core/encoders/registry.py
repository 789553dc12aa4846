"""From a name to an encoder that works: its files, its network, its key, and the way it is fastest here."""

import hashlib

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.encoders import cards
from core.encoders.base import Encoder
from core.encoders.cards import Card, Speed
from core.encoders.names import EncoderName
from core.encoders.network import Network, Way
from core.encoders.precision import Measured, choose, devices, machine
from core.encoders.towers import SEED, Towers, fingerprint_parts
from core.encoders.weights import checkpoints, installed
from core.encoders.weights.installed import Files
from core.errors import EncoderError
from core.jobs import Job
from core.parallel import map_in_threads

# Raised when the same network comes to give other vectors.
_VERSION = 1


def load(name: EncoderName) -> Encoder:
    """The encoder of this name, ready. Raises EncoderError where it cannot be had, saying why."""
    if name.family == "builtin":
        from core.encoders.builtin import Builtin

        return Builtin()
    if name.family == "run":
        raise EncoderError(f"There is no trained encoder named {name.model!r} in this catalogue.")
    if name.family == "given":
        raise EncoderError(f"{name} has vectors that were made elsewhere, and no network.")
    files = None if name.is_random else installed.find(name)
    if files is None and not name.is_random:
        raise installed.missing(name)
    if files is not None:
        checkpoints.require_trusted(files.weights, str(name))
    towers = _make(name, files)
    text = str(name)
    card = cards.fresh(text, files)
    key = card.key if card is not None else _key(name, towers)
    speed = card.speed if card is not None else None
    network = Network(text, key, towers, _best_way(speed))
    if card is None or card.key != key:
        size_px = network.preprocessing.size_px
        stamp = cards.stamp(files)
        cards.write(Card(text, key, network.dim, size_px, network.has_words, stamp))
    return network


def towers(name: EncoderName) -> Towers:
    """The network of this name, in fp32 on the CPU, to be trained or added to. Raises EncoderError."""
    files = None if name.is_random else installed.find(name)
    if files is None and not name.is_random:
        raise installed.missing(name)
    if files is not None:
        checkpoints.require_trusted(files.weights, str(name))
    return _make(name, files)


def without_weights(name: EncoderName) -> Towers:
    """The network of this name with weights of chance, prepared as that with its own is: all but the weights is
    known here. Of a model of a hub or folder only its files tell, which must be here. Raises EncoderError."""
    if name.hub_repo or name.folder:
        return towers(name)
    return _make(EncoderName(name.family, name.model, name.tag), None)


def way_of(card_name: str) -> Way:
    """The way that was measured for the encoder with this card, or the usual one."""
    card = cards.read(card_name)
    return _best_way(card.speed if card is not None else None)


def is_tuned(network: Network) -> bool:
    """Whether it was measured which way is fastest here, with this torch."""
    card = cards.read(_card_name(network))
    return card is not None and card.speed is not None and _is_of_here(card.speed)


def tune(network: Network, squares: NDArray[np.uint8], job: Job, among: int) -> Measured:
    """Find the fastest way that finds the same neighbours among so many pictures, of which ``squares`` are
    a sample; use it, and remember it."""
    measured = choose(network, squares, job, among)
    keep_speed(_card_name(network), measured)
    return measured


def _card_name(network: Network) -> str:
    """Runs of two catalogues may have one name: their cards go by their keys."""
    if not network.name.startswith("run:"):
        return network.name
    if cards.read(network.key) is None:
        size_px = network.preprocessing.size_px
        cards.write(Card(network.key, network.key, network.dim, size_px, False, network.key))
    return network.key


def keep_speed(name: str, measured: Measured) -> None:
    """Remember which way is fastest here."""
    cards.write_speed(
        name,
        Speed(
            machine(measured.device),
            measured.device,
            measured.precision,
            round(measured.images_per_s, 2),
            round(measured.fp32_images_per_s, 2),
            round(measured.recall, 4),
            measured.pictures,
        ),
    )


def _make(name: EncoderName, files: Files | None) -> Towers:
    if name.family == "openclip":
        from core.encoders import openclip

        return openclip.make(name, files)
    if name.family == "small":
        from core.encoders import small

        return small.make(name, files)
    from core.encoders import timm_models

    return timm_models.make(name, files)


def _best_way(speed: Speed | None) -> Way:
    """As it was measured, where that was on this very machine."""
    if speed is not None and _is_of_here(speed):
        return Way(speed.device, speed.precision)
    return Way(devices()[0])


def _is_of_here(speed: Speed) -> bool:
    return speed.device in devices() and speed.machine == machine(speed.device)


def _key(name: EncoderName, towers: Towers) -> str:
    """A hash of architecture, preprocessing and weights. Random weights are those of a seed, which
    another version of torch may draw otherwise."""
    digest = hashlib.sha256(f"{_VERSION} {name.family} ".encode())
    digest.update(fingerprint_parts(towers).encode())
    if name.is_random:
        digest.update(f"random {SEED} torch {torch.__version__}".encode())
    else:
        digest.update(_weights_digest(towers.module))
    return f"{name.family}-{digest.hexdigest()[:24]}"


def _weights_digest(module: nn.Module) -> bytes:
    """SHA-256 over the names and values of all weights: the same for the same weights in another file."""
    state = sorted(module.state_dict().items())

    def digest(item: tuple[str, Tensor]) -> bytes:
        key, value = item
        head = f"{key} {value.dtype} {tuple(value.shape)} ".encode()
        found = hashlib.sha256(head)
        found.update(value.detach().contiguous().view(-1).view(torch.uint8).numpy().data)
        return found.digest()

    # Hashing gives the interpreter's lock away.
    return hashlib.sha256(b"".join(map_in_threads(digest, state))).digest()
