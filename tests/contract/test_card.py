"""The card through the portal: the lists for oneself and for a child, what is new, one record, who looked."""

from __future__ import annotations

import msgspec
import pytest

from emkcli import models
from emkcli.usecases.card import seen_records
from tests.contract.world import BOTH, World

LISTS = {
    "visits": "visit",
    "labs": "lab_result",
    "studies": "study",
    "prescriptions": "prescription",
    "vaccinations": "vaccination",
    "prevention": "prevention",
    "documents": "document",
    "diagnoses": "diagnosis",
    "allergies": "allergy",
    "vitals": "vital",
    "referrals": "referral",
    "procedures": "procedure",
    "other": "other",
}


def child(world: World) -> str:
    return next(str(person["id"]) for person in world.ok("person", "list").items if person["relation"] == "child")


def with_childs_card(world: World) -> str:
    """The child's card, connected and activated by the parent."""
    name = child(world.at("activated"))
    world.ok("connect", "--person", name, *BOTH)
    clinic = world.clinic("--accepts", "children", "--person", name)
    world.ok("clinic", "choose", clinic, "--person", name, "--yes")
    world.advance("48h")
    return name


@pytest.mark.parametrize("category", LISTS)
def test_every_list(world: World, category: str) -> None:
    listed = world.at("activated").ok("card", category).json
    assert listed["kind"] == f"{LISTS[category]}_list"
    assert listed["total"] == len(listed["items"])
    assert listed["person"]["name"] == "Сойкина Алёна Игоревна"
    assert listed["items"], category
    assert all(item["source"] == "server" for item in listed["items"] if "source" in item)
    assert len({item["id"] for item in listed["items"]}) == len(listed["items"])
    one = listed["items"][0]
    shown = world.ok("card", "show", one["id"])
    assert shown.json["kind"] == LISTS[category]
    assert shown.item["id"] == one["id"]


