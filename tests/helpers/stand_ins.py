"""What the stand-in for the model hub hands out for screenshots: weights of chance. Heavy: imports timm."""

import io

from safetensors.torch import save

from core.encoders import torchvision_ops

torchvision_ops.prepare()
import timm  # noqa: E402 - torchvision must be prepared first
import torch  # noqa: E402


def repositories() -> dict[str, dict[str, bytes]]:
    """The files by repository: one of safetensors, and one with a pickle."""
    small = timm.create_model("mobilenetv4_conv_small", num_classes=0)
    return {
        "timm/mobilenetv4_conv_small.e2400_r224_in1k": {
            "config.json": b"{}",
            "model.safetensors": save(small.state_dict()),
        },
        "timm/vit_small_patch16_224.dino": {
            "config.json": b"{}",
            "pytorch_model.bin": pickled(1000),
        },
    }


def pickled(count: int) -> bytes:
    """A checkpoint of the old kind with so many numbers."""
    out = io.BytesIO()
    torch.save({"weight": torch.zeros(count)}, out)
    return out.getvalue()
