"""HL7's own examples of R4, as they are and put together by patient: each is read, and nothing in them is lost unsaid."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emkcli import localcard, models
from emkcli.fhir import KIND_OF_TYPE
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from tests.invented import encoded
from tests.localcard.test_account import places
from tests.slow.walker import packages

Resource = dict[str, Any]
CONFORMANCE = {
    *("CapabilityStatement", "CodeSystem", "CompartmentDefinition", "ConceptMap", "ExampleScenario", "GraphDefinition"),
    *("ImplementationGuide", "MessageDefinition", "NamingSystem", "OperationDefinition", "SearchParameter"),
    *("StructureDefinition", "StructureMap", "TerminologyCapabilities", "TestReport", "TestScript", "ValueSet"),
}
"""Types that describe FHIR itself."""
REASONS = ("several_patients", "a FHIR Bundle without resources")
"""Why an example is no part of a card, by the first words of the reason: as its own text says, it is about several people,
or holds requests alone."""
UNREAD = {"OperationOutcome", "Parameters"}
"""Of all types those that no list shows: errors of a server, and what goes into its operations and comes out of them."""
FIRST_PAGE = "the answer of the server was not saved whole"
"""What is lacking of `bundle-example`, a page that has one of three matches and names the next one."""
ABOUT = ("subject", "patient", "beneficiary", "for")


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resource]:
    """File → resource, without those that describe FHIR."""
    package = packages.unpacked(packages.R4_EXAMPLES, tmp_path_factory.mktemp("examples"))
    read = {path.name: json.loads(path.read_bytes()) for path in sorted(package.glob("*.json"))}
    return {name: resource for name, resource in read.items() if _types(resource).isdisjoint({*CONFORMANCE, None})}


@pytest.fixture
def card(tmp_path: Path) -> Iterator[LocalCard]:
    opened = localcard.open_card(tmp_path / "home", None, insecure=True)
    yield opened
    opened.close()


def _types(resource: Resource) -> set[str | None]:
    entries = (entry.get("resource", {}).get("resourceType") for entry in resource.get("entry", ()))
    return {resource.get("resourceType"), *filter(None, entries)}


def taken(card: LocalCard, path: Path, document: Resource) -> Iterator[models.ImportResult]:
    """What is said of the document; every resource of it is somewhere, or said to be nowhere and why."""
    path.write_bytes(encoded(document))
    for result in localcard.ingest(card, document_reader.read(str(path)), "new"):
        places(result.account)  # the numbers add up
        assert result.account.unread == sum(part.count for part in result.unread)
        unread = {part.what for part in result.unread if part.reason != FIRST_PAGE}
        assert unread <= UNREAD or result.status != "added", result
        assert all(part.reason for part in result.unread), result
        yield result


def test_each_example(card: LocalCard, tmp_path: Path, examples: dict[str, Resource]) -> None:
    assert len(examples) > 650
    statuses: Counter[str] = Counter()
    for name, resource in examples.items():
        (result,) = taken(card, tmp_path / name, resource)
        statuses[result.status] += 1
        assert result.status == "added" or str(result.reason).startswith(REASONS), f"{name}: {result.reason}"
        if result.status == "added" and KIND_OF_TYPE.get(resource["resourceType"]):
            assert sum(result.records.values()) > 0, f"{name} is in no list"
            assert result.account.records + result.account.other > 0, f"{name} is in no list"
    assert statuses["added"] > 0.98 * len(examples), statuses


def test_the_examples_of_each_patient(card: LocalCard, tmp_path: Path, examples: dict[str, Resource]) -> None:
    people = {f"Patient/{one['id']}": one for one in examples.values() if one["resourceType"] == "Patient"}
    about: dict[str, list[Resource]] = {name: [] for name in people}
    for resource in examples.values():
        if (name := _subject(resource)) in about:
            about[name].append(resource)
    assert sum(map(len, about.values())) > 250
    for number, (name, resources) in enumerate(about.items()):
        entries = [{"resource": resource} for resource in [people[name], *resources]]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        (result,) = taken(card, tmp_path / f"{number}.json", bundle)
        assert (result.status, result.reason) == ("added", None), name
        assert result.account.total >= len(entries), f"{name}: fewer resources than there are"
        assert (result.account.other_person, result.account.duplicate, result.account.superseded) == (0, 0, 0), name
        listed = [one for one in resources if KIND_OF_TYPE.get(one["resourceType"])]
        assert result.account.records + result.account.other >= len(listed), (
            f"{name}: {len(listed)} are of types with a list of their own"
        )


def _subject(resource: Resource) -> str | None:
    """Whom a resource is about, as its reference says."""
    named = (resource.get(element) for element in ABOUT)
    return next((one["reference"] for one in named if isinstance(one, dict) and "reference" in one), None)
