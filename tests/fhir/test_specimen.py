"""A result's specimen in the FHIR that is made of a document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import Emk
from tests.importers import semd_invented as x


def laboratory() -> bytes:
    """Two results, one of them of venous blood."""
    role = '<specimen><specimenRole><id root="9.1" extension="5"/>{}</specimenRole></specimen>'
    blood = f"<specimenPlayingEntity>{x.code('108', '1.2', 'Кровь венозная')}</specimenPlayingEntity>"
    taken = f"<entry><procedure>{role.format(blood)}</procedure></entry>"
    results = (x.result(x.quantity("166") + role.format("")), x.result(x.quantity("5.40"), "2", "Глюкоза"))
    return x.document(x.section("SPECIMENS", taken), x.section("RESLAB", x.battery(*results, time=x.when("20260228"))))


def test_it_is_referred_to_and_read_back(emk: Emk, tmp_path: Path) -> None:
    (tmp_path / "laboratory.xml").write_bytes(laboratory())
    made = tmp_path / "card.json"
    assert emk("card", "import", str(tmp_path / "laboratory.xml"), "--insecure-storage").code == 0
    assert emk("card", "export", "--format", "fhir", "--to", str(made), "--backend", "local").code == 0
    resources = [entry["resource"] for entry in json.loads(made.read_bytes())["entry"]]
    specimens = {one["code"]["text"]: _specimen(one) for one in resources if one["resourceType"] == "Observation"}
    assert specimens == {"Гемоглобин": "Кровь венозная", "Глюкоза": None}
    assert emk("card", "import", str(made), "--profile", "again", "--insecure-storage").code == 0
    back = emk("card", "labs", "--backend", "local", "--profile", "again", "--json").items
    assert {one["analyte"]: one["specimen"] for one in back} == specimens


def _specimen(observation: dict[str, Any]) -> str | None:
    """What the contained resource that the result refers to says it is."""
    contained = {f"#{one['id']}": one for one in observation.get("contained", ())}
    reference = observation.get("specimen", {}).get("reference")
    assert set(contained) == {reference} - {None}
    return contained[reference]["type"]["text"] if reference else None
