"""Who signs for the information system: OpenSSL, any other program, or an RSA key through `cryptography`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from emkcli import errors
from emkcli.api.esia.openssl import OpenSsl
from emkcli.api.esia.organisation import Organisation
from emkcli.api.pem import opened
from emkcli.config import named_files
from emkcli.locale import _
from emkcli.security import external_programs

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class Signer(Protocol):
    """Bytes in, a raw signature or a detached CMS out."""

    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class OpenSslSigner:
    """The key never comes near us: OpenSSL reads its file, or asks the token behind a pkcs11: address."""

    openssl: OpenSsl
    key: str
    digest: str
    certificate: str | None = None
    passphrase_file: str | None = None
    cms: bool = False

    def sign(self, data: bytes) -> bytes:
        if self.cms:
            return self.openssl.sign_cms(data, self.key, self.certificate or "", self.passphrase_file)
        return self.openssl.sign(data, self.key, self.digest, self.passphrase_file)


@dataclass(frozen=True)
class CommandSigner:
    """Any program: bytes on stdin, the signature on stdout; a PEM envelope is opened."""

    command: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def sign(self, data: bytes) -> bytes:
        return opened(external_programs.output(self.command, stdin=data, env=self.environment))


@dataclass(frozen=True)
class RsaSigner:
    """For systems of the older generation: PKCS#7 detached, or PKCS#1 v1.5 raw, with SHA-256."""

    key: str
    certificate: str | None = None
    passphrase_file: str | None = None
    cms: bool = True

    def sign(self, data: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

        key = self._key()
        if not self.cms:
            return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data)
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return builder.add_signer(self._certificate(), key, hashes.SHA256()).sign(Encoding.DER, options)

    def _key(self) -> RSAPrivateKey:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        passphrase = None
        if self.passphrase_file:
            passphrase = content_of(self.passphrase_file).partition(b"\n")[0].rstrip(b"\r")
        try:
            key = load_pem_private_key(content_of(self.key), passphrase)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, RSAPrivateKey):
            raise errors.InvalidInput(
                _("esia.key is no RSA key that can be opened."), hint=_("see esia.passphrase_file")
            )
        return key

    def _certificate(self) -> Any:
        from cryptography.x509 import load_der_x509_certificate

        try:
            return load_der_x509_certificate(opened(content_of(self.certificate or "")))
        except ValueError:
            raise errors.InvalidInput(_("esia.certificate is no certificate.")) from None


def signer_for(organisation: Organisation, environment: Mapping[str, str]) -> Signer:
    """The signer the settings name; `environment` is what a program of the person's own inherits beside ours."""
    key, certificate = _path(organisation.key), _path(organisation.certificate)
    passphrase = _path(organisation.passphrase_file) or None
    if organisation.signer == "command":
        return CommandSigner(organisation.signer_command or "", environment)
    if organisation.signer == "rsa":
        return RsaSigner(key, certificate, passphrase, organisation.cms)
    tool = openssl_of(organisation)
    return OpenSslSigner(tool, key, organisation.digest, certificate, passphrase, organisation.cms)


def openssl_of(organisation: Organisation) -> OpenSsl:
    return OpenSsl(organisation.openssl, "" if organisation.engine == "none" else organisation.engine)


def content_of(path: str) -> bytes:
    """A small file that the settings name."""
    try:
        return named_files.content(path)
    except OSError as cause:
        raise errors.InvalidInput(
            _("{path} cannot be read: {reason}").format(path=path, reason=cause.strerror or cause)
        ) from None


def _path(setting: str | None) -> str:
    if not setting or setting.startswith("pkcs11:"):
        return setting or ""
    return str(named_files.expanded(setting))
