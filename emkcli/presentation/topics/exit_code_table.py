"""The table of exit codes: every code with its slugs, from the error classes themselves, and what each code means in a few words."""

from __future__ import annotations

from collections.abc import Iterable

from emkcli import errors
from emkcli.locale import N_

OUTCOMES = (
    (0, "", N_("done; also an empty list")),
    (9, "in_progress", N_("--wait ended or --exit-code: not decided yet")),
    (10, "refused", N_("refused or cancelled")),
    (12, "incomplete", N_("an import or export ended without some part; the document says which")),
    (12, "check_failed", N_("a check of smoke failed")),
    (141, "", N_("the reader closed the pipe")),
)
MEANINGS = {
    0: N_("done; also an empty list"),
    1: N_("a bug in emk"),
    2: N_("a wrong option or value, or a question that may not be asked"),
    3: N_("nothing like that is there"),
    4: N_("nobody is logged in, or there is no safe place for a session or a key"),
    5: N_("not allowed, or not yet: a consent, the verification or the activation is missing"),
    6: N_("it is there already, or its state does not allow it"),
    7: N_("the server cannot be reached; retry later"),
    8: N_("the server failed; retry later"),
    9: N_("not decided yet"),
    10: N_("refused or cancelled"),
    11: N_("this backend cannot do it"),
    12: N_("a part is missing or a check failed; the output says which"),
    13: N_("a local file or store cannot be read, written or locked"),
    129: N_("the terminal went away (SIGHUP)"),
    130: N_("interrupted (Ctrl-C, Ctrl-D)"),
    141: N_("the reader closed the pipe"),
    143: N_("ended by SIGTERM"),
}
"""What all slugs of a code have in common, for the help of a command."""
ANY_RUN = (1, 129, 130, 141, 143)
"""How any run may end, whatever its command is."""


def rows() -> list[tuple[int, str, str]]:
    """Code, slug and meaning (a msgid), by code."""
    raised = [(kind.exit_code, kind.slug, kind.when) for kind in _tree(errors.EmkError)]
    return sorted(dict.fromkeys([*raised, *OUTCOMES]), key=lambda row: row[0])


def _tree(kind: type[errors.EmkError]) -> Iterable[type[errors.EmkError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _tree(below)
