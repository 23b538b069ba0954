"""A page is handed on in pieces, by number and by size: each is in memory once more while it is kept."""

from __future__ import annotations

import json

import pytest

from emkcli.api.fhir import changes
from emkcli.api.fhir.paging import Page
from emkcli.fhir import Graph
from tests.invented import lab


def page(count: int, letters: int) -> Page:
    graph = Graph()
    contents = [json.dumps(lab(f"lab-{number}") | {"note": [{"text": "x" * letters}]}) for number in range(count)]
    return Page(graph, [node for content in contents if (node := graph.add(content.encode()))], count)


@pytest.mark.parametrize(
    ("count", "letters", "sizes"),
    [(0, 0, [0]), (3, 10, [3]), (200, 1, [200]), (201, 1, [200, 1]), (5, 4_000, [3, 2]), (2, 20_000, [1, 1])],
)
def test_the_pieces_of_a_page(count: int, letters: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_LARGEST", 2**20 if letters < 100 else 10_000)
    pieces = list(changes._batches_of(page(count, letters)))
    assert [len(piece.matches) for piece in pieces] == sizes
    keys = [resource.key for piece in pieces for resource in piece.matches]
    assert keys == [f"Observation/lab-{number}" for number in range(count)]
