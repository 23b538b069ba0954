"""`--query`: what the library cannot work out is the line's fault, never ours."""

import pytest

from emkcli import errors
from emkcli.presentation.render import jmespath_query

DOCUMENT = {"items": [{"id": "a"}, {"id": "b"}]}


def test_an_expression_is_worked_out() -> None:
    assert jmespath_query.search("items[*].id", DOCUMENT) == ["a", "b"]


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("(" * 20_000, id="open brackets"),
        pytest.param("!" * 20_000 + "items", id="negations"),
        pytest.param("items[::0]", id="a step of nought"),
        pytest.param("ceil(`1e999`)", id="the ceiling of infinity"),
        pytest.param('floor(to_number(`"nan"`))', id="the floor of no number"),
    ],
)
def test_what_cannot_be_worked_out_is_a_mistake_on_the_line(expression: str) -> None:
    with pytest.raises(errors.Usage, match="--query") as failure:
        jmespath_query.search(expression, DOCUMENT)
    assert "jmespath.org" in (failure.value.hint or "")
