"""Options that several commands share, each written once."""

from typing import Annotated

import typer

from emkcli.commands._command import checked, given, words
from emkcli.config.durations import duration
from emkcli.locale import N_

From = Annotated[
    str | None,
    typer.Option("--from", metavar="FILE|-", help=N_("person file in TOML, JSON or YAML; - reads standard input")),
]
CodeStdin = Annotated[
    bool, typer.Option("--code-stdin", help=N_("read the SMS code from the first line of standard input"))
]
CodeCommand = Annotated[
    str | None,
    typer.Option(
        "--code-command", metavar="CMD", help=N_("program whose first line is the SMS code; run without a shell")
    ),
]
Storage = Annotated[
    str | None,
    typer.Option(
        "--storage",
        metavar="keyring|encrypted-file",
        help=N_("where the secret is kept: the keyring, or a file under a passphrase"),
        parser=words("keyring", "encrypted-file"),
        callback=given("storage"),
    ),
]
InsecureStorage = Annotated[
    bool, typer.Option("--insecure-storage", help=N_("keep the secret in a plain file only you can read"))
]
PassportScan = Annotated[
    str | None,
    typer.Option("--passport-scan", metavar="FILE", help=N_("scan of the passport, PNG or JPEG, at most 5 MB")),
]
Selfie = Annotated[
    str | None, typer.Option("--selfie", metavar="FILE", help=N_("photo of yourself, PNG or JPEG, at most 5 MB"))
]
AcceptConsent = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-consent",
        metavar="ID@VERSION",
        help=N_("accept this consent in exactly this version; once per consent"),
    ),
]
Search = Annotated[str | None, typer.Option("--search", metavar="TEXT", help=N_("a part of the name or the address"))]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        metavar="N",
        help=N_("print at most N and say how many there are"),
        parser=checked(lambda text: positive(text), "N"),
    ),
]
All = Annotated[bool, typer.Option("--all", help=N_("print all of them, also on a terminal"))]
ExitCode = Annotated[bool, typer.Option("--exit-code", help=N_("tell the outcome by the exit code"))]
Wait = Annotated[bool, typer.Option("--wait", help=N_("wait until it is decided"))]
For = Annotated[
    object,
    typer.Option(
        "--for", metavar="DURATION", help=N_("wait at most this long (72h)"), parser=checked(duration, "DURATION")
    ),
]
Interval = Annotated[
    object,
    typer.Option(
        "--interval", metavar="DURATION", help=N_("ask this often (5m)"), parser=checked(duration, "DURATION")
    ),
]
ControlToken = Annotated[
    str | None,
    typer.Option(
        "--control-token-file",
        metavar="FILE",
        help=N_("file with the control token of the mock server, instead of EMK_CONTROL_TOKEN_FILE"),
        callback=given("control_token_file"),
    ),
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline", help=N_("the card as it was at the last sync, without any network"), callback=given("offline")
    ),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="DATE|AGO|last", help=N_("from this date on: 2026-01-31, 30d, 6mo, 2y, or last")),
]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE|AGO", help=N_("up to this date"))]
Clinic = Annotated[
    str | None, typer.Option("--clinic", metavar="ID|NAME", help=N_("of this clinic: its id or a part of its name"))
]
Doctor = Annotated[
    str | None, typer.Option("--doctor", metavar="ID|NAME", help=N_("of this physician: the id or a part of the name"))
]
New = Annotated[bool, typer.Option("--new", help=N_("only what this profile has not seen yet; moves the mark"))]
Accepts = Annotated[
    str | None,
    typer.Option(
        "--accepts", metavar="adults|children", help=N_("who is accepted there"), parser=words("adults", "children")
    ),
]
Near = Annotated[
    str | None,
    typer.Option(
        "--near",
        metavar="registration|residence",
        help=N_("nearest to this address of yours first"),
        parser=words("registration", "residence"),
    ),
]


def positive(text: str) -> int:
    from emkcli.locale import _

    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 10**9:
        raise ValueError(_("a whole number above 0"))
    return int(text)


def whole(text: str) -> int:
    from emkcli.locale import _

    if not text.isascii() or not text.isdigit() or not int(text) < 10**9:
        raise ValueError(_("a whole number, 0 or more"))
    return int(text)


def decimal(text: str) -> float:
    from math import isfinite, nan

    from emkcli.locale import _

    try:
        number = float(text)
    except ValueError:
        number = nan
    if not isfinite(number) or number < 0:
        raise ValueError(_("a number, 0 or more"))
    return number
