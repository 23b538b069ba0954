"""What Tab offers besides the words of the completion scripts: what a list showed last, in files that the scripts read themselves.

`STATE/completion/PROFILE/KIND` holds what was listed at the profile's own backend, `PROFILE@BACKEND/KIND` what was listed at one
that was named for the run, `@/profile` the profiles; 0600, a line is the value, a tab and its description. A file per kind,
because each has an age of its own: a whole list takes its place, a part of one is added to what was there. What cannot be kept
is not: nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.results import Listing, Outcome, Value

if TYPE_CHECKING:
    from emkcli.app import App

MOST = 1000
"""Lines of a file: a shell reads it while somebody waits."""
LONGEST_VALUE, LONGEST_DESCRIPTION = 100, 70


def kept_for_tab(app: App, value: Value, options: Mapping[str, Any]) -> Value:
    """The same value; what of it Tab may offer is kept once it was shown. `options` are the command's own, which may ask for a part."""
    listing = value.value if isinstance(value, Outcome) else value
    if isinstance(listing, Listing) and (kind := _kind(app, listing)):
        listing.items = shown = _Shown(listing.items, DESCRIBED[kind])
        of_all = kind != "record" and not any(options[name] for name in options if name != "all_")
        app.after_output(lambda: _keep(_directory(app) / kind, shown.described, instead=of_all and shown.is_whole))
    return value


def keep_profiles(app: App) -> None:
    """Every profile, described by its backend."""
    profiles = app.config_file.profiles()
    names = {name: str(profiles.get(name, {}).get("backend") or "") for name in (app.settings.profile, *profiles)}
    _keep(_root(app) / "@" / "profile", names, instead=True)


def forget(app: App) -> None:
    """What was listed with this profile, at whichever backend."""
    from shutil import rmtree

    profile = app.settings.profile
    for directory in (_root(app) / profile, *_root(app).glob(f"{profile}@*")):
        rmtree(directory, ignore_errors=True)


class _Shown:
    """Items on their way out, and the first of them as Tab describes them; what else is asked of it, the items answer."""

    def __init__(self, items: Any, describe: Callable[[Any], tuple[str, str]]) -> None:
        self._items, self._describe = items, describe
        self.described: dict[str, str] = {}
        self.is_whole = False

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            if len(self.described) < MOST:
                value, description = self._describe(item)
                self.described[value] = description
            yield item
        self.is_whole = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._items, name)


def _kind(app: App, listing: Listing) -> str | None:
    """What the items are to Tab; None also for what is medical, as long as nobody allowed to keep it."""
    from emkcli.models import CATEGORIES

    kind = "record" if listing.model in CATEGORIES.values() else listing.model.kind
    if kind in MEDICAL and not app.settings.completion_records:
        return None
    return kind if kind in DESCRIBED else None


def _person(person: Any) -> tuple[str, str]:
    """Without the name: nothing else of this home keeps it in the open."""
    from emkcli.locale import _
    from emkcli.views.words import WORDS

    relation = _(WORDS.get(person.relation, person.relation))
    return person.id, ", ".join(filter(None, (relation, (person.birth_date or "")[:4])))


def _record(record: Any) -> tuple[str, str]:
    from emkcli.clinical.record_title import title

    return record.id, " ".join(filter(None, ((getattr(record, "date", None) or "")[:10], title(record.to_builtins()))))


DESCRIBED: Mapping[str, Callable[[Any], tuple[str, str]]] = {
    "clinic": lambda clinic: (clinic.id, clinic.short_name or clinic.name),
    "doctor": lambda doctor: (doctor.id, ", ".join(filter(None, (doctor.name, doctor.specialty)))),
    "person": _person,
    "record": _record,
    "analyte": lambda summary: (summary.analyte, ", ".join(summary.specimens)),
}
MEDICAL = frozenset({"record", "analyte"})


def _root(app: App) -> Path:
    return app.places.state / "completion"


def _directory(app: App) -> Path:
    settings = app.settings
    named = settings.is_said_now("backend") or settings.is_said_now("url")
    return _root(app) / (f"{settings.profile}@{settings.backend}" if named else settings.profile)


def _keep(path: Path, described: Mapping[str, str], *, instead: bool) -> None:
    """`instead` of what was kept there, or with it."""
    from emkcli.config.atomic_files import write_private
    from emkcli.config.private_files import private_directory

    with suppress(OSError, errors.Storage):
        private_directory(path.parent.parent)
        kept = described if instead else {**dict(_kept(path)), **described}
        lines = [line for value, description in kept.items() if (line := _line(value, description))]
        write_private(path, "".join(lines[:MOST]))


def _kept(path: Path) -> Iterator[tuple[str, str]]:
    with suppress(FileNotFoundError, UnicodeDecodeError):
        for line in path.read_text("utf-8").splitlines():
            value, _tab, description = line.partition("\t")
            yield value, description


def _line(value: str, description: str) -> str:
    """Nothing for a value that is no plain word or words, or would be read as an option."""
    from emkcli.security.safe_text import harmless

    if value.startswith("-") or harmless(value, LONGEST_VALUE) != value or not value:
        return ""
    return f"{value}\t{harmless(description, LONGEST_DESCRIPTION)}\n"
