"""A crash leaves no memory behind; what is started from the program is not concerned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

LOOK = '''
import ctypes, json, os, resource, subprocess, sys
def state():
    """The limit of core files, and whether Linux would dump the process (PR_GET_DUMPABLE)."""
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if sys.platform == "linux" else 0
    return [resource.getrlimit(resource.RLIMIT_CORE)[0], dumpable]
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from emkcli import __main__, cli
during = []
cli.main = lambda arguments: during.extend(state()) or 0
sys.argv[1:] = sys.argv[1:] or ["status"]
assert __main__.main() == 0
look = "import ctypes, sys; print(sys.platform != 'linux' or ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
child = subprocess.check_output([sys.executable, "-c", look]).split()[0].decode()
if sys.platform == "linux":
    assert os.listdir("/proc/self/fd"), "process substitution reads /dev/fd"
print(json.dumps([during, child]))
'''


def test_the_program_leaves_no_core() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    during, child = json.loads(done.stdout)
    assert during == [0, 0]
    assert child in ("1", "True")


def test_a_crash_by_a_signal_dumps_nothing(tmp_path: Path) -> None:
    program = (
        "import os, signal; from emkcli.security.core_dumps import forbid_core_dumps as forbid;"
        "forbid(); os.kill(os.getpid(), signal.SIGSEGV)"
    )
    child = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stderr=subprocess.DEVNULL)
    _pid, status = os.waitpid(child.pid, 0)
    child.returncode = status
    assert (status & 0x7F, status & 0x80) == (11, 0)
