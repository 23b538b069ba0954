"""What is denied, taken back, aimed at or about relatives: never what the patient has, and never a text that says so."""

from __future__ import annotations

import pytest

from emkcli import models
from emkcli.importers.cda.tree import words
from tests.importers import semd_invented as x
from tests.importers.test_printed_labs import BLOOD, HEAD, document, labs, line, table
from tests.importers.test_statements import entry, places, procedure, records_of, section_text, substance

ASTHMA = x.code("838", x.FIELD, "Диагноз") + x.coded("J45.0", x.ICD, "Астма")


def observed(inner: str, more: str = "", mood: str = "EVN") -> str:
    return f'<observation classCode="OBS" moodCode="{mood}"{more}>{inner}</observation>'


def nullified(inner: str) -> str:
    return observed(inner + '<statusCode code="nullified"/>')


@pytest.mark.parametrize("negation", ["true", "1"])
@pytest.mark.parametrize("text", ["", "Астма"])
def test_a_denied_diagnosis_is_none_and_the_text_says_so(negation: str, text: str) -> None:
    content = x.document(x.section("DGN", entry(observed(ASTHMA, f' negationInd="{negation}"')), text=text))
    assert records_of(content, models.Diagnosis) == []
    assert "Астма — отрицается" in section_text(content)
    assert "unread" not in places(content)


def test_what_is_inside_of_what_is_denied_is_denied() -> None:
    inner = f"<entryRelationship>{observed(ASTHMA)}</entryRelationship>"
    act = (
        f'<act classCode="ACT" moodCode="EVN" negationInd="true">{x.code("1", x.STAGE, "Заключительный")}{inner}</act>'
    )
    assert records_of(x.document(x.section("DGN", entry(act))), models.Diagnosis) == []


def test_a_diagnosis_that_was_taken_back_is_entered_in_error() -> None:
    content = x.document(x.section("DGN", entry(nullified(ASTHMA)), text="Астма"))
    (diagnosis,) = records_of(content, models.Diagnosis)
    assert isinstance(diagnosis, models.Diagnosis)
    assert diagnosis.verification_status == "entered-in-error"
    assert "отменено" in section_text(content)


@pytest.mark.parametrize(("mood", "word"), [("GOL", "цель"), ("RSK", "риск"), ("RQO", "назначено")])
def test_an_aim_a_risk_and_an_order_are_no_facts(mood: str, word: str) -> None:
    weight = x.code("50", f"{x.M}99.2.262", "Масса тела") + x.quantity("60", "kg", "кг")
    content = x.document(x.section("VITALPARAM", entry(observed(weight, mood=mood))))
    assert records_of(content, models.Vital) == []
    assert f"Масса тела: 60 кг — {word}" in section_text(content)


@pytest.mark.parametrize("title", ["Наследственность", "Семейный анамнез", "Отягощённая наследственность"])
def test_relatives_are_told_by_the_title_too(title: str) -> None:
    content = x.document(x.section("UNKNOWN", entry(observed(ASTHMA)), title=title))
    assert records_of(content, models.Diagnosis) == []
    assert "Астма" in section_text(content)


def test_a_medicine_has_its_largest_dose() -> None:
    largest = '<maxDoseQuantity><numerator value="8" unit="mg"/><denominator value="1" unit="d"/></maxDoseQuantity>'
    taken = substance("Варфарин").replace("<consumable>", f"{largest}<consumable>")
    (medicine,) = records_of(x.document(x.section("DRUG", entry(taken))), models.Prescription)
    assert isinstance(medicine, models.Prescription)
    assert "не более 8 mg / 1 d" in str(medicine.instructions)
    assert [step.max for step in medicine.dosage] == ["8 mg / 1 d"]


def test_a_sign_has_its_range_and_flag() -> None:
    code = x.code("50", f"{x.M}99.2.262", "Масса тела") + x.quantity("60", "kg", "кг")
    more = '<interpretationCode code="L"/>' + x.span("65", "80", "kg")
    (sign,) = records_of(x.document(x.section("VITALPARAM", entry(observed(code + more)))), models.Vital)
    assert isinstance(sign, models.Vital)
    assert sign.reference is not None
    assert (sign.flag, sign.reference.low, sign.reference.high) == ("L", "65", "80")


CT = x.code("7005028", f"{x.M}11.1471", "Компьютерная томография")
STUDY = x.told("опухоль 5 см")


