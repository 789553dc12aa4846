"""A network at work: any family's towers on one device, in one precision, a batch at a time."""

import math
import threading
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.encoders.base import no_patches, no_words
from core.encoders.islands import lower
from core.encoders.packed import pack
from core.encoders.towers import Towers
from core.errors import EncoderError
from core.parallel import cores, map_in_streams

_DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}
_CPU_BATCH, _GPU_BATCH = 32, 512
# Activations alive at once, as multiples of the largest one: a guess, and where it is too low the batch halves.
_ALIVE = 6
_CPU_BYTES = 1 << 30
# More convolutions than the one that cuts a transformer's patches.
_CONVOLUTIONAL = 4
_SHORTEST = 1e-12
# Fewer pictures at once leave a core's arithmetic idle.
_LEAST_PART = 8


@dataclass(frozen=True, slots=True)
class Way:
    """Where and in what precision pictures are encoded."""

    device: str = "cpu"
    precision: str = "fp32"


@dataclass(frozen=True, slots=True)
class _Running:
    """What one call works with from its beginning to its end, whatever is adopted meanwhile."""

    way: Way
    pictures: nn.Module


class Network:
    """An encoder, as ``core.encoders.base.Encoder`` asks, safe to use from several threads."""

    is_light = False

    def __init__(self, name: str, key: str, towers: Towers, way: Way = Way()) -> None:
        """Takes ``towers`` for its own: their pictures' part is moved and lowered in place."""
        self.name, self.key = name, key
        self.preprocessing = towers.preprocessing
        self.has_words = towers.tokens is not None and towers.texts is not None
        self.has_patches = towers.patches is not None
        self._towers = towers
        self._text_lock = threading.Lock()
        mean = torch.tensor(towers.mean, dtype=torch.float32).view(3, 1, 1)
        std = torch.tensor(towers.std, dtype=torch.float32).view(3, 1, 1)
        # One multiplication and one addition for each byte.
        self._scale, self._shift = 1 / (255 * std), -mean / std
        self._running = _Running(way, arranged(towers.pictures, way))
        self.dim, self._widest_bytes = self._measure()
        self.batch = self._first_batch()

    @property
    def way(self) -> Way:
        """Where and in what it computes now."""
        return self._running.way

    @property
    def device(self) -> str:
        """Where it computes: "cpu", "cuda", "mps"."""
        return self._running.way.device

    @property
    def precision(self) -> str:
        """In what it computes: "fp32", "bf16", "fp16"."""
        return self._running.way.precision

    @property
    def running_pictures(self) -> nn.Module:
        """The pictures' part as it works now."""
        return self._running.pictures

    def candidate(self, way: Way) -> nn.Module:
        """A copy of the pictures' part, to try ``way`` with."""
        return arranged(deepcopy(self._running.pictures), way)

    def adopt(self, way: Way, pictures: nn.Module) -> None:
        """Work this way from the next call on; ``pictures`` comes from ``candidate``."""
        self._running = _Running(way, pictures)
        self.batch = self._first_batch()

    def encode_images(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors [n, dim] for RGB squares [n, size_px, size_px, 3].

        Raises EncoderError where memory does not even suffice for one picture, or where the network
        gives no finite numbers.
        """
        return self._encode(pixels, self._running)

    def encode_with(
        self, way: Way, pictures: nn.Module, pixels: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """As ``encode_images``, in a way that is being tried."""
        return self._encode(pixels, _Running(way, pictures))

    def encode_words(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors [n, dim], in the space of the pictures; always in fp32 on the CPU (ViT-B-32:
        0.2 s a phrase on two busy cores). Raises EncoderError without words."""
        towers = self._towers
        if towers.tokens is None or towers.texts is None:
            raise no_words(self.name)
        with self._text_lock, torch.inference_mode():  # tokenisers are not made for several threads
            return _unit_rows(towers.texts(towers.module, towers.tokens(texts)), self.name)

    def encode_patches(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features [n, rows, columns, d] of the parts of each square, before the last projection."""
        running, patches = self._running, self._towers.patches
        if patches is None:
            raise no_patches(self.name)
        parts = []
        with torch.inference_mode():
            for start in range(0, len(pixels), self.batch):
                ready = self._ready(pixels[start : start + self.batch], running.way)
                found = patches(running.pictures, ready).float().cpu()
                parts.append(found.permute(0, 2, 3, 1).contiguous().numpy())
        return np.concatenate(parts)

    def _encode(self, pixels: NDArray[np.uint8], running: _Running) -> NDArray[np.float32]:
        has_one_thread = torch.get_num_threads() == 1  # as in a stream of an embedding
        if running.way.device != "cpu" or has_one_thread or len(pixels) < 2 * _LEAST_PART:
            return self._forward(pixels, running)
        # A part for each core, and as large as they still pay.
        size = min(self.batch, max(_LEAST_PART, -(-len(pixels) // (2 * cores()))))
        parts = [pixels[start : start + size] for start in range(0, len(pixels), size)]
        encode = map_in_streams(lambda part: self._forward(part, running), parts)
        return np.concatenate(list(encode))

    def _forward(self, part: NDArray[np.uint8], running: _Running) -> NDArray[np.float32]:
        """A batch at a time, on one device; half of it, from then on, where memory runs out."""
        rows = [np.zeros((0, self.dim), np.float32)]
        start = 0
        while start < len(part):
            batch = part[start : start + self.batch]
            try:
                with torch.inference_mode():
                    found = running.pictures(self._ready(batch, running.way))
                    rows.append(_unit_rows(_features(found), self.name))
                start += len(batch)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self._halve(len(batch), running.way.device)
        return np.concatenate(rows)

    def _halve(self, tried: int, device: str) -> None:
        """The next batch is half of the one that did not fit; it never grows again by itself."""
        if device == "cuda":
            torch.cuda.empty_cache()
        if tried <= 1:
            raise EncoderError(
                f"There is too little memory for {self.name}.",
                "Close other programs, or use a smaller encoder.",
            )
        self.batch = max(1, min(self.batch, tried) // 2)

    def _ready(self, pixels: NDArray[np.uint8], way: Way) -> Tensor:
        """Bytes [n, side, side, 3] to what the network takes, on its device."""
        # A copy where torch would warn of an array that it may not write to.
        array = pixels if pixels.flags.writeable else np.array(pixels)
        planes = torch.from_numpy(array).to(way.device).permute(0, 3, 1, 2)
        floats = planes.float().mul_(self._scale.to(way.device)).add_(self._shift.to(way.device))
        if floats.shape[-2:] != self._towers.input_px:
            floats = functional.interpolate(
                floats, self._towers.input_px, mode="bilinear", antialias=True
            )
        return floats

    def _measure(self) -> tuple[int, int]:
        """(dimension of the vectors, bytes of the largest activation of one picture in fp32)."""
        widest = 0

        def look(module: nn.Module, inputs: object, output: object) -> None:
            nonlocal widest
            if isinstance(output, Tensor):
                widest = max(widest, output.numel() * 4)

        running = self._running
        hooks = [one.register_forward_hook(look) for one in running.pictures.modules()]
        side = self.preprocessing.size_px
        try:
            with torch.inference_mode():
                grey = np.full((1, side, side, 3), 128, dtype=np.uint8)
                found = _features(running.pictures(self._ready(grey, running.way)))
        finally:
            for hook in hooks:
                hook.remove()
        return int(found.shape[1]), widest

    def _first_batch(self) -> int:
        """As many pictures as surely fit: a power of two."""
        if self.device == "cuda":
            free_bytes, _ = torch.cuda.mem_get_info()
            most, budget = _GPU_BATCH, free_bytes // 2
        else:
            most, budget = _CPU_BATCH, min(_CPU_BYTES, psutil.virtual_memory().available // 4)
        each = max(1, self._widest_bytes * _ALIVE)
        return int(2 ** math.floor(math.log2(max(1, min(most, budget // each)))))


def arranged(pictures: nn.Module, way: Way) -> nn.Module:
    """The module on its device, in its precision, and laid out in memory as it is fastest; in place."""
    moved = pictures.to(device=way.device)
    if way.precision in _DTYPES:
        moved = lower(moved, _DTYPES[way.precision])
        if way == Way("cpu", "bf16"):
            moved = pack(moved)
    if sum(isinstance(one, nn.Conv2d) for one in moved.modules()) > _CONVOLUTIONAL:
        moved = moved.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return moved


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python says that memory ran out, on whatever device."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = str(error)
    return "can't allocate memory" in words or "out of memory" in words.lower()


def _features(found: Tensor | tuple[Tensor, ...]) -> Tensor:
    """The pooled features; some towers give tokens beside them."""
    pooled = found[0] if isinstance(found, tuple) else found
    return pooled.flatten(1)


def _unit_rows(found: Tensor, name: str) -> NDArray[np.float32]:
    rows = found.float()
    lengths = rows.norm(dim=1, keepdim=True)
    if not bool(torch.isfinite(lengths).all()):
        raise EncoderError(f"The encoder {name} gives numbers that are not finite.")
    if bool((lengths < _SHORTEST).any()):
        # A picture in which the network sees nothing at all: like no other, yet a vector.
        nothing = lengths[:, 0] < _SHORTEST
        rows[nothing] = 1.0
        lengths = rows.norm(dim=1, keepdim=True)
    result: NDArray[np.float32] = (rows / lengths).cpu().numpy()
    return result
