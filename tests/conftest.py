"""What all tests share: a home of their own, decoding in the calling thread, small generated photos."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from kept_folders import put_back
from PIL import Image, ImageDraw

from core.catalogue import migrations
from core.catalogue.session import Session
from core.encoders.base import Preprocessing
from core.operations import projects, sources
from core.project import Project

pytest_plugins = ["hub_server"]

# Before anything imports Qt: tests never open a window on a real screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Before anything imports torch: what tests compute is so small that more threads would mostly spin, and the tests
# themselves are shared out among processes.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LOOKALIKE_CONFIG_DIR", str(home / "config"))
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", str(home / "data"))
    monkeypatch.setenv("LOOKALIKE_WORKERS", "0")


_truly_upgrade = migrations.upgrade
_made_by_migrations: list[str] = []


def _upgrade(session: Session) -> None:
    """The migrations for the first new catalogue of a process, what they made for all others.

    Alembic takes a tenth of a second for each, and some thousand are made. Old ones are truly migrated.
    """
    is_new = session.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    if is_new and _made_by_migrations:
        for statement in _made_by_migrations:
            session.exec_driver_sql(statement)
        return
    _truly_upgrade(session)
    if is_new:
        made = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND substr(name, 1, 7) != 'sqlite_'"
        _made_by_migrations.extend(session.exec_driver_sql(made).scalars())
        version = session.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        _made_by_migrations.append(f"INSERT INTO alembic_version VALUES ('{version}')")


@pytest.fixture(autouse=True)
def _tables_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "upgrade", _upgrade)


def draw(seed: int, *, size: tuple[int, int] = (96, 72), shape: int = 0) -> Image.Image:
    """A small picture: a disc, square or triangle of some colour on a gradient."""
    random = np.random.default_rng(seed)
    low, high = random.integers(30, 225, (2, 3))
    ramp = np.linspace(0, 1, size[0])[None, :, None]
    ground = (low * (1 - ramp) + high * ramp).astype(np.uint8)
    picture = Image.fromarray(np.repeat(ground, size[1], axis=0))
    colour = tuple(int(one) for one in random.integers(0, 255, 3))
    left, top = (int(one) for one in random.integers(5, 25, 2))
    box = (left, top, left + 40, top + 40)
    pen = ImageDraw.Draw(picture)
    if shape == 0:
        pen.ellipse(box, fill=colour)
    elif shape == 1:
        pen.rectangle(box, fill=colour)
    else:
        pen.polygon([(left, top + 40), (left + 40, top + 40), (left + 20, top)], fill=colour)
    return picture


def draw_photos(root: Path) -> Path:
    """Three folders of four pictures, one exact duplicate, one broken file, one text file."""
    for shape, name in enumerate(("discs", "squares", "triangles")):
        folder = root / name
        folder.mkdir(parents=True)
        for number in range(4):
            draw(10 * shape + number, shape=shape).save(folder / f"{name[:-1]}-{number}.png")
    (root / "squares" / "disc-0 copy.png").write_bytes((root / "discs" / "disc-0.png").read_bytes())
    (root / "discs" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    (root / "notes.txt").write_text("not an image")
    return root


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Some pictures and what else lies among them: see ``draw_photos``."""
    return draw_photos(tmp_path / "photos")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what the tests of a module make once (``kept_folders``)."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="session")
def fill_photos() -> object:
    """``draw_photos``, for tests that keep what they made of them."""
    return draw_photos


class FakeEncoder:
    """Mean colours of a 4 x 4 grid, as unit vectors: deterministic, and needs no torch."""

    name = "builtin"
    key = hashlib.sha256(b"fake").hexdigest()
    dim = 48
    preprocessing = Preprocessing(16, "squash")
    has_words = has_patches = False
    is_light = True
    device, precision = "cpu", "fp32"

    def encode_images(self, pixels: np.ndarray) -> np.ndarray:
        cells = (
            pixels.reshape(len(pixels), 4, 4, 4, 4, 3).mean(axis=(2, 4)).reshape(len(pixels), -1)
        )
        centred = (cells - cells.mean(axis=1, keepdims=True) + 1e-3).astype(np.float32)
        rows: np.ndarray = centred / np.linalg.norm(centred, axis=1, keepdims=True)
        return rows


COLOURS = {
    "red": (220, 40, 40),
    "green": (40, 170, 60),
    "blue": (40, 70, 210),
    "yellow": (235, 210, 50),
    "black": (15, 15, 15),
    "white": (245, 245, 245),
}


class ColourEncoder(FakeEncoder):
    """Shares of named colours, so that words and pictures truly have one space."""

    key = hashlib.sha256(b"colours").hexdigest()
    dim = len(COLOURS)
    has_words = True

    def encode_images(self, pixels: np.ndarray) -> np.ndarray:
        named = np.array(list(COLOURS.values()), dtype=np.float32)
        seen = pixels.reshape(len(pixels), -1, 1, 3).astype(np.float32)
        nearest = np.linalg.norm(seen - named, axis=3).argmin(axis=2)
        return self._unit(np.stack([(nearest == one).mean(axis=1) for one in range(self.dim)], 1))

    def encode_words(self, texts: Sequence[str]) -> np.ndarray:
        counts = [[float(one.lower().count(name)) for name in COLOURS] for one in texts]
        return self._unit(np.array(counts))

    def _unit(self, rows: np.ndarray) -> np.ndarray:
        rows = (rows + 0.01).astype(np.float32)
        unit: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def with_fake_encoder(project: Project) -> Project:
    """The project, with the fake in place of the embedded encoder."""
    project.keep("encoder:builtin", FakeEncoder)
    return project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """An empty catalogue, open for writing, with the fake encoder."""
    with projects.create(tmp_path / "test.lookalike") as opened:
        yield with_fake_encoder(opened)


@pytest.fixture
def imported(kept: Path) -> Iterator[Project]:
    """A catalogue beside its ``photos``, which it has taken in without embedding; made once for a module."""

    def fill(folder: Path) -> None:
        with projects.create(folder / "test.lookalike") as new:
            sources.import_folders(new, [draw_photos(folder / "photos")], embed=False)

    folder = put_back(kept, "imported", fill)
    with projects.open(folder / "test.lookalike") as opened:
        yield with_fake_encoder(opened)


@pytest.fixture(scope="session")
def make_picture() -> object:
    """``draw``, for tests that need more pictures."""
    return draw


@pytest.fixture
def fake_encoder() -> type[FakeEncoder]:
    """The fake, for tests that open a catalogue themselves."""
    return FakeEncoder


@pytest.fixture
def colour_encoder() -> type[ColourEncoder]:
    """A fake that knows words: names of colours."""
    return ColourEncoder


@pytest.fixture
def flags(tmp_path: Path) -> Path:
    """A folder of pictures in one or two named colours, each named after them: "red-blue.png"."""
    root = tmp_path / "flags"
    root.mkdir()
    for first, colour in COLOURS.items():
        for second, other in COLOURS.items():
            picture = Image.new("RGB", (60, 40), colour)
            picture.paste(other, (0, 0, 24, 40))
            picture.save(root / (f"{first}.png" if first == second else f"{first}-{second}.png"))
    return root
