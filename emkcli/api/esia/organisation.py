"""What an organisation tells about its information system: the settings `esia.*` of a profile, none of them a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

from emkcli import errors
from emkcli.locale import N_, _

ADDRESSES = {"test": "https://esia-portal1.test.gosuslugi.ru", "prod": "https://esia.gosuslugi.ru"}
SCOPE = (
    "openid fullname birthdate gender snils mobile email addresses medical_doc kid_fullname kid_birthdate kid_gender"
)
LIFE_EVENTS = ("", "conf_acc", "acc_kid", "acc_not_kid", "conf_acc acc_kid")


def _setting(default: Any, help: str, *allowed: str) -> Any:  # typed by the annotation beside it
    return field(default=default, metadata={"help": help, "allowed": allowed})


@dataclass(frozen=True)
class Organisation:
    """The information system (ИС) on whose behalf a person logs in, how it signs, and what it asks for. Its mnemonic, the
    registered return address and the scopes are settings every login provider has; the others are ESIA's own."""

    client_id: str = ""
    redirect_uri: str = ""
    scope: str = SCOPE
    environment: str = _setting("test", N_("ESIA's test or prod contour; url beats it"), "test", "prod")
    generation: str = _setting(
        "current", N_("current (v2/ac, v3/te) or legacy (ac, te) endpoints"), "current", "legacy"
    )
    certificate: str | None = _setting(None, N_("file with the system's certificate (PEM or DER)"))
    certificate_hash: str | None = _setting(None, N_("Streebog-256 of the DER certificate, when computed elsewhere"))
    signer: str = _setting("openssl", N_("who signs: openssl, command or rsa"), "openssl", "command", "rsa")
    signer_command: str | None = _setting(None, N_("program that signs: bytes on stdin, signature on stdout"))
    key: str | None = _setting(None, N_("file with the private key (PEM), or a pkcs11: address without a PIN"))
    passphrase_file: str | None = _setting(None, N_("file whose first line opens the key"))
    openssl: str = _setting("openssl", N_("the OpenSSL program"))
    engine: str = _setting("gost", N_("OpenSSL engine that signs; none leaves it to OPENSSL_CONF"))
    digest: str = _setting("md_gost12_256", N_("digest OpenSSL signs with"))
    signature: str | None = _setting(None, N_("raw or cms; otherwise what the generation expects"), "raw", "cms")
    reverse: bool = _setting(False, N_("reverse the bytes of a raw signature"))
    padding: str = _setting("keep", N_("keep or strip the = at the end of a signature"), "keep", "strip")
    scope_org: str = _setting("", N_("scopes of the organisation, when it was given some"))
    access_type: str = _setting("offline", N_("offline (with a refresh token) or online"), "offline", "online")
    pkce: bool = _setting(False, N_("prove the request with PKCE (GOST3411)"))
    person_filter: str = _setting("", N_("which accounts may log in: conf_acc, acc_kid, acc_not_kid"), *LIFE_EVENTS)
    esia_certificate: str | None = _setting(
        None, N_("file with ESIA's own certificate: its tokens are checked with it")
    )

    @property
    def address(self) -> str:
        return ADDRESSES[self.environment]

    @property
    def legacy(self) -> bool:
        return self.generation == "legacy"

    @property
    def cms(self) -> bool:
        return self.signature == "cms" if self.signature else self.legacy

    def missing(self) -> list[str]:
        """The settings without which nobody can log in."""
        needed = ["signer_command"] if self.signer == "command" else ["key"]
        if not self.legacy and not self.certificate_hash:
            needed.append("certificate")
        if self.signer != "command" and self.cms and "certificate" not in needed:
            needed.append("certificate")
        own = [f"esia.{name}" for name in needed if not getattr(self, name)]
        return own if self.client_id else ["client_id", *own]

    def require(self) -> None:
        """`Usage` unless the organisation's credentials are all there; says who gets them and what a person does."""
        if missing := self.missing():
            raise errors.Usage(
                _(
                    "Backend gosuslugi works only for an organisation: ESIA lets in information systems that are registered"
                    " with it and sign with their GOST certificate, never a private person's program."
                    " An organisation registers its system on ESIA's technological portal under the connection rules"
                    " of the Ministry of Digital Development. This profile lacks: {settings}."
                ).format(settings=", ".join(missing)),
                hint=_(
                    "a private person: download your documents from Gosuslugi and run emk card import FILE;"
                    " an organisation: emk help backends"
                ),
                details={"missing": missing},
            )


def settings() -> dict[str, Field[Any]]:
    """The settings `esia.*` by name."""
    return {setting.name: setting for setting in fields(Organisation) if "help" in setting.metadata}


def read(table: Mapping[str, Any], **of_every_provider: Any) -> Organisation:
    """The settings of a profile's table; `Usage` names one that does not fit. An unknown name is ignored."""
    declared = settings()
    own = {name: parsed(declared[name], value) for name, value in table.items() if name in declared}
    return Organisation(**of_every_provider, **own)


def parsed(setting: Field[Any], value: Any) -> Any:
    """A text of the settings file as the field's value."""
    text = str(value).strip()
    allowed = setting.metadata["allowed"]
    if isinstance(setting.default, bool):
        allowed = ("1", "0")
        text = {"true": "1", "false": "0", "yes": "1", "no": "0", "on": "1", "off": "0"}.get(text.lower(), text)
    if allowed and text not in allowed:
        raise _wrong(setting.name, _("one of: {choices}").format(choices=", ".join(filter(None, allowed))))
    if setting.name == "key" and "pin-value" in text:
        raise _wrong("key", _("a PIN is a secret: name a file with pin-source=file:…"))
    return text == "1" if isinstance(setting.default, bool) else text


def _wrong(name: str, rule: str) -> errors.Usage:
    return errors.Usage(_("{setting} ({origin}): {rule}").format(setting=f"esia.{name}", origin="profile", rule=rule))
