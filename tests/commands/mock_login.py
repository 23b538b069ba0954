"""`emk login --method browser` in process, with somebody in front of the browser who answers in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import httpx
import pytest

from emkcli.loopback.oauth_callback import Receiver
from emkcli.usecases.onboarding import provider_login
from tests.conftest import Emk, Result
from tests.mock.visitor import Visitor

Visit = Callable[[Visitor, str], str]
"""What a person does with the address; the address the browser ends at, none where it stays on the page."""


class Browsing:
    """`person` does the visit; the browser then goes wherever it was sent."""

    def __init__(self, emk: Emk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.emk = emk
        self.http = httpx.Client(verify=False, trust_env=False)
        self.visitor = Visitor(self.http)
        self.person: Visit = lambda visitor, address: visitor.open(address).address
        self.failed: list[BaseException] = []
        self.asked = ""
        self._visiting: Thread | None = None
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(provider_login, "_invite", self._invited)

    def give_up_after(self, seconds: float) -> None:
        """How long `emk` waits for an answer that fits."""
        self._monkeypatch.setattr(Receiver.wait, "__kwdefaults__", {"patience": seconds})

    def login(self, *more: str, **options: Any) -> Result:
        done = self.emk(
            "login", "--method", "browser", "--no-browser", "--insecure-storage", "--json", *more, **options
        )
        if self._visiting:
            self._visiting.join(10)  # the browser still reads the page that says it is done
        if self.failed:
            raise self.failed.pop()
        return done

    def _invited(self, _app: object, address: str, *, opens: bool) -> None:
        assert not opens
        self.asked = address
        self._visiting = Thread(target=self._visit, args=(address,), daemon=True)
        self._visiting.start()

    def _visit(self, address: str) -> None:
        query = httpx.URL(address).params
        try:
            landed = self.person(self.visitor, address)
        except BaseException as failure:
            self.failed.append(failure)
            landed = f"{query['redirect_uri']}?error=access_denied&state={query['state']}"
        if landed:
            self.http.get(landed)
