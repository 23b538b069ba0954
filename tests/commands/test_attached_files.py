"""The files of documents that lie apart from them: fetched where that is possible, said where it is not, never lost."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands.fhir_door import served
from tests.commands.test_refused_searches import synced
from tests.conftest import Emk
from tests.invented import PATIENT, Server, bundle, encoded, lab
from tests.localcard.test_sync import Unsearched

WORDS, PDF = "Жалоб нет.", b"%PDF-1.7 invented"


def packed(content: bytes) -> str:
    return b64encode(content).decode()


def document(ident: str, *files: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "id": ident,
        "status": "current",
        "subject": {"reference": "Patient/p1"},
        "date": "2026-01-01T10:00:00+03:00",
        "content": [{"attachment": file} for file in files],
    }


def binary(ident: str, media_type: str, content: bytes) -> dict[str, Any]:
    return {"resourceType": "Binary", "id": ident, "contentType": media_type, "data": packed(content)}


NOTE = {"contentType": "text/plain; charset=utf-8", "url": "Binary/note", "title": "Осмотр"}
SCAN = {"contentType": "application/pdf", "url": "Binary/scan", "title": "Снимок"}
LOST = {"contentType": "application/pdf", "url": "Binary/lost", "title": "Выписка"}
FILES = (binary("note", NOTE["contentType"], WORDS.encode()), binary("scan", "application/pdf", PDF))


class Raw(Server):
    """Sends files as they are, whatever it is asked for."""

    def one(self, path: str) -> httpx.Response:
        for file in FILES:
            if path == f"Binary/{file['id']}":
                content = WORDS.encode() if file["id"] == "note" else PDF
                return httpx.Response(200, content=content, headers={"Content-Type": file["contentType"]})
        return super().one(path)


def sections(item: dict[str, Any]) -> list[str]:
    return [section["text"] for section in item["sections"]]


def test_words_in_a_file_of_the_server_are_in_the_list(emk: Emk) -> None:
    with served(Server(document("d1", NOTE), document("d2", SCAN), *FILES)) as env:
        listed = emk("card", "documents", "--json", env=env)
    texts = {item["id"]: sections(item) for item in listed.items}
    assert texts == {"DocumentReference/d1": [WORDS], "DocumentReference/d2": ["Снимок, application/pdf, Binary/scan"]}


def test_every_file_is_synced_and_what_is_not_there_is_said(emk: Emk, tmp_path: Path) -> None:
    with served(Server(document("d1", NOTE), document("d2", SCAN, LOST), *FILES)) as env:
        first, again = synced(emk, tmp_path, env), synced(emk, tmp_path, env)
        locked = {**env, "EMK_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
        listed = emk("card", "documents", "--offline", "--json", env=locked)
        whole = emk(
            "card", "export", "--offline", "--format", "fhir", "--to", str(tmp_path / "out"), "--json", env=locked
        )
    assert (first.item["account"]["supporting"], again.item["account"]["supporting"]) == (3, 3)
    assert all(any("Binary" in warning for warning in run.json["warnings"]) for run in (first, again))
    assert {item["id"]: sections(item)[0] for item in listed.items}["DocumentReference/d1"] == WORDS
    exported = {
        entry["resource"]["id"]: entry["resource"] for entry in json.loads((tmp_path / "out").read_bytes())["entry"]
    }
    assert exported["scan"]["data"] == packed(PDF)
    assert [part["what"] for part in whole.item["missing"]] == ["Binary/lost"]


def test_a_server_that_sends_files_as_they_are(emk: Emk, tmp_path: Path) -> None:
    with served(Raw(document("d1", NOTE), document("d2", SCAN))) as env:
        copy = synced(emk, tmp_path, env)
        locked = {**env, "EMK_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
        listed = emk("card", "documents", "--offline", "--json", env=locked)
    assert (copy.code, copy.item["account"]["supporting"]) == (0, 3)
    assert not any("Binary" in warning for warning in copy.json["warnings"])
    assert [WORDS] in [sections(item) for item in listed.items]


def test_a_file_of_another_host_is_not_fetched_and_is_named(emk: Emk, tmp_path: Path) -> None:
    foreign = NOTE | {"url": "https://elsewhere.example/fhir/Binary/note"}
    with served(server := Server(document("d1", foreign), *FILES)) as env:
        listed = emk("card", "documents", "--json", env=env)
        copy = synced(emk, tmp_path, env)
    assert sections(listed.items[0]) == [f"Осмотр, text/plain; charset=utf-8, {foreign['url']}"]
    assert (copy.code, copy.item["account"]["supporting"]) == (0, 1)
    assert not any(path.startswith("Binary") for path, _params in server.asked)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_bundle_with_its_files_and_without(emk: Emk, tmp_path: Path, is_there: bool) -> None:
    inline = {"contentType": "text/plain", "data": packed(b"second"), "title": "Second"}
    resources = [PATIENT, document("d1", NOTE, inline), document("d2", SCAN), *(FILES if is_there else ())]
    path = tmp_path / "card.json"
    path.write_bytes(encoded(bundle(*resources)))
    done = emk("card", "import", str(path), "--insecure-storage", "--json")
    (result,) = done.items
    listed = {
        item["id"].rpartition("/")[2]: sections(item)
        for item in emk("card", "documents", "--json", env={"EMK_BACKEND": "local"}).items
    }
    absent = [] if is_there else ["Binary/note", "Binary/scan"]
    assert (done.code, [warning.rpartition(" ")[2] for warning in result["warnings"]]) == (0, absent)
    texts = sorted(text for one in listed.values() for text in one)
    assert texts == (
        ["second", WORDS]
        if is_there
        else ["second", "Осмотр, text/plain; charset=utf-8, Binary/note", "Снимок, application/pdf, Binary/scan"]
    )


def test_results_that_a_bundle_does_not_hold_are_said(emk: Emk, tmp_path: Path) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "code": {"text": "Биохимия"},
        "subject": {"reference": "Patient/p1"},
        "conclusion": "Норма",
        "result": [{"reference": "Observation/a"}, {"reference": "#b"}, {"display": "глюкоза 5"}],
        "contained": [{"resourceType": "Observation", "id": "b", "code": {"text": "Натрий"}, "valueString": "140"}],
    }
    path = tmp_path / "card.json"
    path.write_bytes(encoded(bundle(PATIENT, report)))
    done = emk("card", "import", str(path), "--insecure-storage", "--json", "--lang", "en")
    assert [warning.partition(": ")[2] for warning in done.items[0]["warnings"]] == [
        "results that it names are not in the document: 1"
    ]


def test_an_export_type_by_type_brings_what_no_search_finds(emk: Emk, tmp_path: Path) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "code": {"text": "Биохимия"},
        "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "Observation/o1"}, {"reference": "Observation/hidden"}],
    }
    server = Unsearched(lab("o1"), lab("hidden", 7), report, document("d1", NOTE), *FILES)
    server.everything = False
    with served(server) as env:
        export = emk("card", "export", "--format", "fhir", "--to", str(tmp_path / "out"), "--json", env=env)
        copy = synced(emk, tmp_path, env)
    names = [entry["resource"]["id"] for entry in json.loads((tmp_path / "out").read_bytes())["entry"]]
    assert sorted(names) == ["d1", "hidden", "note", "o1", "p1", "r"]
    assert (export.code, export.item["account"]) == (0, copy.item["account"])


@pytest.mark.parametrize("severity", ["information", "warning", "error"])
def test_what_is_said_beside_results_is_no_part_of_the_card(emk: Emk, tmp_path: Path, severity: str) -> None:
    server = Server(lab("o1"))
    server.everything = False
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "incomplete"}]}
    server.extra_entries = [{"resource": outcome, "search": {"mode": "outcome"}}]
    with served(server) as env:
        export = emk("card", "export", "--format", "fhir", "--to", str(tmp_path / "out"), "--json", env=env)
    assert export.item["account"]["total"] == len(["Patient", "Observation"])
    assert export.code == (12 if severity == "error" else 0)
    assert bool(export.item["missing"]) is (severity == "error")
