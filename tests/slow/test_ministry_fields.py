"""The ministry's table of fields of a kind of СЭМД against what `card show` says of documents of that kind.

`EMK_SAMPLES=… EMK_FIELDS=… make slow SLOW=tests/slow/test_ministry_fields.py`: a directory of documents and the table, neither of
which is in the repository. Without both nothing is read, and the last lines of the run say so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emkcli.importers.document_reader import read
from tests.slow.ministry_fields import Field, Fields, compare, table, xpath
from tests.slow.test_real_samples import SAMPLES, files_of

TABLE = os.environ.get("EMK_FIELDS")
KIND = os.environ.get("EMK_FIELDS_KIND", "290")
"""The number in the register (НСИ …11.1520) of the documents that the table is about."""
LEAST = 0.97
"""How many of the fields that are present the card must give back; each other is named."""


def documents(path: Path) -> list[dict[str, Any]]:
    """What the card says of each document of the kind in a file."""
    pieces = (piece for parsed in read(str(path)) if parsed.pieces for piece in parsed.pieces())
    told = (piece.records[0].to_builtins() for piece in pieces if piece.records)
    return [document for document in told if document.get("type_code") == KIND]


def test_fields_of_the_ministry_are_given_back(record_property: Callable[[str, object], None]) -> None:
    fields = table(Path(TABLE)) if TABLE else []
    paths = [path for path in files_of(SAMPLES) if path.suffix == ".xml"] if fields else []
    tallies = {path: compare(fields, path.read_bytes(), document) for path in paths for document in documents(path)}
    assert all(tally.broken == 0 for tally in tallies.values())
    for path, tally in tallies.items():
        present = tally.given_back + len(tally.lacking)
        record_property("figures", f"fields: {path.name}: {tally.given_back} of {present}; lacking {tally.lacking}")
        assert tally.given_back >= LEAST * present, "\n".join(tally.lacking)
    assert tallies or not fields, f"no document of the kind {KIND} in EMK_SAMPLES"


@pytest.mark.parametrize(
    ("path", "told", "lacking"),
    [
        ("a/b", {"x": ["Проба"]}, 0),
        ("a/b", {"x": ["Пробапера"]}, 1),
        ("a/b/c[@code=['1','2']]", {"x": "Проба 2020-01-15"}, 0),
        ("a/b/c[@code=['1','2']]", {"x": "2020-01"}, 1),
        ("a/p:nothing", {}, 0),
    ],
)
def test_a_value_is_told_as_a_word_of_its_own(path: str, told: Any, lacking: int) -> None:
    content = '<a xmlns="urn:x"><b displayName="Проба"><c code="2" value="20200115"/></b></a>'.encode()
    tally = compare([Field("1", "Поле", xpath(path))], content, told)
    assert (len(tally.lacking), tally.given_back) == (lacking, int(not lacking and "nothing" not in path))
    assert compare([Field("1", "", "/a[")], content, {}) == Fields(broken=1)
