"""One check and how it ended: `ok`, `warn`, `fail` or `skip`. `detail` holds facts, the same in every language."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emkcli.config.named_files import home
from emkcli.security.redact import Redactor


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


def cleaned(check: Check, redactor: Redactor) -> Check:
    """What may be pasted into a public report: redacted, the home directory as `~`."""
    hint = _clean(check.hint, redactor) if check.hint else None
    return replace(check, detail=_clean(check.detail, redactor), hint=hint)


def _clean(text: str, redactor: Redactor) -> str:
    own = str(home() or "/")
    return redactor.text(text.replace(own + "/", "~/") if len(own) > 1 else text)
