"""What a file is known to hold, read by hand, against the records that came of it: which fields are right, wrong or lacking.

A row of the truth is held against the record that has most of it. A value is right where the record says the same: the same
text with other blanks, the same number with other digits, the same moment with other marks, or the text inside a longer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
ROWS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "observations": (
        ("labs", "vitals", "other"),
        *(
            (
                "name.text",
                "name.code",
                "name",
                "status",
                "value",
                "flag",
                "ranges",
                "time",
                "date",
                "notes",
                "member_of",
            ),
        ),
    ),
    "conditions": (("diagnoses",), ("name", "code", "clinical", "verification", "onset")),
    "medications": (("prescriptions",), ("name", "med.text", "when", "time.low", "route", "dose")),
    "medicines": (("prescriptions",), ("name", "dosage.text")),
    "immunizations": (
        ("vaccinations", "labs", "studies", "other"),
        ("name", "vaccine.text", "when", "date", "status", "lot", "why_not", "time"),
    ),
    "encounters": (("visits", "prevention"), ("period.start",)),
    "reports": (("studies",), ("name", "code.text", "when", "date", "conclusion")),
    "allergies": (
        ("allergies",),
        ("name", "clinical", "verification", "criticality", "reactions", "notes", "time", "agent.name"),
    ),
    "procedures": (("procedures",), ("name", "date", "status", "code", "time", "text")),
    "lab_results": (
        ("labs",),
        *(
            (
                "name",
                "code",
                "panel",
                "values.value",
                "values.unit",
                "time",
                "flag",
                "ranges.low",
                "ranges.high",
                "comments",
            ),
        ),
    ),
    "vital_signs": (("vitals",), ("name", "value", "unit", "time")),
    "diagnoses": (("diagnoses",), ("icd10", "kind", "stage")),
    "instrumental": (("studies",), ("study.name", "time.value", "time.low", "text")),
}
"""Name of a list in the truth → the lists of the card that its rows are in, and the fields that both have."""
TEXTS = ("texts", "consultations", "lab_narratives", "narrative_only_sections", "diagnoses")
"""Lists whose `text` must stand somewhere."""
_UNSAID = frozenset({"system", "code_system", "type", "unit_display", "null"})
_PRESSURE = frozenset({"8480-6", "8462-4"})
_MOMENT = re.compile(
    r"(\d{4})(?:-?(\d\d))?(?:-?(\d\d))?(?:[T ]?(\d\d):?(\d\d):?(\d\d)?)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"
)


@dataclass
class Tally:
    """`wrong` has a line for each field that the card says otherwise, `unread` one for each row that is in no record."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def compare(truth: Json, records: Mapping[str, Sequence[Json]]) -> Tally:
    """The truth of one file against the records of the card, by list."""
    tally = Tally()
    for name, (categories, fields) in ROWS.items():
        candidates = [record for category in categories for record in records.get(category, ())]
        for row in _rows(name, truth):
            known = ("name.text",) if name == "observations" and _is_empty(row) else fields
            _row(f"{name}: {_title(row)}", _leaves(row, known), candidates, tally)
    everything = _plain_words(" ".join(_texts(records)))
    for name in TEXTS:
        for row in truth.get(name) or ():
            if words := _plain_words(row.get("text") or ""):
                _note(words in everything, f"{name}: {words[:60]}", tally)
    return tally


def _plain_words(text: str) -> str:
    """Without the bars between the cells of a table."""
    return " ".join(text.replace("|", " ").split())


def _rows(name: str, truth: Json) -> Iterator[Json]:
    """The rows; of one with components each of these, and it itself where it has a value of its own. The frame of results
    is no record."""
    for row in truth.get(name) or ():
        parts = row.get("components") or ()
        is_head = name == "observations" and any(other.get("member_of") for other in truth[name]) and _is_empty(row)
        is_frame = name == "reports" and row.get("results") and not (row.get("conclusion") or row.get("forms"))
        if not parts and not is_head and not is_frame:
            yield _plain(row)
        for part in parts:
            named = {} if part["name"]["code"] in _PRESSURE else {"name": part["name"]}
            yield _plain({"time": row["time"], "status": row["status"], "value": part["value"], **named})


def _plain(row: Json) -> Json:
    """A row whose value is what a person reads of it, whose panel is its name alone, and whose date is that of the sample."""
    value = row.get("value")
    if isinstance(value, dict) and (concept := value.get("concept")):
        row = row | {"value": concept["text"] or concept["code"]}
    if isinstance(value, dict) and (quantity := value.get("quantity")):
        number = f"{quantity.get('comparator', '')}{quantity['value']}"
        row = row | {"value": [number, quantity.get("unit") or quantity.get("code")]}
    if head := row.get("member_of"):
        row = row | {"member_of": head.rpartition(": ")[0] or head}
    if "issued only" in str(row.get("date")):
        row = row | {"date": None}  # the card has the day of the sample
    return row


def _is_empty(row: Json) -> bool:
    return not (row.get("value") or row.get("notes") or row.get("flag"))


def _row(title: str, leaves: list[tuple[str, str]], candidates: Sequence[Json], tally: Tally) -> None:
    """A row of which no record has half is in none."""
    verdicts = [_verdicts(candidate, leaves) for candidate in candidates]
    best = max(verdicts, key=sum, default=[])
    if sum(best) * 2 < len(leaves) or (leaves and not any(best)):
        tally.unread.append(title)
        return
    for (path, value), is_right in zip(leaves, best, strict=True):
        _note(is_right, f"{title}: {path} is not {value!r}", tally)


def _verdicts(candidate: Json, leaves: list[tuple[str, str]]) -> list[bool]:
    """Whether each value stands in a record; a code, where records of that list have none, is nothing it could say."""
    texts = list(_texts(candidate))
    return [_says(texts, value) or (path == "name.code" and "code" not in candidate) for path, value in leaves]


def _note(is_right: bool, line: str, tally: Tally) -> None:
    tally.right += is_right
    if not is_right:
        tally.wrong.append(line)


def _title(row: Json) -> str:
    return next(_texts([row.get(name) for name in ("name", "code", "vaccine", "icd10", "study", "med", "type")]), "")[
        :60
    ]


def _leaves(row: Json, fields: Sequence[str]) -> list[tuple[str, str]]:
    """The values at the fields of a row, each with its path."""
    leaves: dict[str, tuple[str, str]] = {}
    for path in fields:
        value: Any = row
        for name in path.split("."):
            parts = value if isinstance(value, list) else [value]
            value = [part[name] for part in parts if isinstance(part, dict) and part.get(name)]
        is_whole = path in ("name", "code") and any(isinstance(part, dict) for part in value)
        if not is_whole:  # its parts are fields of their own
            leaves.update({f"{path}={text}": (path, text) for text in _texts(value)})
    return list(leaves.values())


def _texts(value: Any) -> Iterator[str]:
    """Every text and number below, but for the systems of codes."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from () if name in _UNSAID else _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and (words := str(value).strip()):
        yield words


def _says(texts: Sequence[str], expected: str) -> bool:
    words = " ".join(expected.split())
    return any(_same(" ".join(text.split()), words) for text in texts)


def _same(text: str, expected: str) -> bool:
    if text == expected or (len(expected) > 2 and expected in text):
        return True
    number = _number(expected)
    if number is not None and number in map(_number, re.split(r"[/<>=–\s]+", text)):
        return True
    moment = _moment(expected)
    return moment is not None and (_moment(text) or "").startswith(moment)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> str | None:
    match = _MOMENT.fullmatch(text)
    return "".join(part for part in match.groups() if part) if match else None
