"""The rules for numbers, names and dates, against published vectors and against arbitrary text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.registration import identifiers
from emkcli.registration.identifiers import RuleBroken

TODAY = date(2026, 11, 23)
SNILS = ["112-233-445 95", "001-058-665 99", "001-168-089 00", "001-093-837 00", "001-057-688 01", "005-886-999 00"]
LOOKALIKE_SURNAME = "Ивaнова"  # the second «а» is Latin


@pytest.mark.parametrize("number", [*SNILS, "007-898-642 00", "189-999-718 00", "000-000-600 06", "001-001-998 17"])
@pytest.mark.parametrize("shape", ["{}", " {}\n", "{:.3}"])
def test_snils_is_read_in_every_shape_and_printed_in_one(number: str, shape: str) -> None:
    written = number.replace("-", "").replace(" ", "") if shape == "{:.3}" else shape.format(number)
    assert identifiers.snils(written) == number


@pytest.mark.parametrize("number", ["112-233-445 96", "001-001-999 00", "11223344595x", "1122334459", "", "١" * 11])
def test_a_wrong_snils_is_refused(number: str) -> None:
    with pytest.raises(RuleBroken):
        identifiers.snils(number)


@pytest.mark.parametrize(
    "text",
    ["8 (912) 345-67-89", "+7 912 345 67 89", "79123456789", "9123456789", "89123456789", "+7\u00a0912.345–67–89"],
)
def test_phone_becomes_plus_seven(text: str) -> None:
    assert identifiers.phone(text) == "+79123456789"


def test_phone_as_esia_prints_it() -> None:
    assert identifiers.phone("+7(910)1234567") == "+79101234567"


@pytest.mark.parametrize(
    "text",
    [
        *("912345678", "007 912 3456789", "+77012345678", "77012345678", "+375291234567", "+89123456789"),
        *("+9123456789", "84951234567", "+7 912 345 67 89 доб. 2", "", "+", "7+9123456789"),
    ],
)
def test_other_phones_are_refused(text: str) -> None:
    with pytest.raises(RuleBroken):
        identifiers.phone(text)


def test_passport_numbers() -> None:
    assert identifiers.passport_series("45 10") == "4510"
    assert identifiers.passport_number("№ 012345") == "012345"
    assert [identifiers.department_code(text) for text in ("770-001", "770001", "770 001")] == ["770-001"] * 3


@pytest.mark.parametrize(
    "rule", [identifiers.passport_series, identifiers.passport_number, identifiers.department_code]
)
@pytest.mark.parametrize("text", ["", "12345", "1234567", "45a0", "12345²"])
def test_wrong_passport_numbers(rule, text: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RuleBroken):
        rule(text)


@pytest.mark.parametrize("number", ["1234567890123452", "7700000000000008", "7789030000000009", "7700 0000 0000 0008"])
def test_a_good_policy_has_no_warning(number: str) -> None:
    assert identifiers.oms_policy_warning(identifiers.oms_policy(number)) is None


@pytest.mark.parametrize(
    "number", ["1234567890123453", "7700000000000009", "123456789", "ВС 123456789", "77-07 № 123456"]
)
def test_a_doubtful_policy_is_accepted_with_a_warning(number: str) -> None:
    assert identifiers.oms_policy_warning(identifiers.oms_policy(number))


@pytest.mark.parametrize("text", ["", "нет", "1" * 41, "12\x00"])
def test_nonsense_is_no_policy(text: str) -> None:
    with pytest.raises(RuleBroken):
        identifiers.oms_policy(text)


def test_email_keeps_the_name_and_lowers_the_domain() -> None:
    assert identifiers.email(" Anna.O@Example.ORG ") == "Anna.O@example.org"
    assert identifiers.email("почта@пример.рф") == "почта@пример.рф"


@pytest.mark.parametrize(
    "text", ["a", "a@b", "@b.ru", "a@-b.ru", "a..b@c.ru", "a b@c.ru", "a@b..ru", "x" * 65 + "@b.ru"]
)
def test_wrong_emails(text: str) -> None:
    with pytest.raises(RuleBroken):
        identifiers.email(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Салтыкова – Щедрина ", "Салтыкова-Щедрина"),
        ("Ёлкина", "Ёлкина"),
        ("О’Коннор", "О'Коннор"),
        ("Мамед  оглы", "Мамед оглы"),
        ("Müller", "Müller"),
        ("Андреи\u0306", "Андрей"),
    ],
)
def test_names_are_kept_and_composed(text: str, kept: str) -> None:
    assert identifiers.name(text) == kept


@pytest.mark.parametrize(
    "text", ["", " ", "-", "Иванова2", "Ив\u202eанова", "Ив\x1bанова", "А" * 101, "Иванова-", LOOKALIKE_SURNAME, "山田"]
)
def test_wrong_names(text: str) -> None:
    with pytest.raises(RuleBroken):
        identifiers.name(text)


def test_birth_dates() -> None:
    assert identifiers.birth_date("1985-03-02", TODAY) == "1985-03-02"
    assert identifiers.birth_date("02.03.1985", TODAY) == "1985-03-02"
    assert identifiers.birth_date("2026-11-23", TODAY) == "2026-11-23"


@pytest.mark.parametrize("text", ["2026-11-24", "1899-12-31", "1985-02-30", "2.3.1985", "1985-W01-1", "", "19850302"])
def test_wrong_birth_dates(text: str) -> None:
    with pytest.raises(RuleBroken):
        identifiers.birth_date(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "same",
        "Same as registration.",
        "as registered",
        "как адрес регистрации",
        "Тот же, что и адрес регистрации",
        "по прописке",
    ],
)
def test_words_that_stand_for_the_other_address(text: str) -> None:
    assert identifiers.residence_address(text, "г. Москва, ул. Примерная, д. 1") == "г. Москва, ул. Примерная, д. 1"
    with pytest.raises(RuleBroken, match="registration address"):
        identifiers.residence_address(text, None)


@pytest.mark.parametrize(
    "text", ["г. Москва, ул. Та же, д. 1", "г. Регистрационный, ул. Как, д. 7", "Same Street 5, London"]
)
def test_an_address_is_no_such_word(text: str) -> None:
    assert identifiers.residence_address(text, "elsewhere 1") == text


@pytest.mark.parametrize("text", ["female", "Ж", "ж", " Женский "])
def test_sex_in_both_languages(text: str) -> None:
    assert identifiers.sex(text) == "female"
    assert identifiers.sex("М") == "male"


def test_wrong_sex_and_addresses() -> None:
    for rule, text in ((identifiers.sex, "x"), (identifiers.address, "12345"), (identifiers.address, "а" * 301)):
        with pytest.raises(RuleBroken):
            rule(text)


def test_an_address_becomes_one_line() -> None:
    assert identifiers.address(" Москва,\n  ул. Примерная,  д. 1 ") == "Москва, ул. Примерная, д. 1"


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("8 912 345-67-89", ("phone", "+79123456789")),
        ("79123456789", ("phone", "+79123456789")),
        ("112-233-445 95", ("snils", "112-233-445 95")),
        ("11223344595", ("snils", "112-233-445 95")),
        ("891-234-567 89", None),
        ("112-233-445 96", None),
        ("+77012345678", None),
        ("anna", None),
    ],
)
def test_a_login_is_recognised(text: str, login: tuple[str, str] | None) -> None:
    if login:
        assert identifiers.login_of(text) == login
        return
    with pytest.raises(RuleBroken):
        identifiers.login_of(text)


RULES = [
    identifiers.snils,
    identifiers.phone,
    identifiers.passport_series,
    identifiers.passport_number,
    identifiers.department_code,
    identifiers.oms_policy,
    identifiers.email,
    identifiers.name,
    identifiers.sex,
    identifiers.address,
    lambda text: identifiers.birth_date(text, TODAY),
]


@pytest.mark.parametrize("rule", RULES)
@given(text=st.text(max_size=40) | st.text(alphabet="0123456789+- .", max_size=20))
def test_any_text_is_canonical_after_one_pass_or_refused(rule, text: str) -> None:  # type: ignore[no-untyped-def]
    try:
        canonical = rule(text)
    except RuleBroken:
        return
    assert rule(canonical) == canonical


@given(number=st.from_regex(r"\A[0-9]{9}\Z"), control=st.from_regex(r"\A[0-9]{2}\Z"))
def test_a_refused_snils_is_never_in_the_message(number: str, control: str) -> None:
    rule = ""
    try:
        identifiers.snils(number + control)
    except RuleBroken as broken:
        rule = broken.rule
    assert number not in rule
    assert not rule or int(number) > identifiers.UNCHECKED_SNILS_UP_TO


@given(number=st.integers(1_001_999, 999_999_999))
def test_exactly_one_control_number_fits(number: int) -> None:
    def fits(control: int) -> bool:
        try:
            identifiers.snils(f"{number:09}{control:02}")
        except RuleBroken:
            return False
        return True

    assert sum(fits(control) for control in range(100)) == 1
