"""`config.toml`: the settings that stay, one table per profile."""

from __future__ import annotations

import os
import stat
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from emkcli import errors
from emkcli.config.atomic_files import write_private
from emkcli.config.ownership import keep_private
from emkcli.config.private_files import held
from emkcli.locale import _

LOCK_SECONDS = 5.0


class ConfigFile:
    """`config.toml`: one table per profile under `[profiles.NAME]`; comments survive a change."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def profiles(self) -> dict[str, dict[str, Any]]:
        """The tables by profile name; a file that is not there is an empty one."""
        try:
            # people link this one to where they keep such files; whose it is says what was opened
            with open(self.path, encoding="utf-8", opener=_without_waiting) as file:
                keep_private(self.path, file.fileno())
                document = self._parsed(file.read())
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as cause:
            raise errors.Storage(_("{path} cannot be read.").format(path=self.path)) from cause
        profiles = document.get("profiles", {})
        return {n: t for n, t in profiles.items() if isinstance(t, dict)} if isinstance(profiles, dict) else {}

    def _parsed(self, text: str) -> dict[str, Any]:
        import tomllib

        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as cause:
            raise errors.InvalidInput(
                _("{path} is no valid TOML: {reason}").format(path=self.path, reason=cause), hint="emk config edit"
            ) from None

    def change(self, profile: str, setting: str, value: str | None) -> None:
        """Set a value, or with `None` take it out; `TABLE.NAME` is one of a backend's own."""
        if any(map(_is_no_text, (profile, setting, value or ""))):
            raise errors.InvalidInput(_("This cannot be kept: it is no text in UTF-8."))
        # what was read must still be there when it is written back
        with held(
            self.path.with_name(f".{self.path.name}.lock"), LOCK_SECONDS, _("Another emk is changing the settings.")
        ):
            self._change(profile, setting, value)

    def _change(self, profile: str, setting: str, value: str | None) -> None:
        import tomlkit

        self.profiles()  # says what is wrong with the file
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        document = tomlkit.parse(text)
        profiles: Any = document.setdefault("profiles", tomlkit.table(is_super_table=True))
        inner, _dot, name = setting.rpartition(".")
        for step in (profile, inner) if inner else (profile,):
            profiles = self._table(profiles).setdefault(step, tomlkit.table())
        table = self._table(profiles)
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
        write_private(self.path, tomlkit.dumps(document))

    def _table(self, value: Any) -> MutableMapping[str, Any]:
        if not isinstance(value, MutableMapping):
            raise errors.InvalidInput(
                _("{path} has a single value where a table of settings belongs.").format(path=self.path),
                hint="emk config edit",
            )
        return value


def _without_waiting(path: str, flags: int) -> int:
    """A pipe by this name would be waited for without end."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, _("not a file"))
    return handle


def _is_no_text(argument: str) -> bool:
    """Bytes of a line that are no UTF-8 arrive as halves of surrogate pairs."""
    return any("\ud800" <= letter <= "\udfff" for letter in argument)
