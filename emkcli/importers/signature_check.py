"""Detached electronic signatures (CMS): who signed, and whether the signature is that of the document.

The certificate's chain is never checked: that a signature matches says nothing about who may use that name.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from shutil import which
from typing import Any

from emkcli import models
from emkcli.security import external_programs

SECONDS = 10
LARGEST = 1024 * 1024
LARGEST_ENCLOSED = 16 * 1024 * 1024
"""Of a document inside its signature."""
RUSSIAN = "1.2.643."
"""Where the numbers of GOST algorithms begin; they need OpenSSL's engine `gost`."""
_ARMOUR = re.compile(rb"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")
_WRONG = re.compile(
    rb"verif(?:y|ication) (?:failure|error)|digest failure|bad signature|wrong signature|asn1|header too long"
)
_UNKNOWN = re.compile(rb"unsupported|unknown|no (?:content|matching)|not found|not supported|no default digest")


_OCTETS = 0x04
_WHITE = b" \t\r\n\v\f"
_BROKEN = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What `asn1crypto` raises on structures made to break it."""


class _Damaged(Exception):
    """It should be a CMS and is none."""


def signature_of(content: bytes, signatures: Sequence[bytes | None]) -> models.Signature | None:
    """What the signatures beside a document say together; None stands for one that could not be read."""
    if not signatures:
        return None
    checked = [_checked(content, signature) for signature in signatures]
    names = dict.fromkeys(name for signer, _valid in checked for name in signer)
    verdicts = {valid for _signer, valid in checked}
    valid = False if False in verdicts else None if None in verdicts else True
    return models.Signature(present=True, signer="; ".join(names) or None, valid=valid)


def enclosed(content: bytes) -> bytes | None:
    """The document inside an attached signature; empty when the signature is detached, None for anything else."""
    if content[:1] != b"\x30" and not content.startswith((b"-----BEGIN", b"MI")):
        return None
    if len(content) > LARGEST_ENCLOSED:
        return None
    try:
        return _content(_signed(_der(content) or b"")) or b""
    except _Damaged:
        return None


def _checked(content: bytes, signature: bytes | None) -> tuple[list[str], bool | None]:
    """The signers' names and the verdict on one signature."""
    if signature is None:
        return [], None
    try:
        der = _der(signature)
        if der is None:
            return [], None
        signed = _signed(der)
        names = list(_signers(signed))
        inside = _content(signed)
        gost = any(info["digest_algorithm"]["algorithm"].dotted.startswith(RUSSIAN) for info in signed["signer_infos"])
    except (_Damaged, *_BROKEN):
        return [], False
    if inside is not None and inside != content:
        return names, False
    return names, _verified(der, content, gost=gost, attached=inside is not None)


def _der(written: bytes) -> bytes | None:
    """DER from DER, PEM or bare base64; None when it is of another kind, `_Damaged` when nothing is left of it."""
    bare = written.strip()
    if not bare:
        raise _Damaged
    if bare[:1] == b"\x30" and not _BASE64.fullmatch(bare[:64]):
        return written
    bare = _ARMOUR.sub(b"", bare)
    if not _BASE64.fullmatch(bare):
        return None
    try:
        der = base64.b64decode(bare.translate(None, _WHITE), validate=True)
    except binascii.Error:
        raise _Damaged from None
    return der if der[:1] == b"\x30" else None


def _signed(der: bytes) -> Any:
    from asn1crypto import cms  # type: ignore[import-untyped]

    try:
        info = cms.ContentInfo.load(der)
        if info["content_type"].native != "signed_data":
            raise _Damaged
        signed = info["content"]
        # counted in bytes first: each that is looked at becomes an object
        parts = (signed["signer_infos"].contents, signed["certificates"].contents or b"")
        if any(len(part) > LARGEST for part in parts) or not len(signed["signer_infos"]):
            raise _Damaged
        return signed
    except _BROKEN:
        raise _Damaged from None


def _content(signed: Any) -> bytes | None:
    try:
        content = signed["encap_content_info"]["content"]
        written = _joined(content.contents) if content.method else content.native
    except _BROKEN:
        raise _Damaged from None
    return written if isinstance(written, bytes) else None


def _joined(chunks: bytes) -> bytes:
    """Content written piece by piece (BER), in time that grows with it; `asn1crypto` takes the square."""
    content, place = io.BytesIO(), 0
    while place < len(chunks):
        tag, size = chunks[place], chunks[place + 1]
        place += 2
        if size & 0x80:
            place, size = place + (size & 0x7F), int.from_bytes(chunks[place : place + (size & 0x7F)], "big")
        if tag != _OCTETS or place + size > len(chunks):
            raise ValueError(tag)
        content.write(chunks[place : place + size])
        place += size
    return content.getvalue()


def _signers(signed: Any) -> Iterator[str]:
    """Each signer by the name in the certificate and the organisation; its other numbers are personal."""
    certificates = [certificate.chosen for certificate in signed["certificates"] if certificate.name == "certificate"]
    for info in signed["signer_infos"]:
        subject: dict[str, Any] = next(
            (certificate.subject.native for certificate in certificates if _is_of(certificate, info["sid"])), {}
        )
        person = " ".join(filter(None, (subject.get("surname"), subject.get("given_name"))))
        name = subject.get("common_name") or person
        parts = dict.fromkeys(filter(None, (_line(name), _line(subject.get("organization_name")))))
        if parts:
            yield ", ".join(parts)


def _is_of(certificate: Any, sid: Any) -> bool:
    if sid.name == "issuer_and_serial_number":
        same: bool = certificate.serial_number == sid.chosen["serial_number"].native
        return same and certificate.issuer == sid.chosen["issuer"]
    return bool(certificate.key_identifier == sid.native)


def _line(name: Any) -> str:
    return " ".join(" ".join(name if isinstance(name, list) else [str(name or "")]).split())[:300]


def _verified(der: bytes, content: bytes, *, gost: bool, attached: bool) -> bool | None:
    """What OpenSSL says, None when it cannot. The document goes through a pipe: nothing of it touches the disk."""
    program = which("openssl")
    if program is None or (gost and not _knows_gost(program)):
        return None
    with external_programs.in_memory(der) as file:
        command = [program, "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", f"/dev/fd/{file}"]
        command += ["-out", "/dev/null"] + ([] if attached else ["-content", "/dev/stdin"])
        return _verdict(command + (["-engine", "gost"] if gost else []), content, file)


def _verdict(command: list[str], content: bytes, signature: int) -> bool | None:
    try:
        run = external_programs.completed(command, content, SECONDS, (signature,))
    except (OSError, subprocess.SubprocessError):
        return None
    if run.returncode == 0:
        return True
    complaint = run.stderr.lower()
    return False if _WRONG.search(complaint) and not _UNKNOWN.search(complaint) else None


@cache
def _knows_gost(program: str) -> bool:
    try:
        run = external_programs.completed([program, "engine", "-t", "gost"], b"", SECONDS)
    except (OSError, subprocess.SubprocessError):
        return False
    return b"[ available ]" in run.stdout
