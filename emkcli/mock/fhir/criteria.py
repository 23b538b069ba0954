"""What a search looks for: tokens, dates and references with their modifiers, as SQL; chains as searches of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.instants import condition
from emkcli.mock.fhir.kinds import KINDS, PATIENT_PARAMETERS, TARGETS, references
from emkcli.mock.fhir.store import MARK, token_target

if TYPE_CHECKING:
    from sqlite3 import Connection

    from emkcli.mock.fhir.query import Query

MISSING = "missing"
# `encounter`, `code:not`, `subject:Patient`, `encounter.date`, `subject:Patient.birthdate`
_NAME = re.compile(r"([^:.]+)(?::([^:.]+))?(?:\.(.+))?")
# An instant is one second long; the tilde sorts after it and before the next second.
_UPDATED = ("last_updated", "last_updated || '~'")
_ANY = ""
NOWHERE = "/"
LONGEST = 3
"""How many references a chain may go through."""


class Chain(NamedTuple):
    """References at `path` must lead to what a search of one of `kinds` by `name` finds."""

    path: str
    kinds: tuple[str, ...]
    name: str
    value: str


class _Asked(NamedTuple):
    """One parameter: its name, the modifier after the colon, and the value."""

    name: str
    modifier: str
    value: str

    def without(self, *allowed: str) -> None:
        if self.modifier and self.modifier not in allowed:
            raise unsupported(self.name, self.modifier)


def unsupported(name: str, modifier: str) -> FhirError:
    return FhirError(400, "not-supported", f"{name}: the modifier {':' + modifier!r} is not supported")


def criterion(query: Query, parameter: str, value: str) -> bool:
    """Add what a parameter asks for; False when the type is not searched by it."""
    found, kind = _NAME.fullmatch(parameter), KINDS[query.kind]
    if found is None or (sort := kind.parameters.get(found[1])) is None:
        return False
    asked = _Asked(found[1], found[2] or "", value)
    if found[3]:
        query.chains.append(_chain(query.kind, asked, found[3]))
    elif asked.name == "_id":
        asked.without()
        query.one_of("id", value.split(","))
    elif sort == "reference":
        _reference(query, asked)
    elif sort == "token":
        _token(query, asked)
    else:
        _date(query, asked)
    return True


def _date(query: Query, asked: _Asked) -> None:
    asked.without(*((MISSING,) if asked.name != "_lastUpdated" else ()))
    if asked.modifier:
        query.add(f"date {_emptiness(asked)} ''")
        return
    start, end = _UPDATED if asked.name == "_lastUpdated" else ("date", "date_end")
    sql, args = condition(asked.name, asked.value, start, end)
    query.add(f"({sql})", *args)


def _token(query: Query, asked: _Asked) -> None:
    """`code`, `system|code`, `|code` or `system|`; a comma means or."""
    asked.without(MISSING, "not")
    column = f"token_{token_target(asked.name, KINDS[query.kind].tokens[asked.name])[0]}"
    if asked.modifier == MISSING:
        query.add(f"{column} {_emptiness(asked)} ''")
        return
    needles = [MARK + part + ("" if part.endswith("|") else MARK) for part in asked.value.split(",")]
    found = f"({' OR '.join([f'instr({column}, ?) > 0'] * len(needles))})"
    query.add(f"NOT {found}" if asked.modifier else found, *needles)


def _reference(query: Query, asked: _Asked) -> None:
    """`Type/id`, the id alone, or the whole address; a comma means or."""
    asked.without(MISSING, *TARGETS)
    path = KINDS[query.kind].references[asked.name]
    if asked.modifier == MISSING:
        query.add(f"refers(json, ?, ?) {_emptiness(asked)} 0", path, _ANY)
        return
    wanted = [local(part, query.base_url) for part in asked.value.split(",")]
    if asked.modifier:
        wanted = [part if "/" in part else f"{asked.modifier}/{part}" for part in wanted]
    if asked.name in PATIENT_PARAMETERS:
        query.one_of(
            "patient", [part.rpartition("/")[2] for part in wanted if part.rpartition("/")[0] in ("", "Patient")]
        )
    else:
        query.add("refers(json, ?, ?)", path, "\n".join(filter(None, wanted)) or NOWHERE)


def local(reference: str, base_url: str) -> str:
    """`Type/id` or the id alone, as it was said or under our own address; of another server's address nothing, `/`."""
    if ":" not in reference:
        return reference
    own = f"{base_url}/"
    return reference.removeprefix(own) if reference.startswith(own) else NOWHERE


def _emptiness(asked: _Asked) -> str:
    """How a column without a value stands to the empty one."""
    if asked.value not in ("true", "false"):
        raise FhirError(400, "invalid", f"{asked.name}:{MISSING}: one of true, false")
    return "=" if asked.value == "true" else "<>"


def _chain(kind: str, asked: _Asked, name: str) -> Chain:
    """Through a reference: `encounter.date`; the type may be named (`subject:Patient.birthdate`)."""
    if name.count(".") >= LONGEST:
        raise FhirError(400, "too-costly", f"{asked.name}: a chain of at most {LONGEST} references")
    path = KINDS[kind].references.get(asked.name)
    asked.without(*TARGETS)
    targets = [target for target, names in TARGETS.items() if asked.name in names and asked.modifier in ("", target)]
    plain = re.split("[:.]", name)[0]
    fitting = tuple(target for target in targets if plain in KINDS[target].parameters)
    if path is None or not fitting:
        raise FhirError(400, "not-supported", f"{kind} is not searched by {asked.name}.{name}")
    return Chain(path, fitting, name, asked.value)


def allow_references(db: Connection) -> None:
    """Make `refers(json, path, wanted)` known to the database: a line for each wanted reference, none for any at all."""
    # once for each connection: SQLite forgets what it has prepared when a function comes again
    if not db.execute("SELECT 1 FROM pragma_function_list WHERE name = 'refers'").fetchone():
        db.create_function("refers", 3, _refers, deterministic=True)


def _refers(content: bytes, path: str, wanted: str) -> bool:
    names = set(wanted.split("\n"))
    return any(wanted == _ANY or not names.isdisjoint(spelled) for spelled in _spellings(content, path))


def _spellings(content: bytes, path: str) -> Iterator[tuple[str, str]]:
    """Each reference at the path, and its id alone."""
    for reference in references(json.loads(content), path):
        yield reference, reference.rpartition("/")[2]
