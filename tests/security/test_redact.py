"""The redactor: what was planted is gone wherever it stands, and what people need in order to help is still there."""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.security.redact import Redactor, place

redact = Redactor()
DIGIT = st.sampled_from("0123456789")


def digits(count: int) -> st.SearchStrategy[str]:
    return st.lists(DIGIT, min_size=count, max_size=count).map("".join)


@st.composite
def snils(draw: st.DrawFn) -> str:
    first, second, third, last = "000", draw(digits(3)), draw(digits(3)), draw(digits(2))
    return draw(st.sampled_from(("{}-{}-{} {}", "{}-{}-{}-{}", "{} {} {} {}", "{}{}{}{}"))).format(
        first, second, third, last
    )


@st.composite
def phone(draw: st.DrawFn) -> str:
    area, one, two, three = "900", draw(digits(3)), draw(digits(2)), draw(digits(2))
    forms = (
        "+7{}{}{}{}",
        "8 ({}) {}-{}-{}",
        "+7 {} {}-{}-{}",
        "8{}{}{}{}",
        "+7({}){}{}{}",
        "({}) {}-{}-{}",
        "{}{}{}{}",
    )
    return draw(st.sampled_from(forms)).format(area, one, two, three)


@st.composite
def passport(draw: st.DrawFn) -> str:
    series, number = "00" + draw(digits(2)), draw(digits(6))
    return draw(st.sampled_from(("{} {}", "{} № {}", "{}{}", "{}:{}"))).format(series, number)


def token(seed: int) -> str:
    """What `secrets.token_urlsafe(32)` looks like, the same in every run."""
    return base64.urlsafe_b64encode(Random(seed).randbytes(32)).decode().rstrip("=")


TOKEN = st.integers(0, 2000).map(token)
JWT = TOKEN.map(lambda body: f"eyJhbGciOiJub25lIn0.{body}.{body[:20]}")
EMAIL = st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}@example\.(org|ru)", fullmatch=True)
NAME = st.sampled_from(
    ("Сойкина Алёна Игоревна", "Алёна Игоревна", "Сойкин Пётр Ильич", "Петрова-Водкина А. И.", "А.И. Сойкина")
)
POLICY = digits(16)
BY_SHAPE = st.one_of(snils(), phone(), passport(), JWT, TOKEN, EMAIL, NAME, POLICY)

AROUND = (
    "{}",
    "wrong: {}.",
    "«{}» не найден",
    "got {}, expected another",
    "({})",
    "file:///x y {}\nnext",
    '"{}"',
    "a={}",
)


@given(BY_SHAPE, st.sampled_from(AROUND))
def test_by_its_shape_alone(secret: str, around: str) -> None:
    assert secret not in redact.text(around.format(secret))


STRUCTURES = (
    "Authorization: Bearer {}",
    "authorization: Basic {}",
    "Cookie: sid={}; other=1",
    "Set-Cookie: a={}",
    "https://api.example.org/x?code={}&state=1",
    "GET /x?page=2&anything={}",
    "https://user:{}@example.org/",
    "http://127.0.0.1/callback#access_token={}",
    '{{"access_token": "{}", "b": 1}}',
    "{{'refresh_token': '{}'}}",
    '{{"passport": "{}"}}',
    '{{"family": "{}", "given": ["{}"]}}',
    "Tokens(access_token='{}', refresh_token='{}')",
    "client_secret={}",
    "signing.private_key={}",
    '{{"privateKey": "{}"}}',
    "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n{}",
)


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]{5,11}zq", fullmatch=True), st.sampled_from(STRUCTURES))
def test_by_its_place(secret: str, structure: str) -> None:
    assert secret not in redact.text(structure.format(*[secret] * structure.count("{}")))


@pytest.mark.parametrize("ending", ["token", "secret", "password", "passphrase", "cookie", "private_key", "PrivateKey"])
def test_names_that_end_like_a_secret(ending: str) -> None:
    assert redact.text(f"my_{ending}=Abcdefzq") == f"my_{ending}=***"
    assert redact.text(f"my_{ending}s=Abcdefzq") == f"my_{ending}s=Abcdefzq"


