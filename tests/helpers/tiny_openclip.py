"""Tiny OpenCLIP models of every family, as folders that openclip:local-dir:FOLDER names; random weights, no network."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from core.encoders import torchvision_ops

DIM = 24
WORDS = [
    "a",
    "red",
    "blue",
    "green",
    "car",
    "bird",
    "house",
    "two",
    "of",
    "the",
    "photo",
    "street",
    "in",
    "on",
]
CLIP_TEXT = {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
OWN_TEXT = {**CLIP_TEXT, "vocab_size": 32, "hf_tokenizer_name": "of this folder"}
VIT = {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8}


def timm_tower(model: str, size_px: int, pool: str, proj: str | None) -> dict[str, Any]:
    return {
        "timm_model_name": model,
        "timm_model_pretrained": False,
        "timm_pool": pool,
        "timm_proj": proj,
        "image_size": size_px,
    }


# What the text towers of transformers' kind look like, tiny.
TEXT_SHAPES: dict[str, dict[str, Any]] = {
    "roberta": {"max_position_embeddings": 40},
    "xlm-roberta": {"max_position_embeddings": 40},
    "mt5": {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2},
    "m2m_100": {
        "d_model": 32,
        "encoder_layers": 2,
        "decoder_layers": 1,
        "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
    },
}
_BERT_LIKE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "pad_token_id": 1,
    "type_vocab_size": 1,
}
_MULTIMODAL = {"context_length": 15, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}


def hf_text(kind: str, pooler: str, proj: str = "linear") -> dict[str, Any]:
    return {
        "hf_model_name": kind,
        "hf_tokenizer_name": kind,
        "hf_pooler_type": pooler,
        "hf_proj_type": proj,
        "context_length": 16,
        "width": 32,
    }


# By family: what is particular to it, in the terms of open_clip's own configurations.
FAMILIES: dict[str, dict[str, Any]] = {
    "clip-vit": {"vision_cfg": VIT, "text_cfg": CLIP_TEXT},
    "clip-vit-quickgelu": {"quick_gelu": True, "vision_cfg": VIT, "text_cfg": CLIP_TEXT},
    "clip-resnet": {
        "vision_cfg": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 8, "head_width": 32},
        "text_cfg": CLIP_TEXT,
    },
    "clipa": {
        "vision_cfg": {**VIT, "no_ln_pre": True, "pool_type": "avg", "final_ln_after_pool": True},
        "text_cfg": {
            **OWN_TEXT,
            "tokenizer_kwargs": {"strip_sep_token": True},
            "pool_type": "last",
            "no_causal_mask": True,
        },
    },
    "coca": {
        "custom_text": True,
        "vision_cfg": {
            **VIT,
            "output_tokens": True,
            "attentional_pool": True,
            "attn_pooler_queries": 16,
        }
        | {"attn_pooler_heads": 2},
        "text_cfg": {**CLIP_TEXT, "embed_cls": True, "output_tokens": True},
        "multimodal_cfg": _MULTIMODAL,
    },
    "timm-vit": {
        "custom_text": True,
        "vision_cfg": timm_tower("test_vit", 64, "token", None),
        "text_cfg": CLIP_TEXT,
    },
    "timm-convnext": {
        "vision_cfg": timm_tower("test_convnext", 64, "", "linear"),
        "text_cfg": CLIP_TEXT,
    },
    "siglip": {
        "custom_text": True,
        "init_logit_bias": -10,
        "vision_cfg": timm_tower("test_vit4", 64, "map", "none"),
        "text_cfg": {
            **OWN_TEXT,
            "tokenizer_kwargs": {"clean": "canonicalize"},
            "no_causal_mask": True,
            "proj_bias": True,
            "pool_type": "last",
            "norm_kwargs": {"eps": 1e-6},
            "act_kwargs": {"approximate": "tanh"},
        },
    },
    "mobileclip": {
        "custom_text": True,
        "vision_cfg": timm_tower("fastvit_mci0", 64, "avg", None),
        "text_cfg": {**CLIP_TEXT, "no_causal_mask": True},
    },
    "vitamin": {
        "custom_text": True,
        "vision_cfg": timm_tower("vitamin_small_224", 224, "", "linear"),
        "text_cfg": CLIP_TEXT,
    },
    "eva": {
        "custom_text": True,
        "vision_cfg": timm_tower("eva02_tiny_patch14_224", 224, "token", None),
        "text_cfg": CLIP_TEXT,
    },
    "pe-core": {
        "custom_text": True,
        "vision_cfg": timm_tower("vit_pe_core_tiny_patch16_384", 384, "map", None),
        "text_cfg": CLIP_TEXT,
    },
    "worldwide": {
        "vision_cfg": VIT,
        "text_cfg": {**OWN_TEXT, "pool_type": "eos", "eos_id": 2},
    },
    "roberta": {"vision_cfg": VIT, "text_cfg": hf_text("roberta", "mean_pooler", "mlp")},
    "xlm-roberta": {"vision_cfg": VIT, "text_cfg": hf_text("xlm-roberta", "mean_pooler", "mlp")},
    "mt5": {"vision_cfg": VIT, "text_cfg": hf_text("mt5", "mean_pooler")},
    "nllb": {"vision_cfg": VIT, "text_cfg": hf_text("m2m_100", "cls_pooler")},
    "nllb-siglip": {
        "custom_text": True,
        "vision_cfg": timm_tower("test_vit4", 64, "map", "none"),
        "text_cfg": hf_text("m2m_100", "cls_pooler"),
    },
    "coca-roberta": {
        "custom_text": True,
        "vision_cfg": {
            **VIT,
            "output_tokens": True,
            "attentional_pool": True,
            "attn_pooler_queries": 16,
        }
        | {"attn_pooler_heads": 2},
        "text_cfg": {**hf_text("roberta", "cls_pooler"), "output_tokens": True},
        "multimodal_cfg": _MULTIMODAL,
    },
}


def make(root: Path, family: str, **preprocess: Any) -> Path:
    """A folder with open_clip_config.json, weights, and where the family wants it a vocabulary."""
    torchvision_ops.prepare()
    import open_clip

    folder = root / family
    folder.mkdir(parents=True)
    config = json.loads(json.dumps({"embed_dim": _dim(family), **FAMILIES[family]}))
    text = config["text_cfg"]
    if "hf_model_name" in text:
        text["hf_model_name"] = str(text_folder(root, text["hf_model_name"]))
    if "hf_tokenizer_name" in text:
        save_vocabulary(folder)
    whole = {"model_cfg": config, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(whole))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = open_clip.create_model(
            f"local-dir:{folder}", load_weights=False, pretrained_text=False
        )
    tensors = {key: value.contiguous().clone() for key, value in model.state_dict().items()}
    save_file(tensors, folder / "open_clip_model.safetensors")
    return folder


def _dim(family: str) -> int:
    """Towers without a projection give what they are wide."""
    return 96 if FAMILIES[family]["vision_cfg"].get("timm_proj") == "none" else DIM


def text_folder(root: Path, kind: str) -> Path:
    """A folder with the config.json of a tiny text tower of transformers' kind."""
    from transformers import AutoConfig

    folder = root / f"text-{kind}"
    own = _BERT_LIKE if "roberta" in kind else {}
    shape = {"vocab_size": 32, **own, **TEXT_SHAPES[kind]}
    AutoConfig.for_model(kind, **shape).save_pretrained(folder)
    return folder


def save_vocabulary(folder: Path) -> None:
    """A tokeniser of a few whole words, in the files that transformers reads."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = {word: number for number, word in enumerate([*special, *WORDS])}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token="<s>",
        cls_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        sep_token="</s>",
        unk_token="<unk>",
    )
    tokenizer.save_pretrained(folder)
