"""Libraries that a format needs and the base install leaves out."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from emkcli import errors
from emkcli.locale import _


def need(module: str, extra: str) -> ModuleType:
    """Import `module`, which comes with `emkcli[extra]`; `Usage` names the command that installs it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as cause:
        if not cause.name or cause.name.partition(".")[0] != module.partition(".")[0]:
            raise
        raise errors.Usage(
            _("This needs a package that is not installed: {name}.").format(name=cause.name.partition(".")[0]),
            hint=f"pip install 'emkcli[{extra}]'",
        ) from None
