"""Material of exports that are trees of pictures, or that name them: class, split and tags beside each file."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core import version
from core.catalogue import contents, paths, queries, sources
from core.catalogue.index import Index
from core.catalogue.listing import Listing
from core.catalogue.session import Session
from core.errors import CatalogueError, ExportError
from core.export.file_names import extension, safe, unique
from core.export.image_folder import INDEX
from core.export.pictures import Picture, Pictures
from core.export.placing import LEFT_OUT
from core.images.formats import EXTENSIONS, usual_extension
from core.jobs import Job
from core.operations import groups
from core.operations.export_listing import listing
from core.operations.export_request import Request
from core.project import Project

_ROOT_FILES = (INDEX, LEFT_OUT)  # beside the folders
_UNSPLIT, _UNTAGGED, _UNCLASSED = "unsplit", "untagged", "without a class"
_TRAIN = "train"  # what a dataset without a split is
# About what a link, a line of metadata and an entry of a folder take.
_ENTRY_BYTES = 600


@dataclass(frozen=True, eq=False)
class _Tree:
    """Where n pictures lie: ``names`` of folders below the root, ``codes`` int32 [n] which of them, and ``notes``."""

    names: tuple[str, ...]
    codes: NDArray[np.int32]
    notes: tuple[str, ...] = ()


def material(project: Project, request: Request, job: Job) -> Pictures:
    """The pictures of a request in path order. Raises ExportError where there are none.

    Splits are of the images that are in one. A picture of no split lies in the folder "unsplit", one without a tag,
    where tags name the folders, in "untagged"; both are told.
    """
    of = listing(project, request)
    if request.what == "splits":
        if not of.has_part.any():
            raise ExportError("None of these images is in a split.", "Make one, or import one.")
        of = of.only(of.has_part)
    with project.read() as session:
        index = project.index(session)
        rows = index.columns.rows_of(of.ids)
        tree = _tree(session, index, of, request)
        root, notes = _root(session, index, rows)
        notes = [*tree.notes, *notes]
        formats, kinds = index.format_codes(session)
    endings = [usual_extension(one) for one in kinds]
    labels, parts = of.class_codes, of.part_codes
    is_tree = request.format != "coco"
    numbers = (
        groups.group_codes(project, of.ids)[0]
        if request.format == "fiftyone"
        else np.full(len(of), -1, dtype=np.int32)
    )
    reader = _Reader(project, of, index, rows, numbers)

    def names(start: int, stop: int) -> list[str]:
        with project.read() as session:
            shown = of.paths(session, start, stop)
        codes = formats[rows[start:stop]].tolist()
        return [
            safe(_named(path.rpartition("/")[2], endings[code]))
            for path, code in zip(shown, codes, strict=True)
        ]

    return Pictures(
        length=len(of),
        read=reader.read,
        names=names,
        folders=tree.names,
        codes=tree.codes,
        labels=_used(*labels),
        splits=_used(*parts),
        facts={"name": project.name, "program": f"Lookalike {version.current()}", "root": root},
        notes=tuple(notes),
        size_bytes=_size(index, rows, request) if is_tree else _ENTRY_BYTES * len(of),
    )


class _Reader:
    """Reads spans of pictures."""

    def __init__(
        self,
        project: Project,
        of: Listing,
        index: Index,
        rows: NDArray[np.int64],
        numbers: NDArray[np.int32],
    ) -> None:
        self._project, self._of, self._numbers = project, of, numbers
        self._sizes = index.columns.size_bytes[rows]
        self._times = index.columns.mtime_ns[rows]

    def read(self, start: int, stop: int) -> list[Picture]:
        of, span = self._of, slice(start, stop)
        ids, content_ids = of.ids[span].tolist(), of.content_ids[span].tolist()
        with self._project.read() as session:
            raw = paths.raw_paths(session, ids)
            shapes = contents.shapes(session, content_ids)
            shown, hashes = of.paths(session, start, stop), of.hashes(session, start, stop)
        if len(raw) != len(ids):
            raise CatalogueError("Images were taken from the catalogue meanwhile.", "Try again.")
        tags = map(tuple, of.tags(start, stop))
        told = zip(
            ids, content_ids, shown, hashes, self._sizes[span].tolist(), self._times[span].tolist(),
            of.classes(start, stop), of.parts(start, stop), tags, self._numbers[span].tolist(), strict=True,
        )  # fmt: skip
        return [
            Picture(path, raw[id_], sha256.hex(), size, mtime, *shapes[content_id][:3], *words)
            for id_, content_id, path, sha256, size, mtime, *words in told
        ]


def _tree(session: Session, index: Index, of: Listing, request: Request) -> _Tree:
    """The folders of a format."""
    part_codes, parts = of.part_codes
    none = np.zeros(len(of), dtype=np.int32)
    match request.format, request.chosen.get("by"):
        case "coco", _:
            return _Tree(("",), none)
        case "fiftyone", _:
            return _Tree(("data",), none)
        case "huggingface", _:
            if not parts:
                return _Tree((_TRAIN,), none)
            return _with_rest(part_codes, parts, _UNSPLIT, "in no split")
        case _, "split":
            if not parts:
                raise ExportError("None of these images is in a split.", "Make one, or import one.")
            return _with_rest(part_codes, parts, _UNSPLIT, "in no split")
        case _, "tag":
            codes, names = queries.group_codes(session, index, of.ids, "tag")
            if not (codes >= 0).any():
                raise ExportError("None of these images has a tag.", "Use folders by class.")
            tree = _with_rest(codes, names, _UNTAGGED, "without a tag")
            return replace(tree, notes=(*tree.notes, *_several_tags(of)))
    codes, names = of.class_codes
    by_class = _with_rest(codes, names, _UNCLASSED, "without a class")
    if not parts:
        return by_class
    by_part = _with_rest(part_codes, parts, _UNSPLIT, "in no split")
    both = by_part.codes.astype(np.int64) * len(by_class.names) + by_class.codes
    used, codes_used = np.unique(both, return_inverse=True)
    width = len(by_class.names)
    folders = (
        f"{by_part.names[one // width]}/{by_class.names[one % width]}" for one in used.tolist()
    )
    return _Tree(tuple(folders), codes_used.astype(np.int32), by_part.notes)


def _with_rest(codes: NDArray[np.int32], names: list[str], rest: str, lacking: str) -> _Tree:
    """A folder for each name that is used, safe and unique, and ``rest`` for what has none."""
    used = np.unique(codes[codes >= 0])
    place = np.full(len(names) + 1, len(used), dtype=np.int32)  # the last for code -1
    place[used] = np.arange(len(used), dtype=np.int32)
    count = int(np.count_nonzero(codes < 0))
    # Files of the root and the rest first: another of their name gets the number.
    taken = [*_ROOT_FILES, rest]
    folders = unique([*taken, *(names[one] for one in used.tolist())])
    own, shared = folders[len(taken) :], folders[len(taken) - 1]
    ordered = (*own, shared) if count else tuple(own)
    told = f"Pictures {lacking}: {count:,}. They lie in the folder {shared}."
    notes = (told,) if count else ()
    return _Tree(ordered, place[codes], notes)


def _several_tags(of: Listing) -> tuple[str, ...]:
    """A note where images have more than one tag."""
    count = of.tagged_often
    if not count:
        return ()
    return (
        f"Pictures with several tags: {count:,}. Each lies in the folder of the first by name.",
    )


def _used(codes: NDArray[np.int32], names: list[str]) -> tuple[str, ...]:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    return tuple(name for name, count in zip(names, counts.tolist(), strict=True) if count)


def _named(name: str, ending: str) -> str:
    """The name with the usual ending of its format, where it ends like no image."""
    return name if not ending or extension(name) in EXTENSIONS else f"{name}{ending}"


def _root(session: Session, index: Index, rows: NDArray[np.int64]) -> tuple[str, list[str]]:
    """(the folder of the one source that all lie in, else "", a note for each source that is not there)."""
    counts = np.bincount(index.columns.source_ids[rows])
    used = [one for one in sources.every(session, index) if one.id < len(counts) and counts[one.id]]
    notes = [
        f"{one.path} is not there now. Pictures of it, which cannot be read: {int(counts[one.id]):,}."
        for one in used
        if not one.is_present
    ]
    return (used[0].path if len(used) == 1 else ""), notes


def _size(index: Index, rows: NDArray[np.int64], request: Request) -> int:
    files = int(index.columns.size_bytes[rows].sum()) if request.chosen["pictures"] == "copy" else 0
    return files + _ENTRY_BYTES * len(rows)
