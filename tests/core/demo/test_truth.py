"""The known truth about the demo images is consistent, and there without drawing anything."""

from collections import Counter
from pathlib import PurePosixPath

from core.demo import items, truth


def test_counts() -> None:
    known = truth()
    kinds = Counter(item.kind for item in known.items)
    assert known.images == 480
    assert len(known.families) == 25
    assert len(known.exact_pairs) == kinds["exact"] == 12
    assert len(known.unreadable) == kinds["unreadable"] == 3
    for kind in ("crop", "recompressed", "mirrored", "recoloured", "caption", "resized", "turned"):
        assert kinds[kind] >= 8, kind
    assert len(known.items) == known.images + 3
    assert items() == list(known.items)


def test_paths_are_distinct_and_safe_on_every_system() -> None:
    paths = [item.path for item in truth().items]
    assert len({path.casefold() for path in paths}) == len(paths)
    for path in paths:
        parts = PurePosixPath(path).parts
        assert len(parts) == 2
        assert not set('<>:"\\|?*') & set(path)
        assert all(part == part.strip(" .") for part in parts)


def test_families_hold_their_items() -> None:
    known = truth()
    originals = Counter(item.family for item in known.items if item.kind == "original")
    assert set(originals) == set(known.families)
    assert min(originals.values()) >= 16
    elsewhere = [item for item in known.items if not item.path.startswith(f"{item.family}/")]
    assert {item.kind for item in elsewhere} == {"exact"}
    assert 3 <= len(elsewhere) < 12


def test_pairs_refer_to_originals_once() -> None:
    known = truth()
    kinds = {item.path: item.kind for item in known.items}
    of = [pair[0] for pair in known.exact_pairs] + [pair[0] for pair in known.near_pairs]
    assert {kinds[path] for path in of} == {"original"}
    assert len(set(of)) == len(of)
    assert all(kinds[copy] == "exact" for _, copy in known.exact_pairs)
    assert all(kinds[copy] == kind for _, copy, kind in known.near_pairs)


def test_variety_of_files() -> None:
    readable = [item for item in truth().items if item.kind != "unreadable"]
    suffixes = Counter(PurePosixPath(item.path).suffix for item in readable)
    assert set(suffixes) == {".jpg", ".png", ".webp"}
    assert suffixes[".jpg"] > len(readable) / 2
    variants = Counter(item.variant for item in readable)
    assert {"grey", "alpha", "orientation-3", "orientation-6", "orientation-8"} <= set(variants)
    assert sum(not item.path.isascii() for item in readable) >= 5
    assert len({item.size_px for item in readable}) >= 8
