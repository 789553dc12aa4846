"""Duplicates against a truth made by editing pictures: ours, imagededup and ImageHash on the same files.

`lookalike bench duplicates [--source FOLDER] [--size N] [--with-peers] --json`: N photos of the folder (default 400;
without one, 200 of the drawn demo pictures) are each put into a fresh folder with six edits of the 40 of
``_edits.DUPLICATES``, which go round, and every second with a made burst, which is no duplicate; five times as many
photos lie there without any edit, some as two halves that share nothing. All is drawn from a fixed seed.

Truth: two files are duplicates if and only if they come from one original by edits that are not hard; originals whose
pixels are equal are one. So a pair of two photos that were taken after one another is false, whatever it looks like.

- `precision` is over all pairs that are found, of whatever files; `recall` over (original, edited file), `by_edit` of
  each edit. `false_by_kind` says what false pairs are: consecutive photos (three places or less apart in a folder),
  same folder, same class (folders of one name), other class, or the made kinds.
- `without_small_crops_and_captions` leaves out files cropped to under 70 % of each side, and captions.
- `ours`: import (`import_s`) and finding (`find_s`) apart, `seconds` both. `missed` says where what was not found got
  lost: it was never compared (`no candidate`), compared and refused (`refused`), or linked below the threshold.
  `held` is the same for files from folders that nobody looked at while fitting (half of the folders, by name).
- peers: at the threshold that is theirs (ImageHash has none: 10 bits, of colorhash 1), and as `at_our_precision` at
  the threshold of most recall among those at least as precise as ours (`has_reached` is false where none is: that of
  the best precision). `behind`: edits of which a peer that has reached our precision finds more than ours.
  `crop_resistant_hash` is asked about some of the files only (`files`), with ours on these as `ours`.
  A peer that is not installed is null. Environment LOOKALIKE_BENCH_KEEP=FOLDER keeps files, catalogue and truth.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

SIZE, DRAWN_SIZE, OTHERS_EACH = 400, 200, 5
SUBSET = 260
_SWEPT = [round(one / 100, 2) for one in range(30, 100)]


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """Figures of ours, and of the peers where they are asked for."""
    import _duplicate_truth

    with _place() as place:
        files = place / "files"
        if source is None:
            paths, size = _drawn(place / "drawn"), size or DRAWN_SIZE
            source = place / "drawn"
        else:
            paths, size = _duplicate_truth.photos(source), size or SIZE
        truth = _duplicate_truth.make(source, files, size, OTHERS_EACH * size, paths)
        rows = [asdict(one) for one in truth.files]
        (place / "truth.json").write_text(json.dumps(rows), encoding="utf-8")
        sys.stderr.write(f"{len(truth.files)} files\n")
        found, figures = _ours(place, files, truth)
        result: dict[str, Any] = {"files": len(truth.files), "originals": size, "ours": figures}
        if with_peers:
            result |= _peers(place, files, truth, found, figures)
        return result


@contextlib.contextmanager
def _place() -> Iterator[Path]:
    kept = os.environ.get("LOOKALIKE_BENCH_KEEP")
    if kept:
        place = Path(kept)
        place.mkdir(parents=True)
        yield place
    else:
        with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
            yield Path(folder)


def _drawn(folder: Path) -> list[Path]:
    """The demo pictures that are no copies."""
    from core.operations import demo

    truth = demo.make_images(folder)
    return sorted(folder / one.path for one in truth.items if one.kind == "original")


def _ours(place: Path, files: Path, truth: Any) -> tuple[Any, dict[str, Any]]:
    """(what the command line lists, its figures with the time that it took)."""
    from core.operations import imports, links, projects

    with projects.create(place / "c.lookalike") as project:
        began = time.perf_counter()
        imports.import_folders(project, [files])
        imported = time.perf_counter()
        links.update(project)
        updated = time.perf_counter()
        found, figures = _measured(project, truth)
    figures |= {
        "seconds": round(updated - began, 1),
        "import_s": round(imported - began, 1),
        "find_s": round(updated - imported, 1),
    }
    sys.stderr.write(f"ours: {figures['precision']} {figures['recall']}\n")
    return found, figures


def _measured(project: Any, truth: Any) -> tuple[Any, dict[str, Any]]:
    """(what the command line lists, its figures) of a catalogue of which all is compared."""
    from _duplicate_scores import Found, Judge

    from core.operations import duplicates

    pairs = duplicates.find(project)
    names = [Path(path).name for one in pairs for path in (one.a, one.b)]
    places = truth.rows(names).reshape(-1, 2)
    scores = np.array([one.score for one in pairs], dtype=np.float64)
    found = Found.of(places[:, 0], places[:, 1], scores)
    every, refuted, first_of = _linked(project, truth)
    judge = Judge(truth)
    figures = judge.figures(found)
    figures |= {
        "compared": len(every.a) + len(refuted),
        "missed": _missed(judge, found, every, refuted, first_of),
        "held": Judge(truth, truth.is_held).figures(found),
        "sweep": [
            [one, judge.precision(part := every.above(one)), round(judge.recall(part), 4)]
            for one in _SWEPT
        ],
    }
    return found, figures


def _linked(project: Any, truth: Any) -> tuple[Any, NDArray[np.int64], NDArray[np.int64]]:
    """(all stored links as pairs of files, keys of files that were compared in vain, for each file the one that
    stands for its content in these)."""
    from _duplicate_scores import Found

    from core.catalogue import contents, images
    from core.catalogue import links as stored
    from core.operations import links

    every = links.load(project)
    with project.read() as session:
        keys = stored.refuted(session)
        ids = contents.in_use(session).tolist()
        by_content = images.of_contents(session, ids)
        described = images.describe(session, [one for each in ids for one in by_content[each]])
    places = truth.rows([Path(one.path).name for one in described])
    first_of = np.arange(len(truth.files), dtype=np.int64)
    row_of: dict[int, int] = {}
    for one, row in zip(described, places.tolist(), strict=True):
        first_of[row] = row_of.setdefault(one.content_id, row)

    def rows(ids: NDArray[Any]) -> NDArray[np.int64]:
        return np.array([row_of[one] for one in ids.tolist()], dtype=np.int64)

    a, b = stored.pairs_of(keys)
    low, high = np.minimum(rows(a), rows(b)), np.maximum(rows(a), rows(b))
    found = Found.of(rows(every.a), rows(every.b), every.scores)
    return found, low * len(truth.files) + high, first_of


def _missed(
    judge: Any, found: Any, every: Any, refuted: NDArray[np.int64], first_of: NDArray[np.int64]
) -> dict[str, Any]:
    """By edit, where (original, edited) pairs that were not found got lost."""
    keys = judge.keys(first_of[judge.wanted[:, 0]], first_of[judge.wanted[:, 1]])
    lost = ~judge.is_found(found)
    stages = {
        "below the threshold": np.isin(keys, judge.keys(every.a, every.b)),
        "refused": np.isin(keys, refuted),
    }
    stages["no candidate"] = ~stages["below the threshold"] & ~stages["refused"]
    told: dict[str, dict[str, int]] = {}
    for edit, row in zip(judge.edits, range(len(keys)), strict=True):
        if lost[row]:
            stage = next(name for name, here in stages.items() if here[row])
            told.setdefault(edit, {}).setdefault(stage, 0)
            told[edit][stage] += 1
    return told


def _peers(
    place: Path, files: Path, truth: Any, found: Any, ours: dict[str, Any]
) -> dict[str, Any]:
    import _duplicate_peers as peers
    from _duplicate_scores import Found, Judge

    result: dict[str, Any] = {}
    behind: dict[str, dict[str, list[float]]] = {}
    for peer in peers.PEERS:
        folder, judge = files, Judge(truth)
        if peer == peers.CROP_RESISTANT:
            folder, judge = _some(place, files, truth)
        answer = peers.ask(peer, folder, place / "answer.npz")
        if isinstance(answer, str):
            sys.stderr.write(f"{answer}\n")
            result[peer] = None
            continue
        rows = truth.rows(answer.names)
        theirs = Found.of(rows[answer.a], rows[answer.b], answer.scores)
        figures = judge.figures(theirs.above(peers.DEFAULTS[peer]))
        mine = judge.figures(found) if folder != files else ours
        thresholds = sorted(
            {round(float(one), 3) for one in theirs.scores[:: max(1, len(theirs.scores) // 400)]}
        )
        thresholds += (
            [1 - 0.001 * step for step in range(60)]
            if peer in peers.WEIGHTS
            else [-float(one) for one in range(25)]
        )
        level = judge.at_precision(theirs, mine["precision"] or 0.0, thresholds)
        figures |= {
            "seconds": round(answer.encode_s + answer.find_s, 1),
            "threshold": peers.DEFAULTS[peer],
            "at_our_precision": level,
        }
        if peer in peers.WEIGHTS:
            figures["weights"] = peers.WEIGHTS[peer]
        if folder != files:
            figures |= {"files": len(answer.names), "ours": mine}
        if level["has_reached"]:
            more = {
                edit: [share, mine["by_edit"][edit]]
                for edit, share in level["by_edit"].items()
                if share > mine["by_edit"][edit]
            }
            if more:
                behind[peer] = more
        result[peer] = figures
        said = {key: level.get(key) for key in ("has_reached", "threshold", "precision", "recall")}
        sys.stderr.write(f"{peer}: {figures['precision']} {figures['recall']} {said}\n")
    return {**result, "behind": behind}


def _some(place: Path, files: Path, truth: Any) -> tuple[Path, Any]:
    """(a folder with the first files of the truth, all edits of some originals, and others; a judge of these)."""
    from _duplicate_scores import Judge

    folder = place / "some"
    folder.mkdir()
    rows = list(range(min(SUBSET, len(truth.files))))
    kept = np.zeros(len(truth.files), dtype=bool)
    kept[rows] = True
    for row in rows:
        shutil.copyfile(files / truth.files[row].name, folder / truth.files[row].name)
    return folder, Judge(truth, kept)
