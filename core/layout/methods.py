"""The layouts there are, what each is for, and what can be set: light, for menus and the command line."""

from dataclasses import dataclass
from typing import Any

from core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Option:
    """A number that can be set: ``name``, its default, its bounds, and one line of meaning."""

    name: str
    title: str
    default: float
    low: float
    high: float
    meaning: str
    is_whole: bool = False
    choices: tuple[str, ...] = ()  # where given, the number is a place in it


@dataclass(frozen=True, slots=True)
class Method:
    """A layout: ``words`` say in one line what its distances mean."""

    name: str
    title: str
    words: str
    options: tuple[Option, ...] = ()
    needs_graph: bool = True
    needs_classes: bool = False
    needs_start: bool = False  # it packs the points of another layout
    is_disk: bool = False  # positions lie in the Poincare disk


_NEIGHBOURS = Option(
    "neighbours", "Neighbours", 15, 2, 100, "How many look-alikes hold an image; more show the whole, fewer the parts.",
    is_whole=True,
)  # fmt: skip
_DISTANCE = Option(
    "min_distance", "Least distance", 0.1, 0.0, 1.0, "How close look-alikes may come; less makes denser clumps."
)  # fmt: skip
_EPOCHS = Option(
    "epochs", "Epochs", 0, 0, 5_000, "How often every link pulls; 0 chooses by the number of images.",
    is_whole=True,
)  # fmt: skip
_BEGIN = Option(
    "begin", "Begin from", 0, 0, 1, "Where the points lie at first.", is_whole=True,
    choices=("pca", "spectral"),
)  # fmt: skip

_DEPTH = Option(
    "depth", "Depth", 0.5, 0.0, 1.0, "How much being special puts an image outwards; 0 goes by look-alikes alone."
)  # fmt: skip

_CLASS_WEIGHT = Option(
    "class_weight", "Class weight", 0.5, 0.0, 1.0, "How much images of a class are drawn together; 0 not at all."
)  # fmt: skip
_ASPECT = Option(
    "aspect", "Width by height", 1.0, 0.25, 4.0, "How many times as wide as high the grid is."
)  # fmt: skip

METHODS = (
    Method(
        "umap",
        "Neighbours (UMAP)",
        "Look-alikes lie together; distances between clumps mean little.",
        (_NEIGHBOURS, _DISTANCE, _EPOCHS, _BEGIN),
    ),
    Method(
        "pca",
        "Principal components (PCA)",
        "The plane along which all images differ most; far apart is different, near may not be alike.",
        needs_graph=False,
    ),
    Method(
        "supervised",
        "Classes (supervised)",
        "Images of a class are drawn together, look-alikes within it; what lies between classes is hard to tell.",
        (_CLASS_WEIGHT, _NEIGHBOURS, _DISTANCE, _EPOCHS, _BEGIN),
        needs_classes=True,
    ),
    Method(
        "poincare",
        "Hierarchy (Poincaré disk)",
        "What is like many lies in the middle, what is special further out; room grows towards the rim.",
        (_NEIGHBOURS, _DEPTH),
        is_disk=True,
    ),
    Method(
        "grid",
        "Grid",
        "Every picture has a place of its own beside its look-alikes; nothing overlaps.",
        (_ASPECT,),
        needs_start=True,
    ),
)
DEFAULT_METHOD = "umap"


def method(name: str) -> Method:
    """The method of this name. Raises UsageError."""
    for one in METHODS:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in METHODS)
    raise UsageError(f"There is no layout named {name!r}.", f"Use {names}.")


def settled(chosen: Method, given: dict[str, Any]) -> dict[str, Any]:
    """All options of a method, those that were given and the defaults of the rest.

    Raises UsageError for an option it does not have, or a value out of bounds.
    """
    known = {one.name: one for one in chosen.options}
    for name, value in given.items():
        if name not in known:
            raise UsageError(f"The layout {chosen.name} has no option {name!r}.")
        option = known[name]
        if option.choices:
            if value not in option.choices:
                raise UsageError(f"{option.title} is one of {', '.join(option.choices)}.")
        elif not isinstance(value, int | float) or not option.low <= value <= option.high:
            raise UsageError(f"{option.title} lies between {option.low:g} and {option.high:g}.")
        elif option.is_whole and value != int(value):
            raise UsageError(f"{option.title} is a whole number.")
    return {
        name: given.get(
            name,
            option.choices[int(option.default)]
            if option.choices
            else (int(option.default) if option.is_whole else option.default),
        )
        for name, option in known.items()
    }
