"""СЭМД → records: what belongs to the patient, as it was written, and nothing else."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import models
from emkcli.importers.cda import reader
from emkcli.importers.cda.times import iso
from emkcli.importers.document_reader import read
from emkcli.importers.source_document import Parsed
from tests.importers import semd_invented as x


def one(content: bytes) -> Parsed:
    (found,) = read("-", io.BytesIO(content))
    return found


def records(*sections: str, **header: Any) -> dict[str, list[Any]]:
    """The records of a document by their kind."""
    (piece,) = one(x.document(*sections, **header)).pieces()
    found: dict[str, list[Any]] = {}
    for record in piece.records:
        found.setdefault(record.kind, []).append(record)
    return found


def test_the_header() -> None:
    parent = '<parentDocument><id root="1" extension="9"/></parentDocument>'
    found = one(x.document(version="2", extra=f'<relatedDocument typeCode="RPLC">{parent}</relatedDocument>'))
    assert (found.document_id, found.series, found.version, found.replaces) == (
        "1.2.3.51^7",
        "1.2.3.50^70",
        "2",
        ("1^9",),
    )
    assert (found.type, found.date) == ("Протокол консультации", "2026-03-01T10:00:00+03:00")
    assert found.patient is not None
    assert (found.patient.name, found.patient.birth_date, found.patient.sex) == (
        "Пробная Анна Львовна",
        "1979-06-01",
        "female",
    )
    assert found.patient.snils == "000-000-102 24"


def test_the_document_keeps_its_bytes_and_source() -> None:
    content = x.document()
    (piece,) = one(content).pieces()
    assert (piece.content, piece.media_type, piece.category) == (content, "application/xml", "documents")
    (document,) = piece.records
    assert isinstance(document, models.Document)
    assert document.id == piece.id
    assert document.author == models.Author(name="Врачов Иван Ильич", specialty="терапевт")
    assert document.clinic == models.Named(id="1.2.3", name="Поликлиника № 0")
    assert isinstance(document.source, models.FileSource)
    assert (document.source.set_id, document.source.version) == ("1.2.3.50^70", "1")


def test_masked_people_are_nobody() -> None:
    masked = "Данные скрыты"
    content = x.document(family=masked, given=masked, snils=masked).replace("Львовна".encode(), masked.encode())
    assert (
        one(content.replace(b'<id root="1.2.3.10"', b'<id root="1.2.3.10" nullFlavor="NI" /><x y="1"')).patient is None
    )


@pytest.mark.parametrize(
    ("value", "text", "unit"),
    [
        (x.quantity("5.40"), "5.40", "г/л"),
        ('<value xsi:type="PQ" value="35" unit="km"><translation value="55" displayName="миль"/></value>', "35", "km"),
        (x.told("<![CDATA[<0,1]]>"), "<0,1", None),
        (x.told("отрицательно"), "отрицательно", None),
        (x.coded("1", "1.2", "Обнаружено"), "Обнаружено", None),
        ('<value xsi:type="INT" value="007"/>', "007", None),
        ('<value xsi:type="REAL" value="1.50"/>', "1.50", None),
        ('<value value="12" unit="%"/>', "12", "%"),
        ('<value xsi:type="RTO"><numerator value="1"/><denominator value="128"/></value>', "1:128", None),
        ('<value xsi:type="IVL_PQ"><low value="1" unit="mg/l"/><high nullFlavor="PINF"/></value>', ">1", "mg/l"),
        ('<value xsi:type="IVL_PQ"><low value="32" unit="mg/l" inclusive="true"/></value>', ">=32", "mg/l"),
        ('<value xsi:type="IVL_PQ"><high value="0.1" unit="mg/l"/></value>', "<0.1", "mg/l"),
        ('<value xsi:type="PQ" nullFlavor="NI"/>', None, None),
        ("", None, None),
        (x.told("I") + x.told("II"), "I; II", None),
    ],
)
def test_values_stay_as_written(value: str, text: str | None, unit: str | None) -> None:
    (found,) = records(x.section("RESLAB", x.battery(x.result(value))))["lab_result"]
    assert (found.value, found.unit) == (text, unit)


def test_a_result_with_everything() -> None:
    role = '<specimen><specimenRole><id root="9.{}" extension="5"/>{}</specimenRole></specimen>'
    playing = f"<specimenPlayingEntity>{x.code('108', '1.2', 'Кровь венозная')}</specimenPlayingEntity>"
    comment = f"<entryRelationship><act>{x.code('10000', x.FIELD)}<text>разведено</text></act></entryRelationship>"
    result = x.result(
        x.quantity("166")
        + '<interpretationCode code="HU"/><methodCode code="1" displayName="Фотометрия"/>'
        + role.format(2, "")
        + comment
        + x.span("120", "150", text="120 - 150 г/л")
    )
    taken = f"<entry><procedure>{role.format(1, playing)}</procedure></entry>"
    found = records(x.section("SPECIMENS", taken), x.section("RESLAB", x.battery(result, time=x.when("20260228"))))
    (lab,) = found["lab_result"]
    assert (lab.analyte, lab.code, lab.code_system) == ("Гемоглобин", "1017128", f"urn:oid:{x.FSLI}")
    assert (lab.value_number, lab.unit_code, lab.flag, lab.out_of_range) == (166, "g/l", "HU", True)
    assert lab.reference == models.Reference(low="120", high="150", text="120 - 150 г/л")
    assert (lab.specimen, lab.method, lab.comment, lab.panel, lab.collected_at) == (
        "Кровь венозная",
        "Фотометрия",
        "разведено",
        ["Общий анализ крови"],
        "2026-02-28",
    )


def test_a_range_of_another_unit_compares_nothing() -> None:
    found = records(
        x.section("RESLAB", x.battery(x.result(x.quantity("5", "10*6/ul") + x.span("4", "4.5", "10*12/l"))))
    )
    assert found["lab_result"][0].out_of_range is None


def test_what_is_no_result_of_the_patient() -> None:
    battery = x.battery(x.result(x.quantity("1")))
    child = battery.replace("<code nullFlavor", "<subject><relatedSubject/></subject><code nullFlavor", 1)
    ordered = f"<entry>{x.observation(x.code('1', x.FSLI) + x.quantity('1'), mood='RQO')}</entry>"
    found = records(
        x.section("NBINFO", inner=x.section("RESLAB", battery)),
        x.section("LINKDOCS", battery),
        x.section("FAMILY", battery),
        x.section("RESLAB", child),
        x.section("SCOPORG", ordered),
    )
    assert set(found) == {"document"}
    assert len(records(x.section("PROC", inner=x.section("RESLAB", battery)))["lab_result"]) == 1


def test_diagnoses() -> None:
    kinded = x.observation(x.code("1", x.KIND, "Основное") + x.coded("I10", x.ICD, "Гипертензия"))
    inside = f"<entryRelationship>{kinded}</entryRelationship>"
    staged = f"<entry><act>{x.code('3', x.STAGE, 'Заключительный')}{inside}</act></entry>"
    bare = f"<entry>{x.observation(x.code('809', x.FIELD) + x.coded('J06.9', x.ICD, 'ОРВИ'))}</entry>"
    cause = f"<entry><act>{x.code('Y60', x.ICD, 'Внешняя причина')}</act></entry>"
    found = records(x.section("DGN", staged, bare, cause), x.section("LINKDOCS", bare))
    told = [(one.code, one.type, one.status) for one in found["diagnosis"]]
    assert told == [("I10", "Основное", "Заключительный"), ("J06.9", None, None)]
    assert [one.code for one in found["document"][0].diagnoses] == ["I10", "J06.9"]


def icd(*codings: tuple[str, str], beside: str = "") -> str:
    values = [x.coded(*(code, x.ICD, name)) for code, name in codings]
    if beside:
        values[-1] = values[-1].replace("/>", f">{beside}</value>")
    return f"<entry>{x.observation(x.code('1', x.KIND, 'Основное') + ''.join(values))}</entry>"


RETINA = f'<translation code="H36.0" codeSystem="{x.ICD}" displayName="Ретинопатия"/>'
DIABETES = ("E10.3", "Диабет")


@pytest.mark.parametrize(
    "entry",
    [
        icd(DIABETES, ("H36.0", "Ретинопатия")),
        icd(DIABETES, beside=RETINA),
        icd(DIABETES, beside=RETINA + RETINA),
        icd(DIABETES, ("E10.3", "Диабет"), beside=RETINA),
        icd(DIABETES, ("H36.0", "Ретинопатия"), beside=RETINA),
    ],
    ids=["two values", "a translation", "the same twice", "a value twice", "both"],
)
def test_every_code_of_a_diagnosis_is_kept(entry: str) -> None:
    found = records(x.section("DGN", entry, text="Осмотр"))
    kept = [(one.code, one.display, one.type) for one in found["diagnosis"]]
    assert kept == [("E10.3", "Диабет", "Основное"), ("H36.0", "Ретинопатия", "Основное")]
    assert [one.code for one in found["document"][0].diagnoses] == ["E10.3", "H36.0"]
    assert len({one.id for one in found["diagnosis"]}) == 2
    assert found["document"][0].sections[0].text == "Осмотр"


def test_a_case_of_care_has_every_code_of_its_diagnosis() -> None:
    code = x.code("E10.3", x.ICD, "Диабет").replace("/>", f">{RETINA}</code>")
    found = records(x.section("AMBS", f"<entry><act>{code}</act></entry>"))
    assert [one.code for one in found["diagnosis"]] == ["E10.3", "H36.0"]


def test_a_code_of_another_dictionary_stands_in_the_text() -> None:
    morphology = '<translation code="8070/3" codeSystem="1.2.643.5.1.13.13.11.1487" displayName="Плоскоклеточный рак"/>'
    same = f'<translation code="C53.9" codeSystem="{x.ICD}" displayName="Рак шейки матки"/>'
    found = records(x.section("DGN", icd(("C53.9", "Рак шейки матки"), beside=morphology + same), text="Осмотр"))
    assert [one.code for one in found["diagnosis"]] == ["C53.9"]
    (section,) = found["document"][0].sections
    assert section.text == "Осмотр\nОсновное: Рак шейки матки; 8070/3 Плоскоклеточный рак"


def test_a_consultation_is_a_visit() -> None:
    (visit,) = records(
        x.section("RESINFO", x.field("806", "Здорова"), x.field("807", "Гулять"), x.field("835", "Нет"))
    )["visit"]
    assert (visit.reason, visit.conclusion, visit.recommendations) == ("Нет", "Здорова", "Гулять")


def medicine(system: str, name: str, inner: str = "", before: str = "") -> str:
    material = f"<manufacturedMaterial>{x.code('1', system, name)}{inner}</manufacturedMaterial>"
    consumable = f"<consumable><manufacturedProduct>{material}</manufacturedProduct></consumable>"
    return f'<entry><substanceAdministration moodCode="EVN">{before}{consumable}</substanceAdministration></entry>'


def test_medicines_vaccines_and_tests() -> None:
    dose = '<doseQuantity value="500" unit="mg"><translation value="50" displayName="мг"/></doseQuantity>'
    found = records(
        x.section("DRUG", medicine("1.2", "Пробаза", before=dose), medicine(f"{x.M}11.1033", "Ингаляционная")),
        x.section(
            "IMM",
            medicine(f"{x.M}11.1078", "Вакцина пробная", "<lotNumberText>A1</lotNumberText>", x.when("20200102")),
            f"<entry>{x.observation(x.code('1', x.M + '11.1078', 'Аллерген туберкулезный') + x.when('2021'))}</entry>",
        ),
    )
    assert [(one.medicine, one.dose, one.type) for one in found["prescription"]] == [("Пробаза", "500 mg", "order")]
    assert [(one.vaccine, one.lot, one.date) for one in found["vaccination"]] == [
        ("Вакцина пробная", "A1", "2020-01-02")
    ]
    assert [one.title for one in found["study"]] == ["Аллерген туберкулезный"]


def test_text_without_and_with_narrative() -> None:
    table = "<table><tr><td>Жалобы</td><td>нет</td></tr></table>"
    found = records(
        x.section("ANAM", x.field("7006", "Болеет редко")),
        x.section("COMPLNTS", x.field("835", "нет"), x.field("900", "Ещё слово"), text=table, title="Жалобы"),
    )
    told = {one.title: one.text for one in found["document"][0].sections}
    assert told == {
        "Секция ANAM": "поле 7006: Болеет редко",
        "Жалобы": "Жалобы | нет\nполе 835: нет\nполе 900: Ещё слово",
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("202110201555+0300", "2021-10-20T15:55:00+03:00"),
        ("20211020", "2021-10-20"),
        ("1977", "1977"),
        ("202110201555+03", "2021-10-20T15:55:00+03:00"),
        ("201705191121", "2017-05-19T11:21:00"),
        ("20705181200+0300", "20705181200+0300"),
        ("20210v1251600+0300", "20210v1251600+0300"),
        ("20210231", "20210231"),
        (None, None),
    ],
)
def test_times(written: str | None, read: str | None) -> None:
    assert iso(written) == read


@pytest.mark.parametrize(
    ("content", "problem", "reason"),
    [
        (x.document().replace(b"</family>", b"/family>"), "failed", "line 10, column 80: a tag is not closed"),
        (x.document()[:300], "failed", "line 5, column 100: the XML breaks off"),
        (
            b'<!DOCTYPE a [<!ENTITY b "c">]>' + x.document().partition(b"?>")[2],
            "failed",
            "a document type definition is not allowed",
        ),
        (b"<html><body/></html>", "unsupported", "a web page, no document: download the XML"),
        (b"<x>ClinicalDocument</x>", "unsupported", "XML, but no HL7 CDA document (СЭМД)"),
        (
            x.document(title="Медицинское свидетельство о смерти", kind="13"),
            "unsupported",
            "a certificate of death does not belong into the card of a living person",
        ),
        (b"<ClinicalDocument>" + b"<a>" * 5000, "failed", "line 1, column 786: nested too deep"),
    ],
)
def test_what_is_refused(content: bytes, problem: str, reason: str) -> None:
    found = one(content)
    assert (found.problem, found.reason) == (problem, reason)


def test_other_encodings() -> None:
    text = x.document().decode()
    for name, mark in (("utf-16", ""), ("windows-1251", ""), ("utf-8", "\ufeff")):
        written = text.replace("№", "N").replace('encoding="UTF-8"', f'encoding="{name}"')
        found = one((mark + written).encode(name))
        assert found.patient is not None, found.reason
        assert found.patient.family == "Пробная"


NAMES = st.sampled_from(
    [
        "ClinicalDocument",
        "component",
        "structuredBody",
        "section",
        "entry",
        "observation",
        "act",
        "code",
        "value",
        "effectiveTime",
        "substanceAdministration",
        "consumable",
        "text",
        "recordTarget",
        "id",
    ]
)
NODES = st.recursive(
    st.text(alphabet="аб1. ", max_size=4),
    lambda inner: st.tuples(
        NAMES,
        st.dictionaries(
            st.sampled_from(["code", "codeSystem", "value", "unit", "root"]),
            st.sampled_from(["RESLAB", "DGN", "IMM", x.FSLI, x.ICD, "I10", "2020", ""]),
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


def written(node: Any) -> str:
    if isinstance(node, str):
        return node
    name, attributes, inside = node
    told = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{told}>{''.join(map(written, inside))}</{name}>"


@settings(max_examples=150)
@given(NODES)
def test_any_cda_is_a_document(node: Any) -> None:
    content = (
        f'<ClinicalDocument xmlns="urn:hl7-org:v3"><realmCode code="RU"/>{written(node)}</ClinicalDocument>'.encode()
    )
    for found in reader.read("x", content):
        assert found.problem is None
        assert [piece.records for piece in found.pieces()]


@settings(max_examples=150)
@given(st.binary(max_size=40), st.integers(0, 3000))
def test_any_bytes_are_a_document_or_a_reason(noise: bytes, place: int) -> None:
    whole = x.document(x.section("RESLAB", x.battery(x.result(x.quantity("1")))))
    for content in (b"<" + noise, whole[:place] + noise + whole[place:], whole[:place] + noise):
        for found in read("-", io.BytesIO(content)):
            assert found.problem in (None, "failed", "unsupported")
            list(found.pieces())


@settings(max_examples=80)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=30))
def test_no_text_is_altered(value: str) -> None:
    from xml.sax.saxutils import escape

    (found,) = records(x.section("RESLAB", x.battery(x.result(x.told(escape(value))))))["lab_result"]
    assert found.value == (" ".join(value.split()) or None)


def test_preventive_care_and_referrals() -> None:
    group = f"<entry>{x.observation(x.code('6020', x.FIELD) + x.coded('2', '1.2', 'II группа'))}</entry>"
    service = x.observation(x.code("833", x.FIELD) + x.coded("B01", "1.2", "Приём кардиолога"), mood="RQO")
    inside = f"<entryRelationship>{service}</entryRelationship>"
    sent = f"<entry><act>{x.code('6', '1.2', 'На консультацию')}{inside}</act></entry>"
    found = records(x.section("DOCINFO", group), x.section("SCOPORG", sent))
    assert [(one.health_group, one.date) for one in found["prevention"]] == [("II группа", "2026-03-01T10:00:00+03:00")]
    assert [(one.code, one.display) for one in found["referral"]] == [("B01", "Приём кардиолога")]


def test_a_vaccination_certificate() -> None:
    said = "".join(
        f"<entryRelationship>{x.observation(x.code(number, x.FIELD) + x.told(word))}</entryRelationship>"
        for number, word in (("9028", "A-1"), ("9027", "2"), ("8010", "нет"))
    )
    entry = medicine(f"{x.M}11.1078", "Вакцина пробная", before=x.code("3", f"{x.M}99.2.848", "Против кори"))
    found = records(x.section("IMM", entry.replace("</substance", said + "</substance")))
    (one,) = found["vaccination"]
    assert (one.lot, one.dose_number, one.reaction, one.infections) == ("A-1", "2", "нет", ["Против кори"])


def test_a_recipe() -> None:
    valid = (
        f"<entry>{x.observation(x.code('6004', x.FIELD) + x.when('20260401') + x.coded('1', '1.2', '15 дней'))}</entry>"
    )
    info = x.section("DOCINFO", x.field("6001", "00АА"), x.field("6002", "000001"), valid)
    (one,) = records(info, x.section("RECIPE", medicine("1.2", "Пробаза")))["prescription"]
    assert (one.type, one.number, one.expires_on, one.medicine) == ("recipe", "00АА 000001", "2026-04-01", "Пробаза")


def test_a_recipe_says_for_how_long_it_is_good() -> None:
    info = x.section("DOCINFO", x.field("6004", "15 дней"))
    (one,) = records(info, x.section("RECIPE", medicine("1.2", "Пробаза")))["prescription"]
    assert (one.type, one.expires_on) == ("recipe", "2026-03-16")


def test_an_instrumental_study() -> None:
    act = f"<entry><act>{x.code('7', x.M + '11.1471', 'УЗИ')}{x.when('20260102')}</act></entry>"
    found = records(x.section("DOCINFO", act), x.section("RESINFO", x.field("1805", "ровно"), x.field("1806", "норма")))
    assert [(one.title, one.date, one.description, one.conclusion) for one in found["study"]] == [
        ("УЗИ", "2026-01-02", "ровно", "норма")
    ]
