"""The one door for a server's JSON: what is decoded here has the shape that was promised, or is `BadResponse` with its request id."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import fields

from emkcli import errors
from emkcli.locale import _
from emkcli.models.json_weight import too_heavy

if TYPE_CHECKING:
    import httpx

S = TypeVar("S", bound=msgspec.Struct)
LONGEST_NAME = 200
"""Letters of a request id that are worth repeating."""


@dataclass(frozen=True)
class Document:
    """The JSON of one answer, with the server's name for the request."""

    value: Any
    request_id: str | None = None

    def as_struct(self, kind: type[S]) -> S:
        """The document as a model or another struct; the error names every field that does not fit, never its value."""
        try:
            return msgspec.convert(self.value, kind, strict=False)
        except msgspec.ValidationError:
            raise self.unfit(", ".join(sorted(_misfits(kind, self.value)))) from None

    def object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.unfit(".")
        return self.value

    def objects(self, name: str) -> list[dict[str, Any]]:
        """The objects of the list under a name."""
        items = self.object().get(name)
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise self.unfit(name)
        return items

    def unfit(self, where: str) -> errors.BadResponse:
        """The error for a document that has another shape than was promised."""
        return errors.BadResponse(
            _("The answer does not fit its contract ({where}).").format(where=where),
            hint=_("retry later"),
            request_id=self.request_id,
        )


def read(response: httpx.Response) -> Document:
    """The document of a successful answer; `BadResponse` for what is no JSON, and for an error dressed as a success."""
    name = request_id(response)
    document = Document(_decoded(response), name)
    # gateways wrap refusals into a 200; with what a caller expects in it, it would look like an empty answer
    if isinstance(document.value, dict) and (code := document.value.get("errorCode")):
        raise errors.BadResponse(
            _("The server reports error {code} although the status says success.").format(code=code),
            hint=_("perhaps this version of emk is too old for the server"),
            request_id=name,
        )
    return document


def _decoded(response: httpx.Response) -> Any:
    if too_heavy(response.content):
        raise errors.BadResponse(
            _("The answer would fill the memory ({size} MB of fine structure).").format(
                size=round(len(response.content) / 2**20)
            ),
            request_id=request_id(response),
        )
    try:
        return decode(response.content)
    except ValueError:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        raise errors.BadResponse(
            _("The service is unavailable: the answer is no JSON ({kind}).").format(kind=kind or _("no type")),
            hint=_("retry later"),
            request_id=request_id(response),
        ) from None


def json_text(response: httpx.Response) -> bytes:
    """The JSON of an answer without the byte order mark that some servers put before it (RFC 8259 §8.1)."""
    return response.content.removeprefix(BOM_UTF8)


def decode(content: bytes) -> Any:
    """JSON as RFC 8259 has it: no NaN, no half of a surrogate pair, and nested no deeper than the interpreter goes.
    `ValueError` for anything else."""
    try:
        return msgspec.json.decode(content.removeprefix(BOM_UTF8))
    except RecursionError:
        raise ValueError("nested too deep") from None


def refusal(response: httpx.Response) -> dict[str, Any]:
    """The object that a refusal brings along; an empty one where it brings anything else."""
    try:
        document = decode(response.content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def request_id(response: httpx.Response) -> str | None:
    """The server's name for a request, where it is one that a person can repeat."""
    return a_name(response.headers.get("X-Request-Id"))


def a_name(value: object) -> str | None:
    good = isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isascii() and value.isprintable()
    return value if good and isinstance(value, str) else None


@contextmanager
def about(name: str | None) -> Iterator[None]:
    """Whatever is found wrong with an answer in here names its request."""
    try:
        yield
    except errors.BadResponse as wrong:
        wrong.request_id = wrong.request_id or name
        raise


def _misfits(kind: type[msgspec.Struct], document: Any) -> Iterator[str]:
    """Every field of a document that does not fit, where msgspec would name the first."""
    if not isinstance(document, dict):
        yield "."
        return
    for field in fields(kind):
        if field.encode_name not in document:
            if field.required:
                yield field.encode_name
            continue
        try:
            msgspec.convert(document[field.encode_name], field.type, strict=False)
        except msgspec.ValidationError as cause:
            yield f"{field.encode_name}{_below(str(cause))}"


def _below(message: str) -> str:
    """Where inside a field, dotted; msgspec says: … missing required field `id` - at `$[0].clinic`."""
    missing, place = re.search(r"required field `([^`]+)`", message), re.search(r"at `\$([^`]*)`", message)
    inside = re.sub(r"\[(\d+)\]", r".\1", place[1]) if place else ""
    return f"{inside}.{missing[1]}" if missing else inside
