"""Resources are counted by their bytes alone."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.fhir.resource_count import counted


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (b'{"resourceType":"Patient"}', {"Patient": 1}),
        (b'{ "id" : "x" , "resourceType" :\n "Patient" }', {"Patient": 1}),
        (rb'{"resource\u0054ype":"P\u0061tient"}', {"Patient": 1}),
        (rb'{"\u0072\u0065\u0073ourceType":"Goal","note":"\\u0054"}', {"Goal": 1}),
        (b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Goal"}}]}', {"Goal": 1}),
        (rb'{"resourceType":"Goal","text":"{\"resourceType\":\"Flag\"}"}', {"Goal": 1}),
        (rb'{"resourceType":"Goal","text":"\\","contained":[{"resourceType":"Flag"}]}', {"Goal": 1, "Flag": 1}),
        (rb'{"resourceType":"Goal","text":"\u0022resourceType\u0022:\u0022Flag\u0022"}', {"Goal": 1}),
        (b'{"resourceType":"Goal"}\n{"resourceType":"Goal"', {"Goal": 2}),
        (b"", {}),
        (b"no JSON", {}),
    ],
)
def test_what_bytes_hold(content: bytes, count: dict[str, int]) -> None:
    assert counted(content) == count


TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(['"resourceType":"Flag"', "\\", '\\"', "resourceType", '","resourceType":"Flag']),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(TEXTS.filter(lambda name: name != "resourceType"), inner, max_size=3),
        st.builds(
            lambda value, kind: {"resourceType": kind, "x": value}, inner, st.sampled_from(["Goal", "Bundle", "Flag"])
        ),
    ),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_the_count_is_that_of_the_objects(value: Any, ascii: bool) -> None:
    assert counted(json.dumps(value, ensure_ascii=ascii).encode()) == Counter(_types(value))


def _types(value: Any) -> list[str]:
    if isinstance(value, list):
        return [kind for item in value for kind in _types(item)]
    if not isinstance(value, dict):
        return []
    own = value.get("resourceType")
    return [*([own] if own in ("Goal", "Flag") else []), *(kind for item in value.values() for kind in _types(item))]
