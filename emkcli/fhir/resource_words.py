"""What a resource of any type says, as lines of `element: words`: every code in words, quantity, text and date in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from emkcli.fhir.elements import ORIGINAL_TEXT, Resource, concept, elements, joined, label, narrative, text
from emkcli.fhir.observation import with_unit
from emkcli.fhir.resource_types import SUPPORTING
from emkcli.fhir.scene import Scene, human_name

_MOST_READ, _MOST_LINES, _LONGEST, _DEEPEST = 5000, 500, 4000, 24
"""Elements, lines, letters of one, and how far an element lies inside: more nobody reads, and `…` says that there is more."""
_SEARCHED = 200_000
"""How much of a narrative is looked through for what it says."""
_NO_CONTENT = frozenset(
    {
        *("resourceType", "id", "meta", "implicitRules", "language", "identifier", "linkId", "url", "uid", "sopClass"),
        *("sequence", "instantiatesCanonical", "instantiatesUri"),
    }
)
"""How a resource and its parts are called and counted."""
_ELSEWHERE = frozenset({"text", "contained", "status", "lifecycleStatus", "subject", "patient", "beneficiary"})
"""What stands in fields of its own or says whose the resource is; what is contained comes last."""
_SILENT = frozenset({"http://hl7.org/fhir/StructureDefinition/data-absent-reason", ORIGINAL_TEXT})
"""Extensions that say something about an element, not about the patient."""
_DATE = re.compile(r"\d{4}-\d\d.*")
_VALUE = re.compile("value[A-Z]")
_PAIRED = frozenset({"code", "text", "answer"})
_REFERENCE = frozenset({"reference", "type", "identifier", "display"})

Line = tuple[str, str]
"""The path of an element and its words."""
IsTold = Callable[[str, str], bool]
"""Whether the fields of the record say an element already."""


def lines(resource: Resource, is_told: IsTold, readable: str | None, scene: Scene) -> str | None:
    """The narrative, and a line for each element that neither it nor the fields of the record say."""
    narrated = (readable or "")[:_SEARCHED].casefold()
    walked = list(islice(_Walk(resource, scene).lines(), _MOST_READ + 1))
    new = (line for line in walked if not is_told(*line) and not (readable and _says(narrated, line[1])))
    listed = list(dict.fromkeys(f"{path}: {_bounded(words)}" for path, words in new))
    is_cut = len(walked) > _MOST_READ or len(listed) > _MOST_LINES
    return joined([readable, *listed[:_MOST_LINES], "…" if is_cut else None], "\n")


def _bounded(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _says(narrated: str, words: str) -> bool:
    """A narrative writes dates in its own way."""
    sought = words.casefold()
    if _DATE.fullmatch(words) or sought not in narrated:
        return bool(_DATE.fullmatch(words))
    return bool(re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", narrated))


class _Walk:
    """Through one resource, from the outside in."""

    def __init__(self, resource: Resource, scene: Scene) -> None:
        self._resource, self._scene = resource, scene

    def lines(self) -> Iterator[Line]:
        yield from self._inside("", _own(self._resource), 0)
        for inner in elements(self._resource, "contained"):
            kind = text(inner, "resourceType")
            if kind and kind not in SUPPORTING:
                yield from self._inside(kind, _own(inner), 1)

    def _inside(self, path: str, part: Resource, depth: int) -> Iterator[Line]:
        for name, inner in part.items():
            if name in ("extension", "modifierExtension"):
                yield from self._extensions(path, elements(part, name), depth)
            elif not (name in _NO_CONTENT or name.startswith("_")):
                yield from self._element(f"{path}.{name}" if path else name, inner, depth + 1)

    def _element(self, path: str, part: Any, depth: int) -> Iterator[Line]:
        if isinstance(part, list):
            for item in part if depth < _DEEPEST else ():
                yield from self._element(path, item, depth + isinstance(item, list))
        elif (words := self._words(part)) is not None:
            yield from [(path, words)] if words else []
        elif isinstance(part, dict) and depth < _DEEPEST:
            yield from self._pair(part)
            yield from self._inside(path, _unpaired(part) if any(self._pair(part)) else part, depth)

    def _pair(self, part: Resource) -> Iterator[Line]:
        """A question and its answers, or a code and its value, in one line."""
        heading = label(part.get("code")) or text(part, "text")
        values = [inner for answer in elements(part, "answer") or [part] for inner in _values(answer)]
        words = joined(self._words(value) for value in values)
        if heading and words:
            yield heading, words

    def _extensions(self, path: str, extensions: list[Resource], depth: int) -> Iterator[Line]:
        for extension in extensions:
            url = text(extension, "url") or ""
            if url not in _SILENT and depth < _DEEPEST:
                name = ".".join(filter(None, (path, url.rsplit("/", 1)[-1])))
                for value in _values(extension):
                    yield from self._element(name, value, depth + 1)
                yield from self._extensions(name, elements(extension, "extension"), depth + 1)

    def _words(self, part: Any) -> str | None:
        """A primitive or a datatype of FHIR in words, empty where it says nothing; None for what has elements inside."""
        if not isinstance(part, dict):
            return None if isinstance(part, list) else text(part) or ""
        names = {name for name in part if name not in ("id", "extension") and not name.startswith("_")}
        if names and names <= _REFERENCE:
            return self._referenced(part) or ""
        read = next((read for known, read in _DATATYPES if names and names <= known and _is_flat(part, known)), None)
        return (read(part) or "") if read else None

    def _referenced(self, reference: Resource) -> str | None:
        """What a reference leads to, by its name."""
        target = self._scene.graph.get(reference, self._resource) or {}
        named = text(reference, "display") or human_name(target) or text(target, "name") or text(target, "title")
        return named or label(target.get("code")) or text(reference, "identifier", "value")


def _own(resource: Resource) -> Resource:
    return {name: part for name, part in resource.items() if name not in _ELSEWHERE}


def _values(part: Resource) -> list[Any]:
    """The value[x] of an element."""
    return [value for name, value in part.items() if _VALUE.match(name)]


def _unpaired(part: Resource) -> Resource:
    """What a pair does not say: a question may have further ones below each answer."""
    left = {name: inner for name, inner in part.items() if name not in _PAIRED and not _VALUE.match(name)}
    below = [item for answer in elements(part, "answer") for item in elements(answer, "item")]
    return left | ({"answer": below} if below else {})


def _is_flat(part: Resource, known: frozenset[str]) -> bool:
    """A Coding has a code where a part of a resource may have a CodeableConcept."""
    return known in _NESTED or not any(isinstance(inner, (dict, list)) for inner in part.values())


def _period(part: Resource) -> str | None:
    return joined([text(part, "start"), text(part, "end")], "/")


def _display(part: Resource) -> str | None:
    return text(part, "display") or text(part, "code")


def _amount(part: Resource) -> str | None:
    return joined([with_unit({"valueQuantity": part}), text(part, "currency")], " ")


_CONCEPT = frozenset({"coding", "text"})
_RANGE = frozenset({"low", "high"})
_RATIO = frozenset({"numerator", "denominator"})
_SAMPLES = frozenset({"origin", "period", "factor", "lowerLimit", "upperLimit", "dimensions", "data"})
_NESTED = (_CONCEPT, _RANGE, _RATIO, _SAMPLES)
_DATATYPES: tuple[tuple[frozenset[str], Callable[[Resource], str | None]], ...] = (
    (_CONCEPT, concept),
    (frozenset({"system", "version", "code", "display", "userSelected"}), _display),
    (frozenset({"value", "comparator", "unit", "system", "code", "currency"}), _amount),
    (frozenset({"start", "end"}), _period),
    (_RANGE, lambda part: with_unit({"valueRange": part})),
    (_RATIO, lambda part: with_unit({"valueRatio": part})),
    (_SAMPLES, lambda part: with_unit({"valueSampledData": part})),
    (
        frozenset({"contentType", "language", "data", "url", "size", "hash", "title", "creation"}),
        lambda part: joined([text(part, "title"), text(part, "contentType")], ", "),
    ),
    (frozenset({"status", "div"}), narrative),
)
"""Elements of a datatype, and how it reads."""
