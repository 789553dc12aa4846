"""Embedding end to end against the network alone, and against the loop that people write.

`lookalike bench embed [--encoder E] [--size N] [--source FOLDER] --json`: N (default 512) photos of FOLDER, or
generated JPEGs of 640 x 480 (some 150 kB each), drawn from a fixed seed; E defaults to openclip:ViT-B-32, whose
weights are random without a tag: the arithmetic is the same.

The photos are imported before the clock starts, the network is loaded, its precision is chosen as `lookalike embed`
chooses it, and the decode processes run. Then in each of three rounds, one after the other:

- `images_per_s`: `core.operations.embeddings.embed` into an empty embedding: read, check the hash, decode, encode,
  write and sync vectors, commit.
- `forward_only_images_per_s`: `encode_images` of as many squares that lie decoded in memory; `ratio` is the first
  divided by the second, medians of the rounds.
- the plain loop (`plain_images_per_s`): a torch DataLoader with one worker process a core, Pillow, the library's own
  transform, batches of 32, the same weights in fp32, vectors kept in memory. `speedup_vs_plain_loop` is against that.

`precision` is what was chosen and `recall_vs_fp32` its recall@10 on `recall_pictures` of the photos.
`peak_rss_mb` is that of all processes together while embedding, `peak_gpu_mb` what torch took of the GPU's memory.
"""

import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings as stored
from core.encoders import cards, names
from core.encoders.names import EncoderName
from core.images.decode import DecodeTask
from core.operations import embeddings, encoders, projects, sources
from core.preload import preload_torch
from core.project import Project

sys.path.insert(0, str(Path(__file__).parent))
from _photos import Memory, make_photos

ROUNDS = 3
DEFAULT = "openclip:ViT-B-32"
_SIZE_PX = (640, 480)
_PLAIN_BATCH = 32
_SAMPLE = 256
# The plain loop is slow, and as fast at the first hundred as at the last.
_PLAIN_MOST = 128


def run(
    *,
    size: int | None,
    with_peers: bool,
    encoder: str | None = None,
    source: Path | None = None,
) -> dict[str, Any]:
    """Medians of the rounds."""
    name = str(names.parse(encoder or DEFAULT))
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        photos = Path(folder) / "photos"
        if source is None:
            make_photos(photos, _SIZE_PX, size or 512, seed=7)
        else:
            _copy(source, photos, size or 512)
        preload_torch()
        cards.forget(name)  # what was measured earlier: it is measured anew
        with projects.create(Path(folder) / "c.lookalike") as project:
            sources.import_folders(project, [photos], embed=False)
            return _measure(project, name, photos)


def _measure(project: Project, name: str, photos: Path) -> dict[str, Any]:
    from core.encoders import registry
    from core.encoders.network import Network

    loaded = encoders.load(project, name)
    squares = _squares(project, loaded.preprocessing.square(), photos)
    precision, recall, pictures = loaded.precision, 1.0, 0
    plain = _plain_loop(name, photos)
    if isinstance(loaded, Network):
        from core.jobs import Job

        measured = registry.tune(loaded, squares[:_SAMPLE], Job(), among=len(squares))
        precision, recall, pictures = measured.precision, measured.recall, measured.pictures
    embeddings.embed(project, name)
    rounds = [_round(project, name, squares, plain) for _ in range(ROUNDS)]
    figures = {key: [one[key] for one in rounds] for key in rounds[0]}
    count = len(squares)
    whole, forward = median(figures["whole"]), median(figures["forward"])
    ratios = [f / w for f, w in zip(figures["forward"], figures["whole"], strict=True)]
    return {
        "encoder": name,
        "images": count,
        "device": loaded.device,
        "precision": precision,
        "threads": _threads(),
        "batch": getattr(loaded, "batch", None),
        "images_per_s": round(count / whole, 2),
        "forward_only_images_per_s": round(count / forward, 2),
        "ratio": round(median(ratios), 3),
        "ratio_lowest": round(min(ratios), 3),
        "ratio_highest": round(max(ratios), 3),
        "recall_vs_fp32": round(recall, 4),
        "recall_pictures": pictures,
        "plain_images_per_s": round(median(figures["plain"]), 2) if plain else None,
        "speedup_vs_plain_loop": (
            round(count / whole / median(figures["plain"]), 2) if plain else None
        ),
        "peak_rss_mb": round(max(figures["peak_bytes"]) / 2**20),
        "peak_gpu_mb": _gpu_mb(),
    }


