"""Archives and signatures: what Gosuslugi gives out, and what somebody else might."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli import models
from emkcli.importers import archives, document_reader
from emkcli.importers.archives import limits, unpacking
from emkcli.importers.document_reader import read
from emkcli.importers.source_document import Parsed
from tests.importers import semd_invented as x


def zipped(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def tarred(*files: tuple[str, bytes], link: str | None = None) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo("link.xml")
            info.type, info.linkname = tarfile.SYMTYPE, link
            archive.addfile(info)
    return made.getvalue()


def all_of(content: bytes) -> list[Parsed]:
    return list(read("-", io.BytesIO(content)))


def signature(found: Parsed) -> models.Signature | None:
    (piece,) = found.pieces()
    document = piece.records[0]
    assert isinstance(document, models.Document)
    return document.signature


def test_a_zip_with_xml_pdf_and_signature() -> None:
    (found,) = all_of(zipped(("d/a.xml", x.document()), ("d/a.xml.sig", b"<Signature/>"), ("d/a.pdf", b"%PDF-1.4")))
    assert (found.file, found.problem) == ("-/d/a.xml", None)
    assert signature(found) == models.Signature(present=True, signer=None, valid=None)
    (bare,) = all_of(zipped(("a.xml", x.document())))
    assert signature(bare) is None


def test_tar_and_one_archive_inside_another() -> None:
    inner = zipped(("a.xml", x.document()))
    assert [one.problem for one in all_of(tarred(("a.xml", x.document()), ("b.zip", inner)))] == [None, None]
    (deep,) = all_of(zipped(("c.zip", zipped(("b.zip", inner)))))
    assert (deep.problem, deep.reason) == ("unsupported", "an archive in an archive in an archive")


def test_what_leads_out_of_an_archive() -> None:
    found = all_of(zipped(("../a.xml", x.document()), ("/b.xml", x.document()), ("c.xml", x.document())))
    assert [one.problem for one in found] == ["failed", "failed", None]
    (linked,) = all_of(tarred(link="/etc/passwd"))
    assert linked.reason == "it is a link, no file"


def test_bombs_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = all_of(zipped(("a.xml", b" " * (32 * 2**20))))
    assert found.reason == "the archive unpacks to far more than it is: it is not read"
    monkeypatch.setattr(limits, "MOST", 1)
    (many,) = all_of(zipped(("a", b"1"), ("b", b"2")))
    assert many.reason == "more than 1 files in one archive"


def test_a_bad_member_does_not_cost_the_others() -> None:
    whole = bytearray(zipped(("a.xml", x.document(ident="1")), ("b.xml", x.document(ident="2"))))
    whole[60:70] = b"\0" * 10
    assert [one.problem for one in all_of(bytes(whole))] == ["failed", None]


def test_signatures_in_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(x.document())
    (tmp_path / "a.p7s").write_bytes(b"0")
    (tmp_path / "lonely.sig").write_bytes(b"0")
    found = list(read(str(tmp_path)))
    assert [one.problem for one in found] == [None, "unsupported"]
    assert signature(found[0]) is not None
    assert signature(next(iter(read(str(tmp_path / "a.xml"))))) is not None


@settings(max_examples=100)
@given(st.binary(max_size=60), st.integers(0, 600), st.booleans())
def test_any_archive_is_documents_or_a_reason(noise: bytes, place: int, packed: bool) -> None:
    whole = zipped(("a.xml", x.document())) if packed else tarred(("a.xml", x.document()))
    for one in all_of(whole[:place] + noise + whole[place + len(noise) :]):
        assert one.problem in (None, "failed", "unsupported")
        list(one.pieces())


def test_a_member_without_a_name() -> None:
    """Found by the fuzzer: `zipfile` stumbles over it up to Python 3.12, and finds it damaged from 3.13 on."""
    content = bytearray(zipped(("a", x.document())))
    entry, end = content.find(b"PK\x01\x02"), content.find(b"PK\x05\x06")
    content[entry + 28], content[end + 12] = 0, content[end + 12] - 1
    del content[entry + 46]
    (found,) = all_of(bytes(content))
    assert found.problem == "failed"
    assert found.reason in {"the archive is damaged or of an unknown kind", "it is damaged"}


def test_a_single_packed_file_and_a_locked_one() -> None:
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert [one.problem for one in all_of(pack(x.document()))] == [None]
    locked = bytearray(zipped(("a.xml", x.document())))
    for place in (6, locked.find(b"PK\x01\x02") + 8):
        locked[place] |= 1
    (found,) = all_of(bytes(locked))
    assert "password" in str(found.reason)
    (other,) = all_of(b"7z\xbc\xaf\x27\x1c")
    assert other.reason == "a 7-Zip archive is not read: unpack it and import the documents"


def test_what_lies_beside_documents() -> None:
    pdf = b"%PDF-1.7"
    two = zipped(("a.xml", x.document()), ("b.xml", x.document(ident="8")), ("c.pdf", pdf), ("a.pdf", pdf))
    assert [(one.file, one.problem) for one in all_of(two)] == [
        ("-/a.xml", None),
        ("-/b.xml", None),
        ("-/c.pdf", "unsupported"),
    ]
    alone = zipped(("Документ.pdf", pdf), ("Данные.xml", x.document()), ("Подпись.sig", b"<a/>"), ("Ещё.SIG", b"<a/>"))
    (found,) = all_of(alone)
    assert signature(found) == models.Signature(present=True)


def test_a_hundred_thousand_members() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.xml", b"x")
    record = made.getvalue()
    start, end = record.find(b"PK\x01\x02"), record.find(b"PK\x05\x06")
    table = record[start:end] * 100_000
    whole = record[:start] + table + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(table), start, 0)
    (found,) = all_of(whole)
    assert found.reason == "more than 20000 files in one archive"


def header(kind: bytes, size: int, name: str = "a.xml") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_a_header_is_counted_before_it_is_read(kind: bytes) -> None:
    """Nothing stands behind the header: what it announces is enough."""
    (found,) = all_of(gzip.compress(header(kind, 3 * 2**30)))
    assert found.reason == "the names in the archive take more than 16 MB"


def test_many_headers_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEADERS", 1000)
    name = padded(b"a.xml")
    few, many = (header(tarfile.GNUTYPE_LONGNAME, 512) + name.ljust(512, b"\0") for _count in range(2))
    document = header(tarfile.REGTYPE, len(x.document())) + padded(x.document())
    assert [one.problem for one in all_of(few + document)] == [None]
    (found,) = all_of(few + many + document)
    assert "take more than" in str(found.reason)


def test_what_headers_say_of_a_file() -> None:
    """A size and a name in a pax header count, and only for the file that follows it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("ё" * 300 + ".xml", "b.xml"):
            info = tarfile.TarInfo(name)
            info.size = len(x.document(ident=name[0]))
            archive.addfile(info, io.BytesIO(x.document(ident=name[0])))
    found = all_of(made.getvalue())
    assert [(one.file, one.problem) for one in found] == [("-/" + "ё" * 300 + ".xml", None), ("-/b.xml", None)]
    size = b"%d size=%d\n" % (len(b"14 size=00000\n"), 12345)
    pax = header(tarfile.XHDTYPE, len(size)) + padded(size)
    (found_one,) = all_of(pax + header(tarfile.REGTYPE, 0) + padded(b" " * 12345) + bytes(1024))
    assert found_one.reason == "the file is empty"


