"""A picture as SVG that needs nothing but itself; every text of a source is escaped."""

from __future__ import annotations

from emkcli.plots.markup import safe, tag
from emkcli.plots.picture import WIDTH, Picture
from emkcli.plots.shapes import COLOURS, FLAG, Box, Line, Mark, Shape, Words, corners

_SERIES = "".join(f".s{place}{{fill:{colour};stroke:{colour}}}" for place, colour in enumerate(COLOURS))
_STYLE = (
    "text{font-family:'DejaVu Sans',Arial,sans-serif;font-size:13px;fill:#222}text.title{font-size:20px;font-weight:bold}"
    "text.small{font-size:11px}text.last{font-weight:bold}text.range{font-size:12px;fill:#3d6b3d}.grid{stroke:#ddd}"
    f".axis{{stroke:#444}}{_SERIES}.flag{{fill:{FLAG}}}.mark{{stroke-width:1.5}}.hollow{{fill:#fff}}"
    ".line{fill:none;stroke-width:2;stroke-linejoin:round}.band{stroke:none;fill-opacity:.14}"
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
        *map(element, drawn.shapes),
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def element(shape: Shape) -> str:
    """A shape by the classes of its colour and kind; whoever embeds it says what these look like."""
    match shape:
        case Box():
            box = f'x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}"'
            return f'<rect class="s{shape.colour} band" {box}/>'
        case Line():
            colour = "" if shape.colour is None else f"s{shape.colour} "
            return f'<polyline class="{colour}{shape.kind}" points="{_points(shape.points)}"/>'
        case Mark():
            titled = f"<g>{_mark(shape)}{tag('title', shape.caption)}</g>"
            return titled if shape.caption else _mark(shape)
        case Words():
            place = f'x="{shape.x:.1f}" y="{shape.y:.1f}" text-anchor="{shape.at}" class="{shape.kind}"'
            return f"<text {place}>{safe(shape.text)}</text>"


def _mark(mark: Mark) -> str:
    kind = "flag" if mark.colour is None else f"s{mark.colour}"
    classes = f"mark {kind}{' hollow' if mark.hollow else ''}"
    if mark.form == "circle":
        return f'<circle class="{classes}" cx="{mark.x:.1f}" cy="{mark.y:.1f}" r="{mark.size:g}"/>'
    return f'<polygon class="{classes}" points="{_points(corners(mark))}"/>'


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
