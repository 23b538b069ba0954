"""What the redactor was told is gone in every spelling, and what it was not told stays."""

from __future__ import annotations

import base64
import json
import time
from itertools import takewhile
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.security.redact import LONGEST, Redactor
from tests.security.spellings import SPELLINGS, bare
from tests.security.test_redact import READABLE, token

HEX = Random(1).randbytes(20).hex()
SECRETS = {
    "a token of forty hex digits": ("access_token", HEX),
    "a UUID": ("access_token", "6b1f0c2e-1a2b-4abc-8def-123456789012"),
    "a token": ("refresh_token", token(7)),
    "a JWT": ("id_token", f"eyJhbGciOiJub25lIn0.{token(3)}.{token(4)}"),
    "a short token": ("access_token", "Zx81-qu"),
    "an authorization code": ("code", "SplxlOBeZQQYbYS6WxSbIA"),
    "a device code": ("device_code", "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS"),
    "a PKCE verifier": ("code_verifier", token(9) + token(10)),
    "an SMS code": ("code", "424242"),
    "a passphrase": ("passphrase", "correct horse/battery+staple=1"),
    "a short passphrase": ("passphrase", "hunter2"),
    "a client secret": ("client_secret", "s3cr3t&<client>'s"),
    "a key": ("secret", Random(2).randbytes(32).hex()),
    "СНИЛС": ("snils", "000-000-107 07"),
    "a phone": ("phone", "+79000000777"),
    "an e-mail": ("email", "sojkina@example.org"),
    "a policy": ("oms_policy", "7700000000000008"),
    "a surname": ("last_name", "Сойкина"),
    "a first name": ("first_name", "Алёна"),
    "a full name": ("fullname", "Сойкина Алёна Игоревна"),
    "an address": ("registration_address", "г. Москва, ул. Тверская, д. 8, кв. 12"),
}
AROUND = ("{}", "the token {} was refused", "«{}»", "x={};", "<p>{}</p>", '"{}"', "код {}, повторите", "/{}/")


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("what", SECRETS)
def test_what_is_known_is_gone_in_every_spelling(what: str, spelling: str) -> None:
    key, value = SECRETS[what]
    redactor = Redactor()
    redactor.learn(key, value)
    spelled = SPELLINGS[spelling](value)
    around_it = zip(spelled, SPELLINGS[spelling](""), strict=False)
    own = spelled[sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], around_it)) :]
    for around in AROUND:
        said = redactor.text(around.format(spelled))
        assert left_of(own, said) <= 5, (spelled, said)
        assert "***" in said


def left_of(spelled: str, said: str) -> int:
    """The longest stretch of letters and digits of the spelled value that can still be read."""
    letters, text = bare(spelled), bare(said)
    longest = 0
    for first in range(len(letters)):
        while letters[first : first + longest + 1] in text and first + longest < len(letters):
            longest += 1
    return longest


@given(st.integers(0, 60), st.integers(16, 90))
def test_a_part_of_a_long_secret_is_gone_too(first: int, count: int) -> None:
    key, value = SECRETS["a PKCE verifier"]
    redactor = Redactor()
    redactor.learn(key, value)
    assert left_of(value[first : first + count], redactor.text(f"cut off: {value[first : first + count]}")) <= 4


def test_short_values_blank_no_more_than_themselves() -> None:
    redactor = Redactor()
    redactor.learn("", {"code": "4242", "first_name": "Я", "last_name": "Ли", "middle_name": "Лев", "passphrase": "no"})
    redactor.learn("first_name", "Anna")
    said = "я 14242 42420 annals Лилия лира левый noted Ян"
    assert redactor.text(said) == said
    assert redactor.text("Я, Ли, лев. (4242) no: ANNA") == "***, ***, ***. (***) ***: ***"


def test_a_passphrase_of_punctuation() -> None:
    redactor = Redactor()
    redactor.learn("passphrase", "?!#$ %&=;x")
    assert redactor.text("no: ?!#$ %&=;x, %3F%21%23%24%20%25%26%3D%3Bx. x?!") == "no: ***, ***. x?!"


def test_a_name_in_its_other_cases() -> None:
    redactor = Redactor()
    redactor.learn("fullname", "Сойкина Алёна Игоревна")
    said = redactor.text("Для Сойкиной Алены Игоревны, СОЙКИНУ АЛЕНУ; сойка и алебастр остались")
    assert said == "Для *** *** ***, *** ***; сойка и алебастр остались"


