"""Diagnoses in their five shapes; external causes, findings, history and other documents' diagnoses are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from emkcli import models
from emkcli.importers.cda.document_body import Part, Scene, denied, planned, withdrawn
from emkcli.importers.cda.times import Moment, first, time_of
from emkcli.importers.cda.tree import Code, Element, H, child, children, code_of, coded, words

ICD = "11.1005"
KINDS, STAGES = "11.1077", ("11.1076", "99.2.795")
FIELDS = frozenset({"809", "838", "821", "822", "12433", "9029", "9012", "9009", "4027", "8161"})
"""Coded fields that hold a diagnosis; findings (808), histories and external causes are others."""
FOUNDED = frozenset({"821", "822", "12433"})
"""Fields whose name says how well founded it is."""
CASES = frozenset({"AMBS", "AMBSV"})
STAGE_FIELD = "7026"
_PROVISIONAL = re.compile(r"предварит", re.IGNORECASE)
_ICD = re.compile(r"[A-Z]\d\d(\.\d{1,2})?")


def diagnoses(scene: Scene) -> Iterator[models.Diagnosis]:
    """In the order of the document; `status` is how well founded the diagnosis is."""
    stated = (
        (entry, icd)
        for part in scene.sections()
        for entry in part.all("observation", "act")
        for icd in _codes(entry, part)
    )
    for number, (element, icd) in enumerate(stated, 1):
        stage = _stage(element, scene)
        yield models.Diagnosis(
            id=scene.ident("diagnosis", number, element),
            **scene.when(time_of(element), _around(element, scene)),
            clinic=scene.header.clinic,
            doctor=scene.header.author,
            status=stage,
            verification_status=_verification(element, stage),
            source=scene.source,
            code=icd.code,
            system=icd.uri,
            display=icd.name or words(child(element, "text")),
            type=code_of(element).name if code_of(element).of(KINDS) else None,
            document_id=scene.name,
        )


def _verification(element: Element, stage: str | None) -> str | None:
    if withdrawn(element):
        return "entered-in-error"
    return "provisional" if _PROVISIONAL.match(stage or "") else None


def _codes(element: Element, part: Part) -> Iterable[Code]:
    """Of the diagnoses that an element states: a cause and its manifestation may have a code each."""
    code = code_of(element)
    if element.tag == f"{H}act":
        return _icd_codes(children(element, "code")) if part.kind.code in CASES else ()
    if not (code.of(KINDS) or (code.is_field and code.code in FIELDS)) or planned(element) or denied(element):
        return ()
    return _icd_codes(children(element, "value"))


def _icd_codes(sent: Iterator[Element]) -> Iterable[Code]:
    """Each code once, also those that stand beside another as its translation."""
    codings = (coded(coding) for element in sent for coding in (element, *children(element, "translation")))
    distinct: dict[str | None, Code] = {}
    for coding in filter(_is_icd, codings):
        distinct.setdefault(coding.code, coding)
    return distinct.values()


def _is_icd(code: Code) -> bool:
    """By its dictionary; a clinic's own number of it is told by the shape of the code."""
    if not code.code:
        return False
    return code.of(ICD) or bool(not (code.system or "").startswith("1.2.643.5.1.13.13.") and _ICD.fullmatch(code.code))


def _around(element: Element, scene: Scene) -> Moment:
    return first(outer.time for outer in scene.around(element, "observation", "act", "encounter"))


def _stage(element: Element, scene: Scene) -> str | None:
    """Preliminary, final clinical …: told inside the diagnosis or by the act around it."""
    for observation in children(element, "entryRelationship", "observation"):
        if code_of(observation).code == STAGE_FIELD:
            return coded(child(observation, "value")).name
    own = code_of(element)
    if own.is_field and own.code in FOUNDED:
        return own.name
    around = (act.code for act in scene.around(element, "act"))
    return next((code.name for code in around if code.of(*STAGES)), None)


def codings(records: list[models.Diagnosis]) -> list[models.Coding]:
    """The same as the document lists them, each once."""
    distinct = {
        (record.code, record.display): models.Coding(code=record.code, system=record.system, display=record.display)
        for record in records
    }
    return list(distinct.values())
