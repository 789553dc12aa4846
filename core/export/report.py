"""What a report tells, as plain figures and small pictures: made by core.operations.export_report, written by
report_html, report_json and the window's PDF."""

from dataclasses import dataclass, field

from core.export.report_runs import CurveLine as CurveLine
from core.export.report_runs import Measure as Measure
from core.export.report_runs import RunFact as RunFact
from core.export.report_runs import Training as Training


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Picture:
    """An image by its path; ``jpeg`` is small, at most 256 px a side, and empty where it cannot be had now."""

    path: str
    jpeg: bytes = field(default=b"", repr=False)

    @property
    def name(self) -> str:
        """Of the file."""
        return self.path.rpartition("/")[2] or self.path


@dataclass(frozen=True, slots=True)
class SourceFact:
    """A folder of images, and how many of its files are present, missing, unreadable."""

    path: str
    images: int
    missing: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class SplitFact:
    """A stored split: images by part."""

    name: str
    parts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is in the catalogue. ``files_bytes`` of the present images; ``classes`` the largest first, of
    ``classes_total``, taken from ``classes_from``; sides in pixels are (width, height); dates are those of the files,
    in UTC. ``megapixels``, ``years`` and ``shapes`` count images."""

    images: int
    contents: int
    missing: int
    taken_out: int
    ignored: int
    files_bytes: int
    sources: tuple[SourceFact, ...]
    classes_from: str
    classes: tuple[Count, ...]
    classes_total: int
    smallest_class: int
    median_class: float
    without_class: int
    tags: tuple[Count, ...]
    tags_total: int
    splits: tuple[SplitFact, ...]
    formats: tuple[Count, ...]
    years: tuple[Count, ...]
    megapixels: tuple[Count, ...]
    shapes: tuple[Count, ...]
    smallest: tuple[int, int]
    median_sides: tuple[int, int]
    largest: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that no decoder opens."""

    path: str
    kind: str
    reason: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Files that could not be read: how many, why, and the first of them by path."""

    total: int
    kinds: tuple[Count, ...]
    first: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class GroupFact:
    """A group of duplicates: its files, the keeper first, of which ``pictures`` are the first; ``kinds`` of links
    that hold it together, ``weakest`` the score of the one whose loss would part it (None: verdicts hold it)."""

    files: int
    bytes_to_win: int
    is_judged: bool
    kinds: tuple[Count, ...]
    weakest: float | None
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Duplicates from stored links and verdicts. ``is_searched``: links were looked for; ``waiting`` contents were
    not compared yet. ``links`` count those at or above their threshold and not judged otherwise, by kind,
    ``candidates`` all. ``extra_copies`` are present files beyond the first of each content, ``extra_bytes`` theirs.
    ``groups`` hold ``grouped_files`` files; without all but the keepers ``bytes_to_win`` are won. ``largest``: of
    these the first by files."""

    is_searched: bool
    waiting: int
    repeated_contents: int
    extra_copies: int
    extra_bytes: int
    links: tuple[Count, ...]
    candidates: tuple[Count, ...]
    verdicts: tuple[Count, ...]
    open_pairs: int
    contradictions: int
    groups: int
    grouped_files: int
    bytes_to_win: int
    largest: tuple[GroupFact, ...]


@dataclass(frozen=True, slots=True)
class ThresholdFact:
    """From which score on links of a kind count, and what is expected there: (low, middle, high), 95 % intervals,
    from ``answers`` of the person over what was measured in advance. ``curve`` has (threshold, precision low, middle,
    high, recall low, middle, high) at each step."""

    kind: str
    threshold: float
    usual: float
    precision: tuple[float, float, float]
    recall: tuple[float, float, float]
    shown: int
    candidates: int
    answers: int
    curve: tuple[tuple[float, float, float, float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Odd:
    """An image that is like no other: its oddness, and the path of the one most like it with their cosine."""

    picture: Picture
    score: float
    nearest: str | None
    nearest_score: float | None


@dataclass(frozen=True, slots=True)
class Outliers:
    """The oddest images of ``known``; ``why_not`` says why there are none."""

    why_not: str = ""
    known: int = 0
    found: tuple[Odd, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """An image whose class may be wrong: how sure that is, 0 to 1, and images of the suggested class near it."""

    picture: Picture
    class_name: str
    suggested: str
    confidence: float
    support: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Hints:
    """The surest of ``total`` doubts about ``judged`` images; ``alone`` are the only ones of their class, ``kept``
    were said to be right. ``least`` is the confidence from which there is a doubt."""

    why_not: str = ""
    classes_from: str = ""
    least: float = 0.0
    total: int = 0
    judged: int = 0
    alone: int = 0
    kept: int = 0
    found: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class LeakMember:
    """An image of a leak, and the part of the split that it is in."""

    picture: Picture
    part: str


@dataclass(frozen=True, slots=True)
class LeakFact:
    """The same or nearly the same pictures in several parts of a split; ``files`` in all, the first as members."""

    score: float
    parts: tuple[str, ...]
    files: int
    members: tuple[LeakMember, ...]


@dataclass(frozen=True, slots=True)
class SplitLeaks:
    """Leaks of one split: ``total`` groups of ``images``, the closest first."""

    split: str
    total: int
    images: int
    found: tuple[LeakFact, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaks:
    """Leaks of the first stored splits, ``left_out`` further ones; ``why_not`` says why there are none to tell of."""

    why_not: str = ""
    splits: tuple[SplitLeaks, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class MapFact:
    """A stored layout, drawn: PNG pictures for light and dark grounds, ``side_px`` wide and high. ``legend`` are the
    classes with a colour of their own, most images first; ``others`` images have none. ``sentences`` say how true
    it is."""

    encoder: str
    method: str
    title: str
    meaning: str
    points: int
    classes_from: str
    legend: tuple[Count, ...]
    others: int
    trustworthiness: float | None
    continuity: float | None
    near_share: float | None
    sentences: tuple[str, ...]
    side_px: int = 0
    light: bytes = field(default=b"", repr=False)
    dark: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Maps:
    """The stored layouts of the encoder; ``why_not`` says why there are none."""

    why_not: str = ""
    shown: tuple[MapFact, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class RemovalFact:
    """A removal that was carried out: files by state, bytes that are gone."""

    begun_at: str
    how: str
    counts: tuple[Count, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Removals:
    """The last removals of ``total``; ``gone`` files and ``gone_bytes`` in all of them."""

    total: int
    gone: int
    gone_bytes: int
    last: tuple[RemovalFact, ...]


@dataclass(frozen=True, slots=True)
class EmbeddingFact:
    """Vectors that are stored: of which encoder, by the key of its weights and preprocessing."""

    encoder: str
    key: str
    dim: int
    precision: str
    rows: int
    is_default: bool
    neighbours: int


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What this report rests on. ``dataset_hash``: core.catalogue.overview. ``settings`` and ``versions`` as texts."""

    program: str
    catalogue_uuid: str
    schema: int
    dataset_hash: str
    embeddings: tuple[EmbeddingFact, ...]
    settings: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. ``changed_at`` is when the catalogue last changed, as ISO 8601 in UTC: a report has no other date, so
    that the same catalogue always gives the same one."""

    name: str
    changed_at: str
    encoder: str
    dataset: Dataset
    unreadable: Unreadable
    duplicates: Duplicates
    thresholds: tuple[ThresholdFact, ...]
    removals: Removals
    outliers: Outliers
    hints: Hints
    leaks: Leaks
    maps: Maps
    training: Training
    made_of: MadeOf

    @property
    def count(self) -> int:
        """How many images it is of."""
        return self.dataset.images
