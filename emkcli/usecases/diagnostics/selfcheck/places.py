"""What is kept on this machine and how: settings, the keyring, the session, the local card, the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.api import backend_settings
from emkcli.config.settings import SETTING_METADATA, SETTING_NAMES, STORED_SETTINGS
from emkcli.usecases.diagnostics.selfcheck.check import Check, doubtful, failed, passed, skipped

if TYPE_CHECKING:
    from emkcli.app import App

BESIDE = frozenset({"EMK_HOME", "EMK_TOKEN", "EMK_PASSPHRASE_FILE"})
"""Variables that are no settings."""
NO_LOGIN = frozenset({"mock", "local"})


def configuration(app: App) -> Iterator[Check]:
    """The file, and every setting that is not the default, with its origin."""
    settings, file = app.settings, app.config_file
    valid_names = {*(name.partition(".")[0] for name in STORED_SETTINGS), *backend_settings.TABLES}
    unknown = sorted(set(file.profiles().get(settings.profile, {})) - valid_names)
    detail = f"{file.path}{'' if file.path.exists() else ' (not there)'}, profile {settings.profile}"
    if unknown:
        yield doubtful("config", f"{detail}; unknown: {', '.join(unknown)}", "emk config edit")
    else:
        yield passed("config", detail)
    chosen = [name for name in SETTING_NAMES if settings.origin(name) != "default"]
    yield passed("settings", "; ".join(_setting(app, name) for name in chosen) or "all default")


def _setting(app: App, name: str) -> str:
    value: Any = app.redactor.data(app.settings.value(name), name)
    return f"{name} {value} ({app.settings.origin(name)})"


def environment(app: App) -> Iterator[Check]:
    """A misspelt variable is silent otherwise."""
    valid_names = BESIDE | {setting["env"] for setting in SETTING_METADATA.values()}
    variables = sorted(name for name in app.environ if name.startswith("EMK_"))
    unknown = [name for name in variables if name not in valid_names]
    if unknown:
        yield doubtful("environment", f"unknown: {', '.join(unknown)}", "emk help environment")
    else:
        yield passed("environment", ", ".join(variables) or "no EMK_ variables")


def keyring(app: App) -> Iterator[Check]:
    """Write, read back, delete, each with a deadline; the item is our own."""
    settings = app.settings
    if settings.keyring == "off":
        yield skipped("keyring", "off")
        return
    probed = app.credentials.keyring.without_dialogs()
    try:
        probed.set("emk:selfcheck", settings.profile, "probe")
        kept = probed.get("emk:selfcheck", settings.profile)
        probed.delete("emk:selfcheck", settings.profile)
    except errors.NoSecretStorage as cause:
        needed = settings.keyring == "required" or not (settings.backend in NO_LOGIN or settings.storage != "keyring")
        yield (failed if needed else doubtful)("keyring", cause.message, cause.hint)
    else:
        detail = "written, read back, deleted"
        yield (
            passed("keyring", detail) if kept == "probe" else failed("keyring", "it did not give back what was written")
        )


def session(app: App) -> Iterator[Check]:
    """Where a session would come from; the token itself is not looked at."""
    from emkcli.security.sessions.given_token import given_token

    token = given_token(app.settings, app.environ)
    if token is not None:
        yield passed("session", "EMK_TOKEN_FILE" if token.source == "env_file" else "EMK_TOKEN")
        return
    files = [path for path in (app.places.state / "sessions").glob("*") if path.suffix in {".json", ".sealed"}]
    yield passed("session", f"storage {app.settings.storage}, sessions in files: {len(files)}")


def local_card(app: App) -> Iterator[Check]:
    cards = app.local_cards
    stores = sorted(cards.directory.glob("*.sqlite3")) if cards.directory.is_dir() else []
    if not stores:
        yield skipped("local card", "none")
        return
    cards.unlock()
    size = sum(path.stat().st_size for path in stores)
    yield passed("local card", f"{len(stores)} encrypted stores, {size // 1024} KB, the key opens")


def audit(app: App) -> Iterator[Check]:
    entries = list(app.audit_log.entries())
    broken = sum(entry.broken is not None for entry in entries)
    detail = f"{app.audit_log.path}, {len(entries)} entries"
    if broken:
        yield doubtful("audit log", f"{detail}, {broken} broken", "emk audit show")
    else:
        yield passed("audit log", detail)


STEPS = (configuration, environment, keyring, session, local_card, audit)
