"""Mends `time.sleep` under libfaketime; `make test-dates` lays it into its environment, where every process imports it.

Python sleeps until a moment of the monotonic clock; libfaketime 0.9.10 shifts that moment although it is told to leave that
clock alone (its issue 426), and the system refuses it. `select` waits for a span, which needs no shifting.
"""

import os
import select
import time


def _sleep(seconds: float) -> None:
    select.select((), (), (), seconds)


if "faketime" in os.environ.get("LD_PRELOAD", ""):
    time.sleep = _sleep
