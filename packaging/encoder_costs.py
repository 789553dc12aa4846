"""What one picture costs in an architecture: counted on torch's "meta" device, without weights."""

import tempfile
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

# The published shapes of the text towers that OpenCLIP takes from transformers, whose files are on the hub.
TEXT_SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "roberta-base": ("roberta", {"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1}),
    "xlm-roberta-base": (
        "xlm-roberta",
        {"vocab_size": 250002, "max_position_embeddings": 514, "type_vocab_size": 1},
    ),
    "xlm-roberta-large": (
        "xlm-roberta",
        {
            "vocab_size": 250002, "max_position_embeddings": 514, "type_vocab_size": 1, "hidden_size": 1024,
            "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096,
        },
    ),
    "google/mt5-base": (
        "mt5",
        {"vocab_size": 250112, "d_model": 768, "d_kv": 64, "d_ff": 2048, "num_layers": 12, "num_heads": 12},
    ),
    "google/mt5-xl": (
        "mt5",
        {"vocab_size": 250112, "d_model": 2048, "d_kv": 64, "d_ff": 5120, "num_layers": 24, "num_heads": 32},
    ),
    "facebook/nllb-200-distilled-600M": (
        "m2m_100", {"vocab_size": 256206, "d_model": 1024, "encoder_layers": 12, "encoder_ffn_dim": 4096},
    ),
    "facebook/nllb-200-distilled-1.3B": (
        "m2m_100", {"vocab_size": 256206, "d_model": 1024, "encoder_layers": 24, "encoder_ffn_dim": 8192},
    ),
}  # fmt: skip


def openclip_on_meta(open_clip: Any, model: str) -> Any:
    """An OpenCLIP architecture without memory for its weights; text towers by their published shapes."""
    from transformers import AutoConfig

    options: dict[str, Any] = {}
    text = open_clip.get_model_config(model)["text_cfg"]
    with tempfile.TemporaryDirectory() as folder:
        if "hf_model_name" in text:
            kind, shape = TEXT_SHAPES[text["hf_model_name"]]
            AutoConfig.for_model(kind, **shape).save_pretrained(folder)
            # Options come last in open_clip, also after what pretrained_text=False sets.
            options["text_cfg"] = {**text, "hf_model_name": folder, "hf_model_pretrained": False}
        with torch.device("meta"):
            return open_clip.create_model(
                model, device="meta", pretrained_text=False, **options
            ).eval()


def timm_on_meta(timm: Any, model: str) -> Any:
    """A timm architecture without its classifier and without memory for its weights."""
    with torch.device("meta"):
        return timm.create_model(model, pretrained=False, num_classes=0).eval()


def parameters(network: torch.nn.Module) -> int:
    return sum(one.numel() for one in network.parameters())


def count(
    run: Callable[[torch.Tensor], torch.Tensor], size: tuple[int, int]
) -> tuple[int, list[float]]:
    """Dimension of the vector of one picture, and the work: GFLOP (two for a multiply and add) of matrix
    products, of dense and of grouped convolutions, and million values that everything else writes."""
    with torch.no_grad(), _Attention() as attention, _Work() as work:
        vector = run(torch.empty(1, 3, *size, device="meta"))
    products = work.products + attention.products
    figures = (products / 1e9, work.dense / 1e9, work.grouped / 1e9, work.values / 1e6)
    return vector.flatten(1).shape[1], [float(f"{figure:.3g}") for figure in figures]


class _Attention(TorchFunctionMode):
    """Counts attention as the two products that it is, whatever way torch would take on this device."""

    products = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is not functional.scaled_dot_product_attention:
            return func(*args, **kwargs)
        query, key, value = (
            *args,
            *(kwargs[name] for name in ("query", "key", "value")[len(args) :]),
        )[:3]
        *many, rows, depth = query.shape
        each = 2 * rows * key.shape[-2] * (depth + value.shape[-1])
        self.products += each * int(torch.Size(many).numel())
        return query.new_empty(*many, rows, value.shape[-1])


class _Work(TorchDispatchMode):
    """Counts what torch computes."""

    products = dense = grouped = values = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        packet = func._overloadpacket
        if packet in flop_registry:
            flops = flop_registry[packet](*args, **kwargs, out_val=result)
            if packet is not torch.ops.aten.convolution:
                self.products += flops
            elif args[8] > 1:
                self.grouped += flops
            else:
                self.dense += flops
        elif not _is_view(func) and isinstance(result, torch.Tensor):
            self.values += result.numel()
        elif isinstance(result, tuple) and result and isinstance(result[0], torch.Tensor):
            self.values += 0 if _is_view(func) else result[0].numel()
        return result


def _is_view(func: Any) -> bool:
    """Whether the result is a look at an argument rather than something written."""
    returned = func._schema.returns
    return bool(returned) and all(
        one.alias_info is not None and not one.alias_info.is_write for one in returned
    )
