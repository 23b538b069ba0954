"""Headers and sections of СЭМД as other guides and other years write them: ВИМИС, certificates of birth, stays in hospital."""

from __future__ import annotations

import io

import pytest

from emkcli import models
from emkcli.importers.document_reader import read
from emkcli.models.document_parties import Address, IdentityDocument
from tests.importers import semd_invented as x

STREET, HOUSE = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
CHILD = (
    f"<subject><relatedSubject>{x.code('1', '1.2', 'Ребенок')}<subject><name><family>Пробный</family><given>Ян</given></name>"
    '<administrativeGenderCode code="1" displayName="Мужской"/><birthTime value="20260201"/></subject></relatedSubject></subject>'
)


def document(*sections: str, extra: str = "", patient: str = "", birth: str = "19790601") -> models.Document:
    content = x.document(*sections, extra=extra, birth=birth)
    (parsed,) = read("-", io.BytesIO(content.replace(b"<patient>", f"{patient}<patient>".encode(), 1)))
    (piece,) = parsed.pieces()
    record = piece.records[0]
    assert isinstance(record, models.Document)
    return record


@pytest.mark.parametrize(
    ("inside", "address"),
    [
        (
            f"<state>77</state><city>{STREET[:-1]}c</city><streetNameBase>{STREET}</streetNameBase><houseNumber>{HOUSE}</houseNumber>"
            "<houseNumberNumeric>5</houseNumberNumeric><unitID>10</unitID>",
            Address(text="5, 10", region="77", fias_object=STREET, fias_house=HOUSE),
        ),
        ("<city>Москва</city><streetName>Пробная</streetName>", Address(text="Москва, Пробная")),
        (
            '<i:AddressType code="1" displayName="По месту жительства"/><streetAddressLine>Москва</streetAddressLine>',
            Address(use="По месту жительства", text="Москва"),
        ),
        ("Москва, Пробная ул., 1", Address(text="Москва, Пробная ул., 1")),
    ],
)
def test_addresses_of_other_guides(inside: str, address: Address) -> None:
    told = document(patient=f"<addr>{inside}</addr>").patient
    assert told is not None
    assert told.addresses == [address]


def test_an_address_that_says_nothing_is_none() -> None:
    told = document(patient='<addr use="HP"><streetAddressLine nullFlavor="NI"/></addr>').patient
    assert told is not None
    assert told.addresses == []


def test_documents_under_their_other_names() -> None:
    inside = (
        '<i:IdentityCardTypeId code="1" displayName="Паспорт"/><i:Number>000001</i:Number>'
        '<i:effectivetime><i:low value="20200101"/><i:high nullFlavor="NA"/></i:effectivetime>'
    )
    told = document(patient=f"<i:IdentityDoc>{inside}</i:IdentityDoc>").patient
    assert told is not None
    assert told.documents == [IdentityDocument(type="Паспорт", number="000001", starts_on="2020-01-01")]


def test_the_ward_and_the_specialty() -> None:
    ward = '<id root="1.2.3.4"/><location><name>Отделение № 0</name></location>'
    told = document(
        extra='<author><functionCode code="18" displayName="Кардиология"/><assignedAuthor><id root="1.2" extension="8"/>'
        "</assignedAuthor></author><componentOf><encompassingEncounter><location><healthCareFacility>"
        f"{ward}</healthCareFacility></location></encompassingEncounter></componentOf>"
    )
    assert told.encounter is not None
    assert told.encounter.place == "Отделение № 0"
    assert [party.specialty for party in told.participants if party.role == "author"] == [None, "Кардиология"]


def test_the_time_of_birth() -> None:
    told = document(birth="202602010823+0300").patient
    assert told is not None
    assert (told.birth_date, told.birth_time) == ("2026-02-01", "2026-02-01T08:23:00+03:00")
    plain = document().patient
    assert plain is not None
    assert (plain.birth_date, plain.birth_time, plain.birth_place) == ("1979-06-01", None, None)


def test_whose_a_section_is() -> None:
    told = document(x.section("NBINFO", CHILD, x.field("1", "3200")))
    assert told.sections[0].text.splitlines() == ["Ребенок, Пробный Ян, Мужской, 2026-02-01", "поле 1: 3200"]
    (child,) = (party for party in told.participants if party.role == "subject")
    assert (child.relation, child.name, child.birth_date) == ("Ребенок", "Пробный Ян", "2026-02-01")
    own = document(x.section("COMPLNTS", x.field("835", "Кашель")))
    assert own.sections[0].text == "поле 835: Кашель"
    assert [party for party in own.participants if party.role == "subject"] == []


def test_whose_a_statement_is() -> None:
    entry = x.observation(x.code("1", x.FIELD, "Вес") + x.told("3200 г") + CHILD)
    (section,) = document(x.section("STATUS", f"<entry>{entry}</entry>")).sections
    assert section.text == "Вес: 3200 г; Ребенок, Пробный Ян, Мужской, 2026-02-01"


def test_who_did_it_with_their_position() -> None:
    person = "<assignedPerson><name><family>Врачов</family><given>Иван</given></name></assignedPerson>"
    performer = f"<performer><assignedEntity>{x.code('5', '1.2', 'хирург')}{person}</assignedEntity></performer>"
    entry = x.observation(x.code("1", x.FIELD, "Осмотр") + x.told("здоров") + performer)
    (section,) = document(x.section("STATUS", f"<entry>{entry}</entry>")).sections
    assert section.text == "Осмотр: здоров; Врачов Иван, хирург"


def test_words_of_a_linked_document() -> None:
    linked = '<externalDocument><id root="1.2" extension="9"/><text>Направление от 5 октября</text></externalDocument>'
    act = f"<act>{x.code('3', x.M + '11.1522', 'Направление')}<reference>{linked}</reference></act>"
    (section,) = document(x.section("LINKDOCS", f"<entry>{act}</entry>")).sections
    assert section.text.splitlines() == ["Направление", "  1.2^9, Направление от 5 октября"]


def test_statements_are_typed() -> None:
    entry = x.observation(
        '<id root="1.2.52" extension="A1"/>' + x.code("1", x.FIELD, "Вес") + x.quantity("5", "kg", "кг")
    )
    told = document(x.section("VITALPARAM", f"<entry>{entry}</entry>", title="Показатели"))
    assert [section.title for section in told.sections] == ["Показатели"]
    assert told.facts == [
        models.Fact(
            section="Секция VITALPARAM",
            id="1.2.52^A1",
            name="Вес",
            code="1",
            system=f"urn:oid:{x.FIELD}",
            values=["5 кг"],
        )
    ]
