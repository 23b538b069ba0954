"""The person a file or a prompt describes: its fields, their rules, and the checked result."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.locale import N_, _, catalogue
from emkcli.registration import identifiers
from emkcli.registration.identifiers import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    Rule = Callable[[str, date, Mapping[str, str]], str]


def _alone(rule: Callable[[str], str]) -> Rule:
    return lambda text, today, others: rule(text)


def _dated(rule: Callable[[str, date], str]) -> Rule:
    return lambda text, today, others: rule(text, today)


def _issued_on(text: str, today: date, others: Mapping[str, str]) -> str:
    return identifiers.issue_date(text, today, others.get("birth_date"))


def _residence(text: str, today: date, others: Mapping[str, str]) -> str:
    return identifiers.residence_address(text, others.get("registration_address"))


@dataclass(frozen=True, slots=True)
class Field:
    """One name of the person file: how to ask for it, an invented example and its rule."""

    name: str
    label: str
    example: str
    rule: Rule = dataclasses.field(repr=False)
    required: bool = True

    def check(self, text: str, today: date, others: Mapping[str, str]) -> str:
        """The canonical text; `RuleBroken` when the rule does not hold. A blank optional field stays blank.

        :param others: the canonical texts of the fields before it, as far as they are known.
        """
        return self.rule(text, today, others) if self.required or text.strip() else ""


FIELDS = (
    Field("last_name", N_("Last name"), "Образцова-Ёлкина", _alone(identifiers.name)),
    Field("first_name", N_("First name"), "Анна", _alone(identifiers.name)),
    Field("middle_name", N_("Patronymic, if any"), "Сергеевна", _alone(identifiers.name), required=False),
    Field("birth_date", N_("Date of birth (YYYY-MM-DD or DD.MM.YYYY)"), "1985-03-02", _dated(identifiers.birth_date)),
    Field("sex", N_("Sex (female or male)"), "female", _alone(identifiers.sex)),
    Field("snils", N_("СНИЛС (11 digits)"), "000-000-600 06", _alone(identifiers.snils)),
    Field("phone", N_("Mobile phone"), "+7 900 000-00-01", _alone(identifiers.phone)),
    Field("email", N_("E-mail"), "anna@example.org", _alone(identifiers.email)),
    Field("oms_policy", N_("OMS policy, if at hand"), "7700000000000008", _alone(identifiers.oms_policy), False),
    Field(
        "registration_address",
        N_("Registration address, as in the passport"),
        "г. Москва, ул. Примерная, д. 1, кв. 2",
        _alone(identifiers.address),
    ),
    Field(
        "residence_address",
        N_("Residence address: where the person lives (or: same as registration)"),
        "г. Москва, ул. Образцовая, д. 3, кв. 4",
        _residence,
    ),
    Field("passport.series", N_("Passport series (4 digits)"), "00 00", _alone(identifiers.passport_series)),
    Field("passport.number", N_("Passport number (6 digits)"), "000001", _alone(identifiers.passport_number)),
    Field("passport.issued_by", N_("Passport issued by"), "Вымышленный отдел № 1", _alone(identifiers.printed)),
    Field("passport.issued_on", N_("Passport issued on (YYYY-MM-DD or DD.MM.YYYY)"), "2010-04-05", _issued_on),
    Field("passport.department_code", N_("Department code (NNN-NNN)"), "000-001", _alone(identifiers.department_code)),
)
BY_NAME = {field.name: field for field in FIELDS}
CONTACTS = ("phone", "email", "registration_address", "residence_address")


class _Veiled:
    """Prints its own name and nothing of what it holds: the value may end in a traceback or a log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Passport(_Veiled):
    series: str
    number: str
    issued_by: str
    issued_on: str
    department_code: str

    def as_dict(self) -> dict[str, str]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True, repr=False)
class Person(_Veiled):
    """A checked person: every text canonical, dates in ISO, `None` where an optional field was not given."""

    last_name: str
    first_name: str
    middle_name: str | None
    birth_date: str
    sex: str
    snils: str
    phone: str
    email: str
    oms_policy: str | None
    registration_address: str
    residence_address: str
    passport: Passport

    def as_dict(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"passport": self.passport.as_dict()}


