"""Bytes → a tree that is safe to walk, and the few ways the reader looks at it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from emkcli.locale import _

H = "{urn:hl7-org:v3}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ROOT = f"{H}ClinicalDocument"
MINZDRAV = "1.2.643.5.1.13.13."
FIELDS = frozenset(
    {f"{MINZDRAV}99.2.166", f"{MINZDRAV}11.1380", "1.2.643.5.1.13.2.1.1.1504.23", "1.2.643.5.1.13.2.1.1.1504.41"}
)
"""The dictionary of coded fields under its new and old numbers."""
_MISMATCH, _CUT = {76}, {5, 77}
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")

Element = etree._Element


class Unreadable(Exception):
    """`problem` is `unsupported` or `failed`."""

    def __init__(self, problem: str, reason: str) -> None:
        super().__init__(reason)
        self.problem, self.reason = problem, reason


@dataclass(frozen=True)
class Code:
    """A coded element; `name` is what it says to a person."""

    code: str | None = None
    system: str | None = None
    name: str | None = None

    @property
    def uri(self) -> str | None:
        """The code system as FHIR names it."""
        return f"urn:oid:{self.system}" if self.system and re.fullmatch(r"[\d.]+", self.system) else self.system

    def of(self, *dictionaries: str) -> bool:
        return self.system in {MINZDRAV + one for one in dictionaries}

    @property
    def is_field(self) -> bool:
        return self.system in FIELDS


def parsed(content: bytes) -> Element:
    """The root of a CDA document. Raises `Unreadable`."""
    start = content.find(b"ClinicalDocument")
    if _DOCTYPE.search(content, 0, start if start > 0 else len(content)):
        raise Unreadable("failed", _("a document type definition is not allowed"))
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as cause:
        raise Unreadable("failed", _place(cause, content.count(b"\n") + 1)) from None
    except (ValueError, LookupError):
        raise Unreadable("failed", _("malformed XML")) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Unreadable("failed", _("a document type definition is not allowed"))
    if root.tag != ROOT:
        raise Unreadable("unsupported", _("XML, but no HL7 CDA document (СЭМД)"))
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _place(cause: etree.XMLSyntaxError, lines: int) -> str:
    told, code = _("malformed XML"), getattr(cause, "code", 0)
    if code in _MISMATCH:
        told = _("a tag is not closed")
    elif "depth" in str(cause).lower():
        told = _("nested too deep")
    elif code in _CUT or (cause.lineno or 1) >= lines > 1:
        told = _("the XML breaks off")
    return _("line {number}: {why}").format(number=cause.lineno or 1, why=told)


def local(element: Element) -> str:
    """The name without its namespace; the elements of `identity`, `medService` and others are told by it."""
    return etree.QName(element).localname


def child(element: Element | None, *path: str) -> Element | None:
    """The first element at a path of names."""
    for name in path:
        element = element.find(H + name) if element is not None else None
    return element


def children(element: Element | None, *path: str) -> Iterator[Element]:
    """Every element at a path of names."""
    if element is not None:
        yield from element.iterfind("/".join(H + name for name in path))


def named(element: Element | None, *names: str) -> Element | None:
    """The first descendant of that local name, whatever its namespace."""
    if element is None:
        return None
    return next((one for one in element.iter(*[f"{{*}}{name}" for name in names])), None)


def get(element: Element | None, name: str) -> str | None:
    """An attribute's text; an empty one is none."""
    found = element.get(name) if element is not None else None
    return str(found).strip() or None if found is not None else None


def words(element: Element | None) -> str | None:
    """The text inside with its white space folded: what a person reads; the file keeps the rest."""
    if element is None:
        return None
    return " ".join("".join(str(one) for one in element.itertext()).split()) or None


def code_of(element: Element | None) -> Code:
    """The first `code` of an element."""
    return coded(child(element, "code"))


def coded(element: Element | None) -> Code:
    """An element with `code`, `codeSystem` and `displayName`; the original text where no name was sent."""
    if element is None:
        return Code()
    name = get(element, "displayName")
    name = " ".join(name.split()) if name else words(child(element, "originalText"))
    return Code(get(element, "code"), get(element, "codeSystem"), name)


def identifier(element: Element | None) -> str | None:
    """`root^extension` of an id, or its root."""
    root, extension = get(element, "root"), get(element, "extension")
    return "^".join(part for part in (root, extension) if part) or None
