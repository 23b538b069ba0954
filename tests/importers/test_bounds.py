"""Documents made to cost memory or time are refused in words, before they cost it."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest

from emkcli import errors
from emkcli.fhir import Graph, graph
from emkcli.importers import document_reader
from emkcli.importers.cda import narrative_links, safe_xml, text_limits
from emkcli.importers.document_reader import read
from emkcli.importers.fhir import source
from emkcli.importers.fhir.json_bounds import structure, without_attachments
from emkcli.importers.source_document import Parsed
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, bundle, encoded, lab


def one(content: bytes) -> Parsed:
    (parsed,) = read("-", io.BytesIO(content))
    return parsed


def told(parsed: Parsed) -> str:
    (piece,) = parsed.pieces()
    return "".join(section.text or "" for section in piece.records[0].sections)  # type: ignore[attr-defined]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_limits, "LONGEST_TEXT", 3000)
    monkeypatch.setattr(text_limits, "LONGEST_ATTRIBUTE", 1000)
    monkeypatch.setattr(text_limits, "LONGEST_NAME", 100)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("", None),
        (f"<a>{'x' * 3000}</a>", None),
        (f"<a>{'x' * 3001}</a>", "a text is longer than 3000 letters"),
        (f"<a/>{'я' * 3001}", "a text is longer than 3000 letters"),
        (f"<a><![CDATA[{'x' * 2000}]]>{'x' * 1001}</a>", "a text is longer than 3000 letters"),
        (f"<a b='{'x' * 1001}'/>", "a text is longer than 1000 letters"),
        (f"<{'a' * 101}/>", "the name of an element is longer than 100 letters"),
        ("<a>" * 260 + "</a>" * 260, "nested too deep"),
        ("<a>" * 200 + "</a>" * 200, None),
    ],
)
def test_what_is_too_long_in_xml(extra: str, reason: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the parser told that documents are huge, as it is for those with attachments."""
    monkeypatch.setattr(safe_xml, "LONGEST", 0)
    parsed = one(semd.document(extra=f"<!-- {'long enough ' * 100}-->{extra}"))
    assert parsed.reason == reason
    assert parsed.problem == (reason and "failed")


@pytest.mark.usefixtures("short")
def test_a_file_in_a_document_is_no_text() -> None:
    packed = base64.b64encode(bytes(9000)).decode()
    body = f'<text mediaType="application/pdf" representation="B64">{packed}</text>'
    assert told(one(semd.unstructured(body))) == "[application/pdf]"
    named_only = body.replace(' representation="B64"', "")
    assert one(semd.unstructured(named_only)).reason == "a text is longer than 3000 letters"


def test_all_texts_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_limits, "LONGEST_ATTRIBUTE", 1000)
    monkeypatch.setattr(text_limits, "MOST_TEXT", 5000)
    assert one(semd.document(extra=f"<a>{'x' * 400}</a>")).problem is None
    assert one(semd.document(extra=f"<a>{'x' * 800}</a>" * 9)).reason == "its texts are longer than 5000 letters"


def test_many_attributes_of_one_element() -> None:
    many = " ".join(f"a{number}=''" for number in range(10_001))
    assert one(semd.document(extra=f"<a {many}/>")).reason == "an element has more than 10000 attributes"
    assert one(semd.document(extra="<a b='' c=''/>" * 6000)).problem is None


def test_letters_beyond_the_basic_plane_are_utf_8() -> None:
    cut = "\U0001f600" * 300_000
    assert safe_xml._is_utf8(b"a" + cut.encode())
    assert not safe_xml._is_utf8(b"a" + cut.encode()[:-1])


