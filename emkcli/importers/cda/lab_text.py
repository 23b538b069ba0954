"""Laboratory results that stand in paragraphs: a person reads them in the text of the document, and no list has them."""

from __future__ import annotations

from collections.abc import Sequence

from emkcli import models
from emkcli.importers.cda.document_body import Part, Scene
from emkcli.importers.cda.document_kind import is_laboratory
from emkcli.importers.cda.document_text import DocumentText
from emkcli.importers.cda.labs import RESULTS
from emkcli.importers.cda.statement_places import RecordWords
from emkcli.locale import _


def results_in_text_alone(
    scene: Scene, template: str | None, text: DocumentText, records: Sequence[models.Model], taken: RecordWords
) -> str | None:
    """In words, when a section of results, or a laboratory's whole protocol, has a text of which nothing became a result."""
    written = [part for part in scene.sections() if part.element in text.written]
    has_results = any(isinstance(record, models.LabResult) for record in records)
    is_bare_protocol = bool(written) and not has_results and is_laboratory(scene.header.kind, template)
    if is_bare_protocol or any(_is_bare(part, taken) for part in written if part.kind.code == RESULTS):
        return _("results of a laboratory stand in its text only, and in no list")
    return None


def _is_bare(part: Part, taken: RecordWords) -> bool:
    """Neither a statement that is one, even of what was not done, nor a table that was read."""
    return not (taken.holds(part.element) or part.element in taken.taken or any(part.all("observation")))
