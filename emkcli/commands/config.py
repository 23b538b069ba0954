"""`emk config`: settings with their origin; profiles."""

from typing import Annotated, Any

import typer

from emkcli import errors
from emkcli.api import backend_settings
from emkcli.app import App
from emkcli.commands._command import command
from emkcli.config.atomic_files import write_private
from emkcli.config.settings import SETTING_NAMES, STORED_SETTINGS, parse_setting
from emkcli.locale import N_, _
from emkcli.results import Item, Table, Text, Value
from emkcli.usecases import tab_values

Key = Annotated[str, typer.Argument(metavar="KEY", help=N_("name of the setting, see emk config list"))]


@command(
    examples=(
        "emk config list",
        "emk config list --profiles",
    )
)
def list_(
    app: App, profiles: Annotated[bool, typer.Option("--profiles", help=N_("list the profiles instead"))] = False
) -> Value:
    """Every setting with its value and where it comes from."""
    if profiles:
        tab_values.keep_profiles(app)
        names = dict.fromkeys([app.settings.profile, *app.config_file.profiles()])
        return Table("setting", ["profile", "used"], [{"profile": n, "used": n == app.settings.profile} for n in names])
    rows = [_row(app, key) for key in (*SETTING_NAMES, *backend_settings.shown(app.settings))]
    return Table("setting", ["key", "value", "origin"], rows)


@command(
    examples=(
        "emk config get backend",
        "emk config get lang --profile work",
    )
)
def get(app: App, key: Key) -> Value:
    """The value of one setting, as it is in force."""
    _check_key(key, SETTING_NAMES)
    value = _row(app, key)["value"]
    return Text("" if value is None else f"{_written(value)}\n", kind="setting")


@command(
    mends=True,
    examples=(
        "emk config set lang ru",
        "emk config set url http://127.0.0.1:8080 --profile work",
    ),
)
def set_(app: App, key: Key, value: Annotated[str, typer.Argument(metavar="VALUE", help=N_("its new value"))]) -> Value:
    """Set a value for this profile."""
    _check_key(key, STORED_SETTINGS)
    parsed = parse_setting(key, value, _("value")) if key in SETTING_NAMES else backend_settings.parse(key, value)
    app.config_file.change(app.settings.profile, key, _written(parsed))
    return _changed(app, key)


@command(mends=True, examples=("emk config unset lang",))
def unset(app: App, key: Key) -> Value:
    """Take a value out of this profile."""
    _check_key(key, STORED_SETTINGS)
    app.config_file.change(app.settings.profile, key, None)
    return _changed(app, key)


@command(mends=True, examples=("emk config path",))
def path(app: App) -> Value:
    """The file the settings are kept in."""
    return Text(f"{app.config_file.path}\n", kind="setting")


@command(
    mends=True,
    examples=(
        "emk config edit",
        "EDITOR=nano emk config edit",
    ),
)
def edit(app: App) -> Value:
    """Open the file in $VISUAL or $EDITOR, and check it afterwards."""
    import shlex

    from emkcli.security import external_programs

    editor = app.environ.get("VISUAL") or app.environ.get("EDITOR")
    if not editor:
        raise errors.Usage(_("No editor is named."), hint=_("set EDITOR, or use emk config set"))
    if not app.interactive:
        raise errors.Usage(_("An editor needs a terminal."), hint="emk config set KEY VALUE")
    if not app.config_file.path.exists():
        write_private(app.config_file.path, f"[profiles.{app.settings.profile}]\n")
    with external_programs.running([*shlex.split(editor), str(app.config_file.path)]) as process:
        process.wait()
    app.config_file.profiles()
    return None


def _changed(app: App, key: str) -> Value:
    """The setting as it is now; what was listed elsewhere is offered no more."""
    app.start(mends=True)
    if key in {"backend", "url", "completion.records"}:
        tab_values.forget(app)
    tab_values.keep_profiles(app)
    return Item("setting", _row(app, key))


def _row(app: App, key: str) -> dict[str, Any]:
    if key in SETTING_NAMES:
        value, origin = app.settings.value(key), app.settings.origin(key)
    else:
        value, origin = backend_settings.value(app.settings, key)
    return {"key": key, "value": value, "origin": origin}


def _check_key(key: str, names: tuple[str, ...]) -> None:
    keys = (*names, *backend_settings.names()) if "." in key else names
    if key not in keys:
        import difflib

        near = difflib.get_close_matches(key, keys, n=1)
        raise errors.Usage(
            _("There is no setting {key} in a profile.").format(key=key),
            hint=_("did you mean {near}?").format(near=near[0]) if near else "emk config list",
        )


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:g}" if isinstance(value, float) else str(value)
