"""Rules for the numbers, names and dates a person gives: text in, canonical text out, or the rule that was broken."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from emkcli.locale import _

UNCHECKED_SNILS_UP_TO = 1_001_998
LONGEST_NAME = 100
LONGEST_TEXT = 300
EARLIEST_BIRTH = date(1900, 1, 1)
APOSTROPHES = str.maketrans("’ʼ`´", "''''")
HYPHENS = str.maketrans("‐‑–—", "----")
SAME = re.compile(r"same|as|regist\w*|тот|такой|такое|же|совпадает|как|регистрац\w*|пропис\w*")
FILLER = re.compile(r"the|my|is|with|at|address|мой|и|что|с|по|в|там|адрес\w*")
"""No address is made of such words alone."""
SEXES = {
    "female": "female",
    "ж": "female",
    "женский": "female",
    "male": "male",
    "м": "male",
    "мужской": "male",
}


class RuleBroken(ValueError):
    """A value breaks a rule; the text says which and never contains the value."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def _digits(text: str, count: int, rule: str) -> str:
    """`count` digits, written with or without spaces, dashes, dots and «№»."""
    bare = re.sub(r"[\s\-‐‑–—.№]", "", text)
    if not re.fullmatch(rf"[0-9]{{{count}}}", bare):
        raise RuleBroken(rule)
    return bare


def _line(text: str) -> str:
    """One trimmed line in composed form; characters that are not seen on a page are refused."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if not line:
        raise RuleBroken(_("must not be empty"))
    if any(unicodedata.category(character).startswith("C") for character in line):
        raise RuleBroken(_("must not contain control or invisible characters"))
    return line


def snils(text: str) -> str:
    """`NNN-NNN-NNN CC`; the control number is defined only above 001-001-998 (Federal Law 27-FZ, ESIA rules)."""
    bare = _digits(text, 11, _("11 digits are expected, for example 112-233-445 95"))
    number, control = bare[:9], int(bare[9:])
    if int(number) > UNCHECKED_SNILS_UP_TO and control != _snils_control(number):
        raise RuleBroken(_("the control number (the last two digits) does not fit the others; check for a typo"))
    return f"{bare[:3]}-{bare[3:6]}-{bare[6:9]} {bare[9:]}"


def _snils_control(number: str) -> int:
    total = sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=True))
    return total % 101 % 100


def phone(text: str) -> str:
    """A Russian mobile number as `+7XXXXXXXXXX`; other countries of the +7 zone are refused."""
    rule = _("a Russian mobile number is expected, for example +7 9XX XXX-XX-XX")
    if not re.fullmatch(r"\+?[0-9\s().\-‐‑–—]+", text.strip()):
        raise RuleBroken(rule)
    bare = re.sub(r"[^0-9]", "", text)
    abroad = r"7" if text.strip().startswith("+") else r"[78]?"
    if not (match := re.fullmatch(rf"{abroad}(9[0-9]{{9}})", bare)):
        raise RuleBroken(rule)
    return f"+7{match[1]}"


def passport_series(text: str) -> str:
    return _digits(text, 4, _("4 digits are expected"))


def passport_number(text: str) -> str:
    return _digits(text, 6, _("6 digits are expected"))


def department_code(text: str) -> str:
    bare = _digits(text, 6, _("6 digits are expected, as in NNN-NNN"))
    return f"{bare[:3]}-{bare[3:]}"


def oms_policy(text: str) -> str:
    """The policy number; old and temporary policies have other shapes, so only plain nonsense is refused."""
    line = _line(text)
    if len(line) > 40 or not re.fullmatch(r"[0-9A-Za-zА-Яа-яЁё№ ./\-]*[0-9][0-9A-Za-zА-Яа-яЁё№ ./\-]*", line):
        raise RuleBroken(_("the number of a policy is expected, usually 16 digits"))
    bare = re.sub(r"[ -]", "", line)
    return bare if bare.isdigit() else line


def oms_policy_warning(policy: str) -> str | None:
    """What looks wrong with a canonical policy number, as a text to show; the number is accepted all the same."""
    if not re.fullmatch(r"[0-9]{16}", policy):
        return _("a policy usually has 16 digits; an old or temporary one is accepted as it is")
    if not _luhn(policy):
        return _("the check digit of the policy does not fit the others; check for a typo")
    return None


def _luhn(number: str) -> bool:
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def email(text: str) -> str:
    """An address with the domain in lower case; the part before `@` is kept as written."""
    rule = _("an e-mail address is expected, for example name@example.org")
    line = _line(text)
    local, at, domain = line.rpartition("@")
    if not at or len(line) > 254 or not re.fullmatch(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", local):
        raise RuleBroken(rule)
    labels = domain.lower().split(".")
    if (
        len(local) > 64
        or len(labels) < 2
        or not all(re.fullmatch(r"(?!-)[\w-]{1,63}(?<!-)", label) for label in labels)
    ):
        raise RuleBroken(rule)
    return f"{local}@{'.'.join(labels)}"


def name(text: str) -> str:
    """A part of a person's name, ё and hyphens kept."""
    line = re.sub(r" ?- ?", "-", _line(text).translate(APOSTROPHES).translate(HYPHENS))
    if len(line) > LONGEST_NAME:
        raise RuleBroken(_("at most {limit} characters are allowed").format(limit=LONGEST_NAME))
    words = re.split(r"[ '-]+", line.strip("'"))
    if not all(words) or not all(_letters(word) for word in words):
        raise RuleBroken(_("only letters (Russian or Latin), hyphens, apostrophes and spaces are allowed"))
    # A Latin «c» inside a Russian surname looks right and names nobody.
    if any(_is_latin(word) and _is_cyrillic(word) for word in words):
        raise RuleBroken(_("Russian and Latin letters are mixed in one word"))
    return line


