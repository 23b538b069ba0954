"""Allergies, referrals and preventive care."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli import models
from emkcli.importers.cda.document_body import Scene, denied, withdrawn
from emkcli.importers.cda.document_validity import expires_on
from emkcli.importers.cda.times import Moment, first, time_in, time_of
from emkcli.importers.cda.tree import Code, Element, H, child, children, code_of, coded, words
from emkcli.importers.cda.values import drug, entry_value, material

REACTIONS, REACTION, MANIFESTATIONS = "11.1064", "11036", "11.1063"
AGENTS, AGENT, DETECTED = "11.1367", "12119", "12118"
"""The dictionary of what causes reactions; the fields that name a cause in words and say when it was found."""
SERVICES = frozenset({"833", "7028"})
EXAMINATION = "MEDEXAMINFO"
GROUP, RECOMMENDATIONS = ("6020",), ("807", "839")


def allergies(scene: Scene) -> Iterator[models.Allergy]:
    """By what causes them; by their kind where no cause is named."""
    observations = (
        (observation, kind)
        for part in scene.sections()
        for observation in part.all("observation")
        if (kind := _kind(observation, in_section=part.kind.code == "ALL")) and not denied(observation)
    )
    for number, (observation, kind) in enumerate(observations, 1):
        agent, name = _agent(observation)
        yield models.Allergy(
            id=scene.ident("allergy", number, observation),
            **scene.when(time_of(observation), _detected(observation)),
            clinic=scene.header.clinic,
            doctor=scene.header.author,
            status=withdrawn(observation),
            verification_status="entered-in-error" if withdrawn(observation) else None,
            source=scene.source,
            code=agent.code if name else kind.code,
            display=name or _remark(observation) or kind.name,
            category=kind.name if name else None,
            reactions=_reactions(observation),
            note=_remark(observation) if name else None,
        )


def _kind(element: Element, *, in_section: bool) -> Code | None:
    code = code_of(element)
    if code.of(REACTIONS):
        return code
    if in_section and code.is_field and code.code == REACTION:
        return coded(child(element, "value"))
    return None


def _reactions(allergy: Element) -> list[models.Reaction]:
    """What was seen (directory …11.1063); a document tells it of one reaction."""
    codes = map(code_of, children(allergy, "entryRelationship", "observation"))
    seen = [code.name for code in codes if code.of(MANIFESTATIONS) and code.name]
    return [models.Reaction(manifestations=seen)] if seen else []


def _remark(allergy: Element) -> str | None:
    """The comment; documents that have none say a dash."""
    comment = words(child(allergy, "text"))
    return comment if comment and any(map(str.isalnum, comment)) else None


def _agent(element: Element) -> tuple[Code, str | None]:
    """What caused it: a participant, a substance that was taken, a code of the dictionary of agents, a field in words."""
    if agents := list(_named_agents(element)):
        return agents[0][0], "; ".join(dict.fromkeys(name for _code, name in agents))
    for taken in element.iter(f"{H}substanceAdministration"):
        if name := drug(taken):
            return code_of(material(taken)), name
    return _stated_agent(element)


def _named_agents(element: Element) -> Iterator[tuple[Code, str]]:
    for playing in children(element, "participant", "participantRole", "playingEntity"):
        code = code_of(playing)
        if name := code.name or words(child(playing, "name")) or words(child(playing, "desc")):
            yield code, name


def _stated_agent(element: Element) -> tuple[Code, str | None]:
    inside = list(children(element, "entryRelationship", "observation"))
    coded_values = (coded(sent) for statement in inside for sent in children(statement, "value"))
    code = next((code for code in coded_values if code.of(AGENTS) and code.name), Code())
    in_words = (entry_value(statement) for statement in inside if code_of(statement).code == AGENT)
    return code, code.name or next(filter(None, in_words), None)


def _detected(element: Element) -> Moment:
    fields = children(element, "entryRelationship", "observation")
    return first(_stated(field) for field in fields if code_of(field).code == DETECTED)


def _stated(field: Element) -> Moment:
    """In its time, or as its value."""
    return time_of(field) or time_in(child(field, "value"))


def referrals(scene: Scene) -> Iterator[models.Referral]:
    """One per service ordered; where none is named, what the patient is sent for."""
    sent = (act for part in scene.sections("SCOPORG") for act in part.all("act", "observation"))
    acts = (act for act in sent if not denied(act))
    ordered = [(act, service) for act in acts for service in _ordered(act)]
    ends = expires_on(scene)
    for number, (act, service) in enumerate(ordered, 1):
        yield models.Referral(
            id=scene.ident("referral", number, act),
            **scene.when(time_of(act), scene.header.time),
            clinic=scene.header.clinic,
            doctor=scene.header.author,
            status=withdrawn(act),
            source=scene.source,
            code=service.code,
            display=service.name,
            expires_on=ends,
        )


def _ordered(act: Element) -> list[Code]:
    parent = act.getparent()
    if parent is None or parent.tag != f"{H}entry":
        return []
    inside = [observation for observation in act.iter(f"{H}observation") if code_of(observation).code in SERVICES]
    services = [
        service
        for observation in inside
        for value in children(observation, "value")
        if (service := coded(value)).name or service.code
    ]
    aim = code_of(act)
    return services or ([aim] if aim.name and not aim.is_field else [])


def prevention(scene: Scene) -> Iterator[models.Prevention]:
    """A preventive examination: the document that states a health group or has the section of such examinations."""
    groups = scene.fields(*GROUP)
    if groups or any(True for _part in scene.sections(EXAMINATION)):
        yield models.Prevention(
            id=scene.ident("prevention", 1),
            **scene.when(),
            clinic=scene.header.clinic,
            doctor=scene.header.author,
            source=scene.source,
            type=scene.header.kind.name or scene.header.title,
            health_group=groups[-1] if groups else None,
            conclusion="\n".join(scene.fields("806", "837")) or None,
            recommendations=scene.fields(*RECOMMENDATIONS),
        )
