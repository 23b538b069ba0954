"""Instrumental studies with their protocol and conclusion."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli import models
from emkcli.importers.cda.document_body import Scene, denied, doctor_of, planned, withdrawn
from emkcli.importers.cda.times import time_of
from emkcli.importers.cda.tree import Element, H, code_of, local
from emkcli.importers.cda.vaccinations import skin_tests
from emkcli.importers.cda.values import entry_value

STUDIES = ("11.1471", "11.1378", "11.1472")
PROTOCOL, CONCLUSION = "1805", "1806"
RESULTS = "RESINSTR"


def studies(scene: Scene) -> Iterator[models.Study]:
    """The document's own studies, those it quotes, and skin tests."""
    for number, study in enumerate(_all_studies(scene), 1):
        element, title, kind, description, conclusion = study
        yield models.Study(
            id=scene.ident("study", number, element),
            **scene.when(time_of(element)),
            clinic=scene.header.clinic,
            doctor=doctor_of(element, scene) if element is not None else scene.header.author,
            status=withdrawn(element) if element is not None else None,
            source=scene.source,
            type=kind,
            title=title,
            description=description,
            conclusion=conclusion,
        )


_StudyParts = tuple[Element | None, str | None, str | None, str | None, str | None]


def _all_studies(scene: Scene) -> Iterator[_StudyParts]:
    own = list(_own(scene))
    yield from own or _unnamed(scene)
    for part in scene.sections(RESULTS):
        for element in part.all("observation"):
            code = code_of(element)
            if _stands(element) and not code.is_field and _is_done(element):
                yield element, code.name, part.kind.name, None, entry_value(element)
    for element, name in skin_tests(scene):
        yield element, name, None, None, entry_value(element) if local(element) == "observation" else None


def _own(scene: Scene) -> Iterator[_StudyParts]:
    """What the document is the protocol of: acts outside the sections of quoted results."""
    texts = _joined(scene, PROTOCOL), _joined(scene, CONCLUSION)
    for part in scene.sections():
        for act in part.all("act") if part.kind.code != RESULTS else ():
            code = code_of(act)
            if code.of(*STUDIES) and _stands(act) and _is_done(act):
                yield act, code.name, scene.header.kind.name, *texts


def _unnamed(scene: Scene) -> Iterator[_StudyParts]:
    """An older protocol names the study as the event or by its title only."""
    protocol, conclusion = _joined(scene, PROTOCOL), _joined(scene, CONCLUSION)
    if protocol or conclusion:
        name = scene.header.event.name if scene.header.event.of(*STUDIES) else scene.header.title
        yield None, name, scene.header.kind.name, protocol, conclusion


def _joined(scene: Scene, field: str) -> str | None:
    return "\n".join(scene.fields(field)) or None


def _is_done(element: Element) -> bool:
    return not (planned(element) or denied(element))


def _stands(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in (f"{H}entry", f"{H}component")
