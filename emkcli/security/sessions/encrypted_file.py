"""The session in a file under a passphrase: scrypt makes the key, AES-256-GCM seals, the header is sealed with it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import scrypt
from pathlib import Path
from typing import Any

from emkcli import errors
from emkcli.config.atomic_files import write_private
from emkcli.config.private_files import read_private, remove_private
from emkcli.locale import _
from emkcli.models import Tokens
from emkcli.security.passphrases import Passphrase
from emkcli.security.sessions.plain_file import try_out
from emkcli.security.sessions.stored_session import parsed

FORMAT: dict[str, Any] = {"emk": "session", "version": 1, "cipher": "AES-256-GCM"}
COST: dict[str, Any] = {"kdf": "scrypt", "n": 2**15, "r": 8, "p": 3}
"""OWASP's recommendation for 32 MiB of memory. A file that names another cost is refused rather than obeyed."""
# 96 bits are what GCM is made for; random nonces are safe for 2**32 writings (NIST SP 800-38D §8.3)
SALT, NONCE = 16, 12


@dataclass
class EncryptedStore:
    """One line of JSON, then the sealed tokens. What it is sealed for, profile and address, is not written: a file that
    was carried to another place does not open there."""

    path: Path
    passphrase: Passphrase
    purpose: str
    source: str = "encrypted_file"
    _keys: dict[bytes, bytes] = field(default_factory=dict, repr=False)

    def load(self) -> Tokens | None:
        content = read_private(self.path)
        return None if content is None else parsed(self._opened(content))

    def save(self, tokens: Tokens) -> None:
        """Under the salt that was opened in this run, so that a refresh derives no second key; the nonce is new."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        salt = next(iter(self._keys), None) or secrets.token_bytes(SALT)
        nonce = secrets.token_bytes(NONCE)
        header = json.dumps(FORMAT | COST | {"salt": salt.hex(), "nonce": nonce.hex()}).encode() + b"\n"
        cipher = AESGCM(self._key(salt, self.passphrase.new))
        sealed = cipher.encrypt(nonce, tokens.to_json(), self._bound(header))
        write_private(self.path, header + sealed)

    def clear(self) -> None:
        remove_private(self.path)

    def probe(self) -> None:
        """The passphrase is asked for before anything is spent; over an old session it must be the same."""
        try_out(self.path)
        try:
            opened = self.load() is not None
        except errors.LoginRequired:
            opened = True
        if not opened:
            self.passphrase.new()

    def _opened(self, content: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        header, newline, sealed = content.partition(b"\n")
        salt, nonce = self._understood(header)
        try:
            cipher = AESGCM(self._key(salt, self.passphrase.known))
            return cipher.decrypt(nonce, sealed, self._bound(header + newline))
        except InvalidTag:
            # another passphrase may be typed next; this key would answer for it
            self._keys.pop(salt, None)
            raise self._refused(_("the passphrase is another one, or the file was changed")) from None

    def _understood(self, header: bytes) -> tuple[bytes, bytes]:
        try:
            fields = json.loads(header)
            salt, nonce = bytes.fromhex(fields.pop("salt")), bytes.fromhex(fields.pop("nonce"))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._refused(_("the file is damaged")) from None
        if fields != FORMAT | COST or (len(salt), len(nonce)) != (SALT, NONCE):
            raise self._refused(_("the file is damaged, or of a newer emk"))
        return salt, nonce

    def _key(self, salt: bytes, passphrase: Any) -> bytes:
        if salt not in self._keys:
            cost = {name: COST[name] for name in ("n", "r", "p")}
            # maxmem: 128·n·r bytes and a little more are needed, which OpenSSL's default of 32 MiB just refuses
            self._keys = {salt: scrypt(passphrase(), salt=salt, maxmem=2**27, dklen=32, **cost)}
        return self._keys[salt]

    def _bound(self, header: bytes) -> bytes:
        return header + self.purpose.encode()

    def _refused(self, reason: str) -> errors.Storage:
        return errors.Storage(
            _("{path} does not open: {reason}.").format(path=self.path, reason=reason),
            hint=_("it was left as it is; emk logout removes it"),
        )
