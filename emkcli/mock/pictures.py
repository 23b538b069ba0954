"""An invented passport scan and selfie, for trying the journey: they show nobody."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

PASSPORT_SCAN, SELFIE = "passport.png", "selfie.jpg"
_PAPER, _INK, _SHADE = "#f2ece0", "#9a938a", "#c9c2b8"


def pictures() -> Iterator[tuple[str, bytes]]:
    """The names and contents: a PNG of 1500 × 1050 and a JPEG of 900 × 1200 pixels."""
    yield PASSPORT_SCAN, _drawn((1500, 1050), "PNG")
    yield SELFIE, _drawn((900, 1200), "JPEG")


def _drawn(size: tuple[int, int], form: str) -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", size, _PAPER)
    drawing = ImageDraw.Draw(picture)
    if form == "PNG":
        _page(drawing)
        _silhouette(drawing, 120, 330, 380)
    else:
        _silhouette(drawing, 150, 250, 600)
    content = BytesIO()
    picture.save(content, form)
    return content.getvalue()


def _page(drawing: ImageDraw) -> None:
    """Bars where a passport has its lines."""
    drawing.rectangle((60, 60, 1440, 990), outline=_INK, width=4)
    for number in range(9):
        top = 150 + 70 * number
        drawing.rectangle((620, top, 1340 - 90 * (number % 3), top + 26), fill=_SHADE)
    for top in (860, 915):
        drawing.rectangle((120, top, 1380, top + 24), fill=_INK)


def _silhouette(drawing: ImageDraw, left: int, top: int, width: int) -> None:
    """A head over shoulders, without a face."""
    drawing.ellipse((left + width // 4, top, left + 3 * width // 4, top + 3 * width // 4), fill=_SHADE)
    drawing.pieslice((left, top + 4 * width // 5, left + width, top + 9 * width // 5), 180, 360, fill=_SHADE)
