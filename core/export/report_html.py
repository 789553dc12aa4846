"""A report as one HTML file that needs nothing else: no script, no address outside it, light and dark, fit to print."""

from collections.abc import Mapping
from importlib.resources import files

from core.export.colours import class_colours, tokens
from core.export.destination import Writing
from core.export.html import Markup, breakable, data_url, element, joined
from core.export.report import Report
from core.export.report_blocks import (
    Bars,
    Block,
    Chart,
    Chart2,
    Figures,
    Heading,
    Mapped,
    Section,
    Shot,
    Shots,
    Table,
    Text,
)
from core.export.report_page import at_a_glance, sections, subtitle
from core.export.report_svg import svg
from core.jobs import Job

# Nothing may be loaded or run, whatever stands in a name.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_WIDE_PX, _HALF_PX = 1_048.0, 504.0  # what charts are drawn for
_LINES = ("second", "third", "fourth")  # further lines of charts have the colours of classes


def write(report: Report, made: Writing, options: Mapping[str, str], job: Job) -> None:
    """Write it to ``made.place``. Raises OSError and Cancelled."""
    job.start("Writing")
    page = text(report)
    job.checkpoint()
    with open(made.place, "w", encoding="utf-8", newline="\n") as file:
        file.write(page)


def text(report: Report) -> str:
    """The same as text."""
    parts = sections(report)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{report.name}: report"),
        element("style", Markup(_style())),
    )
    top = element(
        "header",
        element("h1", report.name),
        element("p", subtitle(report), class_="muted"),
        _block(at_a_glance(report)),
    )
    body = element(
        "body",
        element("a", "To the report", href="#report", class_="skip"),
        element("div", _contents(parts), element("main", top, *map(_section, parts), id="report"), class_="page"),
    )  # fmt: skip
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _style() -> str:
    css = (files("resources") / "report" / "report.css").read_text(encoding="utf-8")
    light, dark = (_variables(theme) for theme in ("light", "dark"))
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}\n{css}"


def _variables(theme: str) -> str:
    found = {name.replace("_", "-"): colour for name, colour in tokens(theme).items()}
    classes = class_colours(theme)
    found |= {f"class-{place}": colour for place, colour in enumerate(classes)}
    found |= dict(zip(_LINES, classes[1:], strict=False))
    return "".join(f"--{name}:{colour};" for name, colour in found.items())


def _contents(parts: tuple[Section, ...]) -> Markup:
    items = [element("li", element("a", one.title, href=f"#{one.key}")) for one in parts]
    return element("nav", element("h2", "Contents"), element("ol", *items), aria_label="Contents")


def _section(one: Section) -> Markup:
    return element(
        "section",
        element("h2", one.title, id=f"{one.key}-title"),
        element("p", one.summary, class_="summary"),
        *map(_block, one.blocks),
        id=one.key,
        aria_labelledby=f"{one.key}-title",
    )


def _block(one: Block) -> Markup:
    match one:
        case Text():
            return element("p", one.text, class_=None if one.tone == "body" else one.tone)
        case Heading():
            return element("h3", one.text)
        case Figures():
            items = [
                element("div", element("dd", value), element("dt", label))
                for value, label in one.items
            ]
            return element("dl", *items, class_="figures")  # fmt: skip
        case Bars():
            return _bars(one)
        case Table():
            return _table(one)
        case Shots():
            return _shots(one)
        case Chart():
            return _chart(one, _WIDE_PX)
        case Chart2():
            return element(
                "div", _chart(one.left, _HALF_PX), _chart(one.right, _HALF_PX), class_="two"
            )
        case Mapped():
            return _map(one)


def _bars(of: Bars) -> Markup:
    most = max((count for _, count in of.rows), default=1) or 1
    rows = [
        element(
            "tr",
            element("th", name, scope="row"),
            element("td", element("span", class_="bar", style=f"width:{100 * count / most:.1f}%"), class_="track"),
            element("td", f"{count:,}", class_="n"),
        )
        for name, count in of.rows
    ]  # fmt: skip
    half = -(-len(rows) // 2) if len(rows) > 8 else len(rows)
    tables = [
        element("table", element("tbody", *part), class_="bars", aria_label=of.title)
        for part in (rows[:half], rows[half:])
        if part
    ]
    return joined([element("div", *tables, class_="two"), _more(of.more)])


def _table(of: Table) -> Markup:
    def kind(place: int, *, is_head: bool = False) -> str | None:
        is_code = place in of.codes and not is_head
        return "n" if place in of.numbers else "code" if is_code else None

    head = [
        element("th", one, scope="col", class_=kind(place, is_head=True))
        for place, one in enumerate(of.columns)
    ]
    rows = [
        element(
            "tr",
            *(
                element("td", breakable(cell) if place in of.codes else cell, class_=kind(place))
                for place, cell in enumerate(row)
            ),
        )
        for row in of.rows
    ]
    table = element("table", element("thead", element("tr", *head)), element("tbody", *rows))
    return joined([element("div", table, class_="wide"), _more(of.more)])


def _more(words: str) -> Markup:
    return element("p", words, class_="muted") if words else Markup()


def _shots(of: Shots) -> Markup:
    head = [element("strong", of.title)] if of.title else []
    head += [element("span", of.text, class_="muted")] if of.text else []
    shots = element("div", *map(_shot, of.shots), class_="shots")
    if not head:
        return element("div", shots, class_="group whole")
    return element("div", element("p", *head, class_="shots-title"), shots, class_="group")


def _shot(of: Shot) -> Markup:
    picture = (
        element("img", src=data_url("image/jpeg", of.picture.jpeg), alt=of.picture.name)
        if of.picture.jpeg
        else element("span", "The picture cannot be shown now", class_="none")
    )
    under = [element("small", of.under, class_="muted")] if of.under else []
    return element(
        "figure",
        picture,
        element("figcaption", element("span", breakable(of.caption)), *under),
        class_="shot marked" if of.is_marked else "shot",
        title=of.picture.path,
    )


def _chart(of: Chart, width_px: float) -> Markup:
    return element(
        "figure", element("figcaption", of.title), svg(of.draw(width_px)), class_="chart"
    )


def _map(of: Mapped) -> Markup:
    dark = element(
        "source", srcset=data_url("image/png", of.dark), media="screen and (prefers-color-scheme: dark)"
    )  # fmt: skip
    light = element("img", src=data_url("image/png", of.light), alt=of.words)
    told = [element("p", one, class_="muted") for one in of.texts]
    items = [
        _entry(name, count, f"var(--class-{place})") for place, (name, count) in enumerate(of.legend)
    ]  # fmt: skip
    if of.others:
        items.append(_entry("others" if of.legend else "images", of.others, "var(--point)"))
    return element(
        "figure",
        element("figcaption", of.title),
        element(
            "div",
            element("picture", dark, light),
            element("div", element("ul", *items, class_="legend"), *told),
            class_="mapped",
        ),
        class_="map",
    )  # fmt: skip


def _entry(name: str, count: int, colour: str) -> Markup:
    return element(
        "li", element("span", class_="swatch", style=f"background:{colour}"), element("span", name, class_="name"),
        element("span", f"{count:,}", class_="n"),
    )  # fmt: skip
