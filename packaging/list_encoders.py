"""Writes resources/encoders/known.json: every encoder that the installed open_clip and timm know, and what each costs.

    .venv/bin/python packaging/list_encoders.py [FILE]

Run again after an upgrade of either; takes some ten minutes. No weights and no network: every architecture is made on
torch's "meta" device, where tensors have shapes and no values, and one picture goes through it to count the work.
"""

import json
import logging
import sys
from collections.abc import Iterator
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "resources" / "encoders" / "known.json"
sys.path.insert(0, str(ROOT))

FITS = {"center": "crop", "squash": "squash", "border": "pad", "shortest": "crop", "longest": "pad"}
COLOURS = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "clip": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    "none": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}
# Names from before the hub had owners, as the hub calls them now.
RENAMED = {
    "bert-base-uncased": "google-bert/bert-base-uncased",
    "roberta-base": "FacebookAI/roberta-base",
    "xlm-roberta-base": "FacebookAI/xlm-roberta-base",
    "xlm-roberta-large": "FacebookAI/xlm-roberta-large",
}
# open_clip states no licences. timm does, for the image towers of the same weights under another name; LAION's own
# pages say MIT.
LICENCES = {
    "laion/": "mit",
    "timm/ViT-": "apache-2.0",  # vit_*_siglip_*.webli, .v2_webli
    "timm/PE-Core-": "apache-2.0",  # vit_pe_core_*.fb
    "timm/MobileCLIP2-": "apple-amlr",  # fastvit_mci*.apple_mclip2_dfndr2b
    "apple/MobileCLIP-": "apple-amlr",  # fastvit_mci*.apple_mclip
    "apple/DFN": "apple-ascl",  # vit_*_clip_*.dfn2b, .dfn5b
    "timm/eva": "mit",  # eva*_clip_*.merged2b, .laion2b
}


def main() -> int:
    """Write the file. Returns the exit code."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    known = gather()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(as_text(known), encoding="utf-8")
    print(f"{out}: {out.stat().st_size:,} bytes")
    return 0


def gather() -> dict[str, Any]:
    """The whole list."""
    timm, open_clip = libraries()
    names = [f"openclip:{model}" for model in open_clip.list_models()]
    names += [f"timm:{model}" for model in timm.list_models()]
    families: dict[str, dict[str, Any]] = {"openclip": {}, "timm": {}}
    with get_context("spawn").Pool(2) as pool:
        for name, entry in zip(names, pool.imap(describe, names, chunksize=8), strict=True):
            family, _, model = name.partition(":")
            families[family][model] = entry
    made_of = {"open_clip": open_clip.__version__, "timm": timm.__version__}
    return {"made_of": made_of, "colours": COLOURS, **families}


@lru_cache(maxsize=1)
def licences_of_repos() -> dict[str, str]:
    """What timm states, by repository."""
    timm, _ = libraries()
    configs = map(timm.get_pretrained_cfg, timm.list_models(pretrained=True))
    return {
        one.hf_hub_id: one.license
        for one in configs
        if one.hf_hub_id and one.license not in (None, "unknown")
    }


def licence_of(repo: str) -> str:
    """What is stated of the very repository, or of the same weights in another; else nothing."""
    likely = (licence for start, licence in LICENCES.items() if repo.startswith(start))
    return licences_of_repos().get(repo) or next(likely, "")


def as_text(known: dict[str, Any]) -> str:
    """JSON with an architecture a line, so that a change can be read."""
    parts = [f' "made_of": {compact(known["made_of"])}', f' "colours": {compact(known["colours"])}']
    for family in ("openclip", "timm"):
        lines = (f"  {compact(name)}: {compact(entry)}" for name, entry in known[family].items())
        parts.append(f' "{family}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def libraries() -> tuple[Any, Any]:
    """timm and open_clip, with torchvision made to import first."""
    from core.encoders import torchvision_ops

    torchvision_ops.prepare()
    import open_clip
    import timm

    return timm, open_clip


def describe(name: str) -> dict[str, Any]:
    """One architecture with all its published weights."""
    family, _, model = name.partition(":")
    logging.disable(logging.WARNING)  # that weights are random, of each
    return describe_openclip(model) if family == "openclip" else describe_timm(model)


def describe_openclip(model: str) -> dict[str, Any]:
    """Shape, cost and published weights of one OpenCLIP architecture."""
    import encoder_costs

    _, open_clip = libraries()
    network = encoder_costs.openclip_on_meta(open_clip, model)
    size = network.visual.image_size
    height, width = (size, size) if isinstance(size, int) else size
    dim, work = encoder_costs.count(network.encode_image, (height, width))
    text = open_clip.get_model_config(model)["text_cfg"]
    entry: dict[str, Any] = {
        "dim": dim,
        **openclip_way(network.visual.preprocess_cfg),
        "parameters": encoder_costs.parameters(network),
        "image_parameters": encoder_costs.parameters(network.visual),
        "work": {str(height): work},
    }
    for key, repo in (
        ("tokenizer", text.get("hf_tokenizer_name")),
        ("text", text.get("hf_model_name")),
    ):
        if repo:
            entry[key] = RENAMED.get(repo, repo)
    entry["weights"] = {}
    for tag in open_clip.list_pretrained_tags_by_model(model):
        config = open_clip.get_pretrained_cfg(model, tag)
        repo, _, file = config["hf_hub"].rpartition("/")
        way = openclip_way({"size": size, **config})
        weights = {
            "repo": repo,
            "file": file,
            "licence": licence_of(repo),
            **changed(way, entry),
        }
        entry["weights"][tag] = {key: value for key, value in weights.items() if value}
    return entry


def openclip_way(config: dict[str, Any]) -> dict[str, Any]:
    """The preprocessing of open_clip's terms in ours."""
    size = config["size"]
    return {
        "px": size if isinstance(size, int) else max(size),
        "fit": FITS.get(config["resize_mode"], "crop"),
        "share": 1.0,
        "resample": "bilinear" if config["interpolation"] == "bilinear" else "bicubic",
        "colours": colours(config["mean"], config["std"]),
    }


