"""Typer's complaints about a line, said in our words and languages."""

import difflib
from typing import Any

from typer.exceptions import TyperException

from emkcli import errors
from emkcli.locale import _

_LONGEST = 60
"""Of an option that there is not: what was pasted by mistake is not repeated whole."""


def usage_error(complaint: TyperException) -> errors.Usage:
    """The same complaint as `Usage`, with the help page as its hint. Typer's classes are told apart by what they carry."""
    context: Any = getattr(complaint, "ctx", None)
    hint = f"{context.command_path} --help" if context is not None else "emk --help"
    return errors.Usage(_message(complaint), hint=hint)


def _message(complaint: Any) -> str:
    kind = type(complaint).__name__
    if kind == "NoSuchOption":
        if complaint.option_name[1:2].isdigit() and (argument := _argument(complaint)):
            return _("{parameter} must not be negative.").format(parameter=_name(argument))
        option = complaint.option_name[:_LONGEST]
        near = difflib.get_close_matches(option, complaint.possibilities or (), n=1, cutoff=0.75)
        text = _("There is no option {option}.").format(option=option)
        return text + (" " + _("Did you mean {near}?").format(near=near[0]) if near else "")
    if kind == "MissingParameter":
        return _("{parameter} is missing.").format(parameter=_name(complaint.param))
    if kind == "BadParameter":
        return f"{_name(complaint.param)}: {complaint.message}"
    if kind == "BadOptionUsage":
        return _("{option} needs a value.").format(option=complaint.option_name)
    if kind == "UsageError" and "unexpected extra argument" in complaint.message:
        return _("There is a word too many on the line.")
    return str(complaint.message)


def _argument(complaint: Any) -> Any:
    """The last argument of the command, which a number with a dash was meant for; None where it takes none."""
    parameters = complaint.ctx.command.params if complaint.ctx else ()
    return next((each for each in reversed(parameters) if each.param_type_name == "argument"), None)


def _name(parameter: Any) -> str:
    if parameter is None:
        return _("an argument")
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper())
