"""Out, in and out again: what was exported, imported and exported once more is the same, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Emk
from tests.invented import PATIENT, encoded, lab


@pytest.fixture
def import_anew(emk: Emk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """A fresh home whose local card is this file or folder alone."""

    def take(source: Path) -> None:
        secret = tmp_path / "passphrase"
        secret.write_text("a passphrase of a test\n", encoding="utf-8")
        secret.chmod(0o600)
        monkeypatch.setenv("EMK_HOME", str(tmp_path / f"home-of-{source.name}"))
        monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(secret))
        monkeypatch.setenv("EMK_KEYRING", "off")
        monkeypatch.setenv("EMK_BACKEND", "local")
        done = emk("card", "import", str(source), "--json")
        assert done.code == 0, (done.out, done.err)
        assert {one["status"] for one in done.items} == {"added"}

    return take


def exported(emk: Emk, form: str, target: Path) -> Path:
    done = emk("card", "export", "--format", form, "--to", str(target), "--json")
    assert done.code == 0, (done.out, done.err)
    return target


def lines(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.ndjson")}


def test_the_card_of_a_server(
    emk: Emk, seeded: Callable[[], None], import_anew: Callable[[Path], None], tmp_path: Path
) -> None:
    seeded()
    first = exported(emk, "fhir", tmp_path / "first.json")
    bulk = exported(emk, "ndjson", tmp_path / "bulk")
    import_anew(first)
    assert exported(emk, "fhir", tmp_path / "second.json").read_bytes() == first.read_bytes()
    import_anew(bulk)
    again = lines(exported(emk, "ndjson", tmp_path / "bulk-again"))
    assert len(again) > 10
    assert again == lines(bulk)
    import_anew(exported(emk, "fhir", tmp_path / "third.json"))
    assert exported(emk, "fhir", tmp_path / "fourth.json").read_bytes() == (tmp_path / "third.json").read_bytes()


ODD = (
    encoded(PATIENT),
    b'{ "resourceType" : "Observation",\r\n "id":"o1", "subject":{"reference":"Patient/p1"}, "valueQuantity":{"value":5.40}}',
    b'{"resourceType":"Observation","subject":{"reference":"Patient/p1"},"note":[{"text":"\xe2\x80\xa8\\u0000=1+1"}]}',
    encoded({"resourceType": "Procedure", "id": "x", "subject": {"reference": "urn:uuid:gone"}}),
    encoded(lab("o2", value=1e-7)),
)


@pytest.mark.parametrize("stamped", [True, False])
def test_odd_resources(emk: Emk, stamped: bool, import_anew: Callable[[Path], None], tmp_path: Path) -> None:
    """Blanks, digits, a resource without a name, a reference that leads nowhere."""
    source = tmp_path / "odd.json"
    entries = b",".join(b'{"resource":%s}' % one for one in ODD)
    stamp = b"2019-05-06" if stamped else b""
    source.write_bytes(
        b'{"resourceType":"Bundle","type":"collection","timestamp":"%s","entry":[%s]}' % (stamp, entries)
    )
    import_anew(source)
    first = exported(emk, "fhir", tmp_path / "first.json")
    assert [one for one in ODD if one not in first.read_bytes()] == []
    import_anew(first)
    assert exported(emk, "fhir", tmp_path / "second.json").read_bytes() == first.read_bytes()
