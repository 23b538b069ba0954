"""Whom `emk` trusts: a real TLS server with a private authority, asked through the real entry point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from emkcli import errors
from emkcli.api import backends, recipes
from tests.api.tls_world import Authority, serving
from tests.conftest import Emk

TOKEN = {"EMK_TOKEN": "invented-token"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def ask(emk: Emk, url: str, *more: str, env: Mapping[str, str] = MappingProxyType({})) -> tuple[int, dict[str, str]]:
    done = emk("api", "GET", "/Patient", "--backend", "fhir", "--url", url, "--json", *more, env={**TOKEN, **env})
    return done.code, done.error if done.code else {}


def test_a_private_authority_is_refused_until_its_file_is_named(
    emk: Emk, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []
    monkeypatch.setattr("emkcli.api.wire.time.sleep", paused.append)
    with serving(authority.server("localhost")) as (port, paths):
        url = f"https://localhost:{port}"
        code, error = ask(emk, url)
        assert (code, error["code"], paths, paused) == (7, "tls", [], [])
        assert "Invented Root CA" in error["message"]
        assert "emk config set ca_bundle" in error["hint"]
        assert ask(emk, url, env={"EMK_CA_BUNDLE": str(authority.bundle)})[0] == 0
        emk("config", "set", "ca_bundle", str(authority.der))
        assert ask(emk, url)[0] == 0
        assert paths == ["/Patient", "/Patient"]


def test_the_file_counts_for_the_servers_own_host_only(emk: Emk, authority: Authority) -> None:
    """A login provider on another name of the same machine is not trusted by the server's file."""
    with serving(authority.server("localhost", "127.0.0.1")) as (port, paths):
        setup = backends.Setup(
            store=lambda address, demo: None,  # type: ignore[arg-type, return-value]
            open_mock=lambda: None,
            ca_bundle=str(authority.bundle),
        )
        wires = recipes._provider_wires(setup, f"https://localhost:{port}")
        assert wires.document(f"https://localhost:{port}/own") == {}
        with pytest.raises(errors.TlsFailed) as caught:
            wires.document(f"https://127.0.0.1:{port}/foreign")
        assert "SSL_CERT_FILE" in (caught.value.hint or "")
        assert "emk config set ca_bundle" not in (caught.value.hint or "")
        wires.close()
        assert paths == ["/own"]


@pytest.mark.parametrize(
    ("names", "days", "words"),
    [
        (("localhost",), (-9, -2), "expired"),
        (("localhost",), (3, 9), "not valid yet"),
        (("other.example",), (-1, 9), "another name"),
    ],
)
def test_a_trusted_authority_does_not_excuse_the_rest(
    emk: Emk, authority: Authority, names: tuple[str, ...], days: tuple[int, int], words: str
) -> None:
    with serving(authority.server(*names, days=days)) as (port, paths):
        code, error = ask(emk, f"https://localhost:{port}", env={"EMK_CA_BUNDLE": str(authority.bundle)})
    assert (code, error["code"], paths) == (7, "tls", [])
    assert words in error["message"]
    assert error["hint"]


def test_a_wrong_address_by_number(emk: Emk, authority: Authority) -> None:
    with serving(authority.server("localhost")) as (port, _paths):
        error = ask(emk, f"https://127.0.0.1:{port}", env={"EMK_CA_BUNDLE": str(authority.bundle)})[1]
    assert "127.0.0.1 is for another name" in error["message"]


def test_another_authority_of_the_same_kind_is_no_help(emk: Emk, authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Other Root CA")
    with serving(authority.server("localhost")) as (port, paths):
        code, error = ask(emk, f"https://localhost:{port}", env={"EMK_CA_BUNDLE": str(other.bundle)})
    assert (code, paths) == (7, [])
    assert "intermediate" in error["hint"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_national_authority_is_named_with_where_to_get_it(emk: Emk, tmp_path: Path, language: str) -> None:
    national = Authority(tmp_path, "Russian Trusted Sub CA")
    with serving(national.server("localhost")) as (port, paths):
        error = ask(emk, f"https://localhost:{port}", "--lang", language)[1]
        assert paths == []
        assert "Минцифры" in error["message"]
        assert "https://www.gosuslugi.ru/crt" in error["hint"]
        assert "emk config set ca_bundle" in error["hint"]
        assert ask(emk, f"https://localhost:{port}", env={"EMK_CA_BUNDLE": str(national.bundle)})[0] == 0


def test_a_self_signed_certificate(emk: Emk, tmp_path: Path) -> None:
    alone = Authority(tmp_path, "localhost")
    certificate = alone.server("localhost")
    with serving(certificate) as (port, _paths):
        error = ask(emk, f"https://localhost:{port}")[1]
    assert "self-signed" in error["message"]


def test_no_switch_turns_the_check_off(emk: Emk, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither our own variables nor those other tools obey."""
    with serving(authority.server("localhost")) as (port, paths):
        for name in ("PYTHONHTTPSVERIFY", "NODE_TLS_REJECT_UNAUTHORIZED", "EMK_INSECURE"):
            monkeypatch.setenv(name, "0" if name != "EMK_INSECURE" else "1")
        assert ask(emk, f"https://localhost:{port}")[0] == 7
        assert emk("status", "--insecure").code == 2
        assert paths == []


def test_a_file_that_is_no_certificate(emk: Emk, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for name in ("ca.pem", "nowhere.pem", "."):
        code, error = ask(emk, "https://localhost:9", env={"EMK_CA_BUNDLE": str(tmp_path / name)})
        assert (code, error["code"]) == (2, "invalid_input"), name


def test_the_systems_own_file_is_honoured(emk: Emk, authority: Authority) -> None:
    with serving(authority.server("localhost")) as (port, _paths):
        assert ask(emk, f"https://localhost:{port}", env={"SSL_CERT_FILE": str(authority.bundle)})[0] == 0


def test_plain_http_behind_an_https_address_is_no_breakage_of_ours(emk: Emk, served_plainly: int) -> None:
    code, error = ask(emk, f"https://127.0.0.1:{served_plainly}")
    assert (code, error["code"]) == (7, "tls")
    assert "127.0.0.1" in error["message"]


@pytest.fixture
def served_plainly() -> Iterator[int]:
    from http.server import HTTPServer
    from threading import Thread

    from tests.api.tls_world import Seen

    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Seen,), {"paths": []}))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()
