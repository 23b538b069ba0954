"""What a record says beside its fields, each element of FHIR by its name in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emkcli.locale import _
from emkcli.models import LabResult
from emkcli.models.records import Record
from emkcli.views import show
from emkcli.views.element_names import in_words as name_in_words

_HEADING = re.compile(r"([a-z][A-Za-z]*(?:\.[A-Za-z-]+)*): ")
_WARNING = "⚠"


def lines(item: Mapping[str, Any]) -> str:
    """A line for each; the details of anything that is no record are a text."""
    return "\n".join(map(_line, _listed(item))) or show.shown(item.get("details") or None)


def mark(item: Mapping[str, Any]) -> str:
    """What stands beside the status of a record whose meaning something changes that is not known."""
    return _sign(any(part["modifies"] for part in _listed(item)))


def mark_of(record: Record | LabResult) -> str:
    """The same of a record that is not yet written out."""
    return _sign(any(detail.modifies for detail in record.details or ()))


def in_words(text: str) -> str:
    """A text with lines of `element: words`."""
    return "\n".join(map(_renamed, text.split("\n")))


def _sign(is_changed: bool) -> str:
    return f"{_WARNING} {_('meaning changed')}" if is_changed else ""


def _listed(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = item.get("details")
    return listed if isinstance(listed, list) else []


def _line(detail: Mapping[str, Any]) -> str:
    said = f"{name_in_words(detail['element'])}: {_words(detail['text'])}"
    return f"{_WARNING} {_('it changes the meaning:')} {said}" if detail["modifies"] else said


def _words(text: str) -> str:
    return _("no") if text == "false" else show.word(show.onset(text))


def _renamed(line: str) -> str:
    heading = _HEADING.match(line)
    return f"{name_in_words(heading[1])}: {show.word(line[heading.end() :])}" if heading else line
