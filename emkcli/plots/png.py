"""The same picture as PNG, with a font of our own: Pillow's has no Russian letters."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import fonts
from emkcli.plots.picture import WIDTH, Box, Line, Mark, Picture, Shape, Words
from emkcli.plots.svg import corners
from emkcli.security.safe_text import harmless

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

SCALE = 2
TALLEST = 30_000
_COLOURS = {"band": "#d9eed9", "grid": "#dddddd", "axis": "#444444", "line": "#1f5fa8"}
_SIZES = {"title": 20, "small": 11, "label": 13}
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(drawn: Picture) -> bytes:
    from PIL import Image, ImageDraw

    size = (int(WIDTH) * SCALE, min(int(drawn.height) * SCALE, TALLEST))
    image = Image.new("RGB", size, "white")
    canvas = ImageDraw.Draw(image)
    for shape in drawn.shapes:
        _draw(canvas, shape)
    output = BytesIO()
    image.save(output, "PNG", optimize=True)
    return output.getvalue()


def _draw(canvas: ImageDraw, shape: Shape) -> None:
    match shape:
        case Box():
            place = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
            canvas.rectangle([SCALE * coordinate for coordinate in place], fill=_COLOURS[shape.kind])
        case Line():
            points = [(SCALE * x, SCALE * y) for x, y in shape.points]
            canvas.line(points, fill=_COLOURS[shape.kind], width=(2 if shape.kind == "line" else 1) * SCALE)
        case Mark():
            _mark(canvas, shape)
        case Words():
            place_of = (SCALE * shape.x, SCALE * shape.y)
            text = harmless(shape.text, 120)
            canvas.text(place_of, text, fill="#222222", font=_font(shape.kind), anchor=_ANCHORS[shape.at])


def _mark(canvas: ImageDraw, mark: Mark) -> None:
    if mark.side == 0:
        canvas.circle((SCALE * mark.x, SCALE * mark.y), 5 * SCALE, fill="#1f5fa8")
        return
    points = [(SCALE * x, SCALE * y) for x, y in corners(mark)]
    filled = "white" if mark.side is None else "#b3261e"
    canvas.polygon(points, fill=filled, outline="#444444" if mark.side is None else None)


@cache
def _font(kind: str) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(fonts.__file__).with_name(fonts.SANS)), _SIZES[kind] * SCALE)
