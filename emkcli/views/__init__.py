"""How each kind reads: the columns of its list, and a single thing as sentences, labelled values and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emkcli.models import CATEGORIES
from emkcli.views import card, portal, trend, work
from emkcli.views.columns import Column, View

if TYPE_CHECKING:
    from emkcli.models import Model

__all__ = ["PAGE", "VIEWS", "Column", "View", "of"]

VIEWS: dict[str, View] = portal.VIEWS | card.VIEWS | work.VIEWS | trend.VIEWS

_FIRST = ("labs", "prescriptions", "diagnoses", "allergies", "vaccinations")
_LAST = ("vitals", "prevention", "referrals", "other", "documents")
PAGE = (*_FIRST, *(name for name in CATEGORIES if name not in _FIRST + _LAST), *_LAST)
"""The lists in the order of pages and workbooks: what is asked for most comes first, the long texts last."""


def of(kind: str, model: type[Model]) -> View:
    """The view of `kind`; a model without one shows its fields."""
    return VIEWS.get(kind) or View(model.__struct_encode_fields__)
