"""Where the catalogue of a folder lives, told before anything heavy is imported."""

from pathlib import Path

import pytest

from core import homes
from core.operations import projects


def test_a_folder_has_one_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", str(tmp_path / "data"))
    photos = tmp_path / "My photos"
    photos.mkdir()
    home = homes.of_place(photos)
    assert home == projects.home_for_folder(photos) == homes.of_place(Path(f"{photos}/."))
    assert home.is_relative_to(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    assert homes.of_place(Path("My photos")) == home
    monkeypatch.chdir(photos)
    for name in (".", "../My photos", "../../x/../" + tmp_path.name + "/My photos"):
        assert homes.of_place(Path(name)) == home
    (tmp_path / "other").mkdir()
    assert homes.of_place(tmp_path / "other" / "My photos") != home  # of the same name, elsewhere


def test_a_catalogue_is_its_own_home(tmp_path: Path) -> None:
    path = tmp_path / "mine.lookalike"
    assert homes.of_place(path) == path
    projects.create(tmp_path / "renamed").close()
    assert homes.of_place(tmp_path / "renamed") == tmp_path / "renamed"


def test_odd_names_have_homes_that_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", str(tmp_path))
    for name in ("/", "/srv/%$&", "/srv/caf\udce9"):
        homes.of_folder(Path(name)).mkdir(parents=True)
