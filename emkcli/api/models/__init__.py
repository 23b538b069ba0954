"""What crosses a layer: the documents of the portal and the records of the card, as the JSON contract names them.

Unknown fields are ignored and unknown enum values pass through: a newer server must not break an older client.
Times are ISO 8601 strings as the server sent them (a FHIR date may be partial: `2015`, `2015-03`). Medical values,
units, ranges and flags are the source's own text.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emkcli.api.models.base import (
        Author as Author,
    )
    from emkcli.api.models.base import (
        Coding as Coding,
    )
    from emkcli.api.models.base import (
        DoctorRef as DoctorRef,
    )
    from emkcli.api.models.base import (
        FileSource as FileSource,
    )
    from emkcli.api.models.base import (
        Model as Model,
    )
    from emkcli.api.models.base import (
        Named as Named,
    )
    from emkcli.api.models.base import (
        Source as Source,
    )
    from emkcli.api.models.card import (
        CATEGORIES as CATEGORIES,
    )
    from emkcli.api.models.card import (
        Access as Access,
    )
    from emkcli.api.models.card import (
        Allergy as Allergy,
    )
    from emkcli.api.models.card import (
        Diagnosis as Diagnosis,
    )
    from emkcli.api.models.card import (
        Document as Document,
    )
    from emkcli.api.models.card import (
        DocumentPatient as DocumentPatient,
    )
    from emkcli.api.models.card import (
        Due as Due,
    )
    from emkcli.api.models.card import (
        LabResult as LabResult,
    )
    from emkcli.api.models.card import (
        Missing as Missing,
    )
    from emkcli.api.models.card import (
        Prescription as Prescription,
    )
    from emkcli.api.models.card import (
        Prevention as Prevention,
    )
    from emkcli.api.models.card import (
        Record as Record,
    )
    from emkcli.api.models.card import (
        Reference as Reference,
    )
    from emkcli.api.models.card import (
        Referral as Referral,
    )
    from emkcli.api.models.card import (
        Section as Section,
    )
    from emkcli.api.models.card import (
        Signature as Signature,
    )
    from emkcli.api.models.card import (
        Study as Study,
    )
    from emkcli.api.models.card import (
        Summary as Summary,
    )
    from emkcli.api.models.card import (
        Vaccination as Vaccination,
    )
    from emkcli.api.models.card import (
        Visit as Visit,
    )
    from emkcli.api.models.card import (
        Vital as Vital,
    )
    from emkcli.api.models.finding import (
        SearchHit as SearchHit,
    )
    from emkcli.api.models.finding import (
        Trend as Trend,
    )
    from emkcli.api.models.finding import (
        TrendPoint as TrendPoint,
    )
    from emkcli.api.models.finding import (
        TrendSegment as TrendSegment,
    )
    from emkcli.api.models.portal import (
        Account as Account,
    )
    from emkcli.api.models.portal import (
        Application as Application,
    )
    from emkcli.api.models.portal import (
        Challenge as Challenge,
    )
    from emkcli.api.models.portal import (
        Clinic as Clinic,
    )
    from emkcli.api.models.portal import (
        Consent as Consent,
    )
    from emkcli.api.models.portal import (
        Contact as Contact,
    )
    from emkcli.api.models.portal import (
        Doctor as Doctor,
    )
    from emkcli.api.models.portal import (
        Next as Next,
    )
    from emkcli.api.models.portal import (
        Notification as Notification,
    )
    from emkcli.api.models.portal import (
        Person as Person,
    )
    from emkcli.api.models.portal import (
        Profile as Profile,
    )
    from emkcli.api.models.portal import (
        ProfileChange as ProfileChange,
    )
    from emkcli.api.models.portal import (
        RecordRef as RecordRef,
    )
    from emkcli.api.models.portal import (
        Registration as Registration,
    )
    from emkcli.api.models.portal import (
        Request as Request,
    )
    from emkcli.api.models.portal import (
        Service as Service,
    )
    from emkcli.api.models.portal import (
        Step as Step,
    )
    from emkcli.api.models.portal import (
        Tokens as Tokens,
    )
    from emkcli.api.models.portal import (
        Transfer as Transfer,
    )
    from emkcli.api.models.portal import (
        Verification as Verification,
    )
    from emkcli.api.models.work import (
        AuditEntry as AuditEntry,
    )
    from emkcli.api.models.work import (
        ExportResult as ExportResult,
    )
    from emkcli.api.models.work import (
        ImportResult as ImportResult,
    )
    from emkcli.api.models.work import (
        Raw as Raw,
    )
    from emkcli.api.models.work import (
        SyncResult as SyncResult,
    )
    from emkcli.api.models.work import (
        WrittenFile as WrittenFile,
    )

HOMES = {
    "base": ("Author", "Coding", "DoctorRef", "FileSource", "Model", "Named", "Source"),
    "portal": (
        "Account",
        "Application",
        "Challenge",
        "Clinic",
        "Consent",
        "Contact",
        "Doctor",
        "Next",
        "Notification",
        "Person",
        "Profile",
        "ProfileChange",
        "RecordRef",
        "Registration",
        "Request",
        "Service",
        "Step",
        "Tokens",
        "Transfer",
        "Verification",
    ),
    "card": (
        "Access",
        "Allergy",
        "CATEGORIES",
        "Diagnosis",
        "Document",
        "DocumentPatient",
        "Due",
        "LabResult",
        "Missing",
        "Prescription",
        "Prevention",
        "Record",
        "Reference",
        "Referral",
        "Section",
        "Signature",
        "Study",
        "Summary",
        "Vaccination",
        "Visit",
        "Vital",
    ),
    "finding": ("SearchHit", "Trend", "TrendPoint", "TrendSegment"),
    "work": ("AuditEntry", "ExportResult", "ImportResult", "Raw", "SyncResult", "WrittenFile"),
}
_HOME = {name: home for home, names in HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A model from its module, imported when first named: building classes is what start-up pays for."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"emkcli.api.models.{_HOME[name]}"), name)


def everything() -> list[Any]:
    """Every model there is."""
    return [model for name in _HOME if isinstance(model := __getattr__(name), type)]
