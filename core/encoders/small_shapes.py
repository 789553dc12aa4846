"""What the small networks look like, and what a picture costs them: known without importing torch."""

from dataclasses import dataclass

from core.encoders.base import Preprocessing
from core.encoders.names import EncoderName

MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
LICENCE = "apache-2.0"


@dataclass(frozen=True, slots=True)
class Shape:
    """One network: the side of its square, and the channels of its blocks. A block is a convolution of
    3 x 3, batch normalisation and ReLU; between two blocks the maps are halved."""

    size_px: int
    channels: tuple[int, ...]
    title: str
    about: str

    @property
    def dim(self) -> int:
        """Numbers in a vector: the last block's channels, averaged over the picture."""
        return self.channels[-1]

    @property
    def preprocessing(self) -> Preprocessing:
        """The whole picture in a small square."""
        return Preprocessing(self.size_px, "squash")

    @property
    def parameters(self) -> int:
        """Weights: those of the convolutions, and two for each normalised channel."""
        pairs = zip((3, *self.channels), self.channels, strict=False)
        return sum(9 * into * out + 2 * out for into, out in pairs)

    @property
    def work(self) -> tuple[float, float]:
        """(GFLOP of the convolutions, million values that all the rest writes) for one picture."""
        flops = values = 0
        side, into = self.size_px, 3
        for at, out in enumerate(self.channels):
            if at:
                side //= 2
                values += into * side * side  # halved
            flops += 2 * 9 * into * out * side * side
            values += 2 * out * side * side  # normalised, and without what is below zero
            into = out
        return flops / 1e9, (values + self.dim) / 1e6


SHAPES: dict[str, Shape] = {
    "conv4": Shape(
        28,
        (32, 64, 64, 128),
        "Small network, 28 px",
        "For drawings, letters and icons, learning from nothing.",
    ),
    "conv5-64": Shape(
        64,
        (32, 64, 128, 192, 192),
        "Small network, 64 px",
        "For small photos and textures, learning from nothing.",
    ),
    "conv6-96": Shape(
        96,
        (32, 64, 128, 192, 256, 256),
        "Small network, 96 px",
        "For photos, learning from nothing: it wants thousands of them.",
    ),
}


def find(name: EncoderName) -> Shape | None:
    """The shape of a small network, or None for other families and models that there are not."""
    return SHAPES.get(name.model) if name.family == "small" and not name.tag else None
