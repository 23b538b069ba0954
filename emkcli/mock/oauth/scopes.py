"""What a session may do (SMART App Launch, scopes of version 1 and 2): the part of what was asked for that there is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from emkcli.mock.exchange import Call

FULL = "patient/*.read portal"
"""What a session has that was not asked which scopes it wants."""
PORTAL = "portal"
READ, SEARCH = "r", "s"
WORDS = ("openid", "fhirUser", "profile", "launch/patient", "offline_access", "online_access", PORTAL)
_RENEWED = {"offline_access", "online_access"}
_CLINICAL = re.compile(r"(patient|user)/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)")
# A record is read here and not written.
_VERSION_1 = {"read": "read", "*": "read", "write": ""}


def granted(asked: str) -> str:
    """The known scopes among those asked for, each as far as it can be granted; nothing asked for is `FULL`."""
    words = asked.split()
    return " ".join(dict.fromkeys(filter(None, map(_granted, words)))) if words else FULL


def _granted(word: str) -> str:
    clinical = _CLINICAL.fullmatch(word)
    if clinical is None:
        return word if word in WORDS else ""
    whose, kind, permission = clinical.groups()
    reading = _VERSION_1.get(permission, "".join(letter for letter in permission if letter in READ + SEARCH))
    return f"{whose}/{kind}.{reading}" if reading and (kind == "*" or kind in _kinds()) else ""


def _kinds() -> frozenset[str]:
    from emkcli.mock.fhir.kinds import KINDS  # the record's part, which the portal's requests do without

    return frozenset(KINDS)


def is_renewed(scope: str) -> bool:
    return not _RENEWED.isdisjoint(scope.split())


def without_card(scope: str) -> str:
    """What is left of it while the account is not confirmed."""
    kept = [word for word in scope.split() if word != PORTAL and not _CLINICAL.fullmatch(word)]
    return " ".join([*kept, "limited"])


def of(call: Call) -> str:
    """The scope of the session that asks."""
    if call.session is None:
        return FULL
    return call.session["scope"] or FULL


def of_session(call: Call, session: int) -> tuple[str | None, str]:
    """The client a session was opened for and its scope; our own logins by SMS or signature are anybody's and full."""
    row = call.db.execute("SELECT client, scope FROM grants WHERE session = ?", (session,)).fetchone()
    return (row["client"], row["scope"]) if row else (None, FULL)


def allows(scope: str, kind: str, interaction: str, *, of_others: bool = False) -> bool:
    """`patient/` is the patient whom the program was told of; others of the account need `user/`, or the portal."""
    only_user = of_others and PORTAL not in scope.split()
    return any(
        one in ("*", kind) and interaction in letters and not (only_user and whose == "patient")
        for whose, one, letters in _clinical(scope)
    )


@lru_cache(maxsize=256)
def readable(scope: str, *, of_others: bool = False) -> frozenset[str] | None:
    """The types of resources that may be looked for; None for all of them."""
    kinds = _kinds()
    found = frozenset(kind for kind in kinds if allows(scope, kind, SEARCH, of_others=of_others))
    return None if found == kinds else found


def reach(call: Call, patients: Collection[str]) -> dict[str, frozenset[str]] | None:
    """Each type that may be looked for, with those of the patients whose it may be; None for all types of them all."""
    scope = of(call)
    kinds = {patient: readable(scope, of_others=is_another(call, patient)) for patient in patients}
    if all(found is None for found in kinds.values()):
        return None
    whose = {
        kind: frozenset(patient for patient, found in kinds.items() if found is None or kind in found)
        for kind in sorted(_kinds())
    }
    return {kind: found for kind, found in whose.items() if found}


def is_another(call: Call, patient: str) -> bool:
    return bool(patient != call.owner["id"])


def require(call: Call, kind: str, interaction: str, *, of_others: bool = False) -> None:
    if not allows(of(call), kind, interaction, of_others=of_others):
        raise lacking(f"{'user' if of_others else 'patient'}/{kind}.{interaction}")


def require_portal(call: Call) -> None:
    if PORTAL not in of(call).split():
        raise lacking(PORTAL)


def _clinical(scope: str) -> Iterator[tuple[str, str, str]]:
    for found in filter(None, map(_CLINICAL.fullmatch, scope.split())):
        yield found[1], found[2], READ + SEARCH if found[3] == "read" else found[3]


def lacking(scope: str) -> Problem:
    """403 that names what the session would have to be granted."""
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    return Problem("forbidden", "scope_lacking", names={"scope": scope}, headers={"WWW-Authenticate": challenge})
