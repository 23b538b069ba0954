"""The FHIR functions of the mock: search, paging, isolation, errors; called directly on a database in memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emkcli.mock import fhir
from emkcli.mock.clinics import clinics
from emkcli.mock.fhir.capability import capability
from emkcli.mock.fhir.everything import everything
from emkcli.mock.medical import card
from emkcli.mock.physicians import physicians

BASE = "http://127.0.0.1:8000/fhir/R4"
UNTIL = date(2026, 11, 23)
MINE = {"anna"}
Bundle = dict[str, Any]


def record(ident: str, birth: str, labs: int | None = None) -> Iterator[dict[str, Any]]:
    who = {
        "id": ident,
        "last_name": "Пробная",
        "first_name": "Анна",
        "middle_name": None,
        "birth_date": birth,
        "sex": "female",
        "snils": "000-000-102 24",
        "oms_policy": None,
        "phone": None,
        "address": None,
    }
    clinic = clinics(1)[0]
    return card(who, asdict(clinic), [asdict(doctor) for doctor in physicians(1, [clinic])], 1, UNTIL, labs)


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(fhir.SCHEMA)
    fhir.put_all(connection, record("anna", "1979-06-01"))
    fhir.put_all(connection, record("boris", "1961-06-01"))
    yield connection
    connection.close()


def find(db: sqlite3.Connection, query: str, patients: set[str] = MINE, **options: Any) -> Bundle:
    kind, _, text = query.partition("?")
    found: Bundle = json.loads(fhir.search(db, kind, parse_qsl(text), BASE, patients, **options))
    return found


def matches(bundle: Bundle, mode: str = "match") -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle.get("entry", []) if entry["search"]["mode"] == mode]


def link(bundle: Bundle, relation: str) -> str | None:
    return next((found["url"] for found in bundle["link"] if found["relation"] == relation), None)


def walk(db: sqlite3.Connection, query: str) -> Iterator[Bundle]:
    url: str | None = f"{BASE}/{query}"
    while url:
        parts = urlsplit(url)
        path, params = parts.path.removeprefix("/fhir/R4/"), parse_qsl(parts.query)
        if path.endswith("$everything"):
            page = json.loads(everything(db, path.split("/")[1], params, BASE))
        else:
            page = json.loads(fhir.search(db, path, params, BASE, MINE))
        yield page
        url = link(page, "next")


def keys(pages: Iterator[Bundle] | list[Bundle]) -> list[tuple[str, str]]:
    return [(found["resourceType"], found["id"]) for page in pages for found in matches(page)]


def count(db: sqlite3.Connection, where: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM fhir_resource WHERE {where}").fetchone()[0])


@pytest.mark.parametrize(
    "query",
    [
        "Observation?_count=37",
        "Observation?category=laboratory&_sort=date&_count=50",
        "Observation?category=laboratory&_sort=-date&_count=1",
        "Encounter?_sort=_lastUpdated&_count=7",
        "Encounter?_sort=-_lastUpdated&_count=7&_include=Encounter:practitioner",
        "Composition?_sort=_id&_count=9",
        "Observation?_sort=-date,_id&_count=41",
        "MedicationRequest?_sort=authoredon,-_lastUpdated,-_id&_count=13",
        "Patient/anna/$everything?_count=200&start=2024-01-01&end=2025",
        "Patient/anna/$everything?_count=113",
    ],
)
def test_pages_hold_everything_once(db: sqlite3.Connection, query: str) -> None:
    pages = list(walk(db, query))
    found = keys(pages)
    assert len(found) == len(set(found)) == pages[0]["total"]
    assert {page["total"] for page in pages} == {pages[0]["total"]}
    assert all(not matches(page) or link(page, "self") for page in pages)


def test_pages_are_stable_while_rows_are_added() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(fhir.SCHEMA)
    resources = list(record("anna", "1979-06-01"))
    late = [found for found in resources if found["resourceType"] == "Observation"][::3]
    names = {found["id"] for found in late}
    fhir.put_all(connection, [found for found in resources if found["id"] not in names])
    found: list[tuple[str, str]] = []
    for number, page in enumerate(walk(connection, "Observation?_sort=date&_count=20")):
        found += keys([page])
        fhir.put_all(connection, late[number * 20 : number * 20 + 20])
        fhir.put_all(connection, resources[:40])
    earlier = {("Observation", item["id"]) for item in resources if item["resourceType"] == "Observation"}
    earlier -= {("Observation", name) for name in names}
    assert len(found) == len(set(found))
    assert earlier <= set(found)
    connection.close()


def test_totals_and_order(db: sqlite3.Connection) -> None:
    bundle = find(db, "Encounter?patient=anna&_sort=-date&_count=200")
    starts = [found["period"]["start"] for found in matches(bundle)]
    assert bundle["total"] == len(starts) == count(db, "type = 'Encounter' AND patient = 'anna'")
    assert starts == sorted(starts, reverse=True)
    counted = find(db, "Encounter?_summary=count")
    assert (counted["total"], "entry" in counted) == (bundle["total"], False)
    assert find(db, "Encounter?_count=0")["total"] == bundle["total"]


def test_page_size_has_a_default_and_a_cap(db: sqlite3.Connection) -> None:
    assert len(matches(find(db, "Observation"))) == 50
    assert len(matches(find(db, "Observation?_count=5000"))) == 200


def test_what_is_served_is_what_was_put(db: sqlite3.Connection) -> None:
    raw = fhir.search(db, "Observation", [("category", "laboratory"), ("_count", "200")], BASE, MINE)
    body = db.execute(
        "SELECT json FROM fhir_resource WHERE patient = 'anna' AND token_category LIKE '%laboratory%' ORDER BY seq"
    ).fetchone()[0]
    assert bytes(body) in raw
    first = json.loads(raw)["entry"][0]
    assert first["fullUrl"] == f"{BASE}/Observation/{first['resource']['id']}"


def test_nobody_elses_records_are_found(db: sqlite3.Connection) -> None:
    assert find(db, "Observation?patient=boris")["total"] == 0
    assert find(db, "Observation?subject=Patient/boris")["total"] == 0
    assert find(db, "Patient")["total"] == 1
    assert find(db, "Observation", set())["total"] == 0
    assert find(db, "Patient", {"anna", "boris"})["total"] == 2
    mine = list(walk(db, "Patient/anna/$everything?_count=200"))
    assert not [name for _, name in keys(mine) if name == "boris"]
    assert b"Patient/boris" not in json.dumps(mine).encode()
    other = matches(find(db, "Encounter?_count=1", {"boris"}))[0]["id"]
    with pytest.raises(fhir.FhirError) as refused:
        fhir.read(db, "Encounter", other, MINE)
    assert (refused.value.status, refused.value.code) == (404, "not-found")
    assert find(db, f"Encounter?_id={other}")["total"] == 0


def test_an_include_never_crosses_to_another_patient() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(fhir.SCHEMA)
    meta = {"lastUpdated": "2026-01-01T00:00:00+03:00"}
    other = {"resourceType": "Specimen", "id": "s1", "meta": meta, "subject": {"reference": "Patient/boris"}}
    mine = {"resourceType": "Observation", "id": "o1", "meta": meta, "subject": {"reference": "Patient/anna"}}
    mine["specimen"] = {"reference": "Specimen/s1"}
    fhir.put_all(connection, [other, mine])
    bundle = find(connection, "Observation?_include=Observation:specimen")
    assert (len(matches(bundle)), matches(bundle, "include")) == (1, [])
    connection.close()


def test_a_resource_without_an_owner_is_refused() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(fhir.SCHEMA)
    meta = {"lastUpdated": "2026-01-01T00:00:00+03:00"}
    with pytest.raises(fhir.FhirError):
        fhir.put_all(connection, [{"resourceType": "Observation", "id": "o1", "meta": meta}])
    connection.close()


def test_directory_entries_are_everybodys(db: sqlite3.Connection) -> None:
    assert find(db, "Organization", set())["total"] == 2
    assert find(db, "Practitioner?_id=d-00001")["total"] == 1
    assert json.loads(fhir.read(db, "Organization", "gp-001", set()))["id"] == "gp-001"


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("category=laboratory", "token_category LIKE '%laboratory%'"),
        (
            "category=laboratory,vital-signs",
            "token_category LIKE '%laboratory%' OR token_category LIKE '%vital-signs%'",
        ),
        ("code=718-7", "token_code LIKE '%718-7%'"),
        ("code=http://loinc.org|718-7", "token_code LIKE '%718-7%'"),
        ("code=http://loinc.org|", "token_code LIKE '%loinc%'"),
        ("code=18-7", "0"),
        ("code=http://other|718-7", "0"),
        ("status=final", "token_status LIKE '%final%'"),
        (
            "category=laboratory&status=amended,corrected",
            "token_status LIKE '%amended%' OR token_status LIKE '%corrected%'",
        ),
    ],
)
def test_tokens(db: sqlite3.Connection, query: str, where: str) -> None:
    found = find(db, f"Observation?{query}")["total"]
    assert found == count(db, f"type = 'Observation' AND patient = 'anna' AND ({where})")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("date=ge2020-01-01&date=lt2021-01-01", lambda day: "2020-01-01" <= day < "2021-01-01"),
        ("date=2020", lambda day: day.startswith("2020")),
        ("date=2020-05", lambda day: day.startswith("2020-05")),
        ("date=gt2020-12-31", lambda day: day > "2020-12-31"),
        ("date=le2019-06-30", lambda day: day <= "2019-06-30"),
        ("date=ne2020", lambda day: not day.startswith("2020")),
        ("date=sa2020", lambda day: day >= "2021-01-01"),
        ("date=eb2020", lambda day: day < "2020-01-01"),
    ],
)
def test_dates(db: sqlite3.Connection, query: str, kept: Any) -> None:
    every = [found["effectiveDateTime"][:10] for page in walk(db, "Observation?_count=200") for found in matches(page)]
    assert find(db, f"Observation?{query}")["total"] == sum(map(kept, every))


def test_last_updated(db: sqlite3.Connection) -> None:
    newest = matches(find(db, "Encounter?_sort=-_lastUpdated&_count=2"))
    moment = newest[1]["meta"]["lastUpdated"].replace("+", "%2B")
    assert {found["id"] for found in matches(find(db, f"Encounter?_lastUpdated=ge{moment}"))} >= {
        found["id"] for found in newest
    }
    assert newest[1]["id"] not in {found["id"] for found in matches(find(db, f"Encounter?_lastUpdated=gt{moment}"))}


def test_identifiers(db: sqlite3.Connection) -> None:
    system = "https://fhir.ru/ig/core/systems/snils"
    assert find(db, f"Patient?identifier={system}|00000010224")["total"] == 1
    assert find(db, "Patient?identifier=00000010299")["total"] == 0


def test_includes_bring_what_is_referred_to(db: sqlite3.Connection) -> None:
    asked = "_include=Encounter:practitioner&_include=Encounter:service-provider&_include=Encounter:diagnosis"
    bundle = find(db, f"Encounter?{asked}&_revinclude=Composition:encounter&_count=20")
    kinds = {found["resourceType"] for found in matches(bundle, "include")}
    assert {"Practitioner", "Organization", "Condition", "Composition"} == kinds
    page = {f"Encounter/{found['id']}" for found in matches(bundle)}
    papers = [found for found in matches(bundle, "include") if found["resourceType"] == "Composition"]
    assert {paper["encounter"]["reference"] for paper in papers} <= page
    included = [(found["resourceType"], found["id"]) for found in matches(bundle, "include")]
    assert len(included) == len(set(included))


def test_include_may_name_the_target_type(db: sqlite3.Connection) -> None:
    bundle = find(db, "Observation?category=laboratory&_include=Observation:performer:Organization&_count=5")
    assert {found["resourceType"] for found in matches(bundle, "include")} == {"Organization"}


def test_everything_brings_the_directory_along(db: sqlite3.Connection) -> None:
    found = set(keys(walk(db, "Patient/anna/$everything?_count=200")))
    owned = db.execute("SELECT type, id FROM fhir_resource WHERE patient = 'anna'").fetchall()
    assert set(owned) < found
    assert ("Organization", "gp-001") in found
    text = json.dumps(list(walk(db, "Patient/anna/$everything?_count=200")))
    mentioned = {tuple(ref.split("/")) for ref in _references(json.loads(text))}
    assert mentioned <= found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["reference"]] if isinstance(node.get("reference"), str) else [])
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _references(item)


def test_everything_filters(db: sqlite3.Connection) -> None:
    kinds = {kind for kind, _ in keys(walk(db, "Patient/anna/$everything?_type=Encounter,Condition"))}
    assert kinds == {"Encounter", "Condition"}
    some = json.loads(everything(db, "anna", [("_since", "2026-01-01")], BASE))["total"]
    assert 0 < some < json.loads(everything(db, "anna", [], BASE))["total"]
    within = list(walk(db, "Patient/anna/$everything?_type=Encounter&start=2024-03&end=2024-11-15"))
    starts = [found["period"]["start"] for page in within for found in matches(page)]
    every = [found["period"]["start"] for page in walk(db, "Encounter?_count=200") for found in matches(page)]
    assert sorted(starts) == sorted(start for start in every if "2024-03-01" <= start < "2024-11-16")
    readable = everything(db, "anna", [("_type", "Encounter,Condition")], BASE, {"Condition", "Patient"})
    assert {kind for kind, _ in keys([json.loads(readable)])} == {"Condition"}
    with pytest.raises(fhir.FhirError) as missing:
        everything(db, "nobody", [], BASE)
    assert missing.value.status == 404


@pytest.mark.parametrize(
    "query",
    [
        "Observation?colour=red",
        "Observation?code:text=гемоглобин",
        "Observation?date=yesterday",
        "Observation?date=0001-01-01",
        "Observation?_count=many",
        "Observation?_sort=code",
        "Observation?_sort=-date,code",
        "Observation?_sort=",
        "Organization?_sort=authoredon",
        "Observation?_total=many",
        "Observation?_include=Observation:colour",
        "Observation?_summary=some",
        "Observation?_cursor=nonsense",
        "Observation?_sort=date&_cursor=WzEsMiwzXQ",
        "Observation?_cursor=NQ",
        "Observation?_cursor=WyJzZXEiLFsxZTRdLDNd",
        "Observation?_lastUpdated=",
        "Observation?code=",
        "Observation?code:not=",
        "Observation?category=,",
        "Observation?_id=",
        "Observation?encounter=,",
        "Observation?encounter.date=",
        "Observation?_elements=",
        "Observation?_include=",
        "Observation?date=",
    ],
)
def test_bad_parameters_are_refused_by_name(db: sqlite3.Connection, query: str) -> None:
    kind, _, text = query.partition("?")
    with pytest.raises(fhir.FhirError) as refused:
        fhir.search(db, kind, parse_qsl(text, keep_blank_values=True), BASE, MINE)
    assert refused.value.status == 400
    assert refused.value.code in ("invalid", "not-supported")
    assert refused.value.diagnostics


def test_unknown_parameters_are_forgiven_when_asked(db: sqlite3.Connection) -> None:
    forgiven = find(db, "Encounter?colour=red&_count=3", lenient=True)
    assert forgiven["total"] == find(db, "Encounter")["total"]
    assert [link for link in forgiven["link"] if "colour" in link["url"]] == [], "what was ignored is not told as done"


def test_a_modifier_never_is_forgiven(db: sqlite3.Connection) -> None:
    for name in ("code:text", "date:not", "_sort:desc", "patient:exact", "_id:missing", "code:a:b"):
        with pytest.raises(fhir.FhirError, match="modifier") as refused:
            find(db, f"Observation?{name}=x", lenient=True)
        assert (refused.value.status, refused.value.code) == (400, "not-supported")


def test_modifiers(db: sqlite3.Connection) -> None:
    whole = find(db, "Observation")["total"]
    laboratory = find(db, "Observation?category=laboratory")["total"]
    assert find(db, "Observation?category:not=laboratory")["total"] == whole - laboratory > 0
    for name in ("code", "date", "encounter"):
        without, with_one = (find(db, f"Observation?{name}:missing={value}")["total"] for value in ("true", "false"))
        assert without + with_one == whole
        assert with_one > 0
    assert 0 < find(db, "Observation?encounter:missing=true")["total"] < whole
    with pytest.raises(fhir.FhirError, match="true, false"):
        find(db, "Observation?code:missing=perhaps")


@pytest.mark.parametrize("spelling", ["Encounter/{0}", "{0}", f"{BASE}/Encounter/{{0}}", "none,Encounter/{0}"])
def test_references(db: sqlite3.Connection, spelling: str) -> None:
    every = [found for page in walk(db, "Observation?_count=200") for found in matches(page)]
    visit = next(found["encounter"]["reference"] for found in every if "encounter" in found).rpartition("/")[2]
    expected = {found["id"] for found in every if found.get("encounter", {}).get("reference") == f"Encounter/{visit}"}
    found = find(db, f"Observation?encounter={spelling.format(visit)}&_count=200")
    assert {one["id"] for one in matches(found)} == expected
    assert find(db, f"Observation?encounter:Encounter={visit}")["total"] == len(expected)
    assert find(db, f"Observation?encounter:Patient={visit}")["total"] == 0


def test_chains(db: sqlite3.Connection) -> None:
    visits = {found["id"]: found for page in walk(db, "Encounter?_count=200") for found in matches(page)}
    every = [found for page in walk(db, "Observation?_count=200") for found in matches(page)]
    lately = {f"Encounter/{name}" for name, visit in visits.items() if visit["period"]["start"] >= "2024"}
    expected = {found["id"] for found in every if found.get("encounter", {}).get("reference") in lately}
    pages = walk(db, "Observation?encounter.date=ge2024-01-01&_count=50")
    assert {name for _, name in keys(pages)} == expected
    assert 0 < len(expected) < len(every)
    whole = len(every)
    assert find(db, "Observation?subject:Patient.birthdate=1979-06-01")["total"] == whole
    assert find(db, "Observation?patient.birthdate=1961-06-01")["total"] == 0, "of nobody else"
    clinic = "encounter.service-provider.identifier:missing"
    assert sum(find(db, f"Observation?{clinic}={value}")["total"] for value in ("true", "false")) == len(
        [one for one in every if "encounter" in one]
    )
    for wrong in ("encounter.colour", "encounter:Patient.birthdate", "code.date", "encounter.date:not", "colour.date"):
        with pytest.raises(fhir.FhirError) as refused:
            find(db, f"Observation?{wrong}=2024")
        assert refused.value.status == 400
    with pytest.raises(fhir.FhirError, match="at most 3"):
        find(db, f"Encounter?{'diagnosis.encounter.' * 200}date=2024")
    with pytest.raises(fhir.FhirError, match="may not be read") as refused:
        find(db, "Observation?encounter.date=2024", whose={"Observation": MINE})
    assert refused.value.status == 403


def test_a_cursor_belongs_to_its_order(db: sqlite3.Connection) -> None:
    following = link(find(db, "Observation?_sort=-date,_id&_count=3"), "next")
    assert following
    cursor = dict(parse_qsl(urlsplit(following).query))["_cursor"]
    for other in ("", "_sort=-date&", "_sort=date,_id&", "_sort=_id&"):
        with pytest.raises(fhir.FhirError, match="another order"):
            find(db, f"Observation?{other}_cursor={cursor}")
    with pytest.raises(fhir.FhirError, match="another order"):
        everything(db, "anna", [("_cursor", cursor)], BASE)


SIGNS = st.booleans().map(lambda descending: "-" if descending else "")
KEYS = st.lists(st.tuples(SIGNS, st.sampled_from(("date", "_lastUpdated", "_id"))), min_size=1, max_size=4)


@given(asked=KEYS, size=st.integers(20, 200))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_pages_joined_are_the_whole_list_sorted(
    db: sqlite3.Connection, asked: list[tuple[str, str]], size: int
) -> None:
    """Sorted here from what is stored, stably and by the last key first."""
    columns = {"date": "date", "_lastUpdated": "last_updated", "_id": "id"}
    rows = db.execute("SELECT * FROM fhir_resource WHERE type = 'Observation' AND patient = 'anna'")
    names = [column[0] for column in rows.description]
    expected = [dict(zip(names, row, strict=True)) for row in rows]
    signs: dict[str, str] = {}
    for sign, name in asked:
        signs.setdefault(name, sign)
    ordered = list(signs.items())
    expected.sort(key=lambda row: row["id"], reverse=ordered[-1][1] == "-")
    for name, sign in reversed(ordered):
        expected.sort(key=lambda row, column=columns[name]: row[column], reverse=sign == "-")
    sort = ",".join(sign + name for sign, name in asked)
    found = keys_of(walk(db, f"Observation?_sort={sort}&_count={size}"))
    assert found == [row["id"] for row in expected]


def keys_of(pages: Iterator[Bundle]) -> list[str]:
    return [ident for _, ident in keys(pages)]


def test_a_total_as_it_was_asked_for(db: sqlite3.Connection) -> None:
    whole = find(db, "Encounter?_total=accurate&_count=10")["total"]
    assert find(db, "Encounter?_total=estimate&_count=10")["total"] == whole
    pages = list(walk(db, "Encounter?_total=none&_count=10"))
    assert [page for page in pages if "total" in page] == []
    assert len(keys(pages)) == whole, "and yet no page is lost"
    assert find(db, "Encounter?_total=none&_summary=count")["total"] == whole, "a count is nothing without it"


@pytest.mark.parametrize(
    ("summary", "there", "gone"),
    [
        ("data", {"status", "code", "valueQuantity", "referenceRange"}, {"text"}),
        ("true", {"status", "code", "subject", "effectiveDateTime", "valueQuantity"}, {"referenceRange", "category"}),
        ("text", {"status", "code", "text"}, {"subject", "valueQuantity", "referenceRange"}),
    ],
)
def test_summaries(db: sqlite3.Connection, summary: str, there: set[str], gone: set[str]) -> None:
    told = {"text": {"status": "generated", "div": "<div/>"}}
    one = matches(find(db, "Observation?category=laboratory&_count=1"))[0]
    content = fhir.part(json.dumps(one | told).encode(), [], summary)
    resource = json.loads(content)
    assert there <= set(resource)
    assert not gone & set(resource)
    assert resource["meta"]["tag"][-1]["code"] == "SUBSETTED"
    served = matches(find(db, f"Observation?_summary={summary}&_id={one['id']}"))
    assert [set(each) for each in served] == [set(resource) - {"text"}]
    assert matches(find(db, f"Observation?_summary=false&_id={one['id']}")) == [one]


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        ([("_summary", "count")], True),
        ([("_summary", "some")], True),
        ([("patient", "anna")], True),
        ([("_format", "json"), ("_pretty", "true"), ("_elements", "status")], False),
    ],
)
def test_what_a_read_may_ask_for(params: list[tuple[str, str]], refused: bool) -> None:
    if refused:
        with pytest.raises(fhir.FhirError) as error:
            fhir.of_read(params, lenient=False)
        assert error.value.status == 400
    else:
        assert fhir.of_read(params, lenient=False) == (["status"], "false")


def test_unknown_types_and_ids(db: sqlite3.Connection) -> None:
    for call in (lambda: fhir.search(db, "Basic", [], BASE, MINE), lambda: fhir.read(db, "Encounter", "none")):
        with pytest.raises(fhir.FhirError) as refused:
            call()
        assert refused.value.status == 404


def test_put_again_replaces(db: sqlite3.Connection) -> None:
    total = find(db, "Encounter")["total"]
    changed = matches(find(db, "Encounter?_count=1"))[0] | {"status": "entered-in-error"}
    fhir.put_all(db, [changed])
    assert find(db, "Encounter")["total"] == total
    assert json.loads(fhir.read(db, "Encounter", changed["id"], MINE))["status"] == "entered-in-error"
    assert find(db, f"Encounter?status=entered-in-error&_id={changed['id']}")["total"] == 1


def test_capability_lists_only_what_works(db: sqlite3.Connection) -> None:
    statement = capability(BASE)
    assert (statement["fhirVersion"], statement["kind"]) == ("4.0.1", "instance")
    security = statement["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    [places] = [one["extension"] for one in security["extension"]]
    assert {one["url"]: one["valueUri"] for one in places} == {
        name: f"http://127.0.0.1:8000/oauth2/{name}" for name in ("authorize", "token", "revoke")
    }
    values = {"date": "2020", "reference": "anna", "token": "x"}
    for shape in statement["rest"][0]["resource"]:
        for param in shape["searchParam"]:
            find(db, f"{shape['type']}?{param['name']}={values[param['type']]}&_count=1")
        for name in shape.get("searchInclude", []):
            find(db, f"{shape['type']}?_include={name}&_count=1")
        for name in shape.get("searchRevInclude", []):
            find(db, f"{shape['type']}?_revinclude={name}&_count=1")


def test_a_large_record_is_walked_page_by_page() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(fhir.SCHEMA)
    fhir.put_all(connection, record("anna", "1979-06-01", 5000))
    found = keys(walk(connection, "Observation?category=laboratory&_count=200"))
    assert len(set(found)) == len(found) == 5000
    connection.close()


def test_only_some_elements(db: sqlite3.Connection) -> None:
    found = find(db, "Observation?_elements=id&_count=1000")
    assert len(found["entry"]) > 200, "ids come in large pages"
    for entry in found["entry"]:
        assert set(entry["resource"]) == {"resourceType", "id", "meta"}
        assert entry["resource"]["meta"]["tag"][-1]["code"] == "SUBSETTED"
    one = find(db, "Observation?_elements=status,valueQuantity&_count=1")["entry"][0]["resource"]
    assert "status" in one
    assert "code" not in one
