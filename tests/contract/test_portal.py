"""Around the card: requests, transfers, «Мои данные», messages, services."""

from __future__ import annotations

from tests.contract.world import CODE, World

REQUEST = ("request", "create", "prescription", "--medicine", "Аторвастатин")


def methods(world: World) -> set[str]:
    return {entry["method"] for entry in world.ok("mock", "log").items}


def test_a_request_for_a_prescription_ends_with_one(world: World) -> None:
    world.at("activated").fails(2, "usage", *REQUEST)
    assert world.ok(*REQUEST, "--dry-run").json["dry_run"] is True
    assert world.ok("request", "list").items == []
    made = world.ok(*REQUEST, "--comment", "заканчивается", "--yes").item
    assert (made["medicine"], made["comment"]) == ("Аторвастатин", "заканчивается")
    assert world.ok(*REQUEST, "--yes").item["id"] == made["id"]
    assert len(world.ok("request", "list").items) == 1
    world.advance("72h")
    done = world.ok("request", "show", made["id"]).item
    assert done["status"] == "done"
    assert world.ok("card", "show", done["result_id"]).item["medicine"].startswith("Аторвастатин")


def test_repeating_a_prescription(world: World) -> None:
    known = world.at("activated").ok("card", "prescriptions", "--active").items[0]
    made = world.ok("request", "create", "prescription", "--repeat", known["id"], "--yes").item
    assert made["medicine"]
    assert world("request", "create", "prescription", "--repeat", "Observation/none", "--yes").code in (3, 6)
    world.fails(2, "usage", "request", "create", "prescription", "--yes")
    world.fails(2, "usage", *REQUEST, "--repeat", known["id"], "--yes")


def test_cancelling_a_request(world: World) -> None:
    name = world.at("activated").ok(*REQUEST, "--yes").item["id"]
    world.fails(2, "usage", "request", "cancel", name)
    assert world.ok("request", "cancel", name, "--dry-run").json["dry_run"] is True
    assert world.ok("request", "cancel", name, "--yes").item["status"] == "cancelled"
    assert world.ok("request", "cancel", name, "--yes").item["status"] == "cancelled"
    world.fails(3, "not_found", "request", "cancel", "r-none", "--yes")
    world.fails(3, "not_found", "request", "show", "r-none")


def test_what_a_clinic_would_read_is_told_to_people_too(world: World) -> None:
    world.at("activated")
    named = world.ok("card", "labs", "--limit", "1").items[0]
    other = world.ok("card", "labs", "--analyte", "глюкоза", "--limit", "1").items[0]
    line = ("transfer", "create", "--to", "gp-001", "--record", named["id"], "--dry-run", "-o", "table")
    shown = world(*line).out
    day = named["collected_at"][:10]
    for part in ("№ 901", day, named["analyte"], f"{named['value']} {named['unit'] or ''}".strip()):
        assert part in shown
    assert other["analyte"] not in shown


def test_before_activation_nothing_can_be_asked_for(world: World) -> None:
    world.at("submitted").fails(5, "not_activated", *REQUEST, "--yes")


def test_a_transfer_is_previewed_and_the_preview_writes_nothing(world: World) -> None:
    world.at("activated").ok("mock", "log", "--clear")
    planned = world.ok("transfer", "create", "--to", "gp-001", "--category", "labs", "--since", "2y", "--dry-run")
    assert planned.json["dry_run"] is True
    records = planned.item["records"]
    assert records
    assert {record["kind"] for record in records} == {"lab_result"}
    labs = {item["id"]: item for item in world.ok("card", "labs", "--since", "2y").items}
    for record in planned.item["preview"]:
        result = labs.pop(record["id"])
        assert (record["date"], record["title"]) == (result["collected_at"], result["analyte"])
        assert record["value"] == " ".join(filter(None, (result["value"], result["unit"])))
    assert labs == {}
    assert methods(world) == {"GET"}
    assert world.ok("transfer", "list").items == []


def test_a_preview_says_what_was_taken_back_or_not_done(world: World) -> None:
    vaccinations = world.at("activated").ok("card", "vaccinations").items
    refused = next(item for item in vaccinations if item["status"] == "not-done")
    given = next(item for item in vaccinations if item["status"] == "completed")
    flagged = world.ok("card", "labs", "--abnormal", "--limit", "1").items[0]
    ids = [word for item in (refused, given, flagged) for word in ("--record", item["id"])]
    line = ("transfer", "create", "--to", "gp-001", *ids, "--dry-run")
    preview = {record["id"]: record for record in world.ok(*line).item["preview"]}
    assert {ident: record["status"] for ident, record in preview.items()} == {
        item["id"]: item["status"] for item in (refused, given, flagged)
    }
    assert preview[flagged["id"]]["flag"] == flagged["flag"]
    assert "not done" in world(*line, "-o", "table").out


