"""What a wheel is installed with, as CycloneDX 1.6 in JSON: the locked dependencies, and the fonts that lie in the wheel.

The same wheel and the same locks give the same bytes: the serial number is made of the wheel's digest, the time is given.
"""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tools.licences import FONTS, Font, known
from tools.locks import LOCKS, Pin, pins

ROOT = LOCKS.parent
LICENCES = LicenseFactory()


def bill(wheel: Path, made: datetime) -> str:
    """The bill of materials of a wheel. `ValueError` when it does not fit CycloneDX's own schema."""
    digest = sha256(wheel.read_bytes()).hexdigest()
    packages = pins("all")
    needed = {pin.name for pin in pins("main")}
    ours = _ours(wheel.name.split("-")[1], digest)
    components = {pin.name: _package(pin, required=pin.name in needed) for pin in packages}
    fonts = [_font(font) for font in FONTS]
    bom = Bom(components=[*components.values(), *fonts], serial_number=uuid.uuid5(uuid.NAMESPACE_OID, digest))
    bom.metadata.component, bom.metadata.timestamp = ours, made
    bom.register_dependency(ours, fonts)
    for pin in packages:
        for user in pin.via:
            bom.register_dependency(components.get(user, ours), [components[pin.name]])
    return _checked(JsonV1Dot6(bom).output_as_string(indent=2) + "\n")


def _ours(version: str, digest: str) -> Component:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return Component(
        name=project["name"],
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=f"{project['name']}=={version}",
        licenses=[LICENCES.make_from_string(project["license"])],
        hashes=_hashes([digest]),
    )


def _package(pin: Pin, *, required: bool) -> Component:
    """One component for each pin; its hashes are those of its files, any one of which is installed."""
    url = PackageURL("pypi", name=pin.name, version=pin.version)
    return Component(
        name=pin.name,
        version=pin.version,
        bom_ref=url.to_string(),
        purl=url,
        scope=ComponentScope.REQUIRED if required else ComponentScope.OPTIONAL,
        licenses=[LICENCES.make_from_string(known()[pin.name, pin.version])],
        hashes=_hashes(pin.hashes),
    )


def _font(font: Font) -> Component:
    return Component(
        name=font.name,
        version=font.version,
        type=ComponentType.DATA,
        bom_ref=f"{font.name}=={font.version}",
        licenses=[LICENCES.make_from_string(font.licence)],
        hashes=_hashes(sha256(file.read_bytes()).hexdigest() for file in font.files(ROOT)),
    )


def _hashes(digests: Iterable[str]) -> list[HashType]:
    return [HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in digests]


def _checked(text: str) -> str:
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"this is no CycloneDX: {problem}")
    return text
