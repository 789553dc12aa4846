"""Trained encoders of every kind, tiny and without a training: what an export of a model has to cope with."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tiny_openclip
import torch
from safetensors.torch import save_file
from training_samples import resolved, result

from core.catalogue import runs as rows
from core.encoders import builtin_constants, names, registry, run_files, runs
from core.operations import encoders
from core.project import Project
from core.training import adapters, heads

DIM = 12
# By kind: the base (with a place for the folder of weights), depth, kind of adapters, kind of head.
KINDS = {
    "builtin": ("builtin", "head", "lora", "residual"),
    "whole": ("small:conv4@{}/small.safetensors", "whole", "lora", "residual"),
    "scratch": ("small:conv4", "whole", "lora", "linear"),
    "flora": ("small:conv4@{}/small.safetensors", "adapters", "flora", "residual"),
    "lora": ("timm:test_resnet@{}/resnet.safetensors", "adapters", "lora", "residual"),
    "vit": ("timm:test_vit@{}/vit.safetensors", "head", "lora", "residual"),
    "clip": ("openclip:local-dir:{}/clip-vit", "whole", "lora", "residual"),
    "chain": ("run:scratch", "head", "lora", "residual"),
}


def make(project: Project, kind: str, folder: Path, *, name: str = "", **row: Any) -> str:
    """A finished run of this kind under its own name; the weights of its base go to ``folder``."""
    name = name or kind
    base, depth, adapter, form = KINDS[kind]
    base = base.format(folder)
    random = torch.Generator().manual_seed(len(kind))
    if kind == "chain":
        make(project, "scratch", folder)
    _save_base(names.parse(base) if base != "builtin" else None, random)
    width = _width(base)
    if form == "linear":
        head: heads.Head = heads.LinearHead(width, DIM)
    else:
        head = heads.ResidualHead(width, min(DIM, width), 8)
    _shake(head, random)
    weights = {f"head.{key}": one for key, one in head.state_dict().items()}
    rank = 2
    if depth == "adapters":
        net = registry.towers(names.parse(base)).pictures
        added = adapters.add(net, rank, kind=adapter, generator=random)
        for one in added.parameters():
            one.data = torch.randn(one.shape, generator=random) * 0.2
        weights |= {f"adapters.{key}": one for key, one in added.packed().items()}
    elif depth == "whole":
        net = registry.towers(names.parse(base)).pictures
        _shake(net, random)
        weights |= {f"backbone.{key}": one for key, one in net.state_dict().items()}
    base_key = encoders.load(project, base).key if depth == "head" else "key of the base"
    place = run_files.folder(encoders.models_folder(project), name)
    place.mkdir(parents=True)
    save_file({key: one.detach().contiguous().clone() for key, one in weights.items()},
              place / run_files.WEIGHTS)  # fmt: skip
    run_files.write(
        encoders.models_folder(project),
        run_files.RunCard(
            name=name, base=base, base_key=base_key, depth=depth, dim=head.shape["dim"],
            feature_dim=width, size_px=28, rank=rank, head=head.shape, adapter=adapter,
            key=runs.key_of(base_key, name, weights), is_from_scratch=kind == "scratch",
        ),
    )  # fmt: skip
    values = {"status": "candidate", "result": result(0.05, is_better=True), **row}
    with project.write() as session:
        settings = replace(resolved(), encoder=base, depth=depth)
        rows.add(session, name, status="candidate", settings=settings.as_json())
        rows.put(session, name, **values)
    return name


def pictures(side: int, count: int = 3) -> np.ndarray:
    """Noise as squares, which no export has seen."""
    return np.random.default_rng(side).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def _width(base: str) -> int:
    if base == "builtin":
        return builtin_constants.DIM
    if base.startswith("run:"):
        return DIM
    towers = registry.towers(names.parse(base))
    with torch.no_grad():
        return int(towers.pictures(torch.zeros(1, 3, *towers.input_px)).shape[1])


def _save_base(name: names.EncoderName | None, random: torch.Generator) -> None:
    """The weights of a base that is a file, where they are not there yet."""
    if name is not None and name.folder and not Path(name.folder).exists():
        tiny_openclip.make(Path(name.folder).parent, "clip-vit")
    if name is None or not name.file or Path(name.file).exists():
        return
    module = registry.without_weights(name).module
    _shake(module, random)
    save_file(
        {key: one.contiguous().clone() for key, one in module.state_dict().items()}, name.file
    )


def _shake(module: torch.nn.Module, random: torch.Generator) -> None:
    with torch.no_grad():
        for one in module.parameters():
            one.add_(torch.randn(one.shape, generator=random) * 0.05)
