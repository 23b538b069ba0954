"""The worlds of which golden files are kept: what is typed in each, and the name of the file that shows what came of it."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.contract.world import BOTH, CODE, World
from tests.exporters import papers
from tests.golden.house import House, numbered, unwritten
from tests.invented import PATIENT, bundle, lab

Files = Iterator[tuple[str, str]]
"""The name of a golden file and its text."""
FORMATS = ("json", "jsonl", "yaml", "csv", "tsv", "plain", "table")
SINGLE = ("json", "yaml", "csv", "plain", "table")
LISTS = {
    "visits": 4,
    "labs": 9,
    "studies": 4,
    "prescriptions": 6,
    "vaccinations": 6,
    "prevention": 4,
    "documents": 2,
    "diagnoses": 8,
    "allergies": 8,
    "vitals": 9,
    "referrals": 5,
    "procedures": 3,
    "other": 4,
}
"""Each list of the card, and how many of its records are enough."""
SINCE = "2023-12-01"


def card(house: House) -> Files:
    """A server's card: every list and a record of each in every format, and what is computed of them."""
    house.seeded()
    for name, limit in LISTS.items():
        yield f"{name}.txt", house(*_in_each_format(f"card {name} --limit {limit}"))
        first = house.ok(f"card {name} --limit 1").items[0]["id"]
        yield f"{name}-show.txt", house(*_in_each_format(f"card show {first}", SINGLE))
    yield "access-log.txt", house(*_in_each_format("card access-log --limit 4"))
    yield "summary.txt", house("card summary --json", "card summary -o table", "card summary --lang ru -o plain")
    yield "trend.txt", house(*_in_each_format("card trend Глюкоза"))
    yield "search.txt", house("card search давление --limit 4 --json", "card search глюкоза --limit 2 -o plain")
    yield "chosen.txt", house(*_choices())
    child = house.ok("person list").items[1]["id"]
    yield "child.txt", house(f"card labs --person {child} --json", f"profile show --person {child} --json")
    house.with_passphrase()
    yield "sync.txt", house("card sync --json", "card sync --json")
    yield "offline.txt", house(*_offline())


def _in_each_format(line: str, formats: Iterable[str] = FORMATS) -> list[str]:
    return [f"{line} -o {format_}" for format_ in formats]


def _choices() -> list[str]:
    lines = (
        "labs --abnormal --limit 3",
        "labs --analyte глюк --limit 2",
        "labs --since 2023-01-01 --until 2023-06-30 --limit 2",
        "labs --limit 2 --fields collected_at,analyte,value",
        "labs --limit 3 --query items[].value",
        "prescriptions --active",
        "prescriptions --expiring 60d",
        "visits --limit 1 --new",
        "allergies --new",
        "allergies --new",
        "referrals --since 2030-01-01 --exit-code",
    )
    return [f"card {line} --json" for line in lines]


def _offline() -> list[str]:
    kept = ("visits", "labs", "prescriptions", "documents", "vitals")
    lists = [f"card {name} --limit 2 --offline --json" for name in kept]
    return [*lists, "card summary --offline --json", "card trend Глюкоза --offline --json"]


def exports(house: House) -> Files:
    """The card as files: those that are text as they are, a database as its rows, with their manifests."""
    house.seeded()
    for name in ("json", "fhir", "ics", "csv", "ndjson"):
        yield from _export(house, name, f"{name} --since {SINCE}")
    yield from _export(house, "csv-excel-ru", f"csv --csv-dialect excel-ru --category labs --since {SINCE}")
    yield from _export(house, "html", f"html --category labs --category diagnoses --since {SINCE}")
    yield from _export(house, "ips", f"ips --since {SINCE}", also=unwritten, inside=numbered)
    yield from _export(house, "sqlite", f"sqlite --since {SINCE}", also=unwritten)


