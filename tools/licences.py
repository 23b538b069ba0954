"""Under which licence each pinned package stands: `python -m tools.licences` writes `locks/licences.txt`, `--check` compares.

A line is `name==version licence`, the licence as an SPDX expression. What is not known yet is read from the package's metadata,
which pip fetches; checking needs no network.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tools.locks import LOCKS, pins

FILE = LOCKS / "licences.txt"
LISTED = ("all", "build", "release", "dev")
"""The locks whose packages are listed: what a user gets, what makes a release, and what the suite runs with."""
ALLOWED = {
    *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib", "ZPL-2.1"),
    *("MPL-2.0", "Bitstream-Vera", "blessing"),
}
"""None of them asks more of a program that uses a package as it is than to keep its notices."""
READ = {
    "apsw-sqlite3mc": "Zlib AND MIT AND blessing",
    "colorama": "BSD-3-Clause",
    "pyrage": "MIT",
    "ptyprocess": "ISC",
    "reportlab": "BSD-3-Clause",
    "shiv": "BSD-2-Clause",
}
"""What the text of the licence says where the metadata does not: APSW, SQLite3 Multiple Ciphers and SQLite in one, and others."""
NAMES = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ZPL 2.1": "ZPL-2.1",
}
"""Names that older metadata and classifiers have for one licence; `BSD License` is not among them, as it may be either."""


@dataclass(frozen=True)
class Font:
    """A family that lies in the wheel, in a folder with its licence."""

    name: str
    version: str
    licence: str
    folder: str

    def files(self, root: Path) -> list[Path]:
        return sorted((root / self.folder).glob("*.ttf"))


FONTS = (
    Font("DejaVu Sans", "2.37", "Bitstream-Vera", "emkcli/fonts"),
    Font("DejaVu Sans Condensed", "2.37", "Bitstream-Vera", "emkcli/exporters/pdf_writer/dejavu"),
)


class Unknown(Exception):
    """A package whose licence nobody can name, or one that is not allowed."""


def known() -> dict[tuple[str, str], str]:
    """Name and version → SPDX expression, as the file has them."""
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.exists() else []
    split = (re.split("==| ", line, maxsplit=2) for line in lines)
    return {(name, version): licence for name, version, licence in split}


def licence(name: str, fields: Mapping[str, Any]) -> str:
    """What the core metadata of a package says, as an SPDX expression. `Unknown`."""
    stated = [READ.get(name), fields.get("license_expression"), fields.get("license")]
    trove = [line.rpartition(" :: ")[2] for line in fields.get("classifier", []) if line.startswith("License ::")]
    for words in filter(None, [*stated, *trove]):
        try:
            return canonicalize_license_expression(NAMES.get(words, words))
        except InvalidLicenseExpression:
            continue
    raise Unknown(f"{name}: read its licence, and add it to READ")


def refused(expression: str) -> set[str]:
    """The licences in an expression that are not among the allowed ones."""
    return set(re.findall(r"[A-Za-z0-9.-]+", expression)) - {"AND", "OR"} - ALLOWED


def listed() -> set[tuple[str, str]]:
    """Name and version of every package that has its line."""
    return {(pin.name, pin.version) for lock in LISTED for pin in pins(lock)}


def fetched(wanted: Collection[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Name, version and licence of packages of any platform; pip reads their metadata and installs nothing."""
    requirements = [f"{name}=={version}" for name, version in wanted]
    if not requirements:
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps"]
    done = subprocess.run([*pip, "--report", "-", *requirements], stdout=subprocess.PIPE, check=True)
    for item in json.loads(done.stdout)["install"]:
        fields = item["metadata"]
        name = re.sub(r"[-_.]+", "-", fields["name"]).lower()
        yield name, fields["version"], licence(name, fields)


def problems() -> Iterator[str]:
    """What is wrong with the file."""
    lines, packages = known(), listed()
    yield from (f"{name} {version} has no line; run make locks" for name, version in packages - lines.keys())
    yield from (f"{name} {version} is pinned no more; run make locks" for name, version in lines.keys() - packages)
    for (name, _version), expression in lines.items():
        yield from (f"{name}: {word} is not allowed" for word in refused(expression))


def write() -> None:
    """Keep what is known and still pinned, and fetch the rest."""
    packages, lines = listed(), known()
    lines |= {(name, version): words for name, version, words in fetched(packages - lines.keys())}
    kept = sorted(packages & lines.keys())
    FILE.write_text("".join(f"{name}=={version} {lines[name, version]}\n" for name, version in kept), encoding="utf-8")


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        write()
    found = sorted(problems())
    sys.stderr.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
