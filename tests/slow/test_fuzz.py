"""atheris on every reader: 150,000 documents from invented ones, counted, and none of them an error of ours."""

from __future__ import annotations

import bz2
import lzma
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.importers import semd_invented as x
from tests.importers.test_archives import header, tarred, zipped
from tests.importers.test_signature_check import cms, der
from tests.invented import PATIENT, bundle, encoded, lab

LONGEST = 900
"""Seconds for one corpus; it takes a minute or two."""
LAB = x.section("RESLAB", x.battery(x.result(x.quantity("5,40") + x.span("4", "5")), time=x.when("202603011000+0300")))
WORDS = x.section("ANAM", x.field("7006", "<br/>слова"), text="<table><tr><td>1</td></tr></table>")
DIAGNOSIS = f"<entry>{x.observation(x.code('809', x.FIELD) + x.coded('J06.9', x.ICD, 'ОРВИ'))}</entry>"
SEMD = {
    "lab": x.document(LAB),
    "words": x.document(WORDS, x.section("DGN", DIAGNOSIS)),
    "utf-16": x.document(LAB).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "bare": b'<ClinicalDocument xmlns="urn:hl7-org:v3"><realmCode code="RU"/><component><structuredBody/></component></ClinicalDocument>',
}
FHIR = {
    "bundle": encoded(bundle(PATIENT, lab("o1"), timestamp="2026-01-01")),
    "lines": b"\n".join([encoded(PATIENT), encoded(lab("o1"))]),
}
LINES = {
    "lines": b"\n".join([encoded(PATIENT), encoded(lab("o1")), b"", encoded(bundle(lab("o2")))]),
    "array": b"[%b, %b]" % (encoded(PATIENT), encoded(lab("o1", note=[{"text": "<p>слова</p>"}]))),
    "contained": encoded(
        lab("o1", contained=[PATIENT], subject={"reference": "#p1"}, hasMember=[{"reference": "#p1"}])
    ),
}
PACKED = {
    "zip": zipped(("a.xml", SEMD["lab"]), ("a.sig", b"0\x80")),
    "tar.gz": tarred(("a.json", FHIR["bundle"])),
    "tar": header(tarfile.REGTYPE, 90) + SEMD["bare"].ljust(512, b"\0"),
    "long": header(tarfile.GNUTYPE_LONGNAME, 6) + b"a.xml\0".ljust(512, b"\0") + header(tarfile.REGTYPE, 0),
    "pax": header(tarfile.XHDTYPE, 15) + b"15 path=a.json\n".ljust(512, b"\0") + header(tarfile.REGTYPE, 0),
    "bz2": bz2.compress(SEMD["bare"]),
    "xz": lzma.compress(SEMD["bare"]),
}
SIGNED = {"whole": cms(der(0x04, SEMD["bare"])), "pieces": cms(b"\x24\x80" + der(0x04, SEMD["bare"]) + b"\0\0")}
RUNS = {"semd": (SEMD, 50_000), "fhir": (FHIR, 30_000), "lines": (LINES, 30_000), "archives": (PACKED, 30_000)}
RUNS["signatures"] = (SIGNED, 10_000)
TOKENS = (
    *("ClinicalDocument", "section", "entry", "observation", "value", "code", "RESLAB", "nullFlavor", "low", "high"),
    *("effectiveTime", "xsi:type", "IVL_PQ", "RTO", "translation", "resourceType", "Observation", "component", "PK"),
)


@pytest.mark.parametrize("name", RUNS)
def test_a_reader_never_raises(name: str, tmp_path: Path) -> None:
    corpus, documents = RUNS[name]
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for title, content in corpus.items():
        (seeds / title).write_bytes(content)
    (tmp_path / "words").write_text("".join(f'"{token}"\n' for token in TOKENS), encoding="utf-8")
    limits = [f"-runs={documents}", "-max_len=20000", "-timeout=20", "-rss_limit_mb=1024", "-print_final_stats=1"]
    command = [sys.executable, "-m", "tests.slow.fuzz", str(seeds), *limits, f"-dict={tmp_path / 'words'}"]
    done = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/"], capture_output=True, timeout=LONGEST, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:].decode("utf-8", "replace")
    counted = re.search(rb"number_of_executed_units: (\d+)", done.stderr)
    assert counted
    sys.stdout.write(f"{name}: {int(counted[1]):,} documents\n")
    assert int(counted[1]) >= documents
