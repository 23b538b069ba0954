"""What a resource of any type says, as lines of `element: words`: every code in words, quantity, text and date in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from emkcli.fhir.attachments import attached_text
from emkcli.fhir.elements import ORIGINAL_TEXT, Resource, concept, elements, joined, label, narrative, text
from emkcli.fhir.observation import with_unit
from emkcli.fhir.resource_types import SUPPORTING
from emkcli.fhir.scene import Scene, human_name

_MOST_READ, _MOST_LINES, _LONGEST, _DEEPEST = 5000, 500, 4000, 24
"""Elements, lines, letters of one, and how far an element lies inside: more nobody reads, and `…` says that there is more."""
_SEARCHED = 50_000
"""How much of a narrative is looked through for what it says."""
_NO_CONTENT = frozenset(
    {
        *("resourceType", "id", "meta", "implicitRules", "language", "identifier", "linkId", "url", "uid", "sopClass"),
        *("sequence", "instantiatesCanonical", "instantiatesUri"),
    }
)
"""How a resource and its parts are called and counted."""
_ELSEWHERE = frozenset({"text", "contained", "status", "lifecycleStatus", "subject", "patient", "beneficiary", "for"})
"""What stands in fields of its own or says whose the resource is; what is contained comes last."""
_PERFORMERS = frozenset({"performer.actor", "performer.onBehalfOf"})
"""Who did it, one level below the resource."""
_SILENT = frozenset({"http://hl7.org/fhir/StructureDefinition/data-absent-reason", ORIGINAL_TEXT})
"""Extensions that say something about an element, not about the patient."""
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(T.*)?")
_BARE = re.compile(r"[\d.,]+|true|false")
"""A number or an answer that stands in every other sentence."""
_WORD = re.compile(r"\w+|[^\w\s]")
_VALUE = re.compile("value[A-Z]")
_PAIRED = frozenset({"code", "text", "answer"})
_REFERENCE = frozenset({"reference", "type", "identifier", "display"})


class Line(NamedTuple):
    """Words and what they are about: the path of an element or, where the source has it in words, its question or code."""

    heading: str
    words: str
    is_answer: bool = False

    def is_told(self, told: frozenset[str]) -> bool:
        """Whether a field of the record says it; further inside the same words say something else."""
        outside = "." not in self.heading or self.heading in _PERFORMERS
        return outside and not self.is_answer and self.words in told

    def is_narrated(self, narrated: str) -> bool:
        """Whether a narrative, its words apart, says it; an answer means nothing without its question."""
        if self.is_answer and not _holds(narrated, self.heading):
            return False
        return not _BARE.fullmatch(self.words) and any(_holds(narrated, words) for words in _written(self.words))

    @property
    def cut(self) -> str:
        return self.words if len(self.words) <= _LONGEST else f"{self.words[:_LONGEST]}…"

    def __str__(self) -> str:
        return f"{self.heading}: {self.cut}"


def lines(resource: Resource, told: frozenset[str], readable: str | None, scene: Scene) -> str | None:
    """The narrative, and a line for each element that neither it nor the fields of the record (`told`) say."""
    narrated = _apart((readable or "")[:_SEARCHED])
    walked = list(islice(Walk(resource, scene).lines(), _MOST_READ + 1))
    listed = [str(line) for line in walked if not (line.is_told(told) or line.is_narrated(narrated))]
    is_cut = len(walked) > _MOST_READ or len(listed) > _MOST_LINES
    return joined([readable, *listed[:_MOST_LINES], "…" if is_cut else None], "\n")


def _holds(narrated: str, words: str) -> bool:
    return _apart(words) in narrated


def _apart(words: str) -> str:
    """Each word and each sign between blanks: what is whole is found without a pattern, however long the text."""
    return f" {' '.join(_WORD.findall(words.casefold()))} "


def _written(words: str) -> list[str]:
    """How a narrative may write it: a day in numbers either way round."""
    if day := _DATE.fullmatch(words):
        return ["-".join(day.groups()[:3]), ".".join(reversed(day.groups()[:3]))]
    return [words]


class Walk:
    """Through one resource, from the outside in, past the elements in `without`: those whose paths are read elsewhere,
    `[0]` behind one of which the first item alone is."""

    def __init__(self, resource: Resource, scene: Scene, without: frozenset[str] = frozenset()) -> None:
        self._resource, self._scene, self._without = resource, scene, without
        self._opened = _opened(without)

    def lines(self) -> Iterator[Line]:
        yield from self._inside("", _own(self._resource), 0)
        for inner in elements(self._resource, "contained"):
            kind = text(inner, "resourceType")
            if kind and kind not in SUPPORTING | self._without:
                yield from self._inside(kind, _own(inner), 1)

    def _inside(self, path: str, part: Resource, depth: int) -> Iterator[Line]:
        for name, inner in part.items():
            place = f"{path}.{name}" if path else name
            if place in self._without:
                continue
            if name in ("extension", "modifierExtension"):
                yield from self.extensions(path, elements(part, name), depth)
            elif not (name in _NO_CONTENT or name.startswith("_")):
                yield from self._element(place, inner[1:] if self._is_begun(place, inner) else inner, depth + 1)

    def _is_begun(self, place: str, inner: Any) -> bool:
        return f"{place}[0]" in self._without and isinstance(inner, list)

    def _element(self, path: str, part: Any, depth: int) -> Iterator[Line]:
        if isinstance(part, list):
            for item in part if depth < _DEEPEST else ():
                yield from self._element(path, item, depth + isinstance(item, list))
        elif path not in self._opened and (words := self._words(part)) is not None:
            yield from [Line(path, words)] if words else []
        elif isinstance(part, dict) and depth < _DEEPEST:
            pair = [*self._pair(part)]
            yield from pair
            yield from self._inside(path, _unpaired(part) if pair else part, depth)

    def _pair(self, part: Resource) -> Iterator[Line]:
        """A question and its answers, or a code and its value, in one line."""
        heading = label(part.get("code")) or text(part, "text")
        if not heading:
            return
        values = [inner for answer in elements(part, "answer") or [part] for inner in _values(answer)]
        words = joined(self._words(value) for value in values)
        if words:
            yield Line(heading, words, is_answer=True)

    def extensions(self, path: str, extensions: list[Resource], depth: int = 0) -> Iterator[Line]:
        for extension in extensions:
            url = text(extension, "url") or ""
            if url not in _SILENT and depth < _DEEPEST:
                name = ".".join(filter(None, (path, url.rsplit("/", 1)[-1])))
                for value in _values(extension):
                    yield from self._element(name, value, depth + 1)
                yield from self.extensions(name, elements(extension, "extension"), depth + 1)

    def _words(self, part: Any) -> str | None:
        """A primitive or a datatype of FHIR in words, empty where it says nothing; None for what has elements inside."""
        if not isinstance(part, dict):
            return None if isinstance(part, list) else text(part) or ""
        names = {name for name in part if name not in ("id", "extension") and not name.startswith("_")}
        if _is_reference(part, names):
            return self._referenced(part) or ""
        read = next((read for known, read in _DATATYPES if names and names <= known and _is_flat(part, known)), None)
        return (read(part) or "") if read else None

    def _referenced(self, reference: Resource) -> str | None:
        """What a reference leads to, by its name."""
        target = self._scene.graph.get(reference, self._resource) or {}
        named = text(reference, "display") or human_name(target) or text(target, "name") or text(target, "title")
        return named or label(target.get("code")) or text(reference, "identifier", "value")


@lru_cache(maxsize=64)
def _opened(without: frozenset[str]) -> frozenset[str]:
    """The elements of which a part is read elsewhere."""
    return frozenset(path.rpartition(".")[0] for path in without)


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


def _is_reference(part: Resource, names: set[str]) -> bool:
    """A part of a resource may have a `type`, too: alone, or as a CodeableConcept."""
    return {"type"} < names | {"type"} <= _REFERENCE and not isinstance(part.get("type"), (dict, list))


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
        lambda part: attached_text(part) or joined([text(part, "title"), text(part, "contentType")], ", "),
    ),
    (frozenset({"status", "div"}), narrative),
)
"""Elements of a datatype, and how it reads."""
