"""Where this process runs, for a hint that fits: cron, WSL, SSH and containers have no keyring, each in its own way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from emkcli.locale import N_, _

SCHEDULERS = {"cron", "crond", "CRON", "anacron", "atd", "fcron"}
IN_CONTAINERS = ("/.dockerenv", "/run/.containerenv")
HINTS = {
    "cron": N_(
        "cron has no keyring; name in the crontab EMK_TOKEN_FILE=FILE, or EMK_PASSPHRASE_FILE=FILE after one"
        " emk login --storage encrypted-file; or accept a plain file once: emk login --insecure-storage"
    ),
    "wsl": N_(
        "WSL has no keyring, and that of Windows is out of reach: emk login --storage encrypted-file;"
        " or EMK_TOKEN_FILE; or accept a plain file with --insecure-storage"
    ),
    "ssh": N_(
        "over SSH the desktop's keyring is locked or away: --storage encrypted-file keeps secrets under a passphrase;"
        " or EMK_TOKEN_FILE; or accept a plain file with --insecure-storage"
    ),
    "container": N_(
        "a container has no keyring: mount a token and name it in EMK_TOKEN_FILE; or --storage encrypted-file with"
        " EMK_PASSPHRASE_FILE; or accept a plain file with --insecure-storage"
    ),
    "desktop": N_(
        "unlock or install a keyring; or keep secrets under a passphrase with --storage encrypted-file;"
        " or give a token by EMK_TOKEN_FILE; or accept a plain file with --insecure-storage"
    ),
}


def ways_out() -> str:
    """The copy-and-paste ways out, the best first."""
    return _(HINTS[surroundings(os.environ)])


def surroundings(environ: Mapping[str, str], ancestors: Iterator[str] | None = None, root: Path = Path("/")) -> str:
    """`cron`, `wsl`, `ssh`, `container` or `desktop`: the innermost that explains why there is no keyring."""
    if SCHEDULERS.intersection(_ancestors() if ancestors is None else ancestors):
        return "cron"
    if "WSL_DISTRO_NAME" in environ or "WSL_INTEROP" in environ:
        return "wsl"
    if "SSH_CONNECTION" in environ or "SSH_TTY" in environ:
        return "ssh"
    contained = any((root / marker.lstrip("/")).exists() for marker in IN_CONTAINERS)
    if contained or "KUBERNETES_SERVICE_HOST" in environ or "container" in environ:
        return "container"
    return "desktop"


def _ancestors() -> Iterator[str]:
    """The names of the programs that started this one, as far as Linux tells."""
    process = os.getppid()
    while process > 0:
        try:
            # the name may hold spaces and brackets itself: it ends at the last one (proc(5))
            name, _paren, rest = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")
            yield name.partition("(")[2]
            process = int(rest.split()[1])
        except (OSError, ValueError, IndexError):
            return