@pytest.mark.parametrize(
    ("said", "redacted"),
    [
        ("bearer 4f2a1b9c8d7e6f5a4b3c2d1e", "bearer ***"),
        ("BASIC dXNlcjpwYXNz", "BASIC ***"),
        ("refused: bearer quiet_1", "refused: bearer ***"),
        ("error: token: Abc123x", "error: token: ***"),
        ("a=token=abc, x=1", "a=token=***, x=1"),
        ("a: b=secret=c", "a: b=secret=***"),
    ],
)
def test_schemes_in_any_case_and_a_name_inside_a_value(said: str, redacted: str) -> None:
    assert redact.text(said) == redacted


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY-1QQQQQQQQQQQQ", "+44 20 7946 0958", "+1 (555) 010 99 88"])
def test_a_key_of_age_and_a_phone_from_abroad(secret: str) -> None:
    assert redact.text(f"said {secret} twice") == "said *** twice"


@pytest.mark.parametrize(
    "said", ["code 123456", "code: 1234", "код 123456", "Код из СМС: 654321", '{"code": "424242"}', "otp=1234"]
)
def test_codes_beside_their_word(said: str) -> None:
    assert not any(sign.isdigit() for sign in redact.text(said))


@given(
    st.recursive(
        BY_SHAPE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    )
)
def test_a_tree_keeps_its_shape_and_loses_its_secrets(tree: Any) -> None:
    hidden = redact.data({"details": tree, "snils": tree, "kept": 5.4, "nothing": None, "flag": True})
    assert (hidden["kept"], hidden["nothing"], hidden["flag"]) == (5.4, None, True)
    for secret in leaves(tree):
        assert secret not in json.dumps(hidden, ensure_ascii=False)


def leaves(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    return [leaf for value in tree for leaf in leaves(value)] if isinstance(tree, list) else [tree]


@given(st.text())
def test_anything_can_be_redacted_twice(said: str) -> None:
    once = redact.text(said)
    assert redact.text(once) == once


READABLE = (
    "the bearer of bad news",
    "basic authentication is needed; bearer token expired",
    "phone: Обязательно",
    "token: Нужен",
    "emk 0.1.0 on CPython 3.11.7, Linux 6.18.44 x86_64; OpenSSL 3.0.19 27 Jan 2026",
    "GET /api/v1/doctors 200 12 ms",
    "GET /fhir/R4/Observation/lab-000123-4 200 7 ms",
    "/home/user/.local/lib/python3.11/site-packages/emkcli/cli.py:120 _run",
    "/tmp/pytest-of-root/pytest-0/test_a_Bug_0/home/state/mock.sqlite3",
    "request: 6b1f0c2e-1a2b-4abc-8def-123456789012",
    "request: 0123456789abcdef0123456789abcdef",
    "sha256 " + "ab12" * 16,
    "Глюкоза 5.40 ммоль/л (3.3-5.5), H; СОЭ 12 мм/ч; 3,5 ×10^9/л; -0,5; +++",
    "Гемоглобин 132 г/л 120–160 22.11.2026 08:15",
    "2026-11-23T10:00:00+03:00",
    "A consent is needed: medical-data@1, egisz-transfer@1.",
    "emk connect --accept-consent medical-data@1",
    "A code was sent to +7 *** ***-**-77. Tell it to nobody.",
    "The program openssl: it ended with exit status 1",
    "The provider refused (ESIA-007004).",
    "The server reports error 505 although the status says success.",
    "phone: 11 digits are expected",
    "passport.series: four digits",
    "127.0.0.1 cannot be reached.",
    "unset EMK_READ_ONLY",
    "Городская поликлиника № 5, ул. Тверская, д. 8",
    "Бюджет 1 000 000 000; строка 123456",
    "authorization_code, token_endpoint_auth_method, private_key_jwt",
    "expires in 3600 s; code 5; exit code 12",
)


@pytest.mark.parametrize("said", READABLE)
def test_what_helps_stays_readable(said: str) -> None:
    assert redact.text(said) == said


def test_a_home_is_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/sojkina")
    assert place("/home/sojkina/.config/emk/config.toml") == "~/.config/emk/config.toml"
    assert place("/home/sojkina2/x") == "/home/sojkina2/x"
    monkeypatch.setenv("HOME", "/")
    assert place("/etc/emk") == "/etc/emk"
