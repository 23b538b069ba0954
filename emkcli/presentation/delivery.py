"""A text on its way out, whole or not at all; what the system refuses to write is an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from emkcli import errors
from emkcli.locale import _


def deliver(text: str, stream: TextIO) -> None:
    """Write `text` and flush it, so that what went wrong is known here."""
    with writing():
        stream.write(text)
        stream.flush()


@contextmanager
def writing() -> Iterator[None]:
    """Turns the operating system's refusal to write into `Storage`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise errors.Storage(_("Cannot write the output: {reason}").format(reason=reason)) from error
