"""What a secret or a personal datum looks like, by its place in a text and by its shape. Every pattern reads a text once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from emkcli.security.secret_names import HIDDEN, NAMES, hides, is_code, may_hide

READABLE_HEX = frozenset({32, 40, 64})
"""Lengths of request ids and checksums; a token of that shape is known by its value."""

# A run of characters is entered at its beginning only and never given back (`++`): a text of one long word is read once.
_KEY = r"(?<![\w.\-])[\w.\-]++"
_HEADER = re.compile(
    r"(?i)(?<!\w)((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\s{0,9}[:=]\s{0,9})(?!\s)[^\n]++"
)
_SCHEME = re.compile(r"\b(Bearer|Basic|DPoP|BEARER|BASIC|DPOP)\s{1,9}(?!(?i:token|auth)|\*\*\*)[\w.~+/=-]{4,}")
_LOWER_SCHEME = re.compile(
    r"\b(bearer|basic|dpop)\s{1,9}(?!token|auth)(?=[a-z.~+/=-]{0,80}[A-Z0-9_]|[\w.~+/=-]{16})[\w.~+/=-]{4,}"
)
_USERINFO = re.compile(r"(?<=://)[^/\s@?#]++@")
_QUERY = re.compile(r"""(?<=[?&])([\w.$%\[\]:~-]++=)[^&\s"'<>#]*+""")
_URL = re.compile(r"""(://)([^\s"'<>]++)""")
_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]{1,60}-----.*?(?:-----END [A-Z0-9 ]{1,60}-----|\Z)", re.DOTALL)
_CODE = re.compile(r"(?i)\b(код\w{0,6}+|code|otp|pin|пин|пароль)(\W{1,4}(?:из смс|is|от)?\W{0,3})\d{4,8}\b")

