"""OpenCLIP: pictures and words in one space, through open_clip's own loaders."""

import json
from collections.abc import Sequence
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
import open_clip  # noqa: E402 - torchvision must be prepared first

_FITS: dict[str, Fit] = {"shortest": "crop", "squash": "squash", "longest": "pad"}


def make(name: EncoderName, files: Files | None) -> Towers:
    """The network of this name, from ``files`` (None: random weights).

    Raises EncoderError for an architecture or weights that cannot be used.
    """
    try:
        with quietly(), seeded():
            model, tokenizer, config = _create(name, files)
    except EncoderError:
        raise
    except REFUSED as error:
        raise EncoderError(f"{name} cannot be made: {why_not(error)}.") from error
    model.eval().requires_grad_(False)
    return _towers(model, tokenizer, config)


def _create(name: EncoderName, files: Files | None) -> tuple[Any, Any, dict[str, Any]]:
    folder = name.folder or (str(files.config_folder) if files and files.config_folder else "")
    if folder:
        place = FOLDER_PREFIX + folder
        config = open_clip.get_model_config(place)
        # A folder of the user's own may name another one; what came from a hub names a repository.
        options = _text_tower(config, files) if name.hub_repo else {}
        model = open_clip.create_model(place, require_pretrained=True, **options)
        return model, _tokenizer(place, files), config
    config = open_clip.get_model_config(name.model)
    if config is None:
        raise EncoderError(
            f"OpenCLIP has no architecture named {name.model!r}.", "See lookalike encoders."
        )
    published: dict[str, Any] = {}
    if name.tag:
        published = open_clip.get_pretrained_cfg(name.model, name.tag)
    quick_gelu = bool(published.get("quick_gelu") or config.get("quick_gelu"))
    options = _text_tower(config, files)
    model = open_clip.create_model(
        name.model,
        pretrained=str(files.weights) if files is not None else None,
        force_quick_gelu=quick_gelu,
        force_preprocess_cfg=published or None,
        pretrained_text=False,
        require_pretrained=files is not None,
        **options,
    )
    return model, _tokenizer(name.model, files), {**config, "quick_gelu": quick_gelu}


def _text_tower(config: dict[str, Any], files: Files | None) -> dict[str, Any]:
    """What to change in the architecture so that nothing is asked of the network.

    A text tower of transformers' kind takes its shape from a file. Without it, which is so for
    random weights only, a small one stands in: the pictures' side is what they are for.
    """
    text = dict(config["text_cfg"])
    if "hf_model_name" not in text:
        return {}
    if files is not None and files.text_folder is not None:
        # These options come last in open_clip, also after what it makes of pretrained_text.
        here = {"hf_model_name": str(files.text_folder), "hf_model_pretrained": False}
        return {"text_cfg": {**text, **here}}
    if files is not None:
        raise EncoderError("the shape of its text tower is not installed")
    return {"text_cfg": {"width": 64, "heads": 1, "layers": 1}}


def _tokenizer(model: str, files: Files | None) -> Any:
    """open_clip's tokeniser of this model, or None where its vocabulary is not on this machine."""
    folder = files.tokenizer_folder if files is not None else None
    if model.startswith(FOLDER_PREFIX):
        config = open_clip.get_model_config(model)
        needs_folder = bool(config["text_cfg"].get("hf_tokenizer_name"))
        here = Path(model.removeprefix(FOLDER_PREFIX))
        if needs_folder and not any(here.glob("tokenizer*")) and not any(here.glob("vocab*")):
            return _from_folder(config, folder)
        return open_clip.get_tokenizer(model)
    config = open_clip.get_model_config(model)
    if config["text_cfg"].get("hf_tokenizer_name"):
        return _from_folder(config, folder)
    if "siglip" in model.lower():
        return None  # its vocabulary would be fetched from elsewhere
    return open_clip.get_tokenizer(model)


def _from_folder(config: dict[str, Any], folder: Path | None) -> Any:
    if folder is None:
        return None
    text = config["text_cfg"]
    return open_clip.tokenizer.HFTokenizer(
        str(folder),
        context_length=text.get("context_length", open_clip.tokenizer.DEFAULT_CONTEXT_LENGTH),
        tokenizer_mode=text.get("tokenizer_mode"),
        **text.get("tokenizer_kwargs", {}),
    )


def _towers(model: Any, tokenizer: Any, config: dict[str, Any]) -> Towers:
    way = model.visual.preprocess_cfg
    size = way["size"]
    height, width = (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))
    resample: Resample = "bilinear" if way["interpolation"] == "bilinear" else "bicubic"
    return Towers(
        architecture=json.dumps(config, sort_keys=True),
        module=model,
        pictures=model.visual,
        preprocessing=Preprocessing(
            max(height, width), _FITS.get(way["resize_mode"], "crop"), resample=resample
        ),
        mean=tuple(way["mean"]),
        std=tuple(way["std"]),
        input_px=(height, width),
        patches=_patches,
        tokens=None if tokenizer is None else lambda texts: _tokens(tokenizer, texts),
        texts=_texts,
    )


def _texts(model: Any, tokens: Tensor) -> Tensor:
    features: Tensor = model.encode_text(tokens)
    return features


def _tokens(tokenizer: Any, texts: Sequence[str]) -> Tensor:
    tokens: Tensor = tokenizer(list(texts))
    return tokens


def _patches(pictures: Any, pixels: Tensor) -> Tensor:
    found = pictures.forward_intermediates(
        pixels, indices=1, normalize_intermediates=True, intermediates_only=True, output_fmt="NCHW"
    )
    features: Tensor = found["image_intermediates"][-1]
    return features
