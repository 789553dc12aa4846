"""Scenes with folders of their own: an import under way, faults, missing files, a folder that moved."""

import os
import random
import shutil
import struct
import time
import zlib
from pathlib import Path

from app.photographer import Photographer
from core.operations import sources

COPIED, SCANNED = 720, 96
DATE_S = 1_780_000_000


def take(camera: Photographer, photos: Path, place: Path) -> None:
    """All of them, with copies of ``photos`` below ``place``, a folder with nothing in it."""
    whole, scans = place / "Pictures" / "Collection", place / "Pictures" / "Scans"
    found = sorted(
        file for file in photos.rglob("*") if file.suffix.lower() in (".jpg", ".jpeg", ".png")
    )
    chosen = random.Random(7).sample(found, min(COPIED + SCANNED, len(found)))
    for number, file in enumerate(chosen):
        folder = (scans if number < SCANNED else whole) / file.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / file.name)
    break_some(whole)
    for one in place.rglob("*.*"):
        if not one.is_symlink():
            os.utime(one, (DATE_S, DATE_S))
    _import(camera, whole)
    _faults(camera)
    _marks(camera)
    _labels(camera, whole)
    _missing(camera, whole)
    _sources(camera, scans)
    _care(camera)


def break_some(folder: Path) -> None:
    """Files of every kind of fault among the pictures."""
    whole = sorted(folder.rglob("*.jpg")) or sorted(folder.rglob("*.png"))
    noise = random.Random(11)
    for number, file in enumerate(whole[5:60:8]):
        data = file.read_bytes()
        file.with_name(f"{file.stem} (copy {number + 1}){file.suffix}").write_bytes(
            data[: len(data) // (number + 3)]
        )
    for number, file in enumerate(whole[9:40:10]):
        start = file.read_bytes()[:20]
        (file.parent / f"recovered-{number + 1:04}.jpg").write_bytes(start + noise.randbytes(4000))
    (folder / "empty.jpg").write_bytes(b"")
    (whole[0].parent / "IMG_0001.jpg").write_bytes(b"")
    (folder / "price list.jpg").write_bytes(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    (folder / "city map.png").write_bytes(huge_png(23_000, 30_000))
    (folder / "panorama of the hall.png").write_bytes(huge_png(40_000, 9_000))


def huge_png(width: int, height: int) -> bytes:
    """A picture that says that it is so large; what follows does not matter."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


def _import(camera: Photographer, folder: Path) -> None:
    """Running, paused, and finished with faults."""
    shell = camera.application.shell
    shell.open_path(folder)

    def is_well_under_way() -> bool:
        running = [one for one in shell.jobs.states if one.total and one.per_s]
        explore = shell.explore
        return bool(running) and explore is not None and len(explore.browse.listing) > 40

    camera.wait(is_well_under_way)
    until_s = time.monotonic() + 0.6
    camera.wait(lambda: time.monotonic() > until_s)
    camera.both_now("import-running")
    if shell.jobs.states:  # a few hundred pictures may all be read by now
        shell.jobs.toggle_pause(shell.jobs.states[0].key)
        until_s = time.monotonic() + 0.8
        camera.wait(lambda: time.monotonic() > until_s)
        camera.both_now("import-paused")
        shell.jobs.toggle_pause(shell.jobs.states[0].key)
    camera.wait()
    camera.both("import-finished")


def _faults(camera: Photographer) -> None:
    camera.application.window.banner.hide()
    camera.explore.show_unreadable()
    camera.wait()
    camera.both("unreadable-files")
    camera.explore.unreadable.show_kind("limit")
    camera.explore.unreadable.limit.ask()
    camera.wait()
    camera.both("unreadable-limit")
    camera.explore.unreadable.limit.leave()
    camera.explore.show_browser()
    camera.application.window.banner.hide()


def _marks(camera: Photographer) -> None:
    explore = camera.explore
    ids = explore.browse.listing.ids
    explore.document.selection.set(ids[4:7])
    explore.selected.mark("duplicate")
    camera.wait()
    explore.document.selection.set(ids[4:6])
    camera.wait()
    camera.both("marked-pair")
    explore.document.selection.set([ids[9], ids[10]])
    explore.selected.take_out()
    camera.wait()
    camera.both("taken-out")


def _labels(camera: Photographer, folder: Path) -> None:
    """A table that another machine wrote, before it is applied."""
    noise = random.Random(3)
    lines = ["image,label,tags,split,rating"]
    for file in sorted(folder.rglob("*0*.*"))[:400]:
        path = f"D:\\Data\\{folder.name}\\{file.parent.name}\\{file.name}"
        tags = ";".join(
            noise.sample(["favourite", "to print", "draft", "on the wall"], noise.randrange(3))
        )
        part = noise.choice(["train", "train", "val"])
        lines.append(f"{path},{file.parent.name},{tags},{part},{noise.uniform(1, 10):.1f}")
    noise.shuffle(rows := lines[1:])
    rows.insert(2, f"D:\\Data\\{folder.name}\\owls\\not photographed yet.jpg,owls,,train,")
    table = folder.parent / "collection.csv"
    table.write_text("\n".join([lines[0], *rows]), encoding="utf-8")
    shown = camera.application.popups.show_labels(table)
    assert shown is not None
    camera.wait()
    camera.both("import-labels", shown.dialog)
    shown.dialog.show_tab(2)
    camera.both("import-labels-arriving", shown.dialog)
    shown.dialog.reject()
    camera.wait()


def _missing(camera: Photographer, folder: Path) -> None:
    for file in sorted(folder.rglob("*.jpg"))[100:107]:
        file.unlink()
    camera.application.commands.read_again()
    camera.wait()
    camera.explore.show_missing()
    camera.wait()
    explore = camera.explore
    explore.document.selection.set(explore.browse.listing.ids[:1])
    camera.wait()
    camera.both("missing")
    explore.browse.clear()
    camera.wait()


def _sources(camera: Photographer, scans: Path) -> None:
    """Two folders, one of which then lies elsewhere, changed a little."""
    application, explore = camera.application, camera.explore
    application.shell.take_paths([scans])
    camera.wait()
    application.window.banner.hide()
    watched = explore.browse.facets.sources[0].value
    explore.document.edit("Watching", sources.set_watched, watched, True)
    explore.show_sources()
    camera.wait()
    camera.both("sources")
    archive = scans.with_name("Archive")
    scans.rename(archive)
    files = sorted(archive.rglob("*.jpg"))
    for file in files[:4]:
        file.unlink()
    for file in files[10:12]:
        file.write_bytes(file.read_bytes() + b"\0" * 64)
    path = explore.document.project.path
    application.commands.close_catalogue()
    camera.wait()
    application.window.banner.hide()
    application.shell.open_path(path)
    camera.wait()
    camera.both("source-absent")
    explore = camera.explore
    explore.show_sources()
    camera.wait()
    cards = explore.sources.cards.values()
    absent = next(one.source for one in cards if one.source and not one.source.is_present)
    application.window.activateWindow()
    explore.sourcing.preview(absent, archive)
    application.window.banner.hide()
    camera.wait()
    camera.both("rebind")
    card = next(one for one in explore.sources.cards.values() if one.is_asking)
    card.rebind_confirmed.emit(archive)
    camera.wait()
    camera.both("rebound")


def _care(camera: Photographer) -> None:
    camera.explore.show_care()
    camera.explore.care.check.click()
    camera.wait()
    camera.application.window.banner.hide()
    camera.both("care")
