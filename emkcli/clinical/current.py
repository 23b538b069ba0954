"""What of a card stands now: diagnoses, allergies, vaccinations, procedures; medicines have a module of their own."""

from __future__ import annotations

from collections.abc import Iterable

from emkcli.clinical.absence import is_absence, without_denied
from emkcli.clinical.analyte_names import plain
from emkcli.clinical.latest import Latest
from emkcli.clinical.status import NOT_CARRIED_OUT, NOT_IN_FORCE, is_ended, is_withdrawn
from emkcli.models import Allergy, Diagnosis, Other, Procedure, Vaccination


def diagnoses(records: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Those that have not ended, each once. One that is active stands whatever other records say of the same code: a
    clinic closes the diagnosis of a visit, and the illness goes on."""
    return without_denied(_once(record for record in records if not is_ended(record)))


def past_diagnoses(records: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Those that have ended and do not stand now, each once."""
    listed = list(records)
    standing = {_illness(record) for record in diagnoses(listed)}
    return [record for record in _once(filter(is_ended, listed)) if _illness(record) not in standing]


def allergies(records: Iterable[Allergy]) -> list[Allergy]:
    """Those that stand; that there is none only where there is none."""
    return without_denied(record for record in records if not (is_withdrawn(record) or is_ended(record)))


def contradicted(records: Iterable[Diagnosis | Allergy], standing: Iterable[Diagnosis | Allergy]) -> list[str]:
    """The words of those that say that there is nothing and do not stand, because others say that there is something."""
    shown = {record.code for record in standing}
    absences = (record for record in records if is_absence(record) and record.code not in shown)
    stated = (record for record in absences if not (is_withdrawn(record) or is_ended(record)))
    return [*dict.fromkeys(record.display or record.code or record.id for record in stated)]


def vaccinations(records: Iterable[Vaccination]) -> list[Vaccination]:
    """All that were not taken back; one that was not given stays, and its status says so."""
    return [record for record in records if not is_withdrawn(record)]


def procedures(records: Iterable[Procedure]) -> list[Procedure]:
    """Those that were done, at least in part."""
    done = (record for record in records if not is_withdrawn(record) and record.status not in NOT_CARRIED_OUT)
    return without_denied(done)


def devices(records: Iterable[Other]) -> list[Other]:
    """Those in use, or of which nobody said how long they were."""
    return [record for record in records if not is_withdrawn(record) and record.status not in NOT_IN_FORCE]


def _once(records: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Each illness as its newest record has it."""
    return Latest(_illness).of(records)


def _illness(diagnosis: Diagnosis) -> str:
    """The same code is the same illness whatever the directory is called, of which ICD-10 has a dozen names."""
    return diagnosis.code or plain(diagnosis.display) or diagnosis.id
