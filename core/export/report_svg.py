"""A drawing of a report as SVG; colours come from classes, so that it follows light and dark."""

from core.export.drawing import Area, Box, Dot, Drawing, Line, Path, Shape, Words
from core.export.html import Markup, element


def svg(drawing: Drawing) -> Markup:
    """The element ``svg``, as wide as its place."""
    return element(
        "svg", *map(_shape, drawing.shapes), viewBox=f"0 0 {drawing.width:g} {drawing.height:g}", role="img",
        aria_label=drawing.words, style=f"max-width:{drawing.width:g}px",
    )  # fmt: skip


def _shape(one: Shape) -> Markup:
    match one:
        case Line():
            return element(
                "line", x1=f"{one.x1:g}", y1=f"{one.y1:g}", x2=f"{one.x2:g}", y2=f"{one.y2:g}",
                class_=f"s-{one.role}", stroke_width=f"{one.width:g}",
                stroke_dasharray="4 3" if one.is_dashed else None,
            )  # fmt: skip
        case Path():
            return element(
                "polyline",
                points=_points(one.points),
                class_=f"s-{one.role} line",
                stroke_width=f"{one.width:g}",
            )
        case Area():
            return element("polygon", points=_points(one.points), class_=f"f-{one.role} faint")
        case Box():
            return element(
                "rect",
                x=f"{one.x:g}",
                y=f"{one.y:g}",
                width=f"{one.width:g}",
                height=f"{one.height:g}",
                rx="2",
                class_=f"f-{one.role}",
            )
        case Dot():
            kind = f"s-{one.role} hollow" if one.is_hollow else f"f-{one.role}"
            return element(
                "circle",
                cx=f"{one.x:g}",
                cy=f"{one.y:g}",
                r=f"{one.radius:g}",
                class_=kind,
                stroke_width="1.75" if one.is_hollow else None,
            )
        case Words():
            return element(
                "text",
                one.text,
                x=f"{one.x:g}",
                y=f"{one.y:g}",
                class_=f"f-{one.role}",
                font_size=f"{one.size:g}",
                text_anchor=one.anchor,
            )


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
