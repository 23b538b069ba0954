"""Which commands are sensitive, and what the audit log is told of each: how many and where to, never who or what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from emkcli import errors, interruption
from emkcli.clinical.dates import moscow, within
from emkcli.config import durations
from emkcli.locale import _
from emkcli.results import Listing, Outcome

if TYPE_CHECKING:
    from emkcli.app import App
    from emkcli.models import AuditEntry
    from emkcli.results import Value

T = TypeVar("T")
Options = Mapping[str, Any]
Facts = Callable[[Options, Any], Mapping[str, Any]]
SAFE = frozenset({"GET", "HEAD"})
VERBS = ("POST", "PUT", "PATCH", "DELETE")


def audited(app: App, command: str, options: Options, action: Callable[[], T]) -> T:
    """Run a command; when it is a sensitive one, write down that it was run and how it ended."""
    if not is_sensitive(command, options):
        return action()
    settings = app.settings
    entry = {
        "action": command,
        "profile": settings.profile,
        "backend": settings.backend,
        "origin": _origin(settings.url),
    }
    value, exit_code = None, 1
    try:
        value = action()
        exit_code = value.exit_code if isinstance(value, Outcome) else 0
    except errors.EmkError as error:
        exit_code = error.exit_code
        raise
    except KeyboardInterrupt:
        exit_code = interruption.exit_code()
        raise
    finally:
        _note(app, entry | {"exit_code": exit_code, "details": _details(app, command, options, value)})
    return value


def is_sensitive(command: str, options: Options) -> bool:
    """A dry run changes nothing; some commands are sensitive with one option only."""
    if command not in SENSITIVE or options.get("dry_run"):
        return False
    return WHEN[command](options) if command in WHEN else True


def _note(app: App, entry: Mapping[str, Any]) -> None:
    try:
        app.audit_log.append({"at": datetime.now(moscow()).isoformat(timespec="seconds"), **entry})
    except errors.EmkError as trouble:
        app.notice(_("This action is not in the audit log: {reason}").format(reason=trouble.message))


def _details(app: App, command: str, options: Options, value: Any) -> dict[str, Any]:
    result = value.value if isinstance(value, Outcome) else value
    details = {**SENSITIVE[command](options, result), **app.audited}
    return {name: fact for name, fact in details.items() if fact not in (None, [], {})}


def _origin(url: str | None) -> str | None:
    """Scheme, host and port; an address may hold more than others should read."""
    from urllib.parse import urlsplit

    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else None


def _nothing(options: Options, value: Any) -> Mapping[str, Any]:
    return {}


def _login(options: Options, value: Any) -> Mapping[str, Any]:
    ready = options.get("token_stdin") or options.get("token_file")
    return {"method": "token" if ready else options.get("method")}


def _export(options: Options, value: Any) -> Mapping[str, Any]:
    """The number of records is known where a manifest was written."""
    return {
        "format": options["format"],
        "categories": _lists(options["categories"]),
        "records": sum(value.records.values()) if value else None,
        "destination": _kind_of_place(options["to"]),
        "encrypted": bool(options["encrypt"]),
    }


def _lists(named: Iterable[str] | None) -> list[str]:
    """The lists that were named; anything else somebody typed there is not written down."""
    from emkcli.models import CATEGORIES

    return sorted(set(named or ()) & set(CATEGORIES))


def _kind_of_place(to: str) -> str:
    from emkcli.exporters.targets.address import is_address

    return "stdout" if to == "-" else "address" if is_address(to) else "file"


def _import(options: Options, value: Any) -> Mapping[str, Any]:
    return (
        {"documents": dict(Counter(getattr(result, "status", "") for result in value.items))}
        if isinstance(value, Listing)
        else {}
    )


def _transfer(options: Options, value: Any) -> Mapping[str, Any]:
    return {"categories": _lists(options["category"]), "records": len(value.records) if value else None}


def _person(options: Options, value: Any) -> Mapping[str, Any]:
    return {"relation": value.relation if value else None}


def _consent(options: Options, value: Any) -> Mapping[str, Any]:
    return {"consents": [value.id] if value else None}


SENSITIVE: dict[str, Facts] = {
    **dict.fromkeys(("setup", "register", "verify", "logout", "connect"), _nothing),
    **dict.fromkeys(("clinic choose", "doctor choose", "application cancel"), _nothing),
    **dict.fromkeys(("request create", "request cancel", "transfer revoke"), _nothing),
    **dict.fromkeys(("profile update", "profile move", "auth token"), _nothing),
    **dict.fromkeys(("card sync", "card open", "card forget"), _nothing),
    "login": _login,
    "consent revoke": _consent,
    "transfer create": _transfer,
    "person use": _person,
    "card export": _export,
    "card import": _import,
    "card show": lambda options, value: {"destination": "file"},
    "api": lambda options, value: {"method": next((verb for verb in VERBS if verb == options["method"].upper()), None)},
}
"""Each command with what it tells; a consent that was given adds itself to `App.audited`."""
WHEN: dict[str, Callable[[Options], bool]] = {
    "register": lambda options: not options["template"],
    "auth token": lambda options: bool(options["show"]),
    "card show": lambda options: bool(options["evidence"]),
    "api": lambda options: options["method"].upper() not in SAFE,
}
"""When a command of the table is sensitive at all."""


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; a broken line is left out only by a wish that it cannot meet."""

    since: str | None = None
    until: str | None = None
    actions: tuple[str, ...] = ()
    failed: bool = False

    def keeps(self, entry: AuditEntry) -> bool:
        if self.actions and entry.action not in self.actions:
            return False
        if self.failed and entry.exit_code == 0:
            return False
        return entry.broken is not None or within(entry.at, self.since, self.until)


def audit_entries(app: App, wanted: Filter, limit: int | None) -> Value:
    """The entries that are wanted, newest first."""
    from emkcli import models

    wanted = replace(wanted, since=_moment(wanted.since, "--since"), until=_moment(wanted.until, "--until"))
    entries = [entry for entry in app.audit_log.entries() if wanted.keeps(entry)]
    return Listing(entries[::-1], models.AuditEntry, limit, total_hint=len(entries))


def _moment(text: str | None, option: str) -> str | None:
    """By the clock of this machine, which is the one the log was written by."""
    try:
        return durations.moment(text, datetime.now(moscow())) if text else None
    except ValueError as rule:
        raise errors.Usage(f"{option}: {rule}") from None
