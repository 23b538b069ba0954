"""Every place where a secret is read, typed or made: from then on the redactor of the run knows it."""

from __future__ import annotations

import ast
import io
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import emkcli
from emkcli.api.auth import InMemory, Session
from emkcli.api.ports import Authorization
from emkcli.app import App
from emkcli.models import Challenge, Named, Tokens
from emkcli.presentation.prompt import Prompter
from emkcli.security.keyrings import Secrets
from emkcli.security.passphrases import Passphrase
from emkcli.security.redact import Redactor
from emkcli.usecases.mock_control import control_token
from emkcli.usecases.onboarding import one_time_codes, provider_login
from emkcli.usecases.onboarding.form import Form
from emkcli.usecases.onboarding.one_time_codes import CodeSource
from tests.contract.world import PERSON, World
from tests.invented import BUNDLE
from tests.security.sessions.places import PLACES, place
from tests.security.spellings import bare

HOUSE = Path(emkcli.__file__).parent
TOKENS = Tokens(access_token="quiet-river-of-access", refresh_token="slow-hill-of-refresh", id_token="tall-tree-of-id")


def test_tokens_of_every_kind_of_place(tmp_path: Path) -> None:
    for kind in PLACES:
        folder = tmp_path / kind
        folder.mkdir()
        place(kind, folder).begin(TOKENS)
        redactor = Redactor()
        assert Session(place(kind, folder), _never, redactor.learn).tokens() == TOKENS
        _all_hidden(redactor, kind)


@pytest.mark.parametrize("how", ["begin", "stored", "renew"])
def test_tokens_however_they_come(how: str) -> None:
    redactor = Redactor()
    old = msgspec.structs.replace(TOKENS, access_token="stale-pond-of-access")
    session = Session(InMemory(None if how == "begin" else TOKENS), lambda _token: TOKENS, redactor.learn)
    if how == "begin":
        session.begin(TOKENS)
    elif how == "stored":
        session.stored()
    else:
        session.store.save(old)
        session.renew(old.access_token)
        assert redactor.text(old.access_token) == "***"
    _all_hidden(redactor, how)


def _all_hidden(redactor: Redactor, why: str) -> None:
    for secret in (TOKENS.access_token, TOKENS.refresh_token, TOKENS.id_token):
        assert secret is not None
        assert redactor.text(f"told {secret}.") == "told ***.", why


def _never(_token: str) -> Tokens:
    raise AssertionError("no token is refreshed here")


