"""A minute of atheris on every reader, from a corpus of invented documents."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.importers import semd_invented as x
from tests.importers.test_archives import tarred, zipped
from tests.invented import PATIENT, bundle, encoded, lab

SECONDS = 20
LAB = x.section("RESLAB", x.battery(x.result(x.quantity("5,40") + x.span("4", "5")), time=x.when("202603011000+0300")))
WORDS = x.section("ANAM", x.field("7006", "<br/>слова"), text="<table><tr><td>1</td></tr></table>")
DIAGNOSIS = f"<entry>{x.observation(x.code('809', x.FIELD) + x.coded('J06.9', x.ICD, 'ОРВИ'))}</entry>"
SEMD = {
    "lab": x.document(LAB),
    "words": x.document(WORDS, x.section("DGN", DIAGNOSIS)),
    "utf-16": x.document(LAB).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "bare": b'<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody/></component></ClinicalDocument>',
}
FHIR = {
    "bundle": encoded(bundle(PATIENT, lab("o1"), timestamp="2026-01-01")),
    "lines": b"\n".join([encoded(PATIENT), encoded(lab("o1"))]),
}
PACKED = {"zip": zipped(("a.xml", SEMD["lab"]), ("a.sig", b"0\x80")), "tar": tarred(("a.json", FHIR["bundle"]))}
TOKENS = (
    *("ClinicalDocument", "section", "entry", "observation", "value", "code", "RESLAB", "nullFlavor", "low", "high"),
    *("effectiveTime", "xsi:type", "IVL_PQ", "RTO", "translation", "resourceType", "Observation", "component", "PK"),
)


@pytest.mark.parametrize("corpus", [SEMD, FHIR, PACKED], ids=["semd", "fhir", "archives"])
def test_a_reader_never_raises(corpus: dict[str, bytes], tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name, content in corpus.items():
        (seeds / name).write_bytes(content)
    (tmp_path / "words").write_text("".join(f'"{token}"\n' for token in TOKENS), encoding="utf-8")
    limits = [f"-max_total_time={SECONDS}", "-max_len=20000", "-timeout=20", "-rss_limit_mb=1024"]
    command = [sys.executable, "-m", "tests.slow.fuzz", str(seeds), *limits, f"-dict={tmp_path / 'words'}"]
    done = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/"], capture_output=True, timeout=SECONDS + 120, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:].decode("utf-8", "replace")
    assert b"DONE" in done.stderr
