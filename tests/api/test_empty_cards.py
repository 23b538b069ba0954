"""A card in which nothing was found is asked for once more, in another way, before it is called empty."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli import errors
from emkcli.api.ports import CardQuery
from tests.invented import Server, lab

ALL = CardQuery()


class ByAddress(Server):
    """It answers `patient=ID` with nothing, and finds what it has by `patient=Patient/ID`."""

    def search(self, kind: str, params: list[tuple[str, str]]) -> Any:
        if dict(params).get("patient") != "Patient/p1":
            return self.page([], [], kind, params)
        return super().search(kind, params)


def by_type(server: Server) -> Server:
    server.everything = False
    return server


def test_a_server_that_knows_the_patient_by_their_address_alone_has_no_empty_card() -> None:
    with pytest.raises(errors.ServerError) as raised:
        list(by_type(ByAddress(lab("o1"))).card().resources(ALL))
    (missing,) = raised.value.details["missing"]
    assert missing["what"] == "card"
    assert "Patient/p1" in missing["why"]


def test_a_card_that_is_empty_in_both_ways_is_empty() -> None:
    server = by_type(ByAddress())
    assert [raw.id for raw in server.card().resources(ALL)] == ["Patient/p1"]
    assert [dict(params).get("patient") for _path, params in server.asked].count("Patient/p1") == 1


def test_a_card_with_something_in_it_is_asked_for_once() -> None:
    server = by_type(Server(lab("o1")))
    assert [raw.id for raw in server.card().resources(ALL)] == ["Patient/p1", "Observation/o1"]
    assert "Patient/p1" not in [dict(params).get("patient") for _path, params in server.asked]