def test_references_into_each_other_are_not_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of 50 elements contains the next; only what is short enough is put in the place of a reference."""
    monkeypatch.setattr(narrative_links, "LONGEST", 10)
    inside = "".join(f'<content ID="a{number}">слово ' for number in range(50)) + "</content>" * 50
    fields = "".join(semd.field("7006", f'<reference value="#a{number}"/>') for number in (0, 48))
    parsed = one(semd.document(semd.section("ANAM", fields, text=inside)))
    assert told(parsed).split("\n")[0].count("слово") == 50


def test_a_text_packed_in_base64_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emkcli.importers.cda.narrative.LONGEST_FILE", 100)
    for words, shown in (("слово", "слово"), ("слово" * 20, "[text/plain]")):
        packed = base64.b64encode(words.encode()).decode()
        text = f'<text mediaType="text/plain" representation="B64">{packed}</text>'
        assert told(one(semd.unstructured(text))) == shown


@pytest.mark.parametrize(
    ("content", "values"),
    [(b"[1,2,3]", 2), (b"[[],[],{}]", 4), (b'{"a": "b"}', 1), (b'","', 1), (b"17", 0)],
)
def test_the_structure_of_json_is_counted(content: bytes, values: int) -> None:
    assert structure(content) == values


def test_the_size_of_a_resource_without_its_files() -> None:
    attached: dict[str, Any] = {"resourceType": "Binary", "data": "QUJD" * 100, "x": "QUJD" * 10}
    assert without_attachments(encoded(attached)) == len(encoded(attached | {"data": ""}))


@pytest.mark.parametrize("opening", [b"[", b'{"resourceType":"Bundle","entry":[', b'{"resourceType":"Bundle","meta":['])
@pytest.mark.parametrize("value", [b"[]", b"{}", b"1"])
def test_brackets_without_end(opening: bytes, value: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST", 1000)
    assert one(opening + (value + b",") * 1001).reason == "more than 1000 elements"


def test_lines_and_resources_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_RESOURCES", 3)
    assert one(encoded(bundle(PATIENT, lab("o1"), lab("o2")))).problem is None
    assert one(encoded(bundle(PATIENT, *(lab(f"o{n}") for n in range(3))))).reason == "more than 3 resources"
    lines = encoded(PATIENT) + b"\n" + b"{}\n" * 3
    assert [parsed.reason for parsed in read("-", io.BytesIO(lines))] == [
        None,
        "line 2: JSON, but no FHIR resource and 2 more lines",
    ]
    assert one(lines + b"{}\n").reason == "more than 3 resources"


def test_a_resource_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the files in it."""
    monkeypatch.setattr(source, "LARGEST_RESOURCE", 2**20)
    large = {"resourceType": "DocumentReference", "id": "d", "status": "current"}
    attachment = {"contentType": "application/pdf", "data": "QUJD" * 2**19}
    assert one(encoded(bundle(PATIENT, large | {"content": [{"attachment": attachment}]}))).problem is None
    for content in (bundle(PATIENT, large | {"description": "ab " * 2**19}), large | {"x": ["a"] * 2**19}):
        assert one(encoded(content)).reason == "one resource is larger than 1 MB without its files"


def test_resources_that_send_each_other_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit into memory together is decoded again, but not for ever."""
    monkeypatch.setattr(graph, "_MEMORY", 100)
    monkeypatch.setattr(graph, "_WORK", 3 * len(encoded(lab("o1"))))
    both = Graph()
    first, second = both.add(encoded(lab("o1"))), both.add(encoded(lab("o2")))
    assert first
    assert second
    for node in (first, second, first):
        assert both.resource(node)["resourceType"] == "Observation"
    with pytest.raises(errors.BadResponse):
        both.resource(second)


def test_a_node_belongs_to_the_first_report_that_reaches_it() -> None:
    """Also through panels that contain each other."""
    panels = [lab(f"o{n}", hasMember=[{"reference": f"Observation/o{(n + 1) % 3}"}]) for n in range(3)]
    reports = [
        {"resourceType": "DiagnosticReport", "id": f"r{n}", "result": [{"reference": f"Observation/o{n}"}]}
        for n in (1, 2)
    ]
    together = Graph()
    nodes = [together.add(encoded(resource)) for resource in (*panels, *reports)]
    assert [report.key for node in nodes[:3] if node and (report := together.report_of(node))] == [
        "DiagnosticReport/r1"
    ] * 3


def test_the_first_contained_resource_of_an_id() -> None:
    owner = {"contained": [{"resourceType": "A", "id": "1"}, {"resourceType": "B", "id": "1"}, {"id": 2}]}
    together = Graph()
    assert together.get({"reference": "#1"}, owner) == {"resourceType": "A", "id": "1"}
    assert together.get({"reference": "#3"}, owner) is None


def test_lines_are_decoded_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them may have more values than one of them, or a Bundle on one of them."""
    monkeypatch.setattr(source, "MOST", 100)
    lines = [encoded(PATIENT), *(encoded(lab(f"o{n}")) for n in range(9))]
    assert structure(b"\n".join(lines)) > 100
    assert len(list(one(b"\n".join(lines)).pieces())) == 10
    assert one(encoded(bundle(*(lab(f"o{n}") for n in range(9))))).reason == "more than 100 elements"
    nested = encoded(bundle(*(lab(f"o{n}") for n in range(9))))
    assert one(encoded(PATIENT) + b"\n" + nested).reason == "more than 100 elements"


def test_a_large_folder_of_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_reader, "LARGEST_FOLDER", 5000)
    monkeypatch.setattr(source, "LARGE", 3000)
    monkeypatch.setattr(source, "LONGEST_LINE", 2**20)
    monkeypatch.setattr(document_reader, "LARGEST", 100)
    (tmp_path / "Patient.ndjson").write_bytes(encoded(PATIENT))
    (tmp_path / "Observation.ndjson").write_bytes(b"\n".join(encoded(lab(f"o{n}")) for n in range(7)))
    (whole,) = read(str(tmp_path))
    assert len(list(whole.pieces())) == 8
    monkeypatch.setattr(source, "LONGEST_LINE", 400)
    good, bad = read(str(tmp_path))
    assert (len(list(good.pieces())), bad.reason) == (1, "line 2: larger than 0 MB and 6 more lines")
    monkeypatch.setattr(document_reader, "LARGEST_FOLDER", 3000)
    (refused,) = read(str(tmp_path))
    assert (refused.problem, refused.reason) == ("failed", "larger than 0 MB")
