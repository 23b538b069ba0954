"""The port for the medical record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

from emkcli import errors, models
from emkcli.api.ports.port import Items, Port
from emkcli.clinical.dates import span
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.api.batches import Batch
    from emkcli.api.changes import Changes
    from emkcli.models.content_account import Holdings


def of_kind(model: models.Model, record: str, kind: str | None) -> models.Model:
    """A record of the kind that was asked for; for the backends' `Card.record`.

    :raises NotFound: it is of another (3).
    """
    if kind not in (None, model.kind):
        raise errors.NotFound(
            _("Record {id} is of the kind {other}, not {kind}.").format(id=record, other=model.kind, kind=kind)
        )
    return model


@dataclass(frozen=True)
class CardQuery:
    """Which records of a card are asked for; without an argument, all of them."""

    person: str | None = None
    """Whose card: a person's id, None for oneself."""
    since: str | None = None
    """The first day, ISO 8601 (`2026-01-31`, also `2026-01` or `2026`), Europe/Moscow. A record without a date is left
    out as soon as a day is asked for."""
    until: str | None = None
    """The last day, itself included; same form."""
    clinic: str | None = None
    """The id of a clinic or any part of its name, in any case of letters."""
    doctor: str | None = None
    """The id of a physician or any part of the name, in any case of letters."""
    updated_since: str | None = None
    """An ISO 8601 instant with offset: only what the source wrote or changed then or later (FHIR `meta.lastUpdated`)."""
    extra: dict[str, str] = field(default_factory=dict)
    """`categories`: names of lists, separated by commas, that `Card.resources` and `Card.batches` keep to."""

    def __post_init__(self) -> None:
        """Refuse what is no date: a filter that cannot be read would let everything through.

        :raises InvalidInput: `since`, `until` or `updated_since` is no ISO 8601 date (2).
        """
        for name in ("since", "until", "updated_since"):
            text = getattr(self, name)
            if text is not None and (not isinstance(text, str) or span(text) is None):
                raise errors.InvalidInput(
                    _("{name}: {text} is no date").format(name=name, text=repr(text)[:40]), hint="2026-01-31"
                )

    @property
    def is_of_any_time(self) -> bool:
        """Whether a list is asked for as it is, of every day, clinic and physician."""
        return not (self.since or self.until or self.clinic or self.doctor or self.updated_since)


EVERYTHING = CardQuery()
"""What a list is asked for without an argument."""


