"""Questions to the person, on stderr; they have a twin that asks nobody."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from emkcli import errors
from emkcli.locale import _
from emkcli.presentation.progress import columns_of
from emkcli.presentation.terminal import encodable, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

ATTEMPTS = 3
LONGEST_LINE = 4096
YES = {"y", "yes", "д", "да"}
NO = {"n", "no", "н", "нет"}
AGREED = {"agree", "согласен", "согласна"}


class Dialogue(ABC):
    """What a command may ask; `option` always names what a script passes instead of an answer."""

    def __init__(
        self,
        stdin: TextIO,
        stderr: TextIO,
        sanitise: Callable[[str], str],
        learn: Callable[[str, str], None] = lambda key, secret: None,
    ) -> None:
        self._stdin, self._stderr, self._sanitise, self._learn = stdin, stderr, sanitise, learn

    @abstractmethod
    def ask(
        self, label: str, *, option: str, default: str | None = None, check: Callable[[str], str] | None = None
    ) -> str:
        """One line. An empty answer means `default` (`""` makes the answer optional); `check` returns the canonical
        text or raises `ValueError` with the rule, which is shown before asking again."""

    @abstractmethod
    def secret(self, label: str, *, option: str) -> str:
        """One line that is not shown while it is typed."""

    @abstractmethod
    def confirm(self, question: str, *, option: str = "--yes") -> bool:
        """Yes or no; no is the default."""

    @abstractmethod
    def choose(self, label: str, choices: Sequence[tuple[str, str]], *, option: str, default: str | None = None) -> str:
        """One of `(value, title)`, by its number or its value. An empty answer means `default`, as in `ask`."""

    @abstractmethod
    def consent(self, title: str, text: str, *, option: str) -> bool:
        """Shows the whole text and takes only the typed word of agreement; there is no default."""

    def read_stdin_line(self, *, option: str = "--code-stdin") -> str:
        """The first line of standard input, for options that announce it; never a question."""
        try:
            answer = self._line()
        except EOFError:
            answer = ""
        if not answer:
            raise errors.InvalidInput(_("{option}: standard input is empty").format(option=option))
        self._learn("secret", answer)
        return answer

    def _line(self) -> str:
        """A line without its end and the spaces around; one that cannot be decoded is as good as an empty one."""
        try:
            line = self._stdin.readline(LONGEST_LINE)
        except UnicodeError:
            return ""
        if not line:
            raise EOFError
        return decoded(line)


class NoInput(Dialogue):
    """Nobody to ask: every question without a default is an error that names the option to pass."""

    def ask(
        self, label: str, *, option: str, default: str | None = None, check: Callable[[str], str] | None = None
    ) -> str:
        if default is None:
            raise self._refused(label, option)
        return check(default) if check and default else default

    def secret(self, label: str, *, option: str) -> str:
        raise self._refused(label, option)

    def confirm(self, question: str, *, option: str = "--yes") -> bool:
        raise self._refused(question, option)

    def choose(self, label: str, choices: Sequence[tuple[str, str]], *, option: str, default: str | None = None) -> str:
        raise self._refused(label, option)

    def consent(self, title: str, text: str, *, option: str) -> bool:
        raise self._refused(title, option)

    def _refused(self, label: str, option: str) -> errors.Usage:
        message = _("{label}: there is nobody to ask (no terminal or --no-input); pass {option}")
        return errors.Usage(message.format(label=self._sanitise(label).rstrip("?: "), option=option))


class Prompter(Dialogue):
    """Asks on the terminal."""

    def ask(
        self, label: str, *, option: str, default: str | None = None, check: Callable[[str], str] | None = None
    ) -> str:
        colon = "" if label.endswith("?") else ":"
        question = f"{label} [{default}]{colon} " if default else f"{label}{colon} "
        rule = ""
        for _attempt in range(ATTEMPTS):
            answer = self._answer(question) or default
            try:
                return self._checked(answer, check)
            except ValueError as broken:
                rule = str(broken)
                self._say(rule)
        raise errors.InvalidInput(_("{field}: {rule}").format(field=label.rstrip("?"), rule=rule))

    def secret(self, label: str, *, option: str) -> str:
        for _attempt in range(ATTEMPTS):
            if answer := self._hidden(self._sanitise(label) + ": ", option).strip():
                self._learn("secret", answer)
                return answer
        raise errors.InvalidInput(_("{field}: {rule}").format(field=label, rule=_("an answer is needed")))

    def confirm(self, question: str, *, option: str = "--yes") -> bool:
        for _attempt in range(ATTEMPTS):
            answer = self._answer(f"{question} {_('[y/N]')} ").lower()
            if answer in YES:
                return True
            if not answer or answer in NO:
                return False
        return False

    def choose(self, label: str, choices: Sequence[tuple[str, str]], *, option: str, default: str | None = None) -> str:
        for number, (_value, title) in enumerate(choices, 1):
            self._say(f"{number:>3}. {title}")
        by_value = {value: value for value, _title in choices}
        numbered = {str(number): value for number, (value, _title) in enumerate(choices, 1)}

        def check(answer: str) -> str:
            if (value := (numbered | by_value).get(answer)) is None:
                raise ValueError(_("a number from 1 to {count} is expected").format(count=len(choices)))
            return value

        return self.ask(label, option=option, default=default, check=check)

    def consent(self, title: str, text: str, *, option: str) -> bool:
        self._say(f"\n{title}\n")
        self._say(f"{folded(self._visible(text), columns_of(self._stderr))}\n")
        for _attempt in range(ATTEMPTS):
            answer = self._answer(_("Type the word “agree” to consent, or press Enter to decline: ")).lower()
            if answer.strip(" .!\"'«»“”") in AGREED:
                return True
            if not answer or answer in NO:
                return False
        return False

    def _checked(self, answer: str | None, check: Callable[[str], str] | None) -> str:
        if answer is None:
            raise ValueError(_("an answer is needed"))
        return check(answer) if check and answer else answer

    def _say(self, text: str, end: str = "\n") -> None:
        self._stderr.write(self._visible(text) + end)
        self._stderr.flush()

    def _visible(self, text: str) -> str:
        """As the terminal will show it. Line by line: a sanitiser may take line breaks for control characters."""
        return encodable("\n".join(map(self._sanitise, text.split("\n"))), self._stderr)

    def _answer(self, question: str) -> str:
        with self._asking():
            answer = self._edited(question)
            return self._typed(question) if answer is None else answer

    def _edited(self, question: str) -> str | None:
        """A line typed in an editor of one line; None where there is none."""
        from emkcli.presentation import line_editing

        if not line_editing.can_edit(self._stdin, self._stderr):
            return None
        above, newline, last = folded(self._visible(question), columns_of(self._stderr)).rpartition("\n")
        self._say(above, end=newline)
        try:
            return decoded(line_editing.read_line(f"{last.rstrip()} ", self._stderr)[:LONGEST_LINE])
        except UnicodeError:
            return ""

    def _typed(self, question: str) -> str:
        self._say(question, end="")
        return self._line()

    def _hidden(self, question: str, option: str) -> str:
        import getpass

        from emkcli.presentation import echo

        with self._asking(), warnings.catch_warnings(), echo.kept_off(lambda: self._say(question, end="")):
            # The warning means that the answer would be shown: rather not ask.
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return getpass.getpass(question, self._stderr)
            except getpass.GetPassWarning:
                message = _("this terminal cannot hide what is typed; pass {option}")
                raise errors.Usage(message.format(option=option)) from None

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """What is said after a question without an answer begins on a line of its own."""
        try:
            yield
        except EOFError:
            self._say("")
            raise errors.Cancelled(_("cancelled: the input ended")) from None
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal hung up
                self._say("")
            raise


def decoded(line: str) -> str:
    """Without the spaces around; a line with bytes that are no text is as good as an empty one."""
    try:
        line.encode()
    except UnicodeError:
        return ""
    return line.strip()
