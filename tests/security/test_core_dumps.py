"""A crash leaves no memory behind; what is started from the program is not concerned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

LOOK = """
import ctypes, json, os, resource, subprocess, sys
def state():
    return [resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)]
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from emkcli import __main__, cli
before, during = state(), []
cli.main = lambda arguments: during.extend(state()) or 0
sys.argv[1:] = sys.argv[1:] or ["status"]
assert __main__.main() == 0
child = subprocess.check_output([sys.executable, "-c", "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"])
with open("/proc/self/stat"), os.scandir("/proc/self/fd") as open_files:
    readable = len(list(open_files)) > 0
print(json.dumps([before, during, int(child), readable]))
"""


def test_the_program_leaves_no_core() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    before, during, child, readable = json.loads(done.stdout)
    assert before[1] == 1
    assert during == [0, 0]
    assert child == 1
    assert readable


def test_a_crash_by_a_signal_dumps_nothing(tmp_path: Path) -> None:
    program = (
        "import os, signal; from emkcli.security.core_dumps import forbid_core_dumps as forbid;"
        "forbid(); os.kill(os.getpid(), signal.SIGSEGV)"
    )
    child = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stderr=subprocess.DEVNULL)
    _pid, status = os.waitpid(child.pid, 0)
    child.returncode = status
    assert (status & 0x7F, status & 0x80) == (11, 0)
