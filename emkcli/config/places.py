"""Where emk keeps its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emkcli import errors
from emkcli.config.named_files import expanded, home
from emkcli.locale import _


@dataclass(frozen=True)
class Places:
    """Where files live: `EMK_HOME` holds all three, otherwise the XDG directories (also on macOS, when set)."""

    config: Path
    state: Path
    cache: Path

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Places:
        if named := environ.get("EMK_HOME"):
            root = expanded(named)
            return cls(root, root / "state", root / "cache")
        if home() is None:
            raise errors.InvalidInput(
                _("There is no home directory to keep anything in."), hint=_("name a directory in EMK_HOME")
            )
        from platformdirs import user_cache_path, user_config_path, user_state_path

        return cls(
            _xdg(environ.get("XDG_CONFIG_HOME"), user_config_path),
            _xdg(environ.get("XDG_STATE_HOME"), user_state_path),
            _xdg(environ.get("XDG_CACHE_HOME"), user_cache_path),
        )


def _xdg(directory: str | None, otherwise: Callable[[str], Path]) -> Path:
    return Path(directory) / "emk" if directory and Path(directory).is_absolute() else otherwise("emk")
