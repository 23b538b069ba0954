"""`emk mock`: the mock as a server, and the strings of the embedded one (or of a server at --url)."""

import math
import shlex
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from emkcli import errors
from emkcli.api.documents import Document
from emkcli.app import App
from emkcli.commands._command import Yes, checked, command, words
from emkcli.commands._options import ControlToken, ExitCode, From, Limit, decimal, positive, whole
from emkcli.config.durations import duration
from emkcli.locale import N_, _
from emkcli.results import Item, Line, Table, Text, Value
from emkcli.usecases import confirmation
from emkcli.usecases.mock_control import OPTION, control_token, load_state, pull, save_state
from emkcli.usecases.onboarding import next_step

FAULTS = (
    "5xx",
    "429",
    "html",
    "truncated-json",
    "drop-after-commit",
    "401-mid-paging",
    "stale-page",
    "slow",
    "200-with-error",
    "empty",
)
SCENARIOS = (
    "happy",
    "refusal",
    "expired-sms",
    "empty-card",
    "new-consent",
    "closed-panels",
    "slow",
    "child",
    "consent-withdrawn",
)
STATES = ("registered", "verified", "activated")

Seed = Annotated[
    int | None,
    typer.Option(
        "--seed", metavar="N", help=N_("which invented world: clinics, physicians, cards"), parser=checked(whole, "N")
    ),
]
Records = Annotated[
    int | None,
    typer.Option(
        "--records",
        metavar="N",
        help=N_("about this many laboratory results per card"),
        parser=checked(lambda text: _records(text), "N"),
    ),
]


@command(
    examples=(
        "emk mock serve",
        "emk mock serve --port 8080 --state mock.sqlite3 --max-tenants 16",
        "emk mock serve --seed 7 --records 200 --speed 3600",
        "emk mock serve --host 0.0.0.0 --port 8080 --control-token-file token.txt",
    )
)
def serve(
    app: App,
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help=N_("address to listen on (127.0.0.1)"))
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", help=N_("port; 0 takes a free one"), parser=checked(whole, "PORT"))
    ] = 0,
    state: Annotated[
        str | None, typer.Option("--state", metavar="FILE|:memory:", help=N_("where the state is kept (:memory:)"))
    ] = None,
    seed: Seed = None,
    records: Records = None,
    speed: Annotated[
        float | None,
        typer.Option(
            "--speed",
            metavar="X",
            help=N_("how much faster than real time the clock runs"),
            parser=checked(decimal, "X"),
        ),
    ] = None,
    max_tenants: Annotated[
        int | None,
        typer.Option(
            "--max-tenants",
            metavar="N",
            help=N_("how many tenants there are at once (64); the one idle longest goes first"),
            parser=checked(positive, "N"),
        ),
    ] = None,
    control_token_file: Annotated[
        str | None,
        typer.Option(
            "--control-token-file",
            metavar="FILE",
            help=N_("/mock asks for the token in this file; needed where HOST is open to other machines"),
        ),
    ] = None,
) -> Value:
    """Serve the mock over HTTP until Ctrl-C; one JSON line with its address is printed when it is ready.

    Below /t/NAME/ it has tenants: each has a state, a clock and an inbox of its own, is made on first use, lies beside the state
    FILE and is removed by DELETE /t/NAME.
    """
    from emkcli.mock.serve import serve as listen
    from emkcli.mock.tenants import MOST
    from emkcli.presentation.render import say

    if state and "://" in state:  # what stands in an address may be a password
        raise errors.Usage(_("--state takes a file or :memory:, no address."))

    def ready(url: str) -> None:
        say(Line({"url": url, "openapi": f"{url}/openapi.json", "fhir": f"{url}/fhir/R4"}), app.stdout)

    listen(
        host,
        port,
        state or ":memory:",
        seed=1 if seed is None else seed,
        records=records,
        speed=speed,
        most_tenants=max_tenants or MOST,
        control_token=control_token(app, control_token_file, OPTION) if control_token_file else None,
        ready=ready,
        notice=app.notice,
    )
    return None


