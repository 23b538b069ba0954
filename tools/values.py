"""The words that fit an option or an argument, each with what it is; what its own parser accepts is not repeated here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from emkcli import locale
from emkcli.api import recipes
from emkcli.commands import entries
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.config.settings import SETTING_METADATA
from emkcli.exporters.file_formats import FILE_FORMATS
from emkcli.locale import _
from emkcli.mock.physicians import SPECIALTIES
from emkcli.models import LISTS
from emkcli.presentation.render import schemas
from emkcli.presentation.topics import TOPICS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CATEGORIES = {row.category: row.title for row in LISTS}
SUBJECTS = {**TOPICS, **{entry.name: entry.help for entry in entries().values()}}
OFFERED: dict[str, Iterable[str]] = {
    "--backend": (*recipes.BUILT_IN, "local"),
    "--output": OUTPUT_FORMATS,
    "--category": CATEGORIES,
    "--specialty": SPECIALTIES,
    "--method": METHODS,
    "method": METHODS,
    "key": SETTING_METADATA,
    "subject": SUBJECTS,
    "kind": tuple(name for kind in schemas.kinds() for name in (kind, f"{kind}_list") if name != "error_list"),
}
"""The words of a parameter that its parser does not know: by its longest name."""

DESCRIBED: dict[str, Mapping[str, str]] = {
    "--output": {row.name: row.about for row in OUTPUT_FORMATS.values()},
    "--format": {row.name: row.about for row in FILE_FORMATS.values()},
    "--preset": {preset: about for row in FILE_FORMATS.values() for preset, about in row.presets.items()},
    "--category": CATEGORIES,
    "subject": SUBJECTS,
    "key": {name: metadata["help"] for name, metadata in SETTING_METADATA.items()},
}
"""What the words of a parameter are, as messages: by its longest name."""

WORD = re.compile(r"[a-z0-9][a-z0-9._-]*")
LONGEST_DESCRIPTION = 60
AFTER_THE_FIRST_THOUGHT = re.compile(r"[;:(]|[.] |, [a-z]+=")


def values(parameter: Any, name: str, metavar: str) -> tuple[tuple[str, str], ...]:
    """Each word with its description in the language in force, which is empty where the word says it all."""
    described = DESCRIBED.get(name, {})
    if name == "--specialty" and locale.language() == "ru":
        described = SPECIALTIES  # in English the word itself says it
    return tuple((word, _short(_(described.get(word, "")))) for word in _words(parameter, name, metavar))


def _words(parameter: Any, name: str, metavar: str) -> tuple[str, ...]:
    """What the option's own parser accepts, when it was made of words; else the lower-case words of its metavar."""
    parser = parameter.type_descriptor.parameter_info.parser
    made_of = getattr(parser, "__name__", "").split("|") if parser else []
    if made_of and all(WORD.fullmatch(word) for word in made_of):
        return tuple(made_of)
    return tuple(OFFERED.get(name, ())) or tuple(word for word in metavar.split("|") if WORD.fullmatch(word))


def _short(description: str) -> str:
    whole = len(description) <= LONGEST_DESCRIPTION
    return description if whole else AFTER_THE_FIRST_THOUGHT.split(description)[0].strip()
