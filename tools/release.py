"""A release of the last commit: `python -m tools.release` puts wheel, sdist, bill of materials and checksums into `dist/`.

Everything is built twice, in surroundings that have nothing in common, the second wheel from the second sdist; nothing is
put there unless both are the same to the byte.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bill_of_materials import bill
from tools.reproducible_build import (
    ROOT,
    Surroundings,
    build,
    committed_at,
    differences,
    git,
    misplaced,
    sources,
    unpacked,
)

DIST = ROOT / "dist"
HERE = Surroundings()
ELSEWHERE = Surroundings(umask=0o077, zone="Asia/Kamchatka", language="C.UTF-8")


def built(folder: Path, epoch: int, surroundings: Surroundings, *, from_sdist: bool) -> list[Path]:
    """Wheel and sdist, in a folder of their own."""
    out = folder / "built"
    out.mkdir(parents=True)
    tree = sources(folder / "sources", surroundings)
    sdist = build("sdist", tree, out, epoch, surroundings)
    if from_sdist:
        tree = unpacked(sdist, folder / "unpacked", surroundings)
    return [build("wheel", tree, out, epoch, surroundings), sdist]


def problems(first: Iterable[Path], second: Iterable[Path]) -> Iterator[str]:
    """Where two builds differ, and what in the first does not belong there."""
    for one, other in zip(first, second, strict=True):
        yield from (f"{one.name}: {line}" for line in differences(one, other))
        yield from (f"{one.name}: {line}" for line in misplaced(one))


def checksums(files: Iterable[Path]) -> str:
    """What `sha256sum --check` reads."""
    return "".join(f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(files))


def publish(files: list[Path], epoch: int) -> None:
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    wheel, _sdist = released = [Path(shutil.copyfile(file, DIST / file.name)) for file in files]
    name, version, *_tags = wheel.name.split("-")
    released.append(DIST / f"{name}-{version}.cdx.json")
    released[-1].write_text(bill(wheel, datetime.fromtimestamp(epoch, UTC)), encoding="utf-8")
    (DIST / "SHA256SUMS").write_text(checksums(released), encoding="utf-8")


def uncommitted(root: Path = ROOT) -> str:
    """What is changed and would not be in the release, as git names it."""
    return git("status", "--porcelain", "--untracked-files=no", root=root).decode()


def main() -> int:
    if changed := uncommitted():
        sys.stderr.write(f"commit first what is changed here:\n{changed}")
        return 1
    epoch = committed_at()
    with TemporaryDirectory() as folder:
        first = built(Path(folder) / "one", epoch, HERE, from_sdist=False)
        second = built(Path(folder) / "another-place", epoch, ELSEWHERE, from_sdist=True)
        if found := list(problems(first, second)):
            sys.stderr.write("".join(f"{line}\n" for line in found))
            return 1
        publish(first, epoch)
    sys.stdout.write((DIST / "SHA256SUMS").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
