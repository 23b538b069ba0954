"""The same picture as PNG, with a font of our own: Pillow's has no Russian letters."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import fonts
from emkcli.plots.picture import WIDTH, Picture
from emkcli.plots.shapes import COLOURS, FLAG, Box, Line, Mark, Shape, Words, corners
from emkcli.security.safe_text import harmless

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

SCALE = 2
TALLEST = 30_000
_FRAME = {"grid": "#dddddd", "axis": "#444444"}
_PALE = "24"
"""How much of its colour a range has, in hexadecimal."""
_SIZES = {"title": 20, "small": 11, "range": 12}
_LABEL = 13
_RIM = 3
LONGEST = 120
"""Characters of a text; what is longer is cut."""
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(drawn: Picture) -> bytes:
    from PIL import Image, ImageDraw

    size = (int(WIDTH) * SCALE, min(int(drawn.height) * SCALE, TALLEST))
    image = Image.new("RGB", size, "white")
    canvas = ImageDraw.Draw(image, "RGBA")
    for shape in drawn.shapes:
        _draw(canvas, shape)
    output = BytesIO()
    image.save(output, "PNG", optimize=True)
    return output.getvalue()


def without_glyph(drawn: Picture) -> str:
    """The characters of its words that the font has no picture of, each once."""
    text = "".join(harmless(shape.text, LONGEST) for shape in drawn.shapes if isinstance(shape, Words))
    signs = sorted({sign for sign in text if not sign.isspace()})
    return "".join(sign for sign in signs if _font("label").getmask(sign).getbbox() is None)


def _draw(canvas: ImageDraw, shape: Shape) -> None:
    match shape:
        case Box():
            place = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
            canvas.rectangle([SCALE * coordinate for coordinate in place], fill=COLOURS[shape.colour] + _PALE)
        case Line():
            points = [(SCALE * x, SCALE * y) for x, y in shape.points]
            colour = _FRAME[shape.kind] if shape.colour is None else COLOURS[shape.colour]
            canvas.line(points, fill=colour, width=(1 if shape.colour is None else 2) * SCALE)
        case Mark():
            _mark(canvas, shape)
        case Words():
            place_of = (SCALE * shape.x, SCALE * shape.y)
            text = harmless(shape.text, LONGEST)
            canvas.text(place_of, text, fill="#222222", font=_font(shape.kind), anchor=_ANCHORS[shape.at])


def _mark(canvas: ImageDraw, mark: Mark) -> None:
    colour = FLAG if mark.colour is None else COLOURS[mark.colour]
    inside = "white" if mark.hollow else colour
    if mark.form == "circle":
        place = (SCALE * mark.x, SCALE * mark.y)
        canvas.circle(place, mark.size * SCALE, fill=inside, outline=colour, width=_RIM)
        return
    canvas.polygon([(SCALE * x, SCALE * y) for x, y in corners(mark)], fill=inside, outline=colour, width=_RIM)


@cache
def _font(kind: str) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(fonts.__file__).with_name(fonts.SANS)), _SIZES.get(kind, _LABEL) * SCALE)
