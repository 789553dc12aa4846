"""Clusters made into tags, all of them in one step that can be undone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core import history
from core.catalogue import facts, tagging
from core.catalogue import tags as stored
from core.catalogue.session import Session
from core.catalogue.tagging import Tagging
from core.changes import Changes
from core.errors import UsageError
from core.labelling.edit import Content, PutLabels
from core.operations import tags
from core.project import Project

if TYPE_CHECKING:
    from core.operations.clusters import Clustering

PREFIX = "cluster"
_USED = "cluster tag prefixes"


@dataclass(frozen=True, slots=True)
class TagClusters(PutLabels):
    """As an import of labels, without a file: ``file`` holds what it does, in the words of a menu."""

    name: ClassVar[str] = "tag_clusters"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.TAGS

    @property
    def text(self) -> str:
        return self.file


def tag(
    project: Project,
    clustering: "Clustering",
    which: Sequence[int] | None = None,
    *,
    prefix: str = PREFIX,
) -> Changes:
    """Put on the images of these clusters (None: of all) a tag: ``prefix`` and the cluster's word. Undoable as one
    step.

    Images that have the tag already, and those that are gone, are left as they are. Raises UsageError for a cluster
    that there is not, and for a tag that is too long.
    """
    count = len(clustering.names)
    wanted = sorted(set(range(count) if which is None else which))
    if wanted and not 0 <= wanted[0] <= wanted[-1] < count:
        raise UsageError(f"There are {count} clusters, numbered from 0.")
    names = [tag_of(clustering, one, prefix) for one in wanted]
    number = np.full(count + 1, -1, dtype=np.int32)
    number[wanted] = np.arange(len(wanted), dtype=np.int32)
    codes = number[clustering.codes]
    inside = codes >= 0
    ids, codes = clustering.image_ids[inside], codes[inside]
    with project.write(durable=True) as session:
        there = np.isin(ids, stored.existing(session, ids))
        ids, codes = ids[there], codes[there]
        is_on = np.ones(len(ids), dtype=np.bool_)
        lacking = ~tagging.read(session, Tagging(names, ids, codes, is_on)).is_on
        if not lacking.any():
            return Changes.NONE
        _remember(session, prefix)
        content = Content(tags=Tagging(names, ids[lacking], codes[lacking], is_on[lacking]))
        before = content.now(session)
        images = int(np.count_nonzero(lacking))
        amount = "1 cluster" if len(wanted) == 1 else f"{len(wanted):,} clusters"
        of = "1 image" if images == 1 else f"{images:,} images"
        words = f"Tag {amount}, {of}"
        command = TagClusters(words, images, content, False, before.digest(), before)
        return history.do(session, command)


def tag_of(clustering: "Clustering", which: int, prefix: str = PREFIX) -> str:
    """The tag that ``tag`` gives to a cluster: "cluster Milk", "cluster 7". Raises UsageError as ``tag`` does."""
    word = clustering.words[which]
    if prefix.strip():
        word = word.removeprefix("Cluster ")
    return tags.checked(f"{prefix} {word}")


def is_own(session: Session, names: Sequence[str]) -> list[bool]:
    """Whether each of these tags begins with what tags of clusters began with: a cluster is not called by them."""
    used = tuple(f"{one} " for one in {PREFIX, *_prefixes(session)})
    return [one.startswith(used) for one in names]


def _prefixes(session: Session) -> list[str]:
    found: list[str] = json.loads(facts.get(session, _USED, "[]"))
    return found


def _remember(session: Session, prefix: str) -> None:
    used, prefix = _prefixes(session), " ".join(prefix.split())
    if prefix and prefix not in used:
        facts.put(session, _USED, json.dumps([*used, prefix]))
