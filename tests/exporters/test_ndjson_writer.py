"""Bulk-data layout: a file per type, lines as sent, each once, in little memory."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors, models
from emkcli.api.ports import Card, CardQuery
from emkcli.exporters import ndjson_writer
from tests.exporters.running import export_card
from tests.exporters.test_export import Pieces
from tests.invented import PATIENT, Server, encoded, lab

ALL = CardQuery()


def raw(name: str, content: bytes | None = None) -> models.Raw:
    kind, _, ident = name.rpartition("/")
    return models.Raw(
        id=name, media_type="x", content=content or encoded({"resourceType": kind, "id": ident}), data={"type": kind}
    )


def test_a_file_for_every_type(tmp_path: Path) -> None:
    server = Server(*[lab(f"o{n}") for n in range(5)], {"resourceType": "Condition", "id": "d1"})
    result = export_card(server.card(), ALL, "ndjson", str(tmp_path / "bulk"))
    target = tmp_path / "bulk"
    assert {path.name for path in target.iterdir()} == {
        "Patient.ndjson",
        "Observation.ndjson",
        "Condition.ndjson",
        "manifest.json",
    }
    assert {path.stat().st_mode & 0o777 for path in target.iterdir()} == {0o600}
    lines = (target / "Observation.ndjson").read_bytes().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["o0", "o1", "o2", "o3", "o4"]
    assert json.loads((target / "Patient.ndjson").read_bytes()) == PATIENT
    note = json.loads((target / "manifest.json").read_bytes())
    assert note["output"] == [
        {"type": "Condition", "url": "Condition.ndjson", "count": 1},
        {"type": "Observation", "url": "Observation.ndjson", "count": 5},
        {"type": "Patient", "url": "Patient.ndjson", "count": 1},
    ]
    assert (note["complete"], note["requiresAccessToken"], note["error"]) == (True, False, [])
    assert {one["path"] for one in note["files"]} == {one["url"] for one in note["output"]}
    assert result.complete


def test_lines_are_the_bytes_that_were_sent(tmp_path: Path) -> None:
    odd = b'{ "resourceType":"Observation",\r\n\t"id" : "o","valueQuantity":{"value":5.40},"note":"a\\nb\xe2\x80\xa8"}'
    export_card(Pieces(raw("Observation/o", odd)), ALL, "ndjson", str(tmp_path / "x"))
    written = (tmp_path / "x" / "Observation.ndjson").read_bytes()
    assert written == odd.replace(b"\r\n", b"  ") + b"\n"
    assert json.loads(written) == json.loads(odd)


def test_a_repeated_page_is_written_once(tmp_path: Path) -> None:
    page = [raw(f"Observation/{n}") for n in range(20)]
    export_card(Pieces(*page, *page), ALL, "ndjson", str(tmp_path / "x"))
    assert (tmp_path / "x" / "Observation.ndjson").read_bytes().count(b"\n") == 20


@pytest.mark.parametrize("name", ["../../etc/x", "CON", "NUL", "observation", "Obs ervation", "", "A" * 300, "Обзор"])
def test_a_type_that_is_no_name_never_becomes_a_file(tmp_path: Path, name: str) -> None:
    result = export_card(Pieces(raw("Patient/p"), raw(f"{name}/1")), ALL, "ndjson", str(tmp_path / "x"))
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["Patient.ndjson", "manifest.json"]
    assert not result.complete
    assert result.missing[0].what == name[:60]


def test_types_that_differ_by_case_only_do_not_meet(tmp_path: Path) -> None:
    found = [raw("Observation/1"), raw("ObservatioN/2")]
    result = export_card(Pieces(*found), ALL, "ndjson", str(tmp_path / "x"))
    assert [part.what for part in result.missing] == ["ObservatioN"]


def test_types_without_end_open_no_files_without_end(tmp_path: Path) -> None:
    names = [f"Type{chr(65 + n // 26 % 26)}{chr(97 + n % 26)}{'x' * (n // 676)}/1" for n in range(1000)]
    result = export_card(Pieces(*map(raw, names)), ALL, "ndjson", str(tmp_path / "x"))
    assert len(list((tmp_path / "x").iterdir())) == 201
    assert len(result.missing) == 202


def test_one_stream_on_standard_output() -> None:
    out = io.BytesIO()
    result = export_card(Server(lab("o1")).card(), ALL, "ndjson", "-", stdout=out)
    assert [json.loads(line)["resourceType"] for line in out.getvalue().splitlines()] == ["Patient", "Observation"]
    assert result.manifest is None


def test_lists_and_dates(tmp_path: Path) -> None:
    old = lab("o1", effectiveDateTime="2020-01-01")
    server = Server(old, lab("o2"), {"resourceType": "Condition", "id": "d"})
    asked = CardQuery(since="2026-01-01")
    export_card(server.card(), asked, "ndjson", str(tmp_path / "x"), categories=["labs"])
    assert sorted(path.stem for path in (tmp_path / "x").iterdir()) == ["Observation", "Patient", "manifest"]
    assert b"o1" not in (tmp_path / "x" / "Observation.ndjson").read_bytes()


class Broken(Pieces):
    def resources(self, query: CardQuery) -> Iterator[models.Raw]:
        yield from self.found
        raise errors.ServerError("broke off")


def test_a_server_that_fails_in_the_middle(tmp_path: Path) -> None:
    result = export_card(Broken(raw("Patient/p")), ALL, "ndjson", str(tmp_path / "x"))
    assert not result.complete
    assert json.loads((tmp_path / "x" / "manifest.json").read_bytes())["missing"][0]["why"] == "broke off"
    with pytest.raises(errors.ServerError):
        export_card(Broken(), ALL, "ndjson", str(tmp_path / "y"))
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


class Many(Card):
    """So many resources, made one by one."""

    def __init__(self, count: int) -> None:
        self.count = count

    def person(self, person: str | None = None) -> models.Person:
        return models.Person(id="p", name="П", relation="self")

    def resources(self, query: CardQuery) -> Iterator[models.Raw]:
        return (raw(f"Observation/{n}") for n in range(self.count))


def test_memory_stays_flat(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        export_card(Many(count), ALL, "ndjson", str(tmp_path / str(count)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(8000) - peak(1000) < 800_000


@given(st.lists(st.binary(max_size=3) | st.integers(0, 40).map(lambda n: b"%d" % n), max_size=9000))
def test_each_once_in_order(contents: list[bytes]) -> None:
    seen = ndjson_writer.Seen()
    half = len(contents) // 2
    fresh = seen.add(contents[:half]) + seen.add(contents[half:])
    assert [one for one, new in zip(contents, fresh, strict=True) if new] == list(dict.fromkeys(contents))


def test_each_once_of_many() -> None:
    seen = ndjson_writer.Seen()
    pages = [[b"%d" % (number % 20_000) for number in range(start, start + 250)] for start in range(0, 50_000, 250)]
    assert sum(sum(seen.add(page)) for page in pages) == 20_000
