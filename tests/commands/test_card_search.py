"""`card search`, `card trend`, `card show` and the summary, through the real entry point."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import httpx
import pytest
from PIL import Image

from emkcli.clinical.status import WITHDRAWN
from tests.conftest import Emk, Result
from tests.contract.world import World
from tests.importers import semd_invented as semd


@pytest.fixture
def local(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A local card of invented documents; the answer takes the words of a command."""
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse")
    secret.chmod(0o600)
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(secret))
    monkeypatch.setenv("EMK_BACKEND", "local")

    def fill(*documents: bytes) -> Any:
        folder = tmp_path / "documents"
        folder.mkdir()
        for number, content in enumerate(documents):
            (folder / f"{number}.xml").write_bytes(content)
        assert not documents or emk("card", "import", str(folder)).code == 0
        return lambda *words, **more: emk("card", *words, **more)

    return fill


def blood(
    value: str, date: str, *, unit: str = "mmol/l", printed: str = "ммоль/л", low: str = "3,9", flag: str = ""
) -> bytes:
    interpretation = f'<interpretationCode code="{flag}"/>' if flag else ""
    inner = semd.when(date) + semd.quantity(value, unit, printed) + interpretation + semd.span(low, "6.1", unit)
    taken = semd.result(inner, "1003870", "Глюкоза")
    return semd.document(
        semd.section("RESLAB", semd.battery(taken, panel="Биохимия")),
        kind="7",
        ident=date,
        series=date,
        date=f"{date}1000+0300",
    )


SERIES = (
    blood("5.4", "20240301"),
    blood("7.2", "20250301", flag="H"),
    blood("6.0", "20230301"),
    blood("99", "20220301", unit="mg/dl", printed="мг/дл"),
)


def consultation() -> bytes:
    return semd.document(
        semd.section("COMPLAINTS", text="Жалобы на сухой кашель и насморк.", title="Жалобы"),
        semd.section("REZKONS", text="Острое респираторное заболевание. Таблетки от кашля.", title="Заключение"),
    )


def test_search_in_a_local_card(local: Any) -> None:
    card = local(consultation(), *SERIES)
    found = card("search", "кашлем", "насморка", "--json")
    assert found.json["kind"] == "search_hit_list"
    (hit,) = [one for one in found.items if one["kind"] == "document"]
    assert list(hit) == ["id", "kind", "date", "title", "snippet", "score"]
    assert hit["snippet"].startswith("Жалобы на сухой **кашель** и **насморк**.")
    assert hit["score"] > 0
    assert card("show", hit["id"], "--json").item["title"] == "Протокол консультации"


def test_search_is_cut_counted_and_filtered(local: Any) -> None:
    card = local(consultation(), *SERIES)
    cut = card("search", "глюкоза", "--limit", "2", "--json").json
    assert (len(cut["items"]), cut["truncated"]) == (2, True)
    labs = card("search", "глюкоза", "--category", "labs", "--json").json
    assert (labs["total"], {one["kind"] for one in labs["items"]}) == (4, {"lab_result"})
    assert [one["date"][:4] for one in labs["items"]] == ["2025", "2024", "2023", "2022"]
    plain = card("search", "глюкоза", "--category", "labs", "--limit", "2")
    assert plain.err.startswith("showing 2 of ")
    assert plain.out.splitlines()[0].split("\t")[1:3] == ["lab_result", "Глюкоза"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("нефропатия",), 0),
        (("нефропатия", "--exit-code"), 3),
        (("--", "-"), 2),
        (("кашель", "--category", "nothing"), 2),
        (("кашель", "--limit", "0"), 2),
        (("кашель", "--exit-code"), 0),
    ],
)
def test_ends_of_a_search(local: Any, words: tuple[str, ...], code: int) -> None:
    assert local(consultation())("search", *words).code == code


