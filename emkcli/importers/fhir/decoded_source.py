"""What the bytes of a file hold: its resources, and what in it is none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from emkcli.fhir import Graph
from emkcli.importers.fhir.answer_gaps import AnswerGaps
from emkcli.importers.fhir.bundle_entries import Top
from emkcli.locale import _, ngettext


@dataclass
class DecodedSource:
    """`outdated` are older states, and what was deleted since; `gaps` is what answers of a server
    announce beside them; `listed`: no Bundle, but resources one after the other;
    `broken` is how many lines are none, and the first of them; `malformed` by what they should be, what is no resource, and
    `envelopes` how many Parameters were opened, `deleted` how many resources are no more where the file comes from."""

    top: Top = field(default_factory=lambda: Top(resourceType="Bundle"))
    graph: Graph = field(default_factory=Graph)
    outdated: Graph = field(default_factory=Graph)
    gaps: AnswerGaps = field(default_factory=AnswerGaps)
    listed: bool = False
    broken: int = 0
    first_broken: str = ""
    malformed: Counter[str] = field(default_factory=Counter)
    envelopes: int = 0
    deleted: int = 0

    def note(self, line: int, why: str) -> None:
        """A line that is no resource."""
        if not self.broken:
            self.first_broken = _("line {number}: {why}").format(number=line, why=why)
        self.broken += 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """That records of other files may be deleted at their source: a file removes nothing that another one brought."""
        if not self.deleted:
            return ()
        words = ngettext(
            "{count} record was deleted at the source; if another file brought it, it stays in the card",
            "{count} records were deleted at the source; those that other files brought stay in the card",
            self.deleted,
        )
        return (words.format(count=self.deleted),)

    @property
    def lacks(self) -> str | None:
        """Which lines could not be read; the first by its number."""
        if not self.broken:
            return None
        more = self.broken - 1
        counted = ngettext("and {count} more line", "and {count} more lines", more).format(count=more)
        return " ".join([self.first_broken, *([counted] if more else [])])
