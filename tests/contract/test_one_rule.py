"""What is current, due or out of range is the same in every output: one card, walked through all that sum it up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from emkcli.views.card import MOST
from tests.conftest import Emk, Result
from tests.contract.world import World
from tests.invented import LAB, PATIENT, bundle, encoded, quantity

Resource = dict[str, Any]
Sets = dict[str, set[str]]
P = {"reference": "Patient/p1"}
DAY_AHEAD, DAY_GONE = "2099-05-01", "2020-05-01"
PAPER = ("Diagnoses", "Allergies", "Current medicines", "Last results out of range", "Vaccinations", "Contents")
VISIT = ("Allergies", "Active diagnoses", "Current medicines", "Last value of each analyte", "Vaccinations", "$")
IPS = {"11450-4": "diagnoses", "48765-2": "allergies", "10160-0": "medicines", "11369-6": "vaccinations"}
RESULTS = "30954-2"


def coded(code: str | None) -> Resource | None:
    return {"coding": [{"code": code}]} if code else None


def condition(name: str, clinical: str | None, verified: str | None = None, day: str = "2026-01-01") -> Resource:
    return {
        "resourceType": "Condition",
        "code": {"coding": [{"code": f"Z{len(name)}.{ord(name[0])}"}], "text": name},
        "clinicalStatus": coded(clinical),
        "verificationStatus": coded(verified),
        "subject": P,
        "recordedDate": day,
    }


def allergy(name: str, clinical: str | None, verified: str | None = None) -> Resource:
    known = condition(name, clinical, verified)
    return known | {"resourceType": "AllergyIntolerance", "code": {"text": name}, "patient": P}


def request(name: str, status: str, ends: str | None = None, **more: Any) -> Resource:
    supply = {"dispenseRequest": {"validityPeriod": {"end": ends}}} if ends else {}
    medicine = {"medicationCodeableConcept": {"text": name}, "subject": P, "authoredOn": "2026-01-01"}
    return {"resourceType": "MedicationRequest", "intent": "order", "status": status, **medicine, **supply, **more}


def course(ends: str) -> list[Resource]:
    return [{"timing": {"repeat": {"boundsPeriod": {"end": ends}}}}]


def statement(name: str, status: str, ends: str | None) -> Resource:
    period = {"effectivePeriod": {"start": "2019-01-01", "end": ends}}
    return request(name, status) | {"resourceType": "MedicationStatement", **period}


def measured(name: str, value: str, day: str, flag: str | None, specimen: str = "blood", **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": LAB,
        "code": {"text": name},
        "subject": P,
        "effectiveDateTime": f"{day}T08:00:00+03:00",
        "specimen": {"reference": f"Specimen/{specimen}"},
        "valueQuantity": quantity(float(value)),
        "interpretation": [coded(flag)] if flag else None,
        **more,
    }


def vaccination(name: str, status: str) -> Resource:
    known = {"resourceType": "Immunization", "status": status, "patient": P, "occurrenceDateTime": "2025-09-01"}
    return known | {"vaccineCode": {"text": name}}


def forecast(*recommended: tuple[str, str, str]) -> Resource:
    due = {"coding": [{"system": "http://loinc.org", "code": "30980-7"}]}
    known = [
        {
            "targetDisease": {"text": name},
            "forecastStatus": coded(status),
            "dateCriterion": [{"code": due, "value": day}],
        }
        for name, status, day in recommended
    ]
    return {"resourceType": "ImmunizationRecommendation", "patient": P, "date": "2026-01-01", "recommendation": known}


def specimen(ident: str, name: str) -> Resource:
    return {"resourceType": "Specimen", "id": ident, "type": {"text": name}, "subject": P}


CODED = {"code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Калий"}}
CARD = (
    condition("Стойкий", "active"),
    condition("Стойкий", "active", day="2019-01-01"),
    condition("Вероятный", None, "provisional"),
    condition("Сомнительный", "active", "provisional"),
    condition("Конченый", "resolved"),
    condition("Исключённый", "active", "refuted"),
    condition("Ошибочный", "active", "entered-in-error"),
    allergy("Берёза", "active", "confirmed"),
    allergy("Тополь", None),
    allergy("Прошлая", "resolved"),
    allergy("Опровергнутая", "active", "refuted"),
    allergy("Описка", None, "entered-in-error"),
    request("Действующий", "active", DAY_AHEAD),
    request("Безвестный", "unknown"),
    statement("Принимаемый", "active", None),
    request("Черновой", "draft"),
    request("Запретный", "active", doNotPerform=True),
    request("Предложенный", "active", DAY_AHEAD, intent="proposal"),
    request("Задуманный врачом", "active", intent="plan"),
    request("Со слов", "active", intent="plan", reportedBoolean=True),
    request("Истёкший", "active", DAY_GONE),
    request("Оконченный", "active", dosageInstruction=course(DAY_GONE)),
    request("Длящийся", "active", dosageInstruction=course(DAY_GONE) + course(DAY_AHEAD)),
    request("Отпущенный", "completed"),
    request("Прекращённый", "stopped"),
    statement("Допитый", "active", DAY_GONE),
    statement("Задуманный", "intended", None),
    measured("Глюкоза", "5.1", "2026-02-01", "N", "blood"),
    measured("Глюкоза", "15.2", "2024-02-01", "HH", "urine"),
    measured("Глюкоза", "19.3", "2023-02-01", "HH", "urine"),
    measured("Железо", "44.4", "2009-02-01", "H"),
    measured("Натрий", "155.5", "2026-02-01", "H", status="cancelled"),
    measured("Кальций", "4.04", "2025-02-01", "H"),
    measured("Кальций", "2.2", "2026-02-01", "N"),
    measured("", "5.55", "2020-02-01", "H", **CODED),
    measured("", "6.66", "2026-02-01", "H", **CODED, valueQuantity=quantity(6.66, "mmol/L", "mmol/L")),
    vaccination("Привитая", "completed"),
    vaccination("Отказная", "not-done"),
    vaccination("Небывалая", "entered-in-error"),
    forecast(("Корь", "due", DAY_AHEAD), ("Оспа", "complete", DAY_AHEAD), ("Чума", "overdue", DAY_GONE)),
    forecast(("Тиф", "due", DAY_GONE)),
    specimen("blood", "Кровь"),
    specimen("urine", "Моча"),
)
STANDING: Sets = {
    "diagnoses": {"Стойкий", "Вероятный", "Сомнительный"},
    "allergies": {"Берёза", "Тополь"},
    "medicines": {"Действующий", "Безвестный", "Принимаемый", "Со слов", "Длящийся"},
    "labs_out_of_range": {"15.2", "44.4", "6.66"},
    "vaccinations": {"Привитая", "Отказная"},
}
LAST = STANDING["labs_out_of_range"] | {"5.1", "2.2"}
DUE = {"Действующий", "Длящийся", "Корь", "Чума"}


def _words() -> Sets:
    """Everything the card holds, by the heading under which it might stand."""
    kinds = {"Condition": "diagnoses", "AllergyIntolerance": "allergies", "Immunization": "vaccinations"}
    found: Sets = {name: set() for name in STANDING}
    for one in CARD:
        concept = one.get("code") or one.get("vaccineCode") or one.get("medicationCodeableConcept") or {}
        if one["resourceType"] == "Observation":
            found["labs_out_of_range"].add(str(one["valueQuantity"]["value"]))
        elif "medicationCodeableConcept" in one:
            found["medicines"].add(concept["text"])
        elif name := kinds.get(one["resourceType"]):
            found[name].add(concept["text"])
    return found


WORDS = _words()


def found_in(text: str, words: Iterable[str]) -> set[str]:
    return {word for word in words if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", text)}


def by_heading(texts: dict[str, str]) -> Sets:
    return {name: found_in(text, WORDS[name]) for name, text in texts.items()}


def page(path: Path) -> dict[str, str]:
    """The cards of the page's summary, as text."""
    found = re.findall(r'<article class="(\w+)">(.*?)</article>', path.read_text(encoding="utf-8"), re.DOTALL)
    return {name: unescape(re.sub(r"<[^>]+>", " ", content)) for name, content in found}


