"""Full text over the records of a card: words by their stems, SQLite FTS5 for the index, snippets from the original."""

from __future__ import annotations

from emkcli.localcard.search.hits import Found, hit
from emkcli.localcard.search.index import Index
from emkcli.localcard.search.query import Query, parse

__all__ = ["Found", "Index", "Query", "hit", "parse"]
