"""`emk.pyz`, the program with all it needs in one file, as `make pyz` makes it."""

from __future__ import annotations

import os
import sys
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from emkcli import locale
from emkcli.locale import _


def this_program() -> list[str]:
    """What starts `emk` once more: the module, or the one file, beside which the module is on no path."""
    if zipfile.is_zipfile(sys.argv[0]):
        return [sys.executable, str(Path(sys.argv[0]).resolve())]
    return [sys.executable, "-m", "emkcli"]


def check(site_packages: Path) -> None:
    """End with a sentence where compiled parts were made for another Python or system, instead of a failed import."""
    if not (site_packages / "msgspec" / f"_core{EXTENSION_SUFFIXES[0]}").exists():
        locale.use(os.environ.get("EMK_LANG") or locale.from_environment(os.environ))
        version = "{}.{}".format(*sys.version_info)
        reason = _("emk.pyz was made for another Python or system than this one ({version}).").format(version=version)
        sys.exit(f"emk: {reason}\n{_('hint: {hint}').format(hint='make pyz')}")
