"""What the resources of a page refer to and the server did not bring along: R4 lets it ignore `_include`."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from emkcli import errors
from emkcli.api.deadlines import promised
from emkcli.api.documents import json_text
from emkcli.api.fhir.other_people import OtherPeople
from emkcli.api.fhir.paging import ACCEPT, REFUSED, Page, Sender, answers
from emkcli.api.fhir.record_size import check_size
from emkcli.fhir import Graph, Node, Resource, decode, encode, text
from emkcli.fhir.attachments import addresses
from emkcli.locale import _

NAMED = frozenset({"Practitioner", "PractitionerRole", "Organization", "Location", "Medication"})
"""Types that a record shows by their name."""
FILE = "Binary"
DESCRIBED = NAMED | {"Encounter", "Condition", "Specimen", FILE}
"""The same, and what tells of a record where and by whom, why, of what, and the words in its files."""
MOST = 1000
"""References of one run."""
LONGEST = 60.0
"""Seconds of one run."""
AT_ONCE = 50
"""References of one search."""
HOPS = 3
"""A record names a visit, the visit a role, and the role a physician."""
_ADDRESS = re.compile(r"([A-Z][A-Za-z]{2,40})/([A-Za-z0-9.\-]{1,64})(?:/_history/.*)?")
_UNREADABLE = (*REFUSED, errors.Forbidden, errors.LoginRequired, errors.ServerError, errors.Unreachable, ValueError)


class ReferencedResources:
    """Each is read once: several of a type at a time where the server finds them by `_id`, else one by one. One that
    cannot be read costs a warning, and its id stands for its name."""

    def __init__(self, wire: Sender, base: str, other_people: OtherPeople) -> None:
        self._wire, self._base, self._other_people = wire, base, other_people
        self._contents: dict[str, bytes | None] = {}
        self._given_up: set[str] = set()
        self._warned: set[str] = set()
        self._spent = 0.0

    def complete(self, page: Page, kinds: frozenset[str]) -> None:
        """Add to a page what its matches refer to, and what that refers to in turn, of these types."""
        nodes: Sequence[Node] = page.matches
        for _turn in range(HOPS):
            keys = sorted({key for node in nodes for key in _lacking(page.graph, node, kinds)})
            contents = self.read(keys) if keys else ()
            nodes = [node for content in contents if (node := page.graph.add(content))]
            if not nodes:
                return

    def read(self, keys: Iterable[str]) -> list[bytes]:
        """The resources of these keys (`Type/id`) that can be read."""
        keys = list(keys)
        unknown: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            if key not in self._contents:
                kind, _slash, ident = key.partition("/")
                unknown[kind].append(ident)
        for kind, idents in unknown.items():
            for start in range(0, len(idents), AT_ONCE):
                self._fetch(kind, idents[start : start + AT_ONCE])
        contents = [content for key in keys if (content := self._contents[key])]
        for key in keys:
            if key.startswith(FILE) and self._contents[key]:
                del self._contents[key]  # files are large
        return contents

    def _fetch(self, kind: str, idents: Sequence[str]) -> None:
        self._contents.update(dict.fromkeys(f"{kind}/{ident}" for ident in idents))
        if kind in self._given_up:
            return
        if len(self._contents) > MOST or self._spent >= LONGEST:
            self._give_up(kind, _("there are too many, or it takes too long"))
            return
        started = time.monotonic()
        try:
            with promised(LONGEST - self._spent):
                self._search(kind, idents)
                self._read_remaining(kind, idents)
        except _UNREADABLE as cause:
            self._give_up(kind, getattr(cause, "message", _("malformed JSON")))
        finally:
            self._spent += time.monotonic() - started

    def _search(self, kind: str, idents: Sequence[str]) -> None:
        """Those that a search by their ids finds; a server need not offer one."""
        if len(idents) == 1:
            return
        attempts = [[("_id", ",".join(idents)), ("_count", str(AT_ONCE))], [("_id", ",".join(idents))]]
        try:
            for answer in answers(self._wire, f"{self._base}/{kind}", attempts, self._other_people):
                asked_for = [self._keep(bytes(entry.resource)) for entry in answer.bundle.entry or ()]
                if not all(asked_for):
                    return  # it ignores `_id` too, and would send all it has
        except (*REFUSED, errors.Forbidden, errors.SessionLost):
            return

    def _read_remaining(self, kind: str, idents: Sequence[str]) -> None:
        for ident in idents:
            if self._contents[f"{kind}/{ident}"] is None:
                self._read_one(kind, ident)

    def _read_one(self, kind: str, ident: str) -> None:
        try:
            response = self._wire.send("GET", f"{self._base}/{kind}/{ident}", headers=ACCEPT)
        except errors.NotFound as cause:
            self._warn(kind, cause.message)
            return
        content = _binary(ident, response) if kind == FILE else json_text(response)
        check_size(content)
        if not self._other_people.is_of_other(decode(content)):
            self._keep(content)

    def _keep(self, content: bytes) -> bool:
        """Whether it is what was asked for."""
        resource = decode(content or b"null")
        key = f"{text(resource, 'resourceType')}/{text(resource, 'id')}"
        if key not in self._contents:
            return False
        self._contents[key] = content
        return True

    def _give_up(self, kind: str, why: str) -> None:
        """Nothing more is asked of a type."""
        self._given_up.add(kind)
        self._warn(kind, why)

    def _warn(self, kind: str, why: str) -> None:
        """Once for each type."""
        if kind not in self._warned:
            self._warned.add(kind)
            message = _("Not every {type} that the records name could be read: {why}")
            self._other_people.notice(message.format(type=kind, why=why))


def _binary(ident: str, response: Any) -> bytes:
    """A file as FHIR has it; many servers send it as it is, whatever they are asked for."""
    media_type = response.headers.get("Content-Type", "")
    if "json" in media_type.partition(";")[0]:
        return json_text(response)
    data = b64encode(response.content).decode()
    return encode({"resourceType": FILE, "id": ident, "contentType": media_type, "data": data})


def _lacking(graph: Graph, node: Node, kinds: frozenset[str]) -> Iterator[str]:
    server = (node.full_url or "").removesuffix(node.key)
    for key in unnamed(graph.resource(node), kinds, server):
        if graph.node(key) is None:
            yield key


def unnamed(resource: Resource, kinds: frozenset[str] = DESCRIBED, server: str = "") -> Iterator[str]:
    """What a resource of a server refers to by an id alone, as `Type/id`; a reference with words in it has its name, and
    a file that is no text has nothing to show."""
    if FILE in kinds:
        yield from addresses(resource, server, texts=True)
    for reference in _references(resource):
        key = key_of(text(reference, "reference") or "", server)
        if key and key.partition("/")[0] in kinds and not text(reference, "display"):
            yield key


def key_of(address: str, server: str = "") -> str | None:
    """A relative address, or an absolute one of this server, as `Type/id`."""
    match = _ADDRESS.fullmatch(address.removeprefix(server))
    return f"{match[1]}/{match[2]}" if match else None


def _references(resource: Resource) -> Iterator[Any]:
    waiting: list[Any] = [resource]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict) and "reference" in part:
            yield part
        inner = part.values() if isinstance(part, dict) else part
        waiting.extend([value for value in inner if isinstance(value, (dict, list))])