_PATRONYMIC = r"[А-ЯЁ][а-яё]{1,30}(?:[ое]вич|ьич|[ое]вн|ичн|иничн)(?:а|у|ем|ой|ы|е|)"
_WORD = r"[А-ЯЁ][а-яё]{1,40}+(?:-[А-ЯЁ][а-яё]{1,40}+)?"
_SHAPES = (
    re.compile(r"\beyJ[\w-]{6,}+(?:\.[\w-]*){0,4}"),
    re.compile(r"AGE-SECRET-KEY-1\w++"),
    re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+"),
    re.compile(r"(?<![\d.,])\d{3}[- –]\d{3}[- –]\d{3}[- –]?\d{2}(?!\d)"),
    re.compile(r"(?<![\w+.,])(?:\+\s?7|[78])[\s(-]{0,3}\d{3}[\s)-]{0,3}\d{3}[\s-]{0,3}\d{2}[\s-]{0,3}\d{2}(?!\d)"),
    re.compile(r"(?<![\w.])\+\d(?:[\s()-]{0,3}\d){9,14}"),
    re.compile(r"(?<![\w.])\(?9\d\d\)?[\s-]\d{3}[\s-]\d{2}[\s-]?\d{2}(?!\d)"),
    re.compile(r"(?<![\w.,-])(?:\d{4}[ -]){3}\d{4}(?![\w-])"),
    re.compile(r"(?<![\w.,-])(?:\d{4}|\d\d[ -]\d\d)(?: ?№ ?|[ :])\d{6}(?!\w)"),
    re.compile(r"(?<![\w.,-])(?:\d{10}|\d{11}|\d{16})(?![\w-])"),
    re.compile(rf"\b(?:{_WORD}\s{{1,9}}){{1,2}}{_PATRONYMIC}\b(?:\s{{1,9}}{_WORD}\b)?"),
    re.compile(rf"\b{_WORD}\s{{1,9}}[А-ЯЁ]\.\s?[А-ЯЁ]\.|\b[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?{_WORD}"),
)
_DENSE = re.compile(r"(?<![\w/.~+-])[A-Za-z0-9_+/-]{24,}+={0,2}|[A-Za-z0-9_+-]{32,}+={0,2}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class _Pairs:
    """A way to write a name and its value; `tells` says of a value whether it can be one that the name hides."""

    key: re.Pattern[str]
    value: re.Pattern[str]
    hidden: str = HIDDEN
    tells: Callable[[str, str], bool] = lambda key, value: True


_MEMBERS = _Pairs(
    re.compile(r"""(["'])([\w.\-]++)\1\s{0,9}:\s{0,9}"""),
    re.compile(r"""(?!null\b)(?:"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\[[^\]\n]*+\]?|\{[^}\n]*+\}?|[^\s,}\]]++)"""),
    f'"{HIDDEN}"',
)
_ASSIGNMENTS = _Pairs(re.compile(rf"()({_KEY})\s?=\s?"), re.compile(r""""[^"\n]*+"?|'[^'\n]*+'?|[^\s&;,)}\]]++"""))


def _is_telling(key: str, value: str) -> bool:
    """`phone: 11 digits` is a rule, `phone: +7900…` is a phone."""
    return (len(value) > 4 and any(sign.isdigit() or sign == "@" for sign in value)) or _is_name(key, value)


def _is_name(key: str, value: str) -> bool:
    return re.sub(r"[^a-z]", "", key.lower()) in NAMES and re.fullmatch(_WORD, value.strip("\"'")) is not None


_LABELS = _Pairs(re.compile(rf"()({_KEY}):\s{{1,9}}"), re.compile(r"[^\s,;]++"), tells=_is_telling)


def without_shapes(message: str) -> str:
    """`message` without what looks secret; words, versions, paths, values and request ids stay."""
    message = _BLOCK.sub(HIDDEN, message)
    message = _HEADER.sub(rf"\1\2{HIDDEN}", message)
    message = _SCHEME.sub(rf"\1 {HIDDEN}", message)
    message = _LOWER_SCHEME.sub(rf"\1 {HIDDEN}", message)
    message = _USERINFO.sub(f"{HIDDEN}@", message)
    message = _QUERY.sub(rf"\1{HIDDEN}", message)
    message = _URL.sub(_without_fragment, message)
    for pairs in (_MEMBERS, _ASSIGNMENTS, _LABELS):
        message = _without_values(message, pairs)
    message = _CODE.sub(rf"\1\2{HIDDEN}", message)
    for shape in _SHAPES:
        message = shape.sub(HIDDEN, message)
    return _DENSE.sub(_dense, message)


def _without_fragment(match: re.Match[str]) -> str:
    page, mark, fragment = match[2].partition("#")
    return f"{match[1]}{page}{mark}{HIDDEN if fragment else ''}"


def _without_values(message: str, pairs: _Pairs) -> str:
    """A value is looked at only where its name hides it, and is not searched for further names then."""
    parts, end = [], 0
    for key in pairs.key.finditer(message):
        if key.start() < end or not may_hide(key[2]):
            continue
        value = _hidden_value(message, key, pairs)
        if value:
            parts += [message[end : key.end()], pairs.hidden]
            end = value.end()
    return "".join([*parts, message[end:]])


def _hidden_value(message: str, key: re.Match[str], pairs: _Pairs) -> re.Match[str] | None:
    if is_code(key[2]):
        return _DIGITS.match(message, key.end())
    value = pairs.value.match(message, key.end())
    return value if value and hides(key[2], value[0]) and pairs.tells(key[2], value[0]) else None


_DIGITS = re.compile(r"""["']?\d{4,8}\b["']?""")


def _dense(match: re.Match[str]) -> str:
    """Random letters and digits change their kind all the time; names and paths do not."""
    word = match[0]
    if _UUID.search(word) or (len(word) in READABLE_HEX and re.fullmatch(r"[0-9a-f]+", word)):
        return word
    kinds = ["d" if sign.isdigit() else "u" if sign.isupper() else "l" for sign in word if sign.isalnum()]
    changes = sum(previous != current for previous, current in pairwise(kinds))
    return HIDDEN if len(set(kinds)) > 1 and changes >= 0.3 * len(kinds) else word
