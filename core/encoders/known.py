"""The encoders that there are: every architecture and every published weights of OpenCLIP and timm, and our
own small networks.

The former are read from ``resources/encoders/known.json``, which ``packaging/list_encoders.py`` writes;
neither library is imported, so a list of thousands is there at once.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from core.encoders import small_shapes
from core.encoders.base import Preprocessing
from core.encoders.names import EncoderName

Group = Literal["small", "balanced", "best"]
Colour = tuple[float, float, float]

# What the loaders take where a repository is named without a file, safetensors first.
_WEIGHTS = {
    "openclip": ("open_clip_model.safetensors", "open_clip_pytorch_model.bin"),
    "timm": ("model.safetensors", "pytorch_model.bin"),
}
_VALUE_BYTES = 4  # weights are published in fp32, but for a few


@dataclass(frozen=True, slots=True)
class Work:
    """What one picture costs: GFLOP (two for each multiply and add) of matrix products, of dense and of
    grouped convolutions, and million values that all the rest writes."""

    products: float
    dense: float
    grouped: float
    values: float

    @property
    def gflops(self) -> float:
        """All arithmetic that counts."""
        return self.products + self.dense + self.grouped


@dataclass(frozen=True, slots=True)
class Known:
    """One encoder of the list.

    ``parameters`` counts all of it without a classifier, ``image_parameters`` what pictures go through.
    ``repo`` holds the ``weights``, of which the first that is there is taken; where it is empty, the weights
    are at ``url`` or, for random ones, nowhere. ``text_repo`` tells the shape of a text tower that OpenCLIP
    takes from transformers, ``tokenizer_repo`` holds the vocabulary of one that is not CLIP's own.
    ``licence`` is what the libraries state, empty where they state none.
    """

    name: str
    family: str
    model: str
    tag: str
    dim: int
    preprocessing: Preprocessing
    mean: Colour
    std: Colour
    parameters: int
    image_parameters: int
    work: Work
    words: bool
    repo: str
    weights: tuple[str, ...]
    url: str
    text_repo: str
    tokenizer_repo: str
    licence: str
    download_bytes: int

    @property
    def is_random(self) -> bool:
        """Whether it is an architecture only: a base for training from scratch."""
        return not self.tag


@dataclass(frozen=True, slots=True)
class Recommended:
    """One of the few to begin with."""

    name: str
    group: Group
    title: str
    about: str


def find(name: EncoderName) -> Known | None:
    """What is known of an encoder, or None. With a checkpoint of one's own: what is known of its
    architecture. Models named by their repository or folder are in no list."""
    if name.family == "small":
        return _small(name)
    entry = _families().get(name.family, {}).get(name.model)
    if entry is None or (name.tag and name.tag not in entry["weights"]):
        return None
    found = _known(name.family, name.model, name.tag, entry)
    if name.file:
        words = name.family == "openclip"
        return replace(found, name=str(name), words=words, download_bytes=0)
    return found


@lru_cache(maxsize=1)
def everything() -> tuple[Known, ...]:
    """All of the list by family, names as people order them, random weights after the others."""
    found = [
        _known(family, model, tag, entry)
        for family, models in _families().items()
        for model, entry in models.items()
        for tag in ("", *entry["weights"])
    ]
    found += [one for model in small_shapes.SHAPES if (one := _small(EncoderName("small", model)))]
    return tuple(sorted(found, key=lambda one: (one.family, one.is_random, _natural(one.name))))


def search(words: str) -> list[Known]:
    """Those whose name, repository or licence holds every one of the words, upper or lower case;
    all where there are no words."""
    wanted = words.lower().split()
    return [one for one in everything() if all(word in _searched(one) for word in wanted)]


def recommended() -> tuple[Recommended, ...]:
    """The few to begin with: small, balanced and best, with words and without, none of them forbidden
    to use at work."""
    return _RECOMMENDED


def licence_text(licence: str) -> str:
    """A licence for people; where the libraries state none, where to look."""
    return licence or "see the model's page"


def made_of() -> dict[str, str]:
    """Versions of the libraries that the list was made of."""
    return dict(_file()["made_of"])


def _searched(one: Known) -> str:
    return f"{one.name} {one.repo} {one.licence}".lower()


def _natural(text: str) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", text.lower())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _known(family: str, model: str, tag: str, entry: dict[str, Any]) -> Known:
    own: dict[str, Any] = entry["weights"][tag] if tag else {}
    way = {**entry, **own}
    mean, std = _colours(way["colours"])
    url = own.get("url", "")
    default = f"timm/{model}.{tag}" if family == "timm" else ""
    repo = "" if url or not tag else own.get("repo", default)
    has_words = family == "openclip" and bool(tag)
    return Known(
        name=f"{family}:{model}" + (f"@{tag}" if tag else ""),
        family=family,
        model=model,
        tag=tag,
        dim=entry["dim"],
        preprocessing=Preprocessing(
            way["px"], way["fit"], share=way["share"], resample=way["resample"]
        ),
        mean=mean,
        std=std,
        parameters=entry["parameters"],
        image_parameters=entry.get("image_parameters", entry["parameters"]),
        work=_work(entry, way["px"]),
        words=has_words,
        repo=repo,
        weights=tuple(_weights(family, own.get("file", ""))) if repo else (),
        url=url,
        text_repo=entry.get("text", ""),
        tokenizer_repo=entry.get("tokenizer", ""),
        licence=own.get("licence", ""),
        download_bytes=_stored_bytes(family, entry, own) if tag else 0,
    )


def _small(name: EncoderName) -> Known | None:
    """A small network, with random weights or those of a file."""
    shape = small_shapes.find(name)
    if shape is None:
        return None
    dense, values = shape.work
    return Known(
        name=str(name),
        family="small",
        model=name.model,
        tag="",
        dim=shape.dim,
        preprocessing=shape.preprocessing,
        mean=small_shapes.MEAN,
        std=small_shapes.STD,
        parameters=shape.parameters,
        image_parameters=shape.parameters,
        work=Work(0.0, dense, 0.0, values),
        words=False,
        repo="",
        weights=(),
        url="",
        text_repo="",
        tokenizer_repo="",
        licence="" if name.file else small_shapes.LICENCE,
        download_bytes=0,
    )


def _weights(family: str, file: str) -> Iterator[str]:
    if not file:
        yield from _WEIGHTS[family]
        return
    if not file.endswith(".safetensors"):
        yield file.rpartition(".")[0] + ".safetensors"
    yield file


def _stored_bytes(family: str, entry: dict[str, Any], own: dict[str, Any]) -> int:
    """About what the file takes; timm's hold a classifier as well."""
    classes = own.get("classes", 1000) if family == "timm" else 0
    values: int = entry["parameters"] + classes * (entry["dim"] + 1)
    return _VALUE_BYTES * values