def printed(path: Path) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(path).pages).split())


def between(text: str, headings: tuple[str, ...]) -> list[str]:
    """What stands below each heading but the last."""
    pattern = "(.*?)".join(headings)
    match = re.search(pattern, text, re.DOTALL)
    assert match, text[:500]
    return list(match.groups())


def entries(path: Path) -> dict[str, list[Resource]]:
    """The resources of each section of a patient summary."""
    document = json.loads(path.read_bytes())
    known = {one["fullUrl"]: one["resource"] for one in document["entry"]}
    sections = document["entry"][0]["resource"]["section"]
    return {
        one["code"]["coding"][0]["code"]: [known[entry["reference"]] for entry in one.get("entry", ())]
        for one in sections
    }


def is_flagged(resource: Resource) -> bool:
    codes = [one["coding"][0]["code"] for one in resource.get("interpretation") or ()]
    return bool(codes) and codes[0] != "N"


@pytest.fixture
def card(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Emk:
    """The card above, imported."""
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse")
    secret.chmod(0o600)
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(secret))
    monkeypatch.setenv("EMK_BACKEND", "local")
    resources = [{"id": f"r{number}", **one} for number, one in enumerate(CARD)]
    path = tmp_path / "bundle.json"
    path.write_bytes(encoded(bundle(PATIENT, *({k: v for k, v in one.items() if v} for one in resources))))
    assert emk("card", "import", str(path)).code == 0
    return emk


