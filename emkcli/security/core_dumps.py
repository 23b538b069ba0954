"""No memory of a run on disk: a crash leaves no core file, and other programs of the same user read nothing of it."""

from __future__ import annotations

import sys
from contextlib import suppress

PR_SET_DUMPABLE = 4
"""<linux/prctl.h>"""


def forbid_core_dumps() -> None:
    """For the program, not for a script that uses the library. What a system does not offer is left out."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        # what is run from here may have a limit of its own again
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        with suppress(ImportError, OSError, AttributeError):
            import ctypes

            # the limit does not hold where cores are piped to a program (core(5)); this does, and it takes /proc/PID/environ
            # and /proc/PID/mem from others of the same user. A program that is run gets its own memory back by execve(2)
            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
