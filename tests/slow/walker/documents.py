"""What a Bundle must keep beyond its own elements: closed references, and an IPS profile for what a summary lists."""

from __future__ import annotations

from collections.abc import Iterator

from tests.slow.walker.definitions import Json
from tests.slow.walker.references import Scope, dangling, found
from tests.slow.walker.walk import Fault, Walker

IPS_BUNDLE = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"


def bundle_faults(walker: Walker, bundle: Json) -> list[Fault]:
    """Everything the walker finds, and references that lead out of the Bundle."""
    lost = [Fault("Bundle", f"{name} leads nowhere") for name in dict.fromkeys(dangling(bundle))]
    return [*walker.faults(bundle), *lost]


def summary_faults(walker: Walker, bundle: Json) -> list[Fault]:
    """A document Bundle as an International Patient Summary."""
    return [*bundle_faults(walker, bundle), *walker.faults(bundle, IPS_BUNDLE), *_unprofiled(walker, bundle)]


def _unprofiled(walker: Walker, bundle: Json) -> Iterator[Fault]:
    """Open slices let anything pass; so each resource must keep a profile of its type, observations where listed."""
    whole = Scope(bundle)
    entries = [one for one in bundle.get("entry", []) if isinstance(one.get("resource"), dict)]
    sections = entries[0]["resource"].get("section", []) if entries else []
    listed = {name for one in sections for name in found(one.get("entry", []))}
    for place, entry in enumerate(entries):
        resource = entry["resource"]
        kind = resource.get("resourceType")
        profiles = _profiles(walker, kind)
        scope = whole.within(resource, entry.get("fullUrl"))
        if not profiles or (kind == "Observation" and entry.get("fullUrl") not in listed):
            continue
        broken = [walker.against(resource, url, scope) for url in profiles]
        if all(broken):
            yield from (Fault(f"Bundle.entry[{place}]{one.where}", one.told) for one in min(broken, key=len))


def _profiles(walker: Walker, kind: object) -> list[str]:
    slices = walker.definitions.needed(IPS_BUNDLE).children["entry"].slices
    resources = [one.children["resource"] for one in slices]
    return [url for one in resources if kind in one.types for url in one.type(str(kind)).get("profile", [])]
