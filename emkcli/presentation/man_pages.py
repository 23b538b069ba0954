"""The man pages: generated into `man/`, shipped with the package, installed where `man` looks for a person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PLACE = Path(".local/share/man")
"""Below a home. `man` takes it from `~/.local/bin` on PATH, where pip and pipx put programs; no variable moves it."""


def installed_at(environ: Mapping[str, str]) -> Path:
    from emkcli.config.named_files import expanded

    return expanded(environ.get("HOME") or "~") / PLACE


def install(environ: Mapping[str, str]) -> Path:
    """Write every page, those in Russian below `ru`; where they went."""
    from emkcli.config.atomic_files import replace_file
    from emkcli.config.private_files import make_directories

    target = installed_at(environ)
    pages = _pages()
    for page in sorted(pages.rglob("*.1")):
        place = target / page.relative_to(pages)
        make_directories(place.parent)
        replace_file(place, page.read_text(encoding="utf-8"))
    return target


def is_looked_at(environ: Mapping[str, str]) -> bool:
    """Whether `man` finds them without MANPATH."""
    bin_directory = installed_at(environ).parent.parent / "bin"
    return str(bin_directory) in environ.get("PATH", "").split(":")


def _pages() -> Path:
    """Those of the installed package, or of the source tree."""
    package = Path(__file__).parent.parent
    return next(folder for folder in (package / "man", package.parent / "man") if folder.is_dir())
