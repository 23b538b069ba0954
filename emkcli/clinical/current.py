"""What of a card stands now: diagnoses, allergies, vaccinations; medicines have a module of their own."""

from __future__ import annotations

from collections.abc import Iterable

from emkcli.clinical.analyte_names import plain
from emkcli.clinical.latest import Latest
from emkcli.clinical.status import is_ended, is_withdrawn
from emkcli.models import Allergy, Diagnosis, Vaccination


def diagnoses(known: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Those that have not ended, each once. One that is active stands whatever other records say of the same code: a
    clinic closes the diagnosis of a visit, and the illness goes on."""
    return _once(one for one in known if not is_ended(one))


def past_diagnoses(known: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Those that have ended and do not stand now, each once."""
    kept = list(known)
    standing = {_illness(one) for one in diagnoses(kept)}
    return [one for one in _once(filter(is_ended, kept)) if _illness(one) not in standing]


def allergies(known: Iterable[Allergy]) -> list[Allergy]:
    return [one for one in known if not (is_withdrawn(one) or is_ended(one))]


def vaccinations(known: Iterable[Vaccination]) -> list[Vaccination]:
    """All that were not taken back; one that was not given stays, and its status says so."""
    return [one for one in known if not is_withdrawn(one)]


def _once(known: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Each illness as its newest record has it."""
    return Latest(_illness).of(known)


def _illness(diagnosis: Diagnosis) -> str:
    """The same code is the same illness whatever the directory is called, of which ICD-10 has a dozen names."""
    return diagnosis.code or plain(diagnosis.display) or diagnosis.id