def _round(
    project: Project,
    name: str,
    squares: NDArray[np.uint8],
    plain: Callable[[], float] | None,
) -> dict[str, float]:
    """Seconds for all photos of each loop, and the plain loop's pictures a second."""
    loaded = encoders.load(project, name)
    forward = _timed(lambda: loaded.encode_images(squares))
    with project.write() as session:
        for one in stored.every(session):
            stored.reset(session, one.id)
    with Memory() as memory:
        whole = _timed(lambda: embeddings.embed(project, name))
    again = _timed(lambda: loaded.encode_images(squares))
    return {
        "forward": (forward + again) / 2,
        "whole": whole,
        "plain": plain() if plain is not None else 0.0,
        "peak_bytes": memory.peak_bytes,
    }


def _plain_loop(name: str, photos: Path) -> Callable[[], float] | None:
    """The loop of the libraries' own examples; None for an encoder that is none of theirs."""
    parsed = names.parse(name)
    if parsed.family not in ("openclip", "timm"):
        return None
    model, transform = _plain_model(parsed)
    files = sorted(photos.iterdir())[:_PLAIN_MOST]

    def loop() -> float:
        import torch
        from torch.utils.data import DataLoader

        loader = DataLoader(
            _Files(files, transform), batch_size=_PLAIN_BATCH, num_workers=os.cpu_count() or 1
        )
        rows = []
        batches = iter(loader)
        # The start of its processes is not the loop's fault, nor is ours counted.
        first = next(batches)
        started = time.perf_counter()
        with torch.no_grad():
            for batch in itertools.chain([first], batches):
                found = model(batch)
                rows.append(torch.nn.functional.normalize(found, dim=-1).numpy())
        return len(files) / (time.perf_counter() - started)

    return loop


def _plain_model(name: EncoderName) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Network and transform as the libraries give them; random weights, which are as fast as any."""
    from core.encoders import openclip, timm_models, towers

    with towers.quietly():
        if name.family == "openclip":
            found = openclip.open_clip.create_model_and_transforms(name.model)
            return found[0].eval().encode_image, found[2]
        library = timm_models.timm
        model = library.create_model(name.model, num_classes=0).eval()
        config = library.data.resolve_model_data_config(model)
        return model, library.data.create_transform(**config, is_training=False)


class _Files:
    """A Dataset, as they are written."""

    def __init__(self, files: list[Path], transform: Callable[[Any], Any]) -> None:
        self.files, self.transform = files, transform

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, number: int) -> Any:
        from PIL import Image

        return self.transform(Image.open(self.files[number]).convert("RGB"))


def _squares(project: Project, square: dict[str, Any], photos: Path) -> NDArray[np.uint8]:
    tasks = [
        DecodeTask(os.fsencode(path), **square, only_pixels=True)
        for path in sorted(photos.iterdir())
    ]
    outcomes = project.readers.map(tasks, window=64)
    return np.stack([one.array for one in outcomes if one.array is not None])


def _copy(source: Path, photos: Path, count: int) -> None:
    """So many photos of a folder, spread over it."""
    found = sorted(path for path in source.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    photos.mkdir()
    for number in range(min(count, len(found))):
        path = found[number * len(found) // min(count, len(found))]
        shutil.copyfile(path, photos / f"{number:06}{path.suffix}")


def _gpu_mb() -> int | None:
    import torch

    return round(torch.cuda.max_memory_allocated() / 2**20) if torch.cuda.is_available() else None


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