def _export(
    house: House, name: str, what: str, also: Callable[[str], str] = str, inside: Callable[[str], str] = str
) -> Files:
    """`also` puts out of what is said of the files, and `inside` out of the files, what is of this moment."""
    yield f"{name}.txt", house(f"card export --format {what} --to {name}.out --json", also=also)
    for path in _written(house.place, f"{name}.out"):
        text = _rows(path) if _is_database(path) else path.read_bytes().decode()
        yield f"{name}/{path.name}", house.still(also(text) if "manifest" in path.name else inside(text))


def _is_database(path: Path) -> bool:
    return path.read_bytes().startswith(b"SQLite")


def _written(place: Path, to: str) -> list[Path]:
    """What an export to that name left: the file and its manifest, or the files of the directory."""
    return sorted(
        path for path in place.rglob("*") if path.is_file() and path.relative_to(place).as_posix().startswith(to)
    )


def _rows(path: Path) -> str:
    """Every table with its definition and a line for each row."""
    database = sqlite3.connect(path)
    lines = []
    for name, definition in database.execute("SELECT name, sql FROM sqlite_master WHERE sql <> '' ORDER BY name"):
        lines.append(definition)
        if definition.startswith("CREATE TABLE"):
            lines += [json.dumps(row, ensure_ascii=False) for row in database.execute(f'SELECT * FROM "{name}"')]
    database.close()
    return "\n".join(lines) + "\n"


def local(house: House) -> Files:
    """Documents of one's own: what their import says, the lists and records made of them, and the export of those.

    No summary: what is recent there is so by this machine's clock.
    """
    papers.folder(house.place / "papers")
    (house.place / "bundle.json").write_text(json.dumps(own_bundle(), ensure_ascii=False))
    yield "import.txt", house("card import papers bundle.json --insecure-storage --json", "card import papers --json")
    for name in LISTS:
        yield f"{name}.txt", house(f"card {name} --backend local --json", f"card {name} --backend local -o csv")
    shown = (house.ok(f"card {name} --backend local --limit 1").items for name in LISTS)
    yield "show.txt", house(*(f"card show {one['id']} --backend local --json" for found in shown for one in found))
    yield "persons.txt", house("person list --backend local --json")
    yield "search.txt", house("card search гипертензия --backend local --json")
    yield "trend.txt", house("card trend Глюкоза --backend local --json")
    for name in ("json", "fhir", "csv"):
        yield from _export(house, f"export-{name}", f"{name} --backend local", also=unwritten)


def own_bundle() -> dict[str, Any]:
    """A result below its range beside one without a number, of the person of the papers."""
    low = {"referenceRange": [{"low": {"value": 3.9}, "high": {"value": 6.1}, "text": "3,9 - 6,1"}]}
    told = {"valueString": "не обнаружено", "note": [{"text": "повторено"}]}
    return bundle(PATIENT, lab("one", 3.1, **low), lab("two", {"value": 5.40, "comparator": "<"}), lab("three") | told)


