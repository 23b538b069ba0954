"""Versions of a document: in any order, across sets, in circles; nothing twice, nothing lost, and the newest counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from emkcli import localcard, models
from emkcli.api.ports import CardQuery
from emkcli.importers import document_reader
from emkcli.localcard.imported_card import LocalCard
from tests.importers import semd_invented as x
from tests.importers.test_archives import tarred, zipped

ALL = CardQuery()
Take = Callable[..., list[str]]
BODY = x.section("RESLAB", x.battery(x.result(x.quantity("5.40"))))


@pytest.fixture
def take(card: LocalCard, tmp_path: Path) -> Take:
    """Documents one after another; their statuses."""

    def take(*contents: bytes, name: str = "{}.xml") -> list[str]:
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / name.format(number)
            path.write_bytes(content)
            paths.append(str(path))
        return [one.status for one in localcard.ingest(card, document_reader.read_all(paths))]

    return take


def related(kind: str, ident: str) -> str:
    parent = f'<parentDocument><id root="1.2.3.51" extension="{ident}"/></parentDocument>'
    return f'<relatedDocument typeCode="{kind}">{parent}</relatedDocument>'


def made(ident: str, *, replaces: str = "", appends: str = "", series: str = "", date: str = "20260301") -> bytes:
    extra = (related("RPLC", replaces) if replaces else "") + (related("APND", appends) if appends else "")
    return x.document(BODY, ident=ident, series=series or f"s{ident}", date=date, extra=extra)


def current(card: LocalCard) -> list[str]:
    sources = [one.source for one in card.documents(ALL)]
    return sorted(one.document_id[-1] for one in sources if isinstance(one, models.FileSource) and one.document_id)


CHAIN = {"1": made("1"), "2": made("2", replaces="1"), "3": made("3", replaces="2")}
CIRCLE = {name: made(name, replaces=other, date=f"2026030{name}") for name, other in ("12", "23", "31")}


@pytest.mark.parametrize("order", list(permutations("123")))
def test_a_chain_in_any_order(card: LocalCard, take: Take, order: tuple[str, ...]) -> None:
    statuses = dict(zip(order, take(*(CHAIN[name] for name in order)), strict=True))
    assert current(card) == ["3"]
    assert statuses["3"] == "added"
    assert all(
        statuses[old] == ("added" if order.index(old) < order.index(new) else "superseded") for old, new in ("12", "23")
    )
    assert len(list(card.labs(ALL))) == 1
    assert take(*CHAIN.values()) == ["superseded", "superseded", "duplicate"]


@pytest.mark.parametrize("order", list(permutations("123")))
def test_of_a_circle_one_stays(card: LocalCard, take: Take, order: tuple[str, ...]) -> None:
    take(*(CIRCLE[name] for name in order))
    assert len(current(card)) == 1
    assert "1" not in current(card), "the earliest"


def test_two_that_replace_each_other(card: LocalCard, take: Take) -> None:
    assert take(made("2", replaces="1", date="2020"), made("1", replaces="2", date="2021")) == ["added", "added"]
    assert current(card) == ["1"]
    assert take(made("5", replaces="5")) == ["added"], "what replaces itself is an ordinary document"


def test_an_unknown_one_replaced_and_one_completed(card: LocalCard, take: Take) -> None:
    assert take(made("1"), made("2", replaces="9"), made("3", appends="1", series="s1")) == ["added"] * 3
    assert current(card) == ["1", "2", "3"]


def test_an_older_one_of_a_person_does_not_touch_anothers(card: LocalCard, take: Take) -> None:
    theirs = made("1").replace("Пробная".encode(), "Чужая".encode()).replace(b"19790601", b"19610101")
    assert take(made("2", replaces="1"), theirs) == ["added", "other_person"]
    assert current(card) == ["2"]


def test_the_same_document_however_it_comes(card: LocalCard, take: Take) -> None:
    one = made("1")
    other = one.replace(b'<?xml version="1.0" encoding="UTF-8"?>', b"\xef\xbb\xbf").replace(b"\n", b"\r\n")
    assert take(one) == ["added"]
    assert take(one, name="other-{}.xml") == ["duplicate"]
    assert take(zipped(("a.xml", one)), tarred(("b/c.xml", one)), name="{}.zip") == ["duplicate", "duplicate"]
    assert take(zipped(("z.zip", zipped(("a.xml", one)))), other, name="again-{}") == ["duplicate", "duplicate"]
    assert len(list(card.documents(ALL))) == 1


OTHER_VALUE = made("1").replace(b"5.40", b"5.50")
OTHER_KIND = x.document(ident="1", series="s1", date="20260401", kind="7", title="Протокол исследования")
WARNING = "Another document with the same number is in the card. Both are kept."


@pytest.mark.parametrize("order", [(made("1"), OTHER_VALUE), (OTHER_VALUE, made("1"))])
def test_of_two_contents_under_one_version_both_stay(card: LocalCard, tmp_path: Path, order: tuple[bytes, ...]) -> None:
    paths = [tmp_path / "a.xml", tmp_path / "b.xml"]
    for path, content in zip(paths, order, strict=True):
        path.write_bytes(content)
    results = list(localcard.ingest(card, document_reader.read_all([str(path) for path in paths])))
    assert [(one.status, one.reason, one.warnings) for one in results] == [
        ("added", None, []),
        ("added", None, [WARNING]),
    ]
    assert sorted(str(one.value) for one in card.labs(ALL)) == ["5.40", "5.50"]
    again = list(localcard.ingest(card, document_reader.read_all([str(path) for path in paths])))
    assert [one.status for one in again] == ["duplicate", "duplicate"]


def test_another_kind_of_document_is_no_version(card: LocalCard, take: Take) -> None:
    later = OTHER_KIND.replace(b'versionNumber value="1"', b'versionNumber value="2"')
    assert take(made("1"), OTHER_KIND, later) == ["added"] * 3
    assert sorted((one.type_code or "", one.version or "") for one in card.documents(ALL)) == [("5", "1"), ("7", "2")]
    assert [one.value for one in card.labs(ALL)] == ["5.40"]
    assert take(OTHER_KIND, made("1"), later) == ["superseded", "duplicate", "duplicate"]


def test_a_signature_of_one_of_two_with_the_same_number(card: LocalCard, take: Take) -> None:
    signed = zipped(("a.xml", OTHER_VALUE), ("a.sig", b"<Signature/>"))
    assert take(made("1"), OTHER_VALUE, signed) == ["added", "added", "duplicate"]
    assert [one.signature is not None for one in card.documents(ALL)].count(True) == 1


def test_a_signature_that_comes_later(card: LocalCard, take: Take) -> None:
    assert take(made("1"), zipped(("a.xml", made("1")), ("a.sig", b"<Signature/>"))) == ["added", "duplicate"]
    (found,) = card.documents(ALL)
    assert found.signature == models.Signature(present=True)
    assert card.record(found.id) == found


CONTRADICTION = "Documents in the card say that each replaces the other. Only the latest is kept."
SAME_SET = "Another document of the same set is in the card. Both are kept."


def warned(card: LocalCard, folder: Path, *contents: bytes) -> list[list[str]]:
    """The warnings of each of the documents that come one after another."""
    paths = [folder / f"{number}.xml" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return [one.warnings for one in localcard.ingest(card, document_reader.read_all(list(map(str, paths))))]


@pytest.mark.parametrize("order", list(permutations("123")))
def test_a_circle_is_told_in_any_order(card: LocalCard, tmp_path: Path, order: tuple[str, ...]) -> None:
    assert warned(card, tmp_path, *(CIRCLE[name] for name in order)) == [[], [], [CONTRADICTION]]


def test_a_chain_is_no_circle(card: LocalCard, tmp_path: Path) -> None:
    assert warned(card, tmp_path, *CHAIN.values()) == [[], [], []]


def test_another_number_in_the_set_is_told_as_that(card: LocalCard, tmp_path: Path) -> None:
    other_kind = x.document(ident="2", series="s1", date="20260401", kind="5", title="Выписка").replace(
        b'code="5"', b'code="6"'
    )
    assert warned(card, tmp_path, made("1"), other_kind) == [[], [SAME_SET]]
