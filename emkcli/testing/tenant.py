"""One tenant of the mock as a test sees it: its people, and the strings that its clock, inbox, faults and journal hang on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from emkcli.api import connect
from emkcli.config.durations import duration

if TYPE_CHECKING:
    import httpx

    from emkcli.api.client import Client
    from emkcli.models import Tokens
    from emkcli.testing.server import MockServer

FIRST_NUMBER = 201
"""СНИЛС and phones count up from here, so that a test that runs again meets the same people."""


class Strings:
    """What `/mock/*` of one tenant offers."""

    def __init__(self, http: httpx.Client, url: str) -> None:
        self._http, self._url = http, url

    def _pull(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(method, f"{self._url}/mock/{name}", json=body)
        if answer.is_error:
            raise ValueError(f"the mock refused {method} /mock/{name}: {answer.text}")
        return answer.json()


class Clock(Strings):
    """The tenant's clock. It runs at the wall's pace; what becomes due happens before the next answer."""

    def now(self) -> datetime:
        """The time there, with the offset of Moscow."""
        return datetime.fromisoformat(self._pull("GET", "clock")["now"])

    def advance(self, by: str | timedelta | float) -> datetime:
        """Move it on by `36h`, a timedelta or seconds."""
        span = duration(by) if isinstance(by, str) else by
        seconds = span.total_seconds() if isinstance(span, timedelta) else span
        return self._moved({"advance": seconds})

    def set(self, at: str | datetime) -> datetime:
        """Set it to a time; one without an offset is Moscow's."""
        return self._moved({"set": at if isinstance(at, str) else at.isoformat()})

    def next(self) -> datetime:
        """Move it to what happens next, such as the decision on an application; where nothing will, it stays."""
        return self._moved({"next": True})

    def speed(self, factor: float) -> datetime:
        """Let it run so many times as fast; 0 stops it."""
        return self._moved({"speed": factor})

    def _moved(self, how: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(self._pull("POST", "clock", how)["now"])


@dataclass(frozen=True)
class Message:
    """An SMS that the portal sent."""

    at: datetime
    phone: str
    """As the mock shows it: the last two digits."""
    text: str
    code: str | None


class Inbox(Strings):
    """The SMS of everybody in the tenant."""

    def messages(self, phone: str | None = None) -> list[Message]:
        """Those there are, the newest first; of one phone where it is named, told by its last two digits."""
        sent = self._pull("GET", "inbox")["items"]
        of_phone = (one for one in sent if phone is None or one["phone"][-2:] == phone[-2:])
        return [Message(datetime.fromisoformat(one["at"]), one["phone"], one["text"], one["code"]) for one in of_phone]

    def code(self, phone: str | None = None) -> str:
        """The newest code.

        :raises LookupError: there is none.
        """
        for message in self.messages(phone):
            if message.code:
                return message.code
        raise LookupError("no SMS with a code was sent")


@dataclass(frozen=True)
class PlannedFault:
    """A fault that is still to come."""

    kind: str
    method: str | None
    path: str | None
    times: int
    after: int
    rate: float


class Faults(Strings):
    """What goes wrong with the next requests; `/mock/*` itself never does."""

    def add(
        self,
        kind: str,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int | None = None,
        after: int = 0,
        seconds: float | None = None,
        rate: float | None = None,
    ) -> None:
        """Plan one.

        :param kind: such as 5xx, 429, html, slow or drop-after-commit; `emk mock fault --help` names them all.
        :param method: only requests of this method.
        :param path: only requests whose path begins so; the path behind the tenant's address, such as `/fhir/R4/`.
        :param times: how often; 0 until `clear`. Once where nobody says otherwise, and with a `rate` until `clear`.
        :param after: how many such requests pass before.
        :param seconds: how long slow is.
        :param rate: how many of these requests it strikes, such as 0.1; the same ones in every run.
        :raises ValueError: the mock knows no such fault.
        """
        asked = {"method": method, "path": path, "times": times, "after": after, "seconds": seconds, "rate": rate}
        self._pull("POST", "faults", {"kind": kind} | {name: at for name, at in asked.items() if at is not None})

    def clear(self) -> None:
        """Plan nothing any more."""
        self._pull("DELETE", "faults")

    def planned(self) -> list[PlannedFault]:
        """Those still to come."""
        names = ("kind", "method", "path", "times", "after", "rate")
        return [PlannedFault(**{name: one[name] for name in names}) for one in self._pull("GET", "faults")["items"]]


@dataclass(frozen=True)
class Logged:
    """A request that came; of a query only the names are kept."""

    at: datetime
    method: str
    path: str
    query: tuple[str, ...]
    status: int
    request_id: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class Journal(Strings):
    """The last thousand requests that came to the tenant, without those to `/mock/*`."""

    def requests(self, method: str | None = None, path: str | None = None, status: int | None = None) -> list[Logged]:
        """Those that came, in order.

        :param method: such as POST, in any case of letters.
        :param path: the whole path without its query; `*` stands for anything.
        :param status: of the answer.
        :raises LookupError: older requests than the last thousand came and are lost, so that nobody can say.
        """
        asked = {"method": method, "path": path, "status": status}
        told = self._pull("GET", f"log?{urlencode({name: at for name, at in asked.items() if at is not None})}")
        if told["truncated"]:
            raise LookupError("the journal has lost its older requests; clear() it before what is asked for")
        return list(map(_logged, told["items"]))

    def count(self, method: str | None = None, path: str | None = None, status: int | None = None) -> int:
        """How many came."""
        return len(self.requests(method, path, status))

    def assert_sent_once(self, method: str, path: str, status: int | None = None) -> Logged:
        """Fail unless exactly one such request came; the message names all that did."""
        found = self.requests(method, path, status)
        if len(found) != 1:
            came = "\n  ".join(map(str, self.requests())) or "nothing"
            raise AssertionError(f"{method} {path} was sent {len(found)} times; what came:\n  {came}")
        return found[0]

    def assert_not_sent(self, method: str | None = None, path: str | None = None) -> None:
        """Fail if such a request came."""
        if found := self.requests(method, path):
            raise AssertionError(f"{found[0]} was sent")

    def clear(self) -> None:
        """Forget what came until now."""
        self._pull("DELETE", "log")


def _logged(row: dict[str, Any]) -> Logged:
    path, _, names = row["path"].partition("?")
    query = tuple(filter(None, names.split("&")))
    return Logged(datetime.fromisoformat(row["at"]), row["method"], path, query, row["status"], row["request_id"])


@dataclass(frozen=True)
class Somebody:
    """An invented person who has an account in the tenant."""

    id: str
    child_id: str | None
    """The person's child, where there is one."""
    phone: str
    snils: str
    """Masked, as the portal shows it."""
    trust: str
    """confirmed, or simplified."""
    _tenant: Tenant

    @cached_property
    def tokens(self) -> Tokens:
        """The tokens of a login by SMS, which is done at first use."""
        with connect("http", url=self._tenant.url) as client:
            challenge = client.identity.challenge("sms", self.phone)
            return client.identity.exchange_code(challenge.id, self._tenant.inbox.code(self.phone))

    @property
    def token(self) -> str:
        """The access token of that login; it lapses as the tenant's clock goes on."""
        return self.tokens.access_token

    def client(self) -> Client:
        """A client of this person's session, closed with the tenant; it renews its tokens."""
        return self._tenant.client(self)


class Tenant:
    """A mock of its own below `/t/NAME`: nothing that another test does is seen here."""

    def __init__(self, server: MockServer, name: str) -> None:
        self.tenant = name
        """Its name."""
        self.url = server.address(name)
        """Its address: what `connect("http", url=…)`, `EMK_URL` or a program under test is given."""
        self._server = server
        self._clients: list[Client] = []
        self._numbers = count(FIRST_NUMBER)
        self.clock = Clock(server.http, self.url)
        self.inbox = Inbox(server.http, self.url)
        self.faults = Faults(server.http, self.url)
        self.journal = Journal(server.http, self.url)

    def person(self, activated: bool = True, records: int | None = None, **fields: Any) -> Somebody:
        """Somebody new. Making one leaves nothing in the journal.

        :param activated: whether the card is open; otherwise the account is confirmed and no more.
        :param records: how many laboratory results the card has; None for as many as the mock likes.
        :param fields: of a person file, such as `birth_date="1950-01-31"`; СНИЛС and phone are drawn where not given.
        :raises ValueError: the mock refuses these fields, or records are asked for of a card that is not open.
        """
        if records is not None and not activated:
            raise ValueError("records need an open card: leave out activated=False, or records")
        number = f"{next(self._numbers):06d}"
        drawn = {"snils": f"000-{number[:3]}-{number[3:]} 00", "phone": f"+79000{number}"}
        state = "activated" if activated else "verified"
        self._server.keep_records(self.tenant, records)
        answer = self._server.http.post(f"{self.url}/mock/seed", json={"state": state, "person": drawn | fields})
        if answer.is_error:
            raise ValueError(f"the mock refused the person: {answer.text}")
        made = answer.json()
        names = ("child_id", "phone", "snils", "trust")
        return Somebody(id=made["person_id"], **{name: made[name] for name in names}, _tenant=self)

    def client(self, person: Somebody | None = None) -> Client:
        """A client that is closed with the tenant: of a person's session, or of nobody's."""
        client = connect("http", url=self.url)
        self._clients.append(client)
        if person is not None and client.session is not None:
            client.session.begin(person.tokens)
        return client

    def scenario(self, name: str) -> None:
        """What happens from now on, such as refusal; `emk mock scenario --help` names them all."""
        Strings(self._server.http, self.url)._pull("PUT", "scenario", {"name": name})

    def close(self) -> None:
        """Close its clients, and remove it from the server."""
        for client in self._clients:
            client.close()
        self._server.http.delete(self.url)
