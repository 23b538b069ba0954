"""The elements of FHIR have names that a reader understands, in both languages; the data keep their paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from emkcli.fhir.codecs import KIND_OF_TYPE, TOLD_BY_CONTENT
from emkcli.fhir.resource_types import OF_A_PATIENT, OF_A_SUBJECT
from emkcli.views import details
from emkcli.views.element_names import english, in_words
from emkcli.views.element_words import NAMES
from tests.conftest import Emk
from tests.invented import PATIENT, bundle, encoded

TABLE = Path(__file__).parent.parent / "fhir" / "r4_elements.txt"
READ = (OF_A_PATIENT | OF_A_SUBJECT | TOLD_BY_CONTENT.keys()) & {
    kind for kind, record in KIND_OF_TYPE.items() if record.__name__ == "Other"
}
CONTRACTS = {"Contract", "MolecularSequence", "Claim", "ClaimResponse", "ExplanationOfBenefit"}
ELIGIBILITY = {"CoverageEligibilityRequest", "CoverageEligibilityResponse"}


def names() -> set[str]:
    """The elements of the types that a card may hold in `other`, but of bills and sequences."""
    rows = (line.split() for line in TABLE.read_text(encoding="utf-8").splitlines())
    wanted = READ - CONTRACTS - ELIGIBILITY
    told = (cell for kind, *cells in rows if kind.partition(".")[0] in wanted for cell in cells)
    return {cell.partition(":")[0].removesuffix("[x]") for cell in told}


def test_every_element_has_a_name() -> None:
    assert "lensSpecification" in names()
    assert {name for name in names() if english(name) not in NAMES} == set()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("stage.summary", "stage, summary"),
        ("statusReasonCodeableConcept", "status reason"),
        ("not-taken", "not taken"),
        ("Курите ли вы", "Курите ли вы"),
    ],
)
def test_a_path_in_words(path: str, name: str) -> None:
    assert in_words(path) == name


def test_words_of_a_source_stay() -> None:
    assert details.in_words("План: бег\nnote: пить\nactivity.detail.code: ходьба") == "\n".join(
        ["План: бег", "note: пить", "activity, detail, code: ходьба"]
    )


def test_a_russian_reads_no_english_names(emk: Emk, tmp_path: Path) -> None:
    plan = {
        "resourceType": "CarePlan",
        "id": "x",
        "status": "active",
        "subject": {"reference": "Patient/p1"},
        "title": "План",
        "activity": [{"detail": {"status": "in-progress", "statusReason": {"text": "слаб"}}}],
    }
    path = tmp_path / "one.json"
    path.write_bytes(encoded(bundle(PATIENT, plan)))
    assert emk("card", "import", str(path), "--insecure-storage").code == 0
    (item,) = emk("card", "other", "--json").items
    assert item["text"] == "activity.detail.status: in-progress\nactivity.detail.statusReason: слаб"
    shown = emk("--lang", "ru", "card", "show", item["id"], "-o", "table").out
    assert "действие, подробности, причина статуса: слаб" in shown
    assert "activity" not in shown
