"""The passphrase that opens what is kept encrypted: from a file, the first line of standard input, or a person."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from emkcli import errors
from emkcli.config import named_files
from emkcli.locale import _
from emkcli.security.redact import Learn, ignore

LONGEST = 4096


class Passphrase:
    """Asked for once per run. `chosen`: the person wants secrets under it rather than in a keyring."""

    def __init__(
        self,
        file: str | None = None,
        *,
        stdin: Callable[[], BinaryIO | None] = lambda: None,
        ask: Callable[[str], str] | None = None,
        chosen: bool = False,
        learn: Learn = ignore,
    ) -> None:
        self._file, self._stdin, self._ask, self.chosen, self._learn = file, stdin, ask, chosen, learn
        self._known: bytes | None = None

    @property
    def offered(self) -> bool:
        """Whether new secrets may be put under it without having been asked to."""
        return self.chosen or self._file is not None

    def known(self) -> bytes:
        """The passphrase that something was locked with."""
        self._known = self._known or self._from_file() or self._asked(_("Passphrase"))
        self._learn("passphrase", self._known)
        return self._known

    def new(self) -> bytes:
        """A passphrase to lock with: a person types it twice."""
        if self._known is None and self._file is None:
            typed = self._asked(_("New passphrase"))
            if self._asked(_("The same again")) != typed:
                raise errors.InvalidInput(_("The two passphrases differ."))
            self._known = typed
        return self.known()

    def _from_file(self) -> bytes | None:
        if self._file is None:
            return None
        return self._from_stdin() if self._file == "-" else passphrase_in(Path(self._file))

    def _from_stdin(self) -> bytes:
        stream = self._stdin()
        line = stream.readline(LONGEST).rstrip(b"\r\n") if stream else b""
        if not line:
            raise errors.InvalidInput(_("The passphrase is expected in the first line of standard input."))
        return line

    def _asked(self, label: str) -> bytes:
        if self._ask is None:
            raise errors.NoSecretStorage(
                _("A passphrase is needed, and there is nobody to ask."),
                hint=_("name a file with it in EMK_PASSPHRASE_FILE (mode 0600; - is the first line of standard input)"),
            )
        return self._ask(label).encode()


def passphrase_in(file: Path) -> bytes:
    """What a passphrase file says; one that others can read is refused."""
    try:
        passphrase = named_files.content(file).rstrip(b"\r\n")
        wide = file.is_file() and file.stat().st_mode & 0o077 and os.name == "posix"
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be read.").format(path=file), hint=_("check EMK_PASSPHRASE_FILE")
        ) from cause
    if wide:
        raise errors.Storage(_("Others can read the passphrase file."), hint=_("chmod 600 {file}").format(file=file))
    if not passphrase:
        raise errors.InvalidInput(_("The passphrase file is empty."))
    return passphrase
