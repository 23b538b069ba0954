"""The one redactor: what could name a person or let somebody in becomes `***`, by value, by structure and by shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emkcli.config.named_files import home as home_directory
from emkcli.security.secret_names import HIDDEN, KEYS, NAMES, SECRET_ENDINGS, hides, plain

if TYPE_CHECKING:
    from emkcli.security.secret_values import Needles

LONGEST = 16_384
"""Characters of a text that are said; the rest is left out."""
TAIL = 2048
"""Characters that go with what was cut off: they may end in half a secret, which nothing recognises."""
DEEPEST = 40
LARGEST = 1000
"""Levels and values of a tree that are said."""
MOST = 500
"""Secrets that one document may tell."""
OF_PERSONS = ("birthdate", "snils", "givenname")
"""Names of fields that only people have."""
Learn = Callable[[str, Any], None]
"""Takes a name and its value, as it stands in a document, and remembers what the name says is secret."""


def ignore(key: str, value: Any) -> None:
    """Learn nothing: for a script, which says what it likes."""


class Redactor:
    """What one run must not say. Whoever reads or makes a secret hands it to `learn`, in the same line."""

    def __init__(self) -> None:
        self._secrets: set[bytes] = set()
        self._names: set[str] = set()
        self._needles: Needles | None = None

    def learn(self, key: str, value: Any) -> None:
        """Remember the values of a document that are secret or personal by their names; other ones are ignored."""
        for name, secret in islice(_private_values(key, value), MOST):
            self._remember(name, secret)
            if isinstance(secret, str) and secret.startswith("eyJ"):
                for claim, told in islice(_private_values("", _claims(secret)), MOST):
                    self._remember(claim, told)

    def text(self, message: str) -> str:
        """`message` without what must not be read by others; words, versions, paths, values and request ids stay."""
        from emkcli.security import secret_shapes, secret_values

        said = message[:LONGEST]
        clean = secret_shapes.without_shapes(secret_values.without(said, self._known().spans(said)))
        return clean if len(said) == len(message) else clean[:-TAIL] + "…"

    def data(self, value: Any, key: str = "") -> Any:
        """A JSON tree of which the same is true; a hidden value keeps its place."""
        return self._data(value, key, 0, count())

    def _data(self, value: Any, key: str, depth: int, values: Iterator[int]) -> Any:
        if isinstance(value, (Mapping, list, tuple)):
            if depth > DEEPEST:
                return HIDDEN
            if isinstance(value, Mapping):
                pairs = islice(value.items(), LARGEST)
                return {self.text(str(name)): self._data(inner, str(name), depth + 1, values) for name, inner in pairs}
            return [self._data(inner, key, depth + 1, values) for inner in islice(value, LARGEST)]
        if value is None or isinstance(value, bool):
            return value
        if next(values) > LARGEST or (key and hides(key, str(value))):
            return HIDDEN
        said = self.text(str(value))
        return said if isinstance(value, str) else value if said == str(value) else HIDDEN

    def _remember(self, key: str, value: str | bytes) -> None:
        before = len(self._names) + len(self._secrets)
        if isinstance(value, str) and plain(key) in NAMES:
            self._names.add(value)
        else:
            self._secrets.update(_forms(value))
        if len(self._names) + len(self._secrets) > before:
            self._needles = None

    def _known(self) -> Needles:
        from emkcli.security.secret_values import Needles

        if self._needles is None:
            needles = Needles()
            for secret in tuple(self._secrets):
                needles.add_value(secret)
            for name in tuple(self._names):
                needles.add_name(name)
            self._needles = needles
        return self._needles


def place(path: str | Path) -> str:
    """A path without the name of whoever lives there: the home directory is `~`."""
    home, location = str(home_directory() or "/"), str(path)
    if home != "/" and (location == home or location.startswith(home.rstrip("/") + "/")):
        return "~" + location[len(home.rstrip("/")) :]
    return location


def _private_values(key: str, value: Any) -> Iterator[tuple[str, str | bytes]]:
    """Every value of a document, however deep, that its name calls private."""
    left = [(key, value)]
    while left:
        key, value = left.pop()
        if isinstance(value, Mapping):
            left += [(f"{key}.{name}" if plain(key) == "passport" else name, inner) for name, inner in _fields(value)]
        elif isinstance(value, (list, tuple)):
            left += [(key, inner) for inner in value]
        elif isinstance(value, (str, bytes)) and value and _is_private(key, value):
            yield key, value


def _fields(document: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values. What has a name and is no person, such as a clinic, has no address or telephone to hide."""
    of_person = not {plain(str(name)) for name in document}.isdisjoint(OF_PERSONS)
    for name, value in document.items():
        if name == "name" and of_person:
            yield "fullname", value
        elif of_person or "name" not in document or isinstance(value, (Mapping, list)):
            yield str(name), value


def _is_private(key: str, value: str | bytes) -> bool:
    """By any part of a dotted name: `passport.series` too. A `code` may be one of a list, or one that lets in."""
    if plain(key) == "code":
        return re.fullmatch(rb"\d{4,8}|\S{16,}", _bytes(value)) is not None
    parts = [plain(part) for part in key.split(".")]
    return HIDDEN not in str(value) and any(part in KEYS or part.endswith(SECRET_ENDINGS) for part in parts)


def _claims(token: str) -> Mapping[str, Any]:
    """What a JWT says of a person, believed or not; nothing when it is none."""
    import base64
    import json

    payload = token.split(".")[1:2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload[0] + "=" * (-len(payload[0]) % 4))) if payload else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(claims, dict):
        return {}
    return {"fullname" if name == "name" else name: claim for name, claim in claims.items()}


def _forms(value: str | bytes) -> Iterator[bytes]:
    """The value; a key in hex as its bytes; a Russian phone without its 7; a date the other way round."""
    yield _bytes(value)
    if re.fullmatch(rb"(?:[0-9a-fA-F]{2}){16,}", _bytes(value)):
        yield bytes.fromhex(_bytes(value).decode())
    digits = re.sub(rb"\D", b"", _bytes(value))
    if len(digits) == 11 and digits[:1] in (b"7", b"8"):
        yield digits[1:]
    if date := re.fullmatch(rb"(\d{4})-(\d\d)-(\d\d)", _bytes(value)):
        yield b".".join(reversed(date.groups()))


def _bytes(value: str | bytes) -> bytes:
    """Of a text, whatever a server put into it: a lone surrogate has no UTF-8."""
    return value if isinstance(value, bytes) else value.encode("utf-8", "replace")
