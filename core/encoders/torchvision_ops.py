"""Make ``import torchvision`` work where its compiled part does not fit this build of torch.

That happens with a CPU build of torch beside the registry's torchvision: the import ends with "operator
torchvision::nms does not exist", and with it open_clip's and timm's. Neither needs the operator; its schema is
enough. Where the compiled part loads, nothing is done.
"""

import importlib.util
from functools import lru_cache
from pathlib import Path

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@lru_cache(maxsize=1)
def prepare() -> "torch.library.Library | None":
    """Call before the first import of torchvision, open_clip or timm. The schemas live as long as the
    returned library, which the cache keeps."""
    if _has_compiled_part():
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    return library


def _has_compiled_part() -> bool:
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return True  # the import says so itself
    for file in Path(spec.origin).parent.glob("_C.*"):
        try:
            torch.ops.load_library(str(file))  # type: ignore[no-untyped-call]
        except (ImportError, OSError):
            continue
        return hasattr(torch.ops.torchvision, "nms")
    return False
