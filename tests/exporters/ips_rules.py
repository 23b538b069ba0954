"""The rules of the IPS 2.0.0 document, written down a second time so that the writer can be held against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as xml

from emkcli.fhir import element, elements

Resource = dict[str, Any]
REQUIRED = {"11450-4": "Condition", "48765-2": "AllergyIntolerance", "10160-0": "Medication"}
KNOWN = {
    **REQUIRED,
    "11369-6": "Immunization",
    "30954-2": "Observation DiagnosticReport",
    "47519-4": "Procedure",
    "8716-3": "Observation",
    "11348-0": "Condition",
}
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def broken(document: Resource) -> set[str]:
    """The names of the rules that a Bundle breaks."""
    return set(_bundle(document)) | set(_composition(document)) | set(_resources(document))


def resources(document: Resource) -> list[Resource]:
    return [one.get("resource") or {} for one in document.get("entry", [])]


def _bundle(document: Resource) -> Iterator[str]:
    entries = document.get("entry", [])
    kinds = [one.get("resourceType") for one in resources(document)]
    identifier = document.get("identifier") or {}
    addresses = [one.get("fullUrl") for one in entries]
    yield from _failed(
        {
            "type": document.get("type") == "document",
            "bdl-9": bool(identifier.get("system") and identifier.get("value")),
            "bdl-10": "T" in str(document.get("timestamp")) and str(document.get("timestamp"))[-6] in "+-",
            "entries": len(entries) >= 2,
            "fullUrl": all(addresses),
            "bdl-7": max(Counter(addresses).values(), default=0) == 1,
            "bdl-11": kinds[:1] == ["Composition"],
            "bdl-ips-1": "Composition" not in kinds[1:],
            "patient": kinds.count("Patient") == 1,
            "references": all(one in addresses for one in _references(document)),
            "no nulls": not _has_null(document),
        }
    )


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    elif isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str) and not reference.startswith("#"):
            yield reference
        for one in value.values():
            yield from _references(one)


def _has_null(value: Any) -> bool:
    if isinstance(value, list | dict):
        inner = value if isinstance(value, list) else value.values()
        return not value or any(map(_has_null, inner))
    return value is None or value == ""


def _composition(document: Resource) -> Iterator[str]:
    found = (resources(document) or [{}])[0]
    sections = found.get("section", [])
    codes = [_code(one) for one in sections]
    kinds = {one.get("fullUrl"): (one.get("resource") or {}).get("resourceType") for one in document.get("entry", [])}
    yield from _failed(
        {
            "composition type": _code(found, "type") == "60591-5",
            "composition status": found.get("status") in {"preliminary", "final", "amended"},
            "composition date": bool(found.get("date")),
            "composition author": bool(found.get("author")),
            "composition title": bool(found.get("title")),
            "composition subject": kinds.get((found.get("subject") or {}).get("reference")) == "Patient",
            "required sections": set(REQUIRED) <= set(codes),
            "observation category": _categorised(document),
            "known sections": set(codes) <= set(KNOWN) and max(Counter(codes).values(), default=0) == 1,
        }
    )
    for one in sections:
        yield from _section(one, kinds)


def _section(section: Resource, kinds: dict[Any, Any]) -> Iterator[str]:
    entries = [one.get("reference") for one in section.get("entry", [])]
    allowed = KNOWN.get(str(_code(section)), "")
    yield from _failed(
        {
            "section title": bool(section.get("title")),
            "section text": _is_narrative(section.get("text")),
            "ips-comp-1": bool(entries) or bool(section.get("emptyReason")),
            "cmp-2": not (entries and section.get("emptyReason")),
            "section entry": all(
                str(kinds.get(one)).removesuffix("Request").removesuffix("Statement") in allowed for one in entries
            ),
        }
    )


def _is_narrative(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("status") not in {"generated", "additional"}:
        return False
    try:
        div = xml.fromstring(value.get("div", ""))
    except xml.ParseError:
        return False
    tags = {one.tag.rpartition("}")[2] for one in div.iter()}
    return div.tag == "{http://www.w3.org/1999/xhtml}div" and tags <= {
        "div",
        "p",
        "table",
        "caption",
        "tbody",
        "tr",
        "td",
    }


def _resources(document: Resource) -> Iterator[str]:
    for one in resources(document):
        yield from _OF.get(str(one.get("resourceType")), _anything)(one)


def _anything(_one: Resource) -> Iterator[str]:
    return iter(())


def _patient(one: Resource) -> Iterator[str]:
    names = one.get("name", [])
    stated = all(name.get("family") or name.get("given") or name.get("text") for name in names)
    yield from _failed({"ips-pat-1": bool(names) and stated, "birthDate": _has(one, "birthDate")})


def _observation(one: Resource) -> Iterator[str]:
    codes = _categories(one)
    valued = any(_has(one, name) for name in ("value", "dataAbsentReason", "hasMember", "component"))
    members = all(_has(part, "value") or part.get("dataAbsentReason") for part in elements(one, "component"))
    yield from _failed(
        {
            "observation code": bool(one.get("code")),
            "observation subject": _owned(one, "subject"),
            "observation effective": _has(one, "effective"),
            "observation performer": (CATEGORY, "laboratory") not in codes or bool(one.get("performer")),
            "ips-2": valued,
            "ips-3": members,
        }
    )


def _categories(one: Resource) -> set[tuple[str, str]]:
    codings = [code for category in elements(one, "category") for code in elements(category, "coding")]
    return {(str(code.get("system")), str(code.get("code"))) for code in codings}


def _categorised(document: Resource) -> bool:
    """Observations that a section lists are of its category; others may come along with a report."""
    known = {one.get("fullUrl"): one.get("resource") or {} for one in document.get("entry", [])}
    for section in (resources(document) or [{}])[0].get("section", []):
        wanted = (CATEGORY, {"30954-2": "laboratory", "8716-3": "vital-signs"}.get(str(_code(section)), ""))
        for reference in section.get("entry", []):
            one = known.get(reference.get("reference"), {})
            if one.get("resourceType") == "Observation" and wanted not in _categories(one):
                return False
    return True


def _simple(*names: str, owner: str = "") -> Any:
    def rule(one: Resource) -> Iterator[str]:
        kind = one["resourceType"]
        yield from _failed({f"{kind} {name}": _has(one, name) for name in names})
        if owner:
            yield from _failed({f"{kind} {owner}": _owned(one, owner)})

    return rule


_OF = {
    "Patient": _patient,
    "Observation": _observation,
    "Condition": _simple("code", owner="subject"),
    "AllergyIntolerance": _simple("code", owner="patient"),
    "MedicationRequest": _simple("status", "intent", "medication", owner="subject"),
    "MedicationStatement": _simple("status", "medication", "effective", owner="subject"),
    "Medication": _simple("code"),
    "Immunization": _simple("status", "vaccineCode", "occurrence", owner="patient"),
    "DiagnosticReport": _simple("status", "code", "effective", owner="subject"),
    "Procedure": _simple("status", "code", "performed", owner="subject"),
    "Organization": _simple("name"),
    "Practitioner": _simple("name"),
    "Specimen": _simple("type", owner="subject"),
}


def _failed(rules: dict[str, bool]) -> Iterator[str]:
    return (name for name, kept in rules.items() if not kept)


def _has(one: Resource, stem: str) -> bool:
    """Whether an element or one of its choices is there, be it only to say that it is unknown."""
    return any(name.lstrip("_").startswith(stem) and value for name, value in one.items())


def _owned(one: Resource, name: str) -> bool:
    return bool(element(one, name).get("reference"))


def _code(value: Resource, name: str = "code") -> Any:
    coding = (value.get(name) or {}).get("coding") or [{}]
    return coding[0].get("code") if coding[0].get("system") == "http://loinc.org" else None