@pytest.mark.parametrize("said", READABLE)
def test_what_helps_stays_readable_whatever_is_known(said: str) -> None:
    redactor = Redactor()
    for key, value in SECRETS.values():
        redactor.learn(key, value)
    uuid = SECRETS["a UUID"][1]
    assert redactor.text(said).replace("***", "") == said.replace(uuid, "").replace("***", "")


DOCUMENTS = (
    ({"access_token": "Zx81-quiet-river"}, "Zx81-quiet-river"),
    ({"passport": {"series": "0000", "number": "424242"}}, "424242"),
    ({"passport.number": "424242"}, "424242"),
    ({"items": [{"id": "p", "name": "Пеночкин", "birth_date": "1999-01-02"}]}, "Пеночкин"),
    ({"resourceType": "Patient", "name": [{"family": "Пеночкин", "given": ["Пров"]}]}, "Пров"),
)


@pytest.mark.parametrize(("document", "secret"), DOCUMENTS)
def test_documents_are_learned_by_the_names_in_them(document: dict[str, object], secret: str) -> None:
    redactor = Redactor()
    redactor.learn("", document)
    assert redactor.text(f"about {secret}: five") == "about ***: five"


def test_a_clinic_is_no_person() -> None:
    redactor = Redactor()
    redactor.learn(
        "", {"items": [{"id": "gp-1", "name": "Поликлиника № 1", "address": "ул. Длинная, д. 1"}], "code": "labs"}
    )
    said = "Поликлиника № 1, ул. Длинная, д. 1; labs"
    assert redactor.text(said) == said


def test_an_id_token_tells_whose_it_is() -> None:
    redactor = Redactor()
    claims = {"name": "Пров Пеночкин", "phone_number": "+79000000123", "iss": "https://login.example.org", "sub": "7"}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    redactor.learn("id_token", f"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl")
    assert redactor.text("ПЕНОЧКИНА at login.example.org") == "*** at login.example.org"
    redactor.learn("id_token", "eyJ.no.jwt")
    redactor.learn("id_token", "eyJhbGciOiJSUzI1NiJ9")


def test_a_text_that_is_cut_shows_no_half_of_a_secret() -> None:
    redactor = Redactor()
    secret = token(11) + token(12)
    redactor.learn("access_token", secret)
    for before in range(LONGEST - 90, LONGEST + 1):
        said = redactor.text("w " * (before // 2) + secret + " the rest")
        assert left_of(secret, said) <= 4
        assert said.rstrip(" …").endswith("w w")
        assert said.endswith("…")
        assert "rest" not in said
    assert redactor.text("w " * 100) == "w " * 100


def test_a_server_that_tells_more_than_anybody_knows() -> None:
    """However deep or long an answer is, and whatever characters it has: it is learned from, and costs little."""
    deep: object = {"access_token": "quiet-river"}
    for _level in range(100_000):
        deep = [deep]
    redactor = Redactor()
    redactor.learn("", deep)
    redactor.learn("", {"token": [f"flood-{number:09}" for number in range(1_000_000)], "last_name": "\ud800Пеночкин"})
    redactor.learn("", {"code": "\udfff" * 20})
    redactor.learn("refresh_token", "slow-hill")
    started = time.process_time()
    assert redactor.text("quiet-river, slow-hill, Пеночкину, \ud800") == "***, ***, ***, \ud800"
    assert time.process_time() - started < 1


def test_details_without_end() -> None:
    redactor = Redactor()
    redactor.learn("token", "quiet-river")
    deep: object = "quiet-river"
    for _level in range(200):
        deep = {"quiet-river": deep}
    started = time.process_time()
    said = json.dumps(redactor.data({"fields": ["quiet-river", 5] * 500_000, "changes": deep}))
    assert time.process_time() - started < 2
    assert "quiet-river" not in said
    assert redactor.data({"fields": ["a", 5, None, True]}) == {"fields": ["a", 5, None, True]}


def test_a_date_of_birth_both_ways() -> None:
    redactor = Redactor()
    redactor.learn("birth_date", "1984-03-02")
    assert redactor.text("born 02.03.1984, 1984-03-02, not 1985-03-02") == "born ***, ***, not 1985-03-02"
