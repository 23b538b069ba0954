"""The four ports of the client: what a backend may be able to do, documented here once.

Every operation raises `Unsupported` (exit code 11) where the backend has no such thing. One that goes to a server also
raises what any request may end with, which the operations do not repeat: `Unreachable`, `TimedOut`, `TlsFailed` (7),
`ServerError`, `RateLimited`, `BadResponse` (8), `Forbidden` (5), and, where it needs a session, `LoginRequired`,
`SessionLost`, `NoSecretStorage` (4). The number after an error is its exit code on the command line. A refusal whose words
cannot be read raises what its status alone stands for, such as InvalidInput for 400.

A `person` is the id of a person from `Portal.persons`, and None means oneself. Times are ISO 8601 with an offset, dates
are ISO 8601 days in Europe/Moscow, ids are opaque text of the server. A *source* is the rule that an operation follows:
an address of the emk HTTP API (under `/api/v1` unless it says otherwise), a FHIR R4 search, an RFC, or a word of the
portal in «…».
"""

from __future__ import annotations

from emkcli.api.ports.accounts import Accounts
from emkcli.api.ports.card import EVERYTHING, Card, CardQuery, of_kind
from emkcli.api.ports.identity import Authorization, DeviceAuthorization, Identity
from emkcli.api.ports.port import Items, Port
from emkcli.api.ports.portal import Portal

__all__ = [
    "EVERYTHING",
    "Accounts",
    "Authorization",
    "Card",
    "CardQuery",
    "DeviceAuthorization",
    "Identity",
    "Items",
    "Port",
    "Portal",
    "of_kind",
]