@command(
    examples=(
        "emk mock reset",
        "emk mock reset --seed 7 --yes",
    ),
    ends=(
        5,
        7,
        8,
        11,
    ),
)
def reset(
    app: App, seed: Seed = None, records: Records = None, yes: Yes = False, control_token_file: ControlToken = None
) -> Value:
    """Forget everybody: accounts, applications, cards."""
    confirmation.make_sure(app, _("Forget everything in the mock?"), yes)
    return Item("mock_state", _control(app, "POST", "/mock/reset", _given(seed=seed, records=records)).object())


@command(
    examples=(
        "emk mock seed",
        "emk mock seed --state verified",
        "emk mock seed --another --records 50",
        "emk mock seed --from person.toml",
    ),
    ends=(
        5,
        6,
        7,
        8,
        11,
    ),
)
def seed(
    app: App,
    state: Annotated[
        str,
        typer.Option(
            "--state",
            metavar="registered|verified|activated",
            help=N_("how far the journey is (activated)"),
            parser=words(*STATES),
        ),
    ] = "activated",
    from_: From = None,
    another: Annotated[
        bool, typer.Option("--another", help=N_("somebody new at every call, instead of always the same person"))
    ] = False,
    records: Records = None,
    control_token_file: ControlToken = None,
) -> Value:
    """Create an invented person who is that far on the journey; emk login logs in with the phone it prints, which is remembered
    where nobody is logged in."""
    if from_ and another:
        raise errors.Usage(_("--from and --another exclude each other."))
    _require_mock(app)
    wish = {"state": state, **_given(records=records, another=another or None, person=_person(app, from_))}
    person = _control(app, "POST", "/mock/seed", wish).object()
    if not app.has_session():
        app.remember_login_name(person["phone"])
        person["next"] = next_step.LOGIN
    return Item("mock_state", person)


@command(
    examples=(
        "emk mock pictures pictures",
        "emk verify --passport-scan pictures/passport.png --selfie pictures/selfie.jpg",
    ),
    ends=(6,),
)
def pictures(
    app: App,
    directory: Annotated[str, typer.Argument(metavar="DIR", help=N_("where they go; made where it is not there"))],
) -> Value:
    """Write an invented passport scan and selfie, which show nobody: for emk verify on the mock."""
    from emkcli.usecases.onboarding import invented_papers

    scan, selfie = invented_papers.write_pictures(Path(directory))
    following = shlex.join(["emk", "verify", "--passport-scan", str(scan), "--selfie", str(selfie)])
    return Item("mock_state", {"passport_scan": str(scan), "selfie": str(selfie), "next": following})


def _records(text: str) -> int:
    from emkcli.mock.card import MOST_RECORDS

    if not text.isascii() or not text.isdigit() or not int(text) <= MOST_RECORDS:
        raise ValueError(_("a whole number, 0 to {most}").format(most=MOST_RECORDS))
    return int(text)


def _share(text: str) -> float:
    share = decimal(text)
    if not 0 < share <= 1:
        raise ValueError(_("a number above 0, 1 at most"))
    return share


@command(
    examples=(
        "emk mock clock",
        "emk mock clock advance 36h",
        "emk mock clock set 2026-11-16T18:00:00+03:00",
        "emk mock clock speed 3600",
    ),
    ends=(
        5,
        7,
        8,
        11,
    ),
)
def clock(
    app: App,
    action: Annotated[
        str,
        typer.Argument(
            metavar="show|advance|set|speed",
            help=N_("what to do with it"),
            parser=words("show", "advance", "set", "speed"),
        ),
    ] = "show",
    value: Annotated[
        str | None, typer.Argument(metavar="VALUE", help=N_("36h for advance, an ISO time for set, a factor for speed"))
    ] = None,
    control_token_file: ControlToken = None,
) -> Value:
    """The mock's clock: everything that takes hours is decided by it."""
    if action == "show":
        return Item("clock", _control(app, "GET", "/mock/clock").object())
    if value is None:
        raise errors.Usage(_("clock {action} needs a value.").format(action=action))
    step: dict[str, Any] = {"set": value}
    if action == "advance":
        step = {"advance": checked(duration, "VALUE")(value).total_seconds()}
    elif action == "speed":
        step = {"speed": _factor(value)}
    return Item("clock", _control(app, "POST", "/mock/clock", step).object())


