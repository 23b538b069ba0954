"""The card into files: whole or not at all, private, told by a manifest."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors, models
from emkcli.api.ports import Card, CardQuery
from emkcli.exporters import csv_writer, targets
from emkcli.importers import document_reader
from emkcli.presentation.render.shape import of_model
from tests.exporters.running import export_card
from tests.invented import PATIENT, Server, lab, plain, quantity

ALL = CardQuery()
CLINIC = {"resourceType": "Organization", "id": "c1", "name": "Поликлиника"}


@pytest.fixture
def server() -> Server:
    staff = [{"reference": "Organization/c1"}, {"reference": "Practitioner/gone", "display": "Врач"}]
    known = [lab(f"o{n}", quantity(f"5.{n}0"), effectiveDateTime=f"2026-01-0{n}", performer=staff) for n in range(1, 6)]
    return Server(*known, CLINIC, {"resourceType": "Condition", "id": "d1", "code": {"text": "=СУММ(A1)"}})


def entries(document: dict[str, Any]) -> list[str]:
    return [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in document["entry"]]


def test_fhir(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "new" / "card.json"
    result = export_card(server.card(), ALL, "fhir", str(target))
    document = json.loads(target.read_bytes())
    assert (document["resourceType"], document["type"]) == ("Bundle", "collection")
    assert entries(document)[:2] == ["Patient/p1", "Observation/o1"]
    assert len({one["fullUrl"] for one in document["entry"]}) == len(document["entry"]) == 8
    assert result.records == {"labs": 5, "diagnoses": 1}
    assert result.complete
    assert [part.what for part in result.missing] == ["Practitioner/gone"]
    assert (target.stat().st_mode & 0o777, target.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    note = json.loads(Path(str(result.manifest)).read_bytes())
    assert note["files"] == [
        {"path": "card.json", "bytes": target.stat().st_size, "sha256": sha256(target.read_bytes()).hexdigest()}
    ]
    assert note["dates"] == {"first": "2026-01-01", "last": "2026-01-05"}
    assert note["complete"] is True


class Pieces(Card):
    """A card of given resources."""

    found: tuple[models.Raw, ...] = ()

    def __init__(self, *found: models.Raw) -> None:
        self.found = found

    def person(self, person: str | None = None) -> models.Person:
        return models.Person(id="p", name="П", relation="self")

    def resources(self, query: CardQuery) -> Iterator[models.Raw]:
        return iter(self.found)


def test_resources_pass_unchanged_and_once(tmp_path: Path) -> None:
    odd = b'{"resourceType" : "Observation",\n "id":"o", "valueQuantity":{"value":5.40} }'
    raw = models.Raw(id="Observation/o", media_type="x", content=odd)
    other = models.Raw(id="Observation/o", media_type="x", content=odd.replace(b"5.40", b"5.41"))
    export_card(Pieces(raw, raw, other), ALL, "fhir", str(tmp_path / "x"))
    written = (tmp_path / "x").read_bytes()
    assert written.count(odd) == 1
    addresses = [one["fullUrl"] for one in json.loads(written)["entry"]]
    assert len(set(addresses)) == 2
    assert all(address.startswith("urn:uuid:") for address in addresses)
    export_card(Pieces(), ALL, "fhir", str(tmp_path / "empty"))
    assert "entry" not in json.loads((tmp_path / "empty").read_bytes())


def test_json(server: Server, tmp_path: Path) -> None:
    result = export_card(
        server.card(), ALL, "json", str(tmp_path / "x.json"), envelope={"backend": "fhir", "demo": False}
    )
    document = json.loads((tmp_path / "x.json").read_bytes())
    assert (document["kind"], document["backend"], document["complete"]) == ("card", "fhir", True)
    assert [one["value"] for one in document["records"]["labs"]] == ["5.50", "5.40", "5.30", "5.20", "5.10"]
    assert document["records"]["visits"] == []
    assert result.records == {"labs": 5, "diagnoses": 1}


def test_csv(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "csv"
    result = export_card(server.card(), ALL, "csv", str(target))
    assert sorted(path.name for path in target.iterdir()) == sorted(
        [*(f"{name}.csv" for name in csv_writer.CATEGORIES), "manifest.json"]
    )
    assert target.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in target.iterdir()} == {0o600}
    assert b"\r\n" in (target / "labs.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO((target / "labs.csv").read_text(), newline="")))
    assert (rows[0]["value"], rows[0]["unit"], rows[0]["clinic.name"], rows[0]["flag"]) == (
        "5.50",
        "ммоль/л",
        "Поликлиника",
        "",
    )
    assert "'=СУММ(A1)" in (target / "diagnoses.csv").read_text()
    assert result.files[0].path == str(target / "visits.csv")


def test_csv_for_a_russian_excel(server: Server) -> None:
    out = io.BytesIO()
    export_card(server.card(), ALL, "csv", "-", categories=["labs"], csv_dialect="excel-ru", stdout=out)
    text = out.getvalue().decode("utf-8")
    assert text.startswith("\ufeffid;collected_at;analyte;value;unit;reference.low;")
    row = next(iter(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")))
    assert (row["value"], row["value_number"], row["code"]) == ("5,50", "5,5", "14749-6")


@pytest.mark.parametrize("category", models.CATEGORIES)
def test_both_kinds_of_csv_have_the_same_columns_in_the_same_order(category: str) -> None:
    model = models.CATEGORIES[category]
    written, printed = csv_writer.columns(model), of_model(model, None).flat
    assert written == tuple(name for name in printed if name in written)
    assert {*printed} - {*written} == {"sources", "source.file"}
    assert {"source", "source.document_id", "source.set_id", "source.version", "source.sha256"} <= {*written}


def test_standard_output(server: Server) -> None:
    out = io.BytesIO()
    result = export_card(server.card(), CardQuery(since="2026-01-04"), "fhir", "-", categories=["labs"], stdout=out)
    assert entries(json.loads(out.getvalue())) == ["Patient/p1", "Observation/o4", "Observation/o5", "Organization/c1"]
    assert (result.files, result.manifest) == ([], None)
    with pytest.raises(errors.Usage, match="one list only"):
        export_card(server.card(), ALL, "csv", "-", stdout=out)


@pytest.mark.parametrize(("name", "category"), [("docx", "labs"), ("fhir", "labz")])
def test_unknown_words(server: Server, tmp_path: Path, name: str, category: str) -> None:
    with pytest.raises(errors.Usage):
        export_card(server.card(), ALL, name, str(tmp_path / "x"), categories=[category])
    assert list(tmp_path.iterdir()) == []


def test_what_exists_is_kept_without_force(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "card.json"
    target.write_text("mine")
    target.chmod(0o666)
    with pytest.raises(errors.Exists):
        export_card(server.card(), ALL, "fhir", str(target))
    assert target.read_text() == "mine"
    export_card(server.card(), ALL, "fhir", str(target), force=True)
    assert target.stat().st_mode & 0o777 == 0o600, "a wide mode is not kept"
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "mine").write_text("mine")
    with pytest.raises(errors.Exists):
        export_card(server.card(), ALL, "csv", str(tmp_path / "dir"))
    export_card(server.card(), ALL, "csv", str(tmp_path / "dir"), force=True)
    assert (tmp_path / "dir" / "mine").read_text() == "mine"


def test_a_manifest_that_exists_is_kept_too(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.manifest.json").write_text("mine")
    with pytest.raises(errors.Exists):
        export_card(server.card(), ALL, "json", str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


def test_links_are_replaced_and_devices_never(server: Server, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(errors.Exists):
        export_card(server.card(), ALL, "json", str(tmp_path / "link"))
    export_card(server.card(), ALL, "json", str(tmp_path / "link"), force=True)
    assert (tmp_path / "elsewhere").read_text() == "mine"
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        with pytest.raises(errors.InvalidInput):
            export_card(server.card(), ALL, "json", str(target), force=True)


def test_a_place_that_cannot_be_written(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(errors.Storage):
        export_card(server.card(), ALL, "json", str(tmp_path / "file" / "x"))

    def full(self: targets.Output, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(targets.Output, "write", full)
    for name in ("json", "csv"):
        with pytest.raises(errors.Storage, match="No space left"):
            export_card(server.card(), ALL, name, str(tmp_path / "out"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"], "nothing half-written is left"


def test_a_part_that_cannot_be_read(server: Server, tmp_path: Path) -> None:
    server.failing = {"Condition": 500}
    server.everything = False
    for name in ("fhir", "json", "csv"):
        result = export_card(server.card(), ALL, name, str(tmp_path / name))
        assert not result.complete
        assert result.missing[0].what in ("Condition", "diagnoses")
        assert result.records == {"labs": 5}
        assert json.loads(Path(str(result.manifest)).read_bytes())["complete"] is False


def test_a_server_without_a_type_lacks_nothing_unless_asked(server: Server, tmp_path: Path) -> None:
    server.unknown = {"Immunization"}
    assert export_card(server.card(), ALL, "json", str(tmp_path / "a")).complete
    result = export_card(server.card(), ALL, "json", str(tmp_path / "b"), categories=["labs", "vaccinations"])
    assert [part.what for part in result.missing] == ["vaccinations"]


def test_nothing_is_written_when_nothing_can_be_read(server: Server, tmp_path: Path) -> None:
    server.failing = {"Patient/p1": 500}
    with pytest.raises(errors.ServerError):
        export_card(server.card(), ALL, "fhir", str(tmp_path / "x"))
    server.failing = {"Observation": 500}
    with pytest.raises(errors.ServerError):
        export_card(server.card(), ALL, "csv", str(tmp_path / "y"), categories=["labs"])
    assert list(tmp_path.iterdir()) == []


def test_an_empty_card_is_exported(tmp_path: Path) -> None:
    for name in ("fhir", "json", "csv"):
        assert export_card(Server().card(), ALL, name, str(tmp_path / name)).complete


@pytest.mark.parametrize(
    "value",
    [
        "5.40",
        "-0,5",
        "+1.2e3",
        "-12",
        "+7 (900) 000-01-01",
        "+79000000101",
        "+",
        "++",
        "+++",
        "-",
        "+/-",
        "отрицательно",
        "<0.1",
        "",
    ],
)
def test_the_guard_spares(value: str) -> None:
    assert csv_writer.guarded(value) == value


@pytest.mark.parametrize(
    "value", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\r=1", "+1+1", "--1=2", "+79=1"]
)
def test_the_guard_stops(value: str) -> None:
    assert csv_writer.guarded(value) == f"'{value}"


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_the_guard_spares_every_number(number: float) -> None:
    assert csv_writer.guarded(str(number)) == str(number)


class Labs(Pieces):
    def __init__(self, *texts: str) -> None:
        self.texts = texts

    def labs(self, query: CardQuery) -> Any:
        return iter(models.LabResult(id="x", analyte=one, value=one, specimen=one) for one in self.texts)


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), max_size=4),
    st.booleans(),
)
def test_csv_reads_back(texts: list[str], excel: bool) -> None:
    out = io.BytesIO()
    dialect = "excel-ru" if excel else "rfc4180"
    export_card(Labs(*texts), ALL, "csv", "-", categories=["labs"], csv_dialect=dialect, stdout=out)
    text = out.getvalue().decode("utf-8-sig" if excel else "utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if excel else ","))
    assert [row["analyte"] for row in rows] == [csv_writer.guarded(one) for one in texts]


def test_export_and_import_give_the_same_resources(server: Server, tmp_path: Path) -> None:
    export_card(server.card(), ALL, "fhir", str(tmp_path / "x"))
    (parsed,) = document_reader.read(str(tmp_path / "x"))
    whole = [piece.content for piece in parsed.pieces()]
    assert whole == [one.content for one in server.card().resources(ALL)]
    assert plain(PATIENT) == json.loads(whole[0])
