"""What every web server is asked for: its health, the head of an answer alone, and what a page on another origin may do."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from emkcli.mock.application import Mock

PAGE = {"Origin": "https://app.example.org"}
ASKS = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,x-request-id"}


@pytest.fixture
def http(mock: Mock) -> Iterator[httpx.Client]:
    transport = httpx.WSGITransport(app=mock, remote_addr="127.0.0.1")
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def test_health_is_told_and_leaves_no_line_in_the_log(http: httpx.Client) -> None:
    assert (http.get("/healthz").status_code, http.get("/healthz").json()) == (200, {"status": "ok"})
    assert http.get("/mock/log").json()["items"] == []
    assert http.get("/").json() == http.get("/.well-known/emk").json()


@pytest.mark.parametrize("path", ["/", "/healthz", "/openapi.json", "/api/v1/clinics", "/nothing"])
def test_head_is_the_answer_without_its_body(http: httpx.Client, path: str) -> None:
    whole, head = http.get(path), http.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert int(head.headers["content-length"]) > 0


def test_a_page_may_ask_and_read(http: httpx.Client) -> None:
    asked = http.options("/api/v1/clinics", headers=PAGE | ASKS)
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["access-control-allow-origin"] == "*"
    assert asked.headers["access-control-allow-headers"] == "authorization,x-request-id"
    assert "GET" in asked.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in asked.headers
    answered = http.get("/fhir/R4/metadata", headers=PAGE)
    assert (answered.status_code, answered.headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-origin" not in http.get("/fhir/R4/metadata").headers


@pytest.mark.parametrize("path", ["/mock/inbox", "/mock/clock", "/mock/nothing"])
def test_no_page_may_pull_the_strings(http: httpx.Client, path: str) -> None:
    asked, read = http.options(path, headers=PAGE | ASKS), http.get(path, headers=PAGE)
    assert asked.status_code in (404, 405)
    assert read.status_code == 404
    assert not {"access-control-allow-origin"} & (asked.headers.keys() | read.headers.keys())


def test_what_is_no_question_of_a_browser_is_refused_as_before(http: httpx.Client) -> None:
    assert http.options("/api/v1/clinics").status_code == 405