def exported(emk: Callable[..., Result], path: Path, form: str, *more: str) -> Path:
    done = emk("card", "export", "--format", form, "--to", str(path), "--lang", "en", "--json", *more)
    assert done.code == 0 or "room" in str(done.item["missing"]), done.err
    return path


def test_the_summary(card: Emk) -> None:
    item = card("card", "summary", "--json").item
    assert {one["display"] for one in item["diagnoses"]} == STANDING["diagnoses"]
    assert len(item["diagnoses"]) == len(STANDING["diagnoses"])
    assert {one["display"] for one in item["allergies"]} == STANDING["allergies"]
    assert {one["medicine"] for one in item["medicines"]} == STANDING["medicines"]
    assert {one["value"] for one in item["labs_out_of_range"]} == STANDING["labs_out_of_range"]
    assert {one["vaccine"] for one in item["vaccinations"]} == STANDING["vaccinations"]
    assert {one["what"].removeprefix("Вакцинация: ") for one in item["due"]} == DUE


def test_the_page(card: Emk, tmp_path: Path) -> None:
    assert by_heading(page(exported(card, tmp_path / "x.html", "html"))) == STANDING


def test_the_card_on_paper(card: Emk, tmp_path: Path) -> None:
    text = printed(exported(card, tmp_path / "x.pdf", "pdf"))
    parts = between(text[text.index("Summary") :], PAPER)
    assert by_heading(dict(zip(STANDING, parts, strict=True))) == STANDING


def test_the_physicians_pages(card: Emk, tmp_path: Path) -> None:
    text = printed(exported(card, tmp_path / "x.pdf", "pdf", "--preset", "doctor-visit"))
    allergies, diagnoses, medicines, last, vaccinations = between(text, VISIT)
    texts = {"diagnoses": diagnoses, "allergies": allergies, "medicines": medicines, "vaccinations": vaccinations}
    assert by_heading(texts) == {name: STANDING[name] for name in texts}
    assert found_in(last, WORDS["labs_out_of_range"]) == LAST
    signed = set(re.findall(r"([\d.]+) (?:ммоль/л|mmol/L) [↑↓!]", last))
    assert signed == STANDING["labs_out_of_range"]
    assert "Вероятный (provisional)" in diagnoses
    assert "Стойкий (" not in diagnoses
    assert "Безвестный (status not stated)" in medicines
    assert "Действующий (" not in medicines
    assert "Отказная (not done)" in vaccinations
    assert "Привитая (" not in vaccinations


def test_the_patient_summary(card: Emk, tmp_path: Path) -> None:
    sections = entries(exported(card, tmp_path / "x.json", "ips"))
    names: Sets = {name: set() for name in IPS.values()}
    for code, name in IPS.items():
        for one in sections[code]:
            concept = one.get("code") or one.get("vaccineCode") or one["medicationCodeableConcept"]
            names[name].add(concept["text"])
        assert len(names[name]) == len(sections[code])
    assert names == {name: STANDING[name] for name in names}
    results = sections[RESULTS]
    assert {str(one["valueQuantity"]["value"]) for one in results} == LAST
    flagged = {str(one["valueQuantity"]["value"]) for one in results if is_flagged(one)}
    assert flagged == STANDING["labs_out_of_range"]
    assert {one["code"]["text"] for one in sections["11348-0"]} == {"Конченый"}


