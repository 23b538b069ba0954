"""Windows' Credential Manager, as far as the `keyring` library's own Windows backend looks: 2560 bytes in one item.

Items are files, so that processes share them; a budget of writes ends the process as a kill would.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import keyring
import keyring.core
import pytest
from keyring.backends import Windows


class Error(Exception):
    """What pywin32 raises."""

    def __init__(self, winerror: int, funcname: str) -> None:
        super().__init__(winerror, funcname, "refused")
        self.winerror, self.funcname = winerror, funcname


class Vault:
    """Stands in for both `win32cred` and `pywintypes`."""

    CRED_TYPE_GENERIC = 1
    CRED_PERSIST_ENTERPRISE = 3
    error = Error

    def __init__(self, folder: Path, writes: int | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.writes = folder, writes

    def CredWrite(self, credential: dict[str, Any], _flags: int) -> None:
        self._spend()
        if len(credential["CredentialBlob"].encode("utf-16-le")) > 5 * 512:
            raise Error(1783, "CredWrite")
        new = self.folder / f".{os.getpid()}"
        kept = {name: credential[name] for name in ("TargetName", "UserName", "CredentialBlob")}
        new.write_text(json.dumps(kept), encoding="utf-8")
        new.replace(self._file(credential["TargetName"]))

    def CredRead(self, *, Type: int, TargetName: str) -> dict[str, Any]:
        try:
            found = json.loads(self._file(TargetName).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise Error(1168, "CredRead") from None
        return found | {"CredentialBlob": found["CredentialBlob"].encode("utf-16-le")}

    def CredDelete(self, *, Type: int, TargetName: str) -> None:
        self._spend()
        try:
            self._file(TargetName).unlink()
        except FileNotFoundError:
            raise Error(1168, "CredDelete") from None

    def items(self) -> dict[str, str]:
        """Who has an item, and what is in it."""
        read = [json.loads(file.read_text(encoding="utf-8")) for file in self.folder.glob("*.item")]
        return {one["TargetName"]: one["CredentialBlob"] for one in read}

    def _file(self, target: str) -> Path:
        return self.folder / f"{hashlib.sha256(target.encode()).hexdigest()}.item"

    def _spend(self) -> None:
        if self.writes is not None:
            if self.writes == 0:
                os._exit(9)
            self.writes -= 1


def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds the keyring of another, and after it the library's is as it was."""
    for name in ("win32cred", "pywintypes"):
        monkeypatch.setattr(Windows, name, None, raising=False)
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)


def install(folder: Path, writes: int | None = None) -> Vault:
    """Make the library use its Windows backend on a vault in that folder."""
    vault = Vault(folder, writes)
    Windows.win32cred = Windows.pywintypes = vault
    keyring.set_keyring(Windows.WinVaultKeyring())
    return vault
