"""Archives and signatures: what Gosuslugi gives out, and what somebody else might."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emkcli.api import models
from emkcli.api.documents import Parsed
from emkcli.formats import archives, read
from tests.formats import semd_invented as x


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
    monkeypatch.setattr(archives, "MOST", 1)
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


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 600), st.booleans())
def test_any_archive_is_documents_or_a_reason(noise: bytes, place: int, packed: bool) -> None:
    whole = zipped(("a.xml", x.document())) if packed else tarred(("a.xml", x.document()))
    for one in all_of(whole[:place] + noise + whole[place + len(noise) :]):
        assert one.problem in (None, "failed", "unsupported")
        list(one.pieces())
