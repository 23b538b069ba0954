"""How much of a number may be seen."""

from __future__ import annotations


def phone(number: str) -> str:
    return f"+7 *** ***-**-{number[-2:]}"


def snils(number: str) -> str:
    return f"***-***-*** {number[-2:]}"
