"""Signatures by GOST R 34.10-2012, made and checked by the engine of Debian's libengine-gost-openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from emkcli import models
from emkcli.importers import signature_check
from tests.importers import semd_invented as x

SUBJECT = "/CN=Врачов Иван Ильич/O=Поликлиника № 0/SN=Врачов"


def openssl(place: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=place, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("algorithm", "digest"), [("gost2012_256", "md_gost12_256"), ("gost2012_512", "md_gost12_512")]
)
def test_a_signature_by_gost(tmp_path: Path, algorithm: str, digest: str) -> None:
    gost = ("-engine", "gost")
    (tmp_path / "a.xml").write_bytes(x.document())
    new = ("genpkey", *gost, "-algorithm", algorithm, "-pkeyopt", "paramset:A", "-out", "key")
    openssl(tmp_path, *new)
    named = ("-subj", SUBJECT, "-utf8", "-days", "9", f"-{digest}", "-out", "certificate")
    openssl(tmp_path, "req", "-x509", "-new", *gost, "-key", "key", *named)
    by = ("-signer", "certificate", "-inkey", "key", "-md", digest)
    openssl(tmp_path, "cms", "-sign", *gost, "-binary", "-in", "a.xml", *by, "-outform", "DER", "-out", "a.sig")
    signature = (tmp_path / "a.sig").read_bytes()
    good = models.Signature(present=True, signer="Врачов Иван Ильич, Поликлиника № 0", valid=True)
    assert signature_check.signature_of(x.document(), [signature]) == good
    wrong = replace(good, valid=False)
    assert signature_check.signature_of(x.document(ident="8"), [signature]) == wrong
    assert signature_check.signature_of(x.document(), [signature[:-5] + b"\1" + signature[-4:]]) == wrong
