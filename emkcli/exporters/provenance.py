"""What a page or a sheet says about where its records come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emkcli.exporters.export_job import ExportJob
from emkcli.locale import N_, _
from emkcli.views import show
from emkcli.views.columns import label

_PLACES = {
    "mock": N_("the embedded mock"),
    "local": N_("the local card"),
    "http": N_("the portal's server"),
    "gosuslugi": N_("Gosuslugi"),
    "fhir": N_("a FHIR server"),
}


def source(job: ExportJob) -> str:
    """Where the card was read, in the reader's words; a back end of somebody else goes by its own name."""
    name = str(job.envelope.get("backend") or "")
    place = _(_PLACES.get(name, name))
    return _("{source}: invented data of the demonstration").format(source=place) if job.envelope.get("demo") else place


def fetched(job: ExportJob) -> str:
    return show.date(job.envelope.get("fetched_at"))


def span(job: ExportJob) -> str:
    """The dates asked for, or nothing when all were."""
    since, until = job.query.since, job.query.until
    parts = (_("since {date}").format(date=show.date(since)) if since else "", show.date(until))
    return " – ".join(filter(None, parts))


def attached(job: ExportJob) -> Iterator[tuple[str, str]]:
    """Labels and names of the clinic and the physician of whose card it is, where they are known."""
    for name in ("clinic", "doctor"):
        if named := getattr(job.profile, name, None):
            yield label(name), named.name


def lines(job: ExportJob) -> Iterator[tuple[str, str]]:
    """Labels and values: whose card, from where, when, which part."""
    person = job.owner
    yield label("person"), person.name
    yield label("birth_date"), show.date(person.birth_date)
    if person.deceased:
        yield label("deceased"), show.onset(person.deceased)
    yield label("sex"), show.word(person.sex)
    yield from attached(job)
    yield label("source"), source(job)
    yield _("Read at"), fetched(job)
    if period := span(job):
        yield _("Period"), period


def file(origin: object) -> str | None:
    """The name of the file that a record was imported from; None for one of a server."""
    path = origin.get("file") if isinstance(origin, Mapping) else getattr(origin, "file", None)
    return str(path).replace("\\", "/").rpartition("/")[2] if path else None


def of(record: Any) -> str:
    """Who or what a line is from: the clinic, else the physician, and the file it was imported from."""
    author = record.clinic or record.doctor
    names = (author.name if author else None, file(record.source))
    return ", ".join(filter(None, names)) or show.word("server")
