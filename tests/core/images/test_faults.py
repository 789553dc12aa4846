"""Files that cannot be read: each has a kind and a plain reason, and costs itself alone."""

import os
import pickle
import socket
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.images import files
from core.images.decode import Decoded, DecodeTask, Undecodable, decode
from core.images.limits import LIMIT_BYTES, LIMIT_PX
from core.images.scan import scan
from core.parallel import Workers

Read = Callable[..., tuple[Decoded, np.ndarray]]
Encoded = Callable[..., bytes]


def fault(path: Path, **options: object) -> Undecodable:
    with pytest.raises(Undecodable) as caught:
        decode(DecodeTask(os.fsencode(path), **options))  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("name", "data", "kind", "reason"),
    [
        ("empty.png", b"", "empty", "the file is empty"),
        ("text.jpg", b"hello there", "format", "text, not an image"),
        ("lost.jpg", b"<!DOCTYPE html><html>404</html>", "format", "a web page, not an image"),
        ("drawing.svg", b"<svg/>", "format", "SVG drawings are not read"),
        (
            "drawing.png",
            b"<?xml version='1.0'?>\n<svg></svg>",
            "format",
            "SVG drawings are not read",
        ),
        ("paper.jpg", b"%PDF-1.7\n%\xe2\xe3", "format", "a PDF document, not an image"),
        ("film.jpg", b"\0\0\0\x18ftypisom\0\0\0\0", "format", "a video, not an image"),
        ("zeros.jpg", bytes(5_000), "damaged", "it holds nothing but zero bytes"),
        ("noise.jpg", bytes(range(128, 256)), "damaged", "its content is not that of an image"),
        ("noise.xyz", bytes(range(128, 256)), "format", "no decoder recognises it"),
        ("start.png", b"\x89PNG\r\n\x1a\n" + bytes(range(40)), "damaged", "damaged"),
        ("light.exr", b"\x76\x2f\x31\x01" + bytes(range(40)), "format", "OpenEXR is not read"),
    ],
)
def test_every_fault_has_a_kind_and_a_reason(
    tmp_path: Path, name: str, data: bytes, kind: str, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    error = fault(path)
    assert error.kind == kind and str(error).startswith(reason)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_cut_off(tmp_path: Path, encoded: Encoded, kind: str) -> None:
    random = np.random.default_rng(1)
    noise = Image.fromarray(random.integers(0, 255, (200, 200, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    path = tmp_path / f"cut.{kind.lower()}"
    path.write_bytes(data[: len(data) * 2 // 3])
    error = fault(path)
    # WebP's decoder does not say what is wrong.
    assert error.kind == ("damaged" if kind == "WEBP" else "cut off")


def test_gone_and_not_a_file(tmp_path: Path) -> None:
    assert fault(tmp_path / "nowhere.jpg").kind == "gone"
    (tmp_path / "folder.jpg").mkdir()
    assert str(fault(tmp_path / "folder.jpg")) == "it is a folder"
    (tmp_path / "file").write_bytes(b"x")
    assert fault(tmp_path / "file" / "inside.jpg").kind == "gone"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders there")
def test_pipes_sockets_and_devices_hold_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert str(fault(tmp_path / "pipe.jpg")) == "it is a pipe or a device, not a file"
    assert fault(Path("/dev/zero")).kind == "format"
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # the name of a socket must be short
        listener.bind("socket.jpg")
        fault(tmp_path / "socket.jpg")
    *_, result = scan(os.fsencode(tmp_path))
    assert not result.found and result.ignored == 2


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_to_themselves_and_nowhere(tmp_path: Path) -> None:
    (tmp_path / "snake.jpg").symlink_to(tmp_path / "snake.jpg")
    (tmp_path / "one.jpg").symlink_to(tmp_path / "other.jpg")
    (tmp_path / "other.jpg").symlink_to(tmp_path / "one.jpg")
    (tmp_path / "lost.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert fault(tmp_path / "snake.jpg").kind == "loop"
    *_, result = scan(os.fsencode(tmp_path))
    assert {one.raw_path: one.kind for one in result.refused} == {
        b"snake.jpg": "loop",
        b"one.jpg": "loop",
        b"other.jpg": "loop",
        b"lost.jpg": "gone",
    }


LOOK = """
import os, sys
from core.images.decode import DecodeTask, Undecodable, decode
from core.images.scan import scan
if os.geteuid() == 0:
    os.setuid(65534)  # nothing is forbidden to root
*_, result = scan(os.fsencode(sys.argv[1]))
print([(one.raw_path, one.kind) for one in result.refused])
try:
    decode(DecodeTask(os.fsencode(sys.argv[1] + "/secret.jpg")))
except Undecodable as error:
    print(error.kind, "-", error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_no_permission() -> None:
    with tempfile.TemporaryDirectory(prefix="lookalike-") as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "secret.jpg").write_bytes(b"x")
        (Path(folder) / "secret.jpg").chmod(0)
        (Path(folder) / "closed").mkdir(mode=0)
        root = Path(__file__).parents[3]
        command = [sys.executable, "-c", LOOK, folder]
        answer = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
        (Path(folder) / "closed").chmod(0o700)
    assert answer.stdout.splitlines() == [
        "[(b'closed', 'permission')]",
        "permission - no permission to read it",
    ], answer.stderr


def test_system_errors_are_sorted() -> None:
    import errno

    from core.images.faults import from_os

    kinds = {errno.EACCES: "permission", errno.EPERM: "permission", errno.ENOENT: "gone"}
    kinds |= {errno.EIO: "disk", errno.ELOOP: "loop", errno.ENOTDIR: "gone"}
    for number, kind in kinds.items():
        assert from_os(OSError(number, os.strerror(number))).kind == kind


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8_is_read(tmp_path: Path, encoded: Encoded) -> None:
    raw_path = os.fsencode(tmp_path) + b"/caf\xe9.png"
    with open(raw_path, "wb") as file:
        file.write(encoded(Image.new("RGB", (30, 20)), "PNG"))
    assert decode(DecodeTask(raw_path))[0].width == 30


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be changed there")
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It grows between two looks at its size, by the hand of another: the system's own read is wrapped."""
    path = tmp_path / "growing.jpg"
    path.write_bytes(b"\xff\xd8\xff" + bytes(100))
    system_read = os.read

    def read_and_grow(number: int, count: int) -> bytes:
        data = system_read(number, count)
        with path.open("ab") as file:
            file.write(b"more")
        return data

    monkeypatch.setattr(files.os, "read", read_and_grow)
    assert fault(path).kind == "changed"


def test_a_broken_exif_block_is_no_fault(
    read: Read, encoded: Encoded, two_tone: Image.Image
) -> None:
    for exif in (
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
        b"Exif\0\0",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12",
    ):
        decoded, _ = read("odd.jpg", encoded(two_tone, "JPEG", exif=exif))
        assert (decoded.width, decoded.height) == (60, 40)
    exif_block = Image.Exif()
    exif_block[0x0112] = 99
    decoded, _ = read("far.jpg", encoded(two_tone, "JPEG", exif=exif_block))
    assert (decoded.width, decoded.height) == (60, 40)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says how large it is, and little more."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    body = zlib.compress(bytes(70_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def test_the_limit_is_told_and_can_be_raised(tmp_path: Path, encoded: Encoded) -> None:
    path = tmp_path / "canvas.png"
    path.write_bytes(bomb(23_000, 30_000))
    error = fault(path)
    assert error.kind == "limit" and DecodeTask(b"").limit_px == LIMIT_PX
    assert str(error) == (
        "690 megapixels (23,000 × 30,000), over the limit of 250, which can be raised"
    )
    path.write_bytes(encoded(Image.new("RGB", (300, 200)), "PNG"))
    assert fault(path, limit_px=50_000).kind == "limit"
    decoded, _ = decode(DecodeTask(os.fsencode(path), limit_px=60_000))
    assert decoded.width == 300


def test_a_file_larger_than_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    with path.open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)  # a hole: it takes no room
    assert fault(path).kind == "limit"


def test_faults_survive_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(Undecodable("no permission to read it", "permission")))
    assert (str(error), error.kind) == ("no permission to read it", "permission")


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers[DecodeTask, Decoded]]:
    made: Workers[DecodeTask, Decoded] = Workers(decode, 1, slot_bytes=16 * 16 * 3, timeout_s=30)
    yield made
    made.close()


def test_kinds_arrive_from_a_worker(workers: Workers[DecodeTask, Decoded], tmp_path: Path) -> None:
    outcome = workers.run(DecodeTask(os.fsencode(tmp_path / "nowhere.jpg")))
    assert isinstance(outcome.error, Undecodable) and outcome.error.kind == "gone"


BOMB = """
import os, resource, sys
from core.images.decode import DecodeTask, Undecodable, decode
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))  # a small machine
try:
    decode(DecodeTask(os.fsencode(sys.argv[1]), limit_px=10**16))
except Undecodable as error:
    print(error.kind)
print(decode(DecodeTask(os.fsencode(sys.argv[2])))[0].width)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems set no limit to memory")
def test_a_bomb_costs_itself_and_not_the_machine(tmp_path: Path, encoded: Encoded) -> None:
    """With so high a limit that the size alone would not stop it, the system refuses the memory."""
    bad, good = tmp_path / "bomb.png", tmp_path / "good.png"
    bad.write_bytes(bomb(200_000, 200_000))
    good.write_bytes(encoded(Image.new("RGB", (30, 30)), "PNG"))
    command = [sys.executable, "-c", BOMB, str(bad), str(good)]
    root = Path(__file__).parents[3]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=root, check=True)
    assert answer.stdout.split() == ["memory", "30"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems set no limit to memory")
def test_a_worker_limits_its_own_memory(tmp_path: Path, encoded: Encoded) -> None:
    code = (
        "import multiprocessing, resource, sys\n"
        "from core.images import decode, limits\n"
        "def work(path, pipe):\n"
        "    decode.decode(decode.DecodeTask(path))\n"
        "    pipe.send(resource.getrlimit(resource.RLIMIT_AS)[0])\n"
        "here, there = multiprocessing.Pipe()\n"
        "context = multiprocessing.get_context('fork')\n"
        "context.Process(target=work, args=(sys.argv[1].encode(), there)).start()\n"
        "before, in_worker = resource.getrlimit(resource.RLIMIT_AS)[0], here.recv()\n"
        "print(before == -1, 0 < in_worker < 200 << 30)"
    )
    (tmp_path / "a.png").write_bytes(encoded(Image.new("RGB", (30, 30)), "PNG"))
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.png")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert answer.stdout.split() == ["True", "True"]