@command(
    examples=(
        "emk mock inbox --limit 1",
        "emk mock inbox --code",
        "emk mock inbox --code --url http://127.0.0.1:8080 --control-token-file token.txt",
    ),
    ends=(
        3,
        5,
        7,
        8,
        11,
    ),
)
def inbox(
    app: App,
    code: Annotated[bool, typer.Option("--code", help=N_("print only the newest SMS code"))] = False,
    limit: Limit = None,
    control_token_file: ControlToken = None,
) -> Value:
    """The SMS messages the mock sent, newest first."""
    messages = _control(app, "GET", "/mock/inbox").objects("items")
    if not code:
        return Table("mock_state", ["at", "phone", "text"], messages[:limit])
    newest = next((message["code"] for message in messages if message.get("code")), None)
    if newest is None:
        raise errors.NotFound(_("No code was sent yet."))
    return Text(f"{newest}\n", kind="mock_state")


@command(
    examples=(
        "emk mock scenario",
        "emk mock scenario refusal",
    ),
    ends=(
        5,
        7,
        8,
        11,
    ),
)
def scenario(
    app: App,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="|".join(SCENARIOS),
            help=N_("what happens from now on; without it: what is set"),
            parser=words(*SCENARIOS),
        ),
    ] = None,
    control_token_file: ControlToken = None,
) -> Value:
    """What happens from now on, or what is set.

    Everything goes well (happy), applications are refused (refusal), codes arrive too late (expired-sms), cards have nothing in them
    (empty-card), a consent has a new text (new-consent), physicians take nobody (closed-panels), every answer takes 2 s longer
    (slow), the card of the child is open too (child), or a consent was withdrawn elsewhere (consent-withdrawn).
    """
    if name is None:
        return Item("mock_state", _control(app, "GET", "/mock/scenario").object())
    return Item("mock_state", _control(app, "PUT", "/mock/scenario", {"name": name}).object())


@command(
    examples=(
        "emk mock fault add 5xx --times 3",
        "emk mock fault add 5xx --path /fhir --rate 0.1",
        "emk mock fault list",
        "emk mock fault clear",
    ),
    ends=(
        5,
        7,
        8,
        11,
    ),
)
def fault(
    app: App,
    action: Annotated[
        str, typer.Argument(metavar="add|list|clear", help=N_("what to do"), parser=words("add", "list", "clear"))
    ],
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help=N_(
                "for add: 5xx, 429, html, truncated-json, drop-after-commit, 401-mid-paging, stale-page, slow, 200-with-error, empty"
            ),
            parser=words(*FAULTS),
        ),
    ] = None,
    path: Annotated[
        str | None, typer.Option("--path", metavar="PREFIX", help=N_("only requests whose path begins so"))
    ] = None,
    method: Annotated[
        str | None, typer.Option("--method", metavar="METHOD", help=N_("only requests of this method"))
    ] = None,
    times: Annotated[
        int | None,
        typer.Option(
            "--times",
            metavar="N",
            help=N_("how often; 0 until cleared (1, with --rate 0)"),
            parser=checked(whole, "N"),
        ),
    ] = None,
    after: Annotated[
        int, typer.Option("--after", metavar="N", help=N_("let the first N through"), parser=checked(whole, "N"))
    ] = 0,
    seconds: Annotated[
        float | None, typer.Option("--seconds", metavar="S", help=N_("how slow"), parser=checked(decimal, "S"))
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            metavar="R",
            help=N_("how many of the requests, 0.1 for one in ten; the same ones for the same seed (1)"),
            parser=checked(_share, "R"),
        ),
    ] = None,
    control_token_file: ControlToken = None,
) -> Value:
    """Faults on purpose: what a real server does on a bad day."""
    columns = ["id", "kind", "method", "path", "times", "after", "seconds", "rate"]
    if action == "list":
        return Table("fault", columns, _control(app, "GET", "/mock/faults").objects("items"))
    if action == "clear":
        return Table("fault", columns, _control(app, "DELETE", "/mock/faults").objects("items"))
    if kind is None:
        raise errors.Usage(_("Say which fault."), hint=", ".join(FAULTS))
    body = {"kind": kind, "after": after, **_given(times=times, path=path, method=method, seconds=seconds, rate=rate)}
    return Item("fault", _control(app, "POST", "/mock/faults", body).object())


