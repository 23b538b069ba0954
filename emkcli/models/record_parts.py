"""What records are made of: a step of a dosage, a reaction to an allergen."""

from __future__ import annotations

from typing import Annotated

from msgspec import UnsetType

from emkcli.models.elements import Model


class Dosage(Model):
    """How a medicine is to be taken, or one step of it (FHIR Dosage). `text`, amounts and names are as sent; `timing` is said
    from `schedule`, in Russian like the card whatever the language of the run, so that it stays the same for programs."""

    sequence: Annotated[str | None, "number of the step: equal ones are taken together"] = None
    text: Annotated[str | None, "how to take it, as written"] = None
    timing: Annotated[str | None, "when to take it, in Russian words; a code that is not known as sent"] = None
    schedule: Annotated[str | None, "when to take it: FHIR Timing as sent, a text of JSON"] = None
    route: Annotated[str | None, "how it enters the body, in the source's words"] = None
    site: Annotated[str | None, "where on the body, in the source's words"] = None
    method: Annotated[str | None, "how it is given, in the source's words"] = None
    as_needed: Annotated[str | None, "what it is taken against when needed; `true` when nothing was named"] = None
    dose: Annotated[str | None, "one dose with its unit, as sent; `1–2 tablets` of a range"] = None
    rate: Annotated[str | None, "how fast: `100 ml / 1 h`, as sent"] = None
    max: Annotated[str | None, "at most so much in a time: `8 tablets / 1 d`, as sent"] = None
    max_per_administration: Annotated[str | None, "at most so much at once, as sent"] = None
    max_per_lifetime: Annotated[str | None, "at most so much in a life, as sent"] = None
    additional_instruction: Annotated[str | None, "warnings and advice, as sent"] = None
    patient_instruction: Annotated[str | None, "what the patient is told, as sent"] = None


class Reaction(Model):
    """What an allergy did once (FHIR AllergyIntolerance.reaction)."""

    substance: Annotated[str | None, "what caused it, where that is more exact than the allergy itself"] = None
    manifestations: Annotated[list[str], "what was seen: a list of words, as sent"] = []
    severity: Annotated[str | None, "mild, moderate or severe, as sent"] = None
    date: Annotated[str | None, "when it happened, as sent (ISO 8601 of any precision, or words)"] = None
    note: Annotated[str | None, "remarks and how it is described, as sent"] = None


class Detail(Model):
    """What the source says of a record and no field of it holds, in words."""

    element: Annotated[str, "path of the element of FHIR: `stage.summary`; of an extension the end of its address"]
    text: Annotated[str, "what it says, as sent"]
    modifies: Annotated[bool, "whether it changes what the whole record means (FHIR modifierExtension)"] = False


Details = list[Detail] | UnsetType
"""All that a record says beside its fields; not set, and left out, where that is nothing."""
