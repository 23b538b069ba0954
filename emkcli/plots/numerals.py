"""Numbers on an axis and in a label, as people write them: thousands apart, and powers of ten in place of `1e+06`."""

from __future__ import annotations

import re

BLANK = "\N{NO-BREAK SPACE}"
_DIGITS, _RAISED = "0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TO_RAISED, _FROM_RAISED = str.maketrans(_DIGITS, _RAISED), str.maketrans(_RAISED, _DIGITS)
_IN_FULL = 1e7, 1e-6
"""Below the first and from the second on a number is written out."""
_APART = 1e4
"""From here on thousands stand apart."""


def plain(value: float) -> str:
    """Six digits of a number, and all of a larger one that are before the point."""
    largest, smallest = _IN_FULL
    size = abs(value)
    if size and not smallest <= size < largest:
        return _by_power(value)
    if size >= _APART:
        return _apart(f"{value:,.0f}" if size >= 1e5 else f"{value:,.6g}")
    return f"{value:.6g}" if not size or size >= 1e-4 else f"{value:.12f}".rstrip("0")


def _apart(grouped: str) -> str:
    return grouped.replace(",", BLANK)


def _by_power(value: float) -> str:
    """`10⁷`, `2.5·10¹²`; without a superscript where the power is negative, since our font has no such minus."""
    digits, _e, power = f"{value:.5e}".partition("e")
    times = digits.rstrip("0").rstrip(".")
    exponent = str(int(power))
    raised = f"10^{exponent}" if exponent.startswith("-") else f"10{exponent.translate(_TO_RAISED)}"
    return {"1": raised, "-1": f"-{raised}"}.get(times, f"{times}·{raised}")


def in_ascii(label: str) -> str:
    """What stands in a label, without what an ASCII terminal lacks."""
    plainer = label.replace("–", "-").replace("≤", "<=").replace("≥", ">=").replace("·", "*").replace(BLANK, " ")
    return re.sub(f"[{_RAISED}]+", lambda match: "^" + match[0].translate(_FROM_RAISED), plainer)