def _work(entry: dict[str, Any], size_px: int) -> Work:
    """The figures of this size; each is listed but for those that differ by a file of one's own."""
    of_sizes: dict[str, list[float]] = entry["work"]
    return Work(*of_sizes.get(str(size_px), next(iter(of_sizes.values()))))


def _colours(colours: str | list[list[float]]) -> tuple[Colour, Colour]:
    mean, std = _file()["colours"][colours] if isinstance(colours, str) else colours
    return (mean[0], mean[1], mean[2]), (std[0], std[1], std[2])


def _families() -> dict[str, dict[str, dict[str, Any]]]:
    return {family: _file()[family] for family in ("openclip", "timm")}


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    text = (resources.files("resources") / "encoders" / "known.json").read_bytes()
    read: dict[str, Any] = json.loads(text)
    return read


_RECOMMENDED = (
    Recommended(
        "openclip:ViT-B-32@datacomp_xl_s13b_b90k",
        "small",
        "CLIP ViT-B/32",
        "Knows English words, and is the fastest that does so well.",
    ),
    Recommended(
        "timm:mobilenetv4_conv_small@e2400_r224_in1k",
        "small",
        "MobileNetV4 small",
        "Very small and fast; pictures only. A good start for training.",
    ),
    Recommended(
        "openclip:ViT-B-16-SigLIP2@webli",
        "balanced",
        "SigLIP 2 ViT-B/16",
        "Knows words in many languages.",
    ),
    Recommended(
        "timm:vit_small_patch16_224@dino",
        "balanced",
        "DINO ViT-S/16",
        "Learned without labels; sees the same object and scene again. Pictures only.",
    ),
    Recommended(
        "openclip:ViT-L-14@datacomp_xl_s13b_b90k",
        "best",
        "CLIP ViT-L/14",
        "Knows English words, finer than the small one. Wants a fast machine.",
    ),
    Recommended(
        "timm:vit_base_patch14_reg4_dinov2@lvd142m",
        "best",
        "DINOv2 ViT-B/14",
        "The finest eye for what is alike, at 518 pixels. Pictures only. Wants a GPU or patience.",
    ),
)
