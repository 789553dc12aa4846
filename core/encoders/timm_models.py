"""timm: picture encoders of many kinds (DINOv2, ConvNeXt, EfficientNet …), through timm's own loaders."""

import json
import sys
from pathlib import Path
from typing import Any

from torch import Tensor

from core.encoders import torchvision_ops
from core.encoders.base import Fit, Preprocessing, Resample
from core.encoders.names import FOLDER_PREFIX, EncoderName
from core.encoders.towers import REFUSED, Towers, quietly, seeded, why_not
from core.encoders.weights.installed import Files
from core.errors import EncoderError

torchvision_ops.prepare()
import timm  # noqa: E402 - torchvision must be prepared first

_FITS: dict[str, Fit] = {"center": "crop", "squash": "squash", "border": "pad"}
# Layers of a checkpoint that turn features into classes: nothing that an encoder has.
_HEADS = ("head.", "fc.", "classifier.", "last_linear.", "head_dist.")


def make(name: EncoderName, files: Files | None) -> Towers:
    """The network of this name without its classifier, from ``files`` (None: random weights).

    Raises EncoderError for an architecture or weights that cannot be used.
    """
    try:
        with quietly(), seeded():
            model = _create(name, files)
    except EncoderError:
        raise
    except REFUSED as error:
        raise EncoderError(f"{name} cannot be made: {why_not(error)}.") from error
    model.eval().requires_grad_(False)
    return _towers(model, _architecture(model, files))


def _architecture(model: Any, files: Files | None) -> str:
    """timm's name of it, and the arguments that a repository's config gives besides."""
    arguments: dict[str, Any] = {}
    if files is not None and files.config_folder is not None:
        text = (files.config_folder / "config.json").read_text(encoding="utf-8")
        arguments = json.loads(text).get("model_args") or {}
    return json.dumps([model.pretrained_cfg["architecture"], arguments], sort_keys=True)


def _create(name: EncoderName, files: Files | None) -> Any:
    if files is not None and files.config_folder is not None:
        place = FOLDER_PREFIX + str(files.config_folder)
        return timm.create_model(place, pretrained=True, num_classes=0)
    architecture = f"{name.model}.{name.tag}" if name.tag else name.model
    if not timm.is_model(architecture):
        raise EncoderError(
            f"timm has no architecture named {name.model!r}.", "See lookalike encoders."
        )
    if files is None:
        return timm.create_model(architecture, pretrained=False, num_classes=0)
    if name.tag:
        source: dict[str, Any] = {"file": str(files.weights)}
        if files.weights.suffix != ".npz":
            # Set for weights that were numpy's before the hub: timm minds it for any file.
            source["custom_load"] = False
        return timm.create_model(
            architecture, pretrained=True, num_classes=0, pretrained_cfg_overlay=source
        )
    model = timm.create_model(architecture, pretrained=False, num_classes=0)
    _load_own(model, files.weights)
    return model


def _load_own(model: Any, weights: Path) -> None:
    """Weights that somebody trained: every layer must be in the file, and nothing else but a head.

    timm passes over what does not fit when the number of classes differs, which would leave random
    layers in silence.
    """
    # The convention by which timm brings foreign names of layers into its own.
    rename = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
    found = timm.models.load_checkpoint(model, str(weights), strict=False, filter_fn=rename)
    if found is None:
        return
    strange = [key for key in found.unexpected_keys if not key.startswith(_HEADS)]
    if found.missing_keys or strange:
        missing, first = len(found.missing_keys), (found.missing_keys or strange)[0]
        raise EncoderError(
            f"The weights in {weights} are of another architecture: {missing} layers are missing and "
            f"{len(strange)} are not known, {first} for one.",
            "Choose the architecture that they were trained with.",
        )


def _towers(model: Any, architecture: str) -> Towers:
    config: dict[str, Any] = timm.data.resolve_model_data_config(model)
    channels, height, width = config["input_size"]
    if channels != 3:
        raise EncoderError(f"It takes pictures of {channels} channels; colour pictures have 3.")
    fit = _FITS.get(config["crop_mode"], "crop")
    resample: Resample = "bilinear" if config["interpolation"] == "bilinear" else "bicubic"
    # A few ask for more than the whole picture, with black around it.
    share = min(1.0, float(config["crop_pct"])) if fit == "crop" else 1.0
    return Towers(
        architecture=architecture,
        module=model,
        pictures=model,
        preprocessing=Preprocessing(max(height, width), fit, share=share, resample=resample),
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        input_px=(height, width),
        patches=_patches if hasattr(model, "forward_intermediates") else None,
    )


def _patches(model: Any, pixels: Tensor) -> Tensor:
    found = model.forward_intermediates(
        pixels, indices=1, norm=True, intermediates_only=True, output_fmt="NCHW"
    )
    features: Tensor = found[-1]
    return features
