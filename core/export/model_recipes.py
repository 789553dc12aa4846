"""How an exported model is loaded and a picture prepared for it: the code that stands on its card, which tests run."""

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.encoders import names
from core.export.model_material import Facts
from core.images.colour import GROUND

if TYPE_CHECKING:
    from core.encoders.complete import Complete

_FILTERS = {"hamming": "HAMMING", "bicubic": "BICUBIC", "bilinear": "BILINEAR"}
_GAPS = {"hamming": 2.0, "bicubic": 1.0, "bilinear": 1.0}  # as core.images.decode shrinks
_FITS = {
    "squash": "The whole picture, squashed into a square of {side} px",
    "crop": "The largest square in the middle, of which {share:.4g} of the side is kept, scaled to {side} px",
    "pad": "The whole picture, its longer side scaled to {side} px, in the middle of a light grey square",
}
# Imports, and from a file to 8-bit sRGB, as core.images.colour does.
OPENED = f"""\
import contextlib
import io

import numpy as np
from PIL import Image, ImageCms, ImageOps


def opened(file):
    picture = ImageOps.exif_transpose(Image.open(file))
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I;16"):
        values = np.asarray(picture)
        full = next(2**bits - 1 for bits in (8, 10, 12, 16) if values.max() < 2**bits)
        picture = Image.fromarray((values / full * 255 + 0.5).astype(np.uint8))
    alpha = picture.convert("RGBA").getchannel("A")
    is_colour = picture.mode not in ("L", "LA", "CMYK")
    picture = picture.convert("RGB")
    if profile and is_colour:
        srgb, flags = ImageCms.createProfile("sRGB"), ImageCms.Flags.BLACKPOINTCOMPENSATION
        with contextlib.suppress(ImageCms.PyCMSError):  # a broken profile
            picture = ImageCms.profileToProfile(picture, io.BytesIO(profile), srgb, flags=flags)
    ground = Image.new("RGB", picture.size, {GROUND})
    ground.paste(picture, mask=alpha)
    return ground
"""


def in_words(whole: "Complete") -> str:
    """The preparation of a picture, as sentences."""
    way = whole.preprocessing
    fit = _FITS[way.fit].format(side=way.size_px, share=way.share)
    lines = [
        f"Upright by its EXIF orientation, 8 bits, RGB in sRGB by its colour profile, on {GROUND} where it is "
        "transparent. The code above passes over profiles of grey and CMYK pictures.",
        f"{fit}, with Pillow's {_FILTERS[way.resample]} filter.",
        f"Divided by 255; then less the mean {_numbers(whole.mean)} and divided by the deviation "
        f"{_numbers(whole.std)} of red, green and blue.",
    ]
    if whole.input_px != (way.size_px, way.size_px):
        high, wide = whole.input_px
        lines.append(f"Scaled to {high} x {wide} px (height x width), bilinear with antialiasing.")
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def torchscript(whole: "Complete", name: str) -> str:
    """With torch alone."""
    code = f"""\
{OPENED}
import torch

model = torch.jit.load({name!r}, map_location="cpu")
{_prepared(whole)}
with torch.inference_mode():
    vectors = model(planes)  # [1, {whole.dim}], of length 1
"""
    return f"With PyTorch, NumPy and Pillow; Lookalike is not needed.\n\n{_python(code)}"


def onnx(whole: "Complete", name: str) -> str:
    """With ONNX Runtime."""
    code = f"""\
{OPENED}
import onnxruntime
import torch

model = onnxruntime.InferenceSession({name!r})
{_prepared(whole)}
(vectors,) = model.run(None, {{"pixels": planes.numpy()}})  # [1, {whole.dim}], of length 1
"""
    return f"With ONNX Runtime; PyTorch only prepares the picture here.\n\n{_python(code)}"


def safetensors(whole: "Complete", name: str) -> str:
    """With Lookalike, and with the library of the base alone where that can be."""
    ours = f"""\
{OPENED}
from core.operations import model_files

encoder = model_files.load({name!r})
{_square(whole)}
vectors = encoder.encode_images(np.asarray(square)[None])  # [1, {whole.dim}], of length 1
"""
    parts = [
        f"In a catalogue of Lookalike, where it becomes the encoder `run:NAME`:\n\n"
        f"```sh\nlookalike runs --catalogue C.lookalike import {shlex.quote(name)}\n```",
        f"In Python, with Lookalike installed:\n\n{_python(ours)}",
    ]
    backbone = _backbone(whole)
    if backbone:
        code = f"""\
{OPENED}
import torch
from safetensors.torch import load_file
from torch.nn import functional

{backbone[0]}

tensors = load_file({name!r})
{backbone[1]}
backbone.load_state_dict(
    {{key.removeprefix("backbone."): one for key, one in tensors.items() if key.startswith("backbone.")}}
)


{_heads(whole)}


{_prepared(whole)}
with torch.inference_mode():
    found = backbone(planes)
    rows = (found[0] if isinstance(found, tuple) else found).flatten(1).float()
    vectors = project(rows)  # [1, {whole.dim}], of length 1
"""
        parts.append(f"Without Lookalike:\n\n{_python(code)}")
    else:
        parts.append(
            "The first network is one of Lookalike's own, so without Lookalike take the TorchScript export instead: "
            "it holds the same numbers."
        )
    return "\n\n".join(parts)


