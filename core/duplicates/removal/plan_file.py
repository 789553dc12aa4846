"""A plan as a file: JSON that a person can read, and take entries out of."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from core.catalogue.removals import HOWS, How
from core.duplicates.removal import texts
from core.duplicates.removal.records import Ground, Keeper, Leaving, Plan, PlanGroup
from core.errors import UsageError

MARK = "lookalike_plan"
VERSION = 1
_GROUNDS = ("exact", "pixels", "judged", "near")


def save(plan: Plan, path: Path) -> None:
    """Write the plan to ``path``, whole or not at all. Raises UsageError where that cannot be."""
    document = as_json(plan)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(beside, "w", encoding="utf-8", newline="\n") as file:
            json.dump(document, file, ensure_ascii=False, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"The plan cannot be written to {path}: {error.strerror}.") from error


def as_json(plan: Plan) -> dict[str, Any]:
    """The document that a plan is kept as."""
    document: dict[str, Any] = {
        MARK: VERSION,
        "uid": plan.uid,
        "catalogue": plan.catalogue,
        "made_at": datetime.fromtimestamp(plan.made_at, UTC).isoformat(),
        "how": plan.how,
        "kinds": list(plan.kinds),
        "threshold": plan.threshold,
        "judged": plan.judged,
        "rules": list(plan.rules),
        "files": plan.files,
        "bytes": plan.size_bytes,
    }
    texts.put(document, "folder", plan.folder)
    document["protected"] = [_path(one) for one in plan.protected]
    document["notes"] = list(plan.notes)
    document["groups"] = [
        {
            "keep": _keeper(group.keeper),
            "remove": [_leaving(one) for one in group.leaving],
        }
        for group in plan.groups
    ]
    return document


def _path(raw: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    texts.put(entry, "path", raw)
    return entry


def _keeper(one: Keeper) -> dict[str, Any]:
    return {
        **_path(one.raw_path),
        "bytes": one.size_bytes,
        "sha256": one.sha256.hex(),
        "image": one.image,
        "content": one.content,
    }


def _leaving(one: Leaving) -> dict[str, Any]:
    entry = {
        **_path(one.raw_path),
        "because": one.ground,
        "kept_instead_for": one.why,
        "bytes": one.size_bytes,
        "sha256": one.sha256.hex(),
        "mtime_ns": one.mtime_ns,
        "image": one.image,
        "content": one.content,
    }
    return entry if one.score is None else {**entry, "score": round(one.score, 4)}


def read(path: Path) -> Plan:
    """The plan at ``path``. Raises UsageError, in one sentence, for a file that is no plan or a damaged one."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The plan {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no plan of a removal.") from error
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no plan of a removal, or it is damaged.") from error
    if not isinstance(document, dict) or MARK not in document:
        raise UsageError(f"{path} is no plan of a removal.")
    if document[MARK] != VERSION:
        raise UsageError(
            f"The plan {path} was written by another version of Lookalike; make it again."
        )
    try:
        return replace(_plan(document), path=path)
    except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
        what = error.sentence if isinstance(error, UsageError) else f"{error!s} is missing or wrong"
        raise UsageError(f"The plan {path} is damaged: {what.rstrip('.')}.") from error


def _plan(document: dict[str, Any]) -> Plan:
    how = document["how"]
    if how not in HOWS:
        raise UsageError(f"“how” is {how!r}")
    return Plan(
        uid=str(document["uid"]),
        catalogue=str(document["catalogue"]),
        made_at=datetime.fromisoformat(document["made_at"]).timestamp(),
        how=cast(How, how),
        groups=tuple(_group(one) for one in document["groups"]),
        folder=texts.get(document, "folder"),
        kinds=tuple(map(str, document["kinds"])),
        threshold=None if document["threshold"] is None else float(document["threshold"]),
        judged=bool(document["judged"]),
        rules=tuple(map(str, document["rules"])),
        protected=tuple(texts.need(one, "path") for one in document["protected"]),
        notes=tuple(map(str, document.get("notes", ()))),
    )


def _group(entry: dict[str, Any]) -> PlanGroup:
    keep = entry["keep"]
    keeper = Keeper(
        int(keep["image"]), int(keep["content"]), texts.need(keep, "path"), _digest(keep),
        int(keep["bytes"]),
    )  # fmt: skip
    return PlanGroup(keeper, tuple(_entry(one) for one in entry["remove"]))


def _entry(entry: dict[str, Any]) -> Leaving:
    if entry["because"] not in _GROUNDS:
        raise UsageError(f"“because” is {entry['because']!r}")
    score = entry.get("score")
    return Leaving(
        image=int(entry["image"]),
        content=int(entry["content"]),
        raw_path=texts.need(entry, "path"),
        sha256=_digest(entry),
        size_bytes=int(entry["bytes"]),
        mtime_ns=int(entry["mtime_ns"]),
        ground=cast(Ground, entry["because"]),
        why=str(entry["kept_instead_for"]),
        score=None if score is None else float(score),
    )


def _digest(entry: dict[str, Any]) -> bytes:
    digest = bytes.fromhex(entry["sha256"])
    if len(digest) != 32:
        raise UsageError("a “sha256” is not 64 hexadecimal digits")
    return digest
