"""Bytes → a tree that is safe to walk: no DTD, no network, bounded in size and depth, and read in the encoding it is in."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from emkcli.importers.cda import text_limits
from emkcli.importers.cda.tree import Element, H
from emkcli.locale import _

ROOT = f"{H}ClinicalDocument"
LARGEST = 32 * 1024 * 1024
MOST = 500_000
"""Tags and attributes together: a tree takes some 200 bytes for each, and what is read of it some more; the largest
documents have a few ten thousand."""
_ATTRIBUTES = 10_000
"""Of one element: libxml2 compares each with all before it."""
LONGEST = 10_000_000
"""The longest text libxml2 reads unless told that the document is huge, as attachments inside it may be; then `text_limits`
holds the limits that libxml2 no longer does."""
_WIDE = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)
_UNMARKED = {b"<\0": "UTF-16LE", b"\0<": "UTF-16BE"}
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_DOCTYPE = re.compile(rb"<\0*!\0*D\0*O\0*C\0*T\0*Y\0*P\0*E")
_MANY_ATTRIBUTES = re.compile(rb"<(?:[^<=]*+=){%d}" % _ATTRIBUTES)
_HTML = re.compile(r"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_NAME, _FHIR = "ClinicalDocument", b"http://hl7.org/fhir"
_MISMATCH, _CUT, _CHARACTER, _ENCODING, _PREFIX = {76}, {5, 77}, {9}, {6, 31, 32, 81}, {201}


class Unreadable(Exception):
    """`problem` is `unsupported` or `failed`."""

    def __init__(self, problem: str, reason: str) -> None:
        super().__init__(reason)
        self.problem, self.reason = problem, reason


def looks_like_xml(content: bytes) -> bool:
    """XML by its first character, in any encoding that says so itself."""
    start = content[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    return start.startswith(_WIDE) or start[:1] == b"<" or start[:2] in _UNMARKED


def parsed(content: bytes) -> Element:
    """The root of a CDA document. Raises `Unreadable`."""
    content = content.removeprefix(codecs.BOM_UTF8).strip(b" \t\r\n\0") if not _wide(content) else content
    encoding = _encoding(content)
    _refuse(content, encoding)
    huge = len(content) > LONGEST
    try:
        root = etree.fromstring(content, _parser(encoding, huge=huge))
    except etree.XMLSyntaxError as cause:
        raise Unreadable("failed", _place(cause, content.count(b"\n") + 1)) from None
    except (ValueError, LookupError):
        raise Unreadable("failed", _("malformed XML")) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Unreadable("failed", _("a document type definition is not allowed"))
    if root.tag != ROOT:
        raise Unreadable("unsupported", _("XML, but no HL7 CDA document (СЭМД)"))
    is_short = len(content) <= text_limits.LONGEST_ATTRIBUTE
    if reason := None if is_short else text_limits.excess(root, content, huge=huge):
        raise Unreadable("failed", reason)
    return root


def _wide(content: bytes) -> bool:
    return content.startswith(_WIDE) or content[:2] in _UNMARKED


def _encoding(content: bytes) -> str | None:
    """The encoding a document is really in where its declaration is wrong or missing; None: what it declares.

    Russian text in UTF-8 is never windows-1251 by chance, nor the other way round.
    """
    if _wide(content):
        return _UNMARKED.get(content[:2])
    if not _is_utf8(content):
        return None if _declares_another(content) else "windows-1251" if _reads_as_russian(content) else None
    return "utf-8"


def _is_utf8(content: bytes) -> bool:
    """Piece by piece: with one letter beyond the basic plane the text as a whole takes four times its bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for place in range(0, len(content), 2**20):
            decoder.decode(content[place : place + 2**20])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _declares_another(content: bytes) -> bool:
    """Whether an encoding other than UTF-8 is declared, and is one."""
    declared = _DECLARED.match(content)
    try:
        return bool(declared) and codecs.lookup(declared[1].decode("ascii")).name != "utf-8"  # type: ignore[index]
    except LookupError:
        return False


def _reads_as_russian(content: bytes) -> bool:
    """Whether most of what is not ASCII is small Cyrillic letters, were it windows-1251."""
    high = [byte for byte in content[: 2**20] if byte > 127]
    return sum(byte >= 0xE0 for byte in high) * 2 > len(high)


def _refuse(content: bytes, encoding: str | None) -> None:
    """What is turned down before a parser sees it."""
    if len(content) > LARGEST:
        raise Unreadable("failed", _("larger than {limit} MB").format(limit=LARGEST // 2**20))
    name = _NAME.encode(encoding if encoding and encoding.startswith("UTF-16") else "ascii")
    place = content.find(name) if not content.startswith(_WIDE) else max(map(content.find, map(_spelled, _WIDE)))
    if _HTML.search(content[:512].decode("latin-1")):
        raise Unreadable("unsupported", _("a web page, no document: download the XML"))
    if place < 0 and _FHIR in content[:4096]:
        raise Unreadable("unsupported", _("FHIR in XML is not read: ask for it in JSON"))
    if place < 0:
        raise Unreadable("unsupported", _("XML, but no HL7 CDA document (СЭМД)"))
    if _DOCTYPE.search(content, 0, place):
        raise Unreadable("failed", _("a document type definition is not allowed"))
    tags, attributes = content.count(b"<"), content.count(b"=")
    if tags + attributes > MOST:
        raise Unreadable("failed", _("more than {limit} elements").format(limit=MOST))
    if attributes > _ATTRIBUTES and _MANY_ATTRIBUTES.search(content):
        raise Unreadable("failed", _("an element has more than {limit} attributes").format(limit=_ATTRIBUTES))


def _spelled(mark: bytes) -> bytes:
    return _NAME.encode("utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be")


def _parser(encoding: str | None, *, huge: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=huge,
        remove_comments=True,
        remove_pis=True,
    )


def _place(cause: etree.XMLSyntaxError, lines: int) -> str:
    line, column = cause.position
    reason, code = _("malformed XML"), getattr(cause, "code", 0)
    if code in _MISMATCH:
        reason = _("a tag is not closed")
    elif code in _CHARACTER:
        reason = _("a character that XML does not allow")
    elif code in _PREFIX:
        reason = _("a prefix of names is not declared (xmlns)")
    elif code in _ENCODING:
        reason = _("its letters are in another encoding than it declares")
    elif "depth" in str(cause).lower():
        reason = _("nested too deep")
    elif code in _CUT or (line or 1) >= lines > 1:
        reason = _("the XML breaks off")
    return _("line {line}, column {column}: {why}").format(line=line or 1, column=column or 1, why=reason)
