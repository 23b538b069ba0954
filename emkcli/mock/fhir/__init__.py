"""The FHIR R4 side of the mock: a store in SQLite and the search, paging and statements a server owes its clients."""

from __future__ import annotations

from emkcli.mock.fhir.bundle import given
from emkcli.mock.fhir.criteria import local
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.pages import Pages, digest
from emkcli.mock.fhir.search import search
from emkcli.mock.fhir.store import SCHEMA, Prepared, changed, prepared, put_all, put_prepared, read, remove, version
from emkcli.mock.fhir.subsets import of_read, part

__all__ = [
    "SCHEMA",
    "FhirError",
    "Pages",
    "Prepared",
    "changed",
    "digest",
    "given",
    "local",
    "of_read",
    "part",
    "prepared",
    "put_all",
    "put_prepared",
    "read",
    "remove",
    "search",
    "version",
]
