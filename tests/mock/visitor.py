"""A browser without a screen: opens the login page, fills in what it offers, and stops where it is sent back."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import httpx

PAGE_HEADERS = ("content-security-policy", "cache-control", "referrer-policy", "x-content-type-options")


class Visitor:
    """`page` is what is on the screen; `back` the answer in the address it was sent to."""

    def __init__(self, http: httpx.Client, language: str = "en") -> None:
        self._http = http
        self._language = {"Accept-Language": language}
        self.page = ""
        self.status = 0
        self.address = ""
        self.seen: list[str] = []

    def open(self, address: str) -> Visitor:
        return self._show(self._http.get(address, headers=self._language))

    def press(self, action: str, **fields: str) -> Visitor:
        """A button that is there, with the fields that are there."""
        assert f'value="{action}"' in self.page, self.page
        assert all(f'<label for="{name}">' in self.page for name in fields)
        [handle] = re.findall(r'name="login" value="([^"]+)"', self.page)
        form = {"login": handle, "action": action, **fields}
        return self._show(self._http.post(self._page_address(), data=form, headers=self._language))

    def log_in(self, address: str, who: str, code: Callable[[], str]) -> dict[str, str]:
        return self.open(address).press("send", who=who).press("enter", code=code()).back

    @property
    def back(self) -> dict[str, str]:
        assert self.status in (302, 303), self.page
        return dict(httpx.URL(self.address).params)

    @property
    def problem(self) -> str:
        """What the page complains about."""
        found = re.search(r'role="alert"[^>]*>([^<]+)<', self.page)
        return unescape(found[1]) if found else ""

    def _page_address(self) -> str:
        return str(httpx.URL(self.seen[0]).copy_with(path="/login", query=None))

    def _show(self, response: httpx.Response) -> Visitor:
        self.status, self.page = response.status_code, response.text
        self.seen.append(str(response.url))
        self.address = response.headers.get("location", "")
        if not self.address:
            assert all(response.headers.get(name) for name in PAGE_HEADERS)
            assert "script" not in response.headers["content-security-policy"]
            assert "<script" not in self.page
        return self
