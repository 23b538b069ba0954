"""Whatever a record says and leaves out, it reads the same after it was written as FHIR."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