def _is_latin(word: str) -> bool:
    return bool(re.search(r"[A-Za-zÀ-ÖØ-öø-ɏ]", word))


def _is_cyrillic(word: str) -> bool:
    return bool(re.search(r"[\u0400-\u0481\u048a-\u052f]", word))


def _letters(word: str) -> bool:
    return all(_is_latin(letter) or _is_cyrillic(letter) for letter in word)


def past_date(text: str, today: date) -> str:
    """An ISO date, also from `dd.mm.yyyy`, not in the future of `today`."""
    line = text.strip()
    if match := re.fullmatch(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", line):
        line = f"{match[3]}-{match[2]}-{match[1]}"
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", line):
        raise RuleBroken(_("a date is expected as YYYY-MM-DD or DD.MM.YYYY"))
    try:
        day = date.fromisoformat(line)
    except ValueError:
        raise RuleBroken(_("there is no such day in the calendar")) from None
    if day > today:
        raise RuleBroken(_("must not be in the future"))
    if day < EARLIEST_BIRTH:
        raise RuleBroken(_("must not be before {year}").format(year=EARLIEST_BIRTH.year))
    return line


def birth_date(text: str, today: date) -> str:
    return past_date(text, today)


def issue_date(text: str, today: date, birth: str | None) -> str:
    """Of a passport, which nobody is given before they are born; `birth` in ISO where it is known."""
    line = past_date(text, today)
    if line < (birth or ""):
        raise RuleBroken(_("must not be before birth_date"))
    return line


def sex(text: str) -> str:
    try:
        return SEXES[text.strip().lower()]
    except KeyError:
        raise RuleBroken(_("female or male is expected")) from None


def address(text: str) -> str:
    line = printed(text)
    if len(line) < 5 or not any(character.isalpha() for character in line):
        raise RuleBroken(_("an address is expected: city, street, house"))
    return line


def residence_address(text: str, registration: str | None) -> str:
    """An address, or words that say it is the one of registration, such as `same` or «как адрес регистрации»."""
    words = re.findall(r"\w+", text.lower())
    others = [word for word in words if not SAME.fullmatch(word)]
    if others == words or not all(map(FILLER.fullmatch, others)):
        return address(text)
    if not registration:
        raise RuleBroken(_("there is no registration address here to be the same as; write it out"))
    return registration


def printed(text: str) -> str:
    """Free text as it stands in a document, on one line."""
    line = _line(text)
    if len(line) > LONGEST_TEXT:
        raise RuleBroken(_("at most {limit} characters are allowed").format(limit=LONGEST_TEXT))
    return line


def login_of(text: str) -> tuple[str, str]:
    """`("phone", …)` or `("snils", …)`: which of the two a person typed, in canonical form."""
    line = text.strip()
    if re.fullmatch(r"[0-9]{3}-[0-9]{3}-[0-9]{3}[ -]?[0-9]{2}", line):
        return "snils", snils(line)
    try:
        return "phone", phone(line)
    except RuleBroken:
        if len(re.sub(r"[^0-9]", "", line)) != 11 or line.startswith("+"):
            raise RuleBroken(_("a mobile number (+7 9XX XXX-XX-XX) or a СНИЛС (11 digits) is expected")) from None
    return "snils", snils(line)
