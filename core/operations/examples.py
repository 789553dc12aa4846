"""What a catalogue offers to learn from: its classes, tags or judged pairs, and what of them is held out."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, embeddings, images, labels, pairs, queries
from core.catalogue.records import Graph
from core.catalogue.session import Session
from core.errors import UsageError
from core.operations import neighbours
from core.operations.encoders import BUILTIN
from core.project import Project
from core.training import holdout, implied
from core.training.brief import Gathered
from core.training.examples import (
    Conflict,
    Examples,
    Ints,
    from_classes,
    from_pairs,
    pairs_among,
)
from core.training.holdout import Parts
from core.training.records import Survey
from core.training.settings import Settings

_WATCHED_SHARE, _LEAST_WATCHED, _MOST_WATCHED = 0.15, 20, 1000
# A class that gives images to watch must keep enough to learn from.
_LEAST_TO_WATCH = 8
_LEARNED, _HELD_OUT, _WATCHED = ("train", "gallery"), ("test", "query"), ("val",)
_TOLD_CONFLICTS = 50
_NOTHING = {
    "folders": "No image lies in a folder that could be its class.",
    "labels": "No image has a label from a table; import labels, or learn from folders.",
    "tags": "No image has exactly one tag that could be its class.",
    "pairs": "No pair has been judged yet; mark some as duplicates or similar, and some as different.",
}


def gather(project: Project, settings: Settings) -> Gathered:
    """Read what there is to learn from, and divide it. ``survey.problem`` says where nothing can be learnt.

    Raises UsageError for a split that there is not.
    """
    settings.checked()
    with project.read() as session:
        if settings.labels == "pairs":
            examples = _from_pairs(project, session)
            of_images = np.zeros(0, dtype=np.int64)
        else:
            examples, of_images = _from_classes(project, session, settings)
    problem = _problem(examples, settings)
    graph = leak_graph(project)
    groups = holdout.leak_groups(examples.content_ids, graph)
    notes: list[str] = []
    if graph is None:
        notes.append(
            "Near-duplicates may be on both sides: the catalogue has no neighbours by builtin to tell them by."
        )
    if problem:
        nobody = np.zeros(len(examples), dtype=bool)
        parts = Parts(nobody, nobody, nobody)
    else:
        parts = _divide(project, settings, examples, groups, notes)
        problem = _problem_of_parts(examples, parts)
        if examples.is_pairs and not problem:
            more = implied.count(examples)
            if more:
                judged = len(examples.judged_same) + len(examples.judged_different)
                notes.append(f"From {judged:,} judged pairs {more:,} more follow by their chains.")
            rows = np.flatnonzero(parts.held_out)
            _, is_same = pairs_among(examples.labels, rows, examples.different)
            if not is_same.any() or is_same.all():
                notes.append(
                    "Too few judged pairs are held out to tell whether it gets better; judge more."
                )
    if settings.labels == "pairs":
        measured = np.flatnonzero(parts.held_out)
    else:
        measured = _of_images(examples, of_images, parts.held_out)
    survey = _survey(project, settings, examples, parts, problem, notes, len(measured))
    return Gathered(examples, parts, groups, measured, survey)


def _from_classes(project: Project, session: Session, settings: Settings) -> tuple[Examples, Ints]:
    assert settings.labels != "pairs"
    index = project.index(session)
    names = queries.class_names(session, index, settings.labels)
    ids = np.array(sorted(names), dtype=np.int64)
    content_ids = queries.content_ids(index, ids).astype(np.int64)
    words = sorted(set(names.values()))
    number = {word: place for place, word in enumerate(words)}
    classes = np.array([number[names[int(one)]] for one in ids], dtype=np.int64)
    return from_classes(content_ids, classes, words), content_ids


def _from_pairs(project: Project, session: Session) -> Examples:
    used = set(contents.in_use(session).tolist())
    said = [one for one in pairs.every(session) if one.a in used and one.b in used]
    found = from_pairs(
        ((one.a, one.b) for one in said if one.verdict in ("duplicate", "similar")),
        ((one.a, one.b) for one in said if one.verdict == "different"),
    )
    # What their folders say of them beside that.
    index = project.index(session)
    names = queries.class_names(session, index, "folders")
    ids = np.array(sorted(names), dtype=np.int64)
    by_content = dict(
        zip(queries.content_ids(index, ids).tolist(), (names[int(one)] for one in ids), strict=True)
    )
    words = {word: place for place, word in enumerate(sorted(set(by_content.values())))}
    classes = [words.get(by_content.get(int(one), ""), -1) for one in found.content_ids]
    return replace(found, classes=np.array(classes, dtype=np.int64))


def leak_graph(project: Project) -> Graph | None:
    """The neighbours by the embedded encoder, which near-duplicates are told by: the cosine is of it alone."""
    with project.read() as session:
        found = embeddings.find(session, BUILTIN)
    return neighbours.load(project, found) if found is not None else None


def _problem(examples: Examples, settings: Settings) -> str:
    """Why nothing can be learnt from these examples, or nothing."""
    sizes = examples.sizes
    if not len(examples):
        if examples.conflicts and settings.labels == "pairs":
            return "All judged pairs contradict each other, so nothing can be learnt from them."
        if examples.conflicts:
            return "Every labelled image has several classes, so none of them can be learnt."
        return _NOTHING[settings.labels]
    if examples.is_pairs:
        if not (sizes > 1).any():
            return "No two images were said to be alike; mark some pairs as duplicates or similar."
        if not len(examples.different):
            return (
                "No two images were said to be different; without such pairs all would grow alike."
            )
        return ""
    if int((sizes > 0).sum()) < 2:
        return f"All labelled images are of one class ({examples.names[0]}), so there is nothing to tell apart."
    if not (sizes > 1).any():
        return "Every class has a single image, so nothing shows what belongs together."
    return ""


def _problem_of_parts(examples: Examples, parts: Parts) -> str:
    learned = examples.labels[parts.learned]
    if not _is_enough(learned):
        return "Too few images are left to learn from once some are held out to measure with."
    if examples.is_pairs and not np.isin(examples.different, learned).all(axis=1).any():
        return "Too few images said to be different are left to learn from; judge more pairs."
    if not parts.held_out.any():
        return (
            "No images could be held out to measure with: the classes are too small, or all alike."
        )
    return ""


def _is_enough(learned: Ints) -> bool:
    """Whether labels of what is learnt from hold two classes, and two images of one."""
    counts = np.bincount(learned)
    return bool((counts > 0).sum() > 1 and (counts > 1).any())


def _divide(
    project: Project, settings: Settings, examples: Examples, groups: Ints, notes: list[str]
) -> Parts:
    if settings.split:
        return _by_split(project, settings, examples, groups, notes)
    share, seed = settings.held_out_share, settings.seed
    if examples.is_pairs:
        held_out = holdout.divide_pairs(examples, groups, share, seed)
    elif settings.hold_out == "classes":
        held_out = holdout.divide_classes(examples.labels, share, seed)
    else:
        held_out = holdout.divide(examples.labels, groups, share, seed)
        if not held_out.any():
            notes.append("The classes are too small to divide, so whole classes are held out.")
            held_out = holdout.divide_classes(examples.labels, share, seed)
    learned = holdout.without_leaks(~held_out, held_out, groups)
    return _watch(settings, examples, groups, learned, held_out)


def _watch(
    settings: Settings,
    examples: Examples,
    groups: Ints,
    learned: NDArray[np.bool_],
    held_out: NDArray[np.bool_],
) -> Parts:
    """Set some of the learned images aside to watch while learning, where that leaves enough."""
    nobody = np.zeros(len(examples), dtype=bool)
    rows = np.flatnonzero(learned)
    if examples.is_pairs:
        few = examples.only(learned)
        chosen = holdout.divide_pairs(few, groups[rows], _WATCHED_SHARE, settings.seed + 1)
    elif settings.hold_out == "classes":
        chosen = holdout.divide_classes(examples.labels[rows], _WATCHED_SHARE, settings.seed + 1)
    else:
        sizes = np.bincount(examples.labels[rows])
        large = sizes[examples.labels[rows]] >= _LEAST_TO_WATCH
        rows = rows[large]
        chosen = holdout.divide(
            examples.labels[rows], groups[rows], _WATCHED_SHARE, settings.seed + 1
        )
    watched = nobody.copy()
    watched[rows[chosen]] = True
    if int(watched.sum()) < _LEAST_WATCHED:
        return Parts(learned, nobody, held_out)
    remaining = holdout.without_leaks(learned, watched, groups)
    if not _is_enough(examples.labels[remaining]):
        return Parts(learned, nobody, held_out)
    return Parts(remaining, _fewer(watched, examples.labels), held_out)


def _fewer(watched: NDArray[np.bool_], labels: Ints) -> NDArray[np.bool_]:
    """At most so many that looking stays quick: whole classes."""
    if int(watched.sum()) <= _MOST_WATCHED:
        return watched
    names = np.random.default_rng(9).permutation(np.unique(labels[watched]))
    counts = np.bincount(labels[watched], minlength=int(labels.max()) + 1)[names]
    kept = names[: max(2, int(np.searchsorted(counts.cumsum(), _MOST_WATCHED, side="right")))]
    return watched & np.isin(labels, kept)


def _by_split(
    project: Project, settings: Settings, examples: Examples, groups: Ints, notes: list[str]
) -> Parts:
    """As a stored split says: by its own name, or with one of its parts held out."""
    with project.read() as session:
        names = labels.split_names(session)
        name = settings.split if settings.split in names else names[0] if len(names) == 1 else None
        parts = labels.split(session, name) if name is not None else {}
        ids = np.array(sorted(parts), dtype=np.int64)
        content_ids = queries.content_ids(project.index(session), ids)
    part_of = {int(c): parts[int(i)] for i, c in zip(ids, content_ids, strict=True) if c}
    part = np.array([part_of.get(int(one), "") for one in examples.content_ids])
    if settings.split == name:
        held_out = np.isin(part, _HELD_OUT)
        watched = np.isin(part, _WATCHED)
        if not held_out.any():
            held_out, watched = watched, np.zeros(len(part), dtype=bool)
    else:
        held_out = part == settings.split
        watched = np.isin(part, _WATCHED) & ~held_out
    if not held_out.any():
        raise UsageError(f"There is no split or part of a split named {settings.split!r}.")
    learned = np.isin(part, _LEARNED) & ~held_out
    if not learned.any():
        learned = ~held_out & ~watched & ~np.isin(part, _HELD_OUT)
    kept = holdout.without_leaks(learned, held_out, groups)
    left = int(learned.sum() - kept.sum())
    if left:
        notes.append(
            f"{left:,} images of the split are not learnt from: near-duplicates of them are held out."
        )
    watched = holdout.without_leaks(watched, held_out, groups)
    if int(watched.sum()) < _LEAST_WATCHED:
        return _watch(settings, examples, groups, kept, held_out)
    watched = _fewer(watched, examples.labels)
    remaining = holdout.without_leaks(kept, watched, groups)
    if not _is_enough(examples.labels[remaining]):
        return Parts(kept, np.zeros(len(kept), dtype=bool), held_out)
    return Parts(remaining, watched, held_out)


def _of_images(examples: Examples, of_images: Ints, held_out: NDArray[np.bool_]) -> Ints:
    """The examples of the held-out images, one entry an image, in the order of the images."""
    places = np.searchsorted(examples.content_ids, of_images)
    places = np.minimum(places, max(0, len(examples) - 1))
    if not len(examples):
        return np.zeros(0, dtype=np.int64)
    is_known = examples.content_ids[places] == of_images
    found: Ints = places[is_known & held_out[places]]
    return found


def _survey(
    project: Project,
    settings: Settings,
    examples: Examples,
    parts: Parts,
    problem: str,
    notes: list[str],
    measured: int,
) -> Survey:
    sizes = examples.sizes[examples.sizes > 0]
    same = int((sizes[sizes > 1] - 1).sum()) if examples.is_pairs else 0
    return Survey(
        labels=settings.labels,
        labelled=len(examples),
        classes=len(sizes),
        tiny=int((sizes == 1).sum()),
        smallest=int(sizes.min()) if len(sizes) else 0,
        largest=int(sizes.max(initial=0)),
        same=same,
        different=len(examples.different),
        learned_from=int(parts.learned.sum()),
        held_out=measured,
        conflicts=_tell(project, examples.conflicts),
        notes=tuple(notes),
        problem=problem,
    )


def _tell(project: Project, conflicts: tuple[Conflict, ...]) -> tuple[str, ...]:
    """Conflicts as sentences, with names of files."""
    told = conflicts[:_TOLD_CONFLICTS]
    wanted = sorted({one for each in told for one in (*each.contents, *each.chain)})
    with project.read() as session:
        by_content = images.of_contents(session, wanted)
        ids = [found[0] for found in by_content.values() if found]
        names = {image.content_id: image.name for image in images.describe(session, ids)}

    def name(content_id: int) -> str:
        return names.get(content_id, f"content {content_id}")

    sentences = []
    for one in told:
        if one.classes:
            sentences.append(
                f"{name(one.contents[0])} has several classes: {', '.join(one.classes)}."
            )
        else:
            a, b = one.contents
            chain = " = ".join(name(each) for each in one.chain)
            sentences.append(
                f"{name(a)} and {name(b)} were said to be different, but others join them: {chain}."
            )
    if len(conflicts) > len(told):
        sentences.append(f"And {len(conflicts) - len(told):,} more.")
    return tuple(sentences)
