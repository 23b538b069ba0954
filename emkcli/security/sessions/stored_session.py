"""A stored session: the place in force, the one for the next login, and the others one may lie in from before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from emkcli import errors
from emkcli.config.private_files import held
from emkcli.locale import _
from emkcli.models import Tokens


class Place(Protocol):
    """What every kind of place for a session can do."""

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


@dataclass
class StoredSession:
    """Writers take turns by a lock file of their own, which stays: removing one would let two in."""

    place: Place
    places: Sequence[Place]
    lock_file: Path
    lock_wait: float
    chosen: Place
    writable: bool = True

    @property
    def source(self) -> str:
        return self.place.source

    def load(self) -> Tokens | None:
        return self.place.load()

    def save(self, tokens: Tokens) -> None:
        with self.lock():
            self.place.save(tokens)

    def begin(self, tokens: Tokens) -> None:
        with self.lock():
            self.chosen.save(tokens)
            self.place = self.chosen
            self._clear_others()

    def clear(self) -> None:
        with self.lock():
            try:
                self.place.clear()
            finally:
                self._clear_others()

    def probe(self) -> None:
        with self.lock():
            self.chosen.probe()

    def lock(self) -> AbstractContextManager[object]:
        return held(self.lock_file, self.lock_wait, _("Another emk is refreshing this session."))

    def _clear_others(self) -> None:
        """As far as they can be reached: what is locked cannot be read either."""
        for other in self.places:
            # by kind: the keyring stands here twice, once as it is and once forbidden to open a dialog
            if other.source != self.place.source:
                with suppress(errors.NoSecretStorage):
                    other.clear()


def parsed(text: str | bytes | None) -> Tokens | None:
    """What a place holds as tokens."""
    if not text:
        return None
    try:
        return Tokens.from_json(text)
    except ValueError:
        # `from None`: the validator's message quotes what it was given
        raise errors.LoginRequired(_("The stored session cannot be read."), hint="emk logout && emk login") from None
