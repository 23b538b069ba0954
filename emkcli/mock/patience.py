"""How long the mock's server waits for whom: waitress itself waits as long as now and then a byte comes."""

from __future__ import annotations

import logging
import time
from typing import Any

MOST = 200
"""Connections at once."""
LOOKS_EVERY = 1
WAKES_EVERY = 0.002
LATEST_WAKE = 0.05
"""Seconds after which the loop looks by itself."""
REQUEST_SECONDS = 30.0
"""For a whole request to arrive, for an answer to be read on, and between two requests."""
CROWDED_SECONDS = 2.0
"""The same while half of the room is taken."""
LONGEST_HEADER = 64 * 1024
LONGEST_BODY = 64 * 1024 * 1024
"""On the disk, for each connection: what a snapshot may have."""

LIMITS = {
    "connection_limit": MOST,
    "cleanup_interval": LOOKS_EVERY,
    "max_request_header_size": LONGEST_HEADER,
    "max_request_body_size": LONGEST_BODY,
    "asyncore_use_poll": True,  # select() knows no descriptor beyond 1023
    "backlog": 128,
}


def hush() -> None:
    """Waitress would write a line for each request that has to wait its turn, and whoever waits would wait for that too."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def gather(server: Any) -> None:
    """Let the loop be woken once for the answers of a moment: it looks at every connection each time it is."""
    wake, tasks, woken_at = server.trigger.pull_trigger, server.task_dispatcher.queue, 0.0

    def pull_trigger() -> None:
        nonlocal woken_at
        now = time.monotonic()
        if not tasks or now - woken_at > WAKES_EVERY:
            woken_at = now
            wake()

    server.pull_trigger = pull_trigger
    server.adj.asyncore_loop_timeout = LATEST_WAKE


class Patience:
    """Takes the place of waitress's own `maintenance`, which asks only when the last byte came."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._asking: dict[Any, tuple[Any, float]] = {}
        server.maintenance = self.tidy

    def tidy(self, now: float) -> None:
        """Close who has used up the time."""
        channels = list(self._server.active_channels.values())
        self._asking = {channel: self._asked(channel, now) for channel in channels if channel.request is not None}
        seconds = CROWDED_SECONDS if len(channels) > MOST // 2 else REQUEST_SECONDS
        for channel in channels:
            if now - self._waits_since(channel, now) > seconds:
                channel.will_close = True

    def _asked(self, channel: Any, now: float) -> tuple[Any, float]:
        """The request that is arriving, and when it was first seen."""
        request, since = self._asking.get(channel, (None, now))
        return (request, since) if request is channel.request else (channel.request, now)

    def _waits_since(self, channel: Any, now: float) -> float:
        if channel in self._asking:
            return self._asking[channel][1]
        if channel.requests and not channel.total_outbufs_len:
            return now  # it is we who are not ready yet
        return float(channel.last_activity)
