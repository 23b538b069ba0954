"""How a medicine is taken, said in words: right Russian, no number lost, unknown codes as they were sent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli.clinical.dosage_words import how_to_take, instructions
from emkcli.clinical.timing_words import timing_words
from emkcli.fhir import decode, dosage, timing
from tests.invented import encoded

DAILY = {"period": 1, "periodUnit": "d"}
RHYTHMS: list[tuple[dict[str, Any], str, str]] = [
    ({"frequency": 1, **DAILY}, "1 раз в день", "once a day"),
    ({"frequency": 2, **DAILY}, "2 раза в день", "2 times a day"),
    ({"frequency": 5, **DAILY}, "5 раз в день", "5 times a day"),
    ({"frequency": 21, **DAILY}, "21 раз в день", "21 times a day"),
    ({"frequency": 1, "frequencyMax": 3, **DAILY}, "1–3 раза в день", "1–3 times a day"),
    ({"period": 8, "periodUnit": "h"}, "1 раз в 8 часов", "once every 8 hours"),
    ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, "1 раз в 4–6 часов", "once every 4–6 hours"),
    ({"frequency": 1, "period": 1.5, "periodUnit": "h"}, "1 раз в 1,5 часа", "once every 1.5 hours"),
    ({"frequency": 3, "period": 2, "periodUnit": "wk"}, "3 раза в 2 недели", "3 times every 2 weeks"),
    ({"frequency": 1, "period": 1, "periodUnit": "mo"}, "1 раз в месяц", "once a month"),
    ({"frequency": 2, "period": 1, "periodUnit": "луна"}, "2 раза в 1 луна", "2 times every 1 луна"),
    ({"frequency": 4}, "4 раза", "4 times"),
    (
        {"frequency": 2, **DAILY, "when": ["MORN", "EVE"]},
        "2 раза в день (утром и вечером)",
        "2 times a day (in the morning and in the evening)",
    ),
    ({"when": ["AC"], "offset": 30}, "до еды (за 30 минут)", "before meals (30 minutes before)"),
    ({"when": ["PC"], "offset": 1}, "после еды (через 1 минуту)", "after meals (1 minute after)"),
    ({"when": ["HS"]}, "перед сном", "before sleep"),
    ({"when": ["TEATIME"]}, "TEATIME", "TEATIME"),
    (
        {"dayOfWeek": ["mon", "wed", "fri"], "timeOfDay": ["08:00:00", "20:30:00"]},
        "по понедельникам, средам и пятницам, в 08:00 и 20:30",
        "on Mondays, Wednesdays and Fridays, at 08:00 and 20:30",
    ),
    (
        {"duration": 30, "durationUnit": "min", "count": 10, "countMax": 12},
        "длится 30 минут, всего 10–12 раз",
        "lasts 30 minutes, 10–12 times in all",
    ),
    ({"boundsDuration": {"value": 7, "unit": "дней", "code": "d"}}, "на 7 дней", "for 7 days"),
    ({"boundsDuration": {"value": 1, "code": "wk"}}, "на 1 неделю", "for 1 week"),
    ({"boundsDuration": {"value": 3, "unit": "луны"}}, "на 3 луны", "for 3 луны"),
    (
        {"boundsRange": {"low": {"value": 5, "code": "d"}, "high": {"value": 7, "code": "d"}}},
        "на 5–7 дней",
        "for 5–7 days",
    ),
    (
        {"boundsRange": {"low": {"value": 5, "code": "d"}, "high": {"value": 2, "code": "wk"}}},
        "не меньше чем на 5 дней, не больше чем на 2 недели",
        "for at least 5 days, for at most 2 weeks",
    ),
    (
        {"boundsPeriod": {"start": "2026-01-31", "end": "2026-02"}},
        "с 31.01.2026, до 02.2026",
        "from 2026-01-31, until 2026-02",
    ),
]


@pytest.mark.parametrize(
    ("repeat", "russian", "english"), RHYTHMS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_when_it_is_taken(repeat: dict[str, Any], russian: str, english: str) -> None:
    schedule = timing.schedule(decode(encoded({"repeat": repeat})))
    assert (timing_words(schedule, "ru"), timing_words(schedule, "en")) == (russian, english)


@pytest.mark.parametrize(
    ("code", "russian"),
    [
        ({"coding": [{"code": "BID"}]}, "2 раза в день"),
        ({"coding": [{"code": "TID"}], "text": "TID"}, "3 раза в день"),
        ({"coding": [{"code": "QOD"}]}, "1 раз в 2 дня"),
        ({"coding": [{"code": "Q4H"}]}, "1 раз в 4 часа"),
        ({"coding": [{"code": "WK"}]}, "1 раз в неделю"),
        ({"coding": [{"code": "BED"}]}, "перед сном"),
        ({"coding": [{"code": "BID"}], "text": "дважды"}, "2 раза в день, дважды"),
        ({"coding": [{"code": "B2W", "display": "раз в луну"}]}, "раз в луну"),
        ({"coding": [{"code": "B2W"}]}, "B2W"),
        ({"text": "по схеме"}, "по схеме"),
    ],
)
def test_rhythms_that_have_a_code(code: dict[str, Any], russian: str) -> None:
    assert timing_words(timing.schedule({"code": code}), "ru") == russian


def test_a_code_beside_what_it_means_is_said_once() -> None:
    both = {
        "code": {"coding": [{"code": "BID"}]},
        "repeat": {"frequency": 2, **DAILY},
        "event": ["2026-01-31", "2026-02-01T08:30:00+03:00"],
    }
    assert timing_words(timing.schedule(both), "ru") == "2 раза в день, 31.01.2026, 01.02.2026 08:30"


def in_words(*dosages: dict[str, Any], language: str = "ru") -> tuple[str | None, str | None]:
    """For programs, and for people."""
    steps = dosage.steps(decode(encoded(dosages)))
    return instructions(steps, language), how_to_take(steps, language)


def amount(value: float, unit: str | None = "таб") -> dict[str, Any]:
    return {"value": value, **({"unit": unit} if unit else {})}


@pytest.mark.parametrize(
    ("comparator", "russian", "english"),
    [
        ("<", "меньше чем на 3 месяца", "for less than 3 months"),
        ("<=", "не больше чем на 3 месяца", "for at most 3 months"),
        (">", "больше чем на 3 месяца", "for more than 3 months"),
        (">=", "не меньше чем на 3 месяца", "for at least 3 months"),
    ],
)
def test_a_length_of_which_only_a_bound_is_known(comparator: str, russian: str, english: str) -> None:
    bounds = {"value": 3, "comparator": comparator, "unit": "months", "code": "mo"}
    sent = {"timing": {"repeat": {"boundsDuration": bounds}}}
    assert [in_words(sent, language=language)[1] for language in ("ru", "en")] == [russian, english]


def test_a_counted_unit_is_a_word() -> None:
    assert in_words({"doseAndRate": [{"doseQuantity": amount(21, "{tablet}")}]})[0] == "21 tablet"
    assert in_words({"text": "21 {tablet}"})[0] == "21 {tablet}"
    assert in_words({"doseAndRate": [{"doseQuantity": amount(2, "mL{total}")}]})[0] == "2 mL total"


DAILY_DOSE = {"numerator": amount(7.5, "мг"), "denominator": {"value": 1, "unit": "d"}}


@pytest.mark.parametrize(
    ("language", "words"),
    [("ru", "2,5 мг, не больше 7,5 мг в сутки"), ("en", "2.5 мг, at most 7.5 мг a day")],
)
def test_a_fraction_has_the_mark_of_its_language(language: str, words: str) -> None:
    sent = {"doseAndRate": [{"doseQuantity": amount(2.5, "мг")}], "maxDosePerPeriod": DAILY_DOSE}
    assert in_words(sent, language=language)[1] == words


def test_a_date_is_no_fraction() -> None:
    repeat = {"boundsPeriod": {"start": "2026-01-31", "end": "2026-02"}}
    assert in_words({"timing": {"repeat": repeat}})[1] == "с 31.01.2026, до 02.2026"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"text": "внутрь", "route": {"text": "Внутрь."}}, "внутрь"),
        ({"text": "По 1 таб.", "patientInstruction": "по 1 таб"}, "по 1 таб"),
        ({"text": "0,5 таб утром", "doseAndRate": [{"doseQuantity": amount(0.5)}]}, "0,5 таб утром"),
        (
            {"text": "twice a day", "timing": {"code": {"text": "twice a day"}, "repeat": {"frequency": 2, **DAILY}}},
            "twice a day; 2 раза в день",
        ),
        ({"text": "15 мг", "doseAndRate": [{"doseQuantity": amount(5, "мг")}]}, "15 мг; 5 мг"),
        ({"text": "0,5 мг", "doseAndRate": [{"doseQuantity": amount(5, "мг")}]}, "0,5 мг; 5 мг"),
    ],
)
def test_what_the_text_says_is_not_said_again(sent: dict[str, Any], words: str) -> None:
    assert in_words(sent)[1] == words


PORTIONS: list[tuple[dict[str, Any], str]] = [
    ({"doseQuantity": amount(0.5)}, "0,5 таб"),
    ({"doseRange": {"low": amount(1), "high": amount(2)}}, "1–2 таб"),
    ({"doseRange": {"low": amount(500, "мг"), "high": amount(1, "г")}}, "500 мг–1 г"),
    ({"doseRange": {"low": amount(1)}}, "≥ 1 таб"),
    ({"doseQuantity": {"value": 5, "code": "mg"}}, "5 mg"),
    ({"doseQuantity": amount(3, None)}, "3"),
    (
        {"rateRatio": {"numerator": amount(100, "мл"), "denominator": {"value": 1, "code": "h"}}},
        "со скоростью 100 мл / 1 час",
    ),
    ({"rateQuantity": amount(5, "мл/ч")}, "со скоростью 5 мл/ч"),
]


@pytest.mark.parametrize(("portion", "russian"), PORTIONS, ids=lambda part: part if isinstance(part, str) else "")
def test_how_much(portion: dict[str, Any], russian: str) -> None:
    assert in_words({"doseAndRate": [portion]}) == (russian, russian)


def test_what_was_calculated_is_no_second_dose() -> None:
    parts = [
        {"type": {"coding": [{"code": code, "display": code.title()}]}, "doseQuantity": amount(value, "мг")}
        for code, value in (("calculated", 9), ("ordered", 10))
    ]
    assert in_words({"doseAndRate": parts})[0] == "10 мг; 9 мг (Calculated)"
    assert in_words({"doseAndRate": parts[:1]})[0] == "9 мг"


def per(value: float, code: str) -> dict[str, Any]:
    return {"numerator": amount(8), "denominator": {"value": value, "code": code}}


LIMITS: list[tuple[dict[str, Any], str, str]] = [
    ({"maxDosePerPeriod": per(1, "d")}, "не больше 8 таб в сутки", "at most 8 таб a day"),
    ({"maxDosePerPeriod": per(24, "h")}, "не больше 8 таб в сутки", "at most 8 таб a day"),
    ({"maxDosePerPeriod": per(2, "wk")}, "не больше 8 таб за 2 недели", "at most 8 таб per 2 weeks"),
    ({"maxDosePerPeriod": per(1, "луну")}, "не больше 8 таб за 1 луну", "at most 8 таб per 1 луну"),
    ({"maxDosePerAdministration": amount(2)}, "не больше 2 таб за один приём", "at most 2 таб at once"),
    ({"maxDosePerLifetime": amount(9)}, "не больше 9 таб за всю жизнь", "at most 9 таб in a lifetime"),
    ({"asNeededBoolean": True}, "при необходимости", "as needed"),
    ({"asNeededCodeableConcept": {"text": "боль"}}, "при необходимости (боль)", "as needed (боль)"),
]


@pytest.mark.parametrize(
    ("element", "russian", "english"), LIMITS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_how_much_at_most_and_what_against(element: dict[str, Any], russian: str, english: str) -> None:
    assert in_words(element) == (russian, russian)
    assert in_words(element, language="en") == (english, english)


def test_what_is_written_is_kept_and_the_structure_beside_it_is_not_lost() -> None:
    """Programs get the words that were sent; people also what only the structure says, and nothing twice."""
    step = {
        "text": "1 таблетка внутрь",
        "patientInstruction": "контроль МНО",
        "additionalInstruction": [{"text": "не пропускать"}],
        "route": {"text": "Внутрь"},
        "timing": {"repeat": {"when": ["EVE"]}},
    }
    sent = "1 таблетка внутрь; контроль МНО; не пропускать"
    assert in_words(step) == (sent, f"{sent}; вечером")


def test_steps_are_said_in_their_order() -> None:
    first = {"sequence": 1, "text": "по 1 таблетке"}
    second = {"sequence": 2, "text": "по 2 таблетки"}
    assert in_words(second, first) == ("по 1 таблетке; по 2 таблетки", "по 1 таблетке; затем по 2 таблетки")
    assert in_words(second, first, language="en")[1] == "по 1 таблетке; then по 2 таблетки"
    together = "по 1 таблетке; по 2 таблетки"
    assert in_words(first, {**second, "sequence": 1}) == (together, together)


def test_false_and_empty_say_nothing() -> None:
    assert in_words({"asNeededBoolean": False}) == (None, None)
    assert in_words({"sequence": 1}, {}, {"timing": {"repeat": {}}}) == (None, None)


NUMBERS = st.integers(2, 99999) | st.decimals(0, 99, places=2).map(float).filter(lambda number: number != 1)
UNITS = st.sampled_from(["s", "min", "h", "d", "wk", "mo", "a", "луна"])
QUANTITY = st.fixed_dictionaries({"value": NUMBERS}, optional={"unit": UNITS, "code": UNITS})
REPEAT = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("frequency", "frequencyMax", "period", "periodMax", "duration", "durationMax"), NUMBERS),
        **dict.fromkeys(("count", "countMax", "offset"), NUMBERS),
        **dict.fromkeys(("periodUnit", "durationUnit"), UNITS),
        "boundsDuration": QUANTITY,
        "boundsRange": st.fixed_dictionaries({}, optional={"low": QUANTITY, "high": QUANTITY}),
        "when": st.lists(st.sampled_from(["MORN", "AC", "X"]), max_size=3),
    },
)
RATIO = st.fixed_dictionaries({"numerator": QUANTITY, "denominator": QUANTITY})
RANGE = st.fixed_dictionaries({}, optional={"low": QUANTITY, "high": QUANTITY})
DOSAGE = st.fixed_dictionaries(
    {},
    optional={
        "timing": st.fixed_dictionaries({"repeat": REPEAT}),
        "doseAndRate": st.lists(
            st.fixed_dictionaries({"doseRange": RANGE})
            | st.fixed_dictionaries({"doseQuantity": QUANTITY, "rateRatio": RATIO}),
            max_size=2,
        ),
        "maxDosePerPeriod": RATIO,
        "maxDosePerAdministration": QUANTITY,
        "maxDosePerLifetime": QUANTITY,
        "text": st.sampled_from(["как сказано", "по 7 капель"]),
    },
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "text",
    "sequence",
    "timing",
    "route",
    "doseAndRate",
    "maxDosePerPeriod",
    "asNeededBoolean",
    "additionalInstruction",
)
PARTS = (
    "repeat",
    "code",
    "event",
    "frequency",
    "periodUnit",
    "when",
    "boundsRange",
    "low",
    "value",
    "dayOfWeek",
    "offset",
)


def numbers(value: Any) -> list[str]:
    """Every number of a structure as JSON writes it, those of a period of a day's length apart."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [number for part in inner for number in numbers(part)]
    return [] if isinstance(value, str | bool) or value is None else [json.dumps(value)]


@settings(max_examples=120)
@given(DOSAGE, st.sampled_from(["ru", "en"]))
def test_no_number_is_lost(sent: dict[str, Any], language: str) -> None:
    words = re.sub(r"(?<=\d),(?=\d)", ".", in_words(sent, language=language)[1] or "")
    written = re.findall(r"\d[\d.]*(?:e[+-]?\d+)?", words.replace("once", "1"))
    assert not set(numbers(sent)) - set(written)


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        ANY | st.dictionaries(st.sampled_from(PARTS), ANY | st.dictionaries(st.sampled_from(PARTS), ANY)),
    )
)
def test_nothing_a_source_sends_makes_it_raise(sent: dict[str, Any]) -> None:
    for step in dosage.steps([decode(encoded(sent))]):
        assert dosage.steps([dosage.to_fhir(step)])
    assert in_words(sent)[0] is None or in_words(sent, language="en")[1]
