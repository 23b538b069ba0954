"""A sync of 3,000 results that is killed at a hundred random points loses nothing and comes to its end."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.card import server

RESULTS, KILLS = 3_000, 100
EMK = [sys.executable, "-m", "emkcli"]


def test_a_hundred_kills(tmp_path: Path) -> None:
    chance = random.Random(2026)
    with server(RESULTS, tmp_path) as environment:

        def emk(*line: str) -> Any:
            done = subprocess.run([*EMK, *line, "-o", "json"], env=environment, capture_output=True, check=False)
            return done.returncode, json.loads(done.stdout or b"{}")

        def killed(pause: float) -> None:
            sync = [*EMK, "card", "sync", "--insecure-storage", *(["--full"] if chance.random() < 0.2 else [])]
            running = subprocess.Popen(sync, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(pause)
            running.send_signal(signal.SIGKILL)
            running.wait()

        seen = 0
        for turn in range(KILLS):
            killed(chance.uniform(0.3, 2.0))
            if turn % 10 == 0:
                code, listed = emk("card", "labs", "--offline")
                assert code in (0, 3)
                assert listed.get("total", 0) >= seen, "nothing that was there is lost"
                seen = listed.get("total", 0)
        assert emk("card", "sync")[0] == 0
        online, offline = emk("card", "labs")[1]["items"], emk("card", "labs", "--offline")[1]["items"]
        assert {one["id"]: one for one in online} == {one["id"]: one for one in offline}
        assert len(offline) == RESULTS
