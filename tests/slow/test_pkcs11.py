"""A key that lives in a token: SoftHSM behind OpenSSL's PKCS#11 engine. The PIN is in a file that is named, never given."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from emkcli import errors
from emkcli.api.esia.organisation import Organisation
from emkcli.api.esia.signers import signer_for
from tests.api.esia_keys import pair

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN = "271828"


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Organisation]:
    assert shutil.which("softhsm2-util"), "install softhsm2 and libengine-pkcs11-openssl: this check needs a token"
    library = next(one for one in LIBRARIES if Path(one).exists())
    (tmp_path / "tokens").mkdir()
    settings = tmp_path / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(settings))
    monkeypatch.setenv("PKCS11_MODULE_PATH", library)
    key = pair("system").key_file(tmp_path / "system.key")
    for command in (
        ["--init-token", "--free", "--label", "emk", "--pin", PIN, "--so-pin", PIN],
        ["--import", key, "--token", "emk", "--label", "sign", "--id", "01", "--pin", PIN],
    ):
        subprocess.run(["softhsm2-util", *command], check=True, capture_output=True)
    Path(key).unlink()
    certificate = pair("system").certificate_file(tmp_path / "system.pem")

    def settings_with(name: str = "sign", pin: str | None = PIN, signature: str = "raw") -> Organisation:
        file = tmp_path / "pin"
        file.write_text(pin or "")
        source = f"?pin-source=file:{file}" if pin else ""
        address = f"pkcs11:token=emk;object={name};type=private{source}"
        return Organisation(key=address, engine="pkcs11", digest="sha256", certificate=certificate, signature=signature)

    return settings_with


def test_the_token_signs(token: Callable[..., Organisation]) -> None:
    assert pair("system").verify(b"data", signer_for(token(), {}).sign(b"data"))
    assert pair("system").verify_cms(b"data", signer_for(token(signature="cms"), {}).sign(b"data"))


@pytest.mark.parametrize(("name", "pin", "said"), [("other", PIN, "cannot be read"), ("sign", None, "PIN")])
def test_a_token_that_does_not_sign(token: Callable[..., Organisation], name: str, pin: str | None, said: str) -> None:
    with pytest.raises(errors.InvalidInput, match=said) as caught:
        signer_for(token(name, pin), {}).sign(b"data")
    assert PIN not in caught.value.message
