"""The card as a Parquet dataset: typed, partitioned by list and year, one schema a list, here or at an address."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import errors, models
from emkcli.exporters import tables
from emkcli.exporters.export import check
from emkcli.exporters.export_request import ExportRequest
from emkcli.exporters.targets.address import target
from tests.exporters.running import export_card
from tests.exporters.test_sqlite_writer import ALL, ENVELOPE, Given
from tests.invented import Server, lab, plain, quantity

NOWHEN = "__HIVE_DEFAULT_PARTITION__"


@pytest.fixture
def server() -> Server:
    return Server(
        lab("a", quantity("5.40"), effectiveDateTime="2026-03-01T01:30:00+03:00"),
        lab("b", quantity("6"), effectiveDateTime="2015-03"),
        plain(lab("c", quantity("7")), "effectiveDateTime"),
        lab("d", quantity("8"), effectiveDateTime="2025-12-31T22:00:00Z"),
    )


@pytest.fixture
def memory() -> Iterator[Any]:
    fs = fsspec.filesystem("memory")
    yield fs
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]


def names(directory: Path, category: str) -> list[str]:
    return sorted(str(one.relative_to(directory)) for one in directory.glob(f"category={category}/**/*.parquet"))


def test_read_back(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "set"
    result = export_card(server.card(), ALL, "parquet", str(target), envelope=ENVELOPE)
    assert result.records == {"labs": 4}
    assert names(target, "labs") == [
        f"category=labs/year={year}/part-0.parquet" for year in ("2015", "2026", NOWHEN)
    ], "the year of Moscow"
    table = pq.read_table(target / "category=labs" / "year=2026" / "part-0.parquet", partitioning=None)
    assert table.select(["id", "value", "value_number", "out_of_range", "day", "moment", "person_id"]).to_pylist() == [
        {
            "id": "Observation/a",
            "value": "5.40",
            "value_number": 5.4,
            "out_of_range": None,
            "day": date(2026, 3, 1),
            "moment": datetime(2026, 2, 28, 22, 30, tzinfo=UTC),
            "person_id": "p1",
        },
        {
            "id": "Observation/d",
            "value": "8",
            "value_number": 8.0,
            "out_of_range": None,
            "day": date(2026, 1, 1),
            "moment": datetime(2025, 12, 31, 22, tzinfo=UTC),
            "person_id": "p1",
        },
    ]
    modes = {path.stat().st_mode & 0o777 for path in target.rglob("*") if path.is_dir()}
    assert modes == {0o700}
    assert {path.stat().st_mode & 0o777 for path in target.rglob("*") if path.is_file()} == {0o600}
    note = json.loads((target / "manifest.json").read_bytes())
    for file in note["files"]:
        assert sha256((target / file["path"]).read_bytes()).hexdigest() == file["sha256"]


def test_one_schema_a_list_also_where_it_is_empty(server: Server, tmp_path: Path) -> None:
    export_card(server.card(), ALL, "parquet", str(tmp_path / "set"))
    for category in tables.CATEGORIES:
        schemas = [pq.read_schema(tmp_path / "set" / name) for name in names(tmp_path / "set", category)]
        assert schemas
        assert all(schema.equals(schemas[0], check_metadata=True) for schema in schemas)
        assert not [one.name for one in schemas[0] if pa.types.is_null(one.type)]
        assert all(one.metadata[b"description"] for one in schemas[0])


def test_years_in_disorder_lose_nothing(tmp_path: Path) -> None:
    dates = [f"{1980 + n % 40}-01-01" for n in range(80)]
    card = Given(labs=[models.LabResult(id=str(n), collected_at=one) for n, one in enumerate(dates)])
    export_card(card, ALL, "parquet", str(tmp_path / "set"), categories=["labs"])
    found = [pq.read_table(tmp_path / "set" / name, partitioning=None) for name in names(tmp_path / "set", "labs")]
    assert sorted(int(one) for table in found for one in table["id"].to_pylist()) == list(range(80))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=40)
@given(st.lists(st.tuples(texts, st.one_of(st.none(), texts, st.dates().map(str))), max_size=4))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, given: list[tuple[str, str | None]]) -> None:
    target = tmp_path_factory.mktemp("any") / "set"
    known = [models.LabResult(id=str(n), value=text, collected_at=when) for n, (text, when) in enumerate(given)]
    export_card(Given(labs=known), ALL, "parquet", str(target), categories=["labs"])
    found = [pq.read_table(target / name, partitioning=None).to_pylist() for name in names(target, "labs")]
    rows = {row["id"]: (row["value"], row["collected_at"]) for table in found for row in table}
    assert rows == {str(n): one for n, one in enumerate(given)}


def test_a_year_that_is_gone_is_gone_with_force(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "set"
    export_card(server.card(), ALL, "parquet", str(target))
    (target / "mine.txt").write_text("mine")
    with pytest.raises(errors.Exists):
        export_card(server.card(), ALL, "parquet", str(target))
    server.resources = [one for one in server.resources if one["id"] != "b"]
    export_card(server.card(), ALL, "parquet", str(target), force=True)
    assert names(target, "labs") == [f"category=labs/year={year}/part-0.parquet" for year in ("2026", NOWHEN)]
    assert (target / "mine.txt").read_text() == "mine"


def test_a_manifest_names_no_file_elsewhere(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "set"
    target.mkdir()
    (tmp_path / "mine").write_text("mine")
    (target / "link").symlink_to(tmp_path)
    paths = ["../mine", "link/mine", str(tmp_path / "mine"), "a/../../mine"]
    note = {"kind": "export_manifest", "files": [{"path": path} for path in paths]}
    (target / "manifest.json").write_text(json.dumps(note))
    export_card(server.card(), ALL, "parquet", str(target), force=True)
    assert (tmp_path / "mine").read_text() == "mine"


def test_standard_output_is_no_directory(server: Server) -> None:
    with pytest.raises(errors.Usage, match="directory"):
        export_card(server.card(), ALL, "parquet", "-", stdout=sys.stdout.buffer)


def test_a_missing_library_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyarrow", "fsspec"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "emkcli.exporters.parquet_writer", raising=False)
    for form, to in (("parquet", "x"), ("json", "memory://x")):
        with pytest.raises(errors.Usage) as told:
            check(ExportRequest(form, to))
        assert told.value.hint == "pip install 'emkcli[parquet]'"


def test_at_an_address(server: Server, memory: Any) -> None:
    result = export_card(server.card(), ALL, "parquet", "memory://cards/p1/", envelope=ENVELOPE)
    assert result.manifest == "memory://cards/p1/manifest.json"
    note = json.loads(memory.cat("/cards/p1/manifest.json"))
    for file in note["files"]:
        assert sha256(memory.cat(f"/cards/p1/{file['path']}")).hexdigest() == file["sha256"]
    table = pq.read_table("/cards/p1/category=labs", filesystem=memory)
    assert table.num_rows == 4
    with pytest.raises(errors.Exists):
        export_card(server.card(), ALL, "parquet", "memory://cards/p1")
    server.resources = [one for one in server.resources if one["id"] != "b"]
    export_card(server.card(), ALL, "parquet", "memory://cards/p1", force=True)
    assert pq.read_table("/cards/p1/category=labs", filesystem=memory).num_rows == 3
    export_card(server.card(), ALL, "fhir", "memory://cards/one.json")
    assert memory.exists("/cards/one.json.manifest.json")
    with pytest.raises(errors.Exists):
        export_card(server.card(), ALL, "fhir", "memory://cards/one.json")


def test_at_an_address_nothing_partial_is_left(
    server: Server, memory: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.failing = {"Patient/p1": 500}
    with pytest.raises(errors.ServerError):
        export_card(server.card(), ALL, "parquet", "memory://x")
    server.failing = {}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("emkcli.exporters.parquet_writer._Part.close", full)
    with pytest.raises(errors.Storage, match="No space left"):
        export_card(server.card(), ALL, "parquet", "memory://x")
    assert memory.find("/") == []
    assert not memory._intrans


def test_the_manifest_comes_last(server: Server, memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    from fsspec.implementations.memory import MemoryFile

    real = MemoryFile.commit
    monkeypatch.setattr(MemoryFile, "commit", lambda self: (order.append(self.path), real(self))[1])
    export_card(server.card(), ALL, "parquet", "memory://x", categories=["labs"])
    assert order[-1] == "/x/manifest.json"
    assert len(order) == 4


@pytest.mark.parametrize(
    "address", ["nothere://x/y", "s3://key:secret@bucket/x", "ftp://me:secret@host/x", "s3://bucket/x"]
)
def test_addresses_that_lead_nowhere(server: Server, address: str) -> None:
    with pytest.raises(errors.Usage) as told:
        target(address)
    assert "secret" not in told.value.message


def test_a_file_address_is_a_private_file(server: Server, tmp_path: Path) -> None:
    export_card(server.card(), ALL, "json", f"file://{tmp_path}/с%20пробелом.json")
    assert (tmp_path / "с пробелом.json").stat().st_mode & 0o777 == 0o600
