"""Packages and scripts of others: a backend found by its entry point, and what one written for the version before must change."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from msgspec import structs

from emkcli import models
from tests.conftest import Emk

PACKAGE = """
from emkcli.api.client import Client
from emkcli.api.ports import Accounts
from emkcli.models import Account

class Own(Accounts):
    def account(self):
        return Account(id="p-7", trust="confirmed", name="Пробная Анна")

def recipe(setup):
    return Client(accounts=Own())
"""
BEFORE = PACKAGE.replace("emkcli.models", "emkcli.api.models")
"""The same package as it was written for models of pydantic: their module has moved."""


def installed(monkeypatch: pytest.MonkeyPatch, folder: Path, source: str) -> None:
    """A package with two backends, one of which is broken, as an installer leaves it."""
    about = folder / "site" / "clinic_emk-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic-emk\nVersion: 1\n")
    (about / "entry_points.txt").write_text(
        "[emkcli.backends]\nclinic = clinic_emk:recipe\nbroken = clinic_emk.gone:it\n"
    )
    (folder / "site" / "clinic_emk.py").write_text(source)
    monkeypatch.syspath_prepend(str(folder / "site"))
    monkeypatch.delitem(sys.modules, "clinic_emk", raising=False)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, tmp_path, PACKAGE)


@pytest.mark.usefixtures("package")
def test_a_backend_of_another_package(emk: Emk) -> None:
    assert emk("whoami", "--backend", "clinic", "--json").item["id"] == "p-7"
    assert emk("card", "labs", "--backend", "clinic").code == 11
    assert emk("login", "--backend", "clinic").code == 11
    assert "broken, clinic" in emk("whoami", "--backend", "nobody").err


@pytest.mark.usefixtures("package")
def test_a_package_that_cannot_be_loaded_is_no_bug_of_ours(emk: Emk) -> None:
    error = emk("whoami", "--backend", "broken", "--json").error
    assert (error["code"], error["hint"]) == ("unsupported", "pip install --upgrade clinic-emk")
    checks = {one["name"]: one["status"] for one in emk("selfcheck", "--backend", "broken", "--json").items}
    assert checks["backend"] == "fail"


def test_a_package_written_for_the_version_before_is_asked_to_be_upgraded(
    emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, tmp_path, BEFORE)
    error = emk("whoami", "--backend", "clinic", "--json").error
    assert (error["code"], error["hint"]) == ("unsupported", "pip install --upgrade clinic-emk")


HEEDLESS = """
from emkcli.api.client import Client
from emkcli.api.ports import Card, Items
from emkcli.models import LabResult, Named, Person, Raw

class Heedless(Card):
    def resources(self, query):
        for day in ("2026-02-01", "2025-02-01", "2024-02-01"):
            content = '{"resourceType":"Observation","id":"%s"}' % day
            data = {"type": "Observation", "category": "labs", "date": day}
            yield Raw(id=f"Observation/{day}", media_type="application/fhir+json", content=content.encode(), data=data)

    def person(self, person=None):
        return Person(id="p-7", name="Пробная Анна", relation="self")

    def labs(self, query):
        days = ("2026-02-01", "2025-02-01", "2024-02-01")
        said = {"analyte": "ТТГ", "value": "2", "unit": "мМЕ/л", "source": "server"}
        results = [LabResult(id=day, collected_at=day, **said) for day in days]
        return Items(iter(results), Named(id="p-7", name="Пробная Анна"))

def recipe(setup):
    return Client(make_card=Heedless)
"""


def test_a_backend_that_takes_no_notice_of_a_day_is_noticed(
    emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, tmp_path, HEEDLESS)
    every = emk("card", "labs", "--backend", "clinic", "--json")
    assert every.code == 0, every.err
    assert ([item["id"] for item in every.items], every.err) == (["2026-02-01", "2025-02-01", "2024-02-01"], "")
    some = emk("card", "labs", "--backend", "clinic", "--since", "2025-06-01", "--json")
    assert [item["id"] for item in some.items] == ["2026-02-01"]
    assert some.json["warnings"] == [LEFT_OUT]


LEFT_OUT = "The backend sent 2 records that were not asked for; they are left out."


def test_a_trend_is_of_the_days_that_were_asked_for(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, tmp_path, HEEDLESS)
    every = emk("card", "trend", "ТТГ", "--backend", "clinic", "--json")
    assert (len(every.item["points"]), every.json.get("warnings", [])) == (3, [])
    some = emk("card", "trend", "ТТГ", "--backend", "clinic", "--since", "2025-06-01", "--json")
    assert [point["at"] for point in some.item["points"]] == ["2026-02-01"]
    assert some.json["warnings"] == [LEFT_OUT]
    names = emk("card", "trend", "--backend", "clinic", "--since", "2025-06-01", "--json")
    assert [analyte["count"] for analyte in names.items] == [1]
    assert names.json["warnings"] == [LEFT_OUT]


@pytest.mark.parametrize("format", ["json", "csv", "fhir", "ndjson"])
def test_an_export_is_of_the_days_that_were_asked_for(
    emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    installed(monkeypatch, tmp_path, HEEDLESS)
    line = ("card", "export", "--backend", "clinic", "--format", format, "--json", "--to")
    every = emk(*line, str(tmp_path / "every"))
    assert every.item["records"] == {"labs": 3}, every.err
    assert not [warning for warning in every.json.get("warnings", []) if "not asked for" in warning]
    some = emk(*line, str(tmp_path / "some"), "--since", "2025-06-01")
    assert some.item["records"] == {"labs": 1}
    assert LEFT_OUT in some.json["warnings"]
    written = [path for path in (tmp_path / "some", *(tmp_path / "some").glob("*")) if path.is_file()]
    content = b"".join(path.read_bytes() for path in written if "manifest" not in path.name)
    assert b"2026-02-01" in content
    assert b"2025-02-01" not in content
    assert b"2024-02-01" not in content


STUDY = '{"id":"s-1","kind":"ecg","source":"server"}'
REPLACED = {
    "study.model_dump(mode='json', by_alias=True)['kind']": "study.to_builtins()['kind']",
    "json.loads(study.model_dump_json(by_alias=True))['id']": "json.loads(study.to_json())['id']",
    "models.Study.model_validate_json(STUDY).id": "models.Study.from_json(STUDY).id",
    "models.Study.model_validate(json.loads(STUDY)).type": "models.Study.from_builtins(json.loads(STUDY)).type",
    "study.model_copy(update={'id': 's-2'}).id": "structs.replace(study, id='s-2').id",
    "'id' in models.Study.model_fields": "'id' in {field.name for field in structs.fields(models.Study)}",
    "models.Study(id='s-1', kind='ecg').type": "models.Study(id='s-1', type='ecg').type",
}
"""What a script said of the models before, and what it says now."""


@pytest.mark.parametrize("before", REPLACED)
def test_each_call_of_a_script_for_the_version_before_has_its_replacement(before: str) -> None:
    known = {"study": models.Study.from_json(STUDY), "models": models, "json": json, "structs": structs, "STUDY": STUDY}
    assert eval(REPLACED[before], known) in {"ecg", "s-1", "s-2", True}
    with pytest.raises((AttributeError, TypeError)):
        eval(before, known)


def test_the_client_names_the_models_too() -> None:
    from emkcli import api

    assert api.models is models
    assert not hasattr(api, "Study")
