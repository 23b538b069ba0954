"""A ready token from the environment or from a file: read-only, never refreshed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from emkcli import errors
from emkcli.config import named_files
from emkcli.config.settings import Settings
from emkcli.locale import _
from emkcli.models import Tokens


@dataclass
class GivenToken:
    """Read anew each time: whoever put the file there may replace it while we run."""

    read: Callable[[], str]
    source: str
    variable: str
    writable: bool = False

    def load(self) -> Tokens | None:
        return Tokens(access_token=self.read())

    def save(self, tokens: Tokens) -> None:
        self.probe()

    def begin(self, tokens: Tokens) -> None:
        self.probe()

    def clear(self) -> None:
        """Not ours to remove."""

    def lock(self) -> AbstractContextManager[object]:
        return nullcontext()

    def probe(self) -> None:
        raise errors.Usage(
            _("The token comes from {variable}; a login would not be used.").format(variable=self.variable),
            hint=_("unset EMK_TOKEN and EMK_TOKEN_FILE"),
        )


def given_token(settings: Settings, environ: Mapping[str, str]) -> GivenToken | None:
    if file := settings.token_file:
        return GivenToken(lambda: token_of(file, "EMK_TOKEN_FILE"), "env_file", "EMK_TOKEN_FILE")
    if token := environ.get("EMK_TOKEN", "").strip():
        return GivenToken(lambda: one_word(token, "EMK_TOKEN"), "env", "EMK_TOKEN")
    return None


def token_of(file: str, source: str) -> str:
    """The token that a file holds, which `source` named. `Storage` where it cannot be read, `InvalidInput` where it holds none."""
    try:
        return one_word(named_files.content(file).decode().strip(), source)
    except (OSError, UnicodeDecodeError) as cause:
        raise errors.Storage(_("{path} cannot be read.").format(path=file)) from cause


def one_word(text: str, source: str) -> str:
    """A token as it can go into a header; what is none is never repeated."""
    if not text.isascii() or not text.isprintable() or len(text.split()) != 1:
        raise errors.InvalidInput(
            _("{source}: this is no token; one word of printable ASCII is expected.").format(source=source)
        )
    return text
