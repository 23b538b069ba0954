"""Files made to fill memory or time: each kind by its name, written when asked for."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable
from typing import Literal

from tests.importers import semd_invented as semd
from tests.invented import PATIENT, encoded, lab

MB = 2**20
Made = Callable[[], bytes]


def _header(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("h")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def _long(kind: bytes, megabytes: int, fill: bytes) -> bytes:
    """A header that announces and brings megabytes of itself, packed."""
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=1) as packed:
        packed.write(_header(kind, megabytes * MB))
        for _number in range(megabytes):
            packed.write(fill * MB)
    return made.getvalue()


def pax_digits() -> bytes:
    """What a regular expression searches in quadratic time."""
    return gzip.compress(_header(tarfile.XHDTYPE, MB) + b"1" * MB)


def pax_globals() -> bytes:
    """Thousands of global headers, all of them remembered."""
    blocks = []
    for number in range(20_000):
        body = b"".join(b"15 %05d%05d=\n" % (number, inner) for inner in range(32))
        blocks.append(_header(tarfile.XGLTYPE, len(body)) + body.ljust(-len(body) % 512 + len(body), b"\0"))
        blocks.append(tarfile.TarInfo(f"{number}").tobuf(tarfile.USTAR_FORMAT))
    return gzip.compress(b"".join(blocks), 1)


def sparse_map() -> bytes:
    """A sparse file in PAX 1.0 whose map has millions of lines."""
    count = 6_000_000
    head = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n24 GNU.sparse.name=a.xml\n29 GNU.sparse.realsize=1000\n"
    body = b"%d\n" % count + b"0\n" * (2 * count)
    body = body.ljust(len(body) + -len(body) % 512, b"\0")
    pax = _header(tarfile.XHDTYPE, len(head)) + head.ljust(512, b"\0")
    return pax + _header(tarfile.REGTYPE, len(body)) + body


def ten_large(mode: Literal["w:gz", "w:xz", "w:bz2"], **options: int) -> bytes:
    """Just as much as the size of the archive allows."""
    made = io.BytesIO()
    content = random.Random(1).randbytes(2 * MB) + bytes(197 * MB)
    with tarfile.open(fileobj=made, mode=mode, **options) as archive:  # type: ignore[call-overload]
        for number in range(10):
            info = tarfile.TarInfo(f"{number}.xml")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def zip_ten_large() -> bytes:
    made = io.BytesIO()
    content = random.Random(1).randbytes(2 * MB) + bytes(197 * MB)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(10):
            archive.writestr(f"{number}.xml", content)
    return made.getvalue()


def zip_of(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def zip_entries(number: int, name: int = 5) -> bytes:
    """A table of contents that lists one member again and again, under names of some length."""
    record = zip_of(("a" * name, b"x"))
    entry = record[record.find(b"PK\x01\x02") : record.find(b"PK\x05\x06")]
    size = len(entry) * number
    start = record.find(b"PK\x01\x02")
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, number, number, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    return record[:start] + entry * number + end64 + locator + end


def zip_lies() -> bytes:
    """4 GB announced for a member of some bytes."""
    content = bytearray(zip_of(("a.xml", bytes(MB))))
    place = content.find(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<L", 2**32 - 2)
    return bytes(content)


def zip_signatures() -> bytes:
    """A document with a thousand signatures of a megabyte."""
    return zip_of(
        ("a.xml", semd.document()),
        *((f"{n}.sig", random.Random(n).randbytes(9000) + bytes(MB - 9001)) for n in range(900)),
    )


def xz_dictionary() -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 30}]
    return lzma.compress(random.Random(1).randbytes(4 * MB) + bytes(300 * MB), filters=filters)


ARCHIVES: dict[str, Made] = {
    "tar.gz: PAX header of 3 GB": lambda: _long(tarfile.XHDTYPE, 3000, b"\0"),
    "tar.gz: long name of 1 GB": lambda: _long(tarfile.GNUTYPE_LONGNAME, 1000, b"n"),
    "tar: long name of 180 MB": lambda: _header(tarfile.GNUTYPE_LONGNAME, 180 * MB) + b"n" * (180 * MB),
    "tar.gz: PAX header of digits": pax_digits,
    "tar.gz: global PAX headers": pax_globals,
    "tar: sparse map": sparse_map,
    "tar.gz: ten of 199 MB": lambda: ten_large("w:gz", compresslevel=1),
    "tar.xz: ten of 199 MB": lambda: ten_large("w:xz", preset=0),
    "tar.bz2: ten of 199 MB": lambda: ten_large("w:bz2", compresslevel=1),
    "gz: 2 GB of blanks": lambda: gzip.compress(random.Random(1).randbytes(10 * MB) + b" " * (2000 * MB), 1),
    "xz: dictionary of 1 GB": xz_dictionary,
    "bz2: blanks": lambda: bz2.compress(b" " * (200 * MB)),
    "zip: ten of 199 MB": zip_ten_large,
    "zip: two million entries": lambda: zip_entries(2_000_000),
    "zip: names of 64 kB": lambda: zip_entries(2_900, 65_000),
    "zip: 4 GB announced": zip_lies,
    "zip: signatures": zip_signatures,
}


def _semd(*, section: str = "", title: str = "Протокол консультации", extra: str = "") -> bytes:
    return semd.document(section, title=title, extra=extra)


def _words(text: str) -> bytes:
    return _semd(section=semd.section("ANAM", text=text))


def _nested(name: str, depth: int, inner: str = "x") -> str:
    return f"<{name}>" * depth + inner + f"</{name}>" * depth


def references(targets: int, each: int) -> bytes:
    text = "".join(f'<content ID="a{n}">{"слово " * each}</content>' for n in range(targets))
    entries = "".join(semd.field("7006", f'<reference value="#a{n % targets}"/>') for n in range(60_000))
    return _semd(section=semd.section("ANAM", entries, text=text))


def nested_ids(depth: int) -> bytes:
    """Each element contains the next: the words of all of them are depth times the words."""
    text = "".join(f'<content ID="a{n}">' for n in range(depth)) + "с" * 1000 + "</content>" * depth
    entries = "".join(semd.field("7006", f'<reference value="#a{n}"/>') for n in range(depth))
    return _semd(section=semd.section("ANAM", entries, text=text))


def _file(size: int) -> bytes:
    content = base64.b64encode(random.Random(1).randbytes(size)).decode()
    text = f'<text mediaType="application/pdf" representation="B64">{content}</text>'
    return semd.document().replace(b"<structuredBody></structuredBody>", f"<nonXMLBody>{text}</nonXMLBody>".encode())


XML: dict[str, Made] = {
    "xml: title of 60 MB": lambda: _semd(title="т" * (14 * MB)),
    "xml: title of 60 MB of words": lambda: _semd(title="ab " * (9 * MB)),
    "xml: text of 60 MB": lambda: _words("a" * (60 * MB)),
    "xml: text of 60 MB of lines": lambda: _words("a\n" * (30 * MB)),
    "xml: text of 60 MB of blanks": lambda: _words("a" + "\n \t" * (20 * MB) + "b"),
    "xml: text of 60 MB of sentences": lambda: _words("А б.\n" * (8 * MB)),
    "xml: angle brackets as text": lambda: _words("&lt;p " * (10 * MB) + "&lt;/p&gt;"),
    "xml: attribute of 60 MB": lambda: _semd(extra=f'<a b="{"x" * (60 * MB)}"/>'),
    "xml: code of 60 MB": lambda: _semd(section=semd.section("A" * (20 * MB), semd.field("7006", "x"))),
    "xml: name of an element of 30 MB": lambda: _semd(extra=f"<{'x' * (30 * MB)}/>"),
    "xml: a million attributes": lambda: _semd(extra="<a " + " ".join(f'a{n}=""' for n in range(1_000_000)) + "/>"),
    "xml: namespaces": lambda: _semd(extra="<a " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(900_000)) + "/>"),
    "xml: namespaces inside each other": lambda: _semd(
        extra="".join(f'<a{n}:a xmlns:a{n}="u{n}">' for n in range(250))
        + "<b/>" * 900_000
        + "".join(f"</a{n}:a>" for n in reversed(range(250)))
    ),
    "xml: depth": lambda: _semd(extra=_nested("a", 500_000)),
    "xml: two million elements": lambda: _semd(extra="<a/>" * 1_900_000),
    "xml: sections": lambda: _semd(section="<section/></component><component>" * 900_000 + "<section/>"),
    "xml: observations": lambda: _semd(section=semd.section("RESLAB", "<entry><observation/></entry>" * 450_000)),
    "xml: fields": lambda: _semd(section=semd.section("ANAM", semd.field("7006", "слова") * 60_000)),
    "xml: results": lambda: _semd(
        section=semd.section("RESLAB", semd.battery(*[semd.result(semd.quantity("5") + semd.span("1", "9"))] * 60_000))
    ),
    "xml: a wide table": lambda: _words("<table><tr>" + "<td>1</td>" * 900_000 + "</tr></table>"),
    "xml: spans": lambda: _words(
        '<table><tr><td colspan="1000000000" rowspan="1000000000">1</td></tr></table>' * 300_000
    ),
    "xml: lists in lists": lambda: _words(
        _nested("list><item", 100, "x").replace("</list><item>", "</item></list>") * 4000
    ),
    "xml: references": lambda: references(10, 3000),
    "xml: references inside each other": lambda: nested_ids(240),
    "xml: file of 30 MB": lambda: _file(30 * MB),
    "xml: UTF-16": lambda: _semd(title="т" * (14 * MB)).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "xml: comments": lambda: _semd(extra="<!---->" * 900_000),
    "xml: CDATA": lambda: _words("<![CDATA[x]]>" * 1_900_000),
    "xml: character references": lambda: _words("&#1078;" * (8 * MB)),
    "xml: 200 MB": lambda: _words("a" * (199 * MB)),
}


def _bundle(*entries: bytes) -> bytes:
    return b'{"resourceType":"Bundle","type":"collection","entry":[%b]}' % b",".join(
        b'{"resource":%b}' % entry for entry in entries
    )


def _with(element: bytes, resource: dict[str, object] | None = None) -> bytes:
    return _bundle(encoded(PATIENT), encoded(resource or lab("o1"))[:-1] + b"," + element + b"}")


def many(number: int) -> bytes:
    return _bundle(encoded(PATIENT), *(encoded(lab(f"o{n}")) for n in range(number)))


def _attached(megabytes: int) -> bytes:
    """A file of so much base64 in a list of documents."""
    attachment = {"contentType": "text/plain", "data": "QUJD" * (megabytes * MB // 4)}
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "status": "current",
        "content": [{"attachment": attachment}],
    }
    return _bundle(encoded(PATIENT), encoded(document))


FHIR: dict[str, Made] = {
    "fhir: empty arrays": lambda: _with(b'"extension":[' + b"[]," * (20 * MB) + b"[]]"),
    "fhir: empty objects": lambda: _with(b'"extension":[' + b"{}," * (20 * MB) + b"{}]"),
    "fhir: numbers": lambda: _with(b'"extension":[' + b"1.5," * (15 * MB) + b"1]"),
    "fhir: keys": lambda: _with(b",".join(b'"k%08d":1' % n for n in range(4 * MB))),
    "fhir: in the Bundle itself": lambda: (
        encoded({"resourceType": "Bundle", "type": "collection"})[:-1] + b',"meta":[' + b"[]," * (20 * MB) + b"[]]}"
    ),
    "fhir: entries": lambda: b'{"resourceType":"Bundle","entry":[' + b"{}," * (20 * MB) + b"{}]}",
    "fhir: empty resources": lambda: _bundle(*[b'{"resourceType":"A"}'] * (60 * MB // 35)),
    "fhir: array of numbers": lambda: b"[" + b"1," * (30 * MB) + b"1]",
    "fhir: lines": lambda: b'{"resourceType":"A"}\n' + b"1\n" * (30 * MB),
    "fhir: lines of resources": lambda: encoded(PATIENT) + b"\n" + b'{"resourceType":"A"}\n' * (60 * MB // 21),
    "fhir: empty lines": lambda: encoded(PATIENT) + b"\n" * (60 * MB) + encoded(lab("o1")),
    "fhir: one string": lambda: _with(b'"x":"' + b"a" * (60 * MB) + b'"'),
    "fhir: a display of 60 MB": lambda: _bundle(encoded(PATIENT), encoded(lab("o1", code={"text": "a b" * (20 * MB)}))),
    "fhir: a wide display of 60 MB": lambda: _bundle(
        encoded(PATIENT), encoded(lab("o1", code={"text": "аб " * (12 * MB)}))
    ),
    "fhir: an astral display": lambda: _bundle(
        encoded(PATIENT), encoded(lab("o1", code={"text": "\U0001f600" + "a" * (58 * MB)}))
    ),
    "fhir: escapes": lambda: _with(b'"x":"' + b"\\u0436" * (10 * MB) + b'"'),
    "fhir: a number of 60 MB": lambda: _with(b'"x":' + b"1" * (60 * MB)),
    "fhir: depth": lambda: _with(b'"x":' + b"[" * (30 * MB)),
    "fhir: a narrative of markup": lambda: _bundle(
        encoded(PATIENT),
        encoded({"resourceType": "Composition", "id": "c", "section": [{"text": {"div": "<p>" * (15 * MB)}}]}),
    ),
    "fhir: a narrative that is never closed": lambda: _bundle(
        encoded(PATIENT),
        encoded({"resourceType": "Composition", "id": "c", "section": [{"text": {"div": "<a " * (15 * MB)}}]}),
    ),
    "fhir: attachment of 60 MB": lambda: _attached(60),
    "fhir: attachment of 190 MB": lambda: _attached(188),
    "fhir: 60 MB of results": lambda: many(100_000),
    "fhir: panels": lambda: _bundle(
        encoded(PATIENT),
        *(
            encoded(lab(f"o{n}", hasMember=[{"reference": f"Observation/o{m}"} for m in range(n, n + 30)]))
            for n in range(20_000)
        ),
        *(
            encoded({"resourceType": "DiagnosticReport", "id": f"d{n}", "result": [{"reference": f"Observation/o{n}"}]})
            for n in range(3000)
        ),
    ),
    "fhir: contained": lambda: _bundle(
        encoded(PATIENT),
        encoded(
            lab(
                "o1",
                contained=[{"resourceType": "Organization", "id": f"{n}"} for n in range(300_000)],
                performer=[{"reference": f"#{n}"} for n in range(300_000)],
            )
        ),
    ),
    "fhir: notes": lambda: _bundle(encoded(PATIENT), encoded(lab("o1", note=[{"text": "x"}] * 1_000_000))),
}


def _note(text: str) -> bytes:
    """A study with a report in words."""
    form = {"contentType": "text/plain", "data": base64.b64encode(text.encode()).decode()}
    report = {"resourceType": "DiagnosticReport", "id": "d", "status": "final", "category": [{"text": "Imaging"}]}
    return _bundle(encoded(PATIENT), encoded(report | {"code": {"text": "x"}, "presentedForm": [form]}))


TAKEN: dict[str, Made] = {
    "taken xml: texts": lambda: _semd(
        section=semd.section("ANAM", text=f"<paragraph>{'слово ' * 160_000}</paragraph>" * 3)
    ),
    "taken xml: letters": lambda: _semd(
        section=semd.section("ANAM", text=f"<paragraph>{'я' * 990_000}</paragraph>" * 3)
    ),
    "taken xml: lines": lambda: _semd(section=semd.section("ANAM", text=f"<content>{'я.<br/>' * 200_000}</content>")),
    "taken xml: emoji": lambda: _semd(section=semd.section("ANAM", text=f"<paragraph>{'🇷' * 990_000}</paragraph>" * 3)),
    "taken xml: title": lambda: _semd(title="т" * 99_000),
    "taken xml: fields": lambda: _semd(
        section=semd.section("ANAM", semd.field("7006", "слова ") * 29_000, text="текст " * 150_000)
    ),
    "taken xml: results": lambda: _semd(
        section=semd.section("RESLAB", semd.battery(*[semd.result(semd.quantity("5") + semd.span("1", "9"))] * 15_000))
    ),
    "taken xml: table": lambda: _words("<table><tr>" + "<td>1</td>" * 240_000 + "</tr></table>"),
    "taken xml: a file": lambda: _file(23 * MB),
    "taken fhir: displays": lambda: _bundle(
        encoded(PATIENT), *(encoded(lab(f"o{n}", code={"text": f"{n} " + "аб " * 380_000})) for n in range(25))
    ),
    "taken fhir: a value": lambda: _bundle(encoded(PATIENT), encoded(lab("o1", note=[{"text": "я" * 1_000_000}]))),
    "taken fhir: a note of words": lambda: _note("слово " * 270_000),
    "taken fhir: a note of letters": lambda: _note("я" * 1_500_000),
    "taken fhir: brackets": lambda: _bundle(
        encoded(PATIENT),
        *(encoded(lab(f"o{n}"))[:-1] + b',"extension":[' + b"[]," * 190_000 + b"[]]}" for n in range(9)),
    ),
    "taken fhir: a file": lambda: _attached(31),
}
KINDS = ARCHIVES | XML | FHIR | TAKEN


def written(name: str) -> bytes:
    return KINDS[name]()
