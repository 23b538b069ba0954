"""The JSON Schema of every kind of document, as `emk schema` prints it."""

from __future__ import annotations

import json
from typing import Any

from tests.golden.house import House


def schemas(house: House) -> dict[str, Any]:
    """The schema of each kind and of its list, which only an error has not; the members in the order they are printed in."""
    kinds = house.run("schema nothing --json").error["hint"].removeprefix("one of: ").split(", ")
    names = [name for kind in kinds for name in (kind, f"{kind}_list") if name != "error_list"]
    return {name: json.loads(house.run(f"schema {name}").out) for name in names}


def undescribed(schema: Any) -> Any:
    """A schema without what explains it to people; a property may still be called `description`."""
    if isinstance(schema, list):
        return [undescribed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: undescribed(one) for name, one in schema.items() if not (name == "description" and isinstance(one, str))
    }


def text(found: dict[str, Any]) -> str:
    """A line for each schema."""
    lines = [f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
