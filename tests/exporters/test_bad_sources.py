"""Exports of FHIR from servers on a bad day and onto disks on a bad day: told, whole or not there at all."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from emkcli import errors
from emkcli.api.ports import CardQuery
from emkcli.models import ExportResult
from tests.exporters.running import export_card
from tests.exporters.test_ips_writer import CARD, HOSTILE, poisoned
from tests.invented import BASE, PATIENT, Server, encoded, lab

ALL = CardQuery()
FORMS = ("fhir", "ndjson", "ips")


def export(server: Server, form: str, target: Path, *, force: bool = False) -> ExportResult:
    return export_card(server.card(), ALL, form, str(target), force=force)


def lines(target: Path) -> list[bytes]:
    """Every resource that was written, as bytes; of an IPS its entries."""
    if target.is_dir():
        return [line for path in sorted(target.glob("*.ndjson")) for line in path.read_bytes().splitlines()]
    return [encoded(one["resource"]) for one in json.loads(target.read_bytes())["entry"]]


def names(target: Path) -> list[str]:
    return sorted(f"{one['resourceType']}/{one.get('id')}" for one in map(json.loads, lines(target)))


def note(target: Path) -> Any:
    beside = target / "manifest.json" if target.is_dir() else target.with_name(f"{target.name}.manifest.json")
    return json.loads(beside.read_bytes())


class Quirky(Server):
    """A server whose pages are answered by hand: one for each call, the last one again and again."""

    def __init__(self, *pages: httpx.Response) -> None:
        super().__init__()
        self.pages = list(pages)

    def page(self, *_asked: Any) -> httpx.Response:
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]


def answer(*resources: Any, following: str | None = None) -> httpx.Response:
    entries = [{"fullUrl": f"{BASE}/{one['resourceType']}/{one.get('id')}", "resource": one} for one in resources]
    link = [{"relation": "next", "url": f"{BASE}/{following}"}] if following else []
    return httpx.Response(200, content=encoded({"resourceType": "Bundle", "link": link, "entry": entries}))


BROKEN = {
    "an error": httpx.Response(500),
    "a page that breaks off": httpx.Response(200, content=b'{"resourceType":"Bundle","entry":[{"resou'),
    "a web page": httpx.Response(200, content=b"<html>maintenance</html>"),
    "a resource that is none": httpx.Response(200, content=b'{"resourceType":"Bundle","entry":[{"resource":"\xff"}]}'),
    "an error inside the answer": answer({"resourceType": "OperationOutcome", "issue": [{"severity": "fatal"}]}),
    "nobody is let in any more": httpx.Response(403),
    "an address elsewhere": httpx.Response(302, headers={"Location": "https://elsewhere.example/"}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("what", BROKEN)
def test_a_server_that_fails_in_the_middle(tmp_path: Path, form: str, what: str) -> None:
    first = answer(PATIENT, lab("o1"), following="Patient/p1/$everything?_from=1")
    result = export(Quirky(first, BROKEN[what]), form, tmp_path / "x")
    assert not result.complete
    assert note(tmp_path / "x")["complete"] is False
    assert note(tmp_path / "x")["missing"][0]["what"] == "card"
    assert {"Patient/p1", "Observation/o1"} <= set(names(tmp_path / "x"))


@pytest.mark.parametrize("form", FORMS)
def test_pages_that_repeat_without_end(tmp_path: Path, form: str) -> None:
    again = answer(PATIENT, lab("o1"), following="Patient/p1/$everything?_from=1")
    result = export(Quirky(again), form, tmp_path / "x")
    assert not result.complete
    assert "repeats its pages" in result.missing[0].why
    assert [one for one in names(tmp_path / "x") if "Composition" not in one] == ["Observation/o1", "Patient/p1"]


@pytest.mark.parametrize("form", FORMS)
def test_a_duplicate_stands_there_once(tmp_path: Path, form: str) -> None:
    pages = (answer(PATIENT, lab("o1"), following="Patient/p1/$everything?_from=1"), answer(lab("o1"), lab("o2")))
    result = export(Quirky(*pages), form, tmp_path / "x")
    assert result.complete
    found = [one for one in names(tmp_path / "x") if one.startswith("Observation")]
    assert found in (["Observation/o1", "Observation/o2"], ["Observation/o1"])
    assert len(found) == len(set(found))


def test_references_that_lead_nowhere(tmp_path: Path) -> None:
    lost = lab("o1", performer=[{"reference": "Practitioner/gone", "display": "Врач"}])
    told = export(Server(lost), "fhir", tmp_path / "fhir")
    assert [part.what for part in told.missing] == ["Practitioner/gone"]
    export(Server(lost), "ndjson", tmp_path / "ndjson")
    assert encoded(lost) in lines(tmp_path / "ndjson")
    export(Server(lost), "ips", tmp_path / "ips")
    (found,) = (one for one in map(json.loads, lines(tmp_path / "ips")) if one["id"] == "o1")
    assert found["performer"] == [{"identifier": {"value": "Practitioner/gone"}, "display": "Врач"}]


@pytest.mark.parametrize("form", ["fhir", "ndjson"])
def test_types_and_codes_that_nobody_knows_pass_unchanged(tmp_path: Path, form: str) -> None:
    odd = {"resourceType": "Horoscope", "id": "h", "sign": "♌"}
    unknown = lab("o1", status="guessed", code={"coding": [{"system": "urn:oid:1.2.3", "code": "???"}]})
    result = export(Server(odd, unknown), form, tmp_path / "x")
    assert [part.what for part in result.unread] == ["Horoscope"]
    assert not result.missing
    assert {encoded(odd), encoded(unknown)} <= set(lines(tmp_path / "x"))


@pytest.mark.parametrize("form", ["fhir", "ndjson"])
def test_hostile_text_passes_as_it_was_sent(tmp_path: Path, form: str) -> None:
    known = [*map(poisoned, CARD), lab("big", note=[{"text": "я<" * 2_500_000 + HOSTILE + "=1+1\r\n\x1b]0;x\x07"}])]
    export(Server(*known, size=100), form, tmp_path / "x")
    assert set(map(encoded, known)) <= set(lines(tmp_path / "x"))


def test_ten_megabytes_in_a_summary(tmp_path: Path) -> None:
    huge = "я<" * 3_000_000
    export(Server(lab("o1", code={"text": huge})), "ips", tmp_path / "x")
    composition = json.loads((tmp_path / "x").read_bytes())["entry"][0]["resource"]
    assert len(encoded(composition)) < 10_000, "the narrative is cut, the entry keeps every letter"
    assert huge in (json.loads(one)["code"]["text"] for one in lines(tmp_path / "x") if b"valueQuantity" in one)


@contextmanager
def small_disk(size: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The kernel lets no file of this process grow larger; a .pyc would be left in half (CPython before 3.14)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("form", FORMS)
def test_a_disk_that_is_full(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(*[lab(f"o{n}", code={"text": f"a{n}"}) for n in range(300)], size=100)
    with small_disk(4096, monkeypatch), pytest.raises(errors.Storage):
        export(server, form, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    assert export(server, form, tmp_path / "x").complete


@pytest.mark.parametrize("form", FORMS)
def test_a_place_that_may_not_be_written(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refused(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *more, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refused)
        with pytest.raises(errors.Storage, match="Permission denied"):
            export(Server(lab("o1")), form, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMS)
def test_what_is_there_stays(tmp_path: Path, form: str) -> None:
    export(Server(lab("o1")), form, tmp_path / "x")
    before = lines(tmp_path / "x")
    with pytest.raises(errors.Exists):
        export(Server(lab("o2")), form, tmp_path / "x")
    assert lines(tmp_path / "x") == before
    export(Server(lab("o2")), form, tmp_path / "x", force=True)
    assert "Observation/o1" not in names(tmp_path / "x")
