"""Which column is which: guessed from names and cells, or said by the user."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import TableError, UsageError
from core.labelling.delimited import names_image
from core.labelling.splits import part_named
from core.labelling.table import ROLES, ColumnRoles, Role, Table

# Best first: where a table has several of them, the first one is taken.
_PATHS = (
    *("path", "filepath", "file_path", "image_path", "img_path", "imagepath", "image_file_path"),
    *("file_name", "filename", "image_filename", "image_file", "image_name", "img_name", "uri"),
    *("file", "image_uri", "image_url", "url", "image", "img", "photo", "picture", "name"),
    *("image_id", "img_id", "imageid", "id"),
)
_LABELS = (
    *("label", "class", "class_name", "label_name", "classname", "category", "category_name"),
    *("target", "species", "breed", "class_label", "classification", "labels", "variety", "kind"),
    *("label_id", "class_id", "category_id", "y"),
)
_SPLITS = ("split", "subset", "partition", "set", "fold", "usage", "phase", "dataset_split")
_TAGS = ("tags", "tag", "keywords", "keyword", "attributes", "labels", "categories")
_COUNTERS = ("", "index", "unnamed:_0", "__index_level_0__", "row")
_HASHES = ("content", "sha256")
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME_ONLY = ("name", "image_id", "img_id", "imageid", "id", "url", "image", "img")
SINGLE: tuple[Role, ...] = ("path", "label", "split")
_SAMPLE = 500
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a label file and what it is for. ``kind`` is what a field would be kept as;
    ``examples`` are its first different cells."""

    name: str
    role: Role
    kind: str
    is_guessed: bool
    examples: tuple[str, ...]


def parse_option(text: str) -> tuple[str, Role]:
    """(column, role) of ``NAME=ROLE``. Raises UsageError."""
    name, _, word = text.rpartition("=")
    wanted = "label" if word.strip().lower() == "class" else word.strip().lower()
    role = next((one for one in ROLES if one == wanted), None)
    if role is None or not name:
        raise UsageError(f"{text!r} is not NAME=ROLE.", f"Roles are {', '.join(ROLES)}.")
    return name, role


def assign(
    table: Table, given: ColumnRoles | None = None, *, needs_path: bool = True
) -> list[Column]:
    """Every column of the table with its role: said in ``given``, settled by the format, or guessed.

    Raises TableError where a column is not there, a role is given twice, or (``needs_path``) none
    holds paths.
    """
    said = _match_names(table, given or {})
    for role in SINGLE:
        if sum(one == role for one in said.values()) > 1:
            raise TableError(f"Two columns of {table.path} are to be the {role}.", "Choose one.")
    roles: dict[str, Role] = dict(said)
    for name, role in table.roles.items():
        if name in table.names and name not in roles:
            is_taken = role in SINGLE and role in said.values()
            roles[name] = "ignore" if is_taken else role
    samples = {
        name: [cell for cell in cells[:_SAMPLE] if cell]
        for name, cells in zip(table.names, table.values, strict=True)
    }
    kinds = {
        name: number_kind(cells) for name, cells in zip(table.names, table.values, strict=True)
    }
    _guess(table, samples, kinds, roles)
    if needs_path and "path" not in roles.values():
        raise TableError(
            f"{table.path} has no column 'path': none of its columns names images.",
            "Say which one does, or name it path in the first line.",
        )
    return [
        Column(
            name,
            roles[name],
            kinds[name],
            name not in said,
            tuple(dict.fromkeys(samples[name]))[:3],
        )
        for name in table.names
    ]


def _match_names(table: Table, given: ColumnRoles) -> dict[str, Role]:
    by_lower = {name.lower(): name for name in table.names}
    result: dict[str, Role] = {}
    for wanted, role in given.items():
        name = wanted if wanted in table.names else by_lower.get(wanted.strip().lower())
        if name is None:
            raise TableError(
                f"{table.path} has no column {wanted!r}.",
                f"Its columns are {', '.join(table.names)}.",
            )
        result[name] = role
    return result