def test_a_prescription_is_repeated_by_any_id_of_its_list(world: World) -> None:
    recipe, other = world.at("activated").ok("card", "prescriptions", "--limit", "2").items
    short = recipe["id"].partition("/")[2]
    repeat = ("request", "create", "prescription", "--repeat")
    assert world.ok(*repeat, short, "--dry-run").item["medicine"] == recipe["medicine"]
    assert world.ok(*repeat, short, "--yes").item["medicine"] == recipe["medicine"]
    assert world.ok(*repeat, other["id"], "--yes").item["medicine"] == other["medicine"]
    lab = world.ok("card", "labs", "--limit", "1").items[0]["id"]
    for more in ("--dry-run", "--yes"):
        world.fails(2, "usage", *repeat, lab, more)
        world.fails(3, "not_found", *repeat, "recipe-nobody-0001", more)
    assert len(world.ok("request", "list").items) == 2


def test_what_was_previewed_is_what_goes(world: World) -> None:
    arguments = ("transfer", "create", "--to", "gp-001", "--category", "studies", "--expires", "30d")
    planned = world.at("activated").ok(*arguments, "--dry-run").item
    world.fails(2, "usage", *arguments)
    made = world.ok(*arguments, "--yes").item
    assert {record["id"] for record in made["records"]} == {record["id"] for record in planned["records"]}
    assert (made["to"]["id"], made["status"], bool(made["receipt"])) == ("gp-001", "active", True)
    assert made["expires_at"] > made["created_at"]
    assert world.ok("transfer", "show", made["id"]).item == made
    assert "preview" not in made
    assert [item["id"] for item in world.ok("transfer", "list").items] == [made["id"]]
    world.fails(2, "usage", "transfer", "revoke", made["id"])
    revoked = world.ok("transfer", "revoke", made["id"], "--yes").item
    assert (revoked["status"], bool(revoked["revoked_at"])) == ("revoked", True)
    assert world.ok("transfer", "revoke", made["id"], "--yes").item["revoked_at"] == revoked["revoked_at"]


def test_single_records_and_what_does_not_fit(world: World) -> None:
    one = world.at("activated").ok("card", "visits", "--limit", "1").items[0]["id"]
    planned = world.ok("transfer", "create", "--to", "gp-001", "--record", one, "--record", one, "--dry-run").item
    assert planned["records"] == [{"id": one, "kind": "visit"}]
    world.fails(2, "usage", "transfer", "create", "--to", "gp-001", "--yes")
    world.fails(2, "usage", "transfer", "create", "--to", "gp-001", "--category", "photos", "--dry-run")
    world.fails(3, "not_found", "transfer", "create", "--to", "gp-999", "--category", "labs", "--dry-run")
    world.fails(3, "not_found", "transfer", "create", "--to", "gp-001", "--record", "Observation/none", "--dry-run")
    nothing = ("transfer", "create", "--to", "gp-001", "--category", "labs", "--since", "2030-01-01", "--dry-run")
    world.fails(3, "not_found", *nothing)
    world.fails(3, "not_found", "transfer", "show", "t-none")


def test_a_transfer_expires(world: World) -> None:
    made = (
        world.at("activated")
        .ok("transfer", "create", "--to", "gp-001", "--category", "allergies", "--expires", "1d", "--yes")
        .item
    )
    world.advance("25h")
    assert world.ok("transfer", "show", made["id"]).item["status"] == "expired"


def test_my_data(world: World) -> None:
    profile = world.at("activated").ok("profile", "show").item
    assert profile["name"] == "Сойкина Алёна Игоревна"
    assert profile["clinic"]["id"] == world.ok("status").item["clinic"]["id"]
    planned = world.ok("profile", "update", "--from", "-", "--dry-run", stdin='{"email": "new@example.org"}')
    assert planned.item["changes"] == ["email"]
    assert world.ok("profile", "show").item["email"] == profile["email"]
    changed = world.ok("profile", "update", "--from", "-", stdin='email = "new@example.org"').item
    assert (changed["email"], changed["phone"]) == ("new@example.org", profile["phone"])
    world.fails(2, "usage", "profile", "update")
    world.fails(2, "invalid_input", "profile", "update", "--from", "-", stdin='{"email": "nowhere"}')
    ignored = world("profile", "update", "--from", "-", "--json", stdin='{"last_name": "Иванова"}')
    assert ignored.code == 2


