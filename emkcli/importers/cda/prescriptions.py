"""Medicines prescribed, ordered or given; anaesthesia and vaccines are not among them."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli import models
from emkcli.importers.cda.document_body import Around, Scene, denied
from emkcli.importers.cda.document_validity import expires_on
from emkcli.importers.cda.times import Moment, first, time_of
from emkcli.importers.cda.tree import Element, H, child, children, code_of, coded, get, named, words
from emkcli.importers.cda.values import drug, material, value, value_of

VACCINES, ANAESTHESIA = "11.1078", "11.1033"
SERIES, NUMBER, DOSES = "6001", "6002", "6011"
NOT_HERE = frozenset({"IMM", "SUR", "ANEST", "ALL"})


def prescriptions(scene: Scene) -> Iterator[models.Prescription]:
    """One per medicine; series, number and validity are the recipe's."""
    number = " ".join(scene.fields(SERIES)[:1] + scene.fields(NUMBER)[:1]) or None
    valid = expires_on(scene)
    administrations = (
        (administration, part.kind.code == "RECIPE")
        for part in scene.sections()
        if part.kind.code not in NOT_HERE
        for administration in part.all("substanceAdministration")
    )
    taken = [
        (administration, recipe, name)
        for administration, recipe in administrations
        if (name := _medicine(administration, scene))
    ]
    for place, (administration, recipe, name) in enumerate(taken, 1):
        yield models.Prescription(
            id=scene.ident("medicine", place, administration),
            **scene.when(_time(administration, scene)),
            clinic=scene.header.clinic,
            doctor=scene.header.author,
            status=get(child(administration, "statusCode"), "code"),
            source=scene.source,
            type="recipe" if recipe else "order",
            number=number if recipe else None,
            medicine=name,
            form=coded(child(administration, "administrationUnitCode")).name,
            dose=dose(administration),
            instructions=instructions(administration),
            dosage=_dosage(administration),
            quantity=_quantity(administration),
            ends_on=_end(administration, scene),
            expires_on=valid if recipe else _end(administration, scene),
        )


def _medicine(element: Element, scene: Scene) -> str | None:
    """The drug's name, from the act around it where that names it; a step of a scheme is no medicine of its own."""
    if next(element.iterancestors(f"{H}substanceAdministration"), None) is not None:
        return None
    if denied(element) or code_of(material(element)).of(VACCINES, ANAESTHESIA):
        return None
    if name := drug(element):
        return name
    if material(element) is None:
        return None
    around = (act.code for act in scene.around(element, "act"))
    return next((code.name for code in around if code.name and not code.is_field), None)


def _time(element: Element, scene: Scene) -> Moment:
    return time_of(element) or first(act.time for act in scene.around(element, "act"))


def _end(element: Element, scene: Scene) -> str | None:
    return next(filter(None, (outer.end for outer in (Around(element), *scene.around(element, "act")))), None)


def dose(element: Element) -> str | None:
    """As sent: a number without a unit counts tablets."""
    quantity = child(element, "doseQuantity")
    if quantity is None:
        return None
    plain = " ".join(filter(None, (get(quantity, "value"), get(quantity, "unit"))))
    return plain or value(quantity).whole


def _dosage(element: Element) -> list[models.Dosage]:
    """One step, whose text says all that the document does."""
    step = models.Dosage(
        text=instructions(element),
        route=coded(child(element, "routeCode")).name,
        dose=dose(element),
        max=_largest(element),
    )
    return [step] if step != models.Dosage() else []


def instructions(element: Element) -> str | None:
    """How to take it, from every part that says so: way, rhythm, length, steps and advice."""
    phrases = [words(child(element, "text")), coded(child(element, "routeCode")).name, _rhythm(element)]
    for step in children(element, "entryRelationship", "substanceAdministration"):
        phrases.append(" / ".join(filter(None, (dose(step), _rhythm(step)))))
    if largest := _largest(element):
        phrases.append(f"не более {largest}")
    phrases += [words(child(criterion, "value")) for criterion in children(element, "precondition", "criterion")]
    return "; ".join(phrase for phrase in phrases if phrase) or None


def _largest(element: Element) -> str | None:
    """The largest dose in a time (`maxDoseQuantity`)."""
    return value(child(element, "maxDoseQuantity")).whole


def _rhythm(element: Element) -> str | None:
    """The period between doses, and for how long."""
    times = list(children(element, "effectiveTime"))
    parts = [value(child(time, name)).whole for name in ("period", "width") for time in times]
    return ", ".join(part for part in parts if part) or None


def _quantity(element: Element) -> str | None:
    """The number of doses ordered, or what is to be dispensed."""
    for observation in children(element, "entryRelationship", "observation"):
        if code_of(observation).code == DOSES:
            return value_of(observation).whole
    supply = named(element, "supply")
    return value(child(supply, "quantity")).whole
