"""One page of a search as a Bundle: its entries are cut out of the answer as bytes, and what it says of itself is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import msgspec
from msgspec import structs

from emkcli import errors
from emkcli.api.documents import about, json_text, request_id
from emkcli.api.fhir.other_people import OtherPeople
from emkcli.fhir.elements import decode, elements, text
from emkcli.locale import _


# the bytes of a resource are cut out and not decoded: an export passes them on as they came
class Entry(msgspec.Struct, gc=False):
    """One resource and what is said of it, not decoded."""

    fullUrl: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    resource: msgspec.Raw = msgspec.Raw(b"")
    search: msgspec.Raw = msgspec.Raw(b"null")


# Raw: one element of a wrong type must not cost the whole page, and none is decoded before it is looked at
class Bundle(msgspec.Struct):
    """What is read of a Bundle; an OperationOutcome in its place has issues."""

    resourceType: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    total: msgspec.Raw = msgspec.Raw(b"null")
    link: msgspec.Raw = msgspec.Raw(b"null")
    entry: list[Entry] | None = None
    issue: msgspec.Raw = msgspec.Raw(b"null")


class _Nothing(msgspec.Struct, gc=False):
    """An entry that is only counted."""


class _Counted(msgspec.Struct):
    entry: list[_Nothing] | None = None


_BUNDLE = msgspec.json.Decoder(Bundle)
_COUNTED = msgspec.json.Decoder(_Counted)
MOST_ENTRIES = 200_000
"""Entries of one page: each costs some hundred bytes beside its own, and a whole large card has half as many."""
_MOST_OBJECTS = 4_000_000
"""Objects of one page: a page of 64 MB has a third of them."""


@dataclass(frozen=True)
class Answer:
    """One page as it came, cut into entries."""

    response: Any
    bundle: Bundle
    left_out: int = 0

    def without(self, other_people: OtherPeople) -> Answer:
        """The page without the entries about other people."""
        entries = self.bundle.entry or []
        kept = other_people.without(entries)
        if len(kept) == len(entries):
            return self
        return Answer(self.response, structs.replace(self.bundle, entry=kept), len(entries) - len(kept))

    def warnings(self) -> Iterator[str]:
        """What outcomes beside the results warn of."""
        for entry in self.bundle.entry or ():
            content = bytes(entry.resource)
            # most pages have none, and to look for its name is cheaper than to decode
            outcome = value(entry.resource) if b'"OperationOutcome"' in content else None
            if text(outcome, "resourceType") == "OperationOutcome":
                issues = (issue for issue in elements(outcome, "issue") if text(issue, "severity") == "warning")
                yield from (_("The server said of its answer: {what}").format(what=words_of(issue)) for issue in issues)

    @property
    def bare(self) -> str | None:
        """That entries came as addresses alone, if any did: what they stand for is lacking."""
        count = sum(not memoryview(entry.resource).nbytes for entry in self.bundle.entry or ())
        return _("the server sent {count} entries without their resources").format(count=count) if count else None

    @property
    def request_id(self) -> str | None:
        return request_id(self.response)

    @property
    def total(self) -> int | None:
        """How many matches the server announces."""
        total = value(self.bundle.total)
        # JSON's true is an int for Python
        return total if isinstance(total, int) and not isinstance(total, bool) else None

    @property
    def following(self) -> str | None:
        """The address of the next page."""
        links = elements({"link": value(self.bundle.link)}, "link")
        url = next((url for link in links if text(link, "relation") == "next" and (url := text(link, "url"))), None)
        if url is None:
            return None
        try:
            return urljoin(str(self.response.url), url)
        except ValueError:
            raise errors.BadResponse(_("The server's link to the next page is no address.")) from None


def answered(response: Any) -> Answer:
    """One answer that did not come in a row of pages."""
    with about(request_id(response)):
        return Answer(response, _decoded(response))


def _decoded(response: Any) -> Bundle:
    try:
        content = json_text(response)
        _check_size(content)
        bundle: Bundle = _BUNDLE.decode(content)
    except (ValueError, RecursionError):
        raise _no_bundle() from None
    kind = value(bundle.resourceType)
    if kind == "OperationOutcome":
        check({"issue": value(bundle.issue)})
    if kind != "Bundle":
        raise _no_bundle()
    return bundle


def _check_size(content: bytes) -> None:
    """So many entries are refused that they would fill the memory by themselves."""
    objects = content.count(b"{")
    if objects <= MOST_ENTRIES:
        return
    if objects > _MOST_OBJECTS or len(_COUNTED.decode(content).entry or ()) > MOST_ENTRIES:
        raise errors.BadResponse(
            _("One page of the server has more than {count} entries.").format(count=MOST_ENTRIES),
        )


def _no_bundle() -> errors.BadResponse:
    return errors.BadResponse(_("The answer of the server is no FHIR Bundle."), hint=_("retry later"))


def value(raw: msgspec.Raw) -> Any:
    """An element that was cut out, decoded; `BadResponse` for one that would fill the memory."""
    try:
        return decode(raw)
    except ValueError:
        raise _no_bundle() from None


def unreadable() -> errors.BadResponse:
    return errors.BadResponse(_("The server sent a resource that cannot be read."))


def check(outcome: Any) -> None:
    """`BadResponse` for an outcome that is an error; a warning is none."""
    if message := failure(outcome):
        raise errors.BadResponse(message)


def failure(outcome: Any) -> str | None:
    """The error that an outcome beside results tells of."""
    issues = [issue for issue in elements(outcome, "issue") if text(issue, "severity") in ("error", "fatal")]
    if not issues:
        return None
    return _("The server reports an error inside its answer: {what}").format(what=words_of(issues[0]))


def words_of(issue: Any) -> str:
    """What an issue says to a person."""
    return text(issue, "details", "text") or text(issue, "diagnostics") or text(issue, "code") or ""
