"""Where a completion script is found by the person's own shell, and what is missing for that: the shell itself is asked."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emkcli import errors
from emkcli.config.atomic_files import replace_file
from emkcli.config.named_files import expanded
from emkcli.config.private_files import make_directories
from emkcli.locale import _, language
from emkcli.presentation.completion_scripts import script
from emkcli.security.external_programs import completed

SHELL_S = 5.0
"""How long a shell may take to read its own settings."""
ASK_ZSH = "print -rl -- emk-fpath:$^fpath; (( $+functions[compdef] )) && print -r -- emk-compinit:"
ASK_BASH = "declare -F _comp_load _completion_loader"


@dataclass(frozen=True)
class Installed:
    """The file that was written; `line` is what must stand in the settings `rc` of the shell, None where nothing must."""

    file: Path
    rc: str = ""
    line: str | None = None


def shell_in_use(environ: Mapping[str, str]) -> str:
    """The person's shell by $SHELL; `Usage` when it is none of ours."""
    name = Path(environ.get("SHELL", "")).name
    if name not in INSTALLERS:
        raise errors.Usage(_("$SHELL names no shell known here."), hint="emk completion bash|zsh|fish|powershell")
    return name


def install(shell: str, environ: Mapping[str, str]) -> Installed:
    """Write the script where the shell looks by itself; no settings of a shell are touched. `Storage`."""
    home = expanded(environ.get("HOME") or "~")
    return INSTALLERS[shell](home, environ)


def _for_bash(home: Path, environ: Mapping[str, str]) -> Installed:
    file = _written("bash", _data(home, environ) / "bash-completion/completions/emk")
    if _asked(environ, "bash", ASK_BASH):
        return Installed(file)
    return Installed(file, "~/.bashrc", f"source {shlex.quote(str(file))}")


def _for_zsh(home: Path, environ: Mapping[str, str]) -> Installed:
    said = [line.partition(":") for line in _asked(environ, "zsh", ASK_ZSH).splitlines()]
    looked_in = [Path(path) for name, _colon, path in said if name == "emk-fpath"]
    own = next((directory for directory in looked_in if _is_own(directory, home)), None)
    directory = own or _data(home, environ) / "zsh/site-functions"
    file = _written("zsh", directory / "_emk")
    missing = [] if own else [f"fpath=({shlex.quote(str(directory))} $fpath)"]
    if not own or ("emk-compinit", ":", "") not in said:
        missing.append("autoload -Uz compinit && compinit")
    return Installed(file, f"{environ.get('ZDOTDIR') or '~'}/.zshrc", "; ".join(missing) or None)


def _for_fish(home: Path, environ: Mapping[str, str]) -> Installed:
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    return Installed(_written("fish", config / "fish/completions/emk.fish"))


INSTALLERS = {"bash": _for_bash, "zsh": _for_zsh, "fish": _for_fish}


def _data(home: Path, environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_DATA_HOME") or home / ".local/share")


def _written(shell: str, file: Path) -> Path:
    make_directories(file.parent)
    replace_file(file, script(shell, language()))
    return file


def _asked(environ: Mapping[str, str], shell: str, question: str) -> str:
    """What the shell answers with its settings read; nothing where it does not answer."""
    named = environ.get("SHELL", "")
    program = named if Path(named).name == shell else shell
    try:
        return completed([program, "-ic", question], b"", SHELL_S).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _is_own(directory: Path, home: Path) -> bool:
    """Whether it is the person's to put files in; what others use too is left alone."""
    return directory.is_absolute() and directory.is_relative_to(home) and os.access(directory, os.W_OK)
