"""Write the golden files anew: `python -m tests.golden.make`. Look at what changed before it is committed."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.golden.house import house
from tests.golden.schemas import schemas, text
from tests.golden.worlds import WORLDS

DATA = Path(__file__).parent / "data"
SCHEMAS = DATA / "schemas.json"


def make(target: Path = DATA) -> None:
    """Every world from an empty home on."""
    shutil.rmtree(target, ignore_errors=True)
    with TemporaryDirectory() as place:
        for name, world in WORLDS.items():
            with house(Path(place, name)) as inside:
                for file, content in world(inside):
                    path = target / name / file
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.encode())
        with house(Path(place, "schemas")) as inside:
            SCHEMAS.write_bytes(text(schemas(inside)).encode())


if __name__ == "__main__":
    make()
