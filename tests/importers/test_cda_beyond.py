"""СЭМД as clinics write them where no sample shows it: other bodies, narratives, codes, ranges, people."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from emkcli import models
from emkcli.importers.document_reader import read
from emkcli.importers.source_document import Parsed
from tests.importers import semd_invented as x


def one(content: bytes) -> Parsed:
    (found,) = read("-", io.BytesIO(content))
    return found


def records(content: bytes) -> list[Any]:
    (piece,) = one(content).pieces()
    return list(piece.records)


def labs(*results: str, text: str = "") -> list[models.LabResult]:
    content = x.document(x.section("RESLAB", x.battery(*results), text=text))
    return [found for found in records(content) if isinstance(found, models.LabResult)]


def texts(*sections: str) -> list[str]:
    return [section.text for section in records(x.document(*sections))[0].sections]


def entry(inner: str) -> str:
    return f"<entry>{inner}</entry>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('<text mediaType="application/pdf" representation="B64">JVBERi0=</text>', "[application/pdf]"),
        ('<text mediaType="text/plain">Осмотр.\nЖалоб нет.</text>', "Осмотр.\nЖалоб нет."),
        ('<text mediaType="text/plain" representation="B64">0J3QtdGC</text>', "Нет"),
        ('<text mediaType="text/plain" representation="B64">////</text>', "[text/plain]"),
        (
            "<text><![CDATA[<html><body><p>Осмотр</p><p>Жалоб &lt;нет&gt;</p></body></html>]]></text>",
            "Осмотр\nЖалоб <нет>",
        ),
    ],
)
def test_a_body_without_sections(text: str, shown: str) -> None:
    (document,) = records(x.unstructured(text))
    assert [(one.title, one.text) for one in document.sections] == [(None, shown)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<![CDATA[<table><tr><td>Жалобы</td><td>нет</td></tr></table>]]>", "Жалобы | нет"),
        ("<table><tr><td>A<table><tr><td>b</td><td>c</td></tr></table></td></tr></table>", "A\nb | c"),
        (
            "Лёгкие чистые.\nКорни структурны:\n - слева\n - справа",
            "Лёгкие чистые.\nКорни структурны:\n- слева\n- справа",
        ),
        ("<table><tr><td>15.05<br/>10:00</td><td><paragraph>a</paragraph></td></tr></table>", "15.05 10:00 | a"),
        ("Головное\n      предлежание I плода", "Головное предлежание I плода"),
        ("Гемоглобин &lt;p 5 и &gt; 3", "Гемоглобин <p 5 и > 3"),
    ],
)
def test_a_narrative_in_any_shape(text: str, shown: str) -> None:
    assert texts(x.section("RESINFO", text=text)) == [shown]


def test_paragraphs_of_a_protocol_without_a_narrative() -> None:
    protocol = x.field("1805", "Печень обычна.\nПочки без\n особенностей.\n\nселезёнка не видна")
    assert texts(x.section("RESINFO", protocol)) == [
        "поле 1805: Печень обычна.\nПочки без особенностей.\nселезёнка не видна"
    ]


def test_words_that_an_entry_points_at() -> None:
    named = '<code nullFlavor="NA"><originalText><reference value="#n"/></originalText></code>'
    (found,) = labs(x.observation(named + x.quantity("5")), text='<table><tr><td ID="n">Белок</td></tr></table>')
    assert (found.analyte, found.value) == ("Белок", "5")


def test_references_do_not_multiply_a_text() -> None:
    """One long text named a thousand times is not a thousand texts."""
    pointing = x.observation(x.code("7006", x.FIELD) + '<text><reference value="#n"/></text>')
    long = f'<paragraph ID="n">{"слово " * 2000}</paragraph>'
    content = x.document(x.section("ANAM", *[entry(pointing)] * 2000, text=long))
    assert sum(len(one.text) for one in records(content)[0].sections) < 20_000


def test_what_the_physician_wrote_beside_the_code() -> None:
    value = f'<value xsi:type="CD" code="J45.0" codeSystem="{x.ICD}" displayName="Астма"><originalText>Астма, лёгкая</originalText></value>'
    assert texts(x.section("DGN", entry(x.observation(x.code("838", x.FIELD, "Диагноз") + value)), text="Астма")) == [
        "Астма\nДиагноз: Астма; Астма, лёгкая"
    ]


def test_a_coded_field_that_the_narrative_does_not_tell() -> None:
    status = x.observation(x.code("6021", x.FIELD, "Статус") + x.coded("1", "1.2", "Состоит"))
    assert texts(x.section("MEDEXAMINFO", entry(status), text="Осмотры пройдены")) == [
        "Осмотры пройдены\nСтатус: Состоит"
    ]


@pytest.mark.parametrize("system", [x.FSLI, f"{x.M}11.1367", "1.2.3.4"])
def test_antibiotics_under_any_code(system: str) -> None:
    tried = x.observation(
        x.code("1", system, "Ампициллин") + x.coded("R", "1.2", "Устойчив") + '<interpretationCode code="R"/>'
    )
    remark = x.observation(x.code("7006", x.FIELD, "Примечание") + x.told("рост"))
    inside = "".join(f'<entryRelationship typeCode="COMP">{found}</entryRelationship>' for found in (tried, remark))
    found = labs(x.result(x.coded("77", f"{x.M}11.1087", "Escherichia coli") + inside, name="Бактерии"))
    assert [(one.analyte, one.value, one.flag) for one in found] == [
        ("Бактерии", "Escherichia coli", None),
        ("Ампициллин", "Устойчив", "R"),
    ]


def ranged(text: str, whom: str = "", flag: str = "") -> str:
    told = f'<precondition><criterion><value xsi:type="ST">{whom}</value></criterion></precondition>' if whom else ""
    mark = f'<interpretationCode code="{flag}"/>' if flag else ""
    return f"<referenceRange><observationRange><text>{text}</text>{mark}{told}</observationRange></referenceRange>"


@pytest.mark.parametrize(
    ("ranges", "text", "beyond"),
    [
        (ranged("муж 4-5") + ranged("жен 3-4"), "муж 4-5; жен 3-4", None),
        (ranged("4-5", "мужчины") + ranged("3-4", "женщины"), "мужчины: 4-5; женщины: 3-4", None),
        (ranged("4-5", flag="N") + ranged("> 20", flag="HH"), "4-5; HH: > 20", False),
        (ranged("&lt; 4,5"), "< 4,5", True),
        (ranged("3-4 мг/л"), "3-4 мг/л", None),
        (ranged("> 20", flag="HH"), "HH: > 20", None),
    ],
)
def test_several_ranges(ranges: str, text: str, beyond: bool | None) -> None:
    (found,) = labs(x.result(x.quantity("5") + ranges))
    assert (found.reference, found.out_of_range) == (models.Reference(text=text), beyond)


def test_two_numeric_ranges_compare_nothing() -> None:
    (found,) = labs(x.result(x.quantity("166") + x.span("130", "170") + x.span("120", "150")))
    assert found.reference == models.Reference(text="130–170 g/l; 120–150 g/l")
    assert found.out_of_range is None


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        ('<value xsi:type="PQ" value="1.015" unit="1"/>', ("1.015", None, None)),
        ("<text>не обнаружено</text>", (None, None, "не обнаружено")),
        (
            '<value xsi:type="PQ" value="1" unit="%"><translation value="1" displayName="процент"/></value>',
            ("1", "процент", None),
        ),
    ],
)
def test_values_and_words_in_their_place(inner: str, told: tuple[str | None, ...]) -> None:
    (found,) = labs(x.result(inner))
    assert (found.value, found.unit, found.comment) == told


def test_a_guardian_is_not_the_patient() -> None:
    number = '<id root="1.2.643.100.3" extension="000-000-101 23"/>'
    name = "<guardianPerson><name><family>Мамина</family><given>Ольга</given></name></guardianPerson>"
    found = one(x.document().replace(b"</patient>", f"<guardian>{number}{name}</guardian></patient>".encode()))
    assert found.patient is not None
    assert (found.patient.family, found.patient.snils) == ("Пробная", "000-000-102 24")


def test_a_document_about_two_people_is_nobodys() -> None:
    content = x.document().decode()
    start, end = content.index("<recordTarget>"), content.index("<author>")
    again = content[start:end]
    found = one((content[:end] + again.replace("Пробная", "Другая") + content[end:]).encode())
    assert (found.problem, found.reason) == (
        "failed",
        "several_patients: the document is about more than one patient; ask for one of each",
    )
    assert one((content[:end] + again + content[end:]).encode()).problem is None


def test_the_first_author_who_is_a_person() -> None:
    device = b"<author><assignedAuthor><assignedAuthoringDevice/></assignedAuthor></author>"
    (document,) = records(x.document().replace(b"<author>", device + b"<author>", 1))
    assert document.author.name == "Врачов Иван Ильич"


def test_a_service_ordered_without_an_act() -> None:
    service = x.observation(x.code("833", x.FIELD) + x.coded("A04", "1.2", "УЗИ"), mood="RQO")
    found = records(x.document(x.section("SCOPORG", entry(service))))
    assert [one.display for one in found if isinstance(one, models.Referral)] == ["УЗИ"]


def test_an_undeclared_prefix_is_named() -> None:
    content = x.document(x.section("RESLAB", x.battery(x.result(x.told("1")))))
    found = one(content.replace(b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', b""))
    assert (found.problem, (found.reason or "").partition(": ")[2]) == (
        "failed",
        "a prefix of names is not declared (xmlns)",
    )


@pytest.mark.parametrize(
    ("written", "date", "kept"),
    [
        ("2026-03-01T10:00:00+03:00", "2026-03-01T10:00:00+03:00", None),
        ("2026-03-01", "2026-03-01", None),
        ("01.03.2026", None, "01.03.2026"),
        ("2026-02-31", None, "2026-02-31"),
    ],
)
def test_times_of_another_standard(written: str, date: str | None, kept: str | None) -> None:
    (document,) = records(x.document(date=written))
    assert (document.date, document.date_text) == (date, kept)


def test_every_name_with_a_prefix() -> None:
    content = x.document(x.section("RESLAB", x.battery(x.result(x.quantity("5,40"))))).decode()
    prefixed = re.sub(r"<(/?)(?=[A-Za-z]+[ />])(?!i:)", r"<\1h:", content).replace('xmlns="urn', 'xmlns:h="urn')
    (found,) = [one for one in records(prefixed.encode()) if isinstance(one, models.LabResult)]
    assert (found.value, found.value_number) == ("5,40", 5.4)


def allergic(agent: str, *seen: str, comment: str) -> models.Allergy:
    """The one allergy of a document: an agent, what it did, a comment."""
    playing = f"<participantRole><playingEntity>{agent}</playingEntity></participantRole>"
    did = "".join(
        f'<entryRelationship typeCode="MFST">{x.observation(x.code("7", f"{x.M}11.1063", name))}</entryRelationship>'
        for name in seen
    )
    kind = x.code("21", f"{x.M}11.1064", "Лекарственная аллергия")
    inner = f'{kind}<text>{comment}</text><participant typeCode="IND">{playing}</participant>{did}'
    found = records(x.document(x.section("ALL", entry(x.observation(inner)))))
    (allergy,) = [record for record in found if isinstance(record, models.Allergy)]
    return allergy


def test_an_allergy_says_what_it_did() -> None:
    named = allergic(x.code("205", f"{x.M}11.1367", "Ампициллин"), "Крапивница", "Отёк Квинке", comment="в детстве")
    assert (named.display, named.category, named.note) == ("Ампициллин", "Лекарственная аллергия", "в детстве")
    assert named.reactions == [models.Reaction(manifestations=["Крапивница", "Отёк Квинке"])]


def test_an_allergy_of_which_only_the_kind_is_known() -> None:
    bare = allergic("", comment="-")
    assert (bare.display, bare.category, bare.note, bare.reactions) == ("Лекарственная аллергия", None, None, [])
    named = allergic("<desc>Домашняя пыль</desc>", comment="-")
    assert (named.display, named.category, named.note) == ("Домашняя пыль", "Лекарственная аллергия", None)


def test_a_medicine_has_one_step() -> None:
    dose = '<doseQuantity value="500" unit="mg"><translation value="500" displayName="мг"/></doseQuantity>'
    route = '<routeCode code="1" displayName="Внутрь"/>'
    material = f"<manufacturedMaterial>{x.code('1', '1.2', 'Пробаза')}</manufacturedMaterial>"
    product = f"<consumable><manufacturedProduct>{material}</manufacturedProduct></consumable>"
    act = f'<substanceAdministration moodCode="EVN"><text>после еды</text>{route}{dose}{product}</substanceAdministration>'
    found = records(x.document(x.section("DRUG", entry(act))))
    (medicine,) = [record for record in found if isinstance(record, models.Prescription)]
    (step,) = medicine.dosage
    assert step.text == medicine.instructions == "после еды; Внутрь"
    assert (step.dose, step.route, step.schedule) == (medicine.dose, "Внутрь", None)
