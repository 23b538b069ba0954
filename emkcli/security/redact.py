"""The one redactor: what could name a person or let somebody in becomes `***`, by structure first, by shape second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from emkcli.config.named_files import home as home_directory

HIDDEN = "***"

_ACCESS = """authorization proxyauthorization cookie setcookie xapikey apikey assertion clientassertion codeverifier
    password passwd passphrase pin otp smscode login"""
_NAME = "lastname firstname middlename surname patronymic family given fullname"
_PERSON = """snils phone mobile telephone tel email mail passport policy omspolicy polis enp inn birthdate birthplace
    address registrationaddress residenceaddress accountid"""
NAMES = frozenset(_NAME.split())
KEYS = frozenset((*_ACCESS.split(), *_PERSON.split(), *NAMES))
"""Names whose values are hidden whatever they look like: lower case, letters and digits only."""
SECRET_ENDINGS = ("token", "secret", "password", "passphrase", "cookie", "privatekey")
READABLE_HEX = frozenset({32, 40, 64})
"""Lengths of request ids and checksums."""

_KEY = r"[A-Za-z][A-Za-z0-9_.\-]*"
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\s*[:=]\s*)(?!\s)[^\n]+")
_SCHEME = re.compile(r"\b(Bearer|Basic|DPoP)\s+(?!token|auth|\*\*\*)[\w.~+/=-]{4,}")
_MEMBER = re.compile(
    rf"""(["'])({_KEY})\1(\s*:\s*)("(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\[[^\]\n]*\]?|[^\s,}}\]]+)"""
)
_ASSIGNED = re.compile(rf"""\b({_KEY})(\s?=\s?)("[^"\n]*"?|'[^'\n]*'?|[^\s&;,)}}\]]+)""")
_LABELLED = re.compile(rf"\b({_KEY})(:\s+)([^\s,;]+)")
_USERINFO = re.compile(r"(?<=://)[^/\s@?#]+@")
_QUERY = re.compile(r"""(?<=[?&])([\w.$%\[\]:~-]+=)[^&\s"'<>#]*""")
_FRAGMENT = re.compile(r"""(://[^\s"'<>#]*#)[^\s"'<>]+""")
_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)
_CODE = re.compile(r"(?i)\b(код\w*|code|otp|pin|пин|пароль)(\W{1,4}(?:из смс|is|от)?\W{0,3})\d{4,8}\b")

