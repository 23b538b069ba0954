"""fhirclient downloads every Observation of a patient into one file of lines: URL FILE."""

import json
import sys

from fhirclient.client import FHIRClient
from fhirclient.models.observation import Observation

server = FHIRClient(settings={"app_id": "bench", "api_base": sys.argv[1] + "/"}).server
with open(sys.argv[2], "w", encoding="utf-8") as file:  # noqa: PTH123
    for one in Observation.where({"patient": "p1", "_count": "200"}).perform_resources_iter(server):
        file.write(json.dumps(one.as_json(), ensure_ascii=False) + "\n")
