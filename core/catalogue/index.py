"""What listing a million images needs: their columns, and what is derived from those when first asked for."""

from collections.abc import Callable
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Table, case, func, select

from core.catalogue import columns
from core.catalogue.columns import PART, Columns
from core.catalogue.naming import name_key
from core.catalogue.revisions import State
from core.catalogue.schema import classes, contents, folders, images, sources
from core.catalogue.session import Session, integers, names_by_id
from core.catalogue.texts import Texts

OrderKey = Literal["path", "name", "date", "size", "class"]
Value = TypeVar("Value")
# Years that numpy's nanoseconds reach.
_FIRST_YEAR, _LAST_YEAR = 1678, 2262


class Names:
    """Names of the things a column points to by id, as codes in natural order: names[code]."""

    def __init__(self, name_by_id: dict[int, str]) -> None:
        self.names = sorted(set(name_by_id.values()), key=lambda name: (name_key(name), name))
        number = {name: code for code, name in enumerate(self.names)}
        self._table = np.full(max(name_by_id, default=0) + 1, -1, dtype=np.int32)
        for id_, name in name_by_id.items():
            self._table[id_] = number[name]

    def codes(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """The code of each id, -1 for 0. int32 [n]."""
        return self._table[ids]


class Index:
    """The catalogue's images as one session saw them. What is derived is made once, from any thread."""

    def __init__(self, now: Columns, before: "Index | None" = None) -> None:
        self.columns = now
        self._made: dict[str, object] = {}
        # Names of formats, and a code for each content id. Contents never change, so it stays.
        self._formats: tuple[list[str], NDArray[np.int16]] = ([], np.zeros(1, dtype=np.int16))
        if before is not None:
            self._formats = before._formats

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def state(self) -> State:
        """The state of the catalogue that this is the index of."""
        return self.columns.state

    def order(self, session: Session, by: OrderKey) -> NDArray[np.int32]:
        """Rows in ascending order; ties by path, then id. int32 [n]."""
        return self._once(f"order {by}", lambda: self._make_order(session, by))

    def class_codes(self, session: Session) -> tuple[NDArray[np.int32], list[str]]:
        """(code of each row, names in natural order): the label from outside, else the folder's name."""
        return self._once("classes", lambda: self._make_classes(session))

    def folder_classes(self, session: Session) -> tuple[NDArray[np.int32], list[str]]:
        """(code of each row, names in natural order): the name of the folder, labels left aside."""
        names = Names(_names(session, folders.c.id, folders.c.name))
        return names.codes(self.columns.folder_ids), names.names

    def source_codes(self, session: Session) -> tuple[NDArray[np.int32], list[str]]:
        """(code of each row, paths of the sources)."""
        return self._once("sources", lambda: self._named(session, sources, self.columns.source_ids))

    def format_codes(self, session: Session) -> tuple[NDArray[np.int32], list[str]]:
        """(code of each row, names of formats)."""
        return self._once("format codes", lambda: self._make_formats(session))

    def years(self) -> NDArray[np.int32]:
        """The year of each row's file date, in UTC. int32 [n]."""
        return self._once("years", self._make_years)

    def file_names(self, session: Session) -> Texts:
        """The names of the files, row by row."""
        return self._once("names", lambda: self._make_names(session))

    def folder_paths(self, session: Session) -> tuple[NDArray[np.int64], Texts]:
        """(row of the texts that each row's folder has, the folders' paths below their source)."""
        return self._once("folder paths", lambda: self._make_folder_paths(session))

    def known_order(self) -> "tuple[NDArray[np.int32], NDArray[np.int32]] | None":
        """(order by path, ranks of names) where they were made already: what takes longest to make."""
        made = self._made
        if "order path" not in made or "name ranks" not in made:
            return None
        return made["order path"], made["name ranks"]  # type: ignore[return-value]

    def with_order(self, by_path: NDArray[np.int32], name_ranks: NDArray[np.int32]) -> "Index":
        """This index, knowing already what ``known_order`` gave."""
        self._made |= {"order path": by_path, "name ranks": name_ranks}
        return self

    def _once(self, key: str, make: Callable[[], Value]) -> Value:
        if key not in self._made:
            self._made[key] = make()
        value: Value = self._made[key]  # type: ignore[assignment]
        return value

    def _make_order(self, session: Session, by: OrderKey) -> NDArray[np.int32]:
        now = self.columns
        if by == "path":
            folder, _ = self._named(session, folders, now.folder_ids)
            source, _ = self.source_codes(session)
            return np.lexsort((self._name_ranks(session), folder, source)).astype(np.int32)
        first = self.order(session, "path")
        keys: dict[str, Callable[[], NDArray[np.generic]]] = {
            "name": lambda: self._name_ranks(session),
            "class": lambda: self.class_codes(session)[0],
            "date": lambda: now.mtime_ns,
            "size": lambda: now.size_bytes,
        }
        return first[np.argsort(keys[by]()[first], kind="stable")]

    def _name_ranks(self, session: Session) -> NDArray[np.int32]:
        """The place of each row's name in natural order; equal names share one."""
        return self._once("name ranks", lambda: self._make_name_ranks(session))

    def _make_name_ranks(self, session: Session) -> NDArray[np.int32]:
        by_name = select(images.c.id).order_by(images.c.name_key)
        alike = (
            select(func.count(images.c.id)).group_by(images.c.name_key).order_by(images.c.name_key)
        )
        (ids,), (counts,) = integers(session, by_name), integers(session, alike)
        rows = self.columns.rows_of(ids)
        ranks = np.zeros(len(self), dtype=np.int32)
        ranks[rows[rows >= 0]] = np.repeat(np.arange(len(counts)), counts)[rows >= 0]
        return ranks

    def _named(
        self, session: Session, table: Table, ids: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], list[str]]:
        names = Names(_names(session, table.c.id, table.c.path))
        return names.codes(ids), names.names

    def _make_classes(self, session: Session) -> tuple[NDArray[np.int32], list[str]]:
        of_folder = _names(session, folders.c.id, folders.c.name)
        of_label = _names(session, classes.c.id, classes.c.name)
        # One table for both: labels by their id, folders behind them.
        shift = max(of_label, default=0)
        both = Names({**of_label, **{shift + id_: name for id_, name in of_folder.items()}})
        labels = self.columns.label_ids
        codes = both.codes(np.where(labels > 0, labels, shift + self.columns.folder_ids))
        used = np.bincount(codes, minlength=len(both.names)) > 0
        renumbered = (np.cumsum(used) - 1).astype(np.int32)
        kept = [name for name, is_used in zip(both.names, used.tolist(), strict=True) if is_used]
        return renumbered[codes], kept

    def _make_formats(self, session: Session) -> tuple[NDArray[np.int32], list[str]]:
        names, table = self._formats
        newest = int(self.columns.content_ids.max(initial=0))
        known = len(table) - 1
        if newest > known:
            unread = (contents.c.id > known) & (contents.c.id <= newest)
            query = select(contents.c.format).where(unread).distinct()
            names = [*names, *sorted(set(session.execute(query).scalars()) - set(names))]
            code = case(
                *((contents.c.format == name, code) for code, name in enumerate(names)), else_=-1
            )
            table = np.concatenate([table, np.full(newest - known, -1, dtype=np.int16)])
            for low in range(known, newest, PART):
                part = (contents.c.id > low) & (contents.c.id <= min(newest, low + PART))
                ids, codes = integers(session, select(contents.c.id, code).where(part))
                table[ids] = codes
            self._formats = (names, table)
        return table[self.columns.content_ids].astype(np.int32), names

    def _make_years(self) -> NDArray[np.int32]:
        years = self.columns.mtime_ns.astype("datetime64[ns]").astype("datetime64[Y]")
        return (years.astype(np.int64) + 1970).clip(_FIRST_YEAR, _LAST_YEAR).astype(np.int32)

    def _make_names(self, session: Session) -> Texts:
        ids, parts = self.columns.ids, []
        for start in range(0, len(ids), PART):
            part = ids[start : start + PART]
            within = images.c.id.between(int(part[0]), int(part[-1]))
            query = select(images.c.id, images.c.name).where(within).order_by(images.c.id)
            found, names = names_by_id(session, query)
            if not np.array_equal(found, part):  # changed since: what is not known has no name
                by_id = dict(zip(found.tolist(), names.split("/"), strict=True))
                names = "/".join(by_id.get(id_, "") for id_ in part.tolist())
            parts.append(names.replace("/", "\x00") + "\x00")
        return Texts(parts)

    def _make_folder_paths(self, session: Session) -> tuple[NDArray[np.int64], Texts]:
        paths = _names(session, folders.c.id, folders.c.path)
        ids = np.array(sorted(paths), dtype=np.int64)
        rows = np.searchsorted(ids, self.columns.folder_ids)
        return rows, Texts.of([paths[id_] for id_ in ids.tolist()])


def _names(
    session: Session, id_column: ColumnElement[int], name_column: ColumnElement[str]
) -> dict[int, str]:
    return {int(row[0]): str(row[1]) for row in session.execute(select(id_column, name_column))}


def refresh(session: Session, before: Index | None) -> Index:
    """The index as of now; ``before`` itself where nothing has changed."""
    now = columns.load(session, before.columns if before is not None else None)
    return before if before is not None and before.columns is now else Index(now, before)