@pytest.mark.parametrize(
    ("options", "years"),
    [
        (("--since", "2024-01-01"), ["2025", "2024"]),
        (("--until", "2023-12-31"), ["2023", "2022"]),
        (("--since", "2023-01-01", "--until", "2024-12-31", "--limit", "1"), ["2024"]),
        (("--clinic", "поликлиника № 0", "--since", "2025"), ["2025"]),
        (("--clinic", "другая"), []),
        (("--doctor", "врачов", "--until", "2022-12-31"), ["2022"]),
    ],
)
def test_search_and_trend_of_some_years(local: Any, options: tuple[str, ...], years: list[str]) -> None:
    card = local(consultation(), *SERIES)
    found = card("search", "глюкоза", "--category", "labs", *options, "--json")
    assert [one["date"][:4] for one in found.items] == years
    if "--doctor" in options or "--limit" in options:
        return
    drawn = card("trend", "глюкоза", *options, "--json")
    if not years:
        assert (drawn.code, drawn.error["code"]) == (3, "not_found")
    else:
        assert [point["at"][:4] for point in drawn.item["points"]] == years[::-1]


def test_search_since_the_last_look_at_a_list(local: Any) -> None:
    card = local(*SERIES)
    assert card("search", "глюкоза", "--since", "last", "--json").error["code"] == "usage"
    assert card("labs", "--new").code == 0
    assert card("search", "глюкоза", "--since", "last", "--category", "labs", "--json").items == []


