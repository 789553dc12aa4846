"""The families of demo images as plain data: folder, file names, and the few odd ones out."""

from dataclasses import dataclass

ORIGINALS_PER_FAMILY = 16
SIZES = (
    *((640, 480), (800, 600), (600, 800), (900, 600), (720, 540)),
    *((640, 640), (560, 760), (768, 512), (960, 540), (600, 600)),
)
FAVOURITES = "favourites"


@dataclass(frozen=True)
class Family:
    """One folder; ``pattern`` makes a file name of a number, and numbers start at ``first``."""

    name: str
    pattern: str
    first: int = 1


FAMILIES = (
    Family("sunsets", "sunset-{:02}"),
    Family("hot-air balloons", "balloon-{:02}"),
    Family("sailing boats", "IMG_{}", 2041),
    Family("lighthouses", "lighthouse {}"),
    Family("mountain lakes", "DSC{:05}", 4207),
    Family("cities at night", "IMG_{}", 3112),
    Family("planets", "planet_{:02}"),
    Family("houses", "P10{:05}", 10388),
    Family("umbrellas", "umbrella-{:02}"),
    Family("daisies", "IMG_{}", 1406),
    Family("tulips", "tulip-{:02}"),
    Family("cacti", "cactus-{:02}"),
    Family("mushrooms", "DSC{:05}", 911),
    Family("trees", "tree {}"),
    Family("leaves", "leaf-{:02}"),
    Family("fish", "GOPR{:04}", 318),
    Family("butterflies", "butterfly-{:02}"),
    Family("ladybirds", "IMG_{}", 5530),
    Family("coffee", "coffee {}"),
    Family("citrus", "citrus-{:02}"),
    Family("vases", "vase-{:02}"),
    Family("origami", "origami_{:02}"),
    Family("feathers", "scan{:04}", 17),
    Family("tiles", "tile-{:02}"),
    Family("textiles", "textile_{:02}"),
)

# Names as people give them, with spaces and letters of other scripts.
NAMES = {
    ("sunsets", 4): "夕焼け 04",
    ("houses", 2): "Häuser in Lübeck",
    ("coffee", 5): "Café crème",
    ("mountain lakes", 7): "Königssee früh am Morgen",
    ("origami", 6): "折り鶴",
    ("cacti", 0): "Kaktus für Jörg",
    ("textiles", 12): "tissu n°12, été",
    ("lighthouses", 3): "Ærø fyr 3",
}

ORIENTATIONS = (6, 8, 3)  # EXIF values whose stored pixels lie on their side or upside down
EDITS = ("crop", "recompressed", "mirrored", "recoloured", "caption", "resized", "turned")
EDIT_COUNT = 68
EDITED_NUMBERS = (2, 7, 12)  # at most one edit for each original, so that all near pairs are known
COPIED_NUMBER = 10
COPY_COUNT = 12
EDIT_NAMES = {
    "crop": ("{} crop", "{}-detail"),
    "recompressed": ("{}-web", "{} (compressed)"),
    "mirrored": ("{} mirrored", "{}-flip"),
    "recoloured": ("{} edited", "{}-filter"),
    "caption": ("{} card", "{}-post"),
    "resized": ("{}-small", "{} thumbnail"),
    "turned": ("{} rotated", "{}_90"),
}


def save_variant(family_at: int, number: int) -> tuple[str, str]:
    """File suffix of an original, and how it is stored: plain, grey, alpha or orientation-N."""
    name = FAMILIES[family_at].name
    if (name, number) == ("origami", 6):
        return ".png", "alpha"
    if (name, number) == ("lighthouses", 8):
        return ".jpg", "grey"
    if number == 4 and family_at % 3 == 0:
        return ".jpg", f"orientation-{ORIENTATIONS[family_at // 3 % 3]}"
    if number == 5 and family_at % 2 == 0:
        return ".webp", "plain"
    if number == 9 and family_at % 3 == 1:
        return ".png", "plain"
    return ".jpg", "plain"
