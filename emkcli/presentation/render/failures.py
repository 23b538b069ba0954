"""What goes to stderr: notices, and the one error a run ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emkcli.errors import EmkError, ServerError
from emkcli.locale import _
from emkcli.presentation import terminal
from emkcli.presentation.render import json_document
from emkcli.security.safe_text import sanitise

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Voice


def notice(text: str, voice: Voice) -> None:
    """Say something beside the data: on stderr, or in `warnings` where a document or an error will carry it."""
    if voice.keeps_notices:
        voice.warnings.append(text)
    elif not voice.quiet:
        _say(text, voice)


def flush_notices(voice: Voice) -> None:
    """Say what waited in vain: the format turned out to have no place for warnings."""
    for text in voice.warnings if not voice.quiet else ():
        _say(text, voice)
    voice.warnings.clear()


def render_error(error: EmkError, voice: Voice) -> None:
    """One object with JSON output, else a message, its hint and what the server's support will ask for."""
    _redact(error, voice)
    if voice.speaks_json:
        warnings = {"warnings": list(voice.warnings)} if voice.warnings else {}
        voice.stderr.write(json_document.text({"error": error.as_dict() | warnings}, voice.stderr) + "\n")
    else:
        flush_notices(voice)
        _say_error(error, voice)
    voice.stderr.flush()


def _redact(error: EmkError, voice: Voice) -> None:
    redactor = voice.redactor
    error.message, error.details = redactor.text(error.message), redactor.data(error.details)
    error.hint = redactor.text(error.hint) if error.hint else None
    error.request_id = redactor.text(str(error.request_id)) if error.request_id else None


def _say_error(error: EmkError, voice: Voice) -> None:
    _say(error.message, voice, style="red", prefix="emk: ")
    if error.hint:
        _say(_("hint: {hint}").format(hint=error.hint), voice)
    if error.request_id and isinstance(error, ServerError):
        _say(_("request: {id}").format(id=error.request_id), voice)


def _say(text: str, voice: Voice, style: str | None = None, prefix: str = "") -> None:
    head = terminal.paint(prefix, style) if voice.colour_stderr else prefix
    clean = terminal.encodable(sanitise(text, multiline=True), voice.stderr)
    lines = terminal.fitting(f"{prefix}{clean}", voice.stderr)
    voice.stderr.write(f"{head}{lines.removeprefix(prefix)}\n")
