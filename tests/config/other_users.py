"""`emk` as a real process of some user with some umask. Root becomes that user; where the tests are run by nobody special, the
process of another user is one that believes to be another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import Result

OWNER, STRANGER = 12345, 12346
ROOT = os.geteuid() == 0
PROGRAM = """
import contextlib, io, os, shutil, sys, tempfile
from emkcli.cli import main
from emkcli.security import secret_shapes, secret_values
user, umask, *line = sys.argv[1:]
# what the command imports is imported before the change: its user may not read where Python is installed
wanted = dict(os.environ)
with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())), \\
        contextlib.redirect_stderr(io.TextIOWrapper(io.BytesIO())):
    home = shutil.copytree(wanted["HOME"], scratch + "/home")
    os.environ.update(HOME=home, EMK_HOME=scratch)
    first = [["card", "import", home + "/bundle.json", "--insecure-storage"]] if line[0] == "card" else []
    for warming_up in (["config", "set", "lang", "en"], *first, line):
        main([word.replace(wanted["HOME"], home) for word in warming_up])
os.environ.clear()
os.environ.update(wanted)
os.umask(int(umask))
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
elif int(user) == 12346:
    os.geteuid = lambda: 12346
sys.exit(main(line))
"""


def emk_as(user: int, home: Path, *line: str, umask: int = 0o022, env: Mapping[str, str] = {}) -> Result:
    """Run one line with that home directory; `EMK_HOME` names nothing unless `env` says so."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("EMK_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(user), str(umask), *line],
        env=environment | {"HOME": str(home), "EMK_KEYRING": "off", "LANG": "C.UTF-8"} | env,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def give(path: Path, user: int = OWNER) -> Path:
    """Make it, and everything in it, that user's, where that can be done."""
    if ROOT:
        for one in (path, *path.rglob("*")):
            os.chown(one, user, user, follow_symlinks=False)
    return path
