"""A code of ICD-10 in a section of diagnoses is a diagnosis wherever it stands, and what is said about it stays with it."""

from __future__ import annotations

import io

import pytest

from emkcli import models
from emkcli.importers.document_reader import read
from tests.importers import semd_invented as x
from tests.importers.test_statements import entry, records_of, section_text

UNKNOWN = f"{x.M}11.9999"
KIND = x.code("1", x.KIND, "Основное")
INFARCTION = x.coded("I21.0", x.ICD, "Инфаркт")


def diagnosed(*statements: str) -> list[models.Diagnosis]:
    content = x.document(x.section("DGN", *map(entry, statements)))
    return [one for one in records_of(content, models.Diagnosis) if isinstance(one, models.Diagnosis)]


def qualified(name: str, value: str) -> str:
    inner = f'<qualifier><name code="x" displayName="{name}"/><value code="1" displayName="{value}"/></qualifier>'
    return x.observation(KIND + INFARCTION.replace("/>", f">{inner}</value>"))


@pytest.mark.parametrize(
    "statement",
    [
        x.observation(x.code("I21.0", x.ICD, "Инфаркт")),
        x.observation(x.code("I21.0", UNKNOWN, "Инфаркт")),
        x.observation(x.code("1", UNKNOWN, "Диагноз") + INFARCTION),
        x.observation(KIND + x.coded("I21.0", UNKNOWN, "Инфаркт")),
        x.observation(KIND + '<value xsi:type="CD" code="I21.0" displayName="Инфаркт"/>'),
        f"<act>{x.code('I21.0', x.ICD, 'Инфаркт')}</act>",
    ],
)
def test_a_code_is_a_diagnosis_wherever_it_stands(statement: str) -> None:
    assert [(one.code, one.display) for one in diagnosed(statement)] == [("I21.0", "Инфаркт")]


@pytest.mark.parametrize(
    "statement",
    [
        x.observation(x.code("W01", x.ICD, "Падение")),
        x.observation(x.code("808", x.FIELD, "Состояние") + INFARCTION),
        x.observation(x.code("I21.0", x.ICD, "Инфаркт"), mood="RSK"),
    ],
)
def test_a_cause_a_finding_and_a_risk_are_none(statement: str) -> None:
    assert diagnosed(statement) == []


@pytest.mark.parametrize(
    ("name", "value", "verification"),
    [
        ("исключён", "да", "refuted"),
        ("Статус", "не подтверждён", "refuted"),
        ("Статус", "под вопросом", "provisional"),
        ("исключён", "нет", None),
        ("Стадия", "II", None),
    ],
)
def test_what_qualifies_a_diagnosis_is_told_with_it(name: str, value: str, verification: str | None) -> None:
    (diagnosis,) = diagnosed(qualified(name, value))
    assert (diagnosis.verification_status, diagnosis.note) == (verification, f"{name}: {value}")
    assert diagnosis.status == f"{name}: {value}"


def test_the_document_lists_it_with_the_same_words() -> None:
    content = x.document(x.section("DGN", entry(qualified("исключён", "да"))))
    (document,) = records_of(content, models.Document)
    assert isinstance(document, models.Document)
    assert [coding.display for coding in document.diagnoses] == ["Инфаркт (исключён: да)"]


def warnings(*statements: str) -> str:
    (parsed,) = read("-", io.BytesIO(x.document(x.section("DGN", *map(entry, statements)))))
    (piece,) = parsed.pieces()
    return "\n".join(piece.contradictions)


def test_a_code_that_gives_no_diagnosis_is_told() -> None:
    known = x.observation(KIND + INFARCTION)
    unknown = x.observation(KIND + x.coded("С-17/4", UNKNOWN, "Скорпион"))
    assert "no diagnosis emk knows" in warnings(known, unknown)
    assert "Скорпион" in section_text(x.document(x.section("DGN", entry(unknown))))
    denied = unknown.replace("<observation", '<observation negationInd="true"')
    assert "no diagnosis emk knows" not in warnings(known, denied)