def test_a_study_that_was_not_done_is_none_and_one_that_was_annulled_says_so() -> None:
    refused = x.document(x.section("RESINSTR", entry(observed(CT + STUDY, ' negationInd="true"')), text="Нет"))
    assert records_of(refused, models.Study) == []
    assert "отрицается" in section_text(refused)
    (study,) = records_of(x.document(x.section("RESINSTR", entry(nullified(CT + STUDY)))), models.Study)
    assert study.status == "nullified"
    (done,) = records_of(x.document(x.section("RESINSTR", entry(observed(CT + STUDY)))), models.Study)
    assert done.status is None


PENICILLIN = (
    x.code("1", f"{x.M}11.1064", "Лекарственная")
    + '<participant typeCode="CSM"><participantRole><playingEntity><name>Пенициллин</name></playingEntity></participantRole>'
    + "</participant>"
)


def test_an_allergy_that_was_annulled_is_an_error_also_by_the_act_around_it() -> None:
    around = '<act classCode="ACT" moodCode="EVN"><code code="1" codeSystem="1.2"/><statusCode code="aborted"/>'
    inside = f"{around}<entryRelationship>{observed(PENICILLIN)}</entryRelationship></act>"
    for statement in (nullified(PENICILLIN), inside):
        (allergy,) = records_of(x.document(x.section("ALL", entry(statement))), models.Allergy)
        assert (allergy.display, allergy.verification_status) == ("Пенициллин", "entered-in-error")


def test_every_allergen_that_is_named() -> None:
    second = PENICILLIN.partition("<participant ")[2].replace("Пенициллин", "Лидокаин")
    (allergy,) = records_of(
        x.document(x.section("ALL", entry(observed(f"{PENICILLIN}<participant {second}")))), models.Allergy
    )
    assert (allergy.display, allergy.verification_status) == ("Пенициллин; Лидокаин", None)


def test_results_of_a_battery_that_was_annulled_are_too() -> None:
    battery = x.battery(x.result(x.quantity("41"))).replace(
        "<component>", '<statusCode code="nullified"/><component>', 1
    )
    (result,) = records_of(x.document(x.section("RESLAB", battery)), models.LabResult)
    assert result.status == "nullified"


def test_a_referral_that_is_denied_is_none() -> None:
    sent = x.code("2", f"{x.M}11.1009", "На консультацию")
    for negation, count in (("", 1), (' negationInd="true"', 0)):
        act = f'<act classCode="ACT" moodCode="RQO"{negation}>{sent}</act>'
        assert len(records_of(x.document(x.section("SCOPORG", entry(act))), models.Referral)) == count


def test_what_stands_inside_of_what_is_denied_says_so_itself() -> None:
    inner = f"<entryRelationship>{observed(x.code('1', x.FSLI, 'Гемоглобин') + x.quantity('41'))}</entryRelationship>"
    act = f'<act classCode="ACT" moodCode="EVN" negationInd="true">{x.code("1", "1.2", "Анализ крови")}{inner}</act>'
    text = section_text(x.document(x.section("DOCINFO", entry(act))))
    assert "Гемоглобин: 41 г/л — отрицается" in text


def test_every_flag_that_was_sent() -> None:
    flags = "".join(f'<interpretationCode code="{flag}"/>' for flag in ("H", "A", "HH"))
    (result,) = records_of(
        x.document(x.section("RESLAB", x.battery(x.result(x.quantity("41") + flags)))), models.LabResult
    )
    assert (result.flag, result.interpretation) == ("H", "A; HH")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10<sup>9</sup>/л", "10^9/л"),
        ("CO<sub>2</sub>", "CO2"),
        ("7,9<sup>*</sup>", "7,9 *"),
        ("Глюкоза<footnote>повторить</footnote>", "Глюкоза (повторить)"),
        ('<content revised="delete">17,9</content>7,9', "[зачёркнуто: 17,9] 7,9"),
        ("Первая<br/>вторая", "Первая вторая"),
        ("<content>Первая</content>", "Первая"),
    ],
)
def test_the_form_of_a_narrative_is_told_where_its_text_alone_says_something_else(written: str, read: str) -> None:
    from lxml import etree

    assert words(etree.fromstring(f'<td xmlns="urn:hl7-org:v3">{written}</td>')) == read
    content = x.document(x.section("DOCINFO", text=f"<paragraph>{written}</paragraph>"))
    assert read in " ".join(section_text(content).split())


