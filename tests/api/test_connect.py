"""The client as a script uses it, without the command line."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from emkcli import errors
from emkcli.api import CardQuery, Client, connect


@pytest.fixture
def client() -> Client:
    client = connect("mock")
    assert client.wire is not None
    phone = client.wire.json("POST", "/mock/seed", json={"state": "activated"})["phone"]
    challenge = client.identity.challenge("sms", phone)
    code = client.wire.json("GET", "/mock/inbox")["items"][0]["code"]
    assert client.session is not None
    client.session.begin(client.identity.exchange_code(challenge.id, code))
    return client


def test_a_script_reads_the_card(client: Client) -> None:
    with client:
        results = list(client.card.labs(CardQuery()))
        assert len(results) > 300
        assert [r.collected_at for r in results] == sorted((r.collected_at for r in results), reverse=True)
        assert client.demo


def test_a_ready_token_is_used_and_not_refreshed() -> None:
    with connect("mock", token="nobody") as client, pytest.raises(errors.SessionLost):
        list(client.portal.persons())


def test_what_a_backend_lacks_is_unsupported() -> None:
    with connect("fhir", url="http://127.0.0.1:1") as client:
        assert not client.can("portal.attach")
        assert client.can("card.labs")
        with pytest.raises(errors.Unsupported):
            client.portal.clinics()


def test_an_unknown_backend_names_the_known_ones() -> None:
    with pytest.raises(errors.Usage) as caught:
        connect("nonsense")
    assert "mock, http, fhir" in (caught.value.hint or "")


def test_the_client_imports_no_command_line() -> None:
    code = (
        "import sys, emkcli.api.backends, emkcli.api.fhir.card\n"
        "import emkcli.api.rest.accounts, emkcli.api.rest.identity, emkcli.api.rest.portal\n"
        "print([m for m in ('typer', 'keyring', 'tabulate') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_settings_of_an_organisation_are_arguments() -> None:
    with connect("gosuslugi") as client, pytest.raises(errors.Usage) as nothing:
        client.ready()
    given = {"esia": {"certificate_hash": "00" * 32, "signer": "command", "signer_command": "/usr/bin/true"}}
    with connect("gosuslugi", client_id="MNEMONIC", tables=given) as client:
        client.ready()
    assert "client_id" in nothing.value.details["missing"]


@pytest.mark.parametrize("place", [{}, {"profile": "default"}])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("timeout", wrong) for wrong in (0, -1, float("nan"), float("inf"), "5", True)),
        *(("retries", wrong) for wrong in ("x", -1, 1.5, None)),
        *(("tables", wrong) for wrong in ("x", ["x"], {"esia": 1})),
        *(("allow_http", wrong) for wrong in ("host", 1, [1])),
    ],
)
def test_a_wrong_argument_is_refused_at_once(name: str, value: object, place: dict[str, str]) -> None:
    arguments: dict[str, Any] = {name: value, **place}
    with pytest.raises(errors.Usage, match=name):
        connect("mock", **arguments)


@pytest.mark.parametrize("name", ["since", "until", "updated_since"])
@pytest.mark.parametrize("value", [0, 2026, b"2026", ["2026"]])
def test_a_day_that_is_no_text_is_refused(name: str, value: object) -> None:
    arguments: dict[str, Any] = {name: value}
    with pytest.raises(errors.InvalidInput, match=name):
        CardQuery(**arguments)
