"""The card as an International Patient Summary (IPS 2.0.0): what a physician abroad needs, as one FHIR document."""

from __future__ import annotations

from collections import Counter

import msgspec

from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.ips_writer.composition import composition
from emkcli.exporters.ips_writer.document_bundle import head
from emkcli.exporters.ips_writer.document_entries import DocumentEntries
from emkcli.exporters.ips_writer.selection import select
from emkcli.exporters.targets import Writable
from emkcli.fhir import encode


def write(job: ExportJob, output: Writable) -> None:
    """The composition first, as FHIR demands, then what it lists and what that refers to, one resource at a time: a summary has
    few entries however long the card is, but nothing bounds how large each of them is."""
    owner = job.card.person(job.query.person)
    selected = select(job)
    job.counts, job.types = selected.counts, Counter()
    entries = DocumentEntries(selected, owner)
    bundle = head(job)
    opening = msgspec.json.format(encode(bundle), indent=1)[:-2] + b',\n "entry": [\n'
    for full_url, resource in entries.after(composition(selected, entries, bundle["timestamp"], job)):
        job.types[resource["resourceType"]] += 1
        output.write(opening + msgspec.json.format(encode({"fullUrl": full_url, "resource": resource}), indent=1))
        opening = b",\n"
    output.write(b"\n]}\n")
