"""The synced copy against servers of every sort: whatever they leave out or refuse, the copy is what they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from emkcli import errors, localcard, models
from emkcli.api.ports import CardQuery
from emkcli.clinical.dates import moscow
from emkcli.fhir import Identity
from emkcli.localcard.synced_card import Mirror
from emkcli.localcard.syncing import type_sync
from tests.invented import BASE, LAB, Server, lab
from tests.localcard.conftest import Keyring

ANNA = models.Person(id="p1", name="Пробная Анна Львовна", relation="self")
ALL = CardQuery()
LONG_AGO = datetime(2020, 1, 1, tzinfo=moscow())


def stamped(ident: str, seconds: int, value: Any = 5, **more: Any) -> dict[str, Any]:
    moment = (LONG_AGO + timedelta(seconds=seconds)).isoformat()
    return lab(ident, value, meta={"versionId": str(seconds), "lastUpdated": moment}, **more)


@pytest.fixture
def mirror(tmp_path: Path, keyring: Keyring) -> Iterator[Mirror]:
    opened = localcard.open_mirror(tmp_path / "cards" / "a.sqlite3", keyring)
    yield opened
    opened.close()


@pytest.fixture
def sync(mirror: Mirror) -> Callable[..., models.SyncResult]:
    def run(server: Server, *, full: bool = False) -> models.SyncResult:
        return localcard.sync(mirror, server.card().changes(), ANNA, None, full=full)

    return run


def labs(card: Any) -> dict[str, Any]:
    return {one.id: one.value for one in card.labs(ALL)}


def asked(server: Server, kind: str) -> list[dict[str, str]]:
    return [dict(params) for path, params in server.asked if path == kind]


QUIRKS = ("totals", "sorts", "tracks", "includes", "tags")
CHANGES = st.lists(
    st.tuples(st.sampled_from(["add", "amend", "delete", "sync"]), st.integers(0, 99)), min_size=1, max_size=14
)


def told(line: str, first: int, few: int, lacking: str) -> Any:
    changes = [(what, int(number)) for what, number in (word.split(":") for word in line.split())]
    return example(changes=changes, lacking={lacking}, refused=set(), first=first, few=few)


@settings(max_examples=20)
@told("add:0 delete:2 delete:62 sync:0 delete:83 sync:0 amend:79", 4, 200, "sorts")
@told("sync:0 amend:0 sync:0 amend:1", 3, 0, "sorts")
@told("sync:0 delete:0 delete:0 add:0 add:0", 3, 200, "sorts")
@told("sync:0 add:0 sync:0 amend:0 sync:0 amend:1", 1, 0, "sorts")
@told("sync:0 sync:0 delete:0", 5, 200, "totals")
@given(
    changes=CHANGES,
    lacking=st.sets(st.sampled_from(QUIRKS)),
    refused=st.sampled_from([set(), {"_sort"}, {"_lastUpdated"}, {"_elements"}, {"_sort", "_total", "_include"}]),
    first=st.integers(0, 7),
    few=st.sampled_from([0, 3, 200]),
)
def test_the_copy_is_what_the_server_has(
    tmp_path_factory: pytest.TempPathFactory, changes: Any, lacking: set[str], refused: set[str], first: int, few: int
) -> None:
    server = Server(*(stamped(f"o{number}", number // 2) for number in range(first)))
    server.refused = refused
    for name in lacking:
        setattr(server, name, False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type_sync, "_FEW", few)
        live(server, tmp_path_factory.mktemp("mirror") / "a.sqlite3", [*changes, ("sync", 0)])


def live(server: Server, path: Path, changes: list[tuple[str, int]]) -> None:
    """The card changes on the server, and now and then the copy follows."""
    mirror = localcard.open_mirror(path, None, insecure=True)
    for clock, (what, number) in enumerate(changes, 101):
        known = [one["id"] for one in server.resources if one["resourceType"] == "Observation"]
        chosen = known[number % len(known)] if known else None
        if what == "add":
            server.resources.append(stamped(f"n{clock}", clock))
        elif what == "delete" and chosen:
            server.resources = [one for one in server.resources if one["id"] != chosen]
        elif what == "amend" and chosen:
            place = next(n for n, one in enumerate(server.resources) if one["id"] == chosen)
            server.resources[place] = stamped(chosen, clock, clock)
        elif what == "sync":
            follow(server, mirror)
    mirror.close()


def follow(server: Server, mirror: Mirror) -> None:
    before = labs(mirror) if mirror.knows("p1") else {}
    result = localcard.sync(mirror, server.card().changes(), ANNA, None)
    now = labs(server.card())
    assert (result.complete, labs(mirror)) == (True, now)
    assert result.added.get("labs", 0) == len(now.keys() - before.keys())
    assert result.removed.get("labs", 0) == len(before.keys() - now.keys())
    changed = {name for name in now.keys() & before.keys() if now[name] != before[name]}
    assert result.changed.get("labs", 0) == len(changed)
    assert sum(result.unchanged.values()) == len(now) - len(changed) - len(now.keys() - before.keys())


def test_one_request_tells_that_nothing_changed(sync: Any) -> None:
    server = Server(*(stamped(f"o{number}", number) for number in range(5)))
    sync(server)
    server.asked.clear()
    assert sync(server).unchanged == {"labs": 5}
    (probe,) = asked(server, "Observation")
    assert (probe["_sort"], probe["_count"], probe["_total"]) == ("-_lastUpdated", "1", "accurate")


def test_a_change_within_the_second_of_the_last_is_not_missed(sync: Any, mirror: Mirror) -> None:
    now = datetime.now(moscow()).isoformat(timespec="seconds")
    old = [stamped(f"o{number}", number) for number in range(3)]
    server = Server(*old, lab("a", 1, meta={"lastUpdated": now}), lab("b", 1, meta={"lastUpdated": now}))
    sync(server)
    server.resources[-2] = lab("a", 2, meta={"lastUpdated": now})
    assert sync(server).changed == {"labs": 1}
    assert labs(mirror)["Observation/a"] == "2"


def test_a_record_in_two_states_on_two_pages_is_one(sync: Any, mirror: Mirror) -> None:
    """A page may tell again what the page before told, while the card changes."""
    server = Server(stamped("o1", 1), stamped("o2", 2), stamped("o3", 3), stamped("o1", 4, 9))
    result = sync(server)
    assert labs(mirror)["Observation/o1"] == "9"
    assert result.added == {"labs": 3}


def test_a_server_that_counts_more_than_it_sends(sync: Any, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(stamped("o1", 1), stamped("o2", 2))
    page = server.page

    def short(found: Any, *rest: Any) -> Any:
        response = page(found, *rest)
        return type(response)(200, content=response.content.replace(b'"total": 2', b'"total": 3'))

    monkeypatch.setattr(server, "page", short)
    result = sync(server)
    assert (result.complete, [one.what for one in result.missing]) == (False, ["Observation"])
    assert len(labs(mirror)) == 2
    assert mirror.gaps() == "observation"
    monkeypatch.setattr(server, "page", page)
    assert sync(server).complete
    assert mirror.gaps() is None


def test_a_walk_out_of_order_that_broke_off_begins_again(
    sync: Any, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(stamped("o1", 5), stamped("o2", 3), stamped("o3", 4), stamped("o4", 1), size=1)
    server.sorts = False
    page, pages = server.page, iter(range(99))

    def broken(found: Any, along: Any, kind: str, params: Any) -> Any:
        return server.outcome(403) if kind == "Observation" and next(pages) >= 3 else page(found, along, kind, params)

    monkeypatch.setattr(server, "page", broken)
    assert [gap.what for gap in sync(server).missing] == ["Observation"]
    assert 0 < len(labs(mirror)) < 4
    monkeypatch.setattr(server, "page", page)
    assert sync(server).complete
    assert labs(mirror).keys() == {"Observation/o1", "Observation/o2", "Observation/o3", "Observation/o4"}


def test_a_type_that_fails_does_not_take_the_others_along(sync: Any, mirror: Mirror) -> None:
    server = Server(stamped("o1", 1))
    server.failing, server.unknown = {"Encounter": 403}, {"Condition"}
    result = sync(server)
    assert [one.what for one in result.missing] == ["Encounter"], "what a server does not keep is no gap"
    assert labs(mirror) == {"Observation/o1": "5"}
    server.failing |= {"Immunization": 403}
    assert sorted(one.what for one in sync(server).missing) == ["Encounter", "Immunization"]
    assert mirror.gaps() in ("visit, vaccination", "vaccination, visit")


def test_what_an_older_emk_read_is_read_anew_once(sync: Any, mirror: Mirror) -> None:
    server = Server(stamped("o1", 1))
    sync(server)
    current = mirror.store.row("SELECT reader FROM person WHERE id = 'p1'")
    mirror.store.run("UPDATE person SET reader = 0")
    sync(server)
    assert mirror.store.row("SELECT reader FROM person WHERE id = 'p1'") == current != (0,)


def test_a_type_that_is_no_longer_served_is_a_gap_and_its_records_stay(sync: Any, mirror: Mirror) -> None:
    server = Server(stamped("o1", 1))
    sync(server)
    server.unknown = {"Observation"}
    assert [one.what for one in sync(server).missing] == ["Observation"]
    assert len(labs(mirror)) == 1


def test_cancelled_records_are_there_with_their_status(sync: Any, mirror: Mirror) -> None:
    server = Server(stamped("o1", 1))
    sync(server)
    server.resources[1] = stamped("o1", 2, status="entered-in-error")
    assert sync(server).changed == {"labs": 1}
    assert [one.status for one in mirror.labs(ALL)] == ["entered-in-error"]


def test_the_raw_resource_is_the_servers_bytes(sync: Any, mirror: Mirror) -> None:
    server = Server(stamped("o1", 1, {"value": 5, "unit": "г/л"}))
    sync(server)
    raw, online = mirror.raw("Observation/o1"), server.card().raw("Observation/o1")
    assert (raw.content, raw.media_type) == (online.content, online.media_type)
    assert raw.fetched_at
    assert {one.id for one in mirror.resources(ALL)} == {"Patient/p1", "Observation/o1"}


def test_a_server_without_a_log(sync: Any, mirror: Mirror) -> None:
    sync(Server(stamped("o1", 1)))
    with pytest.raises(errors.Unsupported):
        mirror.access_log()


def test_access_ends_by_the_clock_of_this_machine(sync: Any, mirror: Mirror) -> None:
    sync(Server(stamped("o1", 1)))
    today = datetime.now(moscow()).date()
    child = models.Person(id="p1", name="Пробная Ева", relation="child", access_until=today.isoformat())
    mirror.admit(child, Identity(name="Пробная Ева"), None)
    assert labs_of(mirror, "p1")
    ended = replace(child, access_until=(today - timedelta(days=1)).isoformat())
    mirror.admit(ended, Identity(name="Пробная Ева"), None)
    for read in (mirror.person, mirror.access_log, mirror.profile):
        with pytest.raises(errors.Forbidden):
            read("p1")
    with pytest.raises(errors.Forbidden):
        labs_of(mirror, "p1")
    with pytest.raises(errors.Forbidden):
        mirror.record("o1", "p1")
    with pytest.raises(errors.Forbidden):
        list(mirror.resources(CardQuery(person="p1")))


def labs_of(card: Any, person: str) -> list[Any]:
    return list(card.labs(CardQuery(person=person)))


def test_the_servers_clock_goes_on_without_it(mirror: Mirror) -> None:
    mirror.hear(datetime.now(moscow()) + timedelta(days=3), demo=False)
    assert timedelta(days=2) < mirror.now() - datetime.now(moscow()) < timedelta(days=4)


def test_a_short_id_is_enough_while_one_type_has_it(sync: Any, mirror: Mirror) -> None:
    panel = stamped("o1", 1, component=[{"code": {"text": "a"}, "valueString": "x"}])
    sync(Server(panel, stamped("o2", 2)))
    assert mirror.record("o2").value == "5"  # type: ignore[attr-defined]
    assert mirror.record("o1#1").value == "x"  # type: ignore[attr-defined]
    with pytest.raises(errors.NotFound):
        mirror.record("o3")


def test_the_address_is_the_servers(sync: Any, mirror: Mirror) -> None:
    sync(Server(stamped("o1", 1)))
    (found,) = (one for one in mirror.resources(ALL) if one.id == "Observation/o1")
    assert found.data
    assert found.data["full_url"] == f"{BASE}/Observation/o1"


class Unsearched(Server):
    """Its searches find nothing of some resources, which it gives to who reads them."""

    unfound = frozenset({"Medication/m1", "Medication/m2", "Observation/hidden"})

    def search(self, kind: str, params: list[tuple[str, str]]) -> httpx.Response:
        known, self.resources = self.resources, [one for one in self.resources if _key(one) not in self.unfound]
        try:
            return super().search(kind, params)
        finally:
            self.resources = known


def _key(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def order(ident: str, medication: str) -> dict[str, Any]:
    reference = {"reference": f"Medication/{medication}"}
    return {"resourceType": "MedicationRequest", "id": ident, "status": "active", "medicationReference": reference}


def medication(ident: str, name: str) -> dict[str, Any]:
    return {"resourceType": "Medication", "id": ident, "code": {"text": name}}


def test_medicines_that_no_search_finds_are_read_one_by_one(mirror: Mirror, sync: Any) -> None:
    server = Unsearched(order("r1", "m1"), order("r2", "m2"), medication("m1", "Аспирин"), medication("m2", "Магний"))
    for _again in range(2):
        assert sync(server).complete
        assert {one.medicine for one in mirror.prescriptions(ALL)} == {"Аспирин", "Магний"}


REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "category": LAB,
    "code": {"text": "Биохимия"},
    "result": [{"reference": "Observation/o1"}, {"reference": "Observation/hidden"}],
}


def test_results_that_only_a_report_names_are_read(mirror: Mirror, sync: Any) -> None:
    server = Unsearched(stamped("o1", 1), stamped("hidden", 2, 7), REPORT)
    first, again, full = sync(server), sync(server), sync(server, full=True)
    assert labs(mirror) == {"Observation/o1": "5", "Observation/hidden": "7"}
    assert [(one.added, one.changed, one.removed) for one in (first, again, full)] == [
        ({"labs": 2}, {}, {}),
        *[({},) * 3] * 2,
    ]
    assert first.complete
    server.resources = [one for one in server.resources if one["id"] != "hidden"]
    assert sync(server).removed == {"labs": 1}
    assert labs(mirror) == {"Observation/o1": "5"}


def test_results_are_read_where_a_search_is_not_whole(mirror: Mirror, sync: Any) -> None:
    server = Unsearched(stamped("o1", 1), stamped("hidden", 2, 7), REPORT)
    server.by_category = {"Observation"}
    assert not sync(server).complete
    assert labs(mirror) == {"Observation/o1": "5", "Observation/hidden": "7"}


def test_a_result_of_somebody_else_is_not_read(mirror: Mirror, sync: Any) -> None:
    hidden = stamped("hidden", 2, 7, subject={"reference": "Patient/p2"})
    sync(Unsearched(stamped("o1", 1), hidden, REPORT))
    assert labs(mirror) == {"Observation/o1": "5"}
