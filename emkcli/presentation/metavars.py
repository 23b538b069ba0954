"""What stands for a value in a usage line and in help, in the language in force."""

from __future__ import annotations

import re

from emkcli.locale import N_, _

METAVARS = (
    N_("ACTION"),
    N_("AGO"),
    N_("ANALYTE"),
    N_("CLINIC"),
    N_("CMD"),
    N_("COMMAND"),
    N_("DATE"),
    N_("DIR"),
    N_("DURATION"),
    N_("FILE"),
    N_("FORMAT"),
    N_("HOST"),
    N_("KEY"),
    N_("KIND"),
    N_("LIST"),
    N_("METHOD"),
    N_("NAME"),
    N_("PATH"),
    N_("PORT"),
    N_("PREFIX"),
    N_("SECONDS"),
    N_("SERVICE"),
    N_("STATUS"),
    N_("TEXT"),
    N_("TOPIC"),
    N_("VALUE"),
    N_("VERSION"),
)
_WORD = re.compile("[A-Z]{3,}")


def translated(metavar: str) -> str:
    """`FILE|-` as a reader's language has it; words that are typed as they stand are small and stay."""
    return _WORD.sub(lambda word: _(word[0]) if word[0] in METAVARS else word[0], metavar)
