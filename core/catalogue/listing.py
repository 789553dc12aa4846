"""What tables say of images, read a span at a time, so that a million of them need little memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select

from core.catalogue import bulk_texts, labels
from core.catalogue.bulk_texts import Hashes, Names
from core.catalogue.index import Index
from core.catalogue.schema import contents, folders, image_tags, images, sources, tags
from core.catalogue.session import Session, id_parts, integers

# Of so few rows at a time, or of so few images in all, texts are read by their ids; else all of the catalogue at once.
_FEW_ROWS = 1_000
_FEW_IMAGES = 20_000


class _Bulk:
    """Names and hashes of the whole catalogue, once they were asked for. Listings of one moment share it."""

    names: Names | None = None
    hashes: Hashes | None = None


class Listing:
    """Images in the order of ``ids`` (int64 [n], images of the catalogue), of one moment.

    Classes, tags and parts of the split are held as numbers; names and hashes are read when they are asked for, and
    where that will be many, all at once (some 60 bytes an image). ``split`` names the split, None: there is none.
    ``content_ids``: int32 [n].
    """

    def __init__(
        self, session: Session, index: Index, ids: NDArray[np.int64], split: str | None
    ) -> None:
        rows = index.columns.rows_of(ids)
        self.ids = ids
        self._rows, self._every_id, self._bulk = rows.astype(np.int32), index.columns.ids, _Bulk()
        self.content_ids = index.columns.content_ids[rows]
        self._folder_ids = index.columns.folder_ids[rows]
        self._folders = _folder_paths(session)
        codes, self._class_names = index.class_codes(session)
        self._class_codes = codes[rows]
        self._parts: list[str] = []
        self._part_codes = np.full(len(ids), -1, dtype=np.int32)
        if split is not None:
            self._read_parts(session, split)
        self._read_tags(session, index, rows)

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, kept: NDArray[np.bool_]) -> "Listing":
        """The same of the images that are ``kept`` (bool [n])."""
        less = object.__new__(Listing)
        less.__dict__ |= self.__dict__
        less.ids, less.content_ids = self.ids[kept], self.content_ids[kept]
        less._rows = self._rows[kept]
        less._folder_ids, less._class_codes = self._folder_ids[kept], self._class_codes[kept]
        less._part_codes = self._part_codes[kept]
        places = np.cumsum(kept) - 1
        is_kept = kept[self._tag_places]
        less._tag_places = places[self._tag_places[is_kept]]
        less._tag_codes = self._tag_codes[is_kept]
        return less

    def paths(self, session: Session, start: int, stop: int) -> list[str]:
        """Absolute paths as they are shown. Raises CatalogueError where an image has gone since."""
        return self.paths_at(session, np.arange(start, min(stop, len(self))))

    def hashes(self, session: Session, start: int, stop: int) -> list[bytes]:
        """SHA-256 of the contents, 32 bytes each. Raises CatalogueError where one has gone since."""
        return self.hashes_at(session, np.arange(start, min(stop, len(self))))

    def paths_at(self, session: Session, places: NDArray[np.integer]) -> list[str]:
        """The same of the images at these places, in any order, some perhaps more than once."""
        folder, of = self._folders, self._folder_ids[places].tolist()
        if self._is_few(places) and self._bulk.names is None:
            ids = self.ids[places].tolist()
            known = _by_id(session, select(images.c.id, images.c.name), ids)
            names = [known[id_] for id_ in ids]
        else:
            self._bulk.names = self._bulk.names or bulk_texts.read_names(session, self._every_id)
            names = self._bulk.names.at(self._rows[places])
        return [f"{folder[id_]}/{name}" for id_, name in zip(of, names, strict=True)]

    def hashes_at(self, session: Session, places: NDArray[np.integer]) -> list[bytes]:
        """The same of the images at these places, in any order, some perhaps more than once."""
        if self._is_few(places) and self._bulk.hashes is None:
            ids = self.content_ids[places].tolist()
            known = _by_id(session, select(contents.c.id, contents.c.sha256), ids)
            return [known[id_] for id_ in ids]
        self._bulk.hashes = self._bulk.hashes or bulk_texts.read_hashes(session)
        return self._bulk.hashes.at(self.content_ids[places])

    def _is_few(self, places: NDArray[np.integer]) -> bool:
        return len(self) <= _FEW_IMAGES or len(places) <= _FEW_ROWS

    def classes(self, start: int, stop: int) -> list[str]:
        """The label from outside where there is one, else the name of the folder."""
        return [self._class_names[code] for code in self._class_codes[start:stop].tolist()]

    def parts(self, start: int, stop: int) -> list[str]:
        """Which part of the split they are in; empty for none."""
        names = [*self._parts, ""]
        return [names[code] for code in self._part_codes[start:stop].tolist()]

    @property
    def class_codes(self) -> tuple[NDArray[np.int32], list[str]]:
        """(the class of each as a number, int32 [n], names of the classes)."""
        return self._class_codes, self._class_names

    @property
    def part_codes(self) -> tuple[NDArray[np.int32], list[str]]:
        """(the part of the split of each as a number, int32 [n], -1 for none; names of the parts)."""
        return self._part_codes, self._parts

    @property
    def has_part(self) -> NDArray[np.bool_]:
        """Which of them are in a part of the split. bool [n]."""
        return self._part_codes >= 0

    def tags(self, start: int, stop: int) -> list[list[str]]:
        """Their tags, by name."""
        first, last = np.searchsorted(self._tag_places, [start, stop])
        found: list[list[str]] = [[] for _ in range(min(stop, len(self)) - start)]
        places = (self._tag_places[first:last] - start).tolist()
        for place, code in zip(places, self._tag_codes[first:last].tolist(), strict=True):
            found[place].append(self._tag_names[code])
        return found

    @property
    def tagged_often(self) -> int:
        """How many of them have more than one tag."""
        return int(np.count_nonzero(np.bincount(self._tag_places, minlength=1) > 1))

    def _read_parts(self, session: Session, split: str) -> None:
        order = np.argsort(self.ids, kind="stable")
        read = labels.read_parts(session, split, self.ids[order])
        self._parts = read.names
        self._part_codes[order] = read.codes

    def _read_tags(self, session: Session, index: Index, rows: NDArray[np.int64]) -> None:
        known = {
            int(row[0]): str(row[1]) for row in session.execute(select(tags.c.id, tags.c.name))
        }
        by_name = sorted(known, key=known.__getitem__)
        self._tag_names = [known[id_] for id_ in by_name]
        code = np.zeros(max(known, default=0) + 1, dtype=np.int32)
        code[by_name] = np.arange(len(by_name))
        tag_ids, image_ids = integers(session, select(image_tags.c.tag_id, image_tags.c.image_id))
        place_of = np.full(len(index) + 1, -1, dtype=np.int64)  # the last: rows that are gone
        place_of[rows] = np.arange(len(rows))
        places, codes = place_of[index.columns.rows_of(image_ids)], code[tag_ids]
        order = np.lexsort((codes, places))
        order = order[places[order] >= 0]
        self._tag_places, self._tag_codes = places[order], codes[order]


def usual_split(session: Session, preferred: str) -> str | None:
    """The split that is meant where none is named: ``preferred``, else the first by name; None: there is none."""
    names = labels.split_names(session)
    return preferred if preferred in names else (names[0] if names else None)


def _folder_paths(session: Session) -> dict[int, str]:
    query = select(folders.c.id, sources.c.path, folders.c.path).join(
        sources, sources.c.id == folders.c.source_id
    )
    return {
        int(id_): f"{root.rstrip('/')}/{path}".rstrip("/")
        for id_, root, path in session.execute(query)
    }


class _Known(dict[int, Any]):
    def __missing__(self, key: int) -> Any:
        raise bulk_texts.gone()


def _by_id(session: Session, query: Select[Any], ids: list[int]) -> _Known:
    """The second column of a query by its first, the id."""
    found = _Known()
    (id_column, _) = query.selected_columns
    for part in id_parts(list(set(ids))):
        found.update(map(tuple, session.execute(query.where(id_column.in_(part))).all()))
    return found
