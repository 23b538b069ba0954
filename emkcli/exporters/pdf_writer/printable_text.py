"""Text of a source made fit for paper: nothing that steers, no markup ever read, what cannot be shown is seen to lack."""

from __future__ import annotations

from unicodedata import normalize

from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.pdf_writer import font
from emkcli.locale import _, ngettext
from emkcli.models import Missing
from emkcli.security.safe_text import harmless


class Words:
    """`longest` characters of a text are printed; whose end was cut, and what the font lacks, is told as missing."""

    def __init__(self, job: ExportJob, longest: int) -> None:
        self._job, self._longest = job, longest
        self._cut: dict[str, None] = {}
        self._lost = 0

    def line(self, value: str | None, ident: str = "") -> str:
        if not value:
            return ""
        clean = harmless(value, self._longest)
        if clean.endswith("…") and not value.rstrip().endswith("…"):
            self._cut[ident] = None
        return self._drawable(clean)

    def prose(self, value: str | None, ident: str = "") -> list[str]:
        """Line by line as it came."""
        value = value or ""
        if len(value) > self._longest:
            self._cut[ident] = None
            value = f"{value[: self._longest]}…"
        lines = (harmless(line, self._longest) for line in value.splitlines())
        return [self._drawable(line) for line in lines if line]

    def settle(self) -> list[str]:
        """Tell what is not on the paper; the same as sentences for its last page."""
        missing = [Missing(what=ident, why=_("the text is too long; its end is not printed")) for ident in self._cut]
        if self._lost:
            many = ngettext(
                "{count} character that the font lacks is printed as {sign}",
                "{count} characters that the font lacks are printed as {sign}",
                self._lost,
            )
            missing.append(Missing(what="characters", why=many.format(count=self._lost, sign=font.LACKING)))
        for part in missing:
            self._job.lacks(part)
        self._cut, self._lost = {}, 0
        return [f"{part.what}: {part.why}" for part in self._job.lacking]

    def _drawable(self, text: str) -> str:
        if text.isascii():
            return text
        text = text.replace("\xad", "")  # a hyphen that is only a proposal
        text, lost = font.unknown().subn(font.LACKING, normalize("NFC", text))
        self._lost += lost
        return text
