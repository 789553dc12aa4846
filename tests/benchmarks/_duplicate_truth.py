"""A folder of pictures of which it is known which are the same: originals, edits of them, and what only looks alike."""

import hashlib
import shutil
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _edits import DUPLICATES, EDITS, HARD, is_lenient, opened
from numpy.typing import NDArray
from PIL import Image

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
SEED = 9
EDITS_EACH = 6
# Of every photo that is not edited one in so many gives two halves that share nothing, in place of itself.
HALVES_OF = 20
NEAR_PLACES = 3


@dataclass(frozen=True, slots=True)
class File:
    """One file of the folder. ``edit`` is empty for what lies there as it was; ``family`` is the same number for
    all that are the same picture; ``place`` counts the source's files in the order of their paths."""

    name: str
    origin: str
    edit: str
    family: int
    place: int
    is_original: bool


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """All files, by ascending name."""

    files: tuple[File, ...]

    def __post_init__(self) -> None:
        assert [one.name for one in self.files] == sorted(one.name for one in self.files)

    def rows(self, names: Sequence[str]) -> NDArray[np.int64]:
        """Places of these names. Raises KeyError for one that is not there."""
        places = {one.name: row for row, one in enumerate(self.files)}
        return np.array([places[name] for name in names], dtype=np.int64)

    @property
    def families(self) -> NDArray[np.int64]:
        return np.array([one.family for one in self.files], dtype=np.int64)

    @property
    def is_lenient(self) -> NDArray[np.bool_]:
        """Files that the overall promise leaves out."""
        return np.array([is_lenient(one.edit) for one in self.files], dtype=bool)

    @property
    def is_held(self) -> NDArray[np.bool_]:
        """Files of the half on which nothing was tuned: of folders (classes) whose names say so."""
        return np.array([is_held(one.origin) for one in self.files], dtype=bool)


def is_held(origin: str) -> bool:
    """Whether a photo is of the half that nobody looks at while fitting: by the name of its folder, since photos of
    one folder are of one thing."""
    return zlib.crc32(Path(origin).parent.name.encode()) % 2 == 1


def photos(source: Path) -> list[Path]:
    """All pictures below a folder, by path, the smallest left out (shorter side under 64 px)."""
    found = sorted(one for one in source.rglob("*") if one.suffix.lower() in SUFFIXES)
    return [one for one in found if _shorter_side(one) >= 64]


def _shorter_side(path: Path) -> int:
    try:
        with Image.open(path) as read:
            return min(read.size)
    except OSError:
        return 0


def make(
    source: Path, folder: Path, originals: int, others: int, paths: Sequence[Path] | None = None
) -> Truth:
    """Write ``originals`` photos with EDITS_EACH edits and half a hard one each, and ``others`` without any.

    The edits go round, so that each has about as many. Every second original gets a made burst, of each kind in
    turn. ``paths``: only these of the source. Originals of the same pixels are one family.
    """
    every = list(paths) if paths is not None else photos(source)
    drawn = np.random.default_rng(SEED).permutation(len(every))
    chosen, rest = drawn[:originals], drawn[originals : originals + others]
    files: list[File] = []
    known: dict[bytes, int] = {}
    folder.mkdir(parents=True)
    for number, place in enumerate(chosen.tolist()):
        picture = opened(every[place])
        family = known.setdefault(_pixels(picture), 10 * place)
        maker = _Maker(folder, source, every[place], place, number)
        files.append(maker.whole(family, is_original=True))
        for turn in range(EDITS_EACH):
            edit = DUPLICATES[(number * EDITS_EACH + turn) % len(DUPLICATES)]
            edited = edit.make(picture, number).save(maker.stem(edit.name))
            files.append(maker.file(edited, edit.name, family))
        if number % 2 == 0:
            hard = HARD[number // 2 % len(HARD)]
            edited = hard.make(picture, number).save(maker.stem(hard.name))
            files.append(maker.file(edited, hard.name, 10 * place + 1))
        if number % 50 == 49:
            sys.stderr.write(f"{number + 1} of {len(chosen)} originals edited\n")
    for number, place in enumerate(rest.tolist(), len(chosen)):
        picture = opened(every[place])
        maker = _Maker(folder, source, every[place], place, number)
        if number % HALVES_OF == 0:
            files += maker.halves(picture)
        else:
            family = known.setdefault(_pixels(picture), 10 * place)
            files.append(maker.whole(family, is_original=False))
    return Truth(tuple(sorted(files, key=lambda one: one.name)))


@dataclass(frozen=True, slots=True)
class _Maker:
    folder: Path
    source: Path
    path: Path
    place: int
    number: int

    def stem(self, what: str) -> Path:
        return self.folder / f"{self.number:06}-{what}"

    def file(self, path: Path, edit: str, family: int, is_original: bool = False) -> File:
        origin = self.path.relative_to(self.source).as_posix()
        return File(path.name, origin, edit, family, self.place, is_original)

    def whole(self, family: int, *, is_original: bool) -> File:
        """The file itself, byte by byte."""
        stem = self.stem("" if is_original else "other")
        path = stem.with_name(stem.name + self.path.suffix.lower())
        shutil.copyfile(self.path, path)
        return self.file(path, "", family, is_original)

    def halves(self, picture: Image.Image) -> list[File]:
        """The left and the right 48 % of it: two views of one place that share nothing."""
        wide = max(1, round(0.48 * picture.width))
        made = []
        for side, left in enumerate((0, picture.width - wide)):
            path = self.stem(f"half-{side}").with_suffix(".jpg")
            picture.crop((left, 0, left + wide, picture.height)).save(path, quality=92)
            made.append(self.file(path, "half", 10 * self.place + 2 + side))
        return made


def _pixels(picture: Image.Image) -> bytes:
    told = hashlib.sha256(repr(picture.size).encode())
    told.update(picture.tobytes())
    return told.digest()


def kind_of(one: File, other: File) -> str:
    """What a pair of two families is, in a word: what a false pair is called by."""
    hard = {one.edit, other.edit} & ({edit.name for edit in EDITS if edit.is_hard} | {"half"})
    if one.place == other.place and hard:
        return min(hard)
    if Path(one.origin).parent != Path(other.origin).parent:
        is_class = Path(one.origin).parent.name == Path(other.origin).parent.name
        return "same class" if is_class else "other class"
    is_near = abs(one.place - other.place) <= NEAR_PLACES
    return "consecutive photos" if is_near else "same folder"
