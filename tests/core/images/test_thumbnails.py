"""The thumbnail store keeps, bounds itself, and starts again when its file is damaged."""

import hashlib
from pathlib import Path

from core.images.thumbnails import ThumbnailStore


def entry(number: int, size: int = 50) -> tuple[bytes, bytes]:
    return hashlib.sha256(str(number).encode()).digest(), bytes([number % 256]) * size


def test_kept_and_found_again(tmp_path: Path) -> None:
    store = ThumbnailStore(tmp_path / "t.sqlite", write=True)
    entries = [entry(number) for number in range(1200)]
    store.put(entries)
    store.put(entries[:3])
    assert store.get([sha for sha, _ in entries]) == dict(entries)
    assert store.get([b"x" * 32]) == {}
    store.close()
    reader = ThumbnailStore(tmp_path / "t.sqlite", write=False)
    assert reader.get([entries[7][0]]) == {entries[7][0]: entries[7][1]}
    reader.put([entry(5000)])
    assert reader.get([entry(5000)[0]]) == {}
    reader.close()


def test_the_oldest_go_when_it_is_full(tmp_path: Path) -> None:
    store = ThumbnailStore(tmp_path / "t.sqlite", write=True, limit_bytes=2_000_000)
    for start in range(0, 4000, 500):
        store.put([entry(number, 1000) for number in range(start, start + 500)])
    kept = store.get([entry(number, 1000)[0] for number in range(4000)])
    assert entry(3999, 1000)[0] in kept and entry(0, 1000)[0] not in kept
    assert sum(map(len, kept.values())) <= 2_200_000
    store.close()


def test_a_damaged_cache_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    path.write_bytes(b"this was never a database" * 100)
    store = ThumbnailStore(path, write=True)
    store.put([entry(1)])
    assert store.get([entry(1)[0]]) == dict([entry(1)])
    store.close()
    path.write_bytes(b"nor this" * 100)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    reader = ThumbnailStore(path, write=False)
    assert reader.get([entry(1)[0]]) == {}
    reader.close()
