"""The journal of requests: what was sent, asked by method, path and status, and never as if it were whole when it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.mock.application import open_mock
from emkcli.mock.control import _wanted
from emkcli.mock.exchange import Request

from .person import Person, in_process

KEPT = 1000
WISH = {"kind": "prescription", "medicine": "Ибупрофен"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Person]:
    """One mock for many examples."""
    mock = open_mock(":memory:", speed=0)
    someone = in_process(mock)
    yield someone
    someone.close()
    mock.close()


def ask(someone: Person, **query: str) -> list[str]:
    journal = someone.send("GET", "/mock/log", params=query)
    assert journal["total"] == len(journal["items"])
    assert journal["truncated"] is False
    return [f"{line['method']} {line['path']} {line['status']}" for line in journal["items"]]


def test_was_it_sent_once(someone: Person) -> None:
    someone.seeded("activated")
    someone.send("DELETE", "/mock/log")
    made = someone.send("POST", "/requests", 201, json=WISH, headers={"Idempotency-Key": "k-1"})
    someone.http.post("/api/v1/requests", json={}, headers={"Idempotency-Key": "k-2"})
    someone.http.get("/api/v1/requests", params={"person": "p-000001"})
    someone.get(f"/requests/{made['id']}")
    assert ask(someone, method="post", path="/api/v1/requests") == [
        "POST /api/v1/requests 201",
        "POST /api/v1/requests 400",
    ]
    assert ask(someone, method="POST", path="/api/v1/requests", status="201") == ["POST /api/v1/requests 201"]
    assert len(ask(someone, path="/api/v1/requests")) == 3, "the query is no part of the path"
    assert len(ask(someone, path="/api/v1/requests*")) == 4
    assert ask(someone, path="*/requests/*") == [f"GET /api/v1/requests/{made['id']} 200"]
    assert ask(someone, method="DELETE") == ask(someone, status="500") == ask(someone, path="/api/v1") == []
    assert "p-" not in str(ask(someone, path="/api/v1/requests")), "no value of a query"


@pytest.mark.parametrize(
    "query",
    [
        {"status": "20"},
        {"status": "abc"},
        {"status": "2000"},
        {"method": ""},
        {"method": "GET POST"},
        {"path": ""},
        {"path": "api/v1"},
        {"stauts": "201"},
        {"status": ["200", "201"]},
    ],
)
def test_a_question_that_is_none_is_refused(someone: Person, query: dict[str, Any]) -> None:
    refused = someone.send("GET", "/mock/log", 400, params=query)
    assert refused["code"] == "invalid_input"
    assert refused["fields"][0]["field"] in query


def test_a_journal_that_lost_its_beginning_says_so(someone: Person) -> None:
    for _ in range(KEPT):
        someone.http.get("/.well-known/emk")
    whole = someone.get("/mock/log")
    assert (whole["total"], whole["truncated"]) == (KEPT, False)
    someone.http.get("/nowhere")
    for query in ({}, {"path": "/nowhere"}, {"path": "/never"}):
        assert someone.send("GET", "/mock/log", params=query)["truncated"] is True
    assert someone.get("/mock/log")["total"] == KEPT
    assert someone.send("DELETE", "/mock/log") == {"items": [], "total": 0, "truncated": False}
    someone.http.get("/nowhere")
    assert ask(someone) == ["GET /nowhere 404"]


SOME = st.text(alphabet="/a[]?!*.-\n\\é", max_size=12)


@given(path=SOME, pattern=SOME)
def test_only_a_star_stands_for_something_else(path: str, pattern: str) -> None:
    request = Request({"REQUEST_METHOD": "GET"})
    request.query = [("path", f"/{pattern}")]
    row: Any = {"method": "GET", "path": f"/{path.replace('?', '')}?person", "status": 200}
    meant = ".*".join(re.escape(part) for part in f"/{pattern}".split("*"))
    same = re.fullmatch(meant, row["path"].partition("?")[0], re.DOTALL) is not None
    assert _wanted(request)(row) is same


@given(query=st.lists(st.tuples(st.sampled_from(["method", "path", "status", "x"]) | st.text(), st.text()), max_size=4))
def test_whatever_is_asked_is_answered_or_refused(shared: Person, query: list[tuple[str, str]]) -> None:
    parameters = [(name.encode("utf-8", "replace").decode(), value) for name, value in query]
    told = shared.http.get("/mock/log", params=httpx.QueryParams(parameters))
    if told.status_code == 400:
        assert told.json()["code"] == "invalid_input"
        assert {field["field"] for field in told.json()["fields"]} <= {name for name, _ in parameters}
    else:
        assert told.status_code == 200
        assert all(name in ("method", "path", "status") for name, _ in parameters)


@given(method=st.text(max_size=20), path=st.text(max_size=20), rate=st.floats() | st.text(max_size=3))
def test_whatever_a_fault_is_aimed_at_it_is_planned_or_refused(
    shared: Person, method: str, path: str, rate: float | str
) -> None:
    body = json.dumps({"kind": "5xx", "method": method, "path": path, "rate": rate})
    told = shared.http.post("/mock/faults", content=body, headers={"Content-Type": "application/json"})
    assert told.status_code in (201, 400)
    assert (told.status_code == 201) <= (isinstance(rate, int | float) and 0 < rate <= 1)
    assert shared.http.get("/healthz").status_code == 200
    shared.send("DELETE", "/mock/faults")
