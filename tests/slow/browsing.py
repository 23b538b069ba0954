"""A person in a headless Chromium: `python -m tests.slow.browsing ADDRESS` logs in and agrees wherever the page asks to."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

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


def log_in_at_mock(page: Page, who: str) -> None:
    """The mock's page by its labels, as somebody with a screen reader would; the code comes to its inbox."""
    page.get_by_label("Phone or СНИЛС").fill(who)
    page.get_by_role("button", name="Send the code").click()
    code = page.get_by_label("Code from the SMS")
    code.fill("000000")
    code.press("Enter")
    page.get_by_role("alert").get_by_text("The code is wrong.").wait_for()
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    page.get_by_label("Code from the SMS").fill(inbox(origin))
    page.get_by_role("button", name="Log in", exact=True).click()


def inbox(origin: str) -> str:
    with build_opener(ProxyHandler({})).open(f"{origin}/mock/inbox") as answer:
        return next(str(one["code"]) for one in json.load(answer)["items"] if one["code"])


if __name__ == "__main__":
    with browser() as opened:
        opened.goto(sys.argv[1])
        if "--mock" in sys.argv:
            log_in_at_mock(opened, sys.argv[-1])
        else:
            log_in(opened, agree="--refuse" not in sys.argv)
        opened.wait_for_url("http://127.0.0.1:*/callback?*")
        sys.stdout.write(f"{opened.url}\n{opened.inner_text('body')}\n")