def test_a_search_of_some_years_says_when_not_all_was_looked_through(
    local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = local(*SERIES)
    monkeypatch.setattr("emkcli.localcard.search.index.MOST_RANKED", 2)
    found = card("search", "глюкоза", "--category", "labs", "--since", "2020", "--json").json
    assert found["warnings"] == ["Only the best 2 of 4 were looked through."]


def test_search_on_a_server(emk: Emk, seeded: Any) -> None:
    seeded()
    found = emk("card", "search", "гемоглобином", "--limit", "3", "--json")
    assert [one["title"] for one in found.items] == ["Гемоглобин"] * 3
    assert found.json["truncated"] is True
    assert emk("card", "show", found.items[0]["id"]).code == 0
    code = emk("card", "search", "J06.9", "--category", "diagnoses", "--json").items
    assert code
    assert {emk("card", "show", one["id"], "--json").item["code"] for one in code} == {"J06.9"}


def test_search_says_which_lists_it_could_not_read(emk: Emk, seeded: Any) -> None:
    seeded()
    emk("mock", "fault", "add", "html", "--path", "/fhir/R4/Immunization", "--times", "0")
    found = emk("card", "search", "гемоглобин", "--json")
    assert found.code == 12
    assert "vaccinations" in found.json["warnings"][0]
    assert found.items


# trend


def test_a_trend_as_json(local: Any) -> None:
    item = local(*SERIES)("trend", "сахар", "--json").item
    assert item["analyte"] == "Глюкоза"
    assert item["codes"] == [{"code": "1003870", "system": f"urn:oid:{semd.FSLI}", "display": "Глюкоза"}]
    assert [one["at"][:4] for one in item["points"]] == ["2022", "2023", "2024", "2025"]
    assert [one["value"] for one in item["points"]] == ["99", "6.0", "5.4", "7.2"]
    assert [one["segment"] for one in item["points"]] == [0, 1, 1, 1]
    assert item["points"][3]["flag"] == "H"
    assert item["points"][1]["reference"]["low"] == "3,9"
    assert (item["unit"], [one["factor"] for one in item["segments"]]) == ("ммоль/л", [None, 1.0])


def test_a_trend_in_a_pipe_is_its_rows(local: Any) -> None:
    card = local(*SERIES)
    rows = [line.split("\t") for line in card("trend", "глюкоза").out.splitlines()]
    assert [row[1:3] for row in rows] == [["99", "мг/дл"], ["6.0", "ммоль/л"], ["5.4", "ммоль/л"], ["7.2", "ммоль/л"]]
    head, *lines = card("trend", "глюкоза", "-o", "csv").out.splitlines()
    assert head.split(",")[:4] == ["at", "value", "unit", "reference.low"]
    assert len(lines) == 4
    assert card("trend", "глюкоза", "--fields", "analyte,unit").out == "analyte\tГлюкоза\nunit\tммоль/л\n"


def test_a_trend_on_a_terminal_reads_without_colour(local: Any) -> None:
    out = local(*SERIES)("trend", "глюкоза", "-o", "table").out
    assert "These differ in code, unit, specimen or method" in out
    assert "▲ above the range" in out
    assert "░" in out
    assert "2023-03-01" in out
    assert re.search(r"^b\s+2025-03-01\s+7\.2\s+ммоль/л", out, re.MULTILINE)


def test_a_trend_without_a_name_lists_the_analytes(local: Any) -> None:
    card = local(*SERIES)
    listed = card("trend", "--json").json
    assert (listed["kind"], listed["total"], listed["truncated"]) == ("analyte_list", 1, False)
    (glucose,) = listed["items"]
    assert (glucose["analyte"], glucose["count"], glucose["unit"]) == ("Глюкоза", 4, "ммоль/л")
    assert (glucose["value"], glucose["at"][:4], glucose["flag"]) == ("7.2", "2025", "H")
    assert card("trend").out.split("\t")[:2] == ["Глюкоза", "7.2"]
    russian = card("trend", "-o", "table", "--lang", "ru").out
    assert re.search(r"^Глюкоза\s+7\.2\s+ммоль/л\s+↑H\s+01\.03\.2025\s+4\s+1003870", russian, re.MULTILINE)
    assert "Показатель" in russian
    assert "Results" not in russian


def test_the_list_of_analytes_is_cut_and_counted_also_offline(emk: Emk, seeded: Any) -> None:
    seeded()
    whole = emk("card", "trend", "--json").items
    cut = emk("card", "trend", "--limit", "3", "--json").json
    assert (cut["items"], cut["total"], cut["truncated"]) == (whole[:3], len(whole), True)
    counted = [one for one in emk("card", "labs", "--json").items if one["status"] not in WITHDRAWN]
    assert sum(one["count"] for one in whole) == len(counted) > 100
    assert [one["at"][:10] for one in whole] == sorted((one["at"][:10] for one in whole), reverse=True)
    for one in whole[:5]:
        last = emk("card", "trend", one["analyte"], "--json").item["points"][-1]
        assert (last["value"], last["record_id"]) == (one["value"], one["record_id"])
    assert emk("card", "sync", "--insecure-storage").code == 0
    assert emk("card", "trend", "--offline", "--json").items == whole


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("глюкоза", "--limit", "2"), "--limit is for the list of analytes."),
        (("--svg", "a.svg"), "One analyte is drawn at a time: name it."),
        (("--limit", "0"), "--limit"),
    ],
)
def test_options_of_the_other_trend_are_usage_errors(local: Any, words: tuple[str, ...], said: str) -> None:
    done = local(*SERIES)("trend", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_an_empty_card_has_no_analytes(local: Any) -> None:
    found = local(consultation())("trend", "--json")
    assert (found.code, found.json["items"]) == (0, [])


def test_a_limit_on_a_terminal_has_a_mark_and_colour_follows_the_flag(local: Any) -> None:
    card = local(*SERIES, blood("6.5", "20260301"))
    painted = card("trend", "глюкоза", "-o", "table", "--color", "always").out
    assert "\x1b[31m▲\x1b[0m" in painted
    plain = card("trend", "глюкоза", "-o", "table").out
    assert "▲" in plain
    assert "\x1b" not in plain


def test_names_that_several_analytes_have(emk: Emk, seeded: Any) -> None:
    seeded()
    several = emk("card", "trend", "холестерин л", "--json")
    assert (several.code, several.error["code"]) == (2, "usage")
    assert "Холестерин ЛПНП (" in several.error["message"]
    assert emk("card", "trend", "Холестерин ЛПНП", "--json").item["analyte"] == "Холестерин ЛПНП"
    assert emk("card", "trend", "холестерин", "--json").item["analyte"] == "Холестерин общий"
    assert emk("card", "trend", "унобтаний").code == 3


def test_pictures_are_safe_files(local: Any, tmp_path: Path) -> None:
    card, svg, png = local(*SERIES), tmp_path / "a.svg", tmp_path / "a.png"
    done = card("trend", "сахар", "--svg", str(svg), "--png", str(png))
    assert done.code == 0
    assert [oct(path.stat().st_mode)[-3:] for path in (svg, png)] == ["600", "600"]
    root = ElementTree.fromstring(svg.read_bytes())
    names = [one.tag.rpartition("}")[2] for one in root.iter()]
    assert root.attrib["role"] == "img"
    assert {"title", "desc", "polyline", "rect", "polygon"} <= set(names)
    assert root.find("{*}title").text == "Глюкоза"  # type: ignore[union-attr]
    with Image.open(png) as image:
        assert (image.format, image.size[0]) == ("PNG", 1720)
    before = svg.read_bytes()
    assert card("trend", "сахар", "--svg", str(svg)).code == 6
    assert svg.read_bytes() == before
    assert card("trend", "сахар", "--svg", str(svg), "--force").code == 0
    assert svg.read_bytes() == before
    assert card("trend", "сахар", "--png", str(tmp_path / "no" / "a\0b.png")).code == 2


def test_png_says_what_its_font_lacks(local: Any, tmp_path: Path) -> None:
    done = local(blood("5.4", "20240301", printed="漢"))("trend", "сахар", "--png", str(tmp_path / "a.png"))
    assert done.code == 0
    assert "PNG has no sign for 漢 in its font" in done.err


def test_png_says_nothing_of_signs_that_it_has(local: Any, tmp_path: Path) -> None:
    done = local(*SERIES)("trend", "сахар", "--png", str(tmp_path / "b.png"))
    assert done.code == 0
    assert "no sign" not in done.err


# show


def test_a_document_reads_as_a_text(local: Any) -> None:
    card = local(consultation())
    (document,) = card("documents", "--json").items
    shown = card("show", document["id"], "-o", "table").out
    order = ["Протокол консультации", "Врачов Иван Ильич", "Жалобы на сухой кашель", "Таблетки от кашля", "SHA-256"]
    places = [shown.index(part) for part in order]
    assert places == sorted(places)
    assert document["source"]["sha256"] in shown
    assert shown.count("Врачов") == 1


def test_every_kind_of_record_is_shown(emk: Emk, seeded: Any) -> None:
    seeded()
    for name in ("visits", "labs", "studies", "prescriptions", "vaccinations", "prevention", "diagnoses", "allergies"):
        record = emk("card", name, "--limit", "1", "--json").items[0]
        shown = emk("card", "show", record["id"], "-o", "table").out
        plain = dict(line.split("\t", 1) for line in emk("card", "show", record["id"]).out.splitlines())
        assert plain["id"] == record["id"]
        assert record["id"] in shown
        for key, value in record.items():
            if (
                isinstance(value, str)
                and key not in {"kind", "source"}
                and not key.endswith("status")
                and "date" not in key
            ):
                assert " ".join(value.split()) in " ".join(shown.split()) or value[:4].isdigit(), (name, key)


# evidence


def evidence(path: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    with ZipFile(path) as archive:
        names = archive.namelist()
        assert names == ["README.txt", "SHA256SUMS", "evidence.json", names[3]]
        files = {name: archive.read(name) for name in names}
    note = json.loads(files["evidence.json"])
    assert files["SHA256SUMS"].decode() == f"{note['sha256']}  {note['file']}\n"
    assert note["sha256"] == sha256(files[note["file"]]).hexdigest()
    return files, note


def test_evidence_is_what_the_server_sent(served: World, tmp_path: Path) -> None:
    world = served.at("activated")
    record = world.ok("card", "labs", "--limit", "1").items[0]["id"]
    target = tmp_path / "proof.zip"
    done: Result = world("card", "show", record, "--evidence", str(target))
    assert done.code == 0
    assert oct(target.stat().st_mode)[-3:] == "600"
    token = world("auth", "token", "--show").out.strip()
    patient = httpx.get(
        f"{world.url}/fhir/R4/{record}", headers={"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
    )
    assert patient.status_code == 200
    files, note = evidence(target)
    assert files["record.json"] == patient.content
    assert note["source"] == f"{world.url}/fhir/R4/{record}"
    assert (note["id"], note["kind"], note["whole_document"]) == (record, "lab_result", None)
    assert note["fetched_at"]
    assert world("card", "show", record, "--evidence", str(target)).code == 6
    assert world("card", "show", record, "--evidence", str(target), "--force", "--lang", "ru").code == 0


def test_evidence_of_an_imported_document_is_its_file(local: Any, tmp_path: Path) -> None:
    content = consultation()
    card = local(content)
    record = card("documents", "--json").items[0]["id"]
    assert card("show", record, "--evidence", str(tmp_path / "a.zip")).code == 0
    files, note = evidence(tmp_path / "a.zip")
    assert files["record.xml"] == content
    assert note["whole_document"] is True
    assert note["source"]["file"].endswith("0.xml")
    assert note["signature"] is None
    assert b"whole document" in files["README.txt"]


def test_evidence_says_what_is_known_of_a_signature(emk: Emk, local: Any, tmp_path: Path) -> None:
    card = local()
    (tmp_path / "a.xml").write_bytes(consultation())
    (tmp_path / "a.xml.sig").write_bytes(b"0\x80")
    assert card("import", str(tmp_path / "a.xml")).code == 0
    (document,) = card("documents", "--json").items
    assert card("show", document["id"], "--evidence", str(tmp_path / "a.zip")).code == 0
    assert evidence(tmp_path / "a.zip")[1]["signature"] == document["signature"]
    assert document["signature"]["present"] is True


def test_evidence_of_a_part_says_that_it_is_one(emk: Emk, local: Any, tmp_path: Path) -> None:
    card = local(consultation())
    resource = b'{"resourceType" : "Observation", "category":[{"coding":[{"code":"laboratory"}]}],\n "valueString":"1"}'
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "name": [{"family": "Пробная", "given": ["Анна", "Львовна"]}],
        "birthDate": "1979-06-01",
    }
    path = tmp_path / "bundle.json"
    path.write_bytes(
        b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":%s},{"resource":%s}]}'
        % (json.dumps(patient).encode(), resource)
    )
    assert card("import", str(path)).code == 0
    record = next(one["id"] for one in card("labs", "--json").items)
    assert card("show", record, "--evidence", str(tmp_path / "b.zip")).code == 0
    files, note = evidence(tmp_path / "b.zip")
    assert files["record.json"] == resource
    assert note["whole_document"] is False
    assert b"not the whole" in files["README.txt"]


# summary


def test_a_summary_of_half_a_card(emk: Emk, seeded: Any) -> None:
    seeded()
    whole = emk("card", "summary", "--json").item
    for resource in ("Immunization", "AllergyIntolerance", "Condition"):
        emk("mock", "fault", "add", "html", "--path", f"/fhir/R4/{resource}", "--times", "0")
    half = emk("card", "summary", "--json")
    assert half.code == 12
    assert {one["what"] for one in half.item["missing"]} == {"vaccinations", "prevention", "allergies", "diagnoses"}
    assert half.item["medicines"] == whole["medicines"]
    assert half.json["warnings"]
    shown = emk("card", "summary", "-o", "table").out
    assert shown.count("could not be read:") == 4


def test_a_summary_without_a_profile(emk: Emk, seeded: Any) -> None:
    seeded()
    emk("mock", "fault", "add", "html", "--path", "/api/v1/profile", "--times", "0")
    found = emk("card", "summary", "--json")
    assert (found.code, found.item["clinic"], found.item["doctor"]) == (0, None, None)


def test_a_summary_of_nothing(local: Any) -> None:
    found = local(semd.document())("summary", "--json")
    assert (found.code, found.item["diagnoses"], found.item["missing"]) == (0, [], [])


def test_a_summary_when_nothing_can_be_read(emk: Emk, seeded: Any) -> None:
    seeded()
    for resource in (
        "Immunization",
        "AllergyIntolerance",
        "Condition",
        "Observation",
        "MedicationRequest",
        "Encounter",
    ):
        emk("mock", "fault", "add", "html", "--path", f"/fhir/R4/{resource}", "--times", "0")
    assert emk("card", "summary").code == 8
