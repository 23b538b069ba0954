"""A picture as SVG that needs nothing but itself; every text of a source is escaped."""

from __future__ import annotations

from emkcli.plots.markup import safe, tag
from emkcli.plots.picture import WIDTH, Box, Line, Mark, Picture, Shape, Words

_STYLE = (
    "text{font-family:'DejaVu Sans',Arial,sans-serif;font-size:13px;fill:#222}.title{font-size:20px;font-weight:bold}"
    ".small{font-size:11px}.band{fill:#d9eed9}.grid{stroke:#ddd}.axis{stroke:#444}.line{stroke:#1f5fa8;stroke-width:2;"
    "fill:none;stroke-linejoin:round}.in{fill:#1f5fa8}.out{fill:#b3261e}.text{fill:#fff;stroke:#444}"
)


def svg(drawn: Picture) -> bytes:
    size = f'width="{WIDTH:.0f}" height="{drawn.height:.0f}" viewBox="0 0 {WIDTH:.0f} {drawn.height:.0f}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
        tag("title", drawn.title, {"id": "title"}),
        tag("desc", drawn.description, {"id": "desc"}),
        f"<style>{_STYLE}</style>",
        f'<rect width="{WIDTH:.0f}" height="{drawn.height:.0f}" fill="#fff"/>',
        *map(_shape, drawn.shapes),
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _shape(shape: Shape) -> str:
    match shape:
        case Box():
            box = f'x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}"'
            return f'<rect class="{shape.kind}" {box}/>'
        case Line():
            return f'<polyline class="{shape.kind}" points="{_points(shape.points)}"/>'
        case Mark():
            return f"<g>{_mark(shape)}{tag('title', shape.caption)}</g>"
        case Words():
            place = f'x="{shape.x:.1f}" y="{shape.y:.1f}" text-anchor="{shape.at}" class="{shape.kind}"'
            return f"<text {place}>{safe(shape.text)}</text>"


def _mark(mark: Mark) -> str:
    if mark.side == 0:
        return f'<circle class="in" cx="{mark.x:.1f}" cy="{mark.y:.1f}" r="5"/>'
    kind = "text" if mark.side is None else "out"
    return f'<polygon class="{kind}" points="{_points(corners(mark))}"/>'


def corners(mark: Mark) -> tuple[tuple[float, float], ...]:
    """A triangle up or down for what is above or below its range, a diamond for anything else."""
    x, y = mark.x, mark.y
    if mark.side in (1, -1):
        up = mark.side or 1
        return ((x, y - 7 * up), (x + 7, y + 6 * up), (x - 7, y + 6 * up))
    return ((x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y))


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
