"""The FHIR R4 door: who asks, whose record is meant, whether it may be read now; then the record answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from emkcli.mock import activation, card, clock, consents, family, fhir
from emkcli.mock.exchange import Call, Reply, pairs
from emkcli.mock.fhir.kinds import KINDS, PATIENT_PARAMETERS
from emkcli.mock.oauth import scopes
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Row

_T = TypeVar("_T")
BASE = "/fhir/R4"
_MEDIA = "application/fhir+json"
_PAGES = fhir.Pages()
_SLUGS = {403: "forbidden", 404: "not_found", 405: "unsupported", 410: "not_found"}


def metadata(call: Call) -> Reply:
    from emkcli.mock.fhir.capability import capability

    run(lambda: fhir.given(call.request.query))
    return Reply(200, json.dumps(capability(base(call))).encode(), _MEDIA)


def read(call: Call) -> Reply:
    kind, name = call.args["type"], call.args["id"]
    scopes.require(call, kind, scopes.READ)
    # the card may be closed, and why is a better answer than that there is no such person
    if kind == "Patient":
        require(call, name, kind, scopes.READ)
    patients = readable(call, kind, scopes.READ)
    elements, summary = run(lambda: fhir.of_read(call.request.query, lenient=_is_lenient(call)))
    body = run(lambda: fhir.read(call.db, kind, name, patients))
    row = call.db.execute("SELECT patient FROM fhir_resource WHERE type = ? AND id = ?", (kind, name)).fetchone()
    if row["patient"]:
        card.audit_read(call, row["patient"])
    sent = fhir.part(body, elements, summary)
    return _conditional(call, sent, json.loads(body)["meta"]["versionId"] if sent == body else fhir.digest(sent))


def search(call: Call) -> Reply:
    return _search(call, call.request.query)


def search_by_form(call: Call) -> Reply:
    """`POST …/_search`: the parameters in a form, so that they stay out of addresses."""
    return _search(call, call.request.query + pairs(call.request.body.decode("utf-8", "replace")))


def search_compartment(call: Call) -> Reply:
    """`Patient/{id}/{type}`: what of a type is about one patient."""
    kind, patient = call.args["type"], call.args["id"]
    if kind not in KINDS or kind == "Patient" or KINDS[kind].patient is None:
        raise _refused(fhir.FhirError(404, "not-supported", f"{kind} is not in a patient's compartment"))
    require(call, patient, kind, scopes.SEARCH)
    return _found(call, call.request.query, {patient}, f"Patient/{patient}/{kind}")


def everything(call: Call) -> Reply:
    from emkcli.mock.fhir.everything import asked_types, everything

    params = parameters(call)
    of_others = scopes.is_another(call, _patient(call))
    for kind in run(lambda: asked_types(params)):
        scopes.require(call, kind, scopes.SEARCH, of_others=of_others)
    return _of_patient(call, lambda patient, kinds: everything(call.db, patient, params, base(call), kinds))


def summary(call: Call) -> Reply:
    """`Patient/$summary` of the guide IPS: of the patient named, of the one of an `identifier`, or of oneself."""
    from emkcli.mock.fhir.summary import summary

    asked = dict(run(lambda: fhir.given(parameters(call))))
    unknown = [name for name in asked if name not in ("identifier", "_format", "_pretty")]
    if unknown and not _is_lenient(call):
        raise _refused(fhir.FhirError(400, "not-supported", f"unknown parameter {unknown[0]!r} for $summary"))
    if "identifier" in asked and "id" not in call.args:
        call.args["id"] = _identified(call, asked["identifier"])
    now = datetime.fromtimestamp(call.now, clock.MOSCOW)
    return _of_patient(call, lambda patient, kinds: summary(call.db, patient, base(call), now, kinds))


def parameters(call: Call) -> list[tuple[str, str]]:
    """Of the address, and of the body of a POST."""
    from emkcli.mock.fhir import operations

    request = call.request
    if request.method != "POST":
        return request.query
    return request.query + run(lambda: operations.parameters(request.content_type, request.body))


def _of_patient(call: Call, operation: Callable[[str, frozenset[str] | None], bytes]) -> Reply:
    """An operation reads the patient, and looks for everything about the patient."""
    patient = _patient(call)
    for interaction in (scopes.READ, scopes.SEARCH):
        require(call, patient, "Patient", interaction)
    kinds = scopes.readable(scopes.of(call), of_others=scopes.is_another(call, patient))
    body = run(lambda: operation(patient, kinds))
    card.audit_read(call, patient)
    return Reply(200, body, _MEDIA)


def _patient(call: Call) -> str:
    """Whom an operation is about: who is named, or oneself."""
    return str(call.args.get("id") or call.owner["id"])


def _identified(call: Call, identifier: str) -> str:
    """The one patient, among those who may be read, who has this identifier."""
    params = [("identifier", identifier), ("_elements", "id")]
    scopes.require(call, "Patient", scopes.SEARCH)
    patients = readable(call, "Patient", scopes.SEARCH)
    found = json.loads(run(lambda: fhir.search(call.db, "Patient", params, base(call), patients)))
    if found["total"] != 1:
        raise _refused(fhir.FhirError(404, "not-found", "identifier: not one patient"))
    return str(found["entry"][0]["resource"]["id"])


def _is_lenient(call: Call) -> bool:
    """`Prefer: handling=lenient`; without it an unknown parameter is refused, as `handling=strict` asks for."""
    preferred = call.request.headers.get("prefer", "").replace(";", ",").split(",")
    return "handling=lenient" in {one.strip().replace(" ", "").lower() for one in preferred}


def _search(call: Call, params: list[tuple[str, str]]) -> Reply:
    kind = call.args["type"]
    scopes.require(call, kind, scopes.SEARCH)
    named = _named(kind, params, base(call))
    for patient in sorted(named):
        require(call, patient, kind, scopes.SEARCH)
    return _found(call, params, named or readable(call, kind, scopes.SEARCH))


def _found(call: Call, params: list[tuple[str, str]], patients: set[str], address: str = "") -> Reply:
    kind, whose, lenient = call.args["type"], scopes.reach(call, patients), _is_lenient(call)

    def search() -> bytes:
        return fhir.search(call.db, kind, params, base(call), patients, lenient=lenient, whose=whose, address=address)

    seen = None if whose is None else tuple(whose.items())
    key = (fhir.version(call.db), kind, tuple(params), base(call), tuple(sorted(patients)), lenient, seen, address)
    page = _PAGES.page(key, lambda: run(search))
    for patient in sorted(patients):
        card.audit_read(call, patient)
    return _conditional(call, page.body, page.tag)


def _conditional(call: Call, body: bytes, version: str) -> Reply:
    """The answer with its validator; 304 to who has this very one."""
    etag = f'W/"{version}"'
    tags = [tag.strip() for tag in call.request.headers.get("if-none-match", "").split(",")]
    return Reply(304, b"", _MEDIA, ETag=etag) if etag in tags else Reply(200, body, _MEDIA, ETag=etag)


def _named(kind: str, params: list[tuple[str, str]], base_url: str) -> set[str]:
    """The patients that a search names; a chain, `:missing` and any other modifier but the type name none."""
    if kind == "Patient":
        return {one for name, value in params if name == "_id" for one in value.split(",") if one}
    names = [f"{name}{modifier}" for name in PATIENT_PARAMETERS for modifier in ("", ":Patient")]
    return {_patient_of(one, base_url) for name, value in params if name in names for one in value.split(",") if one}


def _patient_of(reference: str, base_url: str) -> str:
    """The id of a patient of this server; what is none stays as it was said, and there is no such person."""
    kind, _, ident = fhir.local(reference, base_url).rpartition("/")
    return ident if ident and kind in ("", "Patient") else reference


def readable(call: Call, kind: str, interaction: str) -> set[str]:
    """Everybody of the account of whom a type may be read now; when nobody is left, why not of oneself."""
    return _every(call, lambda person: require(call, person, kind, interaction))


def open_records(call: Call) -> set[str]:
    """Everybody of the account whose record is open, whatever of it the session may read."""
    return _every(call, lambda person: require_open(call, person))


def _every(call: Call, demand: Callable[[str], object]) -> set[str]:
    rows = call.db.execute("SELECT id FROM persons WHERE account = ?", (call.owner["id"],)).fetchall()
    persons = {row["id"] for row in rows if _passes(demand, row["id"])}
    if not persons:
        demand(call.owner["id"])
    return persons


def _passes(demand: Callable[[str], object], person: str) -> bool:
    try:
        demand(person)
    except Problem:
        return False
    return True


def require(call: Call, person: str, kind: str, interaction: str) -> None:
    """The session may do this with that type of this person's record, and the record is open."""
    row = _own(call, person)
    scopes.require(call, kind, interaction, of_others=scopes.is_another(call, person))
    _require_open(call, row)


def require_open(call: Call, person: str) -> None:
    """The record is one of the account's, and open, whatever of it the session may read."""
    _require_open(call, _own(call, person))


def _own(call: Call, person: str) -> Row:
    row: Row | None = call.db.execute(
        "SELECT * FROM persons WHERE id = ? AND account = ?", (person, call.owner["id"])
    ).fetchone()
    if row is None:
        raise Problem("forbidden", "no_person", names={"id": person})
    return row


def _require_open(call: Call, row: Row) -> None:
    family.require_access(call, row)
    activation.require_activated(call, row["id"])
    consents.require(call, row["id"])


def run(operation: Callable[[], _T]) -> _T:
    try:
        return operation()
    except fhir.FhirError as error:
        raise _refused(error) from error


def _refused(error: fhir.FhirError) -> Problem:
    slug = _SLUGS.get(error.status, "invalid_input")
    return Problem(slug, status=error.status, detail=error.diagnostics, issue=error.code)


def base(call: Call) -> str:
    return call.request.base + BASE
