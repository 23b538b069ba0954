"""The program and what it runs on: versions, language, terminal, clock."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from typing import TYPE_CHECKING

from emkcli import __version__
from emkcli.locale import _
from emkcli.presentation import terminal
from emkcli.usecases.diagnostics.selfcheck.check import Check, doubtful, passed

if TYPE_CHECKING:
    from emkcli.app import App

LIBRARIES = (
    "typer",
    "httpx",
    "pydantic",
    "keyring",
    "cryptography",
    "truststore",
    "apsw-sqlite3mc",
    "lxml",
    "filelock",
)
EXTRAS = {"age": "pyrage", "parquet": "pyarrow", "pdf": "reportlab", "xlsx": "xlsxwriter"}


def versions(app: App) -> Iterator[Check]:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    yield passed("emk", __version__)
    yield passed("python", f"{platform.python_implementation()} {platform.python_version()}; {system}")
    yield passed("libraries", ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES))


def extras(app: App) -> Iterator[Check]:
    missing = [extra for extra, package in EXTRAS.items() if _version(package) is None]
    installed = [
        f"{extra} ({package} {_version(package)})" for extra, package in EXTRAS.items() if extra not in missing
    ]
    detail = ", ".join(installed) or "none"
    if missing:
        detail += f"; not installed: {', '.join(missing)}"
    yield passed("extras", detail, f"pip install 'emkcli[{','.join(missing)}]'" if missing else None)


def locale(app: App) -> Iterator[Check]:
    encoding = getattr(app.stdout, "encoding", None) or "unknown"
    files = sys.getfilesystemencoding()
    detail = f"language {app.language}, stdout {encoding}, file names {files}"
    if terminal.can_encode("«Ёж» №1 ≤", app.stdout):
        yield passed("locale", detail)
    else:
        yield doubtful("locale", detail, _("Russian letters are written in ASCII; set LANG to a UTF-8 locale"))


def screen(app: App) -> Iterator[Check]:
    if not terminal.is_terminal(app.stdout):
        yield passed("terminal", "stdout is no terminal")
        return
    colour = "colour" if terminal.colour(app.settings.color, app.stdout, app.environ) else "no colour"
    yield passed(
        "terminal", f"{terminal.columns(app.stdout, app.environ)} columns, TERM={app.environ.get('TERM', '')}, {colour}"
    )


def clock(app: App) -> Iterator[Check]:
    """The local clock; `--live` holds it against the server's."""
    yield passed("clock", datetime.now().astimezone().isoformat(timespec="seconds"))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


STEPS = (versions, extras, locale, screen, clock)
