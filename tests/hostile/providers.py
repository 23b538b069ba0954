"""Logins at providers that answer live: an OpenID provider with its SMART server, and ESIA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.api.esia_keys import pair
from tests.api.esia_server import HASH, MNEMONIC, Esia
from tests.conftest import Emk
from tests.hostile.exchanges import Recorder, network
from tests.hostile.portals import Case, InProcess, Truth
from tests.hostile.runs import Home, Line
from tests.provider import CLIENT, Provider

Visit = Callable[[str], dict[str, str]]
BROWSER = "login --method browser --no-browser --insecure-storage"
DEVICE = "login --method device --insecure-storage"


def _query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


class OpenProvider(Provider):
    """The same, at an address where nobody listens."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.device_answers = ["authorization_pending", "slow_down"]

    def visit(self, address: str) -> dict[str, str]:
        return _query(self._redirect(_query(address)))

    def truth(self) -> Truth:
        return Recorder(InProcess(app=self))


def openid_cases(emk: Emk, home: Path, provider: OpenProvider) -> Iterator[Case]:
    env = {"EMK_HOME": str(home), "EMK_BACKEND": "fhir", "EMK_URL": provider.fhir, "EMK_CLIENT_ID": CLIENT}
    nobody = Home(home).keep()
    yield from _cases(emk, nobody, env, "openid", provider.truth, (BROWSER, DEVICE))
    somebody = Home(home).keep()
    lines = ("card labs", "card summary", "auth status", "logout", "card access-log")
    yield from _cases(emk, somebody, env, "openid", provider.truth, lines)


def _cases(
    emk: Emk, home: Home, env: dict[str, str], name: str, fresh: Callable[[], Truth], lines: tuple[str, ...]
) -> Iterator[Case]:
    for words in lines:
        home.restore()
        line = Line(tuple(words.split()), env=env)
        truth = fresh()
        with network(truth):  # type: ignore[arg-type]
            done = emk(*line.words, env=line.env)
        assert done.code in (0, 11), done.err
        yield Case(name, line, home, fresh, len(truth.exchanges))  # type: ignore[attr-defined]


def esia(url: str) -> Esia:
    return Esia(verify=pair("system").verify, sign=pair("esia").sign, base=url)


def esia_cases(emk: Emk, home: Path, files: Path, server: Esia) -> Iterator[Case]:
    """The log-in and everything ESIA tells of a person."""
    settings = {
        "redirect_uri": f"{server.base}/callback",
        "esia.signer": "rsa",
        "esia.key": pair("system").key_file(files / "system.key"),
        "esia.certificate_hash": HASH,
        "esia.esia_certificate": pair("esia").certificate_file(files / "esia.pem"),
    }
    env = {"EMK_HOME": str(home), "EMK_BACKEND": "gosuslugi", "EMK_URL": server.base, "EMK_CLIENT_ID": MNEMONIC}
    for key, value in settings.items():
        assert emk("config", "set", key, value, env=env).code == 0

    def truth() -> Truth:
        return Recorder(server.transport())

    yield from _cases(emk, Home(home).keep(), env, "esia", truth, (BROWSER,))
    lines = ("whoami", "profile show", "profile show --person 700", "person list", "auth status", "logout")
    yield from _cases(emk, Home(home).keep(), env, "esia", truth, lines)
