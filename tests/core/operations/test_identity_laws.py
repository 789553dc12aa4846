"""Random sequences of moves, edits, swaps, deletions and imports, against a small model of what is promised."""

import os
import struct
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.catalogue.filters import Filter
from core.operations import images, projects, sources, tags

NAMES = ("a.bmp", "b.bmp", "c.bmp", "x/a.bmp", "x/b.bmp")
Place = tuple[int, str]  # (source, path below it)


def bitmap(number: int) -> bytes:
    """A small BMP whose bytes are those of no other number; only few lengths, so that they coincide."""
    width = 4 + 4 * (number % 2)
    rows = (struct.pack("<I", number)[:3] + b"\x80\x40\x20" * (width - 1)) * 4
    head = struct.pack("<2sIHHI", b"BM", 54 + len(rows), 0, 0, 54)
    return head + struct.pack("<IiiHHIIiiII", 40, width, 4, 1, 24, 0, len(rows), 0, 0, 0, 0) + rows


class Known:
    """An image of the model: where it is, what it holds, its tag."""

    def __init__(self, place: Place, content: int, tag: str) -> None:
        self.place, self.content, self.tag = place, content, tag
        self.is_missing = self.is_out = False


def shared_ending(one: Known, place: Place) -> int:
    """How many names, from the last on, the paths have in common."""
    count = 0
    for a, b in zip(one.place[1].split("/")[::-1], place[1].split("/")[::-1], strict=False):
        if a != b:
            break
        count += 1
    return count


