"""The parameters of a call: each there once, of the right shape, at the right time, from the right system."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from emkcli.mock.esia import signed
from emkcli.mock.esia.refusals import Refused
from emkcli.mock.oauth import clients

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emkcli.mock.exchange import Call
    from emkcli.mock.oauth.clients import Client

WINDOW = 300
_NEEDED = ("client_secret", "timestamp", "state")
_TIME = r"\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d [+-]\d{4}"
_PERSON = (
    "openid fullname birthdate gender citizenship snils inn id_doc birthplace medical_doc military_doc"
    " foreign_passport_doc drivers_licence_doc birth_cert_doc residence_doc temporary_residence_doc email mobile"
    " addresses usr_org usr_avt self_employed usr_reg_cxt"
)
_KIDS = "fullname birthdate gender snils inn birth_cert_doc medical_doc email mobile id_doc"
SCOPES = {*_PERSON.split(), *(f"kid_{name}" for name in _KIDS.split())}
"""Table 96 of the guidelines, without the portal's own."""


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    params: dict[str, str] = {}
    for name, value in pairs:
        if name in params:
            raise Refused("007003", name[:40])
        params[name] = value
    return params


def system(call: Call, params: dict[str, str]) -> Client:
    """The system and its return address; who fails here has no address that could be answered."""
    for name in ("client_id", "redirect_uri"):
        if not params.get(name):
            raise Refused("007014", name)
    client = clients.find(call, params["client_id"])
    if client is None:
        raise Refused("008010")
    if not client.allows(params["redirect_uri"]):
        raise Refused("007023")
    return client


def check(call: Call, params: dict[str, str], client: Client, *needed: str, legacy: bool) -> None:
    for name in (*_NEEDED, *needed, *(() if legacy else ("client_certificate_hash",))):
        if not params.get(name):
            raise Refused("007014", name)
    _check_scope(params)
    _check_time(call, params["timestamp"])
    _check_state(call, client, params["state"])
    signed.require(params, client, legacy=legacy)


def check_authorization(params: dict[str, str]) -> None:
    if params["response_type"] != "code":
        raise Refused("007009")
    if params["access_type"] not in ("online", "offline"):
        raise Refused("007003", "access_type")
    filters(params)
    if "code_challenge" not in params and "code_challenge_method" not in params:
        return
    if params.get("code_challenge_method") != "GOST3411":
        raise Refused("007039")
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", params.get("code_challenge", "")):
        raise Refused("007038")


def filters(params: dict[str, str]) -> list[str]:
    """Which accounts the system lets in: conf_acc, acc_kid, acc_not_kid."""
    try:
        words = base64.b64decode(params.get("person_filter", ""), validate=True).decode().split()
    except (binascii.Error, UnicodeError):
        words = ["?"]
    if set(words) - {"conf_acc", "acc_kid", "acc_not_kid"}:
        raise Refused("007003", "person_filter")
    return words


def _check_scope(params: dict[str, str]) -> None:
    words = params.get("scope", "").split()
    if not words:
        raise Refused("007013")
    if not SCOPES.issuperset(words):
        raise Refused("007006")


def _check_time(call: Call, stamp: str) -> None:
    try:
        sent = datetime.strptime(stamp, "%Y.%m.%d %H:%M:%S %z") if re.fullmatch(_TIME, stamp) else None
    except ValueError:
        sent = None
    if sent is None:
        raise Refused("007003", "timestamp")
    if abs(sent.timestamp() - call.now) > WINDOW:
        raise Refused("007015")


def _check_state(call: Call, client: Client, state: str) -> None:
    """A UUID that this system has not used before."""
    try:
        fits = str(uuid.UUID(state)) == state.lower()
    except ValueError:
        fits = False
    insert = "INSERT OR IGNORE INTO seen_states VALUES (?, ?) RETURNING state"
    if not fits or call.db.execute(insert, (client.name, state)).fetchone() is None:
        raise Refused("007003", "state")
