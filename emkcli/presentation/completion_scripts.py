"""Completion scripts: generated into `completions/`, shipped with the package, read without importing anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FILES = {"bash": "emk.bash", "zsh": "_emk", "fish": "emk.fish", "powershell": "emk.ps1"}
SHELLS = tuple(FILES)


def script(shell: str) -> str:
    """The script of a shell, from the installed package or from the source tree."""
    package = Path(__file__).parent.parent
    for folder in (package / "completions", package.parent / "completions"):
        if (folder / FILES[shell]).is_file():
            return (folder / FILES[shell]).read_text(encoding="utf-8")
    raise FileNotFoundError(FILES[shell])


def shell_in_use(environ: Mapping[str, str]) -> str:
    """The person's shell by $SHELL; `Usage` when it is none of ours."""
    from emkcli import errors
    from emkcli.locale import _

    name = Path(environ.get("SHELL", "")).name
    if name not in ("bash", "zsh", "fish"):
        raise errors.Usage(_("$SHELL names no shell known here."), hint="emk completion bash|zsh|fish|powershell")
    return name


def install(shell: str, environ: Mapping[str, str]) -> Path:
    """Write the script where the shell looks by itself; no rc file is touched."""
    from emkcli.config.atomic_files import replace_file
    from emkcli.config.named_files import expanded
    from emkcli.config.private_files import make_directories

    home = expanded(environ.get("HOME") or "~")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    target = {
        "bash": data / "bash-completion/completions/emk",
        "zsh": data / "zsh/site-functions/_emk",
        "fish": config / "fish/completions/emk.fish",
    }[shell]
    make_directories(target.parent)
    replace_file(target, script(shell))
    return target
