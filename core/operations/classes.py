"""Classes of single images: giving another one, and saying that the one they have is right. Both can be undone."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core import history
from core.catalogue import fields, labels, queries, tags
from core.catalogue.index import Index
from core.catalogue.labels import Coded, coded
from core.catalogue.queries import ClassSource
from core.catalogue.session import Session
from core.changes import Changes
from core.errors import UsageError
from core.labelling.class_edit import SetClasses
from core.labelling.edit import Content
from core.project import Project

LONGEST = 100
# The field that remembers which class a person found right; with another class it counts no more.
CHECKED = "checked class"


def give(project: Project, class_by_image: Mapping[int, str]) -> Changes:
    """Give images another class, as a label over the name of their folder; files stay where they are. Undoable as
    one step.

    Images that have the label already, and those that are gone, are left as they are. Raises UsageError for a class
    whose name is empty or too long.
    """
    wanted = coded({one: _fit(name) for one, name in class_by_image.items()})
    with project.write(durable=True) as session:
        wanted = _only(wanted, np.isin(wanted.ids, tags.existing(session, wanted.ids)))
        held = labels.read_classes(session, wanted.ids)
        wanted = _only(wanted, _words(wanted) != _words(held))
        if not len(wanted):
            return Changes.NONE
        several = len(set(wanted.codes.tolist())) > 1
        what = "the suggested classes" if several else f"the class “{wanted.having()[1][0]}”"
        return _do(session, f"Give {_images(len(wanted))} {what}", Content(classes=wanted))


def keep(project: Project, image_ids: Sequence[int], source: ClassSource) -> Changes:
    """Say that the class which images have by ``source`` is right, so that there are no hints of them until it is
    another. Kept as a field of theirs; undoable as one step. Images without a class are left as they are."""
    ids = np.unique(np.asarray(image_ids, dtype=np.int64))
    with project.write(durable=True) as session:
        if any(one.name == CHECKED and one.kind != "text" for one in fields.every(session)):
            raise UsageError(f"The catalogue has a field of numbers that is named {CHECKED!r}.")
        index = project.index(session)
        codes, names = queries.class_codes(session, index, source)
        rows = index.columns.rows_of(ids)
        ids, rows = ids[rows >= 0], rows[rows >= 0]
        wanted = Coded(names, ids, codes[rows])
        wanted = _only(wanted, wanted.codes >= 0)
        held = fields.read_texts(session, CHECKED, wanted.ids)
        wanted = coded(
            dict(zip(*_only(wanted, _words(wanted) != _words(held)).having(), strict=True))
        )
        if not len(wanted):
            return Changes.NONE
        its = "its class" if len(wanted) == 1 else "their classes"
        return _do(
            session,
            f"Say that {_images(len(wanted))} {'is' if len(wanted) == 1 else 'are'} in {its} rightly",
            Content(fields={CHECKED: wanted}),
        )


def kept(
    session: Session, index: Index, codes: NDArray[np.int32], names: Sequence[str]
) -> NDArray[np.bool_]:
    """Whether each row of the index, of class ``codes`` [n] into ``names``, was said to be right as it is. bool [n]."""
    found = fields.read_texts(session, CHECKED, index.columns.ids)
    number = {name: code for code, name in enumerate(names)}
    table = np.array([number.get(one, -2) for one in found.names] + [-2], dtype=np.int64)
    is_kept: NDArray[np.bool_] = table[found.codes] == codes
    return is_kept


def _do(session: Session, words: str, content: Content) -> Changes:
    before = content.now(session)
    count = len(content.image_ids())
    command = SetClasses(words, count, content, False, before.digest(), before)
    return history.do(session, command)


def _only(one: Coded, keep: NDArray[np.bool_]) -> Coded:
    return Coded(one.names, one.ids[keep], one.codes[keep])


def _words(one: Coded) -> NDArray[np.object_]:
    """The word of each image, None where it has none."""
    return np.array([*one.names, None], dtype=object)[one.codes]


def _fit(name: str) -> str:
    name = " ".join(name.split())
    if not name or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise UsageError("A class needs letters.")
    if len(name) > LONGEST:
        raise UsageError(f"A class has at most {LONGEST} letters.")
    return name


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"
