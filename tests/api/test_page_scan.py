"""What passes through unread is told the same as what is read in full."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors
from emkcli.api.fhir.bundles import Answer
from emkcli.api.fhir.page_scan import PageScan
from emkcli.api.fhir.paging import answers, page_of
from emkcli.api.filters import raw
from emkcli.api.ports import CardQuery
from emkcli.api.wire import Wire
from emkcli.fhir import Scene
from tests.exporters.test_ips_writer import CARD
from tests.invented import BASE, PATIENT, VITAL, encoded, lab, plain

ALL = CardQuery()
KINDS = (
    *CARD,
    PATIENT,
    plain(lab("no category"), "category"),
    lab("odd category", category={"coding": {"code": "LAB"}}),
    lab("exam", category=[{"coding": [{"code": "exam"}]}]),
    lab("v", category=VITAL, effectiveDateTime=None, effectivePeriod={"start": "2020-01-01"}),
    lab("listed", category=[]),
    {"resourceType": "DiagnosticReport", "id": "r", "category": [{"coding": [{"code": "RAD"}]}]},
    {"resourceType": "DiagnosticReport", "id": "l", "result": [{"reference": "Observation/listed"}]},
    {"resourceType": "Encounter", "id": "e", "type": [{"text": "Диспансеризация"}], "period": {"start": "2024-01-01"}},
    {"resourceType": "Encounter", "id": "f", "period": {"end": "2024-01-01"}},
    {"resourceType": "DocumentReference", "id": "x", "context": {"related": [{"reference": "Composition/own"}]}},
    {"resourceType": "Immunization", "occurrenceDateTime": "2021"},
    {"resourceType": "Immunization", "id": 5, "occurrenceDateTime": " "},
    {"resourceType": "Снилс", "id": "y"},
)


def answer(*resources: Any) -> Answer:
    entries = [{"fullUrl": f"urn:uuid:{place}", "resource": one} for place, one in enumerate(resources)]
    body = encoded({"resourceType": "Bundle", "type": "searchset", "entry": entries})
    wire = Wire(BASE, transport=httpx.MockTransport(lambda _request: httpx.Response(200, content=body)))
    return next(answers(wire, "/x", [[]]))


def in_full(page: Answer, query: CardQuery) -> list[Any]:
    whole = page_of(page, None)
    return [one for node in whole.matches if (one := raw(node, Scene(whole.graph), query, "m", "t"))]


@pytest.mark.parametrize(
    "query",
    [
        ALL,
        CardQuery(since="2022-01-01"),
        CardQuery(until="2021-12-31", extra={"categories": "vaccinations"}),
        CardQuery(extra={"categories": "labs,visits"}),
    ],
)
def test_both_ways_agree(query: CardQuery) -> None:
    page = answer(*KINDS)
    passed = list(PageScan(page, query).raws("m", "t"))
    assert passed == in_full(page, query)
    batch = PageScan(page, query).batch()
    assert batch.contents == [one.content for one in passed]
    assert [kind or None for kind in batch.categories] == [(one.data or {})["category"] for one in passed]
    assert batch.dates == [(one.data or {})["date"] for one in passed]


VALUES = st.recursive(
    st.none() | st.integers(-1, 1) | st.sampled_from(["", " ", "LAB", "vital-signs", "2020-01-01", "Patient/p1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["coding", "code", "start", "text"]), inner, max_size=2)
    ),
    max_leaves=3,
)
ODD = st.fixed_dictionaries(
    {},
    optional={
        "resourceType": st.sampled_from(["Observation", "Encounter", "Condition", "Basic", "", " ", 5, None]),
        **dict.fromkeys(["id", "category", "effectiveDateTime", "period", "date", "result"], VALUES),
    },
)


@given(st.lists(ODD, max_size=4))
def test_they_agree_about_anything(resources: list[Any]) -> None:
    page = answer(*resources)
    assert list(PageScan(page, ALL).raws("m", "t")) == in_full(page, ALL)


@pytest.mark.parametrize("broken", [b'{"a":"\xff"}', b'"x"', b"[]", b"5"])
def test_what_cannot_be_read_is_never_passed_on(broken: bytes) -> None:
    good = encoded(lab("o1"))
    body = b'{"resourceType":"Bundle","entry":[{"resource":%s},{"resource":%s}]}' % (good, broken)
    wire = Wire(BASE, transport=httpx.MockTransport(lambda _request: httpx.Response(200, content=body)))
    page = next(answers(wire, "/x", [[]]))
    with pytest.raises(errors.BadResponse):
        PageScan(page, ALL)


def test_an_outcome_among_the_resources() -> None:
    warning = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "x"}]}
    scan = PageScan(answer(warning, lab("o1")), ALL)
    assert (scan.batch().kinds, scan.problem) == (["Observation"], None)
    warning["issue"] = [{"severity": "error", "diagnostics": "broke off"}]
    scan = PageScan(answer(lab("o1"), warning), ALL)
    assert scan.batch().kinds == ["Observation"]
    assert "broke off" in str(scan.problem)


def test_a_page_without_entries() -> None:
    empty: Any = SimpleNamespace(bundle=SimpleNamespace(entry=None), request_id=None, bare=None)
    assert PageScan(empty, ALL).batch().contents == []
