"""The mock's own page in a real browser: its buttons work, a form of another page does not, everybody can use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from tests.slow.browsing import browser
from tests.slow.walker import packages


@pytest.fixture
def served() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-m", "emkcli", "mock", "serve"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield json.loads(process.stdout.readline())["url"]
    process.terminate()
    process.communicate()


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What the browser complains of: nothing."""
    complaints: list[str] = []
    yield complaints
    assert complaints == []


@pytest.fixture
def page(served: str, said: list[str]) -> Iterator[Page]:
    with browser() as found:
        found.on("console", lambda message: said.append(message.text))
        found.on("pageerror", lambda error: said.append(str(error)))
        found.goto(f"{served}/t/a-job/")
        yield found


def people(page: Page) -> list[str]:
    return page.locator("section", has_text="People").locator("tbody tr").all_inner_texts()


def test_its_buttons(page: Page, served: str) -> None:
    assert people(page) == []
    for _ in range(2):
        page.get_by_role("button", name="Add somebody with an activated card").click()
    assert len(set(people(page))) == 2
    assert page.url == f"{served}/t/a-job/"
    before = httpx.get(f"{served}/t/a-job/mock/clock", trust_env=False).json()["now"]
    page.get_by_role("button", name="24 hours forward").click()
    assert httpx.get(f"{served}/t/a-job/mock/clock", trust_env=False).json()["now"][:10] > before[:10]
    page.get_by_label("Scenario").select_option("refusal")
    page.get_by_role("button", name="Set").click()
    assert page.get_by_label("Scenario").input_value() == "refusal"
    assert httpx.get(f"{served}/mock/scenario", trust_env=False).json() == {"name": "happy"}
    page.get_by_role("button", name="Forget everybody").click()
    assert people(page) == []


def test_a_form_elsewhere_does_nothing(page: Page, said: list[str], served: str, tmp_path: Path) -> None:
    page.get_by_role("button", name="Add somebody with an activated card").click()
    trap = tmp_path / "trap.html"
    trap.write_text(
        f'<form method="post" action="{served}/t/a-job/"><button name="action" value="reset">x</button></form>'
    )
    page.unroute("**/*")
    page.goto(trap.as_uri())
    with page.expect_navigation() as went:
        page.get_by_role("button").click()
    assert went.value is not None
    assert went.value.status == 403
    page.goto(f"{served}/t/a-job/")
    assert len(people(page)) == 1
    said.clear()  # the browser tells the refusal


@pytest.mark.parametrize("language", ["en", "ru"])
def test_everybody_can_use_it(page: Page, tmp_path: Path, language: str) -> None:
    page.set_extra_http_headers({"Accept-Language": language})
    page.set_viewport_size({"width": 320, "height": 640})
    page.reload()
    page.get_by_role("button").nth(-2).click()
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate((packages.unpacked(packages.AXE, tmp_path / "axe") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], elementRef: false})")
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
