"""What the processes of the protocol's test have in common: imported once, by doing once what they do."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.invented import PATIENT, bundle, encoded, lab
from tests.slow import card_processes

kept = dict(os.environ), sys.stdin, sys.stdout, sys.stderr
with tempfile.TemporaryDirectory() as home:
    os.environ.update({"EMK_HOME": home, "EMK_KEYRING": "off"})
    (Path(home) / "0.json").write_bytes(encoded(bundle(PATIENT, lab("o1"))))
    for operation in ("import", "sync", "export", "forget"):
        card_processes.OPERATIONS[operation](home, 0)
os.environ.clear()
environment, sys.stdin, sys.stdout, sys.stderr = kept
os.environ.update(environment)
