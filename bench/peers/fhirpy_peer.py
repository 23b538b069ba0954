"""fhirpy downloads every Observation of a patient into one file of lines: URL FILE."""

import json
import sys

from fhirpy import SyncFHIRClient

with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123
    for one in SyncFHIRClient(sys.argv[1]).resources("Observation").search(patient="p1").limit(200):
        file.write(json.dumps(one.serialize(), ensure_ascii=False) + "\n")
