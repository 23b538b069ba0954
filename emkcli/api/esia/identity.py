"""Logging in at ESIA: the authorization code flow of both generations, each call signed for the organisation."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from emkcli import errors
from emkcli.api.documents import about
from emkcli.api.esia import problems, signing, tokens, verifying
from emkcli.api.esia.organisation import Organisation
from emkcli.api.ports import Authorization, Identity
from emkcli.api.wire import LARGEST_LOGIN, LOOPBACK, Wire
from emkcli.locale import _
from emkcli.models import Tokens

AUTHORIZE = {"current": "/aas/oauth2/v2/ac", "legacy": "/aas/oauth2/ac"}
EXCHANGE = {"current": "/aas/oauth2/v3/te", "legacy": "/aas/oauth2/te"}
LOGOUT = "/idp/ext/Logout"


class EsiaIdentity(Identity):
    """`environment` is what a signing program inherits; `notice` tells a person what was not checked."""

    def __init__(
        self,
        wire: Wire,
        organisation: Organisation,
        environment: Mapping[str, str],
        notice: Callable[[str], None],
    ) -> None:
        self._wire = wire
        self._organisation = organisation
        self._environment = environment
        self._notice = notice

    def authorize(self, redirect_uri: str) -> Authorization:
        organisation = self._organisation
        call = self._requests.signed(self._wire.now(), redirect_uri)
        call |= {"response_type": "code", "access_type": organisation.access_type}
        if organisation.person_filter:
            call["person_filter"] = signing.base64url(organisation.person_filter.encode(), padding=True)
        verifier = signing.verifier() if organisation.pkce else None
        if verifier:
            call |= self._requests.challenge(verifier)
        url = f"{self._wire.base_url}{AUTHORIZE[organisation.generation]}?{urlencode(call)}"
        return Authorization(url=url, redirect_uri=redirect_uri, state=call["state"], verifier=verifier)

    def exchange_authorization(self, begun: Authorization, answer: Mapping[str, str]) -> Tokens:
        _same_state(begun.state, answer.get("state"))
        if answer.get("error"):
            raise problems.error_of(answer)
        code = answer.get("code")
        if not code:
            raise errors.BadResponse(_("The browser brought neither a code nor an error back."), hint="emk login")
        form = self._requests.signed(self._wire.now(), begun.redirect_uri, code)
        form |= {"grant_type": "authorization_code", "token_type": "Bearer"}
        if begun.verifier:
            form["code_verifier"] = begun.verifier
        session = self._exchange(form)
        if not session.signature_checked:
            self._notice(_("The signature of ESIA's token was not checked: esia.esia_certificate is not set."))
        return session

    def refresh(self, refresh_token: str) -> Tokens:
        form = self._requests.signed(self._wire.now(), self._organisation.redirect_uri)
        form |= {"grant_type": "refresh_token", "refresh_token": refresh_token, "token_type": "Bearer"}
        return self._exchange(form)

    def logout_address(self) -> str | None:
        organisation = self._organisation
        organisation.require()
        query = {"client_id": organisation.client_id}
        if urlsplit(organisation.redirect_uri).hostname not in LOOPBACK:  # there nobody listens any more
            query["redirect_url"] = organisation.redirect_uri
        return f"{self._wire.base_url}{LOGOUT}?{urlencode(query)}"

    @cached_property
    def _requests(self) -> signing.Requests:
        self._organisation.require()
        return signing.Requests(self._organisation, self._environment)

    def _exchange(self, form: dict[str, str]) -> Tokens:
        answer = self._wire.document("POST", EXCHANGE[self._organisation.generation], form=form, limit=LARGEST_LOGIN)
        document = answer.object()
        with about(answer.request_id):
            if "error" in document:
                raise problems.error_of(document, errors.BadResponse)
            _same_state(form["state"], document.get("state"))
            return tokens.tokens_of(document, self._expected())

    def _expected(self) -> tokens.Expected:
        return tokens.Expected(
            client_id=self._organisation.client_id,
            host=urlsplit(self._wire.base_url).hostname,
            now=self._wire.now(),
            verifier=verifying.verifier_for(self._organisation),
        )


def _same_state(sent: str, received: Any) -> None:
    if not isinstance(received, str) or not hmac.compare_digest(sent.encode(), received.encode("utf-8", "replace")):
        raise errors.BadResponse(
            _("The answer belongs to another request (its state differs)."), hint=_("begin anew: emk login")
        )
