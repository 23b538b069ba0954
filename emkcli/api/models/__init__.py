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
        Coding as Coding,
        DoctorRef as DoctorRef,
        FileSource as FileSource,
        Model as Model,
        Named as Named,
        Source as Source,
    )
    from emkcli.api.models.portal import (
        Account as Account,
        Application as Application,
        Challenge as Challenge,
        Clinic as Clinic,
        Consent as Consent,
        Contact as Contact,
        Doctor as Doctor,
        Next as Next,
        Notification as Notification,
        Person as Person,
        Profile as Profile,
        ProfileChange as ProfileChange,
        RecordRef as RecordRef,
        Registration as Registration,
        Request as Request,
        Service as Service,
        Step as Step,
        Tokens as Tokens,
        Transfer as Transfer,
        Verification as Verification,
    )
    from emkcli.api.models.card import (
        Access as Access,
        Allergy as Allergy,
        CARD as CARD,
        Diagnosis as Diagnosis,
        Document as Document,
        DocumentPatient as DocumentPatient,
        Due as Due,
        LabResult as LabResult,
        Prescription as Prescription,
        Prevention as Prevention,
        Record as Record,
        Reference as Reference,
        Referral as Referral,
        Section as Section,
        Signature as Signature,
        Study as Study,
        Summary as Summary,
        Vaccination as Vaccination,
        Visit as Visit,
        Vital as Vital,
    )
    from emkcli.api.models.work import (
        ExportResult as ExportResult,
        ImportResult as ImportResult,
        Missing as Missing,
        Raw as Raw,
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
        "CARD",
        "Diagnosis",
        "Document",
        "DocumentPatient",
        "Due",
        "LabResult",
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
    "work": ("ExportResult", "ImportResult", "Missing", "Raw", "WrittenFile"),
}
_HOME = {name: home for home, names in HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A model from its module, imported when first named: building classes is what start-up pays for."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"emkcli.api.models.{_HOME[name]}"), name)


def everything() -> list[Any]:
    """Every model there is."""
    return [__getattr__(name) for name in _HOME]