@command(
    examples=(
        "emk mock log --limit 5",
        "emk mock log --method POST --path '/api/v1/requests*' --status 201 --exit-code",
        "emk mock log --method POST --path /api/v1/requests --query total",
        "emk mock log --clear",
    ),
    ends=(
        3,
        5,
        7,
        8,
        11,
        12,
    ),
)
def log(
    app: App,
    clear: Annotated[bool, typer.Option("--clear", help=N_("empty it"))] = False,
    limit: Limit = None,
    method: Annotated[
        str | None, typer.Option("--method", metavar="METHOD", help=N_("only requests of this method"))
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            "--path",
            metavar="PATH",
            help=N_("only requests to this path, without a tenant's prefix; * stands for anything"),
        ),
    ] = None,
    status: Annotated[
        int | None,
        typer.Option(
            "--status", metavar="STATUS", help=N_("only requests answered so"), parser=checked(whole, "STATUS")
        ),
    ] = None,
    exit_code: ExitCode = False,
    control_token_file: ControlToken = None,
) -> Value:
    """The requests the mock has seen, oldest first: method and path, never values.

    The 1000 newest are kept. Where older ones are lost it says so, and with --exit-code ends with 12 instead of 3 when it finds none.
    """
    wanted = {name: str(value) for name, value in _given(method=method, path=path, status=status).items()}
    if clear and (wanted or exit_code):
        raise errors.Usage(_("--clear empties the whole journal; it takes no filter."))
    journal = _control(app, "DELETE", "/mock/log") if clear else _control(app, "GET", f"/mock/log?{urlencode(wanted)}")
    entries, is_cut = journal.objects("items"), bool(journal.object().get("truncated"))
    if is_cut:
        app.notice(_("Only the newest requests are kept; older ones are lost."))
    shown = entries[-limit:] if limit else entries
    when_empty = 12 if is_cut else 3
    columns = ["at", "method", "path", "status", "request_id"]
    return Table("exchange", columns, shown, len(entries), is_cut, when_empty if exit_code else 0)


def _person(app: App, path: str | None) -> dict[str, Any] | None:
    from emkcli.usecases.onboarding import account

    return account.person_from(app, path).as_dict() if path else None


@command(
    examples=(
        "emk mock state save snapshot.jsonl",
        "emk mock state load snapshot.jsonl",
    ),
    ends=(
        5,
        6,
        7,
        8,
        11,
    ),
)
def state(
    app: App,
    action: Annotated[str, typer.Argument(metavar="save|load", help=N_("what to do"), parser=words("save", "load"))],
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help=N_("the snapshot; - is standard output or standard input"))
    ],
    force: Annotated[bool, typer.Option("--force", help=N_("replace what is there"))] = False,
    control_token_file: ControlToken = None,
) -> Value:
    """Everything in the mock as a file, and back: people, cards, sessions, clock, scenario, faults.

    load puts it in place of what is there, or changes nothing where the file is cut, damaged, of another program or of a newer emk.
    """
    _require_mock(app)
    if action == "load":
        return Item("mock_state", load_state(app, file))
    saved = save_state(app, file, force=force)
    return Item("mock_state", saved) if saved else None


def _control(app: App, method: str, path: str, body: dict[str, Any] | None = None) -> Document:
    """One pull at the mock's strings; only a mock has them."""
    _require_mock(app)
    return pull(app, method, path, body)


def _require_mock(app: App) -> None:
    if not app.client.has_wire or not app.client.demo:
        raise errors.Unsupported(_("Backend {backend} is no mock.").format(backend=app.settings.backend))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = math.nan
    if not math.isfinite(factor):
        raise errors.Usage(_("speed takes a number, such as 3600."))
    return factor
