"""Until when a certificate, a referral or a recipe is good: a day, a term from a day on, or words, in a coded field or in a row
of a table of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from emkcli.importers.cda.document_body import Scene
from emkcli.importers.cda.grid import rows
from emkcli.importers.cda.times import Moment, iso, moment, time_in, time_of
from emkcli.importers.cda.tree import Code, Element, H, child, children, get
from emkcli.importers.cda.validity_words import is_endless, last_day
from emkcli.importers.cda.values import entry_value
from emkcli.locale import _

FIELDS = frozenset({"10001", "6004", "6005"})
"""Срок действия документа, срок действия рецепта, дата окончания действия рецепта (НСИ 1.2.643.5.1.13.13.99.2.166)."""
_NAME = re.compile(r"(срок|окончани\w*|истечени\w*) (срока )?действия|действител\w* до|годен до", re.IGNORECASE)
_ROW = re.compile(
    r"(?:(?:дата )?(?:окончания )?срока? действия|дата окончания действия|действител\w* до)"
    r"(?: (?:справки|документа|рецепта|направления|заключения|сертификата|медицинск\w+ \w+))?\s*:?",
    re.IGNORECASE,
)
"""How a row is headed that says it of the document itself, not of a policy or a passport."""
_STEM = "действ"
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T.*)?)?)?")


def expires_on(scene: Scene) -> str | None:
    """The last day of the document; where none can be computed, what is stated as it was sent; None where nothing is."""
    ends = list(_ends(scene))
    days = (end.iso for end in ends if end.iso and _DATE.fullmatch(end.iso))
    return next(days, None) or next((end.written for end in ends if end.written), None)


def not_understood(scene: Scene) -> str | None:
    """In words, when a last day is stated and emk cannot tell which it is."""
    stated = expires_on(scene)
    if stated is None or _DATE.fullmatch(stated) or is_endless(stated):
        return None
    return _("until when it is good is not understood: {stated}").format(stated=stated)


def _ends(scene: Scene) -> Iterator[Moment]:
    """Of its coded fields, before those of its text."""
    yield from (_end(element, scene) for element, code in scene.coded_fields if _is_validity(code))
    for stated in _printed(scene):
        yield _in_words(stated, scene.header.date)


def _printed(scene: Scene) -> Iterator[str]:
    """What the rows of two cells say that are headed so."""
    for part in scene.sections():
        tables = (table for text in children(part.element, "text") for table in text.iter(f"{H}table"))
        for table in filter(_may_say_it, tables):
            yield from (row.said[1] for row in rows(table) if len(row.said) == 2 and _ROW.fullmatch(row.said[0]))


def _may_say_it(table: Element) -> bool:
    """Its cells are told apart only where the word stands somewhere in it."""
    return _STEM in "".join(map(str, table.itertext())).casefold()


def _is_validity(code: Code) -> bool:
    return code.code in FIELDS or bool(_NAME.search(code.name or ""))


def _end(element: Element, scene: Scene) -> Moment:
    """The end of a span, else the value: a day, or a term from the beginning of the span or the day of the document on."""
    spans = (*children(element, "value"), *children(element, "effectiveTime"))
    ends = (get(child(span, "high"), "value") for span in spans)
    if end := next(filter(None, ends), None):
        return Moment(iso(end))
    own, told, issued = time_in(child(element, "value")), time_of(element), scene.header.date
    stated = entry_value(element)
    if own.iso or not stated or _is_after(told, issued):
        return own if own.iso else told
    return _in_words(stated, told.iso or issued)


def _is_after(told: Moment, issued: str | None) -> bool:
    """Whether the time of the field is the last day sooner than the one that the term begins with."""
    return bool(told.iso) and (told.iso or "")[:10] > (issued or "")[:10]


def _in_words(stated: str, begin: str | None) -> Moment:
    if day := last_day(stated, begin):
        return Moment(day)
    read = moment(stated)
    return read if read.iso else Moment(None, stated if any(map(str.isalnum, stated)) else None)