@dataclass(frozen=True, slots=True)
class Problem:
    """One field and the rule it breaks; the value itself is never kept."""

    field: str
    rule: str
    line: int | None = None

    def __str__(self) -> str:
        if self.line is None:
            return _("{field}: {rule}").format(field=self.field, rule=self.rule)
        return _("{field} (line {line}): {rule}").format(field=self.field, line=self.line, rule=self.rule)

    def as_dict(self) -> dict[str, Any]:
        return {"field": self.field, "rule": self.rule, "line": self.line}


@dataclass(frozen=True, slots=True, repr=False)
class RawPerson(_Veiled):
    """What was written, field by field and unchecked; a blank text counts as not given."""

    texts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    lines: Mapping[str, int] = dataclasses.field(default_factory=dict)
    source: str = ""

    def answered(self, name: str, text: str) -> RawPerson:
        """The same person with one more answer, which has no line in any file."""
        lines = {other: line for other, line in self.lines.items() if other != name}
        return replace(self, texts={**self.texts, name: text}, lines=lines)

    def given(self, name: str) -> bool:
        return bool(self.texts.get(name, "").strip())


def missing(raw: RawPerson) -> list[Field]:
    """The required fields still to be asked for, in the order to ask."""
    return [field for field in FIELDS if field.required and not raw.given(field.name)]


def check(raw: RawPerson, names: Iterable[str], today: date) -> tuple[dict[str, str], list[Problem]]:
    """Canonical texts of the named fields that were given, and the problems of the others."""
    canonical: dict[str, str] = {}
    problems = []
    for name in names:
        if not raw.given(name):
            continue
        try:
            canonical[name] = BY_NAME[name].check(raw.texts[name], today, canonical)
        except RuleBroken as broken:
            problems.append(Problem(name, broken.rule, raw.lines.get(name)))
    return canonical, problems


def validate(raw: RawPerson, today: date) -> tuple[Person, list[str]]:
    """The checked person and warnings to show; `InvalidInput` names every broken field at once."""
    texts, problems = check(raw, BY_NAME, today)
    problems += [Problem(field.name, _("is required")) for field in missing(raw)]
    if problems:
        raise refusal(problems, raw.source)
    return _person(texts), _warnings(texts)


def _person(texts: Mapping[str, str]) -> Person:
    passport = Passport(**{field.name: texts[f"passport.{field.name}"] for field in fields(Passport)})
    plain = {field.name: texts.get(field.name) for field in FIELDS if "." not in field.name}
    return Person(**plain, passport=passport)  # type: ignore[arg-type]  # required ones were checked


def _warnings(texts: Mapping[str, str]) -> list[str]:
    warning = identifiers.oms_policy_warning(texts["oms_policy"]) if "oms_policy" in texts else None
    return [str(Problem("oms_policy", warning))] if warning else []


def refusal(problems: Iterable[Problem], source: str) -> errors.InvalidInput:
    """One error for all problems of a person, a line for each, in the order of the file or of the fields."""
    order = list(BY_NAME)
    listed = sorted(problems, key=lambda problem: order.index(problem.field) if problem.field in order else -1)
    title = _("{file}: the person's data need correction").format(file=source) if source else ""
    text = "\n".join([*([title] if title else []), *map(str, listed)])
    return errors.InvalidInput(text, details={"fields": [problem.as_dict() for problem in listed]})


def template(language: str) -> str:
    """A commented person file in TOML about somebody invented; it passes every check as it stands."""
    speak = catalogue(language).gettext
    lines = [
        f"# {speak(N_('The person file of emk: replace the invented data with your own.'))}",
        f"# {speak(N_('Numbers of documents stay in quotes; lines of optional fields may be removed.'))}",
    ]
    for field in FIELDS:
        if field.name == "passport.series":
            lines += ["", "[passport]"]
        optional = "" if field.required else speak(N_(" (optional)"))
        lines += [
            "",
            f"# {speak(field.label)}{optional}",
            f'{field.name.removeprefix("passport.")} = "{field.example}"',
        ]
    return "\n".join(lines) + "\n"
