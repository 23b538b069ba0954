"""What docs/testing.md prints works as it stands, in a directory that was empty."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

pytest_plugins = ["pytester"]

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
FILES = {found[1]: found[0] for found in re.findall(r"```python\n(# (\w+\.py)\n.*?)```", PAGE, re.DOTALL)}


def test_the_examples_of_the_page_pass(pytester: pytest.Pytester) -> None:
    assert sorted(FILES) == ["test_contract.py", "test_labs.py"]
    for name, source in FILES.items():
        (pytester.path / name).write_text(source, encoding="utf-8")
    ran = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error")
    outcomes = ran.parseoutcomes()
    assert set(outcomes) == {"passed"}, ran.stdout.str()[-3000:]
    assert outcomes["passed"] > len(re.findall(r"^def test_", FILES["test_labs.py"], re.MULTILINE))


def test_each_fixture_is_on_the_page() -> None:
    plugin = (ROOT / "emkcli" / "testing" / "plugin.py").read_text(encoding="utf-8")
    fixtures = set(re.findall(r"^def (emk_\w+)", plugin, re.MULTILINE))
    assert fixtures == set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))
    assert len(fixtures) == 7
