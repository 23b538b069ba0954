"""The JUnit report of `emk smoke` by schemas that others wrote: Jenkins' own, and the one of Ant's reports, whatever a server said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from emkcli.usecases.diagnostics.smoke.check import Check
from emkcli.usecases.diagnostics.smoke.reports import write_junit
from tests.conftest import Emk
from tests.slow.walker import packages

XS = "{http://www.w3.org/2001/XMLSchema}"
HOSTILE = [
    "]]>",
    "\x00\x1b[2J\x7f\x85",
    "\ud800",
    "\ufffe\uffff",
    "</failure><x>",
    "&amp;\"'<!--",
    "\u202e\r\n\t",
    "я" * 2**20,
]
CHECKS = st.builds(
    Check,
    name=st.sampled_from(["register", "card labs"]),
    seconds=st.floats(0, 1e6),
    problem=st.none() | st.text(st.characters(), min_size=1) | st.sampled_from(HOSTILE),
    skipped=st.none() | st.text(st.characters(), min_size=1) | st.sampled_from(HOSTILE),
)


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> list[etree.XMLSchema]:
    folder = packages.unpacked(packages.JUNIT_SCHEMAS, tmp_path_factory.mktemp("junit")) / "test" / "resources"
    return [
        etree.XMLSchema(etree.parse(folder / "jenkins-junit.xsd")),
        etree.XMLSchema(knowing_skips(folder / "JUnit.xsd")),
    ]


def knowing_skips(path: Path) -> etree._ElementTree:
    """Ant's schema as it is now: the copy in the package is from before a check could be skipped, and calls that no more than an
    element and a number."""
    schema = etree.parse(path)
    [choice] = schema.iterfind(f".//{XS}element[@name='testcase']/{XS}complexType/{XS}choice")
    assert choice.find(f"{XS}element[@name='skipped']") is None, "the package has a newer one: take it as it is"
    etree.SubElement(choice, f"{XS}element", name="skipped")
    [suite] = schema.iterfind(f"{XS}complexType[@name='testsuite']")
    etree.SubElement(suite, f"{XS}attribute", name="skipped", type="xs:int")
    return schema


def read(path: Path, schemas: list[etree.XMLSchema]) -> etree._Element:
    report = etree.parse(path)
    for schema in schemas:
        schema.assertValid(report)
    return report.getroot()


def test_runs_that_pass_fail_and_skip(emk: Emk, tmp_path: Path, schemas: list[etree.XMLSchema]) -> None:
    path = tmp_path / "smoke.xml"
    assert emk("smoke", "--skip", "request", "--junit", str(path)).code == 0
    assert read(path, schemas).get("skipped") == "1"
    assert emk("smoke", "--url", "http://127.0.0.1:9", "--junit", str(path)).code == 12
    assert read(path, schemas).get("failures") == "1"
    path.write_text(path.read_text().replace("<system-out/>", "<stdout/>"))
    with pytest.raises(etree.DocumentInvalid):
        read(path, schemas)


@given(st.lists(CHECKS, max_size=3))
def test_whatever_a_server_said(
    tmp_path_factory: pytest.TempPathFactory, schemas: list[etree.XMLSchema], checks: list[Check]
) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.xml"
    write_junit(checks, str(path))
    suite = read(path, schemas)
    assert len(suite.findall("testcase")) == int(suite.get("tests", "")) == len(checks)
    assert (
        len(suite.findall("testcase/failure"))
        == int(suite.get("failures", ""))
        == sum(not check.ok for check in checks)
    )
    assert path.stat().st_size < 20_000 * (1 + len(checks))
    assert not [text for text in suite.itertext() if "\x1b" in text or "\u202e" in text]
