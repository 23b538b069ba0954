"""Fixtures for pytest, found through the entry point `emk` of `pytest11`; `-p no:emk` turns them off.

Where no test uses one, this module is all that is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emkcli.api.client import Client
    from emkcli.testing.server import MockServer
    from emkcli.testing.tenant import Clock, Faults, Inbox, Journal, Somebody, Tenant

SCOPES = ("function", "class", "module", "package", "session")
SETTING = "emk_mock_scope"

pytest.register_assert_rewrite("emkcli.testing.contract")


def pytest_addoption(parser: pytest.Parser) -> None:
    scopes = ", ".join(SCOPES)
    parser.addini(SETTING, f"how long a tenant of emk_mock lasts: {scopes}", default="function")
    group = parser.getgroup("emk", "mock of a medical card (emk)")
    group.addoption("--emk-mock-scope", choices=SCOPES, help=f"how long a tenant of emk_mock lasts: {scopes}")


def pytest_configure(config: pytest.Config) -> None:
    if config.getini(SETTING) not in SCOPES:
        raise pytest.UsageError(f"{SETTING} is one of {', '.join(SCOPES)}")


def _scope(fixture_name: str, config: pytest.Config) -> Any:
    return config.getoption("--emk-mock-scope") or config.getini(SETTING)


@pytest.fixture(scope="session")
def _emk_server() -> Iterator[MockServer]:
    from emkcli.testing.server import MockServer

    with MockServer() as server:
        yield server


@pytest.fixture(scope=_scope)
def emk_mock(_emk_server: MockServer) -> Iterator[Tenant]:
    """A mock of a medical card at `emk_mock.url`: a tenant of its own of one server on a free port of this machine. How long
    it lasts is said by the setting emk_mock_scope or the option --emk-mock-scope; function, unless said otherwise."""
    import secrets

    from emkcli.testing.tenant import Tenant

    tenant = Tenant(_emk_server, f"test-{secrets.token_hex(8)}")
    yield tenant
    tenant.close()


@pytest.fixture(scope=_scope)
def emk_person(emk_mock: Tenant) -> Callable[..., Somebody]:
    """Makes invented people: `emk_person(activated=True, records=200, birth_date="1950-01-31")`; each call somebody else."""
    return emk_mock.person


@pytest.fixture(scope=_scope)
def emk_client(emk_mock: Tenant, emk_person: Callable[..., Somebody]) -> Client:
    """A client of `emkcli.api`, logged in as somebody whose card is open."""
    client = emk_person().client()
    emk_mock.journal.clear()
    return client


@pytest.fixture(scope=_scope)
def emk_clock(emk_mock: Tenant) -> Clock:
    """The mock's clock: `emk_clock.advance("36h")`, `emk_clock.now()`."""
    return emk_mock.clock


@pytest.fixture(scope=_scope)
def emk_inbox(emk_mock: Tenant) -> Inbox:
    """The SMS that the mock sent: `emk_inbox.code()`, `emk_inbox.messages()`."""
    return emk_mock.inbox


@pytest.fixture(scope=_scope)
def emk_faults(emk_mock: Tenant) -> Faults:
    """What goes wrong with the next requests: `emk_faults.add("5xx", path="/api/v1/applications")`, `emk_faults.clear()`."""
    return emk_mock.faults


@pytest.fixture(scope=_scope)
def emk_journal(emk_mock: Tenant) -> Journal:
    """The requests that came: `emk_journal.assert_sent_once("POST", "/api/v1/applications")`, `emk_journal.count("POST")`."""
    return emk_mock.journal
