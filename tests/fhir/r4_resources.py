"""Resources of any of R4's types, drawn from the table of their elements: well formed, and with values nobody would choose."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

Resource = dict[str, Any]
TABLE = Path(__file__).with_name("r4_elements.txt")
"""Written by `tests/slow/walker/element_table.py`, which says what its lines mean."""
DEEPEST, MOST = 4, 5
"""How deep elements lie in each other, and how many an object has."""
OWNERS = frozenset({"subject", "patient", "beneficiary"})
"""Elements that name whose a resource is."""
_TEXTS = (
    "Метка",
    "",
    " ",
    "<b>жирный</b>",
    "a|b\tc\nd",
    "\u202eнаоборот",
    "\u0000",
    "📄",
    "а" * 300,
    "-",
    "&#99999999;",
)
_DATES = (
    "2026-03-01",
    "2026",
    "2026-03",
    "2026-02-30",
    "вчера",
    "0001-01-01",
    "9999-12-31",
    "2026-03-01T08:00:00+03:00",
    "",
)
_URIS = (
    "http://loinc.org",
    "urn:oid:1.2.643.5.1.13.13.11.1080",
    "http://unitsofmeasure.org",
    "urn:uuid:",
    "не адрес",
    "",
)
_CODES = ("final", "active", "laboratory", "vital-signs", "H", "entered-in-error", "Не код", "718-7", "not-done", "")
_NAMES = (
    "Practitioner/x",
    "Organization/x",
    "#x",
    "Observation/r1",
    "Patient/p2",
    "https://fhir.example/Condition/r0",
    "",
)
PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "base64Binary": st.sampled_from(["JVBERi0=", "PHA+MTwvcD4=", "не base64", ""]),
    "boolean": st.booleans(),
    "date": st.sampled_from(_DATES),
    "dateTime": st.sampled_from(_DATES),
    "decimal": st.sampled_from([0, -1, 5.4, 100.0, 1e308, 1e-300, 10**20]),
    "instant": st.sampled_from(_DATES),
    "integer": st.sampled_from([0, -1, 5, 2**31]),
    "positiveInt": st.sampled_from([1, 7, 2**31]),
    "string": st.sampled_from(_TEXTS) | st.text(st.characters(codec="utf-8"), max_size=20),
    "time": st.sampled_from(["08:00:00", "24:00:00", "утром"]),
    "unsignedInt": st.sampled_from([0, 7, 2**31]),
    **dict.fromkeys(("code", "id"), st.sampled_from(_CODES)),
    **dict.fromkeys(("canonical", "oid", "uri", "url", "uuid"), st.sampled_from(_URIS)),
}
PRIMITIVES["markdown"] = PRIMITIVES["string"]


@cache
def elements() -> dict[str, dict[str, str]]:
    """Type or element that has elements → name of each → its types, with `*` where it repeats and `!` where it must be."""
    lines = (line.split() for line in TABLE.read_text(encoding="utf-8").splitlines())
    return {name: dict(element.split(":") for element in rest) for name, *rest in lines}


def types() -> list[str]:
    """The resources: they stand in no element, whose types the table names."""
    used = {name for row in elements().values() for kinds in row.values() for name in _kinds(kinds)}
    return sorted(name for name in elements() if "." not in name and name not in used)


def _kinds(stated: str) -> list[str]:
    return stated.rstrip("*!").split("|")


@st.composite
def resources(draw: st.DrawFn, kinds: list[str], ident: str) -> Resource:
    """One of these types, about the patient `p1` where it has an element for that."""
    kind = draw(st.sampled_from(kinds))
    owners = {name: {"reference": "Patient/p1"} for name in OWNERS if "Reference" in elements()[kind].get(name, "")}
    return {"resourceType": kind, "id": ident, **_object(draw, kind, DEEPEST), **owners}


def _object(draw: st.DrawFn, path: str, depth: int) -> Resource:
    """What must be there and some other elements; deep inside only those that are primitive."""
    known = elements()[path]
    names = [name for name, stated in known.items() if depth or PRIMITIVES.keys() >= {*_kinds(stated)}]
    needed = [name for name in names if "!" in known[name]]
    chosen = draw(st.lists(st.sampled_from(names), max_size=MOST, unique=True)) if names else []
    return dict(_element(draw, name, known[name], depth) for name in dict.fromkeys((*needed, *chosen)))


def _element(draw: st.DrawFn, name: str, stated: str, depth: int) -> tuple[str, Any]:
    kind = draw(st.sampled_from(_kinds(stated)))
    if name.endswith("[x]"):
        name = name.removesuffix("[x]") + kind[0].upper() + kind[1:]
    if "*" not in stated:
        return name, _value(draw, kind, depth)
    return name, [_value(draw, kind, depth) for _time in range(draw(st.integers(int("!" in stated), 2)))]


def _value(draw: st.DrawFn, kind: str, depth: int) -> Any:
    if kind in PRIMITIVES:
        return draw(PRIMITIVES[kind])
    if kind == "Reference":
        return {"reference": draw(st.sampled_from(_NAMES)), "display": draw(st.sampled_from(_TEXTS))}
    path = kind.removeprefix("@")
    return _object(draw, path, depth - 1) if depth and path in elements() else {}