@pytest.mark.parametrize("record", [b"1" * 600, b"9999999999999999999999 path=a\n", b"0 path=a\n", b"2 \n"])
def test_a_broken_pax_header(record: bytes) -> None:
    (found,) = all_of(header(tarfile.XHDTYPE, len(record)) + padded(record))
    assert found.reason == "the archive is damaged or of an unknown kind"


def test_a_link_or_directory_that_announces_gigabytes() -> None:
    document = header(tarfile.REGTYPE, len(x.document())) + padded(x.document())
    for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE):
        assert all_of(header(kind, 3 * 2**30, "d") + document)[-1].problem is None


def test_a_file_that_is_too_large_does_not_cost_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LARGEST", 100_000)
    for pack in (zipped, tarred):
        large, good = all_of(pack(("a.xml", b"x" * 100_001), ("b.xml", x.document())))
        assert (large.problem, good.problem) == ("failed", None)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_streams_one_after_the_other(pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """As programs write them that pack in parallel, with zeros behind; but not without end."""
    whole = x.document()
    parts = pack(whole[:700]) + pack(whole[700:]) + bytes(600)
    assert [one.problem for one in all_of(parts)] == [None]
    assert [one.problem for one in all_of(pack(whole) + b"noise")] == ["failed"]
    assert [one.problem for one in all_of(pack(whole)[:-9])] == ["failed"]
    monkeypatch.setattr(unpacking, "STREAMS", 1)
    assert [one.problem for one in all_of(parts)] == ["failed"]


def test_a_dictionary_of_a_gigabyte_is_not_made() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**30}]
    (found,) = all_of(lzma.compress(x.document(), filters=filters))
    assert found.reason == "the archive is damaged or of an unknown kind"


def test_signatures_are_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SIGNATURES", 10)
    files = [("a.xml", b"<a/>"), ("a.sig", b"12345678"), ("b.sig", b"123"), ("c.sig", b"12")]
    listing = archives.listing(io.BytesIO(zipped(*files)), lambda name: name.endswith(".sig"))
    assert listing.names == ["a.xml", "a.sig", "b.sig", "c.sig"]
    assert listing.small == {"a.sig": b"12345678", "b.sig": None, "c.sig": b"12"}


def test_names_as_long_as_books() -> None:
    found, good = all_of(zipped(("n" * 65_000, x.document()), ("a.xml", x.document())))
    assert (found.file, found.reason) == ("-/" + "n" * 100 + "…", "its name is too long")
    assert good.problem is None


def test_an_archive_on_disk_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_reader, "LARGEST", 5000)
    whole = zipped(*((f"{number}.xml", x.document(ident=str(number))) for number in range(9)))
    (tmp_path / "a.zip").write_bytes(whole)
    assert len(whole) > 5000
    assert [one.problem for one in read(str(tmp_path / "a.zip"))] == [None] * 9


def test_archives_in_an_archive_unpack_together_to_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SMALL", 2**20)
    blanks = gzip.compress(b" " * 900_000)
    document = gzip.compress(x.document())
    results = all_of(zipped(("a.xml.gz", document), *((f"{number}.gz", blanks) for number in range(20))))
    assert [result.problem for result in results[:2]] == [None, "failed"]
    refusals = [str(result.reason) for result in results[1:]]
    assert refusals[0] == "the file is empty"
    assert refusals[-1] == "the archive unpacks to far more than it is: it is not read"
    assert refusals.count("the file is empty") < 3
