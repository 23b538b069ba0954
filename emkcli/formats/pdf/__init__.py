"""The card on paper: A4 with its own letters; all of it, or the page or two that a physician asks for."""

from __future__ import annotations

from typing import Protocol

from emkcli.formats.extras import need
from emkcli.formats.job import Job
from emkcli.formats.pdf import card, visit


class Writable(Protocol):
    def write(self, content: bytes, /) -> object: ...


def ready() -> None:
    """`Usage` when the library is missing."""
    need("reportlab", "pdf")


def write(job: Job, output: Writable) -> None:
    """No markup is ever read: every text is drawn letter by letter."""
    output.write((visit if job.preset else card).paper(job).finish())
