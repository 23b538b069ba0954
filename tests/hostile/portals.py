"""True servers of each dialect with the lines that speak to them, recorded once: the portal, FHIR, OpenID, ESIA."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from emkcli.commands import entries
from tests.conftest import TODAY
from tests.contract.world import BOTH, STAGES, World
from tests.hostile.exchanges import Exchange, Recorded, Recorder, network
from tests.hostile.runs import Home, Line, without_waiting

CODE = shlex.join(
    ["env", "-u", "EMK_URL", sys.executable, "-IS", str(Path(__file__).parent.parent / "contract" / "newest_code.py")]
)
Truth = Callable[[httpx.Request], Exchange]


class InProcess(httpx.WSGITransport):
    """The same, also while every other transport ends elsewhere."""

    handle_request = httpx.WSGITransport.handle_request


@dataclass
class Case:
    """A line in a home, and the server that tells the truth to it; `fresh` begins its answers anew."""

    name: str
    line: Line
    home: Home
    fresh: Callable[[], Truth]
    exchanges: int
    """How many a true run takes."""

    def __str__(self) -> str:
        return f"{self.name}: {self.line}"

    @property
    def command(self) -> str:
        """The words of the command: `card labs`."""
        first, second = (*self.line.words, "")[:2]
        return f"{first} {second}" if entries()[first].group else first


@dataclass
class Browser:
    """Stands in for the receiver on loopback, the browser and whoever sits before it."""

    visit: Callable[[str], dict[str, str]]
    redirect_uri: str
    answer: dict[str, str] = field(default_factory=dict)

    def __call__(self, _redirect_uri: str) -> Browser:
        return self

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_failure: object) -> None:
        """Nothing listens."""

    def expect(self, state: str) -> None:
        """The state stands in the address."""

    def invite(self, _app: object, url: str, *, opens: bool) -> None:
        assert not opens
        self.answer = self.visit(url)

    def wait(self) -> dict[str, str]:
        return self.answer


@contextmanager
def browsing(visit: Callable[[str], dict[str, str]], redirect_uri: str) -> Iterator[None]:
    from emkcli.usecases.onboarding import provider_login

    browser = Browser(visit, redirect_uri)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider_login, "_invite", browser.invite)
        patch.setattr(provider_login.oauth_callback, "Receiver", browser)
        yield


# the portal and its FHIR server


class Portal:
    """The mock as a server at an address, and somebody at every stage of the journey there."""

    def __init__(self, world: World) -> None:
        from emkcli.mock.application import open_mock

        self.world = world
        self.homes: dict[str, Home] = {}
        world.home.mkdir(parents=True, mode=0o700)
        (world.home / "state").mkdir(mode=0o700)
        self._open = lambda: open_mock(world.home / "state" / "mock.sqlite3", notice=str)

    @contextmanager
    def recorded(self) -> Iterator[list[Exchange]]:
        application = self._open()
        recorder = Recorder(InProcess(app=application))
        try:
            with network(recorder), without_waiting():
                yield recorder.exchanges
        finally:
            application.close()

    def walk(self) -> None:
        """The whole journey once, with a small card; the home of every stage is kept."""
        world = self.world
        with self.recorded():
            world.ok("mock", "reset", "--yes", "--records", "30")
            world.ok("mock", "clock", "set", TODAY)
        self.homes["new"] = Home(world.home).keep()
        for stage in list(STAGES)[1:]:
            with self.recorded():
                STAGES[stage][1](world)
            self.homes[stage] = Home(world.home).keep()

    def case(self, name: str, stage: str, line: Line) -> Case:
        """The line played through once, with what was exchanged."""
        home = self.homes[stage]
        home.restore()
        with self.recorded() as exchanges:
            done = self.world(*line.words, stdin=line.stdin, env=line.env)
        assert done.code != 1, done.err
        kept = [*exchanges]
        client = Home(home.place, {path: content for path, content in home.files.items() if "mock.sqlite3" not in path})
        typed = _typed(replace(line, env={"EMK_HOME": str(home.place), **line.env}))
        return Case(name, typed, client, lambda: Recorded(kept), len(kept))


def _typed(line: Line) -> Line:
    """Where a program would tell a code, it is typed: no server of these looks at it, and a process is dear."""
    if CODE not in line.words:
        return line
    place = line.words.index(CODE)
    words = (*line.words[: place - 1], "--code-stdin", *line.words[place + 1 :])
    return replace(line, words=words, stdin=b"000000\n")


def portal_lines(world: World, first: Callable[..., str]) -> Iterator[tuple[str, str]]:
    """Stage and line; `first` is the id of the first item of a list."""
    pictures = f"--passport-scan {world.passport} --selfie {world.selfie}"
    code, person = f"--code-command {shlex.quote(CODE)}", f"--from {world.person}"
    consents = f"{BOTH[0]} {BOTH[1]} {BOTH[2]} {BOTH[3]}"
    out = world.files / "out"
    yield "new", f"register {person}"
    yield "new", f"login {person} {code}"
    yield "new", f"setup {person} {pictures} {code} {consents} --clinic gp-005 --yes"
    yield "verified", f"setup {person} {pictures} {code} {consents} --clinic gp-005 --yes"
    yield "registered", f"verify {pictures} {code}"
    yield "registered", f"verify {pictures} {code} --wait --for 2h --interval 30m"
    yield "registered", "verify --dry-run"
    yield "verified", f"login {person} {code}"
    yield "verified", f"login {person} --method signature --signer cat"
    yield "logged-in", "connect"
    yield "logged-in", f"connect {consents}"
    yield "logged-in", "connect --dry-run"
    yield "connected", "clinic choose gp-005 --yes"
    yield "connected", "clinic choose gp-005 --dry-run"
    yield "connected", "doctor choose {} --yes".format(first("doctor", "list", "--clinic", "gp-005"))
    yield "connected", "status --exit-code"
    yield "submitted", "status --wait --for 1h --interval 20m"
    yield "submitted", "card labs"
    yield "submitted", "application cancel {} --yes".format(first("application", "list"))
    for stage in ("new", "registered", "verified", "logged-in", "connected", "submitted", "activated"):
        yield stage, "next"
    for stage in ("registered", "activated"):
        yield stage, "whoami"
    lists = ("visits", "labs", "studies", "prescriptions", "vaccinations", "prevention", "documents", "diagnoses")
    for name in (*lists, "allergies", "vitals", "referrals", "procedures", "other", "access-log"):
        yield "activated", f"card {name}"
        yield "activated", f"card {name} --limit 3 --new"
    for name in (*lists, "allergies", "vitals", "referrals", "procedures", "other"):
        yield "activated", "card show {}".format(first("card", name))
    yield "activated", "card labs --abnormal --since 2y --clinic gp"
    yield "activated", "card labs --analyte глюкоза --until 2030-01-01 --doctor x"
    yield "activated", "card prescriptions --active --expiring 60d"
    yield "activated", "card show {} --evidence {} --force".format(first("card", "labs"), out / "evidence.zip")
    yield "activated", "card summary"
    yield "activated", "card search глюкоза --limit 5"
    yield "activated", "card trend Глюкоза"
    yield "activated", f"card trend Глюкоза --svg {out / 'trend.svg'} --force"
    formats = ("fhir", "ips", "json", "html", "pdf", "ics", "sqlite", "xlsx")
    for name in formats:
        yield "activated", f"card export --format {name} --to {out / name} --force"
    for name in ("ndjson", "csv", "parquet"):
        yield "activated", f"card export --format {name} --to {out / name} --force"
    yield "activated", f"card export --format pdf --preset doctor-visit --to {out / 'visit.pdf'} --force"
    yield "activated", "card export --format json --to - --since last"
    yield "activated", "card open --no-browser"
    yield "activated", "card sync --insecure-storage"
    yield "synced", "card sync"
    yield "synced", "card sync --full --if-changed"
    yield "synced", "card search глюкоза"
    yield "activated", "clinic list --near residence --accepts adults"
    yield "activated", "clinic list --search 5 --limit 2"
    yield "activated", "clinic show gp-005"
    yield "activated", "doctor list --clinic gp-005 --specialty therapist"
    yield "activated", "doctor list --search а"
    doctor = first("doctor", "list", "--clinic", "gp-005")
    yield "activated", f"doctor show {doctor}"
    yield "activated", f"doctor choose {doctor} --yes"
    yield "activated", "status"
    yield "activated", "status --exit-code --if-changed"
    yield "activated", "application list"
    yield "activated", "application show {}".format(first("application", "list"))
    yield "activated", "request list"
    yield "activated", "request create prescription --medicine Аторвастатин --yes"
    yield "activated", "request create prescription --repeat {} --yes".format(first("card", "prescriptions"))
    yield "asked", "request list"
    yield "asked", "request show {}".format(first("request", "list"))
    yield "asked", "request cancel {} --yes".format(first("request", "list"))
    yield "activated", "transfer create --to gp-001 --category labs --since 1y --yes"
    yield "activated", "transfer create --to gp-001 --category allergies --dry-run"
    yield "asked", "transfer list"
    yield "asked", "transfer show {}".format(first("transfer", "list"))
    yield "asked", "transfer revoke {} --yes".format(first("transfer", "list"))
    yield "activated", "profile show"
    yield "activated", f"profile update --from {world.person_file('email.json', **_only(email='a@example.org'))}"
    yield "activated", f"profile update --from {world.person_file('phone.json', **_only(phone='+79000000778'))} {code}"
    moved = world.person_file("moved.json", **_only(residence_address="г. Москва, ул. Арбат, д. 1"))
    yield "activated", f"profile move --from {moved} --yes"
    yield "activated", "consent list"
    yield "activated", "consent show medical-data"
    yield "activated", "consent export medical-data"
    yield "activated", "consent revoke medical-data --yes"
    yield "activated", "notification list"
    yield "activated", "notification list --unread --new"
    message = first("notification", "list")
    yield "activated", f"notification show {message}"
    yield "activated", f"notification read {message}"
    yield "activated", "notification watch --count 1"
    yield "activated", "service list"
    yield "activated", "service list --pinned"
    yield "activated", "service search карта"
    service = first("service", "list")
    yield "activated", f"service pin {service}"
    yield "activated", f"service unpin {service}"
    yield "activated", "person list"
    yield "activated", "person use {}".format(first("person", "list"))
    yield "activated", "smoke"
    yield "activated", "api GET /api/v1/account"
    yield "activated", "api GET /fhir/R4/metadata"
    yield "activated", "auth status"
    yield "activated", "selfcheck --live"
    yield "activated", "logout"
    for words in ("clock show", "clock advance 1h", "inbox", "inbox --code", "log", "seed", "scenario happy"):
        yield "activated", f"mock {words}"
    yield "activated", "mock fault add 5xx --path /nothing"
    yield "activated", "mock fault list"
    yield "activated", "mock reset --yes"


def _only(**changes: str) -> dict[str, str | None]:
    from tests.contract.world import PERSON

    return {name: changes.get(name) for name in PERSON}


def portal_cases(world: World) -> Iterator[Case]:
    portal = Portal(world)
    portal.walk()
    at = portal.homes["activated"]
    at.restore()
    with portal.recorded():
        world.ok("request", "create", "prescription", "--medicine", "Аторвастатин", "--yes")
        world.ok("transfer", "create", "--to", "gp-001", "--category", "allergies", "--yes")
        portal.homes["asked"] = Home(world.home).keep()
        ids = {}

        def first(*words: str) -> str:
            """Of the stage where most is there: the same everywhere."""
            if words not in ids:
                ids[words] = str(world.ok(*words).items[0]["id"])
            return ids[words]

        lines = [*portal_lines(world, first)]
        token = world("auth", "token", "--show").out.strip()
        person = str(world.ok("profile", "show").item["person"]["id"])
    (world.files / "out").mkdir(exist_ok=True)
    for stage, words in lines:
        yield portal.case("portal", stage, Line(tuple(shlex.split(words))))
    yield from _fhir_cases(portal, token, person, first)


def _fhir_cases(portal: Portal, token: str, person: str, first: Callable[..., str]) -> Iterator[Case]:
    """The same card for somebody who has a token and knows no portal."""
    bare = {
        "EMK_BACKEND": "fhir",
        "EMK_URL": f"{os.environ['EMK_URL']}/fhir/R4",
        "EMK_TOKEN": token,
        "EMK_PERSON": person,
    }
    lists = ("visits", "labs", "studies", "prescriptions", "vaccinations", "prevention", "documents", "diagnoses")
    lines = [
        f"card {name}"
        for name in (*lists, "allergies", "vitals", "referrals", "procedures", "other", "access-log", "summary")
    ]
    lines += [f"card show {first('card', 'labs')}", "card sync --insecure-storage", "card trend Глюкоза"]
    lines += [f"card export --format fhir --to {portal.world.files / 'out' / 'bundle'} --force", "selfcheck --live"]
    for words in lines:
        yield portal.case("fhir", "activated", Line(tuple(shlex.split(words)), env=bare))
