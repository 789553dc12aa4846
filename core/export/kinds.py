"""What can be taken away, and in which formats: the table that window and command line are built from. Light."""

from dataclasses import dataclass

from core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen: the command line takes it as ``--NAME``. Without ``choices`` any text will do;
    the first of them, or ``default``, is what is meant where nothing is."""

    name: str
    title: str
    meaning: str
    choices: tuple[str, ...] = ()
    default: str = ""

    @property
    def usual(self) -> str:
        """What is meant where nothing is chosen."""
        return self.default or (self.choices[0] if self.choices else "")


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write it. ``suffix`` is that of the file; a folder has none. ``also`` are suffixes of files that
    are written beside it."""

    name: str
    title: str
    meaning: str
    suffix: str = ""
    also: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    only_in_window: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return not self.suffix


@dataclass(frozen=True, slots=True)
class What:
    """One kind of thing. ``has_images``: it is of some images, which a filter or a selection can limit;
    ``has_encoder``: it is of one encoder."""

    name: str
    title: str
    meaning: str
    formats: tuple[Format, ...]
    options: tuple[Option, ...] = ()
    has_images: bool = True
    has_encoder: bool = False

    def format(self, name: str) -> Format:
        """The format of this name. Raises UsageError."""
        for one in self.formats:
            if one.name == name:
                return one
        raise UsageError(
            f"{self.title} cannot be written as {name!r}.",
            f"Use {', '.join(one.name for one in self.formats)}.",
        )

    def options_of(self, form: Format) -> tuple[Option, ...]:
        """All that can be chosen for it in this format."""
        return self.options + form.options


PRECISION = Option(
    "precision", "Precision", "float16 is how vectors are stored; float32 holds the same numbers",
    ("float32", "float16"),
)  # fmt: skip
PICTURES = Option(
    "pictures", "Pictures", "copy, or link (a hard link where the disk allows it, else a symbolic one)",
    ("copy", "link"),
)  # fmt: skip
LAYOUT = Option("layout", "Layout", "the layout by its method; default: the current one")
PAIRS = Option("pairs", "Pairs", "all, or only those that were judged", ("all", "judged"))
SPLIT = Option("split", "Split", "the split by its name; default: the one that came with labels")
RUN = Option("run", "Run", "the trained encoder; default: the promoted one, else the newest")
BY = Option("by", "Folders by", "what names the folders", ("class", "split", "tag"))

CSV = Format("csv", "CSV", "A table for any program", ".csv")
JSON = Format("json", "JSON", "A list of objects", ".json")
PARQUET = Format(
    "parquet", "Parquet", "A typed table for pandas, Polars, DuckDB and Spark", ".parquet"
)
TABLES = (CSV, JSON, PARQUET)
IMAGE_FOLDER = Format(
    "imagefolder", "Folders by class", "A tree that torchvision's ImageFolder reads", options=(PICTURES, BY)
)  # fmt: skip
COCO = Format("coco", "COCO", "One JSON file with images, categories and their labels", ".json")

WHATS: tuple[What, ...] = (
    What(
        "embeddings", "Embeddings", "The vectors of one encoder, a row an image",
        (
            Format("npy", "NumPy", "One array, and a CSV that says whose rows they are", ".npy", (".csv",)),
            PARQUET,
            Format("safetensors", "safetensors", "One tensor, paths in its metadata", ".safetensors"),
            CSV,
            Format("projector", "TensorBoard Projector", "Vectors and metadata as TSV, and a sprite"),
        ),
        (PRECISION,), has_encoder=True,
    ),
    What(
        "neighbours", "Neighbours", "The nearest neighbours of each image, with scores",
        (
            PARQUET,
            CSV,
            Format("npz", "SciPy sparse matrix", "Rows and columns are images, values scores", ".npz", (".csv",)),
        ),
        has_encoder=True,
    ),
    What("layout", "Layout", "Where each image lies on the map", TABLES, (LAYOUT,), has_encoder=True),
    What("pairs", "Pairs", "Verdicts, and what the program found alike", TABLES, (PAIRS,)),
    What("groups", "Groups", "Groups of duplicates with their keepers", (CSV, JSON, PARQUET)),
    What("tags", "Tags and classes", "Class, split and tags of each image", (*TABLES, IMAGE_FOLDER, COCO), (SPLIT,)),
    What("splits", "Splits", "Which images are for training, validating and testing", (*TABLES, COCO), (SPLIT,)),
    What(
        "dataset", "Dataset", "The pictures with what is known of them, as other programs open them",
        (
            Format("huggingface", "Hugging Face", "A folder that load_dataset reads", options=(PICTURES,)),
            Format("fiftyone", "FiftyOne", "A folder that FiftyOne opens as a dataset", options=(PICTURES,)),
            IMAGE_FOLDER,
            COCO,
        ),
        (SPLIT,),
    ),
    What(
        "model", "Model", "An encoder that was trained here",
        (
            Format("safetensors", "safetensors", "All weights in one file, with a card", ".safetensors", (".md",)),
            Format("torchscript", "TorchScript", "Runs where PyTorch runs, without this program", ".pt", (".md",)),
            Format("onnx", "ONNX", "Runs in ONNX Runtime and others; needs lookalike[onnx]", ".onnx", (".md",)),
            Format("adapters", "Only what was trained", "Head and adapters, for its base", ".safetensors", (".md",)),
        ),
        (RUN,), has_images=False,
    ),
    What(
        "report", "Report", "What is in the dataset and what was found, to read and to show",
        (
            Format("html", "HTML", "One file that any browser shows, pictures included", ".html"),
            Format("pdf", "PDF", "The same on pages", ".pdf", only_in_window=True),
            Format("json", "JSON", "Its figures, for programs", ".json"),
        ),
        has_images=False, has_encoder=True,
    ),
)  # fmt: skip


def what(name: str) -> What:
    """The kind of thing of this name. Raises UsageError."""
    for one in WHATS:
        if one.name == name:
            return one
    raise UsageError(
        f"There is nothing called {name!r} to export.",
        f"Use {', '.join(one.name for one in WHATS)}.",
    )


def every_option() -> dict[str, Option]:
    """All options by name."""
    return {
        option.name: option
        for one in WHATS
        for form in one.formats
        for option in one.options_of(form)
    }
