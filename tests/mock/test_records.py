"""A record that changes as a clinic changes it, and the validators that spare reading it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from .person import Person

READ = "/fhir/R4/Observation"


def first(someone: Person) -> dict[str, Any]:
    found = someone.get(READ, _count="1", _sort="-date", category="laboratory")
    resource: dict[str, Any] = found["entry"][0]["resource"]
    return resource


@pytest.fixture
def lab(someone: Person) -> dict[str, Any]:
    someone.seeded("activated")
    return first(someone)


def test_nothing_was_changed_later_than_now(someone: Person, lab: dict[str, Any]) -> None:
    """What a clinic writes next must be the newest, or who asks for changes since misses it."""
    now = datetime.fromisoformat(someone.get("/mock/clock")["now"])
    newest = someone.get(READ, _count="1", _sort="-_lastUpdated")["entry"][0]["resource"]
    assert datetime.fromisoformat(newest["meta"]["lastUpdated"]) <= now


def test_an_amended_resource_is_a_new_version(someone: Person, lab: dict[str, Any]) -> None:
    patch = {"status": "amended", "valueQuantity": {"value": 12.50}, "interpretation": None, "id": "other"}
    told = someone.send("PATCH", f"/mock/fhir/Observation/{lab['id']}", json=patch)
    assert told["id"] == lab["id"]
    now = someone.get(f"{READ}/{lab['id']}")
    assert (now["status"], now["valueQuantity"]["value"], "interpretation" in now) == ("amended", 12.5, False)
    assert now["valueQuantity"]["unit"] == lab["valueQuantity"]["unit"]
    assert int(now["meta"]["versionId"]) == int(lab["meta"]["versionId"]) + 1
    assert now["meta"]["lastUpdated"] > lab["meta"]["lastUpdated"]
    since = someone.get(READ, _lastUpdated=f"ge{now['meta']['lastUpdated']}")
    assert [one["resource"]["id"] for one in since["entry"]] == [lab["id"]]


def test_a_deleted_resource_is_unknown(someone: Person, lab: dict[str, Any]) -> None:
    total = someone.get(READ)["total"]
    someone.send("DELETE", f"/mock/fhir/Observation/{lab['id']}")
    assert someone.get(READ)["total"] == total - 1
    someone.get(f"{READ}/{lab['id']}", status=404)
    someone.send("DELETE", f"/mock/fhir/Observation/{lab['id']}", 404)
    someone.send("PATCH", f"/mock/fhir/Observation/{lab['id']}", 404, json={})


@pytest.mark.parametrize(
    "patch", [{"subject": None}, {"effectiveDateTime": "soon"}, {"category": [1]}, {"subject": "x"}]
)
def test_a_patch_that_makes_no_resource_changes_nothing(someone: Person, lab: dict[str, Any], patch: Any) -> None:
    someone.send("PATCH", f"/mock/fhir/Observation/{lab['id']}", 400, json=patch)
    assert someone.get(f"{READ}/{lab['id']}") == lab


@pytest.mark.parametrize("path", [READ + "?_count=1&_sort=-_lastUpdated", READ + "/{id}"])
def test_an_answer_somebody_has_is_not_sent_again(someone: Person, lab: dict[str, Any], path: str) -> None:
    path = path.format(id=lab["id"])
    before = someone.http.get(path)
    known = {"If-None-Match": before.headers["ETag"]}
    again = someone.http.get(path, headers=known)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", before.headers["ETag"])
    assert someone.http.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200
    someone.send("PATCH", f"/mock/fhir/Observation/{lab['id']}", json={"status": "amended"})
    assert someone.http.get(path, headers=known).status_code == 200
