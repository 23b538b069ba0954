"""What the checks are written as: TAP, JUnit, and seconds for the next run to be measured against."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from emkcli import errors
from emkcli.locale import _
from emkcli.usecases.diagnostics.smoke.check import Check


def tap(checks: Sequence[Check]) -> str:
    """Test Anything Protocol, version 12: a skipped check is ok with its reason."""
    lines = [f"1..{len(checks)}"]
    for number, check in enumerate(checks, 1):
        directive = f" # SKIP {_line(check.skipped)}" if check.skipped else ""
        lines.append(f"{'not ok' if check.problem else 'ok'} {number} - {check.name}{directive}")
        if check.problem:
            lines.append(f"  # {_line(check.problem)}")
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def write_junit(checks: Sequence[Check], path: str) -> None:
    """A test suite as Ant and Jenkins read it.

    :raises Storage: the file cannot be written (13).
    """
    problems, skipped = (sum(1 for check in checks if how(check)) for how in (_problem, _skipped))
    seconds = sum(check.seconds for check in checks)
    head = f'name="emk smoke" tests="{len(checks)}" failures="{problems}" errors="0" skipped="{skipped}" time="{seconds:.3f}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuite {head}>", *map(_case, checks), "</testsuite>", ""]
    _write(path, "\n".join(lines))


def _problem(check: Check) -> str | None:
    return check.problem


def _skipped(check: Check) -> str | None:
    return check.skipped


def _case(check: Check) -> str:
    head = f'<testcase classname="emk.smoke" name={quoteattr(check.name)} time="{check.seconds:.3f}"'
    if check.problem:
        slug = check.problem.partition(":")[0]
        return f"{head}><failure message={quoteattr(check.problem)} type={quoteattr(slug)}/></testcase>"
    if check.skipped:
        return f"{head}><skipped message={quoteattr(check.skipped)}/></testcase>"
    return f"{head}/>"


def write_timings(checks: Sequence[Check], path: str) -> None:
    """Seconds by name, of the checks that went well.

    :raises Storage: the file cannot be written (13).
    """
    _write(path, json.dumps({check.name: check.seconds for check in checks if check.passed}, indent=2) + "\n")


def read_timings(path: str) -> dict[str, float]:
    """What `write_timings` wrote.

    :raises InvalidInput: it is no such file (2).
    """
    try:
        timings = json.loads(Path(path).read_text(encoding="utf-8"))
        return {str(name): float(seconds) for name, seconds in timings.items()}
    except OSError as cause:
        raise errors.InvalidInput(
            _("{path} cannot be read: {reason}").format(path=path, reason=cause.strerror)
        ) from cause
    except (ValueError, TypeError, AttributeError) as cause:
        raise errors.InvalidInput(_("{path} is no file of --record-timings").format(path=path)) from cause


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be written: {reason}").format(path=path, reason=cause.strerror)
        ) from cause
