"""Person data under /rs/prns: as far as the scopes of the token reach, embedded or as addresses, page by page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from emkcli.mock import activation, applications, clock, family
from emkcli.mock.esia import tokens
from emkcli.mock.esia.refusals import Refused
from emkcli.mock.exchange import answer

if TYPE_CHECKING:
    from sqlite3 import Row

    from emkcli.mock.exchange import Call, Reply

Document = dict[str, Any]
NAMES = {"contacts": "ctts", "documents": "docs", "addresses": "addrs", "kids": "kids"}
"""As they are called in `embed`, and in an address."""
NEEDED = {
    "ctts": {"mobile", "email"},
    "docs": {"id_doc", "medical_doc"},
    "addrs": {"addresses"},
    "kids": {"kid_fullname", "kid_birthdate", "kid_gender"},
}
PAGE, LARGEST = 15, 100


def person(call: Call) -> Reply:
    account, scopes = _own(call)
    document = _person(family.data_of(family.row(call, account["id"])), scopes)
    document |= {"stateFacts": ["EntityRoot"], "status": "REGISTERED", "trusted": account["trust"] == "confirmed"}
    document["updatedOn"] = call.now
    for name in _embedded(call):
        if name in NAMES and NEEDED[NAMES[name]] & scopes:
            elements = _elements(call, NAMES[name], account, scopes)
            document[name] = {"stateFacts": ["hasSize"], "size": len(elements), "elements": elements}
    return answer(document)


def collection(call: Call) -> Reply:
    account, scopes = _own(call)
    name = call.args["collection"]
    elements = _elements(call, name, account, scopes)
    size = min(_number(call, "pageSize", PAGE), LARGEST)
    first = _number(call, "pageIndex", 0) * size
    page: list[Any] = elements[first : first + size]
    if not _embedded(call):
        address = f"{call.request.base}/rs/prns/{call.args['oid']}/{name}"
        page = [f"{address}/{document['id']}" for document in page]
    facts = ["Paginated", "hasSize", *(["FirstPage"] if first == 0 else [])]
    facts += ["LastPage"] if first + size >= len(elements) else []
    return answer({"stateFacts": facts, "size": len(elements), "elements": page})


def element(call: Call) -> Reply:
    account, scopes = _own(call)
    for document in _elements(call, call.args["collection"], account, scopes):
        if str(document["id"]) == call.args["id"]:
            return answer(document)
    raise Refused("020203")


def _own(call: Call) -> tuple[Row, set[str]]:
    """The person of the token; nobody else's data are here for it."""
    account, scopes = tokens.bearer(call)
    if call.args["oid"] != str(tokens.oid(account["id"])):
        raise Refused("020203")
    return account, scopes


def _elements(call: Call, name: str, account: Row, scopes: set[str]) -> list[Document]:
    makers: dict[str, Callable[[Call, Row, set[str]], Iterable[Document]]] = {
        "ctts": _contacts,
        "docs": _documents,
        "addrs": _addresses,
        "kids": _kids,
    }
    if name not in makers:
        raise Refused("020203")
    if not NEEDED[name] & scopes:
        raise Refused("005029")
    return [{"id": number} | document for number, document in enumerate(makers[name](call, account, scopes), 1)]


def _person(data: Document, scopes: set[str], prefix: str = "") -> Document:
    claims: dict[str, Document] = {
        "fullname": {name: data.get(_snake(name)) for name in ("lastName", "firstName", "middleName")},
        "birthdate": {"birthDate": date.fromisoformat(data["birth_date"]).strftime("%d.%m.%Y")},
        "gender": {"gender": "F" if data["sex"] == "female" else "M"},
        "snils": {"snils": data.get("snils")},
    }
    parts = [part for scope, part in claims.items() if prefix + scope in scopes]
    return {name: value for part in parts for name, value in part.items() if value}


def _contacts(call: Call, account: Row, scopes: set[str]) -> Iterable[Document]:
    if "mobile" in scopes:
        digits = account["phone"]
        yield {"type": "MBT", "vrfStu": "VERIFIED", "value": f"{digits[:2]}({digits[2:5]}){digits[5:]}"}
    if "email" in scopes:
        email = family.data_of(family.row(call, account["id"]))["email"]
        yield {"type": "EML", "vrfStu": "NOT_VERIFIED", "value": email}


def _addresses(call: Call, account: Row, scopes: set[str]) -> Iterable[Document]:
    data = family.data_of(family.row(call, account["id"]))
    for kind, name in (("PRG", "registration_address"), ("PLV", "residence_address")):
        yield {"type": kind, "countryId": "RUS", "addressStr": data[name]}


def _documents(call: Call, account: Row, scopes: set[str]) -> Iterable[Document]:
    data = json.loads(account["data"])
    status = {"vrfStu": "VERIFIED" if account["trust"] == "confirmed" else "NOT_VERIFIED"}
    if "id_doc" in scopes:
        passport = data["passport"]
        yield status | {
            "type": "RF_PASSPORT",
            "series": passport["series"],
            "number": passport["number"],
            "issueDate": date.fromisoformat(passport["issued_on"]).strftime("%d.%m.%Y"),
            "issueId": passport["department_code"].replace("-", ""),
            "issuedBy": passport["issued_by"],
        }
    if "medical_doc" in scopes:
        policy = {"number": data.get("oms_policy"), "medicalOrg": _clinic(call, account["id"])}
        yield status | {"type": "MDCL_PLCY"} | {name: value for name, value in policy.items() if value}


def _clinic(call: Call, account: str) -> str | None:
    row = activation.current(call.db, account)
    clinic = applications.loaded(row["clinic"]) if row and row["status"] == "activated" else None
    return clinic["name"] if clinic else None


def _kids(call: Call, account: Row, scopes: set[str]) -> Iterable[Document]:
    query = "SELECT * FROM persons WHERE account = ? AND relation = 'child' ORDER BY id"
    for row in call.db.execute(query, (account["id"],)).fetchall():
        if not row["access_until"] or clock.day(call.now).isoformat() <= row["access_until"]:
            yield {"id": tokens.oid(row["id"])} | _person(family.data_of(row), scopes, "kid_")


def _embedded(call: Call) -> list[str]:
    words = (call.request.param("embed") or "").strip("()").split(",")
    return [word.partition(".")[0] for word in words if word]


def _number(call: Call, name: str, default: int) -> int:
    raw = call.request.param(name) or str(default)
    if not raw.isascii() or not raw.isdigit() or len(raw) > 6:
        raise Refused("007003", name)
    return int(raw)


def _snake(name: str) -> str:
    return name.replace("Name", "_name")
