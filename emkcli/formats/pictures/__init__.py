"""A trend as a picture in a file that only its owner can read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from emkcli.formats import place
from emkcli.models import Trend, WrittenFile
from emkcli.trends.picture import Picture, picture


def write(trend: Trend, target: Path, draw: Callable[[Picture], bytes], *, force: bool) -> WrittenFile:
    with place.new_file(target, force=force) as output:
        output.write(draw(picture(trend)))
    return output.written(str(target))


def svg(drawn: Picture) -> bytes:
    from emkcli.formats.pictures.vector import svg

    return svg(drawn)


def png(drawn: Picture) -> bytes:
    from emkcli.formats.pictures.raster import png

    return png(drawn)
