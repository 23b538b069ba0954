"""The clinic, the physician and the application that follows."""

from __future__ import annotations

import pytest

from tests.contract.world import World

DISTRICTS = ("ЦАО", "САО", "СВАО", "ВАО", "ЮВАО", "ЮАО", "ЮЗАО", "ЗАО", "СЗАО", "ЗелАО", "НАО", "ТАО")


def doctor(world: World, clinic: str, specialty: str, *, open_: bool = True) -> str:
    found = world.ok("doctor", "list", "--clinic", clinic, "--specialty", specialty).items
    return next(str(d["id"]) for d in found if d["panel_open"] is open_)


def test_there_are_clinics_in_every_district_and_physicians_in_all(world: World) -> None:
    world.at("logged-in")
    clinics = world.ok("clinic", "list").items
    assert len(clinics) >= 120
    assert {c["district"] for c in clinics} == set(DISTRICTS)
    assert world.ok("doctor", "list", "--search", "а", "--limit", "1").json["total"] >= 1000
    open_generalists = {
        d["clinic"]["id"]
        for specialty in ("therapist", "pediatrician")
        for d in world.ok("doctor", "list", "--specialty", specialty).items
        if d["panel_open"]
    }
    assert {c["id"] for c in clinics if not c["id"].startswith("gkb")} <= open_generalists


def test_filters_of_the_clinic_list(world: World) -> None:
    world.at("logged-in")
    in_zelao = world.ok("clinic", "list", "--district", "ЗелАО").items
    assert in_zelao
    assert {c["district"] for c in in_zelao} == {"ЗелАО"}
    assert all("children" in c["accepts"] for c in world.ok("clinic", "list", "--accepts", "children").items)
    named = world.ok("clinic", "list", "--search", "поликлиника № 905", "--accepts", "adults").items
    assert [c["name"] for c in named] == ["Городская поликлиника № 905"]
    assert world.ok("clinic", "list", "--search", "no such clinic").items == []
    assert world("clinic", "list", "--accepts", "cats").code == 2


def test_the_nearest_comes_first(world: World) -> None:
    world.at("logged-in")
    for address in ("registration", "residence"):
        distances = [c["distance_km"] for c in world.ok("clinic", "list", "--near", address).items]
        assert distances == sorted(distances)
        assert distances[0] is not None
    assert world("clinic", "list", "--near", "work").code == 2


def test_an_address_the_mock_cannot_place_is_approximate_and_always_the_same(world: World) -> None:
    world.at("logged-in").ok(
        "profile", "update", "--from", "-", stdin='{"residence_address": "г. Москва, ул. Кого-Нигде-Нет, д. 1"}'
    )
    first = world.ok("clinic", "list", "--near", "residence", "--limit", "3").items
    assert all(c["approximate"] is True for c in first)
    assert world.ok("clinic", "list", "--near", "residence", "--limit", "3").items == first


def test_a_limit_says_what_it_cut(world: World) -> None:
    cut = world.at("logged-in").ok("clinic", "list", "--limit", "2").json
    assert (len(cut["items"]), cut["truncated"]) == (2, True)
    assert cut["total"] >= 120
    assert "showing 2 of" in world("clinic", "list", "--limit", "2").err


def test_showing_one_and_one_there_is_not(world: World) -> None:
    clinic = world.at("logged-in").clinic()
    assert world.ok("clinic", "show", clinic).item["id"] == clinic
    some = world.ok("doctor", "list", "--clinic", clinic, "--limit", "1").items[0]
    assert world.ok("doctor", "show", some["id"]).item["clinic"]["id"] == clinic
    for arguments in (
        ("clinic", "show", "gp-999"),
        ("doctor", "show", "d-99999"),
        ("clinic", "choose", "gp-999", "--yes"),
        ("doctor", "list", "--clinic", "gp-999"),
    ):
        world.fails(3, "not_found", *arguments)


@pytest.mark.parametrize("identifier", ["../../account", "gp-001/../x", "a b?c=d&e", "№", "%2e%2e", ".", "..", ""])
def test_a_strange_id_is_not_found_and_nothing_else(world: World, identifier: str) -> None:
    world.at("logged-in").fails(3, "not_found", "clinic", "show", identifier)


def test_specialties_by_slug_and_by_the_russian_name(world: World) -> None:
    world.at("logged-in")
    by_slug = world.ok("doctor", "list", "--specialty", "pediatrician").items
    assert by_slug == world.ok("doctor", "list", "--specialty", "педиатр").items
    assert {d["specialty_code"] for d in by_slug} == {"pediatrician"}


