"""Faults that can be asked for, in process and on a socket."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.mock.application import Mock, open_mock
from emkcli.mock.exchange import Request
from emkcli.mock.faults import asked_for
from emkcli.mock.router import ROUTES

from .person import Person, in_process

_ALL = "X-Mock-Fault"


def _plan(someone: Person, kind: str, **options: object) -> None:
    someone.send("POST", "/mock/faults", 201, json={"kind": kind, **options})


def test_every_kind_by_header(someone: Person) -> None:
    someone.seeded("verified")

    def ask(kind: str, path: str = "/api/v1/profile") -> httpx.Response:
        return someone.http.get(path, headers={_ALL: kind})

    broken = ask("5xx")
    assert (broken.status_code, broken.json()["code"]) == (503, "server_error")
    limited = ask("429")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "1")
    page = ask("html")
    assert (page.status_code, page.headers["content-type"][:9]) == (200, "text/html")
    with pytest.raises(ValueError):
        ask("truncated-json").json()
    assert ask("200-with-error").json()["errorCode"] == 505
    empty = ask("empty")
    assert (empty.status_code, empty.content) == (200, b"")
    assert ask("5xx", "/fhir/R4/Patient").json()["resourceType"] == "OperationOutcome"
    assert ask("nonsense").json()["name"]


def test_a_fault_is_counted_and_aimed(someone: Person) -> None:
    someone.seeded("verified")
    _plan(someone, "5xx", path="/api/v1/profile", method="get", times=2, after=1)
    statuses = [someone.http.get("/api/v1/profile").status_code for _ in range(4)]
    assert statuses == [200, 503, 503, 200]
    _plan(someone, "429", path="/api/v1/clinics", times=0)
    assert [someone.http.get("/api/v1/clinics").status_code for _ in range(3)] == [429, 429, 429]
    assert someone.http.get("/api/v1/doctors").status_code == 200
    assert len(someone.send("GET", "/mock/faults")["items"]) == 1
    someone.send("DELETE", "/mock/faults")
    assert someone.http.get("/api/v1/clinics").status_code == 200
    someone.refused("POST", "/mock/faults", 400, "invalid_input", json={"kind": "flood"})


def test_a_dropped_connection_has_done_its_work(someone: Person) -> None:
    someone.seeded("activated")
    _plan(someone, "drop-after-commit", path="/api/v1/requests", method="POST")
    wish, key = {"kind": "prescription", "medicine": "Ибупрофен"}, {"Idempotency-Key": "k-1"}
    with pytest.raises(ConnectionResetError):
        someone.http.post("/api/v1/requests", json=wish, headers=key)
    made = someone.send("POST", "/requests", 201, json=wish, headers=key)
    assert [item["id"] for item in someone.get("/requests")["items"]] == [made["id"]]
    assert [item["status"] for item in someone.send("GET", "/mock/log")["items"]].count(201) >= 2


def test_a_token_that_ends_between_pages(someone: Person) -> None:
    someone.seeded("verified")
    _plan(someone, "401-mid-paging")
    first = someone.get("/clinics", page_size=50)
    after = {"page_size": 50, "cursor": first["next"]}
    assert someone.http.get("/api/v1/clinics", params=after).json()["code"] == "session_lost"
    assert someone.get("/clinics", **after)["items"]


def test_the_second_page_of_the_card_too(someone: Person) -> None:
    patient = someone.seeded("activated")["person_id"]
    _plan(someone, "401-mid-paging", path="/fhir")
    bundle = someone.get("/fhir/R4/Observation", patient=patient, _count=5)
    following = next(link["url"] for link in bundle["link"] if link["relation"] == "next")
    refused = someone.http.get(following)
    assert (refused.status_code, refused.headers["x-emk-code"]) == (401, "session_lost")
    assert someone.http.get(following).json()["entry"]


def test_slow_waits_and_then_answers(someone: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    someone.seeded("verified")
    _plan(someone, "slow", seconds=3.5, path="/api/v1/profile")
    assert someone.get("/profile")["name"]
    assert slept == [3.5]


def test_faults_spare_the_controls(someone: Person) -> None:
    _plan(someone, "5xx", times=0)
    assert someone.http.get("/api/v1/account").status_code == 503
    assert someone.http.get("/mock/clock", headers={_ALL: "5xx"}).status_code == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 500, 501, 503, 504, 507, 599])
def test_a_request_may_prefer_a_status(someone: Person, status: int) -> None:
    someone.seeded("verified")
    for path in ("/api/v1/profile", "/fhir/R4/Patient"):
        told = someone.http.get(path, headers={"Prefer": f"respond-async, code={status}; why=a-test"})
        assert (told.status_code, told.headers["preference-applied"]) == (status, f"code={status}")
        if path.startswith("/fhir"):
            assert told.json()["resourceType"] == "OperationOutcome"
        else:
            assert told.headers["content-type"] == "application/problem+json"
            assert (told.json()["status"], told.json()["reason"]) == (status, "preferred")
    assert "preference-applied" not in someone.http.get("/api/v1/profile").headers


def test_every_address_fails_as_preferred(mock: Mock) -> None:
    routes = [route for route in ROUTES if not route.path.startswith(("/mock/", "/healthz"))]
    with httpx.Client(transport=httpx.WSGITransport(app=mock), base_url="http://embedded") as http:
        for route in routes:
            for status in (400, 418, 503):
                told = http.request(route.method, route.path, headers={"Prefer": f"code={status}"})
                assert (told.status_code, told.headers["preference-applied"]) == (status, f"code={status}"), route
                assert told.json()
    assert len(routes) > 50


def test_what_a_request_prefers_it_does_not_do(someone: Person) -> None:
    someone.seeded("activated")
    wish = {"kind": "prescription", "medicine": "Ибупрофен"}
    refused = someone.http.post("/api/v1/requests", json=wish, headers={"Prefer": "code=503", "Idempotency-Key": "k"})
    assert refused.status_code == 503
    assert someone.get("/requests")["items"] == []
    someone.send("POST", "/requests", 201, json=wish, headers={"Idempotency-Key": "k"})


@given(
    st.text() | st.from_regex(r"(code|CODE|return) ?= ?\"?[0-9]{0,4}\"?(; *a=b)?(, *code=[0-9]{3})?", fullmatch=True)
)
def test_any_preference_names_a_failure_or_nothing(text: str) -> None:
    asked = asked_for(Request({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_PREFER": text}))
    named = [int(part) for part in re.findall(r"code\s*=\s*\"?([0-9]{3})(?![0-9])", text) if 400 <= int(part) < 600]
    assert asked is None or (asked.kind == "status" and asked.status in named)


def _struck(seed: int, rate: float, count: int) -> list[bool]:
    mock = open_mock(":memory:", speed=0, seed=seed)
    someone = in_process(mock)
    someone.send("POST", "/mock/faults", 201, json={"kind": "5xx", "path": "/api/v1/clinics", "rate": rate})
    struck = [someone.http.get("/api/v1/clinics").status_code == 503 for _ in range(count)]
    assert someone.http.get("/openapi.json").status_code == 200, "what the fault is not aimed at"
    someone.close()
    mock.close()
    return struck


def test_a_rate_strikes_as_often_as_it_says_and_again_the_same() -> None:
    first = _struck(1, 0.1, 1500)
    assert 110 <= sum(first) <= 190  # 150 ± 3.4 σ
    assert first[:300] == _struck(1, 0.1, 300)
    assert first[:300] != _struck(2, 0.1, 300)
    assert all(_struck(1, 1, 20))


def test_a_rate_goes_on_until_it_is_cleared_or_has_struck_so_often(someone: Person) -> None:
    _plan(someone, "5xx", rate=0.5, times=3)
    statuses = [someone.http.get("/api/v1/clinics").status_code for _ in range(40)]
    assert statuses.count(503) == 3
    _plan(someone, "5xx", rate=0.5)
    [planned] = someone.send("GET", "/mock/faults")["items"]
    assert (planned["times"], planned["rate"]) == (0, 0.5)
    assert "drawn" not in planned
    someone.send("DELETE", "/mock/faults")
    _plan(someone, "5xx", rate=0.5)
    again = [someone.http.get("/api/v1/clinics").status_code for _ in range(40)]
    someone.send("DELETE", "/mock/faults")
    _plan(someone, "5xx", rate=0.5)
    assert again == [someone.http.get("/api/v1/clinics").status_code for _ in range(40)]
    for wrong in (0, -0.1, 1.01, "0.5", None):
        someone.refused("POST", "/mock/faults", 400, "invalid_input", json={"kind": "5xx", "rate": wrong})


def test_a_page_whose_search_has_ended(someone: Person) -> None:
    patient = someone.seeded("activated")["person_id"]
    _plan(someone, "stale-page", times=0)
    first = someone.get("/clinics", page_size=50)
    gone = someone.http.get("/api/v1/clinics", params={"page_size": 50, "cursor": first["next"]})
    assert (gone.status_code, gone.json()["code"], gone.json()["reason"]) == (410, "not_found", "page_expired")
    bundle = someone.get("/fhir/R4/Observation", patient=patient, _count=5)
    following = next(link["url"] for link in bundle["link"] if link["relation"] == "next")
    gone = someone.http.get(following)
    assert gone.status_code == 410
    assert gone.json()["issue"][0]["code"] == "processing"
    someone.send("DELETE", "/mock/faults")
    assert someone.http.get(following).json()["entry"]


def test_the_health_of_a_server_is_no_matter_of_faults(someone: Person) -> None:
    _plan(someone, "5xx", times=0)
    for headers in ({}, {_ALL: "5xx"}, {"Prefer": "code=503"}):
        assert someone.http.get("/healthz", headers=headers).status_code == 200
        assert someone.http.get("/mock/faults", headers=headers).status_code == 200