def trained(facts: Facts, name: str, tensors: Iterable[str]) -> str:
    """Of a file with only what was trained."""
    parts = sorted({one.partition(".")[0] for one in tensors})
    told = {
        "head": "`head.`: the projection head",
        "adapters": f"`adapters.`: factors of {facts.adapter} of rank {facts.rank}, by the layer of the base whose "
        "weight their product is added to",
        "backbone": "`backbone.`: the whole network",
        "heads": "`heads.0.` and so on: the projection heads, in order",
    }
    lines = [
        f"This is no encoder by itself: it belongs to {facts.base} with the key `{facts.base_key}`.",
        "",
        "Tensors by the beginning of their names:",
        "",
        *(f"- {told[part]}" for part in parts if part in told),
        "",
        _python(f"""\
import json

from safetensors import safe_open

with safe_open({name!r}, framework="pt") as file:
    about = json.loads(file.metadata()["lookalike"])
    tensors = {{name: file.get_tensor(name) for name in file.keys()}}
"""),
        "",
        "To use it elsewhere, export the whole encoder as safetensors or TorchScript.",
    ]
    return "\n".join(lines)


def _backbone(whole: "Complete") -> tuple[str, str] | None:
    """(imports, the line that makes the first network without its weights), or None for networks of our own."""
    root = names.parse(whole.root)
    if root.hub_repo or root.folder:
        return None
    if root.family == "timm":
        model = f"{root.model}.{root.tag}" if root.tag else root.model
        return "import timm", f"backbone = timm.create_model({model!r}, num_classes=0).eval()"
    if root.family == "openclip":
        quick = '"quick_gelu": true' in whole.architecture
        model = f"open_clip.create_model({root.model!r}, force_quick_gelu={quick})"
        return "import open_clip", f"backbone = {model}.visual.eval()"
    return None


def _heads(whole: "Complete") -> str:
    """The projection, as plain torch."""
    lines = ["def project(rows):"]
    for number, shape in enumerate(whole.head_shapes):
        if shape["kind"] == "residual":
            lines += [
                "    rows = functional.normalize(rows, dim=1)",
                f"    turned = (rows - {_of(number, 'mean')}) @ {_of(number, 'axes')}",
                f"    inner = functional.gelu({_linear('turned', number, 'inner.')})",
                f"    rows = turned + {_linear('inner', number, 'outer.')}",
            ]
        else:
            lines.append(f"    rows = {_linear('rows', number)}")
    return "\n".join([*lines, "    return functional.normalize(rows, dim=1)"])


def _linear(rows: str, number: int, layer: str = "") -> str:
    return (
        f"functional.linear({rows}, {_of(number, layer + 'weight')}, {_of(number, layer + 'bias')})"
    )


def _of(number: int, name: str) -> str:
    return f'tensors["heads.{number}.{name}"]'


def _prepared(whole: "Complete") -> str:
    """From a file to what the network takes, as code; the last name is ``planes``."""
    way = whole.preprocessing
    code = f"""{_square(whole)}
planes = torch.from_numpy(np.array(square)).permute(2, 0, 1)[None].float() / 255
planes = (planes - torch.tensor({list(whole.mean)}).view(3, 1, 1)) / torch.tensor({list(whole.std)}).view(3, 1, 1)"""
    if whole.input_px != (way.size_px, way.size_px):
        code += f"""
planes = torch.nn.functional.interpolate(planes, {whole.input_px}, mode="bilinear", antialias=True)"""
    return code


def _square(whole: "Complete") -> str:
    """From a file to the square, as code; the last name is ``square``."""
    way = whole.preprocessing
    side, resample, gap = (
        way.size_px,
        f"Image.Resampling.{_FILTERS[way.resample]}",
        _GAPS[way.resample],
    )
    opened = 'picture = opened("photo.jpg")'
    if way.fit == "crop":
        return f"""{opened}
kept = min(picture.size) * {way.share!r}
left, top = (picture.width - kept) / 2, (picture.height - kept) / 2
square = picture.resize(
    ({side}, {side}), {resample}, box=(left, top, left + kept, top + kept), reducing_gap={gap}
)"""
    if way.fit == "pad":
        return f"""{opened}
scale = {side} / max(picture.size)
size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
square = Image.new("RGB", ({side}, {side}), {GROUND})
square.paste(
    picture.resize(size, {resample}, reducing_gap={gap}),
    (({side} - size[0]) // 2, ({side} - size[1]) // 2),
)"""
    return f"""{opened}
square = picture.resize(({side}, {side}), {resample}, reducing_gap={gap})"""


def _numbers(values: Iterable[float]) -> str:
    return ", ".join(f"{one:.6g}" for one in values)


def _python(code: str) -> str:
    return f"```python\n{code}```"