class Files(RuleBasedStateMachine):
    """Two sources on a disk and in a catalogue. Every content is at one place only, so nothing is a guess."""

    def __init__(self) -> None:
        super().__init__()
        self._home = tempfile.TemporaryDirectory()
        home = Path(self._home.name)
        self.roots = [home / "one", home / "other"]
        for root in self.roots:
            (root / "x").mkdir(parents=True)
            (root / "note.txt").write_text("so that no source is empty")
        self.project = projects.create(home / "c.lookalike")
        self.disk: dict[Place, int] = {}
        self.aside: list[int] = []
        self.known: list[Known] = []
        self.seen: set[int] = set()
        self.clock, self.contents = 1_000_000, 0

    def teardown(self) -> None:
        self.project.close()
        self._home.cleanup()

    places = st.tuples(st.integers(0, 1), st.sampled_from(NAMES))

    def path(self, place: Place) -> Path:
        return self.roots[place[0]] / place[1]

    def write(self, place: Place, content: int) -> None:
        self.path(place).write_bytes(bitmap(content))
        self.clock += 1
        os.utime(self.path(place), (self.clock, self.clock))
        self.disk[place] = content

    @rule(place=places)
    def make_or_edit(self, place: Place) -> None:
        self.contents += 1
        self.write(place, self.contents)

    @precondition(lambda self: self.disk)
    @rule(data=st.data(), to=places)
    def move(self, data: st.DataObject, to: Place) -> None:
        """Over whatever is there."""
        place = data.draw(st.sampled_from(sorted(self.disk)))
        if place != to:
            self.path(place).replace(self.path(to))
            self.disk[to] = self.disk.pop(place)

    @precondition(lambda self: len(self.disk) > 1)
    @rule(data=st.data())
    def swap(self, data: st.DataObject) -> None:
        one, other = data.draw(
            st.lists(st.sampled_from(sorted(self.disk)), min_size=2, max_size=2, unique=True)
        )
        aside = self.roots[0] / "aside"
        self.path(one).replace(aside)
        self.path(other).replace(self.path(one))
        aside.replace(self.path(other))
        self.disk[one], self.disk[other] = self.disk[other], self.disk[one]

    @precondition(lambda self: self.disk)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.disk)))
        self.path(place).unlink()
        self.aside.append(self.disk.pop(place))

    @precondition(lambda self: self.aside)
    @rule(data=st.data(), place=places)
    def restore(self, data: st.DataObject, place: Place) -> None:
        """Bytes that were deleted turn up again, with another time."""
        content = data.draw(st.sampled_from(self.aside))
        self.aside.remove(content)
        self.write(place, content)

    @precondition(lambda self: self.disk)
    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.disk)))
        self.write(place, self.disk[place])

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def take_out_or_bring_back(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.known) - 1))
        one = self.known[number]
        (images.bring_back if one.is_out else images.take_out)(self.project, [self.id_of(one)])
        one.is_out = not one.is_out

    def id_of(self, one: Known) -> int:
        wanted = Filter(tags=frozenset((one.tag,)))
        found = [
            image_id
            for state in ("present", "missing", "removed")
            for image_id in images.list_ids(
                self.project, Filter(tags=wanted.tags, state=state)
            ).tolist()
        ]
        assert len(found) == 1, one.tag
        return int(found[0])

    @rule(which=st.sampled_from(((0,), (1,), (0, 1), (1, 0))))
    def look(self, which: tuple[int, ...]) -> None:
        """Import one or both of the sources; the model follows what is promised."""
        sources.import_folders(self.project, [self.roots[one] for one in which], embed=False)
        self.follow(set(which))
        self.check()

    def follow(self, walked: set[int]) -> None:
        here = {place: content for place, content in self.disk.items() if place[0] in walked}
        at = {one.place: one for one in self.known}
        moving: dict[Place, Known] = {}
        for place, content in here.items():
            if place in at and at[place].content == content:
                continue
            free = []
            for number, one in enumerate(self.known):
                now = self.disk.get(one.place)
                is_looked_at = one.place[0] in walked
                if one.content != content:
                    continue
                if now is None and (is_looked_at or one.is_missing):
                    free.append((-shared_ending(one, place), 0, number))
                # Other bytes are there: known ones, or the new place was another image's.
                has_others = is_looked_at and now is not None and now != content
                if has_others and (now in self.seen or place in at):
                    free.append((-shared_ending(one, place), 1, number))
            if free:
                moving[place] = self.known[min(free)[2]]
        while stuck := [
            place for place in moving if place in at and at[place] not in moving.values()
        ]:
            for place in stuck:
                del moving[place]
        self.seen |= set(here.values())
        leaving = list(moving.values())
        for place, content in here.items():
            if place in moving:
                continue
            occupant = at.get(place)
            if occupant is not None and occupant not in leaving:
                occupant.content = content
                occupant.is_missing = False
            else:
                self.known.append(Known(place, content, ""))
        for place, owner in moving.items():
            owner.place, owner.is_missing = place, False
        for one in self.known:
            if one.place[0] in walked:
                one.is_missing = one.place not in self.disk

    def check(self) -> None:
        """The catalogue holds what the model says; new images get a tag by which they are known later."""
        for one in self.known:
            if not one.tag:
                one.tag = f"{len(self.known)}-{self.contents}-{one.place}"
                image_id = images.id_of_path(self.project, self.path(one.place))
                assert image_id is not None
                tags.add(self.project, np.array([image_id]), one.tag)
        expected = {
            one.tag: (str(self.path(one.place)), one.is_missing, one.is_out) for one in self.known
        }
        found = {}
        for state in ("present", "missing", "removed"):
            ids = images.list_ids(self.project, Filter(state=state)).tolist()  # type: ignore[arg-type]
            for image in images.describe(self.project, ids):
                (name,) = image.tags
                assert name not in found
                found[name] = (image.path, image.is_missing, image.is_removed)
        assert found == expected

    @invariant()
    def nothing_is_lost(self) -> None:
        """Whatever happens on the disk, no image and no tag ever goes."""
        assert len(tags.list_tags(self.project)) == len([one for one in self.known if one.tag])


def test_tags_stay_where_they_are_promised_to() -> None:
    run_state_machine_as_test(
        Files,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
