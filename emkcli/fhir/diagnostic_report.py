"""DiagnosticReport ↔ studies; a laboratory's report is one where it says more than its results."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir.attachments import attached_text, described, resolved
from emkcli.fhir.building import codeable, codeable_or_unknown, dated, filled
from emkcli.fhir.elements import Resource, concept, element, elements, joined, labels, narrative, text
from emkcli.fhir.graph import Node
from emkcli.fhir.lab_report import is_lab_report, state
from emkcli.fhir.references import fhir_id
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_DESCRIPTION = re.compile(r"(?:^|\n)Описание:?\n(.+?)(?=\n\s*\nЗаключение|\Z)", re.DOTALL)
_CONCLUSION = re.compile(r"(?:^|\n)Описание:?\n.+?\n\s*\nЗаключение:?\s*(.+)\Z", re.DOTALL)
_DATES = ("effectiveDateTime", "effectivePeriod", "issued")


def kind_of(resource: Resource, node: Node, scene: Scene) -> type[models.Model] | None:
    """A study, unless it is no more than the frame of a laboratory's results; one whose results are nowhere is all there is."""
    has_results = scene.has_any_of(elements(resource, "result"))
    is_frame = is_lab_report(resource) and has_results and not _says_more(resource)
    return None if is_frame else models.Study


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Study]:
    """One study; its doctor is whoever interpreted it."""
    shared = scene.fields(resource, node, _DATES, "performer", "resultsInterpreter")
    interpreters = elements(resource, "resultsInterpreter")
    interpreter = next((scene.doctor(reference, resource) for reference in interpreters), None)
    if forms := elements(resource, "presentedForm"):
        resource = {**resource, "presentedForm": [resolved(form, resource, scene.graph) for form in forms]}
    yield models.Study(
        **shared | {"doctor": interpreter or shared["doctor"]},
        type=text(resource, "category", "coding", "code") or concept(element(resource, "category")),
        title=concept(element(resource, "code")),
        description=_description(resource),
        conclusion=_conclusion(resource),
    )


def to_fhir(record: models.Study, context: WriteContext) -> Resource:
    """What was seen is the printed protocol; the kind of a study is words, its codes are no FHIR ones."""
    return filled(
        resourceType="DiagnosticReport",
        id=fhir_id(record.id),
        status=state(record.status),
        category=[codeable(record.type)] if record.type else None,
        code=codeable_or_unknown(record.title),
        subject=context.subject,
        **dated("effectiveDateTime", record.date, record.date_text),
        performer=context.parties.performers(record),
        conclusion=record.conclusion,
        presentedForm=[_protocol(record.description)] if record.description else None,
    )


def _protocol(description: str) -> Resource:
    data = b64encode(description.encode("utf-8", "replace")).decode()
    return {"contentType": "text/plain; charset=utf-8", "data": data}


def _description(resource: Resource) -> str | None:
    """What was seen: R4 keeps it in the printed protocol or in the narrative; a protocol that is no text is named."""
    forms = [(form, attached_text(form)) for form in elements(resource, "presentedForm")]
    printed = joined((_described(words) for _form, words in forms if words), "\n\n")
    files = (described(form) for form, words in forms if words is None)
    return joined((printed or _narrative(resource), *_worded(resource), *files), "\n")


def _worded(resource: Resource) -> list[str]:
    """Results that stand in words where a reference to one should."""
    stated = (result for result in elements(resource, "result") if text(result, "reference") is None)
    return [words for result in stated if (words := text(result, "display"))]


def _described(printed: str) -> str:
    described = _DESCRIPTION.search(printed)
    return (described[1] if described else printed).strip()


def _conclusion(resource: Resource) -> str | None:
    """In words, and every code that says more; else as the protocol has it beside its description."""
    stated = dict.fromkeys([text(resource, "conclusion"), *labels(resource, "conclusionCode")])
    printed = (_CONCLUSION.search(attached_text(form) or "") for form in elements(resource, "presentedForm"))
    return joined(stated) or next((match[1].strip() for match in printed if match), None)


def _says_more(resource: Resource) -> bool:
    """Whether a report of results has words of its own."""
    said = _conclusion(resource) or elements(resource, "presentedForm") or _narrative(resource)
    return bool(said or _worded(resource))


def _narrative(resource: Resource) -> str | None:
    """Of a report with results only one that was written: a generated one repeats them."""
    repeats = elements(resource, "result") and text(resource, "text", "status") in ("generated", "empty")
    return None if repeats else narrative(element(resource, "text"))
