"""The sections of the summary: their LOINC codes, and which lists of the card fill them."""

from __future__ import annotations

from dataclasses import dataclass

from emkcli.locale import N_


@dataclass(frozen=True)
class Section:
    code: str
    title: str
    categories: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    required: bool = False


PAST_PROBLEMS = Section("11348-0", N_("Past illnesses"))
PROBLEMS = Section(
    "11450-4",
    N_("Problems"),
    ("diagnoses",),
    ("Condition",),
    required=True,
)
SECTIONS = (
    PROBLEMS,
    Section(
        "48765-2",
        N_("Allergies and intolerances"),
        ("allergies",),
        ("AllergyIntolerance",),
        required=True,
    ),
    Section(
        "10160-0",
        N_("Current medicines"),
        ("prescriptions",),
        ("MedicationRequest", "MedicationStatement"),
        required=True,
    ),
    Section(
        "11369-6",
        N_("Vaccinations"),
        ("vaccinations",),
        ("Immunization",),
    ),
    Section(
        "30954-2",
        N_("Results: the last of each analyte, and studies"),
        ("labs", "studies"),
        ("Observation", "DiagnosticReport"),
    ),
    Section(
        "47519-4",
        N_("Procedures"),
        ("procedures",),
        ("Procedure",),
    ),
    Section(
        "8716-3",
        N_("Vital signs: the last of each"),
        ("vitals",),
        ("Observation",),
    ),
    Section(
        "46264-8",
        N_("Devices"),
        ("other",),
        ("DeviceUseStatement",),
    ),
    PAST_PROBLEMS,
)
"""In the order in which they are read; those without `required` stand only when there is something in them."""