def test_filters_keep_what_they_say(world: World) -> None:
    labs = world.at("activated").ok("card", "labs").items
    some = labs[len(labs) // 2]
    day = some["collected_at"][:10]
    assert {item["collected_at"][:10] for item in world.ok("card", "labs", "--since", day, "--until", day).items} == {
        day
    }
    named = world.ok("card", "labs", "--analyte", some["analyte"]).items
    assert {item["analyte"] for item in named} == {some["analyte"]}
    abnormal = world.ok("card", "labs", "--abnormal").items
    assert {item["id"] for item in abnormal} == {
        item["id"] for item in labs if (item["flag"] or "N") != "N" or (item["flag"] is None and item["out_of_range"])
    }
    clinic = some["clinic"]
    assert {item["clinic"]["id"] for item in world.ok("card", "labs", "--clinic", clinic["id"]).items} == {clinic["id"]}
    assert world.ok("card", "labs", "--clinic", clinic["name"]).items
    assert world.ok("card", "labs", "--doctor", "no such physician").items == []
    assert world("card", "labs", "--since", "yesterday").code == 2
    assert world("card", "labs", "--since", "2030-01-01", "--exit-code").code == 3
    assert world("card", "labs", "--since", "2030-01-01").code == 0


def test_the_limit_says_what_it_cut(world: World) -> None:
    listed = world.at("activated").ok("card", "labs", "--limit", "3").json
    assert (len(listed["items"]), listed["truncated"]) == (3, True)
    assert listed["total"] == world.ok("card", "labs").json["total"]
    for bad in ("0", "-1", "many"):
        assert world("card", "labs", "--limit", bad).code == 2


def test_prescriptions_that_are_good_today(world: World) -> None:
    every = world.at("activated").ok("card", "prescriptions").items
    active = world.ok("card", "prescriptions", "--active").items
    assert active
    assert {item["status"] for item in active} == {"active"}
    assert len({item["status"] for item in every}) >= 3
    ending = world.ok("card", "prescriptions", "--expiring", "52w").items
    assert {item["id"] for item in ending} <= {item["id"] for item in active}


def test_new_is_what_this_profile_has_not_seen(world: World) -> None:
    world.at("activated")
    first = world.ok("card", "labs", "--new").items
    again = world("card", "labs", "--new", "--exit-code", "--json")
    assert first
    assert (again.code, again.items) == (3, [])
    assert world.ok("card", "labs").items == first
    assert world.ok("card", "labs", "--new", "--analyte", first[0]["analyte"]).items
    assert world.ok("card", "labs", "--since", "last").json["kind"] == "lab_result_list"


def test_new_with_a_limit_shows_the_rest_the_next_time(world: World) -> None:
    world.at("activated")
    first = [item["id"] for item in world.ok("card", "labs", "--new", "--limit", "2").items]
    second = [item["id"] for item in world.ok("card", "labs", "--new", "--limit", "2").items]
    assert len(first) == len(second) == 2
    assert not set(first) & set(second)


def test_a_record_there_is_not(world: World) -> None:
    world.at("activated")
    for name in ("x", "Observation/none", "../Patient", "Observation/../../x"):
        assert world.fails(3, "not_found", "card", "show", name)["exit_code"] == 3


def test_the_summary_on_one_screen(world: World) -> None:
    summary = world.at("activated").ok("card", "summary").item
    assert summary["person"]["name"] == "Сойкина Алёна Игоревна"
    assert summary["clinic"]["id"] == world.ok("status").item["clinic"]["id"]
    for part in ("diagnoses", "allergies", "medicines", "vaccinations", "labs_out_of_range"):
        assert summary[part], part
    assert [one for one in summary["due"] if one["what"].startswith("Вакцинация: ")]


def test_who_looked_at_the_card(world: World) -> None:
    entries = world.at("activated").ok("card", "access-log").items
    assert {"at", "who", "organisation", "what", "basis"} <= set(entries[0])
    before = len(entries)
    world.advance("24h")
    world.ok("card", "labs", "--limit", "1")
    world.ok("card", "labs", "--limit", "1")
    assert len(world.ok("card", "access-log").items) == before + 1


def test_a_child_has_a_card_of_its_own(world: World) -> None:
    name = with_childs_card(world)
    labs = world.ok("card", "labs", "--person", name).json
    assert labs["person"]["id"] == name
    assert labs["items"]
    mine = {item["id"] for item in world.ok("card", "labs").items}
    assert not mine & {item["id"] for item in labs["items"]}
    assert world.ok("card", "vaccinations", "--person", name).items
    assert world.ok("card", "summary", "--person", name).item["person"]["id"] == name
    listed = next(person for person in world.ok("person", "list").items if person["id"] == name)
    assert listed["application_status"] == "activated"
    assert listed["access_until"]


def test_a_childs_card_is_closed_until_it_is_connected(world: World) -> None:
    name = child(world.at("activated"))
    assert world.fails(5, "not_activated", "card", "labs", "--person", name)
    hint = world.fails(5, "consent_required", "connect", "--person", name)["hint"]
    assert f"--person {name}" in hint
    assert world.ok(*hint.split()[1:]).item["person"]["id"] == name
    adults = world.clinic()
    assert (
        world.fails(6, "conflict", "clinic", "choose", adults, "--person", name, "--yes")["details"]["reason"]
        == "age_group"
    )


def test_a_childs_access_ends_when_it_has_grown_up(world: World) -> None:
    name = with_childs_card(world)
    world.ok("mock", "clock", "set", "2045-01-01T00:00:00+03:00")
    world.ok(*world.login())
    assert world.fails(5, "forbidden", "card", "labs", "--person", name)


def test_a_stranger_is_nobody(world: World) -> None:
    world.at("activated")
    assert world("card", "labs", "--person", "p-999999").code in (3, 5)
    assert world("status", "--person", "p-999999").code == 3
    assert world("person", "use", "p-999999").code == 3


def test_using_a_person_is_remembered_for_the_profile(world: World) -> None:
    name = with_childs_card(world)
    assert world.ok("person", "use", name).item["id"] == name
    assert world.ok("card", "vaccinations").json["person"]["id"] == name
    assert (
        world("card", "vaccinations", "--json", env={"EMK_PERSON": world.ok("whoami").item["id"]}).json["person"]["id"]
        != name
    )
    assert world.ok("person", "use", "self").item["relation"] == "self"
    assert world.ok("card", "vaccinations").json["person"]["id"] != name


def test_an_empty_card_is_an_empty_list(world: World) -> None:
    world.at("submitted").ok("mock", "scenario", "empty-card")
    world.advance("48h")
    assert world.ok("card", "labs").items == []
    assert world.ok("card", "summary").item["diagnoses"] == []
    assert world("card", "visits", "--exit-code").code == 3


def test_a_field_that_is_added_later_makes_no_record_new() -> None:
    class Later(models.LabResult):
        added: str | None = None

    told = {"id": "Observation/1", "analyte": "Глюкоза", "value": "5.4"}
    digest = seen_records.digest
    assert digest(Later(**told)) == digest(models.LabResult(**told))
    assert digest(Later(**told, added="x")) != digest(models.LabResult(**told))
    assert digest(models.LabResult(**told, panel=["ОАК"])) != digest(models.LabResult(**told))


def test_what_a_newer_emk_reads_more_makes_no_record_new() -> None:
    document = models.Document(id="d", title="Справка", sections=[models.Section(text="Здоров")])
    facts, authors = [models.Fact(name="Здоров")], [models.Participant(role="author")]
    more = msgspec.structs.replace(document, facts=facts, participants=authors)
    assert seen_records.digest(more) == seen_records.digest(document)
    assert seen_records.digest(msgspec.structs.replace(more, title="Выписка")) != seen_records.digest(document)
