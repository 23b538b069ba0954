"""The two consents of the service: versions of their texts, what a person accepted, what was taken back."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from emkcli.mock import activation, family, fields, schema
from emkcli.mock.clock import iso, moment
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

SERVICE = "emk-moscow"
MEDICAL, TRANSFER = "medical-data", "egisz-transfer"
_TITLES = {
    MEDICAL: "Согласие на обработку персональных данных, касающихся здоровья",
    TRANSFER: "Согласие на передачу сведений в ЕГИСЗ",
}
_CHANGES = {
    (TRANSFER, "2"): (
        "Point 3 now names the register of remote monitoring; point 5 stops the transfer in 10 days instead of 30.",
        "В пункт 3 добавлен регистр дистанционного наблюдения; по пункту 5 передача прекращается за 10 дней вместо 30.",
    )
}


class Text(NamedTuple):
    """One version of one consent."""

    body: str
    sha256: str


@cache
def text_of(consent: str, version: str) -> Text:
    body = (Path(__file__).parent / "data" / f"{consent}-{version}.txt").read_text(encoding="utf-8").strip()
    return Text(body, hashlib.sha256(body.encode()).hexdigest())


def in_force(settings: dict[str, str]) -> dict[str, str]:
    """Consent → version; a newer text never gives way to the older one."""
    return {MEDICAL: "1", TRANSFER: settings["egisz_version"]}


def consents(call: Call) -> Reply:
    person = family.chosen(call)
    matches = call.request.param("service") in (None, SERVICE)
    items = _all(call, person["id"]) if matches else []
    return answer({"person": family.named(person), "items": items, "total": len(items), "next": None})


def consent(call: Call) -> Reply:
    person, name = family.chosen(call), _consent_id(call)
    return answer(_shown(call, person["id"], name, in_force(call.settings)[name]))


def accept(call: Call) -> Reply:
    person, name = family.chosen(call), _consent_id(call)
    value = fields.body(call, "Acceptance")
    current = in_force(call.settings)[name]
    if value["version"] != current or value["sha256"] != text_of(name, current).sha256:
        raise Problem(
            "consent_required", "consent_changed", status=409, names={"version": current}, current_version=current,
            changes=_changes(name, current, call.language), consents=[f"{name}@{current}"], id=name,
        )  # fmt: skip
    record(call, person["id"], name, value["method"])
    return answer(_shown(call, person["id"], name, current))


def record(call: Call, person: str, consent: str, method: str) -> None:
    """Keep the acceptance of the text in force; one that already holds is not touched."""
    version = in_force(call.settings)[consent]
    acceptance = _acceptance(call.db, person, consent, version)
    if acceptance and acceptance["revoked_at"] is None:
        return
    receipt = f"С-{moment(call.now).year}-{schema.number(call.db, 'consents'):06d}"
    call.db.execute(
        "INSERT OR REPLACE INTO consents VALUES (?, ?, ?, ?, ?, ?, NULL, ?)",
        (person, consent, version, text_of(consent, version).sha256, method, call.now, receipt),
    )


def revoke(call: Call) -> Reply:
    person, name = family.chosen(call)["id"], _consent_id(call)
    from emkcli.mock import card

    last = call.db.execute(
        "SELECT * FROM consents WHERE person = ? AND consent = ? ORDER BY version DESC LIMIT 1", (person, name)
    ).fetchone()
    if last is None:
        raise Problem("conflict", "consent_not_given")
    withdraw(call, person, name)
    if activation.is_activated(call.db, person):
        card.audit(call, person, "revoke")
    return answer(_shown(call, person, name, last["version"]))


def withdraw(call: Call, person: str, consent: str) -> None:
    """From now on every version of it is taken back that was not before."""
    call.db.execute(
        "UPDATE consents SET revoked_at = ? WHERE person = ? AND consent = ? AND revoked_at IS NULL",
        (call.now, person, consent),
    )


def missing(call: Call, person: str) -> list[str]:
    """ID@VERSION of every consent in force that the person has not given."""
    return [
        f"{name}@{version}"
        for name, version in in_force(call.settings).items()
        if (acceptance := _acceptance(call.db, person, name, version)) is None or acceptance["revoked_at"] is not None
    ]


def require(call: Call, person: str) -> None:
    if lacking := missing(call, person):
        raise Problem("consent_required", names={"consents": ", ".join(lacking)}, consents=lacking)


def _all(call: Call, person: str) -> list[dict[str, Any]]:
    """The texts in force first, then older ones that the person once accepted."""
    current = in_force(call.settings)
    older = call.db.execute("SELECT consent, version FROM consents WHERE person = ? ORDER BY 1, 2 DESC", (person,))
    pairs = [*current.items(), *((row[0], row[1]) for row in older if current[row[0]] != row[1])]
    return [_shown(call, person, name, version) for name, version in pairs]


def _shown(call: Call, person: str, name: str, version: str) -> dict[str, Any]:
    acceptance, current = _acceptance(call.db, person, name, version), in_force(call.settings)[name]
    return {
        "id": name,
        "service": SERVICE,
        "title": _TITLES[name],
        "text": text_of(name, version).body,
        "version": version,
        "sha256": text_of(name, version).sha256,
        "status": _status(acceptance, current == version),
        "accepted_at": iso(acceptance["accepted_at"]) if acceptance else None,
        "revoked_at": iso(acceptance["revoked_at"]) if acceptance else None,
        "receipt": acceptance["receipt"] if acceptance else None,
    }


def _status(acceptance: Row | None, current: bool) -> str:
    if acceptance is None:
        return "required"
    if acceptance["revoked_at"] is not None:
        return "revoked"
    return "accepted" if current else "superseded"


def _acceptance(db: Connection, person: str, consent: str, version: str) -> Row | None:
    row: Row | None = db.execute(
        "SELECT * FROM consents WHERE person = ? AND consent = ? AND version = ?", (person, consent, version)
    ).fetchone()
    return row


def _consent_id(call: Call) -> str:
    if call.args["id"] not in _TITLES:
        raise Problem("not_found", "no_consent", names=call.args)
    return call.args["id"]


def _changes(consent: str, version: str, language: str) -> str:
    return _CHANGES.get((consent, version), ("", ""))[language == "ru"]
