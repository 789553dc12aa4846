"""Sections of a report: the stored maps, and what trainings brought."""

from functools import partial

from core.export import charts
from core.export.report import CurveLine, MapFact, Measure, Report, RunFact
from core.export.report_blocks import Block, Chart, Chart2, Heading, Mapped, Section, Table, Text
from core.export.report_words import day, joined, number, plural


def maps(report: Report) -> Section:
    """The stored layouts."""
    of = report.maps
    title = "Maps"
    if of.why_not:
        return Section("maps", title, "No layout is stored.", (Text(of.why_not, "note"),))
    names = joined([one.title for one in of.shown])
    blocks: list[Block] = [_map(one) for one in of.shown]
    if of.left_out:
        left = plural(of.left_out, "older layout is", "older layouts are")
        blocks.append(Text(f"{left} not shown.", "muted"))
    summary = f"{names} of {plural(of.shown[0].points, 'image')} by {report.encoder}."
    return Section("maps", title, summary, tuple(blocks))


def _map(of: MapFact) -> Mapped:
    legend = tuple((one.name, one.count) for one in of.legend)
    words = (
        f"Map of {plural(of.points, 'image')} by {of.encoder}, {of.title}, coloured by class: "
        + ", ".join(f"{name} {count:,}" for name, count in legend)
        + "."
    )
    return Mapped(
        of.title, of.light, of.dark, words, legend, of.others, (of.meaning, *of.sentences)
    )


def training(report: Report) -> Section:
    """What trainings brought."""
    of = report.training
    title = "Training results"
    if not of.runs:
        told = "No encoder was trained on this dataset yet."
        return Section("training", title, told, (
            Text("Open the page Train, or run lookalike train.", "note"),
        ))  # fmt: skip
    measured = next((one for one in of.runs if one.verdict), None)
    summary = f"{plural(of.total, 'training')}." + (
        f" The last one measured, {measured.name}: {measured.verdict}" if measured else ""
    )
    blocks = [block for run in of.runs for block in _run(run)]
    if of.total > len(of.runs):
        left = plural(of.total - len(of.runs), "older training is", "older trainings are")
        blocks.append(Text(f"{left} not shown.", "muted"))
    return Section("training", title, summary, tuple(blocks))


def _run(run: RunFact) -> list[Block]:
    status = "in use, the default" if run.is_default else run.status
    blocks: list[Block] = [Heading(f"{run.name} ({status})")]
    if not run.verdict:
        blocks.append(
            Text("It was not measured: it is not finished. Resume it, or discard it.", "note")
        )
    else:
        blocks.append(Text(run.verdict))
        took = f"{plural(run.steps, 'step')} in {run.seconds:,.0f} s on {run.device}"
        blocks.append(Text(
            f"Begun {day(run.made_at)} from {run.encoder or 'the default encoder'}; {took}; measured on "
            f"{plural(run.held_out, 'held-out image')}." + _ended(run.stopped_because), "muted",
        ))  # fmt: skip
    blocks += [Text(one, "note") for one in (run.health, *run.notes) if one]
    if run.measures:
        blocks += [_measures(run.measures), _intervals(run)]
    kept = (run.best_step, "kept") if run.best_step else None
    curves = [
        _curve(run, *one)
        for one in (("On watched images, while it learnt", run.quality, kept), ("Loss", run.loss, None))
        if one[1]
    ]  # fmt: skip
    blocks += [Chart2(*curves)] if len(curves) == 2 else curves
    if run.classes:
        blocks += _classes(run)
    settings = ", ".join(f"{name} {value}" for name, value in run.settings)
    return [*blocks, Text(f"Settings: {settings}.", "muted")]


def _ended(because: str) -> str:
    """Trainings tell it as a clause: "all 600 steps were done"."""
    return f" It ended because {because.rstrip('.')}." if because else ""


def _curve(
    run: RunFact, title: str, of: tuple[CurveLine, ...], mark: tuple[float, str] | None
) -> Chart:
    series = [charts.Series(one.name, tuple(zip(one.steps, one.values, strict=True))) for one in of]
    ends = ", ".join(f"{one.name} ends at {one.values[-1]:.3f}" for one in of)
    words = f"{title} of {run.name} over {plural(run.steps, 'step')}: {ends}."
    reach = (0.0, max(one.steps[-1] for one in of))
    draw = partial(
        charts.lines, series=series, words=words, x_title="step", x_range=reach, mark=mark
    )
    return Chart(title, draw)


def _measures(found: tuple[Measure, ...]) -> Table:
    rows = tuple(
        (
            one.name, _with_interval(one.before, one.before_interval),
            _with_interval(one.after, one.after_interval), _change(one),
        )
        for one in found
    )  # fmt: skip
    return Table(
        ("Measure", "Before", "After", "Change (95 % interval)"), rows, frozenset({1, 2, 3})
    )


def _with_interval(value: float | None, around: tuple[float, float] | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:.3f}" + (f" ({around[0]:.3f}–{around[1]:.3f})" if around else "")


def _change(of: Measure) -> str:
    value, low, high = of.change
    if value is None:
        return ""
    around = f" ({low:+.3f} to {high:+.3f})" if low is not None and high is not None else ""
    return f"{value:+.3f}{around}".replace("-", "−")


def _intervals(run: RunFact) -> Chart:
    rows = [
        charts.Beside(
            one.name, _three(one.before, one.before_interval), _three(one.after, one.after_interval)
        )
        for one in run.measures
    ]
    words = "; ".join(
        f"{one.name} {_with_interval(one.before, None)} before, {_with_interval(one.after, None)} after"
        for one in run.measures
    )
    return Chart("Before and after", partial(charts.before_and_after, rows=rows, words=words))


def _three(
    value: float | None, around: tuple[float, float] | None
) -> tuple[float, float, float] | None:
    if value is None:
        return None
    return (value, *around) if around else (value, value, value)


def _classes(run: RunFact) -> list[Block]:
    """Those that changed; the first of ``run.classes`` changed most."""
    measure = "by the share of images whose nearest is of their own class"
    changed = [one for one in run.classes if one[2] != one[3]]
    if not changed:
        return [Text(f"No class changed, {measure}.")]
    rows = tuple(
        (name, number(queries), f"{before:.2f}", f"{after:.2f}", f"{after - before:+.2f}".replace("-", "−"))
        for name, queries, before, after in changed
    )  # fmt: skip
    columns = ("Class", "Images", "Before", "After", "Change")
    rest = "no other class changed" if len(changed) < len(run.classes) else ""
    return [
        Text(f"Classes that changed most, {measure}:"),
        Table(columns, rows, frozenset({1, 2, 3, 4}), more=rest),
    ]