def test_what_is_typed_hidden_or_piped(monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = Redactor()
    dialogue = Prompter(io.StringIO("piped-in\n"), io.StringIO(), str, redactor.learn)
    monkeypatch.setattr("getpass.getpass", lambda *_: "typed-in")
    assert dialogue.secret("Code", option="--code-stdin") == "typed-in"
    assert dialogue.read_stdin_line() == "piped-in"
    assert redactor.text("typed-in and piped-in, not put in") == "*** and ***, not put in"


def test_passphrases_and_what_a_keyring_holds(tmp_path: Path) -> None:
    class Ring:
        def get(self, service: str, user: str) -> str:
            return "ab" * 32

        def set(self, service: str, user: str, secret: str) -> None:
            assert secret

    redactor = Redactor()
    file = tmp_path / "passphrase"
    file.touch(0o600)
    file.write_text("correct horse\n")
    Passphrase(str(file), learn=redactor.learn).known()
    typed = iter(["battery staple", "battery staple"])
    Passphrase(ask=lambda _label: next(typed), learn=redactor.learn).new()
    Secrets(Ring(), redactor.learn).get("key")  # type: ignore[arg-type]
    Secrets(Ring(), redactor.learn).set("key", "cd" * 32)  # type: ignore[arg-type]
    for secret in ("correct horse", "battery staple", "ab" * 32, "q6ur" * 10 + "q6s=", "cd" * 32):
        assert redactor.text(f"it is {secret}!").strip("=!") == "it is ***", secret


def test_what_the_app_reads_itself(tmp_path: Path) -> None:
    app = App(environ={"EMK_TOKEN": "quiet-river", "EMK_HOME": str(tmp_path)})
    app.remember_login_name("+79000000777")
    app.login_name()
    app.owner = Named(id="p-1", name="Пеночкин Пров")
    assert app.redactor.text("quiet-river, 900 000 07 77, Пеночкину, p-1") == "***, ***, ***, p-1"
    assert app.owner == Named(id="p-1", name="Пеночкин Пров")


def test_what_ties_a_login_together_and_codes_of_programs(tmp_path: Path) -> None:
    app = App(environ={"EMK_HOME": str(tmp_path)})
    begun = Authorization("https://login.example.org/?state=s", "http://127.0.0.1/", "state-1", "verifier-1", "nonce-1")
    provider_login._begun(app, begun)
    challenge = Challenge(id="c", method="sms", expires_at="2026-11-23T10:00:00+03:00")
    source = CodeSource(command="echo quiet-code")
    assert one_time_codes.answered(app, challenge, source, str.upper) == "QUIET-CODE"
    assert app.redactor.text("state-1 verifier-1 nonce-1 quiet-code state-2") == "*** *** *** *** state-2"


@pytest.fixture
def redactors(monkeypatch: pytest.MonkeyPatch) -> list[Redactor]:
    """The redactor of every run in this process, the latest last."""
    made: list[Redactor] = []
    make = Redactor.__init__

    def noted(redactor: Redactor) -> None:
        make(redactor)
        made.append(redactor)

    monkeypatch.setattr(Redactor, "__init__", noted)
    return made


def known(redactors: list[Redactor], secret: str) -> bool:
    """By value: no shape recognises it in this spelling."""
    spelled = "~".join(secret)
    assert bare(Redactor().text(spelled)) == bare(secret)
    return any(bare(redactor.text(spelled)) == "" for redactor in redactors)


def test_a_person_file_and_what_the_portal_answers(embedded: World, redactors: list[Redactor]) -> None:
    embedded.at("new").ok("register", "--from", embedded.person)
    personal = [PERSON[name] for name in ("last_name", "first_name", "snils", "phone", "email", "residence_address")]
    for value in (*personal, *(PERSON["passport"][name] for name in ("number", "issued_by"))):
        assert known(redactors, value), value
    assert not known(redactors, "Москва")


def test_the_answers_of_a_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(App, "interactive", True)
    asked, again = (
        App(environ={"EMK_HOME": str(tmp_path)}, stdin=io.StringIO("Шёпотова\n"), stderr=io.StringIO())
        for _run in range(2)
    )
    Form(asked, "person").ask("last_name", "Last name", option="--from", check=str)
    Form(again, "person")
    for app in (asked, again):
        assert "Шёпотова" not in app.redactor.text("last: Шёпотова")
    assert "Шёпотова" not in asked.stderr.getvalue() + again.stderr.getvalue()  # type: ignore[attr-defined]


def test_what_is_stored_by_commands(embedded: World, redactors: list[Redactor], tmp_path: Path) -> None:
    embedded.at("activated")
    token = embedded("auth", "token", "--show").out.strip()
    redactors.clear()
    embedded.ok("card", "labs", "--limit", "1")
    assert known(redactors, token)
    assert known(redactors, PERSON["last_name"])
    redactors.clear()
    embedded("login", "--token-stdin", "--insecure-storage", stdin="not one word of it\n")
    assert known(redactors, "not one word of it")
    redactors.clear()
    embedded.ok("card", "import", "--insecure-storage", str(_bundle(tmp_path)))
    key = msgspec.json.decode(next(embedded.home.rglob("card.key.json")).read_bytes())["key"]
    assert known(redactors, key)
    redactors.clear()
    embedded("api", "POST", "/api/v1/nothing?phone=%2B79000000123", "--input", "-", stdin='{"password": "open up"}')
    assert known(redactors, "open up")
    assert known(redactors, "+79000000123")


def _bundle(folder: Path) -> Path:
    file = folder / "bundle.json"
    file.write_text(BUNDLE, encoding="utf-8")
    return file


ONLY_IN = {
    "getpass": {"presentation/prompt.py"},
    "Passphrase": {"security/credentials.py", "localcard/key.py"},
    "Keyring": {"security/credentials.py", "security/keyrings/__init__.py"},
    "Secrets": {"localcard/profile_cards.py"},
    "Session": {"api/recipes.py"},
    "Prompter": set(),
    "without_shapes": {"security/redact.py"},
}
"""What gives or keeps secrets is made in few places, and those hand it to `learn`; nothing redacts past a Redactor."""


@pytest.mark.parametrize("name", ONLY_IN)
def test_secrets_come_from_these_places_only(name: str) -> None:
    assert set(_callers(lambda call: _called(call) == name)) <= ONLY_IN[name]


def test_a_store_is_read_through_its_session_only() -> None:
    loads = set(_callers(lambda call: ast.unparse(call.func).endswith("store.load")))
    assert loads == {"api/auth.py"}


def _callers(wanted: Callable[[ast.Call], bool]) -> list[str]:
    return [
        str(file.relative_to(HOUSE))
        for file in HOUSE.rglob("*.py")
        if "mock" not in file.relative_to(HOUSE).parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and wanted(node)
    ]


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def test_a_control_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("deep-well-of-control\n")
    app = App(environ={}, stderr=io.StringIO())
    assert control_token(app, str(file), "--control-token-file") == "deep-well-of-control"
    assert app.redactor.text("deep-well-of-control") == "***"