def test_the_calendar(card: Emk, tmp_path: Path) -> None:
    text = exported(card, tmp_path / "x.ics", "ics").read_bytes().replace(b"\r\n ", b"").decode()
    assert {one.rpartition(": ")[2].strip() for one in re.findall(r"SUMMARY:(.*)", text)} == DUE


def test_the_filters(card: Emk) -> None:
    active = card("card", "prescriptions", "--active", "--json").items
    assert {one["medicine"] for one in active} == STANDING["medicines"]
    assert card("card", "prescriptions", "--expiring", "14d", "--json").items == []
    ending = card("card", "prescriptions", "--expiring", "99999d", "--json").items
    assert {one["medicine"] for one in ending} == {"Действующий", "Длящийся"}
    abnormal = card("card", "labs", "--abnormal", "--json").items
    assert {one["value"] for one in abnormal} == WORDS["labs_out_of_range"] - {"5.1", "2.2"}


# the mock's own card


def short(name: str) -> str:
    """As much of a name as stands on the first line of any column."""
    return " ".join(re.findall(r"\S+", name)[:2])[:24]


def names_of(item: Any) -> dict[str, list[str]]:
    return {
        "diagnoses": [one["display"] for one in item["diagnoses"]],
        "allergies": [one["display"] for one in item["allergies"]],
        "medicines": [one["medicine"] for one in item["medicines"]],
        "labs_out_of_range": [one["analyte"] for one in item["labs_out_of_range"]],
        "vaccinations": [one["vaccine"] for one in item["vaccinations"]],
    }


def is_the_short_form(text: str, names: list[str]) -> None:
    """The first of them in their order, and how many more there are."""
    place = 0
    for name in names[:MOST]:
        place = text.index(name, place) + len(name)
    assert not found_in(text[place:], names)
    rest = re.search(r"… and (\d+) more", text)
    assert (int(rest[1]) if rest else 0) == max(len(names) - MOST, 0)


def test_the_mocks_own_card(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    item = embedded.ok("card", "summary").item
    names = names_of(item)
    assert all(names.values())
    shown = page(exported(embedded, tmp_path / "x.html", "html"))
    text = printed(exported(embedded, tmp_path / "x.pdf", "pdf"))
    on_paper = dict(zip(names, between(text[text.index("Summary") :], PAPER), strict=True))
    for name, known in names.items():
        is_the_short_form(shown[name], known)
        is_the_short_form(on_paper[name], known)

    sections = entries(exported(embedded, tmp_path / "x.json", "ips"))
    for code, name in IPS.items():
        assert {one["id"] for one in sections[code]} == {one["id"].partition("/")[2] for one in item[name]}
    results = {f"{one['resourceType']}/{one['id']}" for one in sections[RESULTS]}
    abnormal = {one["id"].partition("#")[0] for one in embedded.ok("card", "labs", "--abnormal").items}
    assert results & abnormal == {one["id"].partition("#")[0] for one in item["labs_out_of_range"]}


def test_the_physicians_pages_of_the_mocks_own_card(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    item = embedded.ok("card", "summary").item
    text = printed(exported(embedded, tmp_path / "x.pdf", "pdf", "--preset", "doctor-visit"))
    parts = dict(
        zip(("allergies", "diagnoses", "medicines", "last", "vaccinations"), between(text, VISIT), strict=True)
    )
    for name in ("allergies", "diagnoses", "medicines"):
        listed = embedded.ok("card", "prescriptions" if name == "medicines" else name).items
        every = {
            short(one.get("display") or one["medicine"]) for one in listed if one.get("display") or "medicine" in one
        }
        assert {one for one in every if one in parts[name]} == {short(one) for one in names_of(item)[name]}
    signed = re.findall(r"[↑↓!]+[A-Z]*", parts["last"])
    assert len(signed) == len(item["labs_out_of_range"])
    for name in names_of(item)["labs_out_of_range"]:
        assert short(name) in parts["last"]
    days = re.findall(r"\d{4}-\d\d-\d\d(?! \d\d:\d\d)", parts["vaccinations"])
    left = re.search(r"… and (\d+) more", parts["vaccinations"])
    assert len(days) + (int(left[1]) if left else 0) == len(item["vaccinations"])
