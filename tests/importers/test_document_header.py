"""The header of a СЭМД: its kind by the register, until when it is good, and everybody who had to do with it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emkcli import models
from emkcli.importers.cda.document_header import OF_THE_DEAD
from emkcli.importers.cda.document_kind import _rows
from emkcli.importers.document_reader import read
from emkcli.importers.source_document import Piece
from tests.conftest import Emk
from tests.importers import semd_invented as x

ADDRESS = (
    '<addr><a:Type code="1" codeSystem="1.2" displayName="Адрес регистрации"/>'
    "<streetAddressLine>Москва, Пробная ул., 1</streetAddressLine>"
    '<a:stateCode code="77" codeSystem="1.2" displayName="г. Москва"/><postalCode>101000</postalCode>'
    "<f:Address><f:AOGUID>aoguid-1</f:AOGUID><f:HOUSEGUID>houseguid-1</f:HOUSEGUID></f:Address></addr>"
)
CONTACT = '<telecom value="tel:+74950000000"/>'
CLINIC = (
    '<id root="1.2.643.5.1.13.13.12.2.77.1"/><i:Props><i:Ogrn>1000000000001</i:Ogrn><i:Okpo>10000001</i:Okpo>'
    f"<i:Okato>45000000001</i:Okato></i:Props><name>Поликлиника Пробная</name>{CONTACT}{ADDRESS}"
)
PERSON = "<name><family>Врачов</family><given>Пётр</given><i:Patronymic>Ильич</i:Patronymic></name>"
DOCTOR = (
    '<id root="1.2.70" extension="17"/><id root="1.2.643.100.3" extension="000-000-103 35"/>'
    f'<code code="109" codeSystem="1.2" displayName="Врач-пробник"/>{ADDRESS}{CONTACT}'
)
POLICY = (
    '<i:DocInfo><i:IdentityDocType code="1" codeSystem="1.2" displayName="Полис ОМС"/>'
    '<i:InsurancePolicyType code="1" codeSystem="1.2" displayName="Полис нового образца"/><i:Series>ЧБ</i:Series>'
    '<i:Number>7700000001</i:Number><i:INN>7700000002</i:INN><i:effectiveTime><i:low value="20200101"/>'
    '<i:high value="20301231"/></i:effectiveTime></i:DocInfo>'
)
PASSPORT = (
    '<i:IdentityDoc><i:IdentityCardType code="1" codeSystem="1.2" displayName="Паспорт"/><i:Series>4500</i:Series>'
    "<i:Number>000001</i:Number><i:IssueOrgName>ОВД Пробный</i:IssueOrgName><i:IssueOrgCode>770-000</i:IssueOrgCode>"
    '<i:IssueDate value="20050218"/></i:IdentityDoc>'
)
SAID = (
    *("Адрес регистрации", "Москва, Пробная ул., 1", "г. Москва", "101000", "aoguid-1", "houseguid-1"),
    *("tel:+74950000000", "1.2.643.5.1.13.13.12.2.77.1", "1000000000001", "10000001", "45000000001"),
    *("Поликлиника Пробная", "Врачов Пётр Ильич", "Врач-пробник", "1.2.70^17", "000-000-103 35"),
    *("Полис ОМС", "Полис нового образца", "ЧБ", "7700000001", "7700000002", "2020-01-01", "2030-12-31"),
    *("Паспорт", "4500", "000001", "ОВД Пробный", "770-000", "2005-02-18"),
    *("Амбулаторная карта", "карта-5", "Карта взрослого", "случай-3", "плановая", "Первичная помощь", "Амбулаторно"),
    *("Консультация", "Направление", "направление-9", "Страховщик", "Обычный", "ru-RU"),
)


def full() -> bytes:
    namespaces = 'xmlns:a="urn:hl7-ru:address" xmlns:m="urn:hl7-ru:medService" xmlns:f="urn:hl7-ru:fias"'
    entity = f"{DOCTOR}<associatedPerson>{PERSON}</associatedPerson><scopingOrganization>{CLINIC}</scopingOrganization>"
    payer = f"{POLICY}<scopingOrganization><name>Страховщик</name></scopingOrganization>"
    extra = (
        '<confidentialityCode code="N" codeSystem="1.2" displayName="Обычный"/><languageCode code="ru-RU"/>'
        f'<participant typeCode="REF"><associatedEntity>{entity}</associatedEntity></participant>'
        f'<participant typeCode="IND"><associatedEntity>{payer}</associatedEntity></participant>'
        '<inFulfillmentOf><order><id root="1.9" extension="направление-9"/>'
        '<code code="3" codeSystem="1.2" displayName="Направление"/></order></inFulfillmentOf>'
        '<documentationOf><serviceEvent><code code="1" codeSystem="1.2" displayName="Консультация"/>'
        '<m:serviceForm displayName="плановая"/><m:serviceType displayName="Первичная помощь"/>'
        '<m:serviceCond displayName="Амбулаторно"/></serviceEvent></documentationOf>'
        '<componentOf><encompassingEncounter><id root="1.3" extension="случай-3"/>'
        '<code code="1" codeSystem="1.2" displayName="Амбулаторная карта"/><m:DocType displayName="Карта взрослого"/>'
        "<m:DocNumber>карта-5</m:DocNumber></encompassingEncounter></componentOf>"
    )
    content = x.document(x.section("COMPLNTS", x.field("835", "Кашель")), extra=extra)
    content = content.replace(b"<ClinicalDocument ", f"<ClinicalDocument {namespaces} ".encode(), 1)
    return content.replace(b"<patient>", f"{PASSPORT}{ADDRESS}{CONTACT}<patient>".encode(), 1)


def piece(content: bytes) -> Piece:
    (found,) = read("-", io.BytesIO(content))
    (one,) = found.pieces()
    return one


def document(content: bytes) -> models.Document:
    record = piece(content).records[0]
    assert isinstance(record, models.Document)
    return record


def test_nothing_of_the_header_is_lost() -> None:
    told = document(full())
    assert [word for word in SAID if word not in told.to_json().decode()] == []
    assert [party.role for party in told.participants][-2:] == ["referrer", "payer"]
    assert told.patient is not None
    assert [one.number for one in told.patient.documents] == ["000001"]


def test_numbers_stay_out_of_a_repr() -> None:
    shown = repr(document(full()))
    assert "Полис ОМС" in shown
    for secret in ("000-000-103 35", "7700000001", "4500", "000001"):
        assert f"'{secret}'" not in shown


def test_a_person_reads_it_in_sections(emk: Emk, tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_bytes(full())
    assert emk("card", "import", str(tmp_path / "one.xml"), "--insecure-storage").code == 0
    listed = emk("card", "documents", "--backend", "local", "-o", "json").out
    ident = json.loads(listed)["items"][0]["id"]
    shown = emk("card", "show", ident, "--backend", "local", "-o", "table", "--lang", "ru").out
    for heading in ("Участники", "Случай оказания помощи", "Оказанная помощь", "По направлению", "Пациент"):
        assert f"\n{heading}\n" in shown
    assert "направил: Врачов Пётр Ильич, Врач-пробник, Поликлиника Пробная" in shown
    assert "aoguid-1" not in shown


def test_a_header_without_any_of_it() -> None:
    plain = document(x.document(x.section("COMPLNTS", x.field("835", "Кашель"))))
    assert (plain.encounter, plain.services, plain.orders, plain.expires_on) == (None, [], [], None)


DEAD = [kind for kind in _rows() if any(phrase in kind.name.casefold() for phrase in OF_THE_DEAD)]
"""A certificate of death, and what follows one, are in no living card."""
LIVING = [kind for kind in _rows() if kind not in DEAD]


def numbered(number: str, name: str = "") -> bytes:
    """A document that names its row of the register, and perhaps itself."""
    content = x.document(x.section("COMPLNTS", x.field("835", "Кашель")))
    before, _code, after = content.decode().partition("<code ")
    own = f'<code code="{number}" codeSystem="{x.M}11.1520" displayName="{name}"/>'
    return (before + own + after.partition("/>")[2]).encode()


@pytest.mark.parametrize("kind", DEAD, ids=lambda kind: kind.number)
def test_what_follows_a_death_is_refused_by_its_number_alone(tmp_path: Path, kind: tuple[str, ...]) -> None:
    path = tmp_path / "death.xml"
    path.write_bytes(numbered(kind[0]))
    (parsed,) = read(str(path))
    assert (parsed.problem, list(parsed.pieces())) == ("unsupported", [])


@pytest.mark.parametrize("kind", LIVING, ids=lambda kind: kind.number)
def test_every_kind_of_the_register_has_its_name_and_edition(kind: tuple[str, ...]) -> None:
    number, _type_code, _guide, edition, name = kind
    told = document(numbered(number))
    assert (told.type, told.edition) == (name, edition or None)
    assert piece(numbered(number)).contradictions == ()


@pytest.mark.parametrize(
    ("template", "edition", "is_known"),
    [
        ("1.2.643.5.1.13.2.7.5.1.5.9.4", "4", True),
        (f"{x.M}14.5.9.3", "3", True),
        (f"{x.M}15.13.5", "5", True),
        ("1.2.643.5.1.13.2.7.5.1.5.9.99", None, False),
        (f"{x.M}15.13.99", None, False),
        ("1.2.643.5.1.13.2.7.5.1.5.3", None, True),
        ("0", None, True),
    ],
)
def test_the_edition_is_told_by_the_guide(template: str, edition: str | None, is_known: bool) -> None:
    """The guides of the first years do not name an edition, so that none is unknown."""
    content = x.document(extra="").replace(b"<title>", f'<templateId root="{template}"/><title>'.encode(), 1)
    assert document(content).edition == edition
    assert piece(content).contradictions == (
        () if is_known else (f"the edition {template} of СЭМД is unknown to this version; it was read as a document",)
    )


@pytest.mark.parametrize(
    ("system", "number", "is_known"),
    [("11.1522", "5", True), ("11.1522", "9999", False), ("11.1115", "2", True), ("9.9", "5", False)],
)
def test_the_kind_is_told_by_its_code(system: str, number: str, is_known: bool) -> None:
    content = x.document(kind=number).replace(f"{x.M}11.1522".encode(), f"{x.M}{system}".encode(), 1)
    assert len(piece(content).contradictions) == (not is_known)


def test_a_name_of_its_own_is_kept() -> None:
    assert document(numbered("290", "Протокол консультации (CDA) Редакция 7")).type == (
        "Протокол консультации (CDA) Редакция 7"
    )


def test_an_unknown_kind_is_read_and_said(emk: Emk, tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_bytes(numbered("9999", "Справка будущего"))
    run = emk("card", "import", str(tmp_path / "one.xml"), "--insecure-storage", "-o", "json")
    (result,) = json.loads(run.out)["items"]
    assert (run.code, result["status"], result["type"]) == (0, "added", "Справка будущего")
    assert any("9999" in warning for warning in result["warnings"])


@pytest.mark.parametrize(
    ("field", "ends"),
    [
        (x.code("10001", x.FIELD) + '<value xsi:type="TS" value="20300115"/>', "2030-01-15"),
        (x.code("10001", x.FIELD) + x.when("20300115"), "2030-01-15"),
        (x.code("6005", x.FIELD) + '<effectiveTime><low value="2029"/><high value="20300115"/></effectiveTime>', "2030-01-15"),
        (x.code("1", x.FIELD, "Дата окончания действия справки") + x.told("20300115"), "2030-01-15"),
        (x.code("2", x.FIELD, "Действительно до") + '<value xsi:type="TS" value="20300115"/>', "2030-01-15"),
        (x.code("3", x.FIELD, "Срок беременности") + '<value xsi:type="TS" value="20300115"/>', None),
        (x.code("3", x.FIELD, "Срок беременности") + x.told("12 мес"), None),
        (x.code("10001", x.FIELD) + x.told("-"), None),
        (x.code("10001", x.FIELD) + x.told("12 мес"), "2027-03-01"),
        (x.code("10001", x.FIELD) + x.told("6 (шесть) месяцев со дня выдачи"), "2026-09-01"),
        (x.code("10001", x.FIELD) + x.told("1 год"), "2027-03-01"),
        (x.code("10001", x.FIELD) + x.told("2 года."), "2028-03-01"),
        (x.code("10001", x.FIELD) + x.told("10 дней"), "2026-03-11"),
        (x.code("10001", x.FIELD) + x.told("2 недели"), "2026-03-15"),
        (x.code("10001", x.FIELD) + '<value xsi:type="PQ" value="3" unit="mo"/>', "2026-06-01"),
        (x.code("6004", x.FIELD) + x.coded("1", "1.2.643.5.1.13.13.99.2.608", "15 дней"), "2026-03-16"),
        (x.code("6004", x.FIELD) + x.when("20260320") + x.coded("1", "9", "15 дней"), "2026-03-20"),
        (x.code("10001", x.FIELD) + x.when("20260131") + x.told("1 мес"), "2026-02-28"),
        (x.code("10001", x.FIELD) + '<effectiveTime><low value="20260201"/></effectiveTime>' + x.told("1 мес"), "2026-03-01"),
        (x.code("10001", x.FIELD) + x.told("до 31.12.2026"), "2026-12-31"),
        (x.code("10001", x.FIELD) + x.told("с 01.03.2026 по 31.12.2026 г. включительно"), "2026-12-31"),
        (x.code("10001", x.FIELD) + x.told("31.12.2026"), "2026-12-31"),
        (x.code("10001", x.FIELD) + x.told("с 31.12.2026"), "с 31.12.2026"),
        (x.code("10001", x.FIELD) + x.told("до 31.02.2026"), "до 31.02.2026"),
        (x.code("10001", x.FIELD) + x.told("30 дней с даты госпитализации"), "30 дней с даты госпитализации"),
        (x.code("10001", x.FIELD) + x.told("бессрочно"), "бессрочно"),
        (x.code("10001", x.FIELD) + "<text>до выздоровления</text>", "до выздоровления"),
    ],
)  # fmt: skip
def test_until_when_a_document_is_good(field: str, ends: str | None) -> None:
    entry = f"<entry>{x.observation(field)}</entry>"
    assert document(x.document(x.section("DOCINFO", entry))).expires_on == ends


def test_a_day_is_told_before_words() -> None:
    words, day = (x.field("10001", said) for said in ("бессрочно", "до 31.12.2026"))
    assert document(x.document(x.section("DOCINFO", words, day))).expires_on == "2026-12-31"


def test_a_term_of_a_document_without_a_day_is_told_as_it_was_sent() -> None:
    assert document(x.document(x.section("DOCINFO", x.field("10001", "12 мес")), date="2026")).expires_on == "12 мес"


def test_words_are_shown_wherever_a_last_day_is(emk: Emk, tmp_path: Path) -> None:
    ordered = f"<act>{x.code('1', '9', 'Консультация')}</act>"
    sections = x.section("SCOPORG", f"<entry>{ordered}</entry>", x.field("10001", "до выздоровления"))
    (tmp_path / "one.xml").write_bytes(x.document(sections, title="Справка"))
    assert emk("card", "import", str(tmp_path / "one.xml"), "--insecure-storage").code == 0
    for category in ("documents", "referrals"):
        listed = emk("card", category, "--backend", "local", "-o", "json")
        (item,) = json.loads(listed.out)["items"]
        assert item["expires_on"] == "до выздоровления"
        assert (
            json.loads(emk("card", category, "--expiring", "10d", "--backend", "local", "-o", "json").out)["items"]
            == []
        )
        assert "до выздоровления" in emk("card", "show", item["id"], "--backend", "local").out
    for form in ("ics", "html", "pdf", "csv", "sqlite", "fhir"):
        target = str(tmp_path / f"card.{form}")
        run = emk("card", "export", "--format", form, "--to", target, "--backend", "local")
        assert run.code == (12 if form == "ics" else 0), form  # a calendar has what has a day
    assert "BEGIN:VEVENT" not in (tmp_path / "card.ics").read_text(encoding="utf-8")


def test_what_expires_soon(emk: Emk, tmp_path: Path) -> None:
    for name, days in (("soon", 5), ("later", 100), ("over", -5)):
        end = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y%m%d")
        field = x.observation(x.code("10001", x.FIELD) + f'<value xsi:type="TS" value="{end}"/>')
        content = x.document(x.section("DOCINFO", f"<entry>{field}</entry>"), ident=name, series=name, title=name)
        (tmp_path / f"{name}.xml").write_bytes(content)
    files = [str(path) for path in sorted(tmp_path.glob("*.xml"))]
    assert emk("card", "import", *files, "--insecure-storage").code == 0
    listed = emk("card", "documents", "--expiring", "10d", "--backend", "local", "-o", "json")
    assert [item["title"] for item in json.loads(listed.out)["items"]] == ["soon"]


def test_a_page_has_the_header_without_what_is_nobody_elses(emk: Emk, tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_bytes(full())
    assert emk("card", "import", str(tmp_path / "one.xml"), "--insecure-storage").code == 0
    page = tmp_path / "card.html"
    assert emk("card", "export", "--format", "html", "--to", str(page), "--backend", "local", "--lang", "ru").code == 0
    printed = page.read_text(encoding="utf-8").rpartition("</style>")[2]
    for words in ("направил: Врачов Пётр Ильич, Врач-пробник", "карта-5", "Консультация; плановая", "Направление"):
        assert words in printed
    for number in ("4500", "7700000001", "000-000-103 35", "Москва, Пробная ул., 1", "+74950000000"):
        assert number not in printed
