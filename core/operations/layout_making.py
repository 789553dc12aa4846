"""A layout carried out: begun where it should, shown while it moves, laid over another, and measured."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Layout
from core.jobs import Job
from core.layout import base
from core.layout.aligning import Similarity, procrustes
from core.layout.methods import Method
from core.operations import layout_facts, layout_material
from core.operations.layout_facts import Facts
from core.operations.layout_material import Points
from core.operations.layout_watch import Watch, watch_of
from core.project import Project


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made: how, from which positions on, and laid over which layout."""

    method: Method
    options: dict[str, Any]
    extends: Layout | None = None  # keep its points where they are
    goes_on_from: Layout | None = None
    lies_over: Layout | None = None
    lies_over_encoder: str | None = None


def carry_out(
    project: Project, of: Points, plan: Plan, job: Job
) -> tuple[NDArray[np.float32], Facts]:
    """Carry the plan out: (positions float32 [n, 2], what is known of them)."""
    from core.layout.making import make

    start, scale, fixed, placed = None, 1.0, None, 0
    before = plan.extends or plan.goes_on_from
    if before is not None:
        start = layout_material.positions_of(before, of.content_ids)
        scale = layout_facts.from_text(before.settings).scale
        is_known = ~np.isnan(start[:, 0])
        new = int(np.count_nonzero(~is_known))
        if not is_known.any():
            start = None
        elif plan.extends is not None and new <= len(is_known) - new:
            fixed, placed = is_known, new + layout_facts.from_text(before.settings).placed
    material = layout_material.material(
        project, of, plan.method, plan.options, job, start=start, start_scale=scale, fixed=fixed
    )
    material.check()
    layout = make(plan.method.name, material)
    done, is_early = _carried_out(project, of, plan, layout, job)
    positions, scale = layout.positions(), float(layout.scale)
    facts = Facts(
        options=plan.options, seed=material.seed, scale=scale, rounds=(done, layout.rounds),
        is_stopped_early=is_early,
    )  # fmt: skip
    if fixed is not None and before is not None:  # it is still the layout that it was
        facts = replace(layout_facts.from_text(before.settings), placed=placed)
    else:
        positions, facts = _aligned(positions, facts, of, plan)
    measured = layout_facts.measured(of, positions, plan.method, job)
    return positions, facts.with_quality(measured)


def _carried_out(
    project: Project, of: Points, plan: Plan, layout: base.Layout, job: Job
) -> tuple[int, bool]:
    """Step by step to the end, or until somebody says that it looks right: (steps done, whether it was ended)."""
    watch = watch_of(project)
    image_ids, rows = layout_material.images_of(project, of.content_ids)
    watch.begin()
    job.start("Layout")
    layout.start()
    job.start("Layout", layout.rounds)
    done, goes_on = 0, len(of.content_ids) > 0
    while goes_on:
        job.checkpoint()
        if watch.is_finished:
            return done, True
        goes_on = layout.step()
        done += 1
        if watch.is_due:
            _show(watch, plan, of, layout, (image_ids, rows), done)
        job.advance()
    return done, False


def _show(
    watch: Watch,
    plan: Plan,
    of: Points,
    layout: base.Layout,
    images: tuple[NDArray[np.int64], NDArray[np.int64]],
    done: int,
) -> None:
    began = time.perf_counter()
    positions = layout.positions()
    if not positions.any():
        return  # all on one spot: nothing to see yet
    positions, _ = _over(positions, of, plan)
    rounds = min(done, layout.rounds), layout.rounds
    name, encoder = plan.method.name, of.embedding.encoder
    cost_s = time.perf_counter() - began
    watch.show(name, encoder, images[0], positions[images[1]], rounds, cost_s)


def _over(
    positions: NDArray[np.float32], of: Points, plan: Plan
) -> tuple[NDArray[np.float32], Similarity | None]:
    """(positions laid over the plan's layout, how), or as they are."""
    if plan.lies_over is None or plan.extends is not None:
        return positions, None
    target = layout_material.positions_of(plan.lies_over, of.content_ids)
    found = procrustes(positions, target, keeps_size=plan.method.is_disk)
    return (positions, None) if found is None else (found.apply(positions), found)


def _aligned(
    positions: NDArray[np.float32], facts: Facts, of: Points, plan: Plan
) -> tuple[NDArray[np.float32], Facts]:
    over, found = _over(positions, of, plan)
    if found is None:
        return positions, facts
    if plan.lies_over_encoder == of.embedding.encoder:  # its own old one: nothing to tell
        return over, replace(facts, scale=facts.scale / found.scale)
    return over, facts.aligned(str(plan.lies_over_encoder), found)
