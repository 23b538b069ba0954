"""Logging in by SMS code or signature, and the session after it over the emk HTTP API."""

from __future__ import annotations

import base64
import secrets
from hashlib import sha256

from emkcli import models
from emkcli.api.oidc import answers
from emkcli.api.ports import Identity
from emkcli.api.rest.documents import Rest
from emkcli.api.wire import LARGEST_LOGIN


class RestIdentity(Rest, Identity):
    def challenge(self, method: str, login: str) -> models.Challenge:
        body = {"method": method, "login": login}
        key = secrets.token_hex(16)
        answer = self._wire.document("POST", "/oauth2/challenges", json=body, idempotency_key=key)
        return answer.as_struct(models.Challenge)

    def exchange_code(self, challenge: str, code: str) -> models.Tokens:
        return self._token(grant_type="urn:emk:grant-type:sms-code", challenge_id=challenge, code=code)

    def exchange_signature(self, challenge: str, signature: bytes) -> models.Tokens:
        text = base64.b64encode(signature).decode("ascii")
        return self._token(grant_type="urn:emk:grant-type:signature", challenge_id=challenge, signature=text)

    def refresh(self, refresh_token: str) -> models.Tokens:
        # of the token itself: when a kill swallows the answer, the next process asks again and is known as the same one
        key = sha256(f"refresh {refresh_token}".encode()).hexdigest()
        return self._token(key, grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, token: str) -> None:
        self._wire.send("POST", "/oauth2/revoke", form={"token": token}, idempotency_key=secrets.token_hex(16))

    def _token(self, key: str | None = None, **form: str) -> models.Tokens:
        key = key or secrets.token_hex(16)
        answer = self._wire.document("POST", "/oauth2/token", form=form, idempotency_key=key, limit=LARGEST_LOGIN)
        tokens = answer.as_struct(models.Tokens)
        answers.check_words(answer, tokens)
        return tokens.dated(self._wire.now())
