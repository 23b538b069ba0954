"""When a record of the server and one of a document are one, and when two that look alike stay two."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from emkcli import errors, localcard, models
from emkcli.api.ports import CardQuery
from emkcli.importers import document_reader
from emkcli.localcard import persons
from emkcli.localcard.fingerprints import digests
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.merged_card import MergedCard
from emkcli.localcard.synced_card import Mirror
from tests.importers import semd_invented as semd
from tests.invented import PATIENT, Server, bundle, encoded, lab, quantity
from tests.localcard.conftest import Keyring
from tests.localcard.test_importer import RESULT

ALL = CardQuery()
MOMENT = "2026-03-01T08:00:00+03:00"
ANNA = models.Person(id="p1", name="Пробная Анна Львовна", relation="self")


def result(**changes: Any) -> models.LabResult:
    told = {"id": "x", "code": "1", "code_system": "urn:oid:1.2.3", "value": "5.40", "unit": "г/л", "unit_code": "g/l"}
    return models.LabResult(**(told | {"collected_at": MOMENT, "analyte": "Белок"} | changes))


def facts(one: models.LabResult) -> set[bytes]:
    return digests("labs", one, "application/xml", b"<x/>", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"collected_at": "2026-03-01T05:00:00Z"},
        {"code_system": "1.2.3"},
        {"value": "5,40"},
        {"unit": "g/L"},
        {"unit_code": None},
        {"analyte": "Protein"},
        {"id": "i-1"},
        {"status": "amended"},
    ],
)
def test_the_same_result_in_other_words(changes: Any) -> None:
    assert facts(result()) & facts(result(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"collected_at": "2026-03-01T08:00:01+03:00"},
        {"collected_at": "2026-03-01"},
        {"collected_at": None},
        {"code": "2"},
        {"code": None},
        {"code_system": "urn:oid:1.2.4"},
        {"code_system": None},
        {"value": "5.4"},
        {"value": "5.41"},
        {"value": None},
        {"unit": "мг/л", "unit_code": "mg/l"},
        {"unit": None, "unit_code": None},
    ],
)
def test_what_is_merely_similar(changes: Any) -> None:
    assert not facts(result()) & facts(result(**changes))


TEXTS = st.sampled_from(["1", "2", "1.0", "10", None])
RESULTS = st.builds(
    result,
    code=TEXTS,
    code_system=st.sampled_from(["urn:oid:1.2.3", "1.2.3", "http://loinc.org", None]),
    value=st.sampled_from(["1", "1.0", "1,0", "отрицательно", None]),
    unit=st.sampled_from(["г/л", "мг/л", None]),
    unit_code=st.sampled_from(["g/l", "mg/l", None]),
    collected_at=st.sampled_from([MOMENT, "2026-03-01T05:00:00Z", "2026-03-01", "2026-03", None]),
    analyte=TEXTS,
)


@given(RESULTS, RESULTS)
@settings(max_examples=300)
def test_a_shared_fact_means_the_same_measurement(one: models.LabResult, other: models.LabResult) -> None:
    if facts(one) & facts(other):
        assert one.code == other.code is not None
        assert str(one.code_system).removeprefix("urn:oid:") == str(other.code_system).removeprefix("urn:oid:")
        assert str(one.value).replace(",", ".") == str(other.value).replace(",", ".")
        assert one.unit == other.unit or one.unit_code == other.unit_code is not None
        assert "T" in str(one.collected_at)
        assert "T" in str(other.collected_at)


@dataclass
class Both:
    """A synced copy and imports side by side."""

    mirror: Mirror
    imports: LocalCard
    place: Path

    @property
    def card(self) -> MergedCard:
        return MergedCard(self.mirror, self.imports)

    def sync(self, *resources: Any) -> None:
        localcard.sync(self.mirror, Server(*resources).card().changes(), ANNA, None)

    def take(self, *documents: Any) -> None:
        for number, one in enumerate(documents):
            path = self.place / f"{number}"
            path.write_bytes(one if isinstance(one, bytes) else encoded(one))
            assert [
                found.status for found in localcard.ingest(self.imports, document_reader.read(str(path)), None)
            ] == ["added"]

    def labs(self) -> list[Any]:
        found = self.card.labs(ALL)
        items = list(found)
        assert found.total == len(items)
        assert len({one.id for one in items}) == len(items)
        return items


@pytest.fixture
def both(tmp_path: Path, keyring: Keyring) -> Iterator[Both]:
    folder = tmp_path / "cards"
    made = Both(localcard.open_mirror(folder / "a.sqlite3", keyring), localcard.open_card(folder, keyring), tmp_path)
    yield made
    made.mirror.close()
    made.imports.close()


def measured(ident: str, value: Any = 5, **more: Any) -> dict[str, Any]:
    return lab(ident, quantity(value), **more)


def test_one_measurement_of_two_sources(both: Both) -> None:
    both.sync(measured("o1", 5.4), measured("o2", 6))
    both.take(bundle(PATIENT, measured("elsewhere", 5.4)))
    one, other = sorted(both.labs(), key=lambda found: found.value)
    assert (one.id, one.source) == ("Observation/o1", "server")
    assert [type(place) for place in one.sources] == [str, models.FileSource]
    assert other.sources is UNSET
    imported = next(iter(both.imports.labs(ALL))).id
    assert both.card.record(imported) == both.card.record("Observation/o1") == one
    assert both.card.raw(imported).content == both.imports.raw(imported).content
    assert list(both.card.labs(CardQuery(person=both.imports.owner()))) == both.labs()


def test_two_alike_on_one_side_are_nobodys_twin(both: Both) -> None:
    both.sync(measured("o1"), measured("o2"))
    both.take(bundle(PATIENT, measured("x1")))
    assert len(both.labs()) == 3
    assert all(one.sources is UNSET for one in both.labs())


def test_another_persons_documents_stay_apart(both: Both) -> None:
    twin = PATIENT | {"id": "p9", "name": [{"family": "Пробная", "given": ["Яна"]}], "identifier": []}
    both.sync(measured("o1"))
    both.take(bundle(twin, measured("x1")))
    assert [one.id for one in both.labs()] == ["Observation/o1"]
    (theirs,) = [one for one in both.card.persons() if one.id != "p1"]
    (record,) = both.card.labs(CardQuery(person=theirs.id))
    with pytest.raises(errors.NotFound, match=r"no record"):
        both.card.raw(record.id, "p1")


def test_a_childs_list_has_nothing_of_the_parents(both: Both) -> None:
    child = PATIENT | {"id": "p9", "name": [{"family": "Пробная", "given": ["Яна"]}], "identifier": []}
    both.sync(measured("o1"))
    both.take(bundle(child, measured("x1", 7)))
    ((_ident, identity),) = persons.persons(both.imports.store)
    both.mirror.admit(models.Person(id="p9", name="Пробная Яна", relation="child"), identity, None)
    assert [result.value for result in both.card.labs(CardQuery(person="p9"))] == ["7"]


def test_an_amended_result_leaves_the_documents_one(both: Both) -> None:
    both.sync(measured("o1", 9))
    both.take(bundle(PATIENT, measured("x1", 5)))
    assert sorted(one.value for one in both.labs()) == ["5", "9"]


def test_a_shared_order_number_is_no_shared_result(both: Both) -> None:
    """Laboratories write the number of the order into each of its results."""
    number = [{"system": "urn:oid:1.2.643.9", "value": "77"}]
    other = deepcopy(measured("x1", 1, identifier=number))
    other["code"] = {"coding": [{"system": "http://loinc.org", "code": "718-7"}], "text": "Гемоглобин"}
    both.sync(measured("o1", 5, identifier=number))
    both.take(bundle(PATIENT, other))
    assert len(both.labs()) == 2


def test_a_document_is_one_by_its_number(both: Both) -> None:
    content = semd.document(RESULT)
    both.take(content)
    (imported,) = both.imports.documents(ALL)
    assert isinstance(imported.source, models.FileSource)
    system, _mark, value = str(imported.source.document_id).partition("^")
    listed = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "masterIdentifier": {"system": f"urn:oid:{system}", "value": value},
        "subject": {"reference": "Patient/p1"},
        "date": "2026-01-01",
    }
    both.sync(listed, listed | {"id": "d2", "masterIdentifier": {"system": f"urn:oid:{system}", "value": "other"}})
    merged = {one.id: len(one.sources or ()) for one in both.card.documents(ALL)}
    assert merged == {"DocumentReference/d1": 2, "DocumentReference/d2": 0}


MEASURED = st.lists(
    st.tuples(
        st.sampled_from(["5", "6"]),
        st.sampled_from([MOMENT, "2026-03-01T09:00:00+03:00", "2026-03-01"]),
        st.sampled_from(["ммоль/л", "г/л"]),
    ),
    max_size=5,
)


@settings(max_examples=15)
@given(mine=MEASURED, theirs=MEASURED)
def test_nothing_is_lost_and_nothing_else_is_joined(
    tmp_path_factory: pytest.TempPathFactory, mine: Any, theirs: Any
) -> None:
    def made(name: str, number: int, told: tuple[str, str, str]) -> dict[str, Any]:
        return lab(f"{name}{number}", quantity(int(told[0]), told[2], None), effectiveDateTime=told[1])

    folder = tmp_path_factory.mktemp("both")
    both = Both(
        localcard.open_mirror(folder / "a.sqlite3", None, insecure=True),
        localcard.open_card(folder, None, insecure=True),
        folder,
    )
    both.sync(*(made("o", *one) for one in enumerate(mine)))
    both.take(bundle(PATIENT, *(made("x", *one) for one in enumerate(theirs))))
    single = {
        told for told in {*mine, *theirs} if mine.count(told) == theirs.count(told) == 1 and told[1] != "2026-03-01"
    }
    items = both.labs()
    assert len(items) == len(mine) + len(theirs) - len(single)
    joined = {(one.value, one.collected_at, one.unit) for one in items if one.sources}
    assert joined == single
    both.mirror.close()
    both.imports.close()
