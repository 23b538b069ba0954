"""The lists of the card: one row each, which commands, ports, files, tables and pages go by."""

from __future__ import annotations

from dataclasses import dataclass

from emkcli.locale import N_
from emkcli.models.elements import Model
from emkcli.models.records import (
    Allergy,
    Diagnosis,
    Document,
    LabResult,
    Other,
    Prescription,
    Prevention,
    Procedure,
    Referral,
    Study,
    Vaccination,
    Visit,
    Vital,
)


@dataclass(frozen=True)
class CardList:
    """`category` is the word of the command, the method of the port and the name of files and tables; `title`, `word` and
    `help` are msgids: of the list, of one record, of the command. Two states of one resource are one record when their
    dates and their fields of `identity` are the same."""

    category: str
    model: type[Model]
    title: str
    word: str
    help: str
    identity: tuple[str, ...] = ()


LISTS = (
    CardList("visits", Visit, N_("Visits"), N_("visit"), N_("Visits and hospital stays, newest first.")),
    CardList(
        "labs",
        LabResult,
        N_("Laboratory results"),
        N_("laboratory result"),
        N_("Laboratory results, newest first; values, units, ranges and flags as the laboratory sent them."),
        identity=("code", "analyte", "value", "unit"),
    ),
    CardList(
        "studies",
        Study,
        N_("Studies"),
        N_("study"),
        N_("Instrumental studies with their conclusions: ECG, fluorography, ultrasound."),
        identity=("title", "conclusion"),
    ),
    CardList(
        "prescriptions",
        Prescription,
        N_("Prescriptions"),
        N_("prescription"),
        N_("Prescriptions, newest first."),
        identity=("medicine",),
    ),
    CardList(
        "vaccinations",
        Vaccination,
        N_("Vaccinations"),
        N_("vaccination"),
        N_("Vaccinations, newest first."),
        identity=("vaccine", "lot"),
    ),
    CardList(
        "prevention",
        Prevention,
        N_("Prevention"),
        N_("preventive examination"),
        N_("Диспансеризация, preventive examinations with the health group, and the vaccinations that are due."),
        identity=("health_group",),
    ),
    CardList(
        "documents",
        Document,
        N_("Documents"),
        N_("document"),
        N_("Documents: consultations, discharge summaries, imported files."),
        identity=("title",),
    ),
    CardList(
        "diagnoses",
        Diagnosis,
        N_("Diagnoses"),
        N_("diagnosis"),
        N_("Diagnoses with their codes, newest first."),
        identity=("code", "display"),
    ),
    CardList(
        "allergies",
        Allergy,
        N_("Allergies"),
        N_("allergy"),
        N_("Allergies and intolerances."),
        identity=("code", "display"),
    ),
    CardList(
        "procedures",
        Procedure,
        N_("Procedures"),
        N_("procedure"),
        N_("Operations and other procedures, newest first; also those that were not done, with the reason."),
        identity=("code", "display"),
    ),
    CardList(
        "vitals",
        Vital,
        N_("Vital signs"),
        N_("vital sign"),
        N_("Vital signs: blood pressure, pulse, height, weight."),
        identity=("code", "value", "unit"),
    ),
    CardList(
        "referrals",
        Referral,
        N_("Referrals"),
        N_("referral"),
        N_("Referrals, newest first."),
        identity=("code", "display"),
    ),
    CardList(
        "other",
        Other,
        N_("Other records"),
        N_("other record"),
        N_("What the source holds that no other list shows: care plans, family history, habits, dispensed medicines."),
        identity=("type", "title", "value"),
    ),
)
BY_CATEGORY = {row.category: row for row in LISTS}
CATEGORIES: dict[str, type[Model]] = {row.category: row.model for row in LISTS}
"""The word of a list → its model."""
CATEGORY_OF: dict[type[Model], str] = {row.model: row.category for row in LISTS}
"""The model of a list → its word."""
