"""`make release`: the same bytes wherever they are built, nothing in them that does not belong, and papers that are true."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from datetime import UTC, datetime
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from noxfile import PYTHONS, interpreter
from tools import release
from tools.bill_of_materials import bill
from tools.licences import FONTS, refused
from tools.locks import pins
from tools.reproducible_build import Surroundings, committed_at, git

NOBODY = 65534 if os.geteuid() == 0 else None
EPOCH = committed_at()


def pythons() -> list[str]:
    """This Python, and the other supported ones that are on the machine."""
    names = (name if "/" in (name := interpreter(version)) else f"python{name}" for version in PYTHONS)
    return sorted({sys.executable, *filter(None, map(shutil.which, names))})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Wheel and sdist, built as on the machine of whoever makes the release."""
    return release.built(tmp_path_factory.mktemp("here"), EPOCH, release.HERE, from_sdist=False)


@pytest.fixture(scope="module")
def materials(built: list[Path]) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(bill(built[0], datetime.fromtimestamp(EPOCH, UTC)))
    return parsed


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("from_sdist", [False, True], ids=["from the commit", "from the sdist"])
def test_another_machine_builds_the_same(built: list[Path], tmp_path: Path, python: str, from_sdist: bool) -> None:
    elsewhere = Surroundings(python, 0o077, "America/Los_Angeles", "C.UTF-8", owner=NOBODY)
    again = release.built(tmp_path / "another place", EPOCH, elsewhere, from_sdist=from_sdist)
    assert list(release.problems(built, again)) == []
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in built]


def test_another_time_is_another_build(built: list[Path], tmp_path: Path) -> None:
    """The comparison is one that can fail."""
    later = release.built(tmp_path, EPOCH + 86400, release.HERE, from_sdist=False)
    found = list(release.problems(built, later))
    assert any(line.startswith(f"{built[0].name}: emkcli/__init__.py: ") for line in found)
    assert not any("belong" in line for line in found)


def test_stray_files_stay_out(built: list[Path], tmp_path: Path) -> None:
    """A clone with a session beside the sources, ignored and not, in a git that rewrites line ends."""
    clone = tmp_path / "clone"
    git("clone", "--quiet", str(release.ROOT), str(clone))
    for name in ("emkcli/stray.py", "emkcli/__pycache__/stray.pyc", "tests/token.json", "dist/old.whl"):
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text("stray")
    git("config", "core.autocrlf", "true", root=clone)
    (tree := tmp_path / "tree").mkdir()
    release.sources(tree, release.HERE, root=clone)
    (out := tmp_path / "out").mkdir()
    again = [release.build(kind, tree, out, EPOCH, release.HERE) for kind in ("wheel", "sdist")]
    assert list(release.problems(built, again)) == []
    assert release.uncommitted(clone) == ""


def test_what_is_not_committed_is_named(tmp_path: Path) -> None:
    git("clone", "--quiet", str(release.ROOT), str(tmp_path / "clone"))
    (tmp_path / "clone" / "LICENSE").write_text("other terms")
    assert release.uncommitted(tmp_path / "clone") == " M LICENSE\n"


def test_what_does_not_belong_is_named(built: list[Path], tmp_path: Path) -> None:
    wheel = tmp_path / built[0].name
    wheel.write_bytes(built[0].read_bytes())
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("tests/test_stray.py", "")
    assert release.misplaced(wheel) == ["tests/test_stray.py does not belong"]
    assert release.misplaced(built[0]) == release.misplaced(built[1]) == []


