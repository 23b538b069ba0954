"""Diagnoses in their five shapes; external causes, findings, history and other documents' diagnoses are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from emkcli import models
from emkcli.importers.cda.document_body import Part, Scene, denied, planned, withdrawn
from emkcli.importers.cda.times import Moment, first, time_of
from emkcli.importers.cda.tree import Code, Element, H, child, children, code_of, coded, get, words
from emkcli.locale import _

ICD = "11.1005"
KINDS, STAGES = "11.1077", ("11.1076", "99.2.795")
FIELDS = frozenset({"809", "838", "821", "822", "12433", "9029", "9012", "9009", "4027", "8161"})
"""Coded fields that hold a diagnosis; findings (808), histories and external causes are others."""
FOUNDED = frozenset({"821", "822", "12433"})
"""Fields whose name says how well founded it is."""
SECTION = "DGN"
"""Here a code of this shape is a diagnosis, whatever its dictionary is called."""
CASES = frozenset({"AMBS", "AMBSV"})
STAGE_FIELD = "7026"
_PROVISIONAL = re.compile(r"предварит", re.IGNORECASE)
_RULED_OUT = re.compile(r"исключ[её]н|опровергнут|отвергнут|не подтвержд", re.IGNORECASE)
_SUSPECTED = re.compile(r"подозрени|вероятн|предполаг|предположит|под вопросом|не исключ[её]н", re.IGNORECASE)
_NO = re.compile(r".*:\s*(?:нет|false|0)", re.IGNORECASE)
_EXTERNAL_CAUSE = re.compile(r"[V-Y]\d\d(\.\d{1,2})?")
"""Chapter XX of ICD-10: what did the harm."""
_ICD = re.compile(r"[A-Z]\d\d(\.\d{1,2})?")


class Stated(NamedTuple):
    """A code of a diagnosis, and how it is qualified (HL7 CD.qualifier): `исключён: да`."""

    code: Code
    qualifier: str | None


def diagnoses(scene: Scene) -> Iterator[models.Diagnosis]:
    """In the order of the document; `status` is how well founded the diagnosis is."""
    stated = (
        (statement, diagnosis)
        for part in scene.sections()
        for statement in part.all("observation", "act")
        for diagnosis in _codes(statement, part)
    )
    for number, (element, (icd, qualifier)) in enumerate(stated, 1):
        stage = _stage(element, scene)
        yield models.Diagnosis(
            id=scene.ident("diagnosis", number, element),
            **scene.when(time_of(element), _around(element, scene)),
            clinic=scene.header.clinic,
            doctor=scene.header.author,
            status="; ".join(filter(None, (stage, qualifier))) or None,
            verification_status=_verification(element, stage, qualifier),
            source=scene.source,
            code=icd.code,
            system=icd.uri,
            display=icd.name or words(child(element, "text")),
            type=code_of(element).name if code_of(element).of(KINDS) else None,
            note=qualifier,
            document_id=scene.name,
        )


def unread_diagnoses(scene: Scene) -> str | None:
    """In words, when a section of diagnoses has coded statements that gave none."""
    if any(_gives_none(statement, scene) for part in scene.sections(SECTION) for statement in part.all("observation")):
        return _("a statement of a section of diagnoses has a code that is no diagnosis emk knows: it is in no list")
    return None


def _gives_none(statement: Element, scene: Scene) -> bool:
    """Whether a diagnosis was to be expected of it; what is denied or planned is none."""
    has_code = any(get(sent, "code") for sent in children(statement, "value"))
    if not has_code or not _may_be_diagnosis(code_of(statement)) or planned(statement) or denied(statement):
        return False
    return scene.taken.isdisjoint((statement, *statement.iterancestors()))


def _verification(element: Element, stage: str | None, qualifier: str | None) -> str | None:
    if withdrawn(element):
        return "entered-in-error"
    qualified = _qualified(qualifier or "")
    return qualified or ("provisional" if _PROVISIONAL.match(stage or "") else None)


def _qualified(qualifier: str) -> str | None:
    said = [words for words in qualifier.split("; ") if not _NO.fullmatch(words)]
    if any(map(_SUSPECTED.search, said)):
        return "provisional"
    return "refuted" if any(map(_RULED_OUT.search, said)) else None


def _codes(element: Element, part: Part) -> Iterable[Stated]:
    """Of the diagnoses that an element states: a cause and its manifestation may have a code each."""
    code, in_section = code_of(element), part.kind.code == SECTION
    if planned(element) or denied(element):
        return ()
    if in_section and not (code.is_field or _EXTERNAL_CAUSE.fullmatch(code.code or "")):
        return _icd_codes((*children(element, "code"), *children(element, "value")), in_section=True)
    if element.tag == f"{H}act":
        return _icd_codes(children(element, "code")) if part.kind.code in CASES else ()
    is_diagnosis = code.of(KINDS) or (code.is_field and code.code in FIELDS)
    return _icd_codes(children(element, "value"), in_section=in_section) if is_diagnosis else ()


def _may_be_diagnosis(code: Code) -> bool:
    """Whether a statement under it is one, in a section of diagnoses: a field says what else it is."""
    return not code.is_field or code.code in FIELDS


def _icd_codes(sent: Iterable[Element], *, in_section: bool = False) -> Iterable[Stated]:
    """Each code once, also those that stand beside another as its translation."""
    distinct: dict[str | None, Stated] = {}
    for element in sent:
        for coding in map(coded, (element, *children(element, "translation"))):
            if _is_icd(coding, in_section=in_section):
                distinct.setdefault(coding.code, Stated(coding, _qualifier(element)))
    return distinct.values()


def _qualifier(sent: Element) -> str | None:
    """Of a code and of those beside it, each as its name and value."""
    qualifiers = (
        ": ".join(filter(None, (_said(child(one, "name")), _said(child(one, "value")))))
        for one in sent.iter(f"{H}qualifier")
    )
    return "; ".join(filter(None, qualifiers)) or None


def _said(sent: Element | None) -> str | None:
    return coded(sent).name or coded(sent).code or words(sent)


def _is_icd(code: Code, *, in_section: bool) -> bool:
    """By its dictionary; a clinic's own number of it is told by the shape of the code."""
    if not code.code:
        return False
    is_own = in_section or not (code.system or "").startswith("1.2.643.5.1.13.13.")
    return code.of(ICD) or bool(is_own and _ICD.fullmatch(code.code))


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
        (record.code, record.display, record.note): models.Coding(
            code=record.code, system=record.system, display=_with_note(record)
        )
        for record in records
    }
    return list(distinct.values())


def _with_note(diagnosis: models.Diagnosis) -> str | None:
    """One that is qualified says so here too: one ruled out must not be read as made."""
    return f"{diagnosis.display or ''} ({diagnosis.note})".strip() if diagnosis.note else diagnosis.display
