"""What every kind of place for a session can do."""

from __future__ import annotations

from typing import Protocol

from emkcli import errors
from emkcli.locale import _
from emkcli.models import Tokens


class Place(Protocol):
    @property
    def source(self) -> str:
        """The kind of place, as `emk auth status` names it."""
        ...

    def load(self) -> Tokens | None: ...

    def save(self, tokens: Tokens) -> None:
        """One writer at a time; a reader beside it sees the old session or the new one."""
        ...

    def clear(self) -> None:
        """Remove it and whatever a kill left behind; nothing there is no error."""
        ...

    def probe(self) -> None:
        """Write, read back, delete: raises before an SMS is spent rather than after."""
        ...


def parsed(text: str | bytes | None) -> Tokens | None:
    """What a place holds as tokens."""
    if not text:
        return None
    try:
        return Tokens.from_json(text)
    except ValueError:
        # `from None`: the validator's message quotes what it was given
        raise errors.LoginRequired(_("The stored session cannot be read."), hint="emk logout && emk login") from None
