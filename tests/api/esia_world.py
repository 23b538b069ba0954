"""One organisation, one ESIA, and what was said to a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from emkcli import errors
from emkcli.api.esia import problems
from emkcli.api.esia.identity import EsiaIdentity
from emkcli.api.esia.organisation import Organisation
from emkcli.api.wire import Wire
from emkcli.models import Tokens
from tests.api.esia_keys import pair
from tests.api.esia_server import HASH, MNEMONIC, REDIRECT, Esia


class World:
    """One organisation, one ESIA, and what was said to a person."""

    def __init__(self, place: Path, **settings: Any) -> None:
        system = pair("system")
        own = {
            "client_id": MNEMONIC,
            "redirect_uri": REDIRECT,
            "certificate": system.certificate_file(place / "system.pem"),
            "certificate_hash": HASH,
            "signer": "rsa",
            "key": system.key_file(place / "system.key"),
            "esia_certificate": pair("esia").certificate_file(place / "esia.pem"),
        }
        self.organisation = Organisation(**{**own, **settings})
        cms = self.organisation.cms
        self.esia = Esia(
            verify=system.verify_cms if cms else system.verify,
            sign=pair("esia").sign,
            legacy=self.organisation.legacy,
        )
        self.said: list[str] = []

    def identity(self, transport: httpx.BaseTransport | None = None) -> EsiaIdentity:
        wire = Wire(self.esia.base, transport=transport or self.esia.transport()).with_problems(problems.error_for)
        return EsiaIdentity(wire, self.organisation, {}, self.said.append)

    def log_in(self) -> Tokens:
        identity = self.identity()
        begun = identity.authorize(REDIRECT)
        return identity.exchange_authorization(begun, self.esia.log_in(begun.url))

    def refused(self, code: str) -> errors.EmkError:
        with pytest.raises(errors.EmkError) as caught:
            self.log_in()
        assert caught.value.details == {"reason": f"ESIA-{code}"}, caught.value.message
        return caught.value