def test_a_test_of_heredity_is_ones_own() -> None:
    content = x.document(x.section("RESLAB", x.battery(x.result(x.quantity("41"))), title="Наследственные тромбофилии"))
    assert [result.value for result in records_of(content, models.LabResult)] == ["41"]


def test_a_device_that_was_put_in_is_in_the_text() -> None:
    device = '<playingDevice><code code="1" codeSystem="1.2" displayName="Стент коронарный"/></playingDevice>'
    put_in = f'<participant typeCode="DEV"><participantRole>{device}</participantRole></participant>'
    done = procedure().replace("</procedure>", f"{put_in}</procedure>")
    assert "Стент коронарный" in section_text(x.document(x.section("SUR", entry(done))))


# tables of results


def test_a_head_again_with_other_columns() -> None:
    again = line("Показатель", "Ед. изм.", "Результат")
    text = table(BLOOD).replace("</tbody>", f"{again}{line('Глюкоза', 'ммоль/л', '9,9')}</tbody>")
    assert [(one["analyte"], one["value"], one["unit"]) for one in labs(document(text))] == [
        ("Гемоглобин", "118", "г/л"),
        ("Глюкоза", "9,9", "ммоль/л"),
    ]


def test_two_results_side_by_side() -> None:
    head = ("Показатель", "Результат", "Показатель", "Результат")
    text = table(("Лейкоциты", "4,5", "Тромбоциты", "250"), head=head)
    assert [(one["analyte"], one["value"]) for one in labs(document(text))] == [
        ("Лейкоциты", "4,5"),
        ("Тромбоциты", "250"),
    ]


def test_what_stands_under_no_known_head_is_a_remark() -> None:
    (result,) = labs(document(table((*BLOOD, "гемолиз"), head=(*HEAD, "Прочее"))))
    assert result["comment"] == "гемолиз"


@pytest.mark.parametrize("name", ["Пациент", "СНИЛС", "Итого к оплате", "Возраст"])
def test_the_patient_and_the_bill_are_no_results(name: str) -> None:
    assert [one["analyte"] for one in labs(document(table(BLOOD, (name, "1500", "", "", ""))))] == ["Гемоглобин"]


def test_a_result_that_the_table_has_and_the_entries_do_not_is_said() -> None:
    entries = x.battery(x.result(x.quantity("118")))
    assert "unread" not in places(document(table(BLOOD), entries))
    more = document(table(BLOOD, ("Глюкоза", "9,9", "ммоль/л", "3,9 - 6,1", "")), entries)
    assert places(more)["unread"] == 1
    assert "unread" not in places(document(table(("Гемоглобин", "118,0", "г/л", "", "")), entries))


@pytest.mark.parametrize(
    "text",
    [
        "<![CDATA[<table><tr><td>Глюкоза</td><td>9,9</td></tr></table>]]>",
        table(BLOOD) + table(("Глюкоза", "9,9"), ("pH", "5"), head=("Test", "Value")),
    ],
)
def test_a_table_that_is_not_read_is_said(text: str) -> None:
    assert places(document(text)).get("unread") == 1


def test_a_procedure_that_is_denied_by_a_one() -> None:
    content = x.document(x.section("SUR", entry(procedure(negated=' negationInd="1"'))))
    assert records_of(content, models.Procedure) == []


def test_what_a_statement_says_beside_its_value_is_in_the_text() -> None:
    site = '<approachSiteCode code="1" codeSystem="1.2" displayName="Левое плечо"/>'
    product = "<manufacturedMaterial>" + x.code("1", "1.2", "Инсулин")
    product += '<lotNumberText>С-77</lotNumberText><expirationTime value="20271231"/></manufacturedMaterial>'
    inside = f'<repeatNumber value="3"/>{site}<rateQuantity value="2" unit="ml/h"/>'
    taken = f"{inside}<consumable><manufacturedProduct>{product}</manufacturedProduct></consumable>"
    administration = f'<substanceAdministration classCode="SBADM" moodCode="EVN">{taken}</substanceAdministration>'
    chair = (
        f'<supply classCode="SPLY" moodCode="EVN">{x.code("2", "1.2", "Кресло-коляска")}<quantity value="3"/></supply>'
    )
    content = x.document(x.section("DOCINFO", entry(administration), entry(chair), text="Назначено лечение"))
    text = section_text(content)
    for said in ("Левое плечо", "повторов 3", "скорость 2 ml/h", "серия С-77", "годен до 2027-12-31", "количество 3"):
        assert said in text
    assert "unread" not in places(content)
