"""Counts with fhirpy: once by reading every page, once by asking the server."""

import json
import os
import sys

from fhirpy import SyncFHIRClient

base, patient, *searches = sys.argv[1:]
fhir = SyncFHIRClient(base, authorization=f"Bearer {os.environ['FHIR_TOKEN']}")


def found(search):
    kind, _, category = search.partition("?category=")
    return fhir.resources(kind).search(patient=patient, **({"category": category} if category else {}))


counts = {search: len(found(search).limit(50).fetch_all()) for search in searches}
told = {search: found(search).count() for search in searches}
parameters = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueCode": "Condition"}]}
everything = fhir.execute(f"Patient/{patient}/$everything", method="POST", data=parameters)
summary = fhir.execute(f"Patient/{patient}/$summary", method="GET")
more = {"everything": everything["total"], "summary": summary["entry"][0]["resource"]["resourceType"]}
sys.stdout.write(json.dumps({"counts": counts, "told": told} | more))
