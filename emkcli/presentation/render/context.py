"""How to speak: the format, the streams and what every document says about its origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from emkcli.config.output_formats import DOCUMENTS, JSON_ERRORS, MACHINE
from emkcli.presentation import terminal
from emkcli.security.safe_text import sanitise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emkcli.models import Named
    from emkcli.security.redact import Redactor


@dataclass(kw_only=True)
class Voice:
    """What an error needs to be said; all there is before the settings are known."""

    stderr: TextIO
    redactor: Redactor
    output: str | None = None
    colour_stderr: bool = False
    quiet: bool = False
    warnings: list[str] = field(default_factory=list)

    @property
    def speaks_json(self) -> bool:
        """Errors are JSON objects, and stderr holds nothing else."""
        return self.output in JSON_ERRORS

    @property
    def keeps_notices(self) -> bool:
        """Notices wait for the document, or for the error, instead of going to stderr at once."""
        return self.output in MACHINE


@dataclass(kw_only=True)
class Context(Voice):
    """Everything a renderer may know. `output` None means a table on a terminal and `plain` in a pipe.

    `output_given`: `-o` or `--json` stood on the line. `width` None: lines are never wrapped.
    """

    stdout: TextIO
    backend: str
    demo: bool
    profile: str
    fetched_at: str
    language: str = "en"
    output_given: bool = False
    fields: list[str] | None = None
    query: str | None = None
    colour: bool = False
    width: int | None = None
    person: Named | None = None
    is_tty: bool = False

    @property
    def format(self) -> str:
        return self.output or ("table" if self.is_tty else "plain")

    @property
    def has_envelope(self) -> bool:
        """Whether stdout gets a document with room for totals and warnings."""
        return self.format in DOCUMENTS and self.query is None

    def clean(self, text: str, *, multiline: bool = False) -> str:
        """`text` as stdout may show it to a person."""
        return terminal.encodable(sanitise(text, multiline=multiline), self.stdout)

    def painted(self, text: str, style: str | None) -> str:
        return terminal.paint(text, style) if self.colour else text

    @property
    def has_links(self) -> bool:
        """Whether hyperlinks are written: to a terminal, where colours are; in a pipe the bytes would be in the way."""
        return self.colour and self.is_tty

    def linked(self, line: str, addresses: Mapping[str, str]) -> str:
        """`line` with the text in it that has an address as a hyperlink; one that was wrapped stays bare."""
        for text in sorted(addresses, key=len, reverse=True) if self.has_links else ():
            if text and text in line:
                return line.replace(text, terminal.link(text, addresses[text]), 1)
        return line