def test_choosing_needs_a_connected_service(world: World) -> None:
    clinic = world.at("logged-in").clinic()
    world.fails(5, "consent_required", "clinic", "choose", clinic, "--yes")


def test_choosing_a_clinic_submits_the_application(world: World) -> None:
    clinic = world.at("connected").clinic()
    world.fails(2, "usage", "clinic", "choose", clinic)
    assert world.ok("clinic", "choose", clinic, "--dry-run").json["dry_run"] is True
    assert world.ok("status").item["status"] == "draft"
    application = world.ok("clinic", "choose", clinic, "--yes").item
    assert (application["status"], application["status_name"]) == ("submitted", "Отправлено")
    assert application["clinic"]["id"] == clinic
    assert application["next"] == "emk status --wait"
    assert world.ok("clinic", "choose", clinic, "--yes").item["id"] == application["id"]
    assert world.ok("application", "list").items[0]["history"] == application["history"]


def test_another_clinic_afterwards_is_a_conflict(world: World) -> None:
    world.at("submitted")
    other = world.ok("clinic", "list", "--near", "residence", "--accepts", "adults", "--limit", "3").items[2]["id"]
    assert world.fails(6, "conflict", "clinic", "choose", other, "--yes")["details"]["reason"] == "other_clinic"
    world.advance("48h")
    assert world.fails(6, "conflict", "clinic", "choose", other, "--yes")["details"]["reason"] == "attached_elsewhere"


def test_clinics_that_do_not_fit(world: World) -> None:
    world.at("connected")
    children = world.ok("clinic", "list", "--search", "Детская", "--limit", "1").items[0]["id"]
    assert world.fails(6, "conflict", "clinic", "choose", children, "--yes")["details"]["reason"] == "age_group"
    assert world.fails(6, "conflict", "clinic", "choose", "gkb-001", "--yes")["details"]["reason"] == "not_a_polyclinic"


def test_a_therapist_speeds_activation_up(world: World) -> None:
    clinic = world.at("connected").clinic()
    application = world.ok("clinic", "choose", clinic, "--doctor", doctor(world, clinic, "therapist"), "--yes").item
    assert application["doctor"]["specialty"]
    world.advance("12h")
    assert world.ok("status").item["status"] == "activated"


def test_without_a_physician_it_takes_a_day_or_two(world: World) -> None:
    world.at("submitted").advance("23h")
    assert world.ok("status").item["status"] == "in_progress"
    world.advance("25h")
    assert world.ok("status").item["status"] == "activated"


def test_a_therapist_chosen_later_speeds_it_up_too(world: World) -> None:
    clinic = world.at("submitted").ok("status").item["clinic"]["id"]
    before = world.ok("status").item["expected_by"]
    after = world.ok("doctor", "choose", doctor(world, clinic, "therapist"), "--yes").item
    assert after["expected_by"] < before


def test_a_physician_chooses_the_clinic_too(world: World) -> None:
    clinic = world.at("connected").clinic()
    chosen = doctor(world, clinic, "therapist")
    assert world.ok("doctor", "choose", chosen, "--dry-run").item["clinic"]
    assert world.ok("doctor", "choose", chosen, "--yes").item["clinic"]["id"] == clinic


def test_a_physician_of_another_clinic_is_a_conflict(world: World) -> None:
    nearest, second = (
        c["id"]
        for c in world.at("connected")
        .ok("clinic", "list", "--near", "residence", "--accepts", "adults", "--limit", "2")
        .items
    )
    error = world.fails(
        6, "conflict", "clinic", "choose", nearest, "--doctor", doctor(world, second, "therapist"), "--yes"
    )
    assert error["details"]["reason"] == "doctor_elsewhere"


def test_a_closed_panel(world: World) -> None:
    clinic = world.at("connected").clinic()
    chosen = doctor(world, clinic, "therapist")
    world.ok("mock", "scenario", "closed-panels")
    assert world.fails(6, "conflict", "doctor", "choose", chosen, "--yes")["details"]["reason"] == "panel_closed"
    assert world.ok("status").item["status"] == "draft"


def test_the_list_of_physicians_is_of_the_clinic_chosen(world: World) -> None:
    clinic = world.at("submitted").ok("status").item["clinic"]["id"]
    assert {d["clinic"]["id"] for d in world.ok("doctor", "list").items} == {clinic}


def test_a_change_of_physician_after_activation(world: World) -> None:
    clinic = world.at("activated").ok("status").item["clinic"]["id"]
    chosen = doctor(world, clinic, "therapist")
    assert world.ok("doctor", "choose", chosen, "--yes").item["doctor"]["id"] == chosen
    assert world.ok("profile", "show").item["doctor"]["id"] == chosen
    assert world.ok("status").item["status"] == "activated"
