"""The elements of R4's types as facts in a table: `python -m tests.slow.walker.element_table PACKAGE` writes it anew.

A line for each type and each element that has elements: its name, then each element with its types, `*` where it repeats
and `!` where it must be there. `@PATH` is an element with elements of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.slow.walker.definitions import type_code
from tests.slow.walker.packages import r4_files

TABLE = Path(__file__).parents[2] / "fhir" / "r4_elements.txt"
LEFT_OUT = frozenset({"id", "extension", "modifierExtension", "contained", "implicitRules", "language", "meta", "text"})
"""What every type has, and what says nothing of a patient."""
DESCRIBING = frozenset(
    {"CapabilityStatement", "CodeSystem", "CompartmentDefinition", "ConceptMap", "ElementDefinition", "ExampleScenario"}
    | {"GraphDefinition", "ImplementationGuide", "MessageDefinition", "NamingSystem", "OperationDefinition"}
    | {"SearchParameter", "StructureDefinition", "StructureMap", "TerminologyCapabilities", "TestReport", "TestScript"}
    | {"ValueSet", "Bundle", "Parameters", "Extension", "Narrative"}
)
"""Types that describe FHIR itself, and those that only hold others."""


def table(core: Path) -> str:
    """The lines for the definitions of a package."""
    lines = {name: line for structure in _structures(core) for name, line in _lines(structure)}
    return "".join(f"{name} {line}\n" for name, line in sorted(lines.items()))


def _structures(core: Path) -> Iterator[dict[str, Any]]:
    for path in r4_files(core)[:2]:
        for entry in json.loads(path.read_bytes())["entry"]:
            structure = entry["resource"]
            is_type = structure["resourceType"] == "StructureDefinition" and not structure.get("abstract")
            if (
                is_type
                and structure["kind"] in ("resource", "complex-type")
                and structure["derivation"] != "constraint"
            ):
                yield structure


def _lines(structure: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if structure["type"] in DESCRIBING:
        return
    groups: dict[str, list[str]] = {}
    for element in structure["snapshot"]["element"][1:]:
        above, _, name = element["path"].rpartition(".")
        if name not in LEFT_OUT:
            marks = ("" if element["max"] == "1" else "*") + ("!" if element["min"] else "")
            groups.setdefault(above, []).append(f"{name}:{_types(element)}{marks}")
    for path, elements in groups.items():
        yield path, " ".join(elements)


def _types(element: dict[str, Any]) -> str:
    if reference := element.get("contentReference"):
        return "@" + reference.partition("#")[2]
    types = dict.fromkeys(type_code(one) for one in element["type"])
    return "|".join("@" + element["path"] if name in ("BackboneElement", "Element") else name for name in types)


if __name__ == "__main__":
    TABLE.write_text(table(Path(sys.argv[1])), encoding="utf-8")
