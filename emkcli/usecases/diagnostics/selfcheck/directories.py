"""The directories that emk writes in, tried by doing what it does there; whose they are and how open, and what lies open in them."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.config import ownership
from emkcli.config.private_files import make_directory, new_private
from emkcli.localcard.key import sync_directory
from emkcli.locale import _
from emkcli.usecases.diagnostics.selfcheck.check import Check, doubtful, failed, passed

if TYPE_CHECKING:
    from emkcli.app import App

LITTLE_SPACE = 50 * 1024 * 1024


def directories(app: App) -> Iterator[Check]:
    for name in ("config", "state", "cache"):
        path = getattr(app.places, name)
        try:
            yield _own(f"{name} directory", path)
        except OSError as cause:
            yield failed(f"{name} directory", f"{path}: {cause.strerror}", _elsewhere())
    yield _shared("temporary directory", Path(tempfile.gettempdir()))


def _own(name: str, path: Path) -> Check:
    if not path.exists():
        trouble = _tried(next(above for above in path.parents if above.exists()))
        return failed(name, f"{path} {trouble}", _elsewhere()) if trouble else passed(name, f"{path} (not there yet)")
    detail = f"{path} mode {stat.S_IMODE(path.stat().st_mode):04o}"
    try:
        ownership.keep_private(path)
    except errors.Storage as refused:
        return failed(name, f"{detail}: {refused.message}", refused.hint)
    if trouble := _tried(path):
        return failed(name, f"{detail}, {trouble}", _elsewhere())
    if ownership.too_open(path):
        return doubtful(name, detail, f"chmod 700 {path}")
    if ownership.replaceable(path):
        return doubtful(name, f"{detail}, others can replace it", f"chmod o-w {path.resolve().parent}")
    return passed(name, detail)


def _shared(name: str, path: Path) -> Check:
    mode = path.stat().st_mode
    detail = f"{path} mode {stat.S_IMODE(mode):04o}"
    if trouble := _tried(path):
        return failed(name, f"{detail}, {trouble}", _("point TMPDIR to a directory you may write"))
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        return doubtful(name, detail, f"chmod +t {path}")
    return passed(name, detail)


def _elsewhere() -> str:
    return _("it cannot be written; point EMK_HOME to a directory you may write")


def _tried(directory: Path) -> str | None:
    """Why nothing can be kept there: a directory and a file in it are made, written to the disk, renamed and removed."""
    try:
        with _trial(directory) as trial:
            _write(trial / "one")
            (trial / "one").replace(trial / "two")
            sync_directory(trial)
    except OSError as cause:
        return str(cause.strerror or cause)
    return None


@contextmanager
def _trial(directory: Path) -> Iterator[Path]:
    """A directory of its own there, which goes again."""
    trial = directory / f".emk-selfcheck-{os.urandom(8).hex()}"
    make_directory(trial)
    try:
        yield trial
    finally:
        shutil.rmtree(trial)


def _write(path: Path) -> None:
    with os.fdopen(new_private(path), "wb") as file:
        file.write(b"emk")
        file.flush()
        os.fsync(file.fileno())


def files(app: App) -> Iterator[Check]:
    """Each file that others may read, or that is another user's."""
    places = app.places
    found = [path for path in (places.config_file, *sorted(places.state.rglob("*"))) if _is_file(path)]
    exposed = [(path, how) for path in found if os.name == "posix" and (how := ownership.too_open(path))]
    if exposed:
        path, how = exposed[0]
        detail = f"{len(exposed)} can be read by others or are theirs, such as {path} ({how})"
        hint = f"chmod -R go= {places.state}"
        yield doubtful("files", detail, f"sudo chown {os.geteuid()} {path}" if how.startswith("owner") else hint)
    elif found:
        yield passed("files", f"{len(found)}, for their owner alone")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # behind a directory that is closed to us, which its own check says
        return False


def disk(app: App) -> Iterator[Check]:
    """Free space, and whether locks work there: on some network drives they do not."""
    state = app.places.state
    place = next(path for path in (state, *state.parents) if path.exists())
    free = shutil.disk_usage(place).free
    detail = f"{free // (1024 * 1024)} MB free"
    yield passed("disk", detail) if free > LITTLE_SPACE else doubtful("disk", detail, _("little space is left"))
    if place == state:
        yield _lock(state)


def _lock(state: Path) -> Check:
    from filelock import FileLock, Timeout

    with _trial(state) as trial:
        _write(trial / "lock")
        first, second = FileLock(trial / "lock"), FileLock(trial / "lock")
        with first.acquire(timeout=1):
            try:
                second.acquire(timeout=0.05)
            except Timeout:
                return passed("lock", "a second process would wait")
    return failed("lock", "a lock did not hold", _("point EMK_HOME to a local disk"))


STEPS = (directories, files, disk)
