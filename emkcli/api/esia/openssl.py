"""The system's OpenSSL with its GOST engine: digests, signatures and their check. Keys stay in files it reads itself."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from emkcli import errors
from emkcli.locale import N_, _
from emkcli.security import external_programs

DEADLINE = 60.0
STREEBOG = "md_gost12_256"
REASONS = (
    (
        ("invalid engine", "no such engine", "could not load the shared library"),
        N_("it has no engine {engine} (Debian: libengine-gost-openssl)"),
    ),
    (
        ("bad decrypt", "wrong password", "passphrase", "no pin code", "login to token failed"),
        N_("the passphrase or the PIN does not open the key, see esia.passphrase_file"),
    ),
    (
        ("could not open", "no such file", "can't open", "was not found"),
        N_("the key, its passphrase or the certificate cannot be read"),
    ),
    (
        ("could not read", "could not find", "unable to load"),
        N_("it finds no key or no certificate there, or the passphrase is wrong"),
    ),
    (("message digest", "unsupported"), N_("it does not know the digest")),
    (("does not match", "key values mismatch"), N_("the certificate belongs to another key")),
)


class Failed(errors.InvalidInput):
    """OpenSSL could not do it; the text never repeats what OpenSSL was given or printed."""


@dataclass(frozen=True)
class OpenSsl:
    """`engine` none: the engine or provider is set up in OPENSSL_CONF."""

    program: str = "openssl"
    engine: str = "gost"

    def streebog(self, content: bytes) -> bytes:
        """ГОСТ Р 34.11-2012, 256 bits."""
        return self.run("dgst", *self._engine_option(self._gost), f"-{STREEBOG}", "-binary", stdin=content)

    def sign(self, content: bytes, key: str, digest: str, passphrase_file: str | None = None) -> bytes:
        """The raw signature."""
        opened = _passin(passphrase_file)
        return self.run(
            "dgst",
            *self._engine_option(self.engine),
            f"-{digest}",
            *_keyform(key),
            "-sign",
            key,
            *opened,
            stdin=content,
        )

    def sign_cms(self, content: bytes, key: str, certificate: str, passphrase_file: str | None = None) -> bytes:
        """A detached CMS (DER) that carries the certificate."""
        of_key = (*_keyform(key), "-inkey", key, *_passin(passphrase_file))
        options = ("-sign", "-binary", "-outform", "DER", "-signer", certificate)
        return self.run("cms", *self._engine_option(self.engine), *options, *of_key, stdin=content)

    def verifies(self, content: bytes, signature: bytes, certificate: str, digest: str = STREEBOG) -> bool:
        """Whether a raw signature over `content` was made with the key of the certificate (PEM)."""
        public = self.run("x509", *self._engine_option(self._gost), "-pubkey", "-noout", stdin=certificate.encode())
        with external_programs.in_memory(public) as key, external_programs.in_memory(signature) as signed:
            options = (f"-{digest}", "-verify", f"/dev/fd/{key}", "-signature", f"/dev/fd/{signed}")
            arguments = ["dgst", *self._engine_option(self._gost), *options]
            process = self._process(arguments, content, (key, signed))
        if process.returncode and b"erification" not in process.stdout:
            raise self._failed(process)
        return process.returncode == 0

    def run(self, *arguments: str, stdin: bytes) -> bytes:
        process = self._process(list(arguments), stdin)
        if process.returncode or not process.stdout:
            raise self._failed(process)
        return process.stdout

    @property
    def _gost(self) -> str:
        """Only the GOST engine has Streebog, whichever engine signs."""
        return self.engine and "gost"

    def _engine_option(self, engine: str) -> tuple[str, ...]:
        return ("-engine", engine) if engine else ()

    def _process(
        self, arguments: list[str], stdin: bytes, files: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            return external_programs.completed([self.program, *arguments], stdin, DEADLINE, files)
        except subprocess.TimeoutExpired:
            raise self._because(_("it did not end in time")) from None
        except FileNotFoundError:
            raise self._because(_("there is no such program")) from None
        except OSError as failure:
            raise self._because(_("it cannot be started ({reason})").format(reason=failure.strerror)) from None

    def _failed(self, process: subprocess.CompletedProcess[bytes]) -> Failed:
        stderr = process.stderr.decode("utf-8", "replace").lower()
        for signs, reason in REASONS:
            if any(sign in stderr for sign in signs):
                return self._because(_(reason).format(engine=self.engine))
        return self._because(_("it ended with exit status {status}").format(status=process.returncode))

    def _because(self, reason: str) -> Failed:
        return Failed(_("the program {program}: {reason}").format(program=self.program, reason=reason))


def _keyform(key: str) -> tuple[str, ...]:
    return ("-keyform", "engine") if key.startswith("pkcs11:") else ()


def _passin(passphrase_file: str | None) -> tuple[str, ...]:
    return ("-passin", f"file:{passphrase_file}") if passphrase_file else ()
