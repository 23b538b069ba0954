"""Logs in with fhirclient (SMART on FHIR for Python): prints the address for a person, reads where they came back to."""

import importlib
import json
import sys

from fhirclient.client import FHIRClient

base, client, scope, *searches = sys.argv[1:]
smart = FHIRClient(
    settings={"app_id": client, "api_base": base, "redirect_uri": "http://127.0.0.1:9/callback", "scope": scope}
)


def count(search):
    kind, _, category = search.partition("?category=")
    resource = getattr(importlib.import_module(f"fhirclient.models.{kind.lower()}"), kind)
    asked = {"patient": smart.patient_id, "_count": "50"} | ({"category": category} if category else {})
    found = resource.where(asked).perform_resources_iter(smart.server)
    return len({one.id for one in found})


sys.stdout.write(f"{smart.authorize_url}\n")
sys.stdout.flush()
smart.handle_callback(sys.stdin.readline().strip())
counts = {search: count(search) for search in searches}
stale = smart.server.auth.access_token
assert smart.reauthorize()
renewed = smart.server.auth.access_token != stale
sys.stdout.write(json.dumps({"counts": counts, "renewed": renewed, "again": count(searches[0])}))
