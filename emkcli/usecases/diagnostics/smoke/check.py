"""One check of `smoke`, what it needs, and which of them somebody chose."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.locale import _

if TYPE_CHECKING:
    from emkcli.app import App

NOTICEABLE = 0.1
"""Seconds: a check that is slower by less is not called slower, whatever the ratio."""


@dataclass(frozen=True)
class Step:
    """What is to be tried; `needs` are the names of checks before it without which it means nothing.

    `left_out` says why it is not tried at all."""

    name: str
    run: Callable[[], Any]
    needs: tuple[str, ...] = ()
    left_out: str | None = None


@dataclass(frozen=True)
class Check:
    """How a step ended: well, with a `problem`, or not tried, and why; `seconds` of this machine's clock."""

    name: str
    seconds: float = 0.0
    problem: str | None = None
    skipped: str | None = None

    @property
    def ok(self) -> bool:
        """Nothing is wrong; what was skipped is not wrong, as in TAP."""
        return self.problem is None

    @property
    def passed(self) -> bool:
        return self.problem is None and self.skipped is None


@dataclass(frozen=True)
class Choice:
    """Which checks run: `only` these and what they need, none of `skip`; and how slow each may be against a `baseline`
    of seconds by name."""

    only: Collection[str] = ()
    skip: Collection[str] = ()
    baseline: Mapping[str, float] = field(default_factory=dict)
    slower: float = 2.0

    def wanted(self, steps: Iterable[Step]) -> set[str]:
        """The names that run: those chosen and, of `only`, whatever they need.

        :raises Usage: a name is none of theirs (2).
        """
        needs = {step.name: step.needs for step in steps}
        for name in (*self.only, *self.skip):
            if name not in needs:
                raise errors.Usage(
                    _("There is no check {name}.").format(name=name),
                    hint=_("one of: {names}").format(names=", ".join(needs)),
                )
        wanted = set(self.only) or set(needs)
        while more := {need for name in wanted for need in needs[name]} - wanted:
            wanted |= more
        return wanted - set(self.skip)

    def too_slow(self, name: str, seconds: float) -> str | None:
        before = self.baseline.get(name)
        if before is None or seconds <= max(before * self.slower, before + NOTICEABLE):
            return None
        return _("slower: {seconds:.3f} s, {before:.3f} s in the baseline").format(seconds=seconds, before=before)


def checked(app: App, steps: Iterable[Step], choice: Choice) -> Iterator[Check]:
    """Each step's check, in order; those nobody wanted stand among them only when they were named to be skipped."""
    steps = list(steps)
    wanted, ended = choice.wanted(steps), dict[str, Check]()
    for step in steps:
        if step.name not in wanted and step.name not in choice.skip:
            continue
        why = _left_out(step, choice, ended)
        ended[step.name] = Check(step.name, skipped=why) if why else _tried(app, step, choice)
        yield ended[step.name]


def _left_out(step: Step, choice: Choice, ended: Mapping[str, Check]) -> str | None:
    if step.name in choice.skip:
        return _("left out by --skip")
    lacking = [name for name in step.needs if name not in ended or not ended[name].passed]
    return _("needs {names}").format(names=", ".join(lacking)) if lacking else step.left_out


def _tried(app: App, step: Step, choice: Choice) -> Check:
    started = time.monotonic()
    problem = None
    try:
        step.run()
    except errors.EmkError as error:
        problem = f"{error.slug}: {app.redactor.text(error.message)}"
    seconds = round(time.monotonic() - started, 3)
    return Check(step.name, seconds, problem or choice.too_slow(step.name, seconds))
