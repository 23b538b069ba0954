"""One resource of a server is bounded before it is kept, searched or shown."""

from __future__ import annotations

import httpx
import pytest

from emkcli import errors
from emkcli.api.fhir import record_size
from emkcli.api.fhir.paging import answered, page_of
from tests.invented import PATIENT, bundle, encoded, lab


def test_a_resource_is_as_large_as_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    page = encoded(bundle(PATIENT, lab("o1")))
    monkeypatch.setattr(record_size, "LARGEST_RESOURCE", max(len(encoded(PATIENT)), len(encoded(lab("o1")))))
    assert len(page_of(answered(httpx.Response(200, content=page)), "Observation").graph.nodes) == 2


def test_one_beyond_that_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_size, "LARGEST_RESOURCE", len(encoded(lab("o1"))) - 1)
    with pytest.raises(errors.BadResponse, match="a resource that is larger"):
        page_of(answered(httpx.Response(200, content=encoded(bundle(lab("o1"))))), "Observation")
