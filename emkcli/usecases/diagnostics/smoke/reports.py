"""What the checks are written as: TAP, JUnit, and seconds for the next run to be measured against."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import emkcli
from emkcli import errors
from emkcli.locale import _
from emkcli.security.safe_text import harmless
from emkcli.usecases.diagnostics.smoke.check import Check

LONGEST = 2000
"""Characters of what a check says; a server may have said a megabyte of it."""
LONGEST_SECONDS = 1e6


def tap(checks: Sequence[Check]) -> str:
    """Test Anything Protocol, version 12: a skipped check is ok with its reason."""
    lines = [f"1..{len(checks)}"]
    for number, check in enumerate(checks, 1):
        directive = f" # SKIP {harmless(check.skipped, LONGEST)}" if check.skipped else ""
        lines.append(f"{'not ok' if check.problem else 'ok'} {number} - {check.name}{directive}")
        if check.problem:
            lines.append(f"  # {harmless(check.problem, LONGEST)}")
    return "\n".join(lines) + "\n"


def write_junit(checks: Sequence[Check], path: str) -> None:
    """A test suite by the schemas of Jenkins and of Ant, which asks for a time and for elements that may be empty.

    The number of skipped checks is left out where it is 0: Ant's schema did not always know it. The host is nobody's business.

    :raises Storage: the file cannot be written (13).
    """
    problems, skipped = sum(1 for check in checks if check.problem), sum(1 for check in checks if check.skipped)
    head: dict[str, str | int] = {
        "name": "emk smoke", "hostname": "localhost", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
        "time": f"{sum(check.seconds for check in checks):.3f}",
        "tests": len(checks), "failures": problems, "errors": 0,
    }  # fmt: skip
    if skipped:
        head["skipped"] = skipped
    version = _tag("property", {"name": "emk", "value": emkcli.__version__})
    inside = ["", f"<properties>{version}</properties>", *map(_case, checks), "<system-out/>", "<system-err/>", ""]
    suite = _tag("testsuite", head, "\n".join(inside))
    _write(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{suite}\n')


def _case(check: Check) -> str:
    head = {"classname": "emk.smoke", "name": check.name, "time": f"{check.seconds:.3f}"}
    if check.problem:
        problem = harmless(check.problem, LONGEST)
        return _tag("testcase", head, _tag("failure", {"message": problem, "type": problem.partition(":")[0]}))
    if check.skipped:  # as text, which every reader takes; only some take an attribute
        return _tag("testcase", head, _tag("skipped", {}, escape(harmless(check.skipped, LONGEST))))
    return _tag("testcase", head)


def _tag(name: str, attributes: Mapping[str, str | int], inside: str = "") -> str:
    """One element; `inside` is XML already."""
    head = " ".join((name, *(f"{key}={quoteattr(str(value))}" for key, value in attributes.items())))
    return f"<{head}>{inside}</{name}>" if inside else f"<{head}/>"


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
    except OSError as cause:
        raise errors.InvalidInput(
            _("{path} cannot be read: {reason}").format(path=path, reason=cause.strerror)
        ) from cause
    except (ValueError, RecursionError) as cause:
        raise _no_timings(path) from cause
    if not isinstance(timings, dict) or not all(map(_is_time, timings.values())):
        raise _no_timings(path)
    return {name: float(seconds) for name, seconds in timings.items()}


def _is_time(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= LONGEST_SECONDS  # type: ignore[operator]


def _no_timings(path: str) -> errors.InvalidInput:
    return errors.InvalidInput(_("{path} is no file of --record-timings").format(path=path))


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be written: {reason}").format(path=path, reason=cause.strerror)
        ) from cause
