"""Between a plan and its removal a person may think again: what no longer holds takes no file."""

from dataclasses import replace
from pathlib import Path

from removal_files import Library

from core.catalogue.records import Verdict
from core.duplicates.removal.records import Plan
from core.operations import history, pairs, removal


def test_a_judgement_that_no_longer_holds_takes_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path)
    names = ("a.png", "b.png", "c.png")
    library.take_in({name: name.encode() * (9 - n) for n, name in enumerate(names)})
    a, b, c = (library.content_ids[library.at(name)] for name in names)
    chained = library.plan([(library.at("a.png"), [library.at("c.png")])], ground="near")
    (group,) = chained.groups
    group = replace(group, leaving=(replace(group.leaving[0], ground="judged"),))
    chained = replace(chained, groups=(group,))

    def judge(one: int, two: int, verdict: Verdict) -> None:
        pairs.judge(library.project, one, two, verdict)

    def is_refused(plan: Plan, why: str = "no longer holds") -> bool:
        reasons = [one.reason for one in removal.check(library.project, plan)]
        assert bool(reasons) == (why in str(reasons))
        return bool(reasons)

    def takes_nothing(plan: Plan) -> bool:
        done = removal.apply(library.project, plan)
        return not done.went and len(done.refused) == 1 and is_refused(plan)

    with library.project:
        judge(a, b, "duplicate")
        plan = removal.plan(library.project)
        assert plan.files == 1 and not is_refused(plan)
        history.undo(library.project)
        assert takes_nothing(plan)
        # By way of a third one: until that is called different, and where the three contradict each other.
        judge(a, b, "duplicate")
        judge(b, c, "duplicate")
        assert not is_refused(plan) and not is_refused(chained)
        judge(b, c, "different")
        assert takes_nothing(chained)
        judge(b, c, "duplicate")
        judge(a, c, "different")
        assert is_refused(plan) and is_refused(chained, "judged")
        judge(a, c, "duplicate")
        assert not is_refused(plan) and not is_refused(chained)
        judge(a, b, "unsure")  # that contradicts nothing, and is no ground by itself
        assert is_refused(plan, "judged") and not is_refused(chained)
