"""Keepers of a catalogue: by the rules that are set, protected folders, what each rule does."""

import os
from pathlib import Path

import pytest
from made_links import keep, made
from PIL import Image

from core.duplicates.keepers import DEFAULT, Rule, check
from core.errors import UsageError
from core.operations import groups, history, images, keepers, sources
from core.operations.grouping import grouped
from core.project import Project


@pytest.fixture
def versions(project: Project, tmp_path: Path, make_picture) -> dict[str, int]:  # type: ignore[no-untyped-def]
    """Image ids by name: versions of two pictures in two folders, linked."""
    picture = make_picture(1, size=(120, 90))
    other = make_picture(2, size=(80, 60))
    for name, (one, size) in {
        "archive/a.png": (picture, (60, 45)),
        "archive/a-large.png": (picture, (120, 90)),
        "work/a (1).jpg": (picture, (120, 90)),
        "work/b.png": (other, (80, 60)),
        "work/b copy.png": (other, (80, 60)),
    }.items():
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made_picture: Image.Image = one.resize(size)
        if name == "work/b copy.png":
            made_picture.putpixel((0, 0), (1, 2, 3))
        made_picture.save(path)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    sources.import_folders(project, [tmp_path / "files"], embed=False)
    found = {one.name: one for one in images.describe(project, images.list_ids(project).tolist())}
    of = {name: one.content_id for name, one in found.items()}
    keep(
        project,
        made(
            [
                (of["a.png"], of["a-large.png"], 0.95),
                (of["a (1).jpg"], of["a-large.png"], 0.97),
                (of["a (1).jpg"], of["a.png"], 0.94),
                (of["b.png"], of["b copy.png"], 0.99),
            ]
        ),
    )
    return {name: one.id for name, one in found.items()}


def name_of(versions: dict[str, int], image_id: int) -> str:
    return next(name for name, id_ in versions.items() if id_ == image_id)


def kept(project: Project, versions: dict[str, int]) -> set[str]:
    return {name_of(versions, one.keeper_image) for one in groups.groups(project)}


def only(*rules: Rule) -> tuple[Rule, ...]:
    return check(rules)


def test_rules_choose_and_are_undone(project: Project, versions: dict[str, int]) -> None:
    assert keepers.rules(project) == DEFAULT
    # The copy of b takes a few bytes more, but its name says what it is, and names come before bytes.
    assert kept(project, versions) == {"a-large.png", "b.png"}
    keepers.set_rules(
        project, only(Rule("pixels", is_reversed=True), Rule("name", is_reversed=True))
    )
    assert kept(project, versions) == {"a.png", "b copy.png"}
    keepers.set_rules(project, only(Rule("format", words=("JPEG",)), Rule("path")))
    assert kept(project, versions) == {"a (1).jpg", "b.png"}
    history.undo(project)
    assert kept(project, versions) == {"a.png", "b copy.png"}
    keepers.set_rules(project, None)
    assert keepers.rules(project) == DEFAULT
    (one,) = keepers.chosen(project, [list(versions.values())], only(Rule("pixels")))
    assert one.keeper in (versions["a-large.png"], versions["a (1).jpg"])
    with pytest.raises(UsageError, match="twice"):
        keepers.set_rules(project, [Rule("pixels"), Rule("pixels")])
    for none in ([], [10**9]):
        with pytest.raises(UsageError, match="any more"):
            keepers.chosen(project, [none])


def test_folders_are_followed_to_another_place(
    project: Project, versions: dict[str, int], tmp_path: Path
) -> None:
    work, archive = (str(tmp_path / "files" / name) for name in ("work", "archive"))
    keepers.set_rules(project, only(Rule("folder", words=(work, archive))))
    keepers.protect(project, archive, True)
    (tmp_path / "files").rename(tmp_path / "moved")
    sources.rebind(project, tmp_path / "files", tmp_path / "moved")
    assert keepers.protected(project) == [str(tmp_path / "moved" / "archive")]
    moved = (str(tmp_path / "moved" / "work"), str(tmp_path / "moved" / "archive"))
    assert keepers.rules(project)[0].words == moved
    with pytest.raises(UsageError, match="in none of the catalogue's folders"):
        keepers.set_rules(project, only(Rule("folder", words=(str(tmp_path / "elsewhere"),))))


def test_protected_files_stay_whatever_the_rules(
    project: Project, versions: dict[str, int], tmp_path: Path
) -> None:
    archive = tmp_path / "files" / "archive"
    keepers.protect(project, archive, True)
    assert keepers.protected(project) == [str(archive)]
    keepers.set_rules(project, only(Rule("format", words=("JPEG",))))
    assert kept(project, versions) == {"a-large.png", "b copy.png"}
    group = groups.group_of(project, images.describe(project, [versions["a.png"]])[0].content_id)
    assert group is not None
    (one,) = keepers.chosen(project, [group.images])
    assert [name_of(versions, id_) for id_ in one.staying] == ["a-large.png", "a.png"]
    assert one.leaving == (versions["a (1).jpg"],)
    assert one.reasons == ("Protected",)
    size = images.describe(project, one.leaving)[0].size_bytes
    assert group.bytes_to_win == size
    guarded = keepers.protected_images(project, [versions["a.png"], versions["b.png"], 10**9])
    assert guarded.tolist() == [True, False, False]
    # Of the whole source: everything stays.
    keepers.protect(project, tmp_path / "files", True)
    assert all(one.bytes_to_win == 0 for one in groups.groups(project))
    history.undo(project)
    keepers.protect(project, archive, False)
    assert keepers.protected(project) == []
    with pytest.raises(UsageError, match="not protected"):
        keepers.protect(project, archive, False)
    with pytest.raises(UsageError, match="none of the catalogue"):
        keepers.protect(project, tmp_path / "elsewhere", True)


def test_reasons_name_what_the_keeper_has_before_each(
    project: Project, versions: dict[str, int]
) -> None:
    a = [versions[name] for name in ("a.png", "a-large.png", "a (1).jpg")]
    b = [versions["b copy.png"], versions["b.png"]]
    first, second = keepers.chosen(project, [a, b], only(Rule("pixels"), Rule("name")))
    assert first.keeper == versions["a-large.png"]
    reasons = dict(zip(first.leaving, first.reasons, strict=True))
    assert reasons == {
        versions["a.png"]: "Most pixels",
        versions["a (1).jpg"]: "Name of an original",
    }
    assert second.reasons == ("Name of an original",)
    (tied,) = keepers.chosen(project, [b], only(Rule("pixels")))
    assert (tied.keeper, tied.reasons) == (versions["b copy.png"], ("First by path",))


def test_a_preview_tells_what_each_rule_does(project: Project, versions: dict[str, int]) -> None:
    every = grouped(project)
    assert len(every) == 2
    rules = only(Rule("pixels"), Rule("format", words=("JPEG",)), Rule("name"))
    effects = {one.rule.kind: one for one in keepers.preview(project, every, rules)}
    assert (effects["pixels"].decides, effects["format"].decides, effects["name"].decides) == (
        0,
        1,
        1,
    )
    assert effects["format"].changes == 1  # then the name would decide, for the large PNG
    assert effects["name"].changes == 1  # then the path would, for "b copy.png"
    assert effects["pixels"].changes == 0
    off = {one.rule.kind: one for one in keepers.preview(project, every, only(Rule("name")))}
    assert (off["pixels"].decides, off["pixels"].changes) == (0, 0)
    assert [one.rule for one in keepers.preview(project, every)] == list(DEFAULT)
    assert sum(one.decides for one in keepers.preview(project, every)) == 2
