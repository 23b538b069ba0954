"""What each request of JSON may say. Pydantic reads what comes from outside; its words stay here, `fields` has ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from emkcli.mock import accounts, card, control, faults, seeding

LONGEST = 1000


def _rule(holds: Callable[[Any], object]) -> AfterValidator:
    """A value that does not keep a rule is refused; what was wrong with it is told by the field's name alone."""

    def checked(value: Any) -> Any:
        if not holds(value):
            raise ValueError
        return value

    return AfterValidator(checked)


def _is_date(text: str) -> bool:
    return len(text) == 10 and bool(date.fromisoformat(text))


Text = Annotated[str, Field(max_length=LONGEST), _rule(str.strip)]
Maybe = Annotated[str, Field(max_length=LONGEST)] | None
Date = Annotated[str, _rule(_is_date)]
Phone = Annotated[str, Field(pattern=r"^\+79\d{9}$")]
Snils = Annotated[str, Field(pattern=r"^\d{3}-\d{3}-\d{3} \d{2}$")]
Email = Annotated[
    str,
    Field(
        pattern=r"^[^@\s\x00-\x1f\x7f-\x9f\ufeff]+@[^@\s\x00-\x1f\x7f-\x9f\ufeff]+\.[^@\s\x00-\x1f\x7f-\x9f\ufeff]+$"
    ),
]
_ADDRESS = r"^https?://([A-Za-z0-9.-]+|\[::1\])(:[0-9]{1,5})?(/[!-~]*)?$"
Whole = Annotated[int, Field(ge=0, le=10**9)]
Records = Annotated[int, Field(ge=0, le=card.MOST_RECORDS)]
Number = Annotated[float, Field(ge=0, le=10**9)]


class Body(BaseModel):
    """An object of JSON: unknown names are refused, and nothing is made of a value that it is not."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Person(Body):
    last_name: Text
    first_name: Text
    middle_name: Maybe = None
    birth_date: Date
    sex: Literal["female", "male"]
    snils: Annotated[Snils, _rule(accounts.snils_is_sound)]
    phone: Phone
    email: Email
    oms_policy: Maybe = None
    registration_address: Text
    residence_address: Text
    passport: dict[str, Any]


class Passport(Body):
    series: Text
    number: Text
    issued_by: Text
    issued_on: Date
    department_code: Text


class Login(Body):
    method: Literal["sms", "signature"]
    login: Phone | Snils


class Code(Body):
    challenge_id: Text
    code: Text


class Acceptance(Body):
    version: Text
    sha256: Text
    method: Literal["terminal", "option"]


class Attachment(Body):
    clinic_id: Text = ""
    doctor_id: Text = ""


class Contacts(Body):
    phone: Phone = ""
    email: Email = ""
    registration_address: Text = ""
    residence_address: Text = ""


class Move(Body):
    residence_address: Text
    clinic_id: Maybe = None


class Request(Body):
    kind: Literal["prescription"]
    medicine: Maybe = None
    repeat: Maybe = None
    comment: Maybe = None


class RecordRef(BaseModel):
    """Whatever else is said of a record is of no use."""

    model_config = ConfigDict(strict=True, defer_build=True)
    id: str
    kind: str


class Transfer(Body):
    to: Text
    records: Annotated[list[RecordRef], Field(min_length=1)]
    expires_at: Maybe = None


class Client(Body):
    """An information system, as its organisation registers it with a provider."""

    redirect_uris: Annotated[list[Annotated[str, Field(pattern=_ADDRESS)]], Field(min_length=1)]
    certificate: str | None = None
    certificate_hash: Annotated[str, Field(pattern="^[0-9A-Fa-f]{64}$")] | None = None


class Reset(Body):
    seed: Whole = 0
    records: Records = 0


class Seed(Body):
    state: Annotated[str, _rule(seeding.STATES.__contains__)] = ""
    person: dict[str, Any] = {}
    another: bool = False
    records: Records = 0


class Clock(Body):
    advance: Number = 0
    set: Text = ""
    speed: Number = 0
    next: Annotated[bool, _rule(bool)] = True


class Scenario(Body):
    name: Annotated[str, _rule(control.SCENARIOS.__contains__)]


class Fault(Body):
    kind: Annotated[str, _rule(faults.KINDS.__contains__)]
    method: Maybe = None
    path: Maybe = None
    times: Whole = 0
    after: Whole = 0
    seconds: Number = 0
    rate: Annotated[float, Field(gt=0, le=1)] = 1


class Block(Body):
    phone: Phone
    blocked: bool
