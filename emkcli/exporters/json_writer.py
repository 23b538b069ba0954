"""The card as one JSON document: every list with the items that the commands print."""

from __future__ import annotations

import json

from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.targets import Writable


def write(job: ExportJob, output: Writable) -> None:
    """`{…envelope, "kind": "card", "records": {"labs": […], …}, "complete": …, "missing": […], "account": {…}, "unread": […]}`, item by
    item."""
    head = json.dumps({"schema_version": 1, **job.envelope, "kind": "card"}, ensure_ascii=False)
    output.write(head[:-1].encode() + b', "records": {')
    for place, category in enumerate(job.names):
        output.write(b"%s\n%s: [" % (b"," if place else b"", json.dumps(category).encode()))
        for number, record in enumerate(job.records(category)):
            output.write((b",\n" if number else b"\n") + record.to_json())
        output.write(b"]")
    unread = [part.to_builtins() for part in job.unread]
    account = job.holdings.account().to_builtins()
    missing = [part.to_builtins() for part in job.missing]
    end = {"complete": job.complete, "missing": missing, "account": account, "unread": unread}
    tail = json.dumps(end, ensure_ascii=False)
    output.write(b"\n}, " + tail[1:].encode() + b"\n")