def _guess(
    table: Table, samples: dict[str, list[str]], kinds: dict[str, str], roles: dict[str, Role]
) -> None:
    """Add a role for every column that has none yet."""

    def free(name: str) -> bool:
        return name not in roles

    plain = {name: _plain(name) for name in table.names}
    shares = {name: _image_share(samples[name]) for name in table.names}
    if "path" not in roles.values():
        ranked = sorted(
            (
                name
                for name in table.names
                if free(name) and _may_be_path(plain[name], shares[name])
            ),
            key=lambda name: (-round(shares[name], 1), _rank(plain[name], _PATHS)),
        )
        if ranked:
            roles[ranked[0]] = "path"
    if "split" not in roles.values():
        for name in sorted(filter(free, table.names), key=lambda one: _rank(plain[one], _SPLITS)):
            if plain[name] == "split" or (plain[name] in _SPLITS and _are_parts(samples[name])):
                roles[name] = "split"
                break
    for name in filter(free, list(table.names)):
        if plain[name] in _TAGS and (plain[name] != "labels" or _are_lists(samples[name])):
            roles[name] = "tags"
    if "label" not in roles.values():
        ranked = sorted(
            (name for name in table.names if free(name) and plain[name] in _LABELS),
            key=lambda name: (kinds[name] == "number", _rank(plain[name], _LABELS)),
        )
        if not ranked and not table.has_header:
            ranked = [name for name in table.names if free(name) and _repeats(samples[name])]
        if ranked:
            roles[ranked[0]] = "label"
    for name in filter(free, list(table.names)):
        is_none = plain[name] in _COUNTERS or not samples[name]
        is_none |= plain[name] in _HASHES and all(map(_HASH.fullmatch, samples[name]))
        roles[name] = "ignore" if is_none else "field"


def _plain(name: str) -> str:
    """``Iconic Image Path (str)`` as ``iconic_image_path``."""
    name = re.sub(r"\(.*?\)|\[.*?\]", "", name).strip().lower()
    return re.sub(r"[\s\-.]+", "_", name).strip("_")


def _rank(name: str, known: Sequence[str]) -> int:
    return known.index(name) if name in known else len(known)


def _image_share(cells: list[str]) -> float:
    return sum(map(names_image, cells)) / len(cells) if cells else 0.0


def _may_be_path(plain: str, share: float) -> bool:
    """Names of images end like images; where they do not (a bare id), the column's name decides."""
    return share > 0.5 or plain in _PATHS


def _are_parts(cells: list[str]) -> bool:
    return bool(cells) and all(part_named(cell) for cell in set(cells))


def _are_lists(cells: list[str]) -> bool:
    return any(";" in cell or "|" in cell or cell.startswith("[") for cell in cells)


def _repeats(cells: list[str]) -> bool:
    return len(set(cells)) <= max(1, len(cells) // 2)


def number_kind(cells: Sequence[str]) -> str:
    """ "number" where every cell that is not empty is a number a float keeps, else "text".

    Codes with leading zeros and very long ones are names, not amounts.
    """
    seen: set[str] = set()
    for cell in cells:
        if cell and cell not in seen:
            if not is_number(cell):
                return "text"
            if len(seen) < 10_000:
                seen.add(cell)
    return "number" if seen else "text"


def is_number(cell: str) -> bool:
    """Whether a cell is an amount: digits, without leading zeros, of at most fifteen places."""
    if _NUMBER.fullmatch(cell) is None:
        return False
    digits = cell.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return False
    return len(digits) <= 15 or "." in digits or "e" in digits.lower()


def split_tags(cell: str) -> list[str]:
    """The tags in a cell: a JSON list, or words between semicolons, bars or commas."""
    if not cell:
        return []
    if cell.startswith("[") and cell.endswith("]"):
        try:
            listed = json.loads(cell)
        except ValueError:
            listed = [one.strip(" '\"") for one in cell[1:-1].split(",")]  # as Python prints lists
        words = [str(one) for one in listed if one is not None]
    else:
        separator = next((one for one in (";", "|", ",") if one in cell), None)
        words = cell.split(separator) if separator else [cell]
    return list(dict.fromkeys(plain for word in words if (plain := " ".join(word.split()))))
