"""Sheets of A4 filled from the top: a running head, page numbers, headings that a reader can jump to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from emkcli.exporters.extras import need
from emkcli.exporters.pdf_writer import font
from emkcli.exporters.pdf_writer.font import BOLD, REGULAR
from emkcli.locale import _, language

WIDTH, HEIGHT = 595.28, 841.89
LEFT, RIGHT = 42.0, WIDTH - 42.0
TOP, BOTTOM = HEIGHT - 58.0, 50.0
ROOM = RIGHT - LEFT
INK, DIM, GREY, RED, LINE = (
    (0.1, 0.1, 0.12),
    (0.24, 0.25, 0.28),
    (0.38, 0.4, 0.43),
    (0.68, 0.08, 0.1),
    (0.8, 0.82, 0.84),
)
_APART = 14.0
"""What stays free between the two texts of the running head."""
TALL = 1.32
"""The height of a line by the size of its letters."""


class Paper:
    """`y` is where the next thing begins; `running` is drawn again at the top of every page."""

    def __init__(self, title: str, head: tuple[str, str], foot: str) -> None:
        font.faces()
        self._content = BytesIO()
        canvas = need("reportlab.pdfgen.canvas", "pdf").Canvas
        self.canvas: Any = canvas(
            self._content,
            pagesize=(WIDTH, HEIGHT),
            pageCompression=1,
            initialFontName=REGULAR,
            lang=language(),
            pdfVersion=(1, 7),
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor("emk")
        self.canvas.setSubject(foot)
        self._head, self._foot = head, foot
        self.running: Callable[[], None] | None = None
        self.page, self.y = 0, 0.0
        self.turn()

    def turn(self) -> None:
        """A new page."""
        if self.page:
            self.canvas.showPage()
        self.page, self.y = self.page + 1, TOP
        self._frame()
        if self.running:
            self.running()

    def keep(self, height: float) -> None:
        """Room for that much in one piece, if need be on a new page."""
        if self.y - height < BOTTOM and self.y < TOP:
            self.turn()

    def write(self, x: float, text: str, size: float = 8.5, face: str = REGULAR, colour: Sequence[float] = INK) -> None:
        """One line whose letters stand on a line just under `y`."""
        if text:
            self.canvas.setFillColorRGB(*colour)
            self.canvas.setFont(face, size)
            self.canvas.drawString(x, self.y - size, text)

    def right(self, x: float, text: str, size: float = 8.5, colour: Sequence[float] = GREY) -> None:
        self.write(x - font.width(text, REGULAR, size), text, size, REGULAR, colour)

    def prose(self, text: str, size: float = 8.5, face: str = REGULAR, colour: Sequence[float] = INK) -> None:
        for line in font.lines(text, face, size, ROOM):
            self.keep(size * TALL)
            self.write(LEFT, line, size, face, colour)
            self.y -= size * TALL

    def rule(self, colour: Sequence[float] = LINE, thick: float = 0.4) -> None:
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.setLineWidth(thick)
        self.canvas.line(LEFT, self.y, RIGHT, self.y)

    def heading(self, text: str, name: str, below: float = 110.0) -> None:
        """A heading with at least `below` of what follows on its page."""
        self.keep(26 + below)
        self.y -= 10
        self.canvas.bookmarkHorizontal(name, 0, self.y + 6)
        self.canvas.addOutlineEntry(text, name, 0)
        self.write(LEFT, text, 12.5, BOLD)
        self.y -= 18

    def beside_heading(self, text: str) -> None:
        """A remark at the end of the line of the heading that was just written."""
        self.y += 14
        self.right(RIGHT, text, 7.5)
        self.y -= 14

    def place(self, name: str) -> None:
        """What `later` will draw, at `y`."""
        self.canvas.saveState()
        self.canvas.translate(0, self.y)
        self.canvas.doForm(name)
        self.canvas.restoreState()

    @contextmanager
    def later(self, name: str) -> Iterator[None]:
        """What stands wherever `place` left room for it."""
        y, self.y = self.y, 0.0
        self.canvas.beginForm(name, 0, -40, WIDTH, 40)
        yield
        self.canvas.endForm()
        self.y = y

    def link(self, name: str, height: float) -> None:
        self.canvas.linkAbsolute("", name, (LEFT, self.y - height, RIGHT, self.y), thickness=0)

    def finish(self) -> bytes:
        """The whole document."""
        with self.later("pages"):
            self.write(0, f"{self.page}{_number(self.page)[1]}", 7.5, REGULAR, GREY)
        self.canvas.showPage()
        self.canvas.save()
        return self._content.getvalue()

    def _frame(self) -> None:
        self._running_head()
        self.y = 36
        self.rule()
        self.y -= 4
        self.write(LEFT, self._foot, 7.5, REGULAR, GREY)
        before, after = _number(self.page)
        x = RIGHT - font.width(f"000{after}", REGULAR, 7.5)
        self.right(x, before, 7.5)
        self.canvas.saveState()
        self.canvas.translate(x, self.y)
        self.canvas.doForm("pages")
        self.canvas.restoreState()
        self.y = TOP

    def _running_head(self) -> None:
        """Both texts on one line, or one below the other where they would meet."""
        left = font.shortened(self._head[0], BOLD, 7.5, ROOM)
        right = font.shortened(self._head[1], REGULAR, 7.5, ROOM)
        self.y = HEIGHT - 26
        self.write(LEFT, left, 7.5, BOLD, GREY)
        if font.width(left, BOLD, 7.5) + _APART + font.width(right, REGULAR, 7.5) > ROOM:
            self.y -= 10
        self.right(RIGHT, right, 7.5)
        self.y -= 13
        self.rule()


def _number(page: int) -> tuple[str, str]:
    """What stands before and after the count of pages, which nobody knows yet."""
    before, _count, after = _("page {page} of {pages}").replace("{page}", str(page)).partition("{pages}")
    return before, after
