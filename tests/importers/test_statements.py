"""Where every statement of a document is: counted without the reader, and in a place because the card says its words."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import models
from emkcli.importers.cda.statement_count import counted
from emkcli.importers.document_reader import read
from emkcli.importers.source_document import Parsed
from emkcli.models.content_account import Ledger
from tests.conftest import Emk
from tests.importers import semd_invented as x

UNKNOWN_CODE = x.code("42", "1.2.3.4", "Индекс Пробы")


def ledger_of(content: bytes) -> tuple[Ledger, Parsed]:
    (document,) = read("-", io.BytesIO(content))
    ledger = Ledger(Counter(document.counted))
    for piece in document.pieces():
        ledger.note(piece.placements)
    return ledger, document


def places(content: bytes) -> dict[str, int]:
    """What is not zero; the total is what the counter found."""
    numbers = ledger_of(content)[0].account().to_builtins()
    total = numbers.pop("total")
    assert total == sum(numbers.values()) == sum(counted(content).values())
    return {place: count for place, count in numbers.items() if count}


def section_text(content: bytes) -> str:
    (piece,) = ledger_of(content)[1].pieces()
    document = piece.records[0]
    assert isinstance(document, models.Document)
    return "\n".join(section.text for section in document.sections)


def entry(inner: str) -> str:
    return f"<entry>{inner}</entry>"


WEIGHT = entry(x.observation(x.code("50", f"{x.M}99.2.262", "Масса тела") + x.quantity("3101", "g", "г")))
DOCUMENTS = {
    "a field": x.document(x.section("COMPLNTS", x.field("835", "Кашель"))),
    "results": x.document(x.section("RESLAB", x.battery(x.result(x.quantity("131"))), text="Гемоглобин 131 г/л")),
    "signs": x.document(x.section("VITALPARAM", WEIGHT, text="Измерено")),
    "words alone": x.document(x.section("COMPLNTS", text="Жалоб нет")),
    "a section in a section": x.document(x.section("DOCINFO", inner=x.section("COMPLNTS", x.field("835", "Кашель")))),
}
PLANTED = {
    "an element nobody knows": "<horoscope><code code='1' displayName='Скорпион'/></horoscope>",
    "one of another namespace": "<z:observation xmlns:z='urn:z'><z:code code='1' displayName='Скорпион'/></z:observation>",
    "a value nobody reads": x.observation(UNKNOWN_CODE + '<value xsi:type="GLIST_PQ" increment="7"/>'),
    "something inside what nobody knows": "<horoscope><entryRelationship>"
    + x.observation(UNKNOWN_CODE + x.told("Скорпион"))
    + "</entryRelationship></horoscope>",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_unread_that_is_shown(name: str) -> None:
    assert "unread" not in places(DOCUMENTS[name])


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_planted_shows_itself(name: str, planted: str) -> None:
    content = DOCUMENTS[name].replace(b"</section>", entry(PLANTED[planted]).encode() + b"</section>", 1)
    before, after = places(DOCUMENTS[name]), places(content)
    is_inside, is_result = planted.startswith("something inside"), name == "results"
    assert after.pop("unread") == (2 if is_inside and not is_result else 1)
    assert after == before | ({"records": before["records"] + 1} if is_inside and is_result else {})
    assert section_text(content).count("Скорпион") == 0


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_no_list_knows_stands_in_the_text(name: str) -> None:
    planted = entry(x.observation(UNKNOWN_CODE + x.quantity("7.25", "mg", "мг")))
    content = DOCUMENTS[name].replace(b"</section>", planted.encode() + b"</section>", 1)
    before, after = places(DOCUMENTS[name]), places(content)
    place = "records" if name == "results" else "text"
    assert after == before | {place: before.get(place, 0) + 1}
    assert ("Индекс Пробы: 7.25 мг" in section_text(content)) is (place == "text")
    assert "Индекс Пробы" not in section_text(DOCUMENTS[name])


@pytest.mark.parametrize(
    ("text", "is_added"),
    [
        ("Индекс Пробы 7,25 мг", False),
        ("<table><tbody><tr><td>Индекс</td><td>7.25 мг</td></tr></tbody></table>", False),
        ("Осмотр 7.25", True),
        ("<table><tbody><tr><td>Индекс</td></tr><tr><td>7.25 мг</td></tr></tbody></table>", True),
        ("Индекс Пробы 17.25 мг", True),
        ("Индекс Пробы 7 мг, 25 раз", True),
    ],
)
def test_a_number_is_in_a_narrative_when_it_stands_beside_its_name(text: str, *, is_added: bool) -> None:
    planted = entry(x.observation(UNKNOWN_CODE + x.quantity("7.25", "mg", "мг")))
    content = x.document(x.section("DOCINFO", planted, text=text))
    assert ("Индекс Пробы: 7.25 мг" in section_text(content)) is is_added
    assert places(content) == {"text": 2}


def test_what_is_said_twice_is_printed_once_and_counted_twice() -> None:
    planted = entry(x.observation(UNKNOWN_CODE + x.quantity("7.25", "mg", "мг")))
    content = x.document(x.section("DOCINFO", planted, planted, text="Осмотр"))
    assert section_text(content).count("Индекс Пробы") == 1
    assert places(content) == {"text": 3}


STRAY = x.observation(UNKNOWN_CODE + x.quantity("7.25", "mg", "мг"))


@pytest.mark.parametrize("around", ["{}", "<component>{}</component>"])
@pytest.mark.parametrize(("kind", "place"), [("DOCINFO", "text"), ("RESLAB", "records")])
def test_a_statement_without_an_entry_is_read_like_one_with_it(around: str, kind: str, place: str) -> None:
    content = x.document(x.section(kind, around.format(STRAY), text="Осмотр"))
    assert counted(content) == {"observation": 1, "section": 1}
    assert places(content) == ({"text": 2} if place == "text" else {"text": 1, place: 1})
    assert places(content) == places(x.document(x.section(kind, entry(STRAY), text="Осмотр")))
    assert ("Индекс Пробы: 7.25 мг" in section_text(content)) is (place == "text")


def test_what_stands_without_an_entry_is_counted_with_what_is_inside_it() -> None:
    inside = f"<entryRelationship>{x.observation(UNKNOWN_CODE + x.told('Скорпион'))}</entryRelationship>"
    content = x.document(x.section("DOCINFO", x.observation(UNKNOWN_CODE + inside), text="Осмотр"))
    assert places(content) == {"text": 3}
    assert section_text(content).count("Скорпион") == 1


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (x.section("DOCINFO", PLANTED["an element nobody knows"]), "horoscope"),
        (x.section("DOCINFO", f"<component>{PLANTED['an element nobody knows']}</component>"), "horoscope"),
        (STRAY, "observation"),
    ],
    ids=["in a section", "in a component", "in the body"],
)
def test_what_has_no_place_where_it_stands_is_unread(body: str, name: str) -> None:
    assert counted(x.document(body)) == {name: 1}
    assert places(x.document(body)) == {"unread": 1}


def test_a_statement_too_deep_is_unread() -> None:
    inside = x.observation(UNKNOWN_CODE + x.told("Скорпион"))
    for _level in range(70):
        inside = x.observation(f"{UNKNOWN_CODE}<entryRelationship>{inside}</entryRelationship>")
    assert places(x.document(x.section("DOCINFO", entry(inside))))["unread"] > 5


def test_an_import_says_what_it_did_not_understand(emk: Emk, tmp_path: Path) -> None:
    planted = entry(PLANTED["an element nobody knows"])
    file = tmp_path / "document.xml"
    file.write_bytes(x.document(x.section("COMPLNTS", x.field("835", "Кашель"), planted, title="Жалобы")))
    run = emk("card", "import", str(file), "--insecure-storage", "-o", "json")
    (result,) = json.loads(run.out)["items"]
    assert (run.code, result["status"]) == (12, "added")
    assert result["account"]["total"] == 2
    assert [(one["what"], one["count"]) for one in result["unread"]] == [("horoscope", 1)]
    assert result["unread"][0]["where"].endswith("document.xml")
    assert "COMPLNTS / 1" in result["unread"][0]["reason"]
    assert "Скорпион" not in result["unread"][0]["reason"], "names may name people"


NAMES = st.sampled_from(["Рост", "Пульс", "Группа крови", "Индекс Пробы"])
VALUES = st.sampled_from(
    [x.told("Да"), x.quantity("7.25"), x.quantity("120"), '<value xsi:type="BL" value="true"/>', ""]
)
STATEMENTS = st.recursive(
    st.builds(lambda name, value: x.observation(x.code("42", "1.2.3.4", name) + value), NAMES, VALUES),
    lambda inner: st.builds(
        lambda name, parts: (
            f'<organizer classCode="CLUSTER" moodCode="EVN">{x.code("43", "1.2.3.4", name)}'
            + "".join(f"<component>{part}</component>" for part in parts)
            + "</organizer>"
        ),
        NAMES,
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
SECTIONS = st.builds(
    lambda kind, text, entries: x.section(kind, *map(entry, entries), text=text),
    st.sampled_from(["DOCINFO", "RESLAB", "VITALPARAM", "HOSP", "NBINFO"]),
    st.sampled_from(["", "Пульс 120", "Осмотр", "<list><item>Рост 7.25 г/л</item></list>"]),
    st.lists(STATEMENTS, max_size=4),
)


@given(st.lists(SECTIONS, min_size=1, max_size=3))
def test_the_numbers_add_up(sections: list[str]) -> None:
    content = x.document(*sections)
    assert "unread" not in places(content)
    (piece,) = ledger_of(content)[1].pieces()
    said = " ".join(record.to_json().decode() for record in piece.records)
    for number in ("7.25", "120"):
        assert (f'value="{number}"' not in content.decode()) or number in said


def allergy(*inside: str) -> models.Allergy:
    parts = "".join(f'<entryRelationship typeCode="COMP">{part}</entryRelationship>' for part in inside)
    reaction = x.observation(x.code("20", f"{x.M}11.1064", "Аллергические реакции") + parts)
    (piece,) = ledger_of(x.document(x.section("ALL", entry(reaction))))[1].pieces()
    (found,) = (record for record in piece.records if isinstance(record, models.Allergy))
    return found


def substance(name: str) -> str:
    material = f"<manufacturedMaterial>{x.code('1', f'{x.M}11.1367', name)}</manufacturedMaterial>"
    product = f"<consumable><manufacturedProduct>{material}</manufacturedProduct></consumable>"
    return f'<substanceAdministration classCode="SBADM" moodCode="EVN">{product}</substanceAdministration>'


FOUND_ON = x.observation(x.code("12118", x.FIELD) + x.when("20190405"))
IN_WORDS = x.observation(x.code("12119", x.FIELD) + x.told("защищённые пенициллины"))
AS_A_CODE = x.observation(x.code("12", x.FIELD) + x.coded("7", f"{x.M}11.1367", "Пыльца берёзы"))


@pytest.mark.parametrize(
    ("inside", "display", "date"),
    [
        ((substance("Амоксициллин"), FOUND_ON, IN_WORDS), "Амоксициллин", "2019-04-05"),
        ((IN_WORDS, FOUND_ON), "защищённые пенициллины", "2019-04-05"),
        ((AS_A_CODE,), "Пыльца берёзы", "2026-03-01T10:00:00+03:00"),
        ((), "Аллергические реакции", "2026-03-01T10:00:00+03:00"),
    ],
)
def test_what_causes_an_allergy(inside: tuple[str, ...], display: str, date: str) -> None:
    found = allergy(*inside)
    assert (found.display, found.date) == (display, date)


def records_of(content: bytes, kind: type) -> list[models.Model]:
    (piece,) = ledger_of(content)[1].pieces()
    return [record for record in piece.records if isinstance(record, kind)]


@pytest.mark.parametrize(
    ("sent", "flag", "interpretation"),
    [
        ('<interpretationCode code="H" displayName="Выше нормы"/>', "H", None),
        ('<interpretationCode code="2" codeSystem="1.2.3" displayName="Выше нормы"/>', None, "Выше нормы"),
        (
            '<interpretationCode nullFlavor="OTH"><originalText>Резко повышен</originalText></interpretationCode>',
            *(None, "Резко повышен"),
        ),
        ("", None, None),
    ],
)
def test_an_interpretation_is_a_code_of_hl7_or_words(sent: str, flag: str | None, interpretation: str | None) -> None:
    content = x.document(x.section("RESLAB", x.battery(x.result(x.quantity("131") + sent))))
    (result,) = records_of(content, models.LabResult)
    assert isinstance(result, models.LabResult)
    assert (result.flag, result.interpretation) == (flag, interpretation)


@pytest.mark.parametrize(
    ("stage", "verification"), [("Предварительный", "provisional"), ("Заключительный клинический", None)]
)
def test_a_preliminary_diagnosis_is_provisional(stage: str, verification: str | None) -> None:
    icd = x.observation(x.code("1", x.KIND, "Основной") + x.coded("J45.0", x.ICD, "Астма"))
    act = f'<act classCode="ACT" moodCode="EVN">{x.code("1", x.STAGE, stage)}<entryRelationship>{icd}</entryRelationship></act>'
    (diagnosis,) = records_of(x.document(x.section("DGN", entry(act))), models.Diagnosis)
    assert isinstance(diagnosis, models.Diagnosis)
    assert (diagnosis.status, diagnosis.verification_status) == (stage, verification)


def test_a_vaccine_that_was_refused_says_why() -> None:
    reason = x.observation(x.code("1", "1.2.3", "Причина") + x.told("Отказ родителей"))
    material = f"<manufacturedMaterial>{x.code('5', f'{x.M}11.1078', 'Приорикс')}</manufacturedMaterial>"
    product = f"<consumable><manufacturedProduct>{material}</manufacturedProduct></consumable>"
    link = f'<entryRelationship typeCode="RSON">{reason}</entryRelationship>'
    given = f'<substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="true">{product}{link}</substanceAdministration>'
    (vaccination,) = records_of(x.document(x.section("IMM", entry(given))), models.Vaccination)
    assert isinstance(vaccination, models.Vaccination)
    assert (vaccination.status, vaccination.status_reason) == ("not-done", "Отказ родителей")


def procedure(inside: str = "", *, mood: str = "EVN", negated: str = "") -> str:
    code = x.code("A16.12.004", f"{x.M}11.1070", "Стентирование артерии")
    text = "<text>Стентирование передней артерии</text>"
    return (
        f'<procedure classCode="PROC" moodCode="{mood}"{negated}>{code}{text}{x.when("20211011")}{inside}</procedure>'
    )


def procedures_in(section: str, entry_inside: str) -> list[models.Model]:
    return records_of(x.document(x.section(section, entry(entry_inside))), models.Procedure)


def test_an_operation_is_a_procedure() -> None:
    person = "<assignedPerson><name><family>Хирургов</family></name></assignedPerson>"
    performer = f"<performer><assignedEntity>{person}</assignedEntity></performer>"
    (done,) = procedures_in("SUR", procedure(performer))
    assert isinstance(done, models.Procedure)
    assert (done.date, done.code, done.display) == ("2021-10-11", "A16.12.004", "Стентирование артерии")
    assert (done.note, done.doctor and done.doctor.name) == ("Стентирование передней артерии", "Хирургов")
    assert places(x.document(x.section("SUR", entry(procedure(performer))))) == {"records": 1}


@pytest.mark.parametrize(
    ("section", "inside"),
    [
        ("SPECIMENS", procedure()),
        ("RESLAB", procedure()),
        ("SUR", procedure(mood="RQO")),
        ("SUR", procedure(negated=' negationInd="true"')),
        ("NBINFO", procedure()),
    ],
)
def test_what_was_only_ordered_or_denied_or_took_a_sample_is_none(section: str, inside: str) -> None:
    assert procedures_in(section, inside) == []
    assert "unread" not in places(x.document(x.section(section, entry(inside))))


def test_who_did_it_is_not_who_wrote_it() -> None:
    (done,) = procedures_in("SUR", procedure())
    assert isinstance(done, models.Procedure)
    assert done.doctor is None


def performer(family: str, kind: str = "PPRF") -> str:
    person = f"<assignedPerson><name><family>{family}</family></name></assignedPerson>"
    return f'<performer typeCode="{kind}"><assignedEntity>{person}</assignedEntity></performer>'


def operators(
    *performers: str, begins: str = "20211011", name: str = "Хирургическое вмешательство", inside: str = ""
) -> str | None:
    """Who is told to have done the only procedure of a document about such an event."""
    event = f"{x.code('12', x.M + '99.2.726', name)}{x.when(begins) if begins else ''}{''.join(performers)}"
    extra = f"<documentationOf><serviceEvent>{event}</serviceEvent></documentationOf>"
    content = x.document(x.section("SUR", entry(procedure(inside))), extra=extra)
    (done,) = records_of(content, models.Procedure)
    assert isinstance(done, models.Procedure)
    return done.doctor.name if done.doctor else None


def test_a_protocol_of_an_operation_names_who_did_it_in_its_header() -> None:
    assistant, surgeon = performer("Ассистентов", "SPRF"), performer("Хирургов")
    assert operators(assistant, surgeon) == operators(surgeon, assistant) == "Хирургов"
    assert operators(surgeon, begins="202110110930+0300") == operators(surgeon, begins="") == "Хирургов"
    assert operators(assistant) == "Ассистентов"
    assert operators(surgeon, inside=performer("Другой")) == "Другой"


def test_who_did_something_else_did_not_do_the_operation() -> None:
    surgeon = performer("Хирургов")
    assert operators(surgeon, begins="20211012") is None
    assert operators(surgeon, name="Госпитализация") is None
    assert operators() is None


def test_a_procedure_says_when_it_ended() -> None:
    span = '<effectiveTime><low value="202110111530+0300"/><high value="202110111600+0300"/></effectiveTime>'
    (done,) = procedures_in("SUR", procedure().replace(x.when("20211011"), span))
    assert isinstance(done, models.Procedure)
    assert done.date == "2021-10-11T15:30:00+03:00"
    assert done.date_text == "2021-10-11T15:30:00+03:00/2021-10-11T16:00:00+03:00"
