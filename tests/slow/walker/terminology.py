"""Value sets as far as they can be expanded without a server, and the codes of code systems that are known whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.slow.walker.definitions import Definitions, Json

Code = tuple[str, str]


class Terminology:
    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._sets: dict[str, set[Code] | None] = {}
        self._systems: dict[str, set[str] | None] = {}

    def expand(self, url: str) -> set[Code] | None:
        """Every (system, code) of a value set; None where that cannot be told here."""
        if url not in self._sets:
            self._sets[url] = None  # a value set that includes itself
            found = self._definitions.find("ValueSet", url)
            self._sets[url] = self._composed(found.get("compose", {})) if found else None
        return self._sets[url]

    def system(self, url: str) -> set[str] | None:
        """Every code of a code system whose definition is complete."""
        if url not in self._systems:
            found = self._definitions.find("CodeSystem", url)
            whole = found is not None and found.get("content") == "complete" and bool(found.get("concept"))
            self._systems[url] = {one["code"] for one in _all(found or {})} if whole else None
        return self._systems[url]

    def _composed(self, compose: Json) -> set[Code] | None:
        if not compose.get("include"):
            return None
        codes: set[Code] = set()
        for include in compose["include"]:
            found = self._included(include)
            if found is None:
                return None
            codes |= found
        for exclude in compose.get("exclude", []):
            found = self._included(exclude)
            if found is None:
                return None
            codes -= found
        return codes

    def _included(self, include: Json) -> set[Code] | None:
        parts = [self.expand(url) for url in include.get("valueSet", [])]
        if system := include.get("system"):
            parts.append(self._of_system(system, include))
        known = [part for part in parts if part is not None]
        return set.intersection(*known) if known and len(known) == len(parts) else None

    def _of_system(self, system: str, include: Json) -> set[Code] | None:
        if listed := include.get("concept"):
            return {(system, one["code"]) for one in listed}
        codes = self.system(system)
        if codes is None:
            return None
        for chosen in include.get("filter", []):
            if chosen["property"] != "concept" or chosen["op"] not in ("is-a", "descendent-of"):
                return None
            codes = codes & self._below(system, chosen["value"], itself=chosen["op"] == "is-a")
        return {(system, code) for code in codes}

    def _below(self, system: str, code: str, *, itself: bool) -> set[str]:
        found = self._definitions.find("CodeSystem", system) or {}
        top = next((one for one in _all(found) if one["code"] == code), {})
        return {one["code"] for one in _all(top)} | ({code} if itself else set())

    def fault(self, value: Any, element: Json) -> str | None:
        """What a required binding or a code system says against a coded value."""
        codings = list(_codings(value))
        for one in codings:
            codes = self.system(str(one.get("system")))
            if codes is not None and one.get("code") is not None and one["code"] not in codes:
                return f"{one['code']!r} is no code of {one['system']}"
        binding = element.get("binding", {})
        if binding.get("strength") != "required" or "valueSet" not in binding:
            return None
        allowed = self.expand(binding["valueSet"])
        return None if allowed is None else _outside(value, codings, allowed, binding["valueSet"])


def _outside(value: Any, codings: list[Json], allowed: set[Code], name: str) -> str | None:
    if isinstance(value, str):
        within = value in {code for _system, code in allowed}
    else:
        within = any((one.get("system"), one.get("code")) in allowed for one in codings)
        within = within or ("coding" not in value and "code" not in value and "extension" in value)
    return None if within else f"not of the required value set {name}"


def _codings(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        listed = value.get("coding", [value] if "code" in value else [])
        yield from (one for one in listed if isinstance(one, dict))


def _all(concept: Json) -> Iterator[Json]:
    for one in concept.get("concept", []):
        yield one
        yield from _all(one)
