"""Files for somebody's eyes only: encrypted with age while they are written, so that the plain text is never on a disk."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from emkcli import errors
from emkcli.config.named_files import expanded
from emkcli.exporters.extras import need
from emkcli.exporters.targets import Writable
from emkcli.locale import _

PASSPHRASE = "passphrase"  # noqa: S105
_LONGEST_FILE = 1 << 20


@dataclass(frozen=True)
class Encryption:
    """Whom a file is for: recipients, or everybody who knows the passphrase."""

    recipients: tuple[Any, ...] = ()
    passphrase: str | None = field(default=None, repr=False)


def asked(words: Sequence[str], passphrase: Callable[[], str]) -> Encryption | None:
    """What `--encrypt` says: `age1…` and SSH keys, files of them, or the word `passphrase`. None without any."""
    if not words:
        return None
    need("pyrage", "age")
    if PASSPHRASE not in words:
        return Encryption(tuple(recipient for word in words for recipient in _recipients(word)))
    if set(words) != {PASSPHRASE}:
        raise errors.Usage(_("A passphrase and recipients exclude each other."))
    return Encryption(passphrase=passphrase())


@contextmanager
def encrypted(output: Writable, encryption: Encryption | None) -> Iterator[Writable]:
    """What is written comes out as it is, or encrypted; when the caller fails the end of the file is never written."""
    if encryption is None:
        yield output
    elif encryption.passphrase is not None:
        plain = io.BytesIO()  # pyrage has no stream for passphrases
        yield plain
        output.write(need("pyrage", "age").passphrase.encrypt(plain.getvalue(), encryption.passphrase))
    else:
        with _Stream(output, encryption.recipients) as stream:
            yield stream


class _Stream:
    """pyrage pulls, formats push: a pipe between them, the encryption on its other end in a thread."""

    def __init__(self, output: Writable, recipients: tuple[Any, ...]) -> None:
        self._output, self._recipients = output, recipients
        reading, writing = os.pipe()
        self._source = os.fdopen(reading, "rb", buffering=0)
        self._sink = os.fdopen(writing, "wb")
        self._thread = threading.Thread(target=self._encrypt, daemon=True)
        self._aborted = False
        self._failure: BaseException | None = None

    def __enter__(self) -> Writable:
        self._thread.start()
        return self._sink

    def __exit__(self, kind: object, raised: BaseException | None, trace: object) -> None:
        self._aborted = raised is not None
        with suppress(BrokenPipeError):
            self._sink.close()
        self._thread.join()
        if self._failure and (raised is None or isinstance(raised, BrokenPipeError)):
            raise self._failure from None

    def _encrypt(self) -> None:
        with self._source:
            try:
                need("pyrage", "age").encrypt_io(_Source(self._read), _Sink(self._write), list(self._recipients))
            except BaseException as cause:
                self._failure = self._failure or cause

    def _read(self, size: int) -> bytes:
        content = self._source.read(size)
        if not content and self._aborted:
            raise OSError("given up")
        return content

    def _write(self, content: bytes) -> int:
        """pyrage forgets an error of the last write, so it is kept here."""
        if self._failure is None:
            try:
                self._output.write(content)
            except BaseException as cause:
                self._failure = cause
                raise
        return len(content)


@dataclass(frozen=True)
class _Source:
    """A file to read from, as far as pyrage asks."""

    read: Callable[[int], bytes]


@dataclass(frozen=True)
class _Sink:
    """A file to write to, as far as pyrage asks."""

    write: Callable[[bytes], int]

    def flush(self) -> None:
        """The file below is flushed when it is whole."""


def _recipients(word: str) -> list[Any]:
    """A recipient, or those of a file: one a line, `#` begins a comment."""
    if word.startswith(("age1", "ssh-")):
        return [_recipient(word)]
    if word.upper().startswith("AGE-SECRET-KEY-"):
        raise _refused(_("--encrypt: this is a secret key; give its recipient, which begins with age1"))
    path = expanded(word)
    try:
        with path.open("rb") as file:
            lines = file.read(_LONGEST_FILE).decode("utf-8", "replace").splitlines()
    except (OSError, ValueError):
        message = _("--encrypt: {word} is no age recipient and no file that can be read").format(word=word)
        raise _refused(message) from None
    recipients = [_recipient(line.strip()) for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not recipients:
        raise _refused(_("--encrypt: there is no recipient in {file}").format(file=path))
    return recipients


def _recipient(text: str) -> Any:
    """Nothing of a key that cannot be read is repeated: it may be a secret one."""
    pyrage = need("pyrage", "age")
    kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(text)
    except pyrage.RecipientError as cause:
        message = _("--encrypt: this is no recipient that age knows ({why})").format(why=cause)
        raise _refused(message) from None


def _refused(message: str) -> errors.Usage:
    return errors.Usage(message, hint=_("age1…, a file of recipients, or the word passphrase"))
