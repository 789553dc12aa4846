"""Names that every system takes, and none of which is another's."""

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.export.file_names import LONGEST_BYTES, numbered, numbers, safe, unique
from core.jobs import Job

# Letters that some system stumbles over, and some that become others without case or when they are composed.
_LETTERS = 'aA.-_ \\/:*?"<>|\x00\n\x7fßſKIıİéé́ﬁ你🙂'
NAMES = st.one_of(st.text(_LETTERS, max_size=12), st.text(max_size=300))
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def same_somewhere(name: str) -> str:
    """What a system that knows no case, or composes letters, takes a name for."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@given(NAMES)
@settings(max_examples=100)
def test_a_safe_name_is_one_everywhere_and_stays(name: str) -> None:
    made = safe(name)
    assert made and made not in (".", "..") and not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', made)
    assert not made.startswith((".", " ", "__")) and not made.endswith((".", " "))
    assert len(made.encode()) <= LONGEST_BYTES + 1 and unicodedata.is_normalized("NFC", made)
    assert not _DEVICES.match(made)
    assert safe(made) == made


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("cat.jpg", "cat.jpg"), ("a:b?.JPG", "a_b_.JPG"), ("CON", "_CON"), ("aux.png", "_aux.png"),
        ("console.png", "console.png"), ("dots...", "dots"), (" x ", "x"), ("..", "_"), ("", "_"),
        (".hidden.jpg", "_hidden.jpg"), ("__init__", "_init__"), ("é.png", "é.png"),
        (r"caf\xe9.jpg", "caf_xe9.jpg"), ("x" * 300 + ".jpeg", "x" * 225 + ".jpeg"),
    ],
)  # fmt: skip
def test_names_that_are_known_to_fail(name: str, made: str) -> None:
    assert safe(name) == made


@given(
    st.lists(
        st.one_of(st.sampled_from(["a", "A", "a-2", "a-2-2", "CON", "a:", "a?"]), NAMES),
        max_size=12,
    )
)
@settings(max_examples=30)
def test_no_two_folders_are_one(names: list[str]) -> None:
    made = unique(names)
    assert len({same_somewhere(one) for one in made}) == len(names)
    assert made[:1] == [safe(one) for one in names[:1]]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 1),
            st.sampled_from(
                ["a.jpg", "A.jpg", "a-2.jpg", "a-3.jpg", "b.png", "a-2-2.jpg", "noend"]
            ),
        ),
        max_size=30,
    ),
    st.integers(1, 9),
)
@settings(max_examples=30)
def test_no_two_files_of_a_folder_are_one(files: list[tuple[int, str]], part_rows: int) -> None:
    folders = np.array([folder for folder, _ in files], dtype=np.int32)

    def read(start: int, stop: int) -> list[str]:
        return [name for _, name in files[start:stop]]

    number = numbers(read, folders, Job(), part_rows=part_rows)
    made = [
        (folder, same_somewhere(numbered(name, int(one))))
        for (folder, name), one in zip(files, number, strict=True)
    ]
    assert len(set(made)) == len(files)
    for (folder, name), one in zip(files, number.tolist(), strict=True):
        assert one == 0 or (folder, same_somewhere(name)) in made  # the name was taken
    # The same again, whatever the parts: names do not depend on chance.
    assert np.array_equal(number, numbers(read, folders, Job()))


def test_the_first_of_a_name_keeps_it() -> None:
    names = ["a.jpg", "b.jpg", "A.JPG", "a.jpg", "a-2.jpg"]
    number = numbers(lambda start, stop: names[start:stop], np.zeros(5, np.int32), Job())
    made = [numbered(name, int(one)) for name, one in zip(names, number, strict=True)]
    assert made[:4] == ["a.jpg", "b.jpg", "A-2.JPG", "a-3.jpg"]
    assert made[4] not in made[:4] and made[4].endswith(".jpg")
