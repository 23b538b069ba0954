"""A person in a headless Chromium: `python -m tests.slow.browsing ADDRESS` logs in and agrees wherever the page asks to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, sync_playwright

CHROMIUM = "/usr/bin/chromium"


@contextmanager
def browser() -> Iterator[Page]:
    """A page that loads nothing but from this machine."""

    def loopback_only(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            route.abort()

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            page = chromium.new_page()
            page.route("**/*", loopback_only)
            yield page
        finally:
            chromium.close()


def log_in(page: Page, *, agree: bool = True) -> None:
    """The provider's own pages: any name, any password, then the consent."""
    page.fill("input[name=login]", "anna")
    page.fill("input[name=password]", "any password will do")
    page.click("button[type=submit]")
    if agree:
        page.click("button[type=submit]")
    else:
        page.click("text=Cancel")


if __name__ == "__main__":
    with browser() as opened:
        opened.goto(sys.argv[1])
        log_in(opened, agree="--refuse" not in sys.argv)
        opened.wait_for_url("http://127.0.0.1:*/callback?*")
        sys.stdout.write(f"{opened.url}\n{opened.inner_text('body')}\n")