class Card(Port):
    """The medical record of one person.

    Lists are newest first and complete: every page is fetched, and what cannot be fetched raises, after the last item where
    the server sent less than it announced (`emkcli.api.filters.ListIncomplete`, 8). All operations but
    `person` also raise `NotActivated` and `ConsentRequired` (5) where the portal has not opened the card or no longer
    may, and `Usage` (2) where nobody said whose card it is.
    """

    def person(self, person: str | None = None) -> models.Person:
        """Whose card it is.

        :returns: `Person`: `birth_date` an ISO day or a part of one, `sex` as FHIR codes it.
        :raises NotActivated: the application is not decided yet; `details["expected_by"]` is the time by which (5).
        :raises NotFound: the server has no such person (3).
        :source: FHIR R4 `Patient`.
        """
        self.unsupported()

    def visits(self, query: CardQuery = EVERYTHING) -> Items[models.Visit]:
        """Visits to a clinic and stays in one, without preventive examinations.

        :returns: items of `Visit`, diagnoses and the physician's conclusion in them.
        :raises Unsupported: the server keeps no Encounter (11).
        :source: FHIR R4 `Encounter` by `date`, its `Condition`, `Composition` and `CarePlan`; СЭМД kinds of a visit.
        """
        self.unsupported()

    def labs(self, query: CardQuery = EVERYTHING) -> Items[models.LabResult]:
        """Laboratory results; each component of a panel is a result of its own.

        :returns: items of `LabResult`: `value`, `unit`, `reference` and `flag` are the laboratory's own text.
            `value_number` is there only where the text is a number, `out_of_range` only for a range of the same unit.
        :raises Unsupported: the server keeps no Observation (11).
        :source: FHIR R4 `Observation` with category laboratory by `date`; without one, every Observation told apart here.
        """
        self.unsupported()

    def studies(self, query: CardQuery = EVERYTHING) -> Items[models.Study]:
        """Studies that are no laboratory tests: ЭКГ, флюорография, УЗИ.

        :returns: items of `Study`: description and conclusion as text.
        :raises Unsupported: the server keeps no DiagnosticReport (11).
        :source: FHIR R4 `DiagnosticReport` by `date`, except those that only list results of a laboratory.
        """
        self.unsupported()

    def prescriptions(self, query: CardQuery = EVERYTHING) -> Items[models.Prescription]:
        """Prescriptions, and what a person is known to take.

        :returns: items of `Prescription`: `dose` and `quantity` are text with their units, `expires_on` an ISO day.
        :raises Unsupported: the server keeps no MedicationRequest (11).
        :source: FHIR R4 `MedicationRequest` by `authoredon`, and `MedicationStatement`.
        """
        self.unsupported()

    def vaccinations(self, query: CardQuery = EVERYTHING) -> Items[models.Vaccination]:
        """Vaccinations that were given.

        :returns: items of `Vaccination`: infections, number of the dose, lot and reaction as text.
        :raises Unsupported: the server keeps no Immunization (11).
        :source: FHIR R4 `Immunization` by `date`; форма 156/у-93.
        """
        self.unsupported()

    def prevention(self, query: CardQuery = EVERYTHING) -> Items[models.Prevention]:
        """«Диспансеризация», preventive examinations, and vaccinations that are due.

        :returns: items of `Prevention`: `health_group` as written, `next_due` an ISO day.
        :raises Unsupported: the server keeps no Encounter (11).
        :source: preventive FHIR R4 `Encounter` with its `CarePlan`, and `ImmunizationRecommendation`.
        """
        self.unsupported()

    def documents(self, query: CardQuery = EVERYTHING) -> Items[models.Document]:
        """Medical documents, with their sections where they have text.

        :returns: items of `Document`: `type_code` a code of НСИ 1.2.643.5.1.13.13.11.1522 where the source is a СЭМД.
        :raises Unsupported: the server keeps no DocumentReference (11).
        :source: FHIR R4 `DocumentReference` and `Composition` by `date`; СЭМД (HL7 CDA R2).
        """
        self.unsupported()

    def diagnoses(self, query: CardQuery = EVERYTHING) -> Items[models.Diagnosis]:
        """Diagnoses.

        :returns: items of `Diagnosis`: `code` as sent, `system` the address or OID of its code system.
        :raises Unsupported: the server keeps no Condition (11).
        :source: FHIR R4 `Condition`; МКБ-10 is НСИ 1.2.643.5.1.13.13.11.1005.
        """
        self.unsupported()

    def allergies(self, query: CardQuery = EVERYTHING) -> Items[models.Allergy]:
        """Allergies and intolerances, also those that were ruled out; `status` tells them apart.

        :returns: items of `Allergy`.
        :raises Unsupported: the server keeps no AllergyIntolerance (11).
        :source: FHIR R4 `AllergyIntolerance`.
        """
        self.unsupported()

    def procedures(self, query: CardQuery = EVERYTHING) -> Items[models.Procedure]:
        """Operations and other procedures, also those that were not done; `status` tells them apart.

        :returns: items of `Procedure`: `reason` is why it was done or, of one that was not, why not.
        :raises Unsupported: the server keeps no Procedure (11).
        :source: FHIR R4 `Procedure` by `date`.
        """
        self.unsupported()

    def vitals(self, query: CardQuery = EVERYTHING) -> Items[models.Vital]:
        """Height, weight, blood pressure and other vital signs.

        :returns: items of `Vital`: `value` is text as sent, `unit` as printed.
        :raises Unsupported: the server keeps no Observation (11).
        :source: FHIR R4 `Observation` with category vital-signs by `date`.
        """
        self.unsupported()

    def referrals(self, query: CardQuery = EVERYTHING) -> Items[models.Referral]:
        """Referrals.

        :returns: items of `Referral`.
        :raises Unsupported: the server keeps no ServiceRequest (11).
        :source: FHIR R4 `ServiceRequest` by `authored`.
        """
        self.unsupported()

    def other(self, query: CardQuery = EVERYTHING) -> Items[models.Other]:
        """Whatever the card holds that no other list shows.

        :returns: items of `Other`: `type` the type of the resource, `text` what it says in lines.
        :raises BadResponse: a type that the server keeps could not be searched; raised after the rest was yielded (8).
        :source: FHIR R4 types of the patient compartment that no other list shows, as far as the server's
            CapabilityStatement has them, and `Observation` that is neither a laboratory's nor a vital sign.
        """
        self.unsupported()

    @overload
    def record(self, record: str, person: str | None = None) -> models.Model: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["visit"]) -> models.Visit: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["lab_result"]) -> models.LabResult: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["study"]) -> models.Study: ...

    @overload
    def record(
        self, record: str, person: str | None = None, *, kind: Literal["prescription"]
    ) -> models.Prescription: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["vaccination"]) -> models.Vaccination: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["prevention"]) -> models.Prevention: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["document"]) -> models.Document: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["diagnosis"]) -> models.Diagnosis: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["allergy"]) -> models.Allergy: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["procedure"]) -> models.Procedure: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["vital"]) -> models.Vital: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["referral"]) -> models.Referral: ...

    @overload
    def record(self, record: str, person: str | None = None, *, kind: Literal["other"]) -> models.Other: ...

    def record(self, record: str, person: str | None = None, *, kind: str | None = None) -> Any:
        """One record in full.

        :param record: an id of any list, or the part behind the slash as long as one type alone has it.
        :param kind: the kind it must be of, such as lab_result: a checker of types then knows the model.
        :returns: the model of its list, such as `LabResult`.
        :raises NotFound: the card has no such record, or it is of another kind (3).
        :raises Usage: several types have a record of that short id; the message names them (2).
        :source: FHIR R4 search by `_id`.
        """
        self.unsupported()

    def raw(self, record: str, person: str | None = None) -> models.Raw:
        """The source of a record.

        :param record: an id of any list, with its type.
        :returns: `Raw`: the bytes as the source sent them, their media type and the time they were fetched.
        :raises NotFound: the card has no such record (3).
        :source: FHIR R4 `GET {type}/{id}`; of an imported record, the document's own bytes.
        """
        self.unsupported()

    def resources(self, query: CardQuery = EVERYTHING) -> Iterator[models.Raw]:
        """Every FHIR resource of the card in a stable order, each once and unchanged.

        :returns: an iterator of `Raw`; `data` has `type`, `category` (the list or None), `full_url` and `date`.
        :raises Unsupported: `updated_since` is asked of a server that does not tell what changed (11).
        :raises BadResponse: something could not be read; raised after the rest was yielded (8).
        :source: FHIR R4 `Patient/$everything` with `_since`, or a search of each type where there is none.
        """
        self.unsupported()

    def batches(self, query: CardQuery = EVERYTHING) -> Iterator[Batch]:
        """The same resources many at a time, which costs less for each.

        :returns: an iterator of `Batch`, columns of equal length.
        :raises Unsupported: as `resources` (11).
        :source: as `resources`.
        """
        from emkcli.api.batches import batched

        return batched(self.resources(query))

    def holdings(self, query: CardQuery = EVERYTHING, passed: Holdings | None = None) -> Holdings:
        """Where everything is that the card holds of what is asked for: an account of it, and what is unread.

        :param passed: what was counted while all of it passed by; a card that would have to be read for it gives that back.
        :returns: `Holdings`, one count for each resource or clinical statement.
        :raises BadResponse: something could not be read (8).
        :source: contained resources count as FHIR R4 `DomainResource.contained` has them; statements as СЭМД has entries.
        """
        self.unsupported()

    def changes(self, person: str | None = None) -> Changes:
        """What a local copy needs to become, and to stay, the same as the server's card.

        :returns: `Changes`, which asks type by type.
        :raises Unsupported: this backend's card cannot be copied (11).
        :source: FHIR R4 `_lastUpdated`, `_total=accurate` and `ETag`, as far as the server knows them.
        """
        self.unsupported()

    def access_log(self, person: str | None = None) -> Items[models.Access]:
        """Who looked at the card, newest first.

        :returns: items of `Access`: `at` is a time, the rest is text.
        :raises Unsupported: the server keeps no such log; an empty list would be a wrong answer (11).
        :source: FHIR R4 `AuditEvent` by `date`.
        """
        self.unsupported()
