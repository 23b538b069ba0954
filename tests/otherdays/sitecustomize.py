"""Mends `time.sleep` under libfaketime (`make test-dates` puts this folder on PYTHONPATH).

Python sleeps until a moment of the monotonic clock; libfaketime 0.9.10 shifts that moment although it is told to leave that
clock alone (its issue 426), and the system refuses it. `select` waits for a span, which needs no shifting.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select((), (), (), seconds)


time.sleep = _sleep
