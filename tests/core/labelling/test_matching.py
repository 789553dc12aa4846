"""Paths of a table and images of the catalogue: what fits, what fits twice, what only seems to fit."""

from collections.abc import Sequence
from urllib.parse import quote

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.places import Places
from core.jobs import Job
from core.labelling.matching import HOW, NONE, SEVERAL, Matches, match

ROOT = "/home/b/photos"
NAMES = st.text(st.sampled_from("abcABCé 0.-%"), min_size=1, max_size=5).filter(
    lambda name: name.strip(" .") == name and name not in (".", "..")
)
PATHS = st.lists(
    st.tuples(st.lists(NAMES, max_size=3), NAMES).map(lambda p: "/".join([*p[0], p[1] + ".jpg"])),
    min_size=1,
    max_size=12,
    unique=True,
)


def places(paths: Sequence[str], roots: Sequence[str] = (ROOT,)) -> Places:
    """A catalogue whose sources ``roots`` hold images at these relative paths, or absolute ones."""
    absolute: list[str] = []
    relative: list[str] = []
    rows: list[int] = []
    names: list[str] = []
    for path in paths:
        root = next((one for one in roots if path.startswith(one + "/")), roots[0])
        folder, _, name = path.removeprefix(root + "/").rpartition("/")
        full = f"{root}/{folder}".rstrip("/")
        if full not in absolute:
            absolute.append(full)
            relative.append(folder)
        rows.append(absolute.index(full))
        names.append(name)
    ids = np.arange(1, len(paths) + 1)
    return Places(ids, ids, ids, names, np.array(rows, dtype=np.int32), absolute, relative)


def find(texts: Sequence[str], known: Places, base: str = "/tables") -> Matches:
    return match(texts, known, base, Job())


def rows(texts: Sequence[str], known: Places, base: str = "/tables") -> list[int]:
    found: list[int] = find(texts, known, base).rows.tolist()
    return found


@settings(max_examples=60, deadline=None)
@given(paths=PATHS)
def test_the_printed_path_of_every_image_names_it(paths: list[str]) -> None:
    known = places(paths)
    everyone = list(range(len(paths)))
    assert rows([f"{ROOT}/{path}" for path in paths], known) == everyone
    assert rows([f"file://{quote(ROOT + '/' + path)}" for path in paths], known) == everyone
    assert rows(paths, known, ROOT) == everyone
    assert rows([f"./x/../{path}" for path in paths], known, ROOT) == everyone


@settings(max_examples=60, deadline=None)
@given(paths=PATHS)
def test_paths_of_another_machine_name_the_same_images_or_none(paths: list[str]) -> None:
    known = places(paths)
    for before in ("D:\\pics\\", "/Users/ann/pics/", "https://host.org/pics/"):
        texts = [before + path for path in paths]
        if "\\" in before:
            texts = [text.replace("/", "\\") for text in texts]
        elif ":" in before:
            texts = [before + quote(path) for path in paths]
        for row, found in enumerate(rows(texts, known)):
            assert found in (row, NONE, SEVERAL)
    deep = [row for row, path in enumerate(paths) if path.count("/") > 1]
    if len(deep) == len(paths):
        assert rows([f"E:/x/photos/{path}" for path in paths], known) == deep


@settings(max_examples=60, deadline=None)
@given(paths=PATHS, others=PATHS)
def test_no_path_is_taken_for_an_image_of_another_name(paths: list[str], others: list[str]) -> None:
    known = places(paths)
    for text, row in zip(others, rows(others, known), strict=True):
        if row >= 0:
            name = text.rpartition("/")[2]
            assert known.names[row].casefold() == name.casefold()


def test_each_way_of_finding() -> None:
    known = places(["a/1.jpg", "a/2.jpg", "b/3.jpg", "b/Ä4.jpg", "c/5.tif"])
    texts = [
        f"{ROOT}/a/1.jpg", "a/2.jpg", "3.jpg", "Z:\\old\\b\\3.jpg", "A/1.JPG", "b/A\u03084.jpg",
        "5", "nothing.jpg", "", "other/9.jpg", "  'a/2.jpg' ",
    ]  # fmt: skip
    found = find(texts, known)
    assert found.rows.tolist() == [0, 1, 2, 2, 0, 3, 4, NONE, NONE, NONE, 1]
    assert [HOW[how] if how >= 0 else "" for how in found.how.tolist()[:5]] == [
        "absolute path", "below a source", "name alone", "end of the path", "capitals apart",
    ]  # fmt: skip
    assert [(one.before, one.now, one.rows) for one in found.moves] == [("Z:/old", ROOT, 1)]


def test_what_fits_two_images_names_none() -> None:
    known = places(["/x/a/1.jpg", "/y/a/1.jpg", "/x/A.jpg", "/x/a.jpg"], ("/x", "/y"))
    assert rows(["a/1.jpg", "1.jpg", "D:/q/a/1.jpg", "X/a.JPG"], known) == [SEVERAL] * 4
    assert rows(["a/1.jpg"], known, "/y") == [1]
    assert rows(["/x/a.jpg"], known) == [3]


def test_the_other_half_of_a_split_is_not_taken_for_this_one() -> None:
    known = places(["train/cats/1.jpg", "train/cats/2.jpg"])
    assert rows(["val/cats/1.jpg", "C:/s/val/cats/2.jpg"], known) == [NONE, NONE]
    assert rows(["C:/s/train/cats/1.jpg", "C:/s/other/cats/2.jpg"], known) == [0, NONE]
    assert rows(["C:/s/dogs/cats/2.jpg"], known) == [1]  # nothing speaks against it


def test_escaped_names_and_old_encodings() -> None:
    known = places(["a/caf\\xe9.jpg", "a/b\\c.jpg"])
    assert rows(["a/caf\\xe9.jpg", f"{ROOT}/a/b\\c.jpg"], known) == [0, 1]
    table = match(["a/café.jpg"], known, ROOT, Job(), encoding="cp1252")
    assert table.rows.tolist() == [0]
    assert rows([f"file://{ROOT}/a/caf%E9.jpg"], known) == [0]


def test_ten_thousand_folders_of_one_name() -> None:
    known = places([f"{number}/images/1.jpg" for number in range(2000)])
    texts = [f"D:/set/{number}/images/1.jpg" for number in range(2000)]
    assert rows(texts, known) == list(range(2000))
    assert rows(["D:/set/images/1.jpg"], known) == [SEVERAL]