_PATRONYMIC = r"[А-ЯЁ][а-яё]+(?:[ое]вич|ьич|[ое]вн|ичн|иничн)(?:а|у|ем|ой|ы|е|)"
_WORD = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
_SHAPES = (
    re.compile(r"\beyJ[\w-]{6,}(?:\.[\w-]*){0,4}"),
    re.compile(r"AGE-SECRET-KEY-1\w+"),
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![\d.,])\d{3}[- –]\d{3}[- –]\d{3}[- –]?\d{2}(?!\d)"),
    re.compile(r"(?<![\w+.,])(?:\+\s?7|[78])[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)"),
    re.compile(r"(?<![\w.])\+\d(?:[\s()-]*\d){9,14}"),
    re.compile(r"(?<![\w.])\(?9\d\d\)?[\s-]\d{3}[\s-]\d{2}[\s-]?\d{2}(?!\d)"),
    re.compile(r"(?<![\w.,-])(?:\d{4}[ -]){3}\d{4}(?![\w-])"),
    re.compile(r"(?<![\w.,-])(?:\d{4}|\d\d[ -]\d\d)(?: ?№ ?|[ :])\d{6}(?!\w)"),
    re.compile(r"(?<![\w.,-])(?:\d{10}|\d{11}|\d{16})(?![\w-])"),
    re.compile(rf"\b(?:{_WORD}\s+){{1,2}}{_PATRONYMIC}\b(?:\s+{_WORD}\b)?"),
    re.compile(rf"\b{_WORD}\s+[А-ЯЁ]\.\s?[А-ЯЁ]\.|\b[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?{_WORD}"),
)
_DENSE = re.compile(r"(?<![\w/.~+-])[A-Za-z0-9_+/-]{24,}={0,2}|[A-Za-z0-9_+-]{32,}={0,2}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def text(message: str) -> str:
    """`message` without what must not be read by others; words, versions, paths, values and request ids stay."""
    message = _BLOCK.sub(HIDDEN, message)
    message = _HEADER.sub(rf"\1\2{HIDDEN}", message)
    message = _SCHEME.sub(rf"\1 {HIDDEN}", message)
    message = _USERINFO.sub(f"{HIDDEN}@", message)
    message = _QUERY.sub(rf"\1{HIDDEN}", message)
    message = _FRAGMENT.sub(rf"\1{HIDDEN}", message)
    message = _MEMBER.sub(_member, message)
    message = _ASSIGNED.sub(_assigned, message)
    message = _LABELLED.sub(_labelled, message)
    message = _CODE.sub(rf"\1\2{HIDDEN}", message)
    for shape in _SHAPES:
        message = shape.sub(HIDDEN, message)
    return _DENSE.sub(_dense, message)


def data(value: Any, key: str = "") -> Any:
    """A JSON tree of which the same is true; a hidden value keeps its place."""
    if isinstance(value, Mapping):
        return {name: data(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [data(inner, key) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    if key and hides(key, str(value)):
        return HIDDEN
    if isinstance(value, str):
        return text(value)
    return value if text(str(value)) == str(value) else HIDDEN


def place(path: str | Path) -> str:
    """A path without the name of whoever lives there: the home directory is `~`."""
    home, location = str(home_directory() or "/"), str(path)
    if home != "/" and (location == home or location.startswith(home.rstrip("/") + "/")):
        location = "~" + location[len(home.rstrip("/")) :]
    return text(location)


def hides(key: str, value: str) -> bool:
    """Whether the value of `key` is hidden because of its name; a `code` only when it looks like one of an SMS."""
    name = re.sub(r"[^a-z0-9]", "", key.rpartition(".")[2].lower())
    if name == "code":
        return re.fullmatch(r"\d{4,8}", value.strip("\"'")) is not None
    return name in KEYS or name.endswith(SECRET_ENDINGS)


def _member(match: re.Match[str]) -> str:
    quote, key, between, value = match.groups()
    return f'{quote}{key}{quote}{between}"{HIDDEN}"' if hides(key, value) and value != "null" else match[0]


def _assigned(match: re.Match[str]) -> str:
    key, between, value = match.groups()
    return f"{key}{between}{HIDDEN}" if hides(key, value) else match[0]


def _labelled(match: re.Match[str]) -> str:
    """`phone: 11 digits` is a rule, `phone: +7900…` is a phone."""
    key, between, value = match.groups()
    telling = (len(value) > 4 and any(sign.isdigit() or sign == "@" for sign in value)) or _is_name(key, value)
    return f"{key}{between}{HIDDEN}" if telling and hides(key, value) else match[0]


def _is_name(key: str, value: str) -> bool:
    return re.sub(r"[^a-z]", "", key.lower()) in NAMES and re.fullmatch(_WORD, value.strip("\"'")) is not None


def _dense(match: re.Match[str]) -> str:
    """Random letters and digits change their kind all the time; names and paths do not."""
    word = match[0]
    if _UUID.search(word) or (len(word) in READABLE_HEX and re.fullmatch(r"[0-9a-f]+", word)):
        return word
    kinds = ["d" if sign.isdigit() else "u" if sign.isupper() else "l" for sign in word if sign.isalnum()]
    changes = sum(previous != current for previous, current in pairwise(kinds))
    return HIDDEN if len(set(kinds)) > 1 and changes >= 0.3 * len(kinds) else word
