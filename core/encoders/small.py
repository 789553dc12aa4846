"""Small convolutional networks of our own for small pictures, trained from scratch.

Blocks as in Vinyals et al., "Matching Networks for One Shot Learning" (2016), with the channels growing and
an average over the last maps in place of their pooling to one.
"""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from core.encoders import small_shapes
from core.encoders.names import EncoderName
from core.encoders.small_shapes import Shape
from core.encoders.towers import Towers, seeded
from core.encoders.weights.installed import Files
from core.errors import EncoderError


class SmallNetwork(nn.Module):
    """Planes [n, 3, side, side] to [n, dim], not normalised; any side of 2 ** (blocks - 1) or more."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        pairs = zip((3, *shape.channels), shape.channels, strict=False)
        self.blocks = nn.ModuleList(_block(into, out) for into, out in pairs)
        self.halve = nn.MaxPool2d(2)

    def maps(self, planes: Tensor) -> Tensor:
        """The last block's maps, [n, dim, rows, columns]."""
        for at, block in enumerate(self.blocks):
            planes = block(self.halve(planes) if at else planes)
        return planes

    def forward(self, planes: Tensor) -> Tensor:
        return self.maps(planes).mean(dim=(2, 3))


def make(name: EncoderName, files: Files | None) -> Towers:
    """The network of this name, from ``files`` (None: random weights).

    Raises EncoderError for an architecture or weights that cannot be used.
    """
    shape = small_shapes.find(name)
    if shape is None:
        raise EncoderError(
            f"There is no small network named {name.model!r}.",
            f"Use {', '.join(small_shapes.SHAPES)}.",
        )
    with seeded():
        model = SmallNetwork(shape)
    if files is not None:
        _load(model, files.weights)
    model.eval().requires_grad_(False)
    return Towers(
        architecture=f"{name.model} {shape.channels}",
        module=model,
        pictures=model,
        preprocessing=shape.preprocessing,
        mean=small_shapes.MEAN,
        std=small_shapes.STD,
        input_px=(shape.size_px, shape.size_px),
        patches=_patches,
    )


def _block(into: int, out: int) -> nn.Sequential:
    convolution = nn.Conv2d(into, out, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    return nn.Sequential(convolution, nn.BatchNorm2d(out), nn.ReLU(inplace=True))


def _load(model: SmallNetwork, weights: Path) -> None:
    if weights.suffix.lower() != ".safetensors":
        raise EncoderError(
            f"{weights} is no safetensors file.", "Weights of small networks are read from those."
        )
    try:
        model.load_state_dict(load_file(weights))
    except (RuntimeError, SafetensorError) as error:
        raise EncoderError(
            f"The weights in {weights} are of another architecture.",
            "Choose the architecture that they were trained with.",
        ) from error


def _patches(pictures: nn.Module, pixels: Tensor) -> Tensor:
    assert isinstance(pictures, SmallNetwork)
    return pictures.maps(pixels)
