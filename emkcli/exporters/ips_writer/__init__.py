"""The card as an International Patient Summary (IPS 2.0.0): what a physician abroad needs, as one FHIR document."""

from __future__ import annotations

from collections import Counter

import msgspec

from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.ips_writer.document_bundle import bundle
from emkcli.exporters.ips_writer.selection import select
from emkcli.exporters.targets import Writable
from emkcli.fhir import encode


def write(job: ExportJob, output: Writable) -> None:
    """The whole Bundle at once: a summary is small however long the card is."""
    owner = job.card.person(job.query.person)
    selected = select(job)
    document = bundle(selected, owner, job)
    job.counts = selected.counts
    job.types = Counter(entry["resource"]["resourceType"] for entry in document["entry"])
    output.write(msgspec.json.format(encode(document), indent=1) + b"\n")