def portal(house: House) -> Files:
    """The way to the card and what is around it, from an empty home on; also what is refused on the way."""
    world = World(lambda *line, stdin=b"", env: house.run(shlex.join(line), stdin), house.place, None, house.place)
    house.begin()
    code = shlex.quote(CODE)
    yield "mock.txt", house("mock clock --json", "mock scenario --json", "mock fault list --json", "mock inbox --json")
    yield "refused.txt", house(*_refusals())
    yield "register.txt", house(*_planned(f"register --from {world.person}"), "whoami --json", "auth status --json")
    yield (
        "verify.txt",
        _hidden(house(f"verify --passport-scan {world.passport} --selfie {world.selfie} --code-command {code} --json")),
    )
    yield "waiting.txt", house("next --json", "connect --json", "mock clock advance 1h --json")
    yield "login.txt", _hidden(house(f"login --from {world.person} --code-command {code} --json"), "auth status --json")
    yield "consents.txt", house(*_in_each_format("consent list"), "consent show medical-data --json", "connect --json")
    yield "connect.txt", house(f"connect {shlex.join(BOTH)} --json", "status --json", "next --json")
    yield "clinics.txt", house(*_in_each_format("clinic list --near residence --accepts adults --limit 3"))
    clinic = world.clinic()
    yield "clinic.txt", house(*_in_each_format(f"clinic show {clinic}", SINGLE))
    yield "doctors.txt", house(*_in_each_format(f"doctor list --clinic {clinic} --limit 3"))
    doctor = house.ok(f"doctor list --clinic {clinic} --limit 1").items[0]["id"]
    yield "doctor.txt", house(*_in_each_format(f"doctor show {doctor}", SINGLE))
    yield (
        "choose.txt",
        house(*_planned(f"clinic choose {clinic} --yes"), "card labs --json", "status --exit-code --json"),
    )
    house.ok("mock clock advance 48h")
    yield "status.txt", house(*_in_each_format("status", SINGLE), "next --json", "next")
    yield "applications.txt", house(*_in_each_format("application list"), "application show a-none --json")
    application = house.ok("application list").items[0]["id"]
    yield "application.txt", house(*_in_each_format(f"application show {application}", SINGLE))
    yield from _around(house, clinic)


def _planned(line: str) -> tuple[str, str]:
    """First what would be done, then the deed."""
    return f"{line} --dry-run --json", f"{line} --json"


def _hidden(*texts: str) -> str:
    """Without the path of the program that reads the code, which is of this checkout."""
    return "".join(texts).replace(CODE, "«code»")


def _refusals() -> tuple[str, ...]:
    lines = (
        "whoami",
        "status",
        "card labs",
        "card labs --nonsense",
        "card labs --since yesterday",
        "clinic show gp-999",
    )
    more = (
        "register --from nothing.json",
        "card labs --fields nothing",
        "schema nothing",
        "nothing",
        "card show x --offline",
    )
    return tuple(f"{line} --json" for line in (*lines, *more, "whoami --url http://127.0.0.1:9 --backend fhir"))


def _around(house: House, clinic: str) -> Files:
    """What an open card comes with."""
    yield "persons.txt", house(*_in_each_format("person list"))
    yield "profile.txt", house(*_in_each_format("profile show", SINGLE))
    changed = '{"email": "new@example.org"}'
    yield "profile-update.txt", house(*_planned("profile update --from -"), stdin=changed)
    yield (
        "profile-move.txt",
        house(
            *_planned("profile move --from - --yes"),
            stdin='{"residence_address": "г. Москва, г. Зеленоград, корп. 401, кв. 5"}',
        ),
    )
    yield "services.txt", house(*_in_each_format("service list --limit 3"), "service pin emk-moscow --json")
    yield (
        "requests.txt",
        house(*_planned("request create prescription --medicine Аторвастатин --yes"), *_in_each_format("request list")),
    )
    yield (
        "transfers.txt",
        house(
            *_planned("transfer create --to gp-001 --category allergies --expires 30d --yes"),
            *_in_each_format("transfer list"),
        ),
    )
    for name in ("request", "transfer", "notification"):
        first = house.ok(f"{name} list").items[0]["id"]
        yield f"{name}.txt", house(*_in_each_format(f"{name} show {first}", SINGLE))
    yield "notifications.txt", house(*_in_each_format("notification list --limit 3"))
    yield "revoked.txt", house("consent revoke egisz-transfer --yes --json", "card labs --json", "status --json")
    yield "tools.txt", house(*_tools(), "logout --json")


def _tools() -> tuple[str, ...]:
    settings = (
        "config set output json",
        "config get output --json",
        "config list --json",
        "config unset output --json",
    )
    return (*settings, "help exit-codes --json", "audit show --json", "audit show", "mock log --limit 3 --json")


WORLDS: dict[str, Callable[[House], Files]] = {"card": card, "exports": exports, "local": local, "portal": portal}
