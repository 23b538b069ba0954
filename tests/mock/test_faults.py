"""Faults that can be asked for, in process and on a socket."""

from __future__ import annotations

import httpx
import pytest

from .person import Person

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
