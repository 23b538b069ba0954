"""Files → documents: by content, with the line of what is broken."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli.importers import document_reader
from emkcli.importers.document_reader import read, read_all
from emkcli.importers.fhir import reader
from emkcli.importers.source_document import Parsed
from tests.invented import PATIENT, bundle, encoded, lab


def one(content: bytes) -> Parsed:
    (found,) = read("-", io.BytesIO(content))
    return found


def test_a_bundle_is_a_document() -> None:
    found = one(encoded(bundle(PATIENT, lab("o1"), timestamp="2026-01-01T00:00:00Z")))
    assert (found.problem, found.type, found.date) == (None, "Bundle/collection", "2026-01-01T00:00:00Z")
    assert found.patient is not None
    assert found.patient.snils == "000-000-102 24"
    assert [piece.key for piece in found.pieces()] == ["Patient/p1", "Observation/o1"]


def test_a_single_resource_and_a_byte_order_mark() -> None:
    found = one(b"\xef\xbb\xbf\n" + encoded(lab("o1")))
    assert (found.type, [piece.type for piece in found.pieces()]) == ("Observation", ["Observation"])


def test_ndjson() -> None:
    lines = b"\n".join([encoded(PATIENT), b"", encoded(lab("o1")), encoded(lab("o2"))])
    found = one(lines)
    assert (found.type, len(list(found.pieces()))) == ("Bundle/ndjson", 3)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([b'{"a": tru}'], "line 2: malformed JSON"),
        ([b'{"a": 1}'], "line 2: JSON, but no FHIR resource"),
        ([b'{"resourceType": "Observation",', b"\xff", b"}"], "line 2: the JSON breaks off and 2 more lines"),
    ],
)
def test_broken_lines_are_told_and_the_others_read(lines: list[bytes], reason: str) -> None:
    good, bad = read("-", io.BytesIO(b"\n".join([encoded(PATIENT), *lines, encoded(lab("o1"))])))
    assert [piece.key for piece in good.pieces()] == ["Patient/p1", "Observation/o1"]
    assert (bad.problem, bad.reason) == ("failed", reason)


def test_lines_of_one_server_keep_their_ids() -> None:
    """The next export of the same card has the records of the one before."""
    first, second = (
        one(b"\n".join(map(encoded, [PATIENT, lab("o1")]))),
        one(b"\n".join(map(encoded, [PATIENT, lab("o2"), lab("o1")]))),
    )
    assert {piece.id for piece in first.pieces()} < {piece.id for piece in second.pieces()}
    other = one(b"\n".join(map(encoded, [PATIENT | {"id": "p2"}, lab("o1")])))
    assert not {piece.id for piece in first.pieces()} & {piece.id for piece in other.pieces()}


@pytest.mark.parametrize(
    "content",
    [
        b"[%b, %b]" % (encoded(PATIENT), encoded(lab("o1"))),
        encoded(bundle(bundle(PATIENT, lab("o1")))),
        encoded(bundle(PATIENT)) + b"\n" + encoded(bundle(lab("o1"))),
    ],
    ids=["array", "a Bundle in a Bundle", "a Bundle on each line"],
)
def test_resources_wherever_they_lie(content: bytes) -> None:
    found = one(content)
    assert found.patient is not None
    assert [piece.type for piece in found.pieces()] == ["Patient", "Observation"]


@pytest.mark.parametrize(
    ("content", "problem", "reason"),
    [
        (b'{\n"resourceType": "Bundle",\n "entry": [}', "failed", "line 3: malformed JSON"),
        (b'{"resourceType": "Bundle",\n "entry": [', "failed", "line 2: the JSON breaks off"),
        (b'{"resourceType": "\xff"}', "failed", "line 1: not UTF-8"),
        (b'{\n"resourceType": "\xff",\n"entry": []}', "failed", "line 2: not UTF-8"),
        (b'{"a":' * 100_000, "failed", "nested too deep"),
        (b'{"resourceType":"Bundle","entry":[{"resource":' + b"[" * 100_000, "failed", "nested too deep"),
        (b'{"name": "package", "version": 1}', "unsupported", "JSON, but no FHIR resource"),
        (b"[1, 2, 3]", "unsupported", "JSON, but no FHIR resource"),
        (b'{"resourceType": "Bundle"}', "unsupported", "a FHIR Bundle without resources"),
        (b'{"resourceType": "Bundle", "entry": {"a": 1}}', "unsupported", "JSON, but no FHIR resource"),
        (b"PK\x03\x04....", "failed", "the archive is damaged or of an unknown kind"),
        (b"%PDF-1.7", "unsupported", "a PDF is a drawing of the document: download the XML, or the archive with it"),
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', "unsupported", "FHIR in XML is not read: ask for it in JSON"),
        (b"<ClinicalDocument/>", "unsupported", "XML, but no HL7 CDA document (СЭМД)"),
        (b"MZ....", "unsupported", "neither FHIR nor another known format"),
        (b" \n", "failed", "the file is empty"),
    ],
)
def test_what_is_no_document(content: bytes, problem: str, reason: str) -> None:
    found = one(content)
    assert (found.problem, found.reason) == (problem, reason)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_reader, "LARGEST", 2**20)
    assert one(b"{" * (2**20 + 1)).reason == "larger than 1 MB"


def test_files_and_directories(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b").write_bytes(encoded(PATIENT))
    (tmp_path / "a.txt").write_bytes(encoded(PATIENT))
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "a.txt")
    os.mkfifo(tmp_path / "pipe")
    assert [found.file for found in read(str(tmp_path))] == [str(tmp_path / "a.txt"), str(tmp_path / "sub" / "b")]
    (missing,) = read(str(tmp_path / "none"))
    assert (missing.problem, missing.reason) == ("failed", "there is no such file")
    assert [found.problem for found in read("a\0b")] == ["failed"]
    assert [found.problem for found in read("-", None)] == ["failed"]


def test_an_empty_and_a_closed_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = read(str(tmp_path))
    assert (found.file, found.problem, found.reason) == (str(tmp_path), "failed", "there is no file in it")

    def closed(_top: Path, onerror: Any) -> Any:
        onerror(PermissionError(13, "Permission denied", str(tmp_path / "inner")))
        return iter([(str(tmp_path), [], [])])

    monkeypatch.setattr(document_reader.os, "walk", closed)
    (found,) = read(str(tmp_path))
    assert (found.file, found.reason) == (str(tmp_path / "inner"), "you may not read it")


def test_a_document_with_its_signature_and_drawing_named_together(tmp_path: Path) -> None:
    for name in ("a.xml", "a.xml.sig", "a.pdf", "b.sig"):
        (tmp_path / name).write_bytes(encoded(PATIENT) if name == "a.xml" else b"%PDF-1.7")
    found = list(read_all([str(tmp_path / name) for name in ("a.pdf", "a.xml", "a.xml.sig", "b.sig")]))
    assert [(one.file[-5:], one.problem) for one in found] == [("a.xml", None), ("b.sig", "unsupported")]


def test_ids_do_not_depend_on_the_file_where_the_address_is_global() -> None:
    def names(document: Any) -> list[str]:
        return [piece.id for piece in one(encoded(document)).pieces()]

    assert names(bundle(PATIENT, lab("o1")))[1] == names(bundle(lab("o1")))[0]
    local = {"resourceType": "Bundle", "entry": [{"resource": lab("o1")}]}
    assert names(local) == names(local)
    assert names(local) != names(local | {"type": "collection"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceType", "entry", "resource", "fullUrl", "id", "subject", "reference", "identifier", "section"]
            ),
            inner | st.sampled_from(["Bundle", "Patient", "Observation", "Composition"]),
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=200)
@given(JSON)
def test_any_json_is_a_document_or_a_reason(document: object) -> None:
    for found in reader.read("x", encoded(document)):
        assert found.problem in (None, "failed", "unsupported")
        list(found.pieces())


@settings(max_examples=200)
@given(st.binary(max_size=60), st.integers(0, 400))
def test_any_bytes_are_a_document_or_a_reason(content: bytes, cut: int) -> None:
    for start in (b"", b"{", encoded(bundle(PATIENT, lab("o1")))[:cut]):
        for found in read("-", io.BytesIO(start + content)):
            list(found.pieces())
