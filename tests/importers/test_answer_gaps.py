"""A saved answer of a server that is not whole is no whole document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Emk
from tests.invented import BASE, PATIENT, encoded, lab

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}


def entry(resource: Any, mode: str | None = "match") -> Any:
    return {"resource": resource} | ({"search": {"mode": mode}} if mode else {})


def page(*entries: Any, total: int | None = None, number: int = 1, following: int | None = None, **more: Any) -> Any:
    addresses = {"self": number} | ({"next": following} if following else {})
    links = [{"relation": name, "url": f"{BASE}/Observation?page={at}"} for name, at in addresses.items()]
    counted = {} if total is None else {"total": total}
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": [*entries], **counted, **more}


OWNER = entry(PATIENT, "include")
ONE, TWO = entry(lab("o1")), entry(lab("o2"))
RESPONSES = [entry(PATIENT, None), entry(lab("o1"), None)]

PARTIAL: dict[str, tuple[Any, dict[str, int]]] = {
    "a total that is not reached": (page(OWNER, ONE, total=5), {"Observation": 4}),
    "the first page": (page(OWNER, ONE, total=5, following=2), {"Observation": 4}),
    "a page that others follow": (page(OWNER, ONE, following=2), {"Bundle": 1}),
    "no modes": (page(entry(lab("o1"), None), entry(PATIENT, None), total=2), {"Observation": 1}),
    "no modes and no link": (
        page(entry(PATIENT, None), entry(lab("o1"), None), total=5) | {"link": []},
        {"Observation": 4},
    ),
    "the first of two pages in a row": (
        [page(OWNER, ONE, total=3, following=2), page(TWO, total=3, number=2)],
        {"Observation": 1},
    ),
    "an address alone": (page(OWNER, ONE, {"fullUrl": f"{BASE}/Condition/c1"}), {"Condition": 1}),
    "a refusal": (
        {
            "resourceType": "Bundle",
            "type": "batch-response",
            "entry": [*RESPONSES, {"response": {"status": "403 Forbidden"}}],
        },
        {"entry.response": 1},
    ),
    "a refusal with its reason": (
        {
            "resourceType": "Bundle",
            "type": "batch-response",
            "entry": [*RESPONSES, {"response": {"status": "404", "outcome": OUTCOME}}],
        },
        {"OperationOutcome": 1},
    ),
    "an answer in an answer": (
        {"resourceType": "Bundle", "type": "batch-response", "entry": [*RESPONSES, entry(page(TWO, total=2), None)]},
        {"Observation": 1},
    ),
}
WHOLE: dict[str, Any] = {
    "a total that is reached": page(OWNER, ONE, TWO, total=2),
    "a link behind the last page": page(OWNER, ONE, TWO, total=2, following=2),
    "no total and no link": page(OWNER, ONE),
    "two pages in a row": [page(OWNER, ONE, total=2, following=2), page(TWO, total=2, number=2)],
    "two pages without a total": [page(OWNER, ONE, following=2), page(TWO, number=2)],
    "no modes": page(entry(lab("o1"), None), entry(PATIENT, None), total=1),
    "what was written": {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [*RESPONSES, {"response": {"status": "201 Created", "location": "Observation/o9/_history/1"}}],
    },
    "what was deleted": {
        "resourceType": "Bundle",
        "type": "history",
        "entry": [*RESPONSES, {"request": {"method": "DELETE", "url": "Observation/o9"}}],
    },
}


def imported(emk: Emk, folder: Path, document: Any) -> Any:
    path = folder / "answer.json"
    path.write_bytes(encoded(document))
    return emk("card", "import", str(path), "--insecure-storage", "--json")


@pytest.mark.parametrize("name", PARTIAL)
def test_what_an_answer_announces_and_does_not_hold_is_unread(emk: Emk, tmp_path: Path, name: str) -> None:
    document, lacking = PARTIAL[name]
    done = imported(emk, tmp_path, document)
    (result,) = done.items
    assert (done.code, {part["what"]: part["count"] for part in result["unread"]}) == (12, lacking)
    account = result["account"]
    assert account["total"] == sum(count for place, count in account.items() if place != "total")
    target = tmp_path / "card.json"
    export = emk("card", "export", "--backend", "local", "--format", "json", "--to", str(target), "--json")
    assert (export.code, export.item["complete"], export.item["account"]["unread"]) == (
        12,
        False,
        sum(lacking.values()),
    )


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_answer_is_complete(emk: Emk, tmp_path: Path, name: str) -> None:
    done = imported(emk, tmp_path, WHOLE[name])
    assert (done.code, done.items[0]["unread"]) == (0, [])
