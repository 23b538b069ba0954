"""A backend that another package brings: found by its entry point, and what it lacks is told as its own lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Emk

PACKAGE = """
from emkcli.api.client import Client
from emkcli.models import Account
from emkcli.api.ports import Accounts

class Own(Accounts):
    def account(self):
        return Account(id="p-7", trust="confirmed", name="Пробная Анна")

def recipe(setup):
    return Client(accounts=Own())
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with two backends, one of which is broken, as an installer leaves it."""
    about = tmp_path / "site" / "clinic_emk-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic-emk\nVersion: 1\n")
    (about / "entry_points.txt").write_text(
        "[emkcli.backends]\nclinic = clinic_emk:recipe\nbroken = clinic_emk.gone:it\n"
    )
    (tmp_path / "site" / "clinic_emk.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))


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
