"""The one redactor: what could name a person or let somebody in becomes `***`, by value, by structure and by shape."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emkcli.security.secret_names import HIDDEN, KEYS, NAMES, SECRET_ENDINGS, hides, plain

if TYPE_CHECKING:
    from emkcli.security.secret_values import Needles

LONGEST = 16_384
"""Characters of a text that are said; the rest is left out."""
TAIL = 2048
DEEPEST = 40
"""Levels of a tree that are said."""
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
        if isinstance(value, Mapping):
            for name, inner in _fields(value):
                self.learn(f"{key}.{name}" if plain(key) == "passport" else name, inner)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                self.learn(key, inner)
        elif isinstance(value, (str, bytes)) and value and _is_private(key, value):
            self._remember(key, value)
            if isinstance(value, str) and value.startswith("eyJ"):
                self._learn_claims(value)

    def _learn_claims(self, token: str) -> None:
        """Who logged in, as an id token says."""
        claims = claims_of(token)
        self.learn("", claims)
        self.learn("fullname", claims.get("name"))

    def _remember(self, key: str, value: str | bytes) -> None:
        before = len(self._names) + len(self._secrets)
        if isinstance(value, str) and plain(key) in NAMES:
            self._names.add(value)
        else:
            self._secrets.update(_forms(value))
        if len(self._names) + len(self._secrets) > before:
            self._needles = None

    def text(self, message: str) -> str:
        """`message` without what must not be read by others; words, versions, paths, values and request ids stay."""
        from emkcli.security import secret_shapes, secret_values

        said = message[:LONGEST]
        clean = secret_shapes.without_shapes(secret_values.without(said, self._known().spans(said)))
        # what was cut may end in half a secret, which nothing recognises
        return clean if len(said) == len(message) else clean[:-TAIL] + "…"

    def data(self, value: Any, key: str = "", depth: int = 0) -> Any:
        """A JSON tree of which the same is true; a hidden value keeps its place."""
        if depth > DEEPEST:
            return HIDDEN
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.data(inner, str(name), depth + 1) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(inner, key, depth + 1) for inner in value]
        if value is None or isinstance(value, bool):
            return value
        if key and hides(key, str(value)):
            return HIDDEN
        if isinstance(value, str):
            return self.text(value)
        return value if self.text(str(value)) == str(value) else HIDDEN

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


def _is_private(key: str, value: str | bytes = b"") -> bool:
    """By any part of a dotted name: `passport.series` too. A `code` may be one of a list, or one that lets in."""
    if plain(key) == "code":
        return re.fullmatch(rb"\d{4,8}|\S{16,}", value.encode() if isinstance(value, str) else value) is not None
    parts = [plain(part) for part in key.split(".")]
    return any(part in KEYS or part.endswith(SECRET_ENDINGS) for part in parts)


def place(path: str | Path) -> str:
    """A path without the name of whoever lives there: the home directory is `~`."""
    home, location = str(Path.home()), str(path)
    if home != "/" and (location == home or location.startswith(home.rstrip("/") + "/")):
        return "~" + location[len(home.rstrip("/")) :]
    return location


def _fields(document: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values. What has a name and is no person, such as a clinic, has no address or telephone to hide."""
    of_person = not {plain(str(name)) for name in document}.isdisjoint(OF_PERSONS)
    for name, value in document.items():
        if name == "name" and of_person:
            yield "fullname", value
        elif of_person or "name" not in document or isinstance(value, (Mapping, list)):
            yield str(name), value


def claims_of(token: str) -> Mapping[str, Any]:
    """What a JWT says, believed or not; nothing when it is none."""
    payload = token.split(".")[1:2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload[0] + "=" * (-len(payload[0]) % 4))) if payload else {}
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _forms(value: str | bytes) -> Iterator[bytes]:
    """The value; a key in hex as the bytes it stands for; a Russian phone without its 7."""
    encoded = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
    yield encoded
    if re.fullmatch(rb"(?:[0-9a-fA-F]{2}){16,}", encoded):
        yield bytes.fromhex(encoded.decode())
    digits = re.sub(rb"\D", b"", encoded)
    if len(digits) == 11 and digits[:1] in (b"7", b"8"):
        yield digits[1:]
