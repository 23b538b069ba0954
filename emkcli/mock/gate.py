"""The FHIR R4 door: who asks, whose record is meant, whether it may be read now; then the record answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from emkcli.mock import activation, card, consents, family, fhir
from emkcli.mock.exchange import Call, Reply, pairs
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Row

BASE = "/fhir/R4"
_MEDIA = "application/fhir+json"
_PAGES = fhir.Pages()
_SLUGS = {403: "forbidden", 404: "not_found", 405: "unsupported", 410: "not_found"}


def metadata(call: Call) -> Reply:
    from emkcli.mock.fhir.capability import capability

    return Reply(200, json.dumps(capability(_base(call))).encode(), _MEDIA)


def read(call: Call) -> Reply:
    kind, name = call.args["type"], call.args["id"]
    # the card may be closed, and why is a better answer than that there is no such person
    if kind == "Patient":
        _require(call, name)
    patients = _readable(call)
    body = _run(lambda: fhir.read(call.db, kind, name, patients))
    row = call.db.execute("SELECT patient FROM fhir_resource WHERE type = ? AND id = ?", (kind, name)).fetchone()
    if row["patient"]:
        card.audit_read(call, row["patient"])
    return _conditional(call, body, json.loads(body)["meta"]["versionId"])


def search(call: Call) -> Reply:
    return _search(call, call.request.query)


def search_by_form(call: Call) -> Reply:
    """`POST …/_search`: the parameters in a form, so that they stay out of addresses."""
    return _search(call, call.request.query + pairs(call.request.body.decode("utf-8", "replace")))


def everything(call: Call) -> Reply:
    from emkcli.mock.fhir.everything import everything

    patient = call.args.get("id") or call.owner["id"]
    _require(call, patient)
    body = _run(lambda: everything(call.db, patient, call.request.query, _base(call)))
    card.audit_read(call, patient)
    return Reply(200, body, _MEDIA)


def _search(call: Call, params: list[tuple[str, str]]) -> Reply:
    kind = call.args["type"]
    named = _named(kind, params)
    for patient in sorted(named):
        _require(call, patient)
    patients = named or _readable(call)
    key = (fhir.version(call.db), kind, tuple(params), _base(call), tuple(sorted(patients)))
    page = _PAGES.page(key, lambda: _run(lambda: fhir.search(call.db, kind, params, _base(call), patients)))
    for patient in sorted(patients):
        card.audit_read(call, patient)
    return _conditional(call, page.body, page.tag)


def _conditional(call: Call, body: bytes, version: str) -> Reply:
    """The answer with its validator; 304 to who has this very one."""
    etag = f'W/"{version}"'
    tags = [tag.strip() for tag in call.request.headers.get("if-none-match", "").split(",")]
    return Reply(304, b"", _MEDIA, ETag=etag) if etag in tags else Reply(200, body, _MEDIA, ETag=etag)


def _named(kind: str, params: list[tuple[str, str]]) -> set[str]:
    """The patients that a search names."""
    names = ("_id",) if kind == "Patient" else ("patient", "subject")
    values = [value for name, value in params if name.partition(":")[0] in names for value in value.split(",")]
    return {value.rpartition("/")[2] for value in values}


def _readable(call: Call) -> set[str]:
    """Everybody of the account whose record is open; when nobody's is, why one's own is not."""
    rows = call.db.execute("SELECT id FROM persons WHERE account = ?", (call.owner["id"],)).fetchall()
    persons = {row["id"] for row in rows if _may(call, row["id"])}
    if not persons:
        _require(call, call.owner["id"])
    return persons


def _may(call: Call, person: str) -> bool:
    try:
        _require(call, person)
    except Problem:
        return False
    return True


def _require(call: Call, person: str) -> None:
    row: Row | None = call.db.execute(
        "SELECT * FROM persons WHERE id = ? AND account = ?", (person, call.owner["id"])
    ).fetchone()
    if row is None:
        raise Problem("forbidden", "no_person", names={"id": person})
    family.require_access(call, row)
    activation.require_activated(call, person)
    consents.require(call, person)


def _run(operation: Callable[[], bytes]) -> bytes:
    try:
        return operation()
    except fhir.FhirError as error:
        slug = _SLUGS.get(error.status, "invalid_input")
        raise Problem(slug, status=error.status, detail=error.diagnostics, issue=error.code) from error


def _base(call: Call) -> str:
    return call.request.base + BASE
