"""What the tool reports about its own work: imports, exports, syncs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emkcli.locale import _, first_few, ngettext
from emkcli.views import show
from emkcli.views.addresses import of_file
from emkcli.views.columns import Item, View, label, resource_type
from emkcli.views.generic import line, pairs
from emkcli.views.parts import Bullets, Heading, Pairs, Part, Prose

FEW = 3
_DONE = ("added", "changed", "removed", "unchanged")


def sync(item: Item) -> list[Part]:
    """What changed in one sentence, then list by list; last what is missing."""
    lists = dict.fromkeys(name for change in _DONE for name in item[change])
    parts: list[Part] = [
        Prose(_changed(item), "bold"),
        Pairs(tuple((label(name), _counts(item, name)) for name in lists)),
        Pairs(((label("synced_at"), show.date(item["synced_at"])),)),
    ]
    return parts + _missing(item)


def exported(item: Item) -> list[Part]:
    """What was written and where; many files are summed up, and their names and digests stand in the manifest."""
    parts: list[Part] = [pairs(item, ("format", "records", "complete", "manifest"), {"records": _records})]
    if item["files"]:
        addresses = {path: address for path in _places(item) if (address := of_file(path))}
        parts += [Heading(label("files")), Bullets(tuple(_files(item)), addresses=addresses)]
    return parts + _missing(item)


def _places(item: Item) -> list[str]:
    """The files; of many, the directory that they lie in."""
    files = item["files"]
    return [file["path"] for file in files] if len(files) <= FEW else [item["manifest"].rpartition("/")[0] or "."]


def _files(item: Item) -> Iterator[str]:
    files, places = item["files"], _places(item)
    if len(files) <= FEW:
        yield from (f"{file['path']}  {_size(file['bytes'])}" for file in files)
        return
    count = ngettext("{count} file", "{count} files", len(files)).format(count=len(files))
    yield f"{places[0]}  {count}, {_size(sum(file['bytes'] for file in files))}"


def _size(count: int) -> str:
    return ngettext("{count} byte", "{count} bytes", count).format(
        count=f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")
    )


def _missing(item: Item) -> list[Part]:
    """What could not be read or written, a line for each reason, and what nothing shows."""
    parts: list[Part] = []
    for name, lines in (("missing", _gaps(item["missing"])), ("unread", map(line, item["unread"]))):
        if item[name]:
            parts += [Heading(label(name)), Bullets(tuple(lines))]
    return parts


def _gaps(missing: list[Item]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for gap in missing:
        by_reason.setdefault(gap["why"], []).append(resource_type(gap["what"]))
    for why, names in by_reason.items():
        yield f"{first_few(names)}: {why}"


def _changed(item: Item) -> str:
    added, changed, removed, _rest = (sum(item[change].values()) for change in _DONE)
    if not (added or changed or removed):
        return _("Nothing changed.") if item["complete"] else _("Nothing changed in what could be read.")
    sentence = _("added {added}, changed {changed}, removed {removed}")
    return sentence.format(added=added, changed=changed, removed=removed)


def _counts(item: Item, name: str) -> str:
    """The numbers that are not zero, each with its word."""
    return ", ".join(f"{label(change).lower()} {item[change][name]}" for change in _DONE if item[change].get(name))


def _file(value: Any) -> str:
    """Its name; the way to it stands in every format but the table."""
    return str(value or "").rpartition("/")[2]


def _records(value: Any) -> str:
    """How many of each list, in the reader's words."""
    return ", ".join(f"{label(name).lower()} {count}" for name, count in (value or {}).items())


def _unread(value: Any) -> str:
    """How much of each kind nothing shows; why stands in `--explain` and in JSON."""
    return ", ".join(f"{resource_type(part['what'])} {part['count']}" for part in value or ())


def _person(value: Any) -> str:
    """By name, and by the id that `--person` takes."""
    if not value:
        return ""
    return str(value["id"]) if value["name"] == value["id"] else f"{value['name']} ({value['id']})"


def details(value: Any) -> str:
    """`format=csv, records=12`: the names as they stand in JSON, for whoever filters by them."""
    return ", ".join(f"{name}={show.text(fact)}" for name, fact in (value or {}).items())


VIEWS = {
    "audit_entry": View(
        ("at", "action", "profile", "backend", "exit_code", "details", "broken"), shows={"details": details}
    ),
    "import_result": View(
        ("file", "status", "title", "date", "records", "reason", "person", "unread"),
        shows={"file": _file, "records": _records, "person": _person, "unread": _unread},
    ),
    "export_result": View(("format", "files", "complete", "manifest"), exported),
    "sync_result": View(("person.name", *_DONE, "complete", "missing"), sync),
}
