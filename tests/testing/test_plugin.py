"""The plugin as other projects have it: found by its entry point, in a pytest of its own."""

from __future__ import annotations

import re

import pytest

from emkcli.testing.plugin import SCOPES

pytest_plugins = ["pytester"]

ALONE = ("-p", "no:cacheprovider", "-W", "error")
FIXTURES = ("emk_mock", "emk_client", "emk_person", "emk_clock", "emk_inbox", "emk_faults", "emk_journal")


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    workers = () if "-n" in options or "-p" in options else ("-p", "no:xdist")
    return pytester.runpytest_subprocess(*ALONE, *workers, *options)


def test_each_fixture_does_what_it_says(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
        import pytest
        from datetime import timedelta
        from emkcli import errors
        from emkcli.api import connect

        def test_client(emk_client, emk_journal):
            assert emk_journal.requests() == []
            assert len([*emk_client.card.labs()]) > 3
            assert emk_journal.count("GET", "/fhir/R4/Observation", 200) >= 1
            assert "_count" in emk_journal.requests("get", "/fhir/R4/Obs*")[0].query

        def test_records_need_an_open_card(emk_person):
            with pytest.raises(ValueError, match="open card"):
                emk_person(activated=False, records=5)

        def test_people(emk_person, emk_mock):
            one, other, bare = emk_person(records=30), emk_person(records=None), emk_person(activated=False)
            assert len({one.id, other.id, bare.id}) == len({one.phone, other.phone, bare.phone}) == 3
            assert len([*one.client().card.labs()]) == 30 < len([*other.client().card.labs()])
            assert one.snils.startswith("***")
            with connect("http", url=emk_mock.url, token=bare.token) as client, pytest.raises(errors.NotActivated):
                client.card.labs()
            old = emk_person(birth_date="1950-01-31")
            assert old.client().card.person().birth_date == "1950-01-31"
            with pytest.raises(ValueError, match="birth_date"):
                emk_person(birth_date="yesterday")

        def test_clock(emk_clock, emk_client):
            before = emk_clock.now()
            assert timedelta(hours=36) <= emk_clock.advance("36h") - before < timedelta(hours=36, minutes=5)
            assert emk_clock.set("2027-01-01T10:00:00+03:00").isoformat() == "2027-01-01T10:00:00+03:00"
            emk_clock.speed(0)
            assert emk_clock.advance(timedelta(minutes=2)) == emk_clock.next() == emk_clock.now()
            assert emk_client.portal.persons(), "the client renews its session"

        def test_inbox(emk_inbox, emk_person):
            with pytest.raises(LookupError):
                emk_inbox.code()
            one, other = emk_person(), emk_person()
            assert one.token != other.token
            assert emk_inbox.code(one.phone) != emk_inbox.code(other.phone) == emk_inbox.code()
            assert {message.phone[-2:] for message in emk_inbox.messages(one.phone)} == {one.phone[-2:]}

        def test_faults(emk_faults, emk_client):
            emk_faults.add("5xx", method="GET", path="/api/v1/", times=0)
            assert [(one.kind, one.path) for one in emk_faults.planned()] == [("5xx", "/api/v1/")]
            with pytest.raises(errors.ServerError):
                emk_client.portal.persons()
            emk_faults.clear()
            assert emk_client.portal.persons()
            emk_faults.add("5xx", path="/healthz", rate=0.5)
            assert [(one.times, one.rate) for one in emk_faults.planned()] == [(0, 0.5)]
            emk_faults.clear()
            with pytest.raises(ValueError, match="kind"):
                emk_faults.add("earthquake")

        def test_journal(emk_journal, emk_client):
            emk_client.portal.persons()
            assert emk_journal.assert_sent_once("GET", "/api/v1/persons").status == 200
            emk_journal.assert_not_sent("POST")
            with pytest.raises(AssertionError, match="was sent"):
                emk_journal.assert_not_sent("GET")
            emk_client.portal.persons()
            with pytest.raises(AssertionError, match="sent 2 times.*\\n  GET /api/v1/persons 200"):
                emk_journal.assert_sent_once("GET", "/api/v1/persons")
            assert emk_journal.count("get", "/api/*", 200) == 2 > emk_journal.count(status=404) == 0
            emk_journal.clear()
            with pytest.raises(AssertionError, match="sent 0 times"):
                emk_journal.assert_sent_once("GET", "/api/v1/persons")

        def test_a_journal_that_lost_its_beginning(emk_journal, emk_mock):
            import httpx
            with httpx.Client(trust_env=False) as http:
                for _ in range(1001):
                    http.get(f"{emk_mock.url}/.well-known/emk")
            with pytest.raises(LookupError, match="lost"):
                emk_journal.assert_not_sent("POST")
            emk_journal.clear()
            emk_journal.assert_not_sent("POST")
        """,
    ).assert_outcomes(passed=8)


def test_each_test_has_a_world_of_its_own(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
        import pytest
        seen = []
        @pytest.mark.parametrize("n", range(20))
        def test_fresh(emk_mock, emk_person, n):
            assert emk_mock.inbox.messages() == []
            emk_person()
            emk_mock.clock.advance("36h")
            seen.append(emk_mock.url)
            assert len(set(seen)) == n + 1
            assert len({url.partition("/t/")[0] for url in seen}) == 1, "one server for all"
        """,
    ).assert_outcomes(passed=20)


