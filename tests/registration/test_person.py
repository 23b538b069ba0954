"""Person files in three formats: what is read, what is refused, and that no refusal repeats a value."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors, locale
from emkcli.registration import person, person_file, structured_text

TODAY = date(2026, 11, 23)
SECRETS = ("11223344596", "112-233-445 96", "4510123456", "451012345", "+77012345678")
FLAT = {one.name: one.example for one in person.FIELDS}


def nested(flat: dict[str, str]) -> dict[str, object]:
    plain: dict[str, object] = {name: text for name, text in flat.items() if "." not in name}
    return plain | {"passport": {name.partition(".")[2]: text for name, text in flat.items() if "." in name}}


def read(text: str | bytes) -> person.RawPerson:
    return person_file.read("-", io.BytesIO(text if isinstance(text, bytes) else text.encode()))


def refused(text: str | bytes) -> errors.InvalidInput:
    with pytest.raises(errors.InvalidInput) as caught:
        person.validate(read(text), TODAY)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    return caught.value


def checked(text: str) -> person.Person:
    return person.validate(read(text), TODAY)[0]


def test_the_template_is_a_valid_person() -> None:
    one, warnings = person.validate(read(person.template("en")), TODAY)
    assert warnings == []
    assert one.phone == "+79000000001"
    assert one.snils == "000-000-600 06"
    assert one.passport.as_dict()["series"] == "0000"


def test_the_template_speaks_the_language_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shouting(locale.English):
        def gettext(self, message: str) -> str:
            return message.upper()

    monkeypatch.setattr(person, "catalogue", lambda language: Shouting())
    assert "# LAST NAME\nlast_name = " in person.template("ru")


def test_three_formats_give_the_same_person() -> None:
    texts = (person.template("en"), json.dumps(nested(FLAT)), yaml.safe_dump(nested(FLAT), allow_unicode=True))
    people = [checked(text).as_dict() for text in texts]
    assert people[0] == people[1] == people[2]


@pytest.mark.parametrize(("name", "text"), [("p.toml", person.template("en")), ("p.JSON", json.dumps(nested(FLAT)))])
def test_a_file_is_read_by_its_extension_with_or_without_bom(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert person_file.read(str(tmp_path / name)).texts["first_name"] == "Анна"


def test_an_unknown_extension_is_read_by_content(tmp_path: Path) -> None:
    for text in (person.template("en"), json.dumps(nested(FLAT)), yaml.safe_dump(nested(FLAT))):
        (tmp_path / "me.txt").write_text(text, encoding="utf-8")
        assert person_file.read(str(tmp_path / "me.txt")).given("passport.series")


def test_dates_of_toml_and_yaml_need_no_quotes() -> None:
    assert read("birth_date = 1985-03-02").texts["birth_date"] == "1985-03-02"
    assert read("birth_date: 1985-03-02").texts["birth_date"] == "1985-03-02"


@pytest.mark.parametrize("written", ["02.03.1985", "02.03.1985  # as in the passport", '"02.03.1985"', "1985-03-02"])
def test_a_date_as_it_is_written_in_russia(written: str) -> None:
    example = '"1985-03-02"'
    for text in (person.template("en"), yaml.safe_dump(nested(FLAT), allow_unicode=True, default_style='"')):
        separator = "=" if "birth_date = " in text else ":"
        line = f"birth_date {separator} {example}" if separator == "=" else f'"birth_date"{separator} {example}'
        assert line in text
        assert checked(text.replace(line, line.replace(example, written))).birth_date == "1985-03-02"


def test_the_residence_may_be_the_registration() -> None:
    same = checked(person.template("ru").replace(FLAT["residence_address"], "как адрес регистрации"))
    assert same.residence_address == same.registration_address == FLAT["registration_address"]
    problem = refused(json.dumps(nested(FLAT | {"registration_address": "", "residence_address": "same"})))
    assert "residence_address (line 1): there is no registration address" in problem.message
    with pytest.raises(errors.InvalidInput, match="no registration address"):
        person_file.read_changes("-", io.BytesIO(b'residence_address = "same"'), TODAY)


def test_nothing_shows_in_a_repr() -> None:
    raw = read(person.template("en"))
    one = checked(person.template("en"))
    assert {repr(raw), repr(one), repr(one.passport)} == {"RawPerson(…)", "Person(…)", "Passport(…)"}


def test_no_patronymic_and_no_policy() -> None:
    text = person.template("en").replace("Сергеевна", "").replace('oms_policy = "7700000000000008"', "")
    one = checked(text)
    assert one.middle_name is None
    assert one.oms_policy is None


def test_a_doubtful_policy_is_a_warning() -> None:
    text = person.template("en").replace("7700000000000008", "7700000000000009")
    _person, warnings = person.validate(read(text), TODAY)
    assert len(warnings) == 1
    assert warnings[0].startswith("oms_policy: ")
    assert "7700" not in warnings[0]


def test_missing_fields_are_listed_in_order_and_answers_fill_them() -> None:
    raw = read('last_name = "Ёлкина"\n[passport]\nseries = "0000"')
    names = [one.name for one in person.missing(raw)]
    assert names[:3] == ["first_name", "birth_date", "sex"]
    assert "passport.series" not in names
    assert "middle_name" not in names
    for name in names:
        raw = raw.answered(name, FLAT[name])
    assert person.missing(raw) == []
    assert person.validate(raw, TODAY)[0].last_name == "Ёлкина"


def test_blank_counts_as_missing() -> None:
    assert "first_name" in [one.name for one in person.missing(read('first_name = "  "'))]


def test_every_problem_is_told_at_once_with_its_line() -> None:
    text = person.template("en").replace("000-000-600 06", "112-233-445 96").replace("+7 900 000-00-01", "+77012345678")
    error = refused(text.replace("Анна", "4510123456"))
    fields = {one["field"]: one["line"] for one in error.details["fields"]}
    lines = text.splitlines()
    assert list(fields) == ["first_name", "snils", "phone"]
    assert lines[fields["snils"] - 1].startswith("snils")
    assert f"snils (line {fields['snils']}): " in error.message
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('last_name = "А"\nnumbr = "1"', 2),
        ('{"last_name": "А",\n\n "passport": {\n"numbr": "4510123456"}}', 4),
        ("last_name: А\npassport:\n  series: '0000'\n  numbr: '4510123456'", 4),
    ],
)
def test_an_unknown_name_suggests_the_nearest(text: str, line: int) -> None:
    error = refused(text)
    assert "passport.number" in error.message
    assert error.details["fields"][0]["line"] == line


def test_a_name_that_may_be_a_value_is_not_repeated() -> None:
    refused('"112-233-445 96" = "snils"')
    refused("112-233-445 96: snils")


@pytest.mark.parametrize("text", ["snils = 11223344596", '{"snils": 11223344596}', "snils: 11223344596"])
def test_a_number_asks_for_quotes(text: str) -> None:
    error = refused(text)
    assert "quotes" in error.message
    assert error.details["fields"][0]["field"] == "snils"
    assert error.details["fields"][0]["line"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "sex = true",
        'sex = ["f"]',
        "sex: [a]",
        "passport = 1",
        "birth_date = 1985-03-02T10:00:00",
        "sex: !!python/none x",
    ],
)
def test_other_types_are_refused(text: str) -> None:
    assert refused(text).details["fields"]


def test_types_and_values_are_complained_about_together() -> None:
    error = refused('phone = 1\nsnils = "112-233-445 96"')
    assert [one["field"] for one in error.details["fields"]] == ["snils", "phone"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('sex = "f"\nphone = = 2', 2),
        ('sex = "f"\nphone = "4510123456', 2),
        ('sex = "f"\nsex = "m"', 2),
        ('{"sex": "f",\n "phone" 4510123456}', 2),
        ('{"sex": "f",\n "sex": "m"}', 2),
        ("---\n- 4510123456", 2),
        ("sex: f\nphone: [4510123456\nemail: x", 3),
        ("sex: f\nsex: m", 2),
        ("sex: f\n- 4510123456", 2),
        ("sex: f\nphone: \x00", 2),
        ("sex: f\n? [1]\n: 2", 2),
    ],
)
def test_a_malformed_file_names_the_line(text: str, line: int) -> None:
    error = refused(text)
    assert error.details["line"] == line
    assert f"line {line}" in error.message


def test_the_passport_is_not_issued_before_birth() -> None:
    error = refused(person.template("en").replace("2010-04-05", "1980-01-01"))
    assert "passport.issued_on" in error.message


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"x" * 70_000, "64 KiB"), ("sex = 'ж'".encode("cp1251"), "UTF-8"), (b"[" * 60_000, "not valid")],
)
def test_files_that_are_no_person_files(content: bytes, said: str) -> None:
    assert said in refused(content).message


def test_missing_files_and_directories(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none.toml", "no such file"), (tmp_path, "directory")):
        with pytest.raises(errors.InvalidInput, match=said):
            person_file.read(str(path))


def test_changes_are_the_contacts_present() -> None:
    changes, others = person_file.read_changes("-", io.BytesIO(b'phone = "8 900 000 00 02"\nsex = "female"'), TODAY)
    assert changes == {"phone": "+79000000002"}
    assert others == ["sex"]
    for text in (b'sex = "female"', b'phone = "1"'):
        with pytest.raises(errors.InvalidInput):
            person_file.read_changes("-", io.BytesIO(text), TODAY)


def test_a_login_file_gives_phone_or_snils() -> None:
    assert person_file.read_login("-", io.BytesIO(person.template("en").encode())) == ("phone", "+79000000001")
    assert person_file.read_login("-", io.BytesIO(b'snils = "000-000-600 06"')) == ("snils", "000-000-600 06")
    for text in (b'sex = "female"', b'snils = "112-233-445 96"'):
        with pytest.raises(errors.InvalidInput):
            person_file.read_login("-", io.BytesIO(text))


def refusal_of(content: bytes) -> errors.InvalidInput | None:
    try:
        person.validate(read(content), TODAY)
    except errors.InvalidInput as refusal:
        return refusal
    return None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    refusal_of(content)


@pytest.mark.parametrize("form", ["TOML", "JSON", "YAML"])
@given(text=st.text(alphabet="abc:=[]{}\"'\n #-,.&*!|>%@?0\\ud", max_size=80))
def test_any_text_is_parsed_or_malformed(form: str, text: str) -> None:
    try:
        values, lines = structured_text.parse(text, form)
    except structured_text.Malformed:
        return
    assert set(lines) <= set(values)


VALUES = st.text(max_size=30) | st.integers() | st.none() | st.booleans() | st.lists(st.text(), max_size=2)


@given(st.dictionaries(st.sampled_from([*FLAT, "passport", "snlis", "Телефон"]), VALUES))
def test_any_values_are_a_person_or_refused(values: dict[str, object]) -> None:
    refusal = refusal_of(json.dumps(values).encode())
    assert refusal is None or refusal.details


@given(st.sampled_from(["snils", "passport.series", "passport.number"]), st.from_regex(r"\A[0-9]{7,30}[x!]?\Z"))
def test_a_refused_number_is_never_repeated(name: str, number: str) -> None:
    refusal = refusal_of(json.dumps(nested(FLAT | {name: number})).encode())
    assert refusal is None or number not in json.dumps(refusal.as_dict())


def test_thousands_of_names_are_refused_quickly() -> None:
    assert refused("".join(f'a{number} = "1"\n' for number in range(4000))).details["fields"][0]["line"] == 1


@pytest.mark.parametrize(
    "text", [".".join("a" * 30_000) + " = 1", "[" + ".".join("a" * 30_000) + "]", "a = {b" + ".b" * 30_000]
)
def test_a_name_of_thousands_of_parts_is_not_taken_apart(text: str) -> None:
    """tomllib would keep every beginning of it: 4 GB."""
    assert refused("# a person\n" + text).message.endswith("the text does not follow the format (line 2, column 1)")
