"""Which images, and in what order: the filter and the sort that the window and the command line share."""

import re
import shlex
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from core.errors import UsageError

SortKey = Literal["path", "name", "date", "size", "class"]
SORT_KEYS: tuple[SortKey, ...] = ("path", "name", "date", "size", "class")
State = Literal["present", "missing", "removed"]
# From the first on, up to the second, which is left out; None where it is open.
Range = tuple[int | None, int | None]

SIZE_RANGES: dict[str, Range] = {
    "under 100 kB": (None, 100_000),
    "100 kB to 1 MB": (100_000, 1_000_000),
    "1 to 10 MB": (1_000_000, 10_000_000),
    "over 10 MB": (10_000_000, None),
}
# How people write formats, against how decoders name them.
_FORMAT_ALIASES = {"JPG": "JPEG", "TIF": "TIFF", "JP2": "JPEG2000"}
_UNITS = {"": 1, "b": 1, "kb": 1_000, "k": 1_000, "mb": 1_000_000, "m": 1_000_000, "gb": 10**9}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_NS = 10**9


@dataclass(frozen=True, slots=True)
class Filter:
    """Images must match every field that is set; within a field, any of its values.

    ``sizes`` are ranges of bytes and ``dates`` of nanoseconds of the file's date. ``contents`` limits to
    these content ids. ``state`` "missing" asks for those whose files are gone, "removed" for those the
    user took out.
    """

    sources: frozenset[int] = frozenset()
    classes: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    sizes: frozenset[Range] = frozenset()
    dates: frozenset[Range] = frozenset()
    text: str = ""
    state: State = "present"
    contents: tuple[int, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the filter lets every present image through."""
        return self == Filter()


@dataclass(frozen=True, slots=True)
class Sort:
    """One key and a direction; ties are broken by path, then id, so that the order is total.

    Names and paths are in natural order: "img9" before "img10".
    """

    by: SortKey = "path"
    descending: bool = False


def year_range(year: int) -> Range:
    """The nanoseconds of a year, in UTC."""
    return _start_ns(year), _start_ns(year + 1)


def parse_filter(expression: str) -> Filter:
    """A filter from words such as ``class:Apple tag:"to keep" format:JPEG size:1MB.. date:2024 sunset``.

    Words without a known key are looked for in the file name and folder. Raises UsageError for a
    quote that is not closed, a key that is not known, or a value that cannot be read.
    """
    try:
        words = shlex.split(expression)
    except ValueError as error:
        raise UsageError(f"The filter {expression!r} has a quote that is not closed.") from error
    if any("\ud800" <= letter <= "\udfff" for letter in expression):
        raise UsageError("The filter holds bytes that are no letters.")
    found = Filter()
    texts: list[str] = []
    for word in words:
        key, colon, value = word.partition(":")
        if colon:
            found = _with(found, key, value)
        else:
            texts.append(word)
    return replace(found, text=" ".join(texts))


def filter_expression(wanted: Filter) -> str | None:
    """The words that ``parse_filter`` reads as this filter; None where there are none (sources, contents)."""
    try:
        written = shlex.join(_words_of(wanted))
        return written if parse_filter(written) == wanted else None
    except (
        UsageError,
        ValueError,
        OverflowError,
        OSError,
    ):  # the latter of dates that are no dates
        return None


def _words_of(wanted: Filter) -> list[str]:
    words = [f"class:{one}" for one in sorted(wanted.classes)]
    words += [f"tag:{one}" for one in sorted(wanted.tags)]
    words += [f"format:{one}" for one in sorted(wanted.formats)]
    words += [f"size:{_open(one[0])}..{_open(one[1])}" for one in sorted(wanted.sizes, key=str)]
    words += [f"date:{_dates(one)}" for one in sorted(wanted.dates, key=str)]
    words += [f"state:{wanted.state}"] if wanted.state != "present" else []
    return words + ([wanted.text] if wanted.text else [])


def _open(end: int | None) -> str:
    return "" if end is None else str(end)


def _dates(range_: Range) -> str:
    """Days; the second is the last that is within."""
    low, high = range_
    begin = "" if low is None else _told_day(low)
    year = begin[:4]
    if low is not None and year.isdigit() and range_ == year_range(int(year)):
        return year
    return f"{begin}..{'' if high is None else _told_day(high - 86_400 * _NS)}"


def _told_day(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // _NS, UTC).strftime("%Y-%m-%d")


def _with(found: Filter, key: str, value: str) -> Filter:
    match key:
        case "class":
            return replace(found, classes=found.classes | {value})
        case "tag":
            return replace(found, tags=found.tags | {value})
        case "format":
            name = value.upper()
            return replace(found, formats=found.formats | {_FORMAT_ALIASES.get(name, name)})
        case "size":
            return replace(found, sizes=found.sizes | {_size_range(value)})
        case "date":
            return replace(found, dates=found.dates | {_date_range(value)})
        case "state" if value in ("present", "missing", "removed"):
            return replace(found, state=value)  # type: ignore[arg-type]
    raise UsageError(
        f"The filter knows no key {key!r}." if key != "state" else f"There is no state {value!r}.",
        "Use class:, tag:, format:, size:1MB..5MB, date:2024..2025-06, state:missing or plain words.",
    )


def _size_range(text: str) -> Range:
    low, dots, high = text.partition("..")
    if not dots:
        raise UsageError(
            f"The size {text!r} is no range.", "Write size:1MB..5MB, or leave one out."
        )
    return _size(low), _size(high)


def _size(text: str) -> int | None:
    if not text:
        return None
    match = _AMOUNT.fullmatch(text.strip().lower())
    if match is None or match[2] not in _UNITS:
        raise UsageError(f"The size {text!r} cannot be read.", "Write 500kB, 1.5MB or 2GB.")
    return int(float(match[1]) * _UNITS[match[2]])


def _date_range(text: str) -> Range:
    low, dots, high = text.partition("..")
    return (
        _day(low)[0] if low else None,
        (_day(high)[1] if high else None) if dots else _day(low)[1],
    )


def _day(text: str) -> tuple[int, int]:
    """The first nanosecond of a year, month or day, and the first after it."""
    parts = text.split("-")
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) == 1:
            return _start_ns(numbers[0]), _start_ns(numbers[0] + 1)
        if len(numbers) == 2:
            year, month = numbers
            after = (year + 1, 1) if month == 12 else (year, month + 1)
            return _start_ns(year, month), _start_ns(*after)
        begin = _start_ns(*numbers)
    except (ValueError, TypeError, OverflowError) as error:
        raise UsageError(
            f"The date {text!r} cannot be read.", "Write 2024, 2024-06 or 2024-06-30."
        ) from error
    return begin, begin + 86_400 * _NS


def _start_ns(year: int, month: int = 1, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * _NS