WORLDS = """
def test_worlds():
    assert len(set(seen)) == {worlds}
"""
SHARED = """
import pytest
seen = []
class TestOne:
    def test_a(self, emk_mock): seen.append(emk_mock.url)
    def test_b(self, emk_mock): seen.append(emk_mock.url)
class TestOther:
    def test_a(self, emk_client, emk_mock): seen.append(emk_mock.url)
"""


@pytest.mark.parametrize(("scope", "worlds"), [("function", 3), ("class", 2), ("module", 1), ("session", 1)])
def test_how_long_a_tenant_lasts_is_the_user_s_choice(pytester: pytest.Pytester, scope: str, worlds: int) -> None:
    source = SHARED + WORLDS.format(worlds=worlds)
    run(pytester, source, "--emk-mock-scope", scope).assert_outcomes(passed=4)
    pytester.makeini(f"[pytest]\nemk_mock_scope = {scope}\n")
    run(pytester, source).assert_outcomes(passed=4)


def test_a_scope_that_there_is_not_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nemk_mock_scope = century\n")
    ran = run(pytester, "def test_one(): pass")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert ", ".join(SCOPES) in ran.stderr.str()


def test_a_project_that_uses_nothing_of_it_pays_for_nothing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # those of others import what they like
    run(
        pytester,
        """
        import sys, threading
        def test_one():
            ours = {name for name in sys.modules if name.startswith("emkcli")}
            assert ours == {"emkcli", "emkcli.testing", "emkcli.testing.plugin"}
            assert not {"httpx", "waitress", "msgspec"} & set(sys.modules)
            assert threading.active_count() == 1
        """,
        "-p",
        "emkcli.testing.plugin",
    ).assert_outcomes(passed=1)


def test_it_can_be_turned_off(pytester: pytest.Pytester) -> None:
    ran = run(pytester, "def test_one(emk_mock): pass", "-p", "no:emk")
    ran.assert_outcomes(errors=1)
    assert "fixture 'emk_mock' not found" in ran.stdout.str()


def test_the_fixtures_are_explained(pytester: pytest.Pytester) -> None:
    told = run(pytester, "", "--fixtures").stdout.str()
    told = told.partition("fixtures defined from emkcli.testing.plugin")[2].partition("fixtures defined from")[0]
    for name in FIXTURES:
        assert re.search(rf"^{name}( \[\w+ scope\])? -- .*\n    \S+", told, re.MULTILINE), name
    assert "no docstring available" not in told
    assert "_emk_server" not in told


def test_each_worker_of_xdist_has_a_server_of_its_own(pytester: pytest.Pytester) -> None:
    ran = run(
        pytester,
        """
        import os, pathlib, pytest
        @pytest.mark.parametrize("n", range(8))
        def test_one(emk_mock, n):
            emk_mock.clock.now()
            folder = pathlib.Path(os.environ["SEEN"])
            (folder / f"{os.environ['PYTEST_XDIST_WORKER']} {emk_mock.url.split('/')[2]} {n}").touch()
        """,
        "-n",
        "2",
    )
    ran.assert_outcomes(passed=8)
    servers = {tuple(file.name.split()[:2]) for file in (pytester.path / "seen").iterdir()}
    assert len(servers) == len({worker for worker, _port in servers}) == len({port for _worker, port in servers}) == 2


@pytest.fixture(autouse=True)
def seen(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEN", str(pytester.mkdir("seen")))


def test_nothing_is_left_and_nothing_of_the_person_is_touched(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread, no socket but on loopback, no file of emk's; the home is as it was."""
    home = pytester.mkdir("home")
    for name in ("HOME", "EMK_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.delenv("EMK_KEYRING")
    pytester.makeconftest(
        """
        import socket, sys, threading
        connect, bind = socket.socket.connect, socket.socket.bind
        def near(self, address, then):
            assert address[0] == "127.0.0.1", address
            return then(self, address)
        socket.socket.connect = lambda self, address: near(self, address, connect)
        socket.socket.bind = lambda self, address: near(self, address, bind)
        addresses = set()
        def pytest_unconfigure():
            left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
            assert addresses
            for port in addresses:
                with socket.socket() as probe:
                    assert probe.connect_ex(("127.0.0.1", port)), "the server still listens"
            print("LEFT", left, "KEYRING", "keyring" in sys.modules)
        """
    )
    ran = run(
        pytester,
        """
        from conftest import addresses
        def test_one(emk_client, emk_mock):
            addresses.add(int(emk_mock.url.split(":")[2].split("/")[0]))
            assert emk_client.portal.persons()
        """,
        "-s",
    )
    ran.assert_outcomes(passed=1)
    assert "LEFT [] KEYRING False" in ran.stdout.str()
    assert [*home.iterdir()] == []
