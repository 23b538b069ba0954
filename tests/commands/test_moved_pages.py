"""Servers that answer from another place than they were asked at, or forget their pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands.fhir_door import served
from tests.conftest import Emk
from tests.invented import Server, lab

RESULTS = [lab(f"o{number}", effectiveDateTime=f"2026-01-{number:02}") for number in range(1, 8)]
NEWEST_FIRST = [f"Observation/o{number}" for number in range(7, 0, -1)]


class Moving(Server):
    """Redirects every search to where `target` says."""

    target: Callable[[httpx.URL], str]

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/Observation"):
            return httpx.Response(301, headers={"Location": self.target(request.url)})
        moved = request.url.copy_with(path=path.removesuffix("/").replace("/moved", ""))
        return super().answer(httpx.Request("GET", moved, headers=request.headers))


class Forgetful(Server):
    """Has forgotten a search by the time its second page is asked for, as often as `times` says."""

    times = 1
    status = 410

    def page(self, found: Any, along: Any, path: str, params: list[tuple[str, str]]) -> httpx.Response:
        if self.times and "_from" in dict(params):
            self.times -= 1
            return self.outcome(self.status)
        return super().page(found, along, path, params)


class Proxied(Server):
    """Names itself in its links as `link` says."""

    link: Callable[[httpx.URL], httpx.URL]

    def page(self, *arguments: Any) -> httpx.Response:
        document = json.loads(super().page(*arguments).content)
        for link in document["link"]:
            link["url"] = str(self.link(httpx.URL(link["url"])))
        return httpx.Response(200, json=document)


def moving(target: Callable[[httpx.URL], str]) -> Server:
    server = Moving(*RESULTS)
    server.target = target
    return server


def proxied(link: Callable[[httpx.URL], httpx.URL]) -> Server:
    server = Proxied(*RESULTS)
    server.link = link
    return server


@pytest.mark.parametrize(
    "target",
    [
        lambda url: f"{url.path}/?{url.query.decode()}",
        lambda url: str(url.copy_with(path=url.path.replace("/R4/", "/R4/moved/") + "/")),
    ],
)
def test_a_redirect_within_the_origin_is_followed(emk: Emk, target: Callable[[httpx.URL], str]) -> None:
    with served(moving(target)) as env:
        result = emk("card", "labs", "--json", env=env)
    assert (result.code, [item["id"] for item in result.items]) == (0, NEWEST_FIRST)


@pytest.mark.parametrize(
    "target",
    [
        lambda url: "http://elsewhere.example/R4/Observation/",
        lambda url: str(url.copy_with(port=1)),
        lambda url: str(url),
    ],
    ids=["another host", "another port", "a circle"],
)
def test_a_redirect_elsewhere_is_refused(emk: Emk, target: Callable[[httpx.URL], str]) -> None:
    with served(moving(target)) as env:
        result = emk("card", "labs", "--json", env=env)
    assert (result.code, result.out, result.error["code"]) == (8, "", "bad_response")
    assert "config get url" in result.error["hint"]


@pytest.mark.parametrize(
    "link",
    [
        lambda url: url.copy_with(host="localhost"),
        lambda url: url.copy_with(scheme="https"),
        lambda url: url.copy_with(host="localhost", scheme="https", port=None),
        lambda url: url.copy_with(port=8080),
    ],
    ids=["localhost", "https", "https localhost", "another port"],
)
def test_a_link_as_only_a_proxy_makes_it_is_followed(emk: Emk, link: Callable[[httpx.URL], httpx.URL]) -> None:
    with served(proxied(link)) as env:
        result = emk("card", "labs", "--json", env=env)
    assert (result.code, [item["id"] for item in result.items]) == (0, NEWEST_FIRST)


@pytest.mark.parametrize(
    "link",
    [
        lambda url: url.copy_with(host="elsewhere.example"),
        lambda url: url.copy_with(host="localhost", path="/admin/Observation"),
        lambda url: url.copy_with(host="localhost", path="/R4x/Observation"),
    ],
    ids=["another host", "another path", "a path that begins alike"],
)
def test_any_other_link_is_refused(emk: Emk, link: Callable[[httpx.URL], httpx.URL]) -> None:
    with served(proxied(link)) as env:
        result = emk("card", "labs", "--json", env=env)
    assert (result.code, result.out) == (8, "")
    assert "config get url" in result.error["hint"]


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(("times", "code"), [(1, 0), (2, 8)])
def test_pages_that_are_gone_are_read_once_more(emk: Emk, status: int, times: int, code: int) -> None:
    server = Forgetful(*RESULTS)
    server.times, server.status = times, status
    with served(server) as env:
        result = emk("card", "labs", "--json", env=env)
    assert result.code == code
    if code:
        assert (result.out, result.error["retryable"]) == ("", True)
    else:
        assert [item["id"] for item in result.items] == NEWEST_FIRST


@pytest.mark.parametrize("everything", [True, False])
def test_an_export_whose_pages_are_gone_has_each_record_once(emk: Emk, tmp_path: Path, everything: bool) -> None:
    server = Forgetful(*RESULTS)
    server.everything = everything
    with served(server) as env:
        result = emk("card", "export", "--format", "fhir", "--to", str(tmp_path / "out"), "--json", env=env)
    assert (result.code, result.item["records"]) == (0, {"labs": 7})