def test_a_wheel_holds_the_program_and_its_licences(built: list[Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        names = wheel.namelist()
        about = next(name for name in names if name.endswith("/METADATA"))
        metadata = BytesParser().parsebytes(wheel.read(about))
    assert {
        "emkcli/py.typed",
        "emkcli/completions/_emk",
        "emkcli/completions/ru/_emk",
        "emkcli/man/man1/emk.1",
        "emkcli/locale/ru/LC_MESSAGES/emk.mo",
    } <= {*names}
    assert not [name for name in names if name.endswith((".pyc", ".so")) or name.startswith(("tests", "tools", "docs"))]
    fonts = {name.rpartition("/")[0] for name in names if name.endswith((".ttf", ".otf", ".woff", ".woff2"))}
    assert fonts == {font.folder for font in FONTS}
    assert {f"{folder}/LICENSE" for folder in fonts} | {"LICENSE"} == set(metadata.get_all("License-File", []))
    assert metadata["License-Expression"] == "Apache-2.0 AND Bitstream-Vera"


def test_a_wheel_runs(built: list[Path], tmp_path: Path) -> None:
    """Beside the locked dependencies, without these sources."""
    with zipfile.ZipFile(built[0]) as wheel:
        wheel.extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    run = [sys.executable, "-c", "import emkcli.__main__ as emk; print(emk.__file__); emk.main()", "completion", "bash"]
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    place, _newline, script = done.stdout.partition("\n")
    assert place == str(tmp_path / "installed" / "emkcli" / "__main__.py")
    assert script == (release.ROOT / "completions" / "emk.bash").read_text(encoding="utf-8")


def test_an_sdist_belongs_to_nobody(built: list[Path]) -> None:
    with tarfile.open(built[1]) as sdist:
        members = sdist.getmembers()
    assert {(member.uid, member.gid, member.uname, member.gname) for member in members} == {(0, 0, "", "")}
    assert {oct(member.mode) for member in members} == {"0o644", "0o755"}


def test_the_bill_names_every_package_with_licence_and_hashes(materials: dict[str, Any], built: list[Path]) -> None:
    components = {component["name"]: component for component in materials["components"]}
    packages = {name: one for name, one in components.items() if one["type"] == "library"}
    required = {name for name, one in packages.items() if one["scope"] == "required"}
    locked = {pin.name: pin for pin in pins("all")}
    assert required == {pin.name for pin in pins("main")} < packages.keys() == locked.keys()
    for name, package in packages.items():
        assert package["purl"] == f"pkg:pypi/{name}@{locked[name].version}"
        assert sorted(one["content"] for one in package["hashes"]) == sorted(locked[name].hashes)
    for component in components.values():
        (stated,) = component["licenses"]
        assert refused(stated.get("expression") or stated["license"]["id"]) == set()
    assert components.keys() - packages.keys() == {font.name for font in FONTS}
    ours = materials["metadata"]["component"]
    assert [one["content"] for one in ours["hashes"]] == [sha256(built[0].read_bytes()).hexdigest()]


def test_the_bill_tells_what_needs_what(materials: dict[str, Any]) -> None:
    needs = {one["ref"].partition("@")[0]: one.get("dependsOn", []) for one in materials["dependencies"]}
    names = {name: {ref.partition("@")[0] for ref in refs} for name, refs in needs.items()}
    (ours,) = (name for name in names if name.startswith("emkcli=="))
    assert {"pkg:pypi/httpx", "pkg:pypi/pyrage", "DejaVu Sans==2.37"} <= names[ours]
    assert "pkg:pypi/httpcore" not in names[ours]
    assert names["pkg:pypi/httpx"] == {f"pkg:pypi/{name}" for name in ("anyio", "certifi", "httpcore", "idna")}


def test_the_bill_is_the_same_each_time(built: list[Path]) -> None:
    made = datetime.fromtimestamp(EPOCH, UTC)
    assert bill(built[0], made) == bill(built[0], made)
    assert set(re.findall(r"https?://[^\"]+", bill(built[0], made))) == {
        "http://cyclonedx.org/schema/bom-1.6.schema.json"
    }


def test_what_is_published_can_be_checked(built: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "DIST", tmp_path / "dist")
    release.publish(built, EPOCH)
    names = {file.name for file in (tmp_path / "dist").iterdir()}
    assert names == {built[0].name, built[1].name, "emkcli-0.1.0.cdx.json", "SHA256SUMS"}
    check = ["sha256sum", "--strict", "--check", "SHA256SUMS"]
    done = subprocess.run(check, cwd=tmp_path / "dist", capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK\n") == 3
    assert str(tmp_path) not in "".join(file.read_text("latin-1") for file in (tmp_path / "dist").iterdir())
