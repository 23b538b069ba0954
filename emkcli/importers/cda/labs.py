"""Laboratory results and vital signs: clusters, batteries, single observations and panels written as one text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from emkcli import models
from emkcli.importers.cda.document_body import Part, Scene, denied, doctor_of, planned, withdrawn
from emkcli.importers.cda.lab_table import printed_labs
from emkcli.importers.cda.times import Moment, first, time_of
from emkcli.importers.cda.tree import Element, child, children, code_of, coded, get, identifier, local, words
from emkcli.importers.cda.values import flag_of, interpretation_of, out_of_range, reference, value_of

TESTS = "11.1080"
"""The federal dictionary of laboratory tests."""
SIGNS = ("99.2.262", "11.1010")
"""The dictionaries of vital signs."""
COMMENT = "10000"
_ABSENT = {
    "UNK": "значение неизвестно",
    "NI": "нет сведений",
    "NA": "неприменимо",
    "OTH": "другое",
    "MSK": "скрыто",
    "ASKU": "спросили, неизвестно",
    "NASK": "не спрашивали",
    "NAV": "пока недоступно",
    "TRC": "следы",
}
"""Why there is no value (HL7 v3 NullFlavor)."""
RESULTS = "RESLAB"
"""The section of a laboratory's results."""


def labs(scene: Scene) -> Iterator[models.LabResult]:
    """Results of this patient, in the order of the document."""
    specimens, numbers = _specimens(scene), count(1)
    for part in scene.sections():
        candidates = (observation for observation in part.all("observation") if _is_result(observation, part))
        results = [observation for observation in candidates if not (planned(observation) or denied(observation))]
        for observation in results:
            yield _lab(observation, scene.ident("lab", next(numbers), observation), scene, specimens)
        if part.kind.code == RESULTS and not results:
            yield from printed_labs(part, numbers, scene)


def _is_result(element: Element, part: Part) -> bool:
    """In a section of results whatever stands in its own right, and the tests inside a result (the antibiotics tried on
    an organism); elsewhere a laboratory test with a value."""
    parent = element.getparent()
    if parent is None:
        return False
    code = code_of(element)
    if local(parent) == "entryRelationship":
        return part.kind.code == RESULTS and (code.of(TESTS) or _is_tried(element))
    if local(parent) not in ("component", "entry"):
        return False
    if part.kind.code == RESULTS:
        return not code.is_field
    return code.of(TESTS) and value_of(element).text is not None


def _is_tried(element: Element) -> bool:
    """An antibiotic under the clinic's own code or that of medicines: named, and with an answer."""
    code = code_of(element)
    answered = value_of(element).text or flag_of(element) or interpretation_of(element)
    return bool(answered) and code.name is not None and not code.is_field


def _lab(element: Element, ident: str, scene: Scene, specimens: dict[str, str]) -> models.LabResult:
    code, value = code_of(element), value_of(element)
    return models.LabResult(
        id=ident,
        report_id=scene.name,
        **scene.when(_collected(element, scene), name="collected_at"),
        analyte=code.name,
        code=code.code,
        code_system=code.uri,
        value=value.text,
        value_number=value.number,
        unit=value.unit,
        unit_code=value.unit_code,
        reference=reference(element),
        flag=flag_of(element),
        interpretation=interpretation_of(element),
        out_of_range=out_of_range(element, value),
        specimen=_specimen(element, specimens),
        method=_method(element),
        panel=_panels(element, scene),
        comment="; ".join(_comments(element)) or None,
        clinic=scene.header.clinic,
        doctor=doctor_of(element, scene),
        status=withdrawn(element) or get(child(element, "statusCode"), "code"),
        source=scene.source,
    )


def _collected(element: Element, scene: Scene) -> Moment:
    """Its own time, else the time of the battery or cluster around it."""
    return time_of(element) or first(organizer.time for organizer in scene.around(element, "organizer"))


def _panels(element: Element, scene: Scene) -> list[str]:
    """The names of the batteries around it, the outermost first."""
    names = (organizer.code.name for organizer in scene.around(element, "organizer"))
    return list(filter(None, names))[::-1]


def _method(element: Element) -> str | None:
    """How it was measured; several methods stand one after the other."""
    methods = map(coded, children(element, "methodCode"))
    return "; ".join(filter(None, (method.name or method.code for method in methods))) or None


def _comments(element: Element) -> Iterator[str]:
    """What is remarked, and the words that stand where a value should."""
    if child(element, "value") is None and (text := words(child(element, "text"))):
        yield text
    yield from _absence(child(element, "value"), is_flagged=flag_of(element) is not None)
    for act in children(element, "entryRelationship", "act"):
        if code_of(act).code == COMMENT and (remark := words(child(act, "text"))):
            yield remark


def _absence(value: Element | None, *, is_flagged: bool) -> Iterator[str]:
    """Why there is no value, in words; a number that stands beside that is none, and is told."""
    reason, written = get(value, "nullFlavor"), " ".join(filter(None, (get(value, "value"), get(value, "unit"))))
    if reason and (written or not is_flagged):
        yield ": ".join(filter(None, (f"{_ABSENT.get(reason, 'нет значения')} (nullFlavor {reason})", written)))


def _specimens(scene: Scene) -> dict[str, str]:
    """What was examined, by its id and, where clinics number it differently, by the label alone."""
    names: dict[str, str] = {}
    for part in scene.sections():
        for role in part.all("specimenRole"):
            name = _matter(role)
            for ident in children(role, "id") if name else ():
                names.setdefault(identifier(ident) or "", name or "")
                names.setdefault(get(ident, "extension") or "", name or "")
    return {key: name for key, name in names.items() if key}


def _matter(role: Element) -> str | None:
    playing = child(role, "specimenPlayingEntity")
    return code_of(playing).name or words(child(playing, "name")) or words(child(playing, "desc"))


def _specimen(element: Element, names: dict[str, str]) -> str | None:
    for role in children(element, "specimen", "specimenRole"):
        keys = [key for ident in children(role, "id") for key in (identifier(ident), get(ident, "extension"))]
        name = _matter(role) or next((names[key] for key in keys if key in names), None)
        if name:
            return name
    return None


def vitals(scene: Scene) -> Iterator[models.Vital]:
    """Every measurement of the sections of vital signs; the unit is the one sent."""
    observations = (
        observation
        for part in scene.sections()
        for observation in part.all("observation")
        if _is_measured(observation, part)
    )
    for number, observation in enumerate(observations, 1):
        code, value = code_of(observation), value_of(observation)
        own = next(filter(None, (get(quantity, "unit") for quantity in children(observation, "value"))), None)
        yield models.Vital(
            id=scene.ident("vital", number, observation),
            **scene.when(_collected(observation, scene)),
            clinic=scene.header.clinic,
            doctor=doctor_of(observation, scene),
            status=get(child(observation, "statusCode"), "code"),
            source=scene.source,
            code=code.code,
            display=code.name,
            value=value.text,
            unit=own or value.unit,
            reference=reference(observation),
            flag=flag_of(observation),
            interpretation=interpretation_of(observation),
            note="; ".join(_comments(observation)) or None,
        )


def _is_measured(element: Element, part: Part) -> bool:
    """Whatever stands in the section of vital signs; elsewhere what the dictionary of them knows."""
    code, parent = code_of(element), element.getparent()
    if code.is_field or not (part.kind.code == "VITALPARAM" or code.of(*SIGNS)) or planned(element) or denied(element):
        return False
    return parent is not None and local(parent) in ("component", "entry") and value_of(element).text is not None
