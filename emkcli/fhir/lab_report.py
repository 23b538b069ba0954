"""DiagnosticReport of a laboratory ↔ what its results have in common: the report they are in, the panel they make up.

A panel is an Observation inside the report that has its results as members.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from emkcli import models
from emkcli.fhir.building import code_among, codeable, codeable_or_unknown, coded, fhir_date, filled
from emkcli.fhir.contained import inner_key
from emkcli.fhir.elements import Resource, codes, concept, contained, element, elements, systems, text
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id, inner_reference, reference
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

LAB_SECTIONS = frozenset(
    {"LAB", "laboratory", "BG", "BLB", "CG", "CH", "GE", "HM", "IMM", "MB", "MCB", "MYC", "OSL", "SR", "TX", "VR"}
)
"""Categories that mean a laboratory: HL7 v2-0074 and observation-category."""
LABORATORIES = "1.2.643.5.1.13.13.11.1476"
"""The federal directory of kinds of laboratory tests."""
OTHER_SERVICES = frozenset(
    {"AU", "CTH", "CUS", "EC", "EN", "ICU", "NMR", "NMS", "NRS", "OUS", "PF", "PHR", "PHY", "PT", "RAD", "RC", "RT"}
    | {"RUS", "RX", "VUS", "XRC", "imaging", "LP29684-5", "LP29708-2"}
)
"""Categories that mean no laboratory: HL7 v2-0074, and radiology and cardiology in LOINC."""
_SERVICES = "http://terminology.hl7.org/CodeSystem/v2-0074"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_FINAL = {"completed": "final", "active": "preliminary", "aborted": "cancelled", "nullified": "entered-in-error"}
_STATES = re.compile("registered|preliminary|final|amended|corrected|cancelled|entered-in-error|unknown")


def is_lab_report(report: Resource) -> bool:
    """A DiagnosticReport of a laboratory; where no category says so, one that lists results."""
    category = report.get("category")
    return is_laboratory(category) or bool(elements(report, "result") and not codes(category) & OTHER_SERVICES)


def is_laboratory(category: Any) -> bool:
    """Whether a category names a laboratory, in whatever system."""
    return bool(codes(category) & LAB_SECTIONS) or LABORATORIES in systems(category)


MOST_PANELS = 10
"""Inside each other; nobody prints so many."""


def state(status: str | None) -> str:
    """The status of a СЭМД as R4 has it for results and reports."""
    return code_among(_STATES, _FINAL.get(status or "", status), "unknown")


def panels(report: Node, result: Node, scene: Scene) -> list[str]:
    """The names of the panels inside a report that a result is a member of, the outermost first."""
    groups: dict[str, _Group] = scene.graph.remembered(("panels", id(report)), lambda: _groups(report, scene))
    names: list[str | None] = []
    group = groups.get(result.key)
    while group and len(names) < MOST_PANELS:
        names.append(group.name)
        group = groups.get(group.key)
    return list(filter(None, reversed(names)))


def to_fhir(context: WriteContext) -> Iterator[Resource]:
    """The reports of a document, one for each panel; one without a name goes by the document's."""
    results = [record for record in context.document.records if isinstance(record, models.LabResult)]
    grouped = groupby(sorted(results, key=_panels), key=_panels)
    for number, (names, members) in enumerate(grouped, 1):
        yield _report(number, names, list(members), context)


class _Group(NamedTuple):
    """A panel by its key and its name."""

    key: str
    name: str | None


def _groups(report: Node, scene: Scene) -> dict[str, _Group]:
    """The key of each member → its panel."""
    inside = contained(scene.graph.resource(report), "Observation")
    members = ((text(member, "reference") or "", group) for group in inside for member in elements(group, "hasMember"))
    keys = ((_key(name, report, scene), group) for name, group in members)
    return {key: _group_of(group, report) for key, group in keys if key}


def _group_of(group: Resource, report: Node) -> _Group:
    key = inner_key(report, "Observation", text(group, "id") or "")
    return _Group(key, concept(element(group, "code")))


def _key(member: str, report: Node, scene: Scene) -> str | None:
    """What a member is called that stands in the report, or beside it."""
    if member.startswith("#"):
        return inner_key(report, "Observation", member[1:])
    node = scene.graph.node(member)
    return node.key if node else None


def _panels(record: models.LabResult) -> list[str]:
    return record.panel


def _report(number: int, names: list[str], members: list[models.LabResult], context: WriteContext) -> Resource:
    first = members[0]
    results = [reference("Observation", record.id) for record in members]
    groups = _panels_of(names, first, results, context)
    return filled(
        resourceType="DiagnosticReport",
        id=fhir_id(f"{first.report_id or first.id}#report{number}"),
        contained=groups or None,
        status=state(first.status),
        category=[coded(_SERVICES, "LAB")],
        code=codeable_or_unknown(names[0] if names else context.document.title),
        subject=context.subject,
        effectiveDateTime=fhir_date(first.collected_at),
        performer=context.parties.performers(first),
        result=[*map(inner_reference, groups[:1]), *results],
    )


def _panels_of(
    names: list[str], first: models.LabResult, results: list[Resource], context: WriteContext
) -> list[Resource]:
    """Each panel has the next as its member, the innermost the results."""
    groups: list[Resource] = []
    members = results
    for depth in range(len(names), 0, -1):
        groups.insert(0, _group(names[depth - 1], "panel" + "-in" * (depth - 1), first, members, context))
        members = [inner_reference(groups[0])]
    return groups


def _group(name: str, ident: str, first: models.LabResult, members: list[Resource], context: WriteContext) -> Resource:
    return filled(
        resourceType="Observation",
        id=ident,
        status=state(first.status),
        category=[coded(CATEGORY, "laboratory")],
        code=codeable(name),
        subject=context.subject,
        hasMember=members,
    )