def test_a_new_phone_is_confirmed_by_its_code(world: World) -> None:
    world.at("activated")
    new = '{"phone": "8 900 000 08 88", "email": "second@example.org"}'
    world.fails(2, "usage", "profile", "update", "--from", "-", stdin=new)
    wrong = world.fails(2, "invalid_input", "profile", "update", "--from", "-", "--code-command", "echo 1", stdin=new)
    assert wrong["details"]["reason"] == "code_invalid"
    assert world.ok("profile", "show").item["phone"].endswith("0777")
    world.advance("61s")
    assert (
        world.ok("profile", "update", "--from", "-", "--code-command", CODE, stdin=new).item["phone"] == "+79000000888"
    )
    world.ok("logout")
    assert (
        world.ok("login", "--from", "-", "--code-command", CODE, stdin='{"phone": "+79000000888"}').item["trust"]
        == "confirmed"
    )


def test_moving_house_changes_the_clinic_and_detaches_the_physician(world: World) -> None:
    before = world.at("activated").ok("status").item["clinic"]["id"]
    address = '{"residence_address": "г. Москва, г. Зеленоград, корп. 401, кв. 5"}'
    world.fails(2, "usage", "profile", "move", "--from", "-", stdin=address)
    assert world.ok("profile", "move", "--from", "-", "--dry-run", stdin=address).json["dry_run"] is True
    moved = world.ok("profile", "move", "--from", "-", "--yes", stdin=address).item
    assert moved["clinic"]["id"] != before
    assert moved["doctor"] is None
    assert world.ok("status").item["clinic"]["id"] == moved["clinic"]["id"]
    assert world.ok("status").item["status"] == "activated"
    world.fails(2, "invalid_input", "profile", "move", "--from", "-", "--yes", stdin='{"email": "a@example.org"}')
    world.fails(3, "not_found", "profile", "move", "--from", "-", "--yes", "--clinic", "gp-999", stdin=address)


def test_messages_at_each_step_with_whom_to_ask(world: World) -> None:
    world.at("activated")
    messages = world.ok("notification", "list").items
    assert {"sms", "cabinet"} == {message["channel"] for message in messages}
    assert all(message["contact"]["phone"] for message in messages)
    assert any("регистратура" in message["contact"]["name"].lower() for message in messages)
    titles = [message["title"] for message in reversed(messages)]
    assert [title for title in dict.fromkeys(titles) if "заявка" in title.lower() or "карта" in title.lower()]


def test_new_messages_and_reading(world: World) -> None:
    world.at("activated")
    assert world.ok("notification", "list", "--new").items
    again = world("notification", "list", "--new", "--exit-code", "--json")
    assert (again.code, again.items) == (3, [])
    unread = world.ok("notification", "list", "--unread").items
    read = world.ok("notification", "read", unread[0]["id"]).item
    assert read["read"] is True
    assert world.ok("notification", "show", unread[0]["id"]).item["read"] is True
    assert len(world.ok("notification", "list", "--unread").items) == len(unread) - 1
    world.ok(*REQUEST, "--yes")
    world.advance("72h")
    fresh = world.ok("notification", "list", "--new").items
    assert fresh
    assert len(fresh) < len(world.ok("notification", "list").items)
    world.fails(3, "not_found", "notification", "show", "n-none")
    world.fails(3, "not_found", "notification", "read", "n-none")


def test_services(world: World) -> None:
    world.at("activated")
    catalogue = {service["id"]: service for service in world.ok("service", "list").items}
    assert catalogue["emk-moscow"]["connected"] is True
    assert catalogue["emk-spb"]["connected"] is False
    found = world.ok("service", "search", "медицинская карта").items
    assert {"emk-moscow", "emk-spb"} <= {service["id"] for service in found}
    assert world.ok("service", "pin", "emk-moscow").item["pinned"] is True
    assert world.ok("service", "pin", "emk-moscow").item["pinned"] is True
    assert [service["id"] for service in world.ok("service", "list", "--pinned").items] == ["emk-moscow"]
    assert world.ok("service", "unpin", "emk-moscow").item["pinned"] is False
    assert world.ok("service", "list", "--pinned").items == []
    world.fails(3, "not_found", "service", "pin", "no-such")
