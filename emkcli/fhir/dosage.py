"""Dosage ↔ one step of how a medicine is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from emkcli import models
from emkcli.fhir import timing
from emkcli.fhir.building import codeable, filled, quantity, quantity_of
from emkcli.fhir.elements import Resource, amount, codes, concept, element, elements, joined, labels, text, unit_of
from emkcli.locale import CARD_LANGUAGE

_RANGE = re.compile(r"(\d[\d.]*)–(\d[\d.]*)(?: (.+))?")
_RATIO = " / "
_WHOLE = re.compile(r"\d{1,9}")


def steps(dosages: Iterable[Resource]) -> list[models.Dosage]:
    """The steps in their order; those without a number stand where they stood."""
    read = [_step(dosage) for dosage in dosages]
    return sorted(filter(_says_something, read), key=_place)


def to_fhir(step: models.Dosage) -> Resource:
    """Amounts that are none to FHIR are told in the text."""
    dose, rate, limits = _amounts(step.dose, "dose"), _rate(step.rate), _limits(step)
    words = (None if dose else step.dose, None if rate else step.rate, step.text)
    return filled(
        sequence=_place(step) or None,
        text=joined(words),
        additionalInstruction=_concepts(step.additional_instruction),
        patientInstruction=step.patient_instruction,
        timing=timing.to_fhir(step.schedule) or filled(code=codeable(step.timing)),
        **_as_needed(step.as_needed),
        site=codeable(step.site),
        route=codeable(step.route),
        method=codeable(step.method),
        doseAndRate=[{**dose, **rate}] if dose or rate else None,
        **limits,
    )


def _step(dosage: Resource) -> models.Dosage:
    from emkcli.clinical.timing_words import timing_words

    schedule = timing.schedule(element(dosage, "timing"))
    portions = elements(dosage, "doseAndRate")
    return models.Dosage(
        sequence=text(dosage, "sequence"),
        text=text(dosage, "text"),
        timing=timing_words(schedule, CARD_LANGUAGE),
        schedule=schedule,
        route=concept(element(dosage, "route")),
        site=concept(element(dosage, "site")),
        method=concept(element(dosage, "method")),
        as_needed=concept(element(dosage, "asNeededCodeableConcept")) or _truth(dosage.get("asNeededBoolean")),
        dose=joined(_portions(portions, "dose")),
        rate=joined(_portions(portions, "rate")),
        max=ratio(element(dosage, "maxDosePerPeriod")),
        max_per_administration=amount(element(dosage, "maxDosePerAdministration")),
        max_per_lifetime=amount(element(dosage, "maxDosePerLifetime")),
        additional_instruction=joined(labels(dosage, "additionalInstruction")),
        patient_instruction=text(dosage, "patientInstruction"),
    )


def _says_something(step: models.Dosage) -> bool:
    return step != models.Dosage(sequence=step.sequence)


def _place(step: models.Dosage) -> int:
    return int(step.sequence) if step.sequence and _WHOLE.fullmatch(step.sequence) else 0


def _truth(sent: Any) -> str | None:
    return "true" if sent is True else None


def _portions(portions: list[Resource], name: str) -> Iterator[str]:
    """What was ordered before what was calculated from it, which is no second dose and says so."""
    for part in sorted(portions, key=_is_calculated):
        if amount_of := _portion(part, name):
            is_aside = _is_calculated(part) and len(portions) > 1
            yield f"{amount_of} ({concept(element(part, 'type'))})" if is_aside else amount_of


def _is_calculated(part: Resource) -> bool:
    return "calculated" in codes(part.get("type"))


def _portion(part: Resource, name: str) -> str | None:
    """`500 mg`, `1–2 tablets`, `100 ml / 1 h`."""
    spread = element(part, f"{name}Range")
    return amount(element(part, f"{name}Quantity")) or between(spread) or ratio(element(part, f"{name}Ratio"))


def between(spread: Resource) -> str | None:
    """A Range, its unit once where both ends share it: `1–2 tablets`; `≥ 1 tablet` where it is open."""
    low, high = element(spread, "low"), element(spread, "high")
    if amount(low) and amount(high):
        shared = unit_of(low) in (unit_of(high), None)
        return f"{text(low, 'value') if shared else amount(low)}–{amount(high)}"
    return _bound("≥", low) or _bound("≤", high)


def _bound(sign: str, quantity: Resource) -> str | None:
    """An open end; one with a sign of its own keeps that."""
    written = amount(quantity)
    return f"{sign} {written}" if written and not text(quantity, "comparator") else written


def ratio(value: Resource) -> str | None:
    """A Ratio of amounts: `8 tablets / 1 d`."""
    return joined((amount(element(value, "numerator")), amount(element(value, "denominator"))), _RATIO)


def _amounts(words: str | None, name: str) -> Resource:
    if spread := _RANGE.fullmatch(words or ""):
        low, high = quantity(spread[1], spread[3]), quantity(spread[2], spread[3])
        return {f"{name}Range": {"low": low, "high": high}} if low and high else {}
    return filled(**{f"{name}Quantity": quantity_of(words)})


def _rate(words: str | None) -> Resource:
    return filled(rateRatio=_as_ratio(words)) or _amounts(words, "rate")


def _limits(step: models.Dosage) -> Resource:
    return filled(
        maxDosePerPeriod=_as_ratio(step.max),
        maxDosePerAdministration=quantity_of(step.max_per_administration),
        maxDosePerLifetime=quantity_of(step.max_per_lifetime),
    )


def _as_ratio(words: str | None) -> Resource | None:
    numerator, _bar, denominator = (words or "").partition(_RATIO)
    above, below = quantity_of(numerator), quantity_of(denominator)
    return {"numerator": above, "denominator": below} if above and below else None


def _as_needed(sent: str | None) -> Resource:
    if sent == "true":
        return {"asNeededBoolean": True}
    return filled(asNeededCodeableConcept=codeable(sent))


def _concepts(words: str | None) -> list[Resource] | None:
    return [codeable(words)] if words else None
