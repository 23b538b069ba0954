"""Opening an account and confirming it over the emk HTTP API."""

from __future__ import annotations

import secrets
from typing import Any

from emkcli import models
from emkcli.api.oidc import answers
from emkcli.api.ports import Accounts
from emkcli.api.rest.documents import V1, Rest, quoted
from emkcli.api.wire import Wire


class RestAccounts(Rest, Accounts):
    """`public` sends what is done without a session: opening an account."""

    def __init__(self, wire: Wire, public: Wire) -> None:
        super().__init__(wire)
        self._public = Rest(public)

    def register(self, person: dict[str, Any]) -> models.Registration:
        answer = self._public._changed("POST", "/accounts", person)
        opened = answer.as_struct(models.Registration)
        answers.check_words(answer, opened.tokens)
        return opened

    def account(self) -> models.Account:
        return self._get(models.Account, "/account")

    def upload(self, part: str, content: bytes, media_type: str) -> None:
        self._wire.send(
            "PUT",
            f"{V1}/account/verification/{quoted(part)}",
            content=content,
            headers={"Content-Type": media_type},
            idempotency_key=secrets.token_hex(16),
        )

    def request_verification(self) -> models.Challenge:
        return self._change(models.Challenge, "POST", "/account/verification")

    def confirm_verification(self, challenge: str, code: str) -> models.Account:
        body = {"challenge_id": challenge, "code": code}
        return self._change(models.Account, "POST", "/account/verification/confirmation", body)
