"""Full text over the records of a card: words by their stems, SQLite FTS5 for the index, snippets from the original."""

from __future__ import annotations

from emkcli.record.finding.found import Found, hit
from emkcli.record.finding.index import Index
from emkcli.record.finding.query import Query, parse

__all__ = ["Found", "Index", "Query", "hit", "parse"]
