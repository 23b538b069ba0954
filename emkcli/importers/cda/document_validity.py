"""Until when a certificate, a referral or a recipe is good: a date that a coded field states."""

from __future__ import annotations

import re

from emkcli.importers.cda.document_body import Scene
from emkcli.importers.cda.times import Moment, iso, time_in, time_of
from emkcli.importers.cda.tree import Element, child, children, code_of, get

FIELDS = frozenset({"10001", "6004", "6005"})
"""Срок действия документа, срок действия рецепта, дата окончания действия рецепта (НСИ 1.2.643.5.1.13.13.99.2.166)."""
_NAME = re.compile(r"(срок|окончани\w*|истечени\w*) (срока )?действия|действител\w* до|годен до", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T.*)?)?)?")


def expires_on(scene: Scene) -> str | None:
    """The last day of the document; None where no field states one that can be read as a date."""
    fields = (element for part in scene.sections() for element in part.all("observation", "act"))
    stated = (_stated(element) for element in fields if _is_validity(element))
    return next((moment.iso for moment in stated if moment.iso and _DATE.fullmatch(moment.iso)), None)


def _is_validity(element: Element) -> bool:
    code = code_of(element)
    return code.is_field and (code.code in FIELDS or bool(_NAME.search(code.name or "")))


def _stated(element: Element) -> Moment:
    """The end of a span, else the moment, else the value."""
    ends = (get(child(time, "high"), "value") for time in children(element, "effectiveTime"))
    end = next(filter(None, ends), None)
    return Moment(iso(end)) if end else time_in(child(element, "value")) or time_of(element)
