"""Whatever a record says and leaves out, it reads the same after it was written as FHIR."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emkcli import models
from emkcli.fhir import CODECS
from tests.fhir.drawing import records
from tests.fhir.test_round_trip import LOSSES
from tests.fhir.written import reread_one


@pytest.mark.parametrize("kind", CODECS, ids=lambda kind: kind.__name__)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_said_comes_back_and_nothing_else(kind: type[Any], data: st.DataObject) -> None:
    record = data.draw(records(kind))
    again = reread_one(record)
    names = [field.name for field in msgspec.structs.fields(kind) if (kind.__name__, field.name) not in LOSSES]
    assert {name: getattr(again, name) for name in names} == {name: getattr(record, name) for name in names}


ODD = st.text(max_size=20) | st.sampled_from(["5.40", "<0.1", ">=3", "-0", "007", "1e5", "5,4", "+++", "1.", "5 г/л"])


@given(ODD, st.none() | st.sampled_from(["г/л", "mmol/l", "a b", ""]), ODD, ODD)
def test_no_value_is_altered(value: str, unit: str | None, low: str, flag: str) -> None:
    """Whatever somebody wrote in the place of a number."""
    reference = models.Reference(low=low)
    record = models.LabResult(
        id="i-1#lab1", analyte=value, value=value, unit=unit, reference=reference, flag=flag, comment=low
    )
    again = reread_one(record)
    clean = value.encode("utf-8", "replace").decode()
    if clean and not clean.isspace():
        assert again.value == clean or (again.unit is None and again.value == f"{clean} {unit}")
        assert again.unit in (unit or None, None) or value.endswith(str(again.unit))
