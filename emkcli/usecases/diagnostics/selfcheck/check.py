"""One check and how it ended: `ok`, `warn`, `fail` or `skip`. `detail` holds facts, the same in every language."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emkcli.config.named_files import home
from emkcli.security import redact


@dataclass(frozen=True)
class Check:
    name: str
    status: str
    detail: str
    hint: str | None = None


def passed(name: str, detail: str, hint: str | None = None) -> Check:
    return Check(name, "ok", detail, hint)


def doubtful(name: str, detail: str, hint: str | None = None) -> Check:
    return Check(name, "warn", detail, hint)


def failed(name: str, detail: str, hint: str | None = None) -> Check:
    return Check(name, "fail", detail, hint)


def skipped(name: str, detail: str) -> Check:
    return Check(name, "skip", detail)


def cleaned(check: Check) -> Check:
    """What may be pasted into a public report: redacted, the home directory as `~`."""
    return replace(check, detail=_clean(check.detail), hint=_clean(check.hint) if check.hint else None)


def _clean(text: str) -> str:
    own = str(home() or "/")
    return redact.text(text.replace(own + "/", "~/") if len(own) > 1 else text)
