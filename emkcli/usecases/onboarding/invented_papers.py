"""What an invented patient hands in: a person file, and pictures that show nobody."""

from __future__ import annotations

from pathlib import Path

from emkcli import errors
from emkcli.config.atomic_files import replace_file
from emkcli.config.private_files import make_directories
from emkcli.locale import _

PERSON_FILE = "person.toml"


def write_person(folder: Path, language: str) -> Path:
    """A person file for their owner alone."""
    from emkcli.registration.person import template

    path = folder / PERSON_FILE
    replace_file(path, template(language))
    return path


def write_pictures(folder: Path) -> list[Path]:
    """The passport scan and the selfie; a file with other content is left alone, and `Exists` says so."""
    from emkcli.mock.pictures import pictures

    try:
        make_directories(folder)
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be created: {reason}").format(path=folder, reason=cause.strerror)
        ) from cause
    made = {folder / name: content for name, content in pictures()}
    for path, content in made.items():
        if path.exists() and path.read_bytes() != content:
            raise errors.Exists(_("{path} is there already.").format(path=path), hint=_("name another directory"))
    for path, content in made.items():
        replace_file(path, content)
    return list(made)
