"""Wheel and sdist of a commit, the same bytes wherever they are built; where two builds differ, and what belongs in them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
# what a person's own git is set to must change neither the ends of lines nor modes
GIT = ("git", "-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.quotePath=false", "-c", "tar.umask=0022")


@dataclass(frozen=True)
class Surroundings:
    """What a build must not depend on. `owner` (a number) takes root."""

    python: str = sys.executable
    umask: int = 0o022
    zone: str = "UTC"
    language: str = "C"
    owner: int | None = None

    def environment(self, home: Path, epoch: int) -> dict[str, str]:
        # hatchling and what it needs are plain Python: any version runs those that are locked
        built_with = sysconfig.get_path("purelib")
        where = {"HOME": str(home), "USER": home.name, "TZ": self.zone, "LC_ALL": self.language}
        return {"PATH": os.defpath, "PYTHONPATH": built_with, "SOURCE_DATE_EPOCH": str(epoch), **where}


def git(*arguments: str, root: Path = ROOT) -> bytes:
    return subprocess.run([*GIT, *arguments], cwd=root, stdout=subprocess.PIPE, check=True).stdout


def committed_at(root: Path = ROOT) -> int:
    """Seconds since 1970: the time that everything in a release bears."""
    return int(git("log", "-1", "--format=%ct", root=root))


def tracked(root: Path = ROOT) -> list[str]:
    """What the last commit holds, by name; a name need not be text."""
    return [
        os.fsdecode(name) for name in git("ls-tree", "-r", "-z", "--name-only", "HEAD", root=root).split(b"\0")[:-1]
    ]


def sources(folder: Path, surroundings: Surroundings, root: Path = ROOT) -> Path:
    """The last commit, and nothing that lies beside it, with the modes a person of that umask would have."""
    with tarfile.open(fileobj=io.BytesIO(git("archive", "HEAD", root=root))) as archive:
        archive.extractall(folder, filter="data")
    _adapt(folder, surroundings)
    return folder


def unpacked(sdist: Path, folder: Path, surroundings: Surroundings) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    _adapt(folder, surroundings)
    return folder / sdist.name.removesuffix(".tar.gz")


def build(kind: str, folder: Path, target: Path, epoch: int, surroundings: Surroundings) -> Path:
    """The `wheel` or `sdist` of the sources in a folder. `RuntimeError` with what hatchling says."""
    before = set(target.glob("*"))
    done = subprocess.run(
        [surroundings.python, "-m", "hatchling", "build", "--target", kind, "--directory", str(target)],
        cwd=folder,
        env=surroundings.environment(target, epoch),
        umask=surroundings.umask,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{kind}: {done.stdout.decode('utf-8', 'replace')}")
    (built,) = set(target.glob("*")) - before
    return built


def differences(first: Path, second: Path) -> list[str]:
    """How two archives differ, each member that does in one line; empty when they are the same to the byte."""
    if first.read_bytes() == second.read_bytes():
        return []
    one, other = dict(_members(first)), dict(_members(second))
    names = one | other
    lines = [f"{name}: {one.get(name)} / {other.get(name)}" for name in names if one.get(name) != other.get(name)]
    if not lines and [*one] != [*other]:
        lines = [f"order: {a} / {b}" for a, b in zip(one, other, strict=True) if a != b]
    return lines or [f"{first.name}: the members are the same, their packing is not (another zlib?)"]


def misplaced(built: Path, root: Path = ROOT) -> list[str]:
    """What is in a wheel or an sdist and does not belong there, or is not and does; folders are not named."""
    present = {name.partition("/")[2] if built.suffix == ".gz" else name for name, _about in _members(built)}
    expected = set(_expected(built, root))
    return sorted(
        [f"{name} does not belong" for name in present - expected] + [f"{n} is missing" for n in expected - present]
    )


def _expected(built: Path, root: Path) -> Iterator[str]:
    """An sdist holds all that is tracked; a wheel the package, the completions, the man pages, and its own papers."""
    names = tracked(root)
    if built.suffix == ".gz":
        yield from (*names, "PKG-INFO")
        return
    about = "-".join(built.name.split("-")[:2]) + ".dist-info"
    yield from (f"{about}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt"))
    yield from (
        f"{about}/licenses/{name}" for name in names if name.startswith("emkcli/") and name.endswith("/LICENSE")
    )
    yield f"{about}/licenses/LICENSE"
    yield from (name for name in names if name.startswith("emkcli/"))
    yield from (f"emkcli/{name}" for name in names if name.startswith(("completions/", "man/")))


def _members(archive: Path) -> Iterator[tuple[str, str]]:
    """Name, and everything that is said of a member, in the archive's order."""
    return _of_wheel(archive) if archive.suffix == ".whl" else _of_sdist(archive)


def _of_wheel(path: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(path) as wheel:
        for info in wheel.infolist():
            about = (oct(info.external_attr >> 16), info.date_time, info.create_system, info.compress_type)
            yield info.filename, f"{about} {_digest(wheel.read(info))}"


def _of_sdist(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as sdist:
        for member in sdist:
            file = sdist.extractfile(member)
            about = (oct(member.mode), member.mtime, member.uid, member.gid, member.uname, member.gname)
            yield member.name, f"{about} {_digest(file.read() if file else b'')}"


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


def _adapt(folder: Path, surroundings: Surroundings) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & 0o777 & ~surroundings.umask)
        os.utime(path)
        if surroundings.owner is not None:
            os.chown(path, surroundings.owner, surroundings.owner)