def describe_timm(model: str) -> dict[str, Any]:
    """Shape, cost and published weights of one timm architecture."""
    import encoder_costs

    timm, _ = libraries()
    plain = timm.get_pretrained_cfg(model)
    tags = [name.partition(".")[2] for name in timm.list_models(f"{model}.*", pretrained=True)]
    network = encoder_costs.timm_on_meta(timm, model)
    config = plain.to_dict() if plain is not None else network.pretrained_cfg
    height, width = config["input_size"][1:]
    dim, work = encoder_costs.count(network, (height, width))
    entry: dict[str, Any] = {
        "dim": dim,
        **timm_way(config),
        "parameters": encoder_costs.parameters(network),
        "work": {str(height): work},
        "weights": {},
    }
    for tag in sorted(tags):
        published = timm.get_pretrained_cfg(f"{model}.{tag}")
        height, width = published.input_size[1:]
        if str(height) not in entry["work"]:
            other = encoder_costs.timm_on_meta(timm, f"{model}.{tag}")
            entry["work"][str(height)] = encoder_costs.count(other, (height, width))[1]
        entry["weights"][tag] = dict(timm_weights(model, tag, published, entry))
    return entry


def timm_weights(
    model: str, tag: str, config: Any, entry: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """What differs from what most have: timm/MODEL.TAG on the hub, 1,000 classes."""
    if not config.hf_hub_id:
        yield "url", config.url
    elif config.hf_hub_id != f"timm/{model}.{tag}":
        yield "repo", config.hf_hub_id
    if config.hf_hub_filename:
        yield "file", config.hf_hub_filename
    if config.license not in (None, "unknown"):
        yield "licence", config.license
    if config.num_classes != 1000:
        yield "classes", config.num_classes
    yield from changed(timm_way(config.to_dict()), entry).items()


def timm_way(config: dict[str, Any]) -> dict[str, Any]:
    """The preprocessing of timm's terms in ours."""
    fit = FITS.get(config["crop_mode"], "crop")
    return {
        "px": max(config["input_size"][1:]),
        "fit": fit,
        # A few ask for more than the whole picture: a frame of black, which nobody misses.
        "share": min(1.0, float(config["crop_pct"])) if fit == "crop" else 1.0,
        "resample": "bilinear" if config["interpolation"] == "bilinear" else "bicubic",
        "colours": colours(config["mean"], config["std"]),
    }


def colours(mean: Any, std: Any) -> "str | list[list[float]]":
    """The name of a mean and spread that many share, else the numbers."""
    pair = (tuple(mean), tuple(std))
    return next((name for name, each in COLOURS.items() if each == pair), [list(mean), list(std)])


def changed(way: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in way.items() if entry[key] != value}


if __name__ == "__main__":
    sys.exit(main())
