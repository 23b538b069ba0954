"""After a file about several people, `person list` says by which ids their cards are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Emk
from tests.invented import encoded
from tests.localcard.test_importer import BORIS
from tests.localcard.test_several_people import FAMILY


@pytest.fixture
def family(emk: Emk, tmp_path: Path) -> Emk:
    document = tmp_path / "family.json"
    document.write_bytes(encoded(FAMILY))
    assert emk("card", "import", str(document), "--person", "auto", "--insecure-storage").code == 0
    return emk


def test_everybody_is_listed_and_opens_by_the_id(family: Emk) -> None:
    answer = family("person", "list", "--backend", "local", "--json")
    assert (answer.code, answer.json["kind"], answer.json["total"]) == (0, "person_list", 2)
    owner, other = answer.items
    assert (owner["relation"], other["relation"]) == ("self", "other")
    assert other["birth_date"] == BORIS["birthDate"]
    labs = family("card", "labs", "--backend", "local", "--person", other["id"], "--json").items
    assert [lab["value"] for lab in labs] == ["7"]


def test_one_of_them_is_chosen_for_the_profile(family: Emk) -> None:
    _owner, other = family("person", "list", "--backend", "local").out.splitlines()
    assert family("person", "use", other.split("\t")[0], "--backend", "local").code == 0
    assert [lab["value"] for lab in family("card", "labs", "--backend", "local", "--json").items] == ["7"]


def test_an_empty_home_has_nobody(emk: Emk) -> None:
    assert emk("person", "list", "--backend", "local").code == 3
