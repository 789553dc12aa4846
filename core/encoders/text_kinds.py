"""The kinds of text towers that OpenCLIP takes from transformers, each tried with a tiny one of random weights.

transformers imports a network by its name, when it is asked for: whether all of them are there shows only then.
"""

import json
from pathlib import Path
from typing import Any

import torch

from core.encoders import torchvision_ops
from core.encoders.towers import quietly, seeded
from core.errors import EncoderError

# Small ones of each kind that a published OpenCLIP model has; the names of sizes differ from kind to kind.
_SIZES: dict[str, Any] = {"vocab_size": 32, "pad_token_id": 1, "bos_token_id": 2, "eos_token_id": 3}
_BERT = {
    **_SIZES,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "intermediate_size": 8,
    "max_position_embeddings": 16,
}
_LAYERS = {"encoder_layers": 1, "decoder_layers": 1}
_HEADS = {"encoder_attention_heads": 1, "decoder_attention_heads": 1}
TOWERS: dict[str, dict[str, Any]] = {
    "bert": _BERT,
    "roberta": _BERT,
    "xlm-roberta": _BERT,
    "mt5": {**_SIZES, "d_model": 8, "d_kv": 8, "d_ff": 8, "num_layers": 1, "num_heads": 1},
    "m2m_100": {**_SIZES, **_LAYERS, **_HEADS, "d_model": 8, "max_position_embeddings": 16},
}
TOKENISERS = (
    *("BertTokenizer", "RobertaTokenizer", "XLMRobertaTokenizer", "T5Tokenizer", "NllbTokenizer"),
    *("CLIPTokenizer", "SiglipTokenizer", "GemmaTokenizer", "PreTrainedTokenizerFast"),
)  # fmt: skip
_DIM = 4


def try_all(folder: Path) -> tuple[str, ...]:
    """Build each kind from a file of its shape, as an installed model does, and ask it once. ``folder`` is for the
    files. Returns the kinds. Raises EncoderError for the first that does not work."""
    torchvision_ops.prepare()
    from open_clip.hf_model import HFTextEncoder  # torchvision must be prepared first

    words = torch.tensor([[2, 5, 6, 3, 1]])
    for kind, sizes in TOWERS.items():
        place = folder / kind
        place.mkdir()
        shape = {"model_type": kind, "is_encoder_decoder": kind in ("mt5", "m2m_100"), **sizes}
        (place / "config.json").write_text(json.dumps(shape), encoding="utf-8")
        try:
            with quietly(), seeded(), torch.inference_mode():
                tower = HFTextEncoder(
                    str(place),
                    _DIM,
                    pooler_type="mean_pooler",
                    proj_type="linear",
                    pretrained=False,
                )
                found = tower.eval()(words)
        except (ImportError, RuntimeError, AttributeError, ValueError, KeyError, OSError) as error:
            raise EncoderError(
                f"A text tower of the kind {kind} does not work: {error}."
            ) from error
        if tuple(found.shape) != (1, _DIM) or not bool(torch.isfinite(found).all()):
            raise EncoderError(f"A text tower of the kind {kind} gives no vector.")
    _try_tokenisers()
    return tuple(TOWERS)


def _try_tokenisers() -> None:
    import transformers

    for name in TOKENISERS:
        try:
            getattr(transformers, name)
        except (ImportError, AttributeError, RuntimeError) as error:
            raise EncoderError(f"The tokeniser {name} is not there: {error}.") from error
