"""What decoding says about a file reaches the catalogue: notes with images, kinds with faults."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from core.operations import images, sources
from core.operations.info import info
from core.project import Project


def test_notes_and_kinds_are_kept(
    project: Project, encoded: Callable[..., bytes], two_tone: Image.Image, tmp_path: Path
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    frames = [Image.new("RGB", (60, 40), (0, 80 * n, 0)) for n in range(1, 3)]
    (folder / "moving.gif").write_bytes(
        encoded(two_tone, "GIF", save_all=True, append_images=frames)
    )
    (folder / "plain.png").write_bytes(encoded(two_tone, "PNG"))
    (folder / "drawing.svg").write_bytes(encoded(two_tone, "JPEG"))
    (folder / "photo.jpg").write_bytes((folder / "drawing.svg").read_bytes())
    noise = Image.effect_noise((60, 40), 90)
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "page.jpg").write_bytes(b"<html>not found</html>")
    (folder / "cut.png").write_bytes(encoded(noise, "PNG")[:-500])
    (folder / "notes.txt").write_text("no image")
    sources.import_folders(project, [folder])
    rows = images.describe(project, images.list_ids(project).tolist())
    assert {one.name: one.note for one in rows} == {
        "moving.gif": "first of 3 frames",
        "plain.png": "",
        "drawing.svg": "named .svg, holds JPEG",
        "photo.jpg": "",
    }
    faults = images.list_unreadable(project)
    assert {Path(one.path).name: one.kind for one in faults} == {
        "empty.jpg": "empty",
        "page.jpg": "format",
        "cut.png": "cut off",
    }
    document = info(project)
    assert document["ignored"] == 1 and len(document["unreadable"]) == 3
