"""What a list leaves for Tab: nothing medical unless it is allowed, nothing that a shell could stumble over, and nothing after a logout."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from emkcli import models
from emkcli.app import App
from emkcli.results import Listing
from emkcli.usecases import tab_values
from tests.conftest import Emk

ALLOWED = {"EMK_COMPLETION_RECORDS": "1"}


def completion() -> Path:
    return Path(os.environ["EMK_HOME"]) / "state" / "completion"


def kept() -> dict[str, str]:
    """What each file holds, by the end of its path."""
    files = (path for path in completion().rglob("*") if path.is_file())
    return {str(path.relative_to(completion())): path.read_text("utf-8") for path in files}


def test_a_whole_list_takes_the_place_of_the_last_and_a_part_is_added(emk: Emk, seeded: Callable[[str], None]) -> None:
    seeded("activated")
    shown = emk("clinic", "list", "--json").items
    assert list(kept()) == ["default/clinic"]
    lines = kept()["default/clinic"].splitlines()
    assert lines[0] == "gp-001\tГП № 901"
    assert [line.partition("\t")[0] for line in lines] == [clinic["id"] for clinic in shown]
    assert (completion() / "default/clinic").stat().st_mode & 0o777 == 0o600
    whole = kept()
    for part in (("--search", "902"), ("--limit", "1"), ("--near", "residence")):
        emk("clinic", "list", *part)
        assert kept() == whole, part
    (completion() / "default/clinic").write_text("gp-old\tgone\ngp-002\tits old name\n")
    emk("clinic", "list", "--search", "902")
    found = "gp-002\tГП № 902\ndgp-002\tДГП № 902\ngkb-002\tГКБ № 902\n"
    assert kept() == {"default/clinic": f"gp-old\tgone\n{found}"}
    emk("clinic", "list", "--all")
    assert kept() == whole


def test_a_backend_that_was_named_has_lists_of_its_own(emk: Emk, seeded: Callable[[str], None]) -> None:
    seeded("activated")
    for named in ({}, {"EMK_BACKEND": "mock"}):
        emk("clinic", "list", *([] if named else ["--backend", "mock"]), env=named)
        assert set(kept()) == {"default@mock/clinic"}


def test_a_person_is_kept_without_the_name_and_in_the_language_of_the_run(
    emk: Emk, seeded: Callable[[str], None]
) -> None:
    seeded("activated")
    for language, relation in {"en": "oneself", "ru": "вы сами"}.items():
        people = emk("person", "list", "--json", "--lang", language).items
        lines = kept()["default/person"]
        assert lines.startswith(f"{people[0]['id']}\t{relation}, {people[0]['birth_date'][:4]}\n")
        assert not any(part in lines for person in people for part in person["name"].split())


def test_nothing_medical_is_kept_unless_it_is_allowed(emk: Emk, seeded: Callable[[str], None]) -> None:
    seeded("activated")
    for name in ("labs", "trend", "visits"):
        assert emk("card", name).code == 0
    assert kept() == {}
    newest = emk("card", "labs", "--json", env=ALLOWED).items[0]
    emk("card", "trend", env=ALLOWED)
    assert set(kept()) == {"default/record", "default/analyte"}
    assert kept()["default/record"].startswith(f"{newest['id']}\t{newest['collected_at'][:10]} {newest['analyte']}\n")
    assert newest["analyte"] in kept()["default/analyte"]
    emk("config", "set", "completion.records", "0")
    assert set(kept()) == {"@/profile"}


def test_logout_and_forget_take_what_was_listed(emk: Emk, seeded: Callable[[str], None]) -> None:
    seeded("activated")
    for end in (("card", "forget", "--yes"), ("logout",)):
        emk("clinic", "list")
        emk("clinic", "list", "--backend", "mock")
        others = completion() / "work" / "clinic"
        others.parent.mkdir(exist_ok=True)
        others.touch()
        assert set(kept()) == {"default/clinic", "default@mock/clinic", "work/clinic"}
        assert emk(*end).code == 0
        assert set(kept()) == {"work/clinic"}


def test_another_server_takes_the_lists_of_the_old_one(emk: Emk, seeded: Callable[[str], None]) -> None:
    seeded("activated")
    emk("clinic", "list")
    emk("config", "set", "lang", "ru")
    assert set(kept()) == {"default/clinic", "@/profile"}
    emk("config", "set", "url", "http://127.0.0.1:9", "-p", "work")
    assert set(kept()["@/profile"].splitlines()) == {"default\t", "work\t"}
    emk("config", "set", "url", "http://127.0.0.1:9")
    assert set(kept()) == {"@/profile"}


def test_a_value_that_a_shell_could_stumble_over_is_left_out() -> None:
    app = App()
    names = ["-rf", "", "a\tb", "a\nb", "a\x1b[2J", " a", "a\u202eb", "x" * 101, "g$(id)"]
    clinics = [models.Clinic(id=name, name="one\ttwo\n\x1b[31mthree") for name in names]
    listing = Listing(clinics, models.Clinic)
    assert tab_values.kept_for_tab(app, listing, {}) is listing
    assert list(listing.items) == clinics
    for action in app.afterwards:
        action()
    assert kept() == {"default/clinic": "g$(id)\tone two [31mthree\n"}


def test_a_list_is_shown_also_where_nothing_can_be_kept(emk: Emk, seeded: Callable[[str], None]) -> None:
    seeded("activated")
    completion().write_text("a file")
    shown = emk("clinic", "list", "--limit", "1")
    assert (shown.code, shown.out.count("gp-001")) == (0, 1)
    assert "completion" not in shown.err
