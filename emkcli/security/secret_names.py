"""Names of fields, headers and parameters whose values are secret or name a person, whatever the values look like."""

from __future__ import annotations

import re

HIDDEN = "***"

_ACCESS = """authorization proxyauthorization cookie setcookie xapikey apikey assertion clientassertion codeverifier
    devicecode usercode password passwd passphrase pin otp smscode login"""
_NAME = "lastname firstname middlename surname patronymic family given fullname familyname givenname"
_PERSON = """snils phone phonenumber mobile telephone tel email mail passport policy omspolicy polis enp inn birthdate
    birthplace address registrationaddress residenceaddress accountid"""
NAMES = frozenset(_NAME.split())
KEYS = frozenset((*_ACCESS.split(), *_PERSON.split(), *NAMES))
"""In lower case, letters and digits only."""
SECRET_ENDINGS = ("token", "secret", "password", "passphrase", "cookie", "privatekey")


def hides(key: str, value: str) -> bool:
    """Whether the value of `key` is hidden because of its name; a `code` only when it looks like one of an SMS."""
    if is_code(key):
        return re.fullmatch(r"\d{4,8}", value.strip("\"'")) is not None
    return may_hide(key)


def may_hide(key: str) -> bool:
    name = plain(key)
    return name == "code" or name in KEYS or name.endswith(SECRET_ENDINGS)


def is_code(key: str) -> bool:
    return plain(key) == "code"


def plain(key: str) -> str:
    """The last part of a dotted name as the lists above write it."""
    return re.sub(r"[^a-z0-9]", "", key.rpartition(".")[2].lower())
