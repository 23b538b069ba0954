"""Settings: flag > environment > profile > default, each value with its origin."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from emkcli import errors, locale
from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.config.setting_values import address, choice, hosts, name, provider, redirect, seconds, size, switch, word
from emkcli.locale import N_, _

STORAGES = ("keyring", "encrypted-file")
LARGEST_RESPONSE = 64 * 2**20
"""Bytes of one answer of a server, unpacked, where nobody set another limit."""
RETRIES = 3
"""How often what may be repeated is, where nobody said otherwise."""


def _setting(
    default: Any, env: str, help: str, parse: Callable[[str], Any] = str, *, stored: bool = True, table: str = ""
) -> Any:  # the value dataclasses.field returns is typed by the annotation beside it
    metadata = {"env": env, "help": help, "parse": parse, "stored": stored, "table": table}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Every setting there is; `stored=False` ones are no property of a profile. What belongs to a `table` is written
    TABLE.NAME and is the field TABLE_NAME here. `tables` are the profile's tables as they are, those of single backends
    among them, see `emkcli.api.backend_settings`."""

    profile: str = _setting("default", "EMK_PROFILE", N_("profile: its settings and its session"), name, stored=False)
    backend: str = _setting(
        "mock", "EMK_BACKEND", N_("mock, http, fhir, gosuslugi, local or one that a package added"), name
    )
    url: str | None = _setting(
        None, "EMK_URL", N_("address of the server; without a backend named it means http"), address
    )
    person: str | None = _setting(None, "EMK_PERSON", N_("whose card: a person's id, see emk person list"))
    output: str | None = _setting(None, "EMK_OUTPUT", locale.either(OUTPUT_FORMATS), choice(*OUTPUT_FORMATS))
    lang: str | None = _setting(None, "EMK_LANG", N_("ru or en"), choice(*locale.LANGUAGES))
    color: str = _setting("auto", "EMK_COLOR", N_("auto, always or never"), choice("auto", "always", "never"))
    no_input: bool = _setting(False, "EMK_NO_INPUT", N_("never ask"), switch)
    quiet: bool = _setting(False, "EMK_QUIET", N_("no notices and no progress"), switch)
    debug: bool = _setting(False, "EMK_DEBUG", N_("trace requests on stderr, without values"), switch)
    timeout: float = _setting(30.0, "EMK_TIMEOUT", N_("seconds one request may take as a whole"), seconds)
    limits_response: int = _setting(
        LARGEST_RESPONSE,
        "EMK_LIMITS_RESPONSE",
        N_("how large one answer of the server may be, unpacked, such as 64MB"),
        size,
        table="limits",
    )
    storage: str = _setting(
        "keyring",
        "EMK_STORAGE",
        N_("where the session is kept: keyring or encrypted-file"),
        choice(*STORAGES),
    )
    keyring: str = _setting("auto", "EMK_KEYRING", N_("auto, off or required"), choice("auto", "off", "required"))
    keyring_timeout: float = _setting(5.0, "EMK_KEYRING_TIMEOUT", N_("seconds the keyring may take"), seconds)
    ca_bundle: str | None = _setting(None, "EMK_CA_BUNDLE", N_("file with the authorities trusted for this server"))
    read_only: bool = _setting(False, "EMK_READ_ONLY", N_("refuse every change"), switch)
    token_file: str | None = _setting(None, "EMK_TOKEN_FILE", N_("file that holds an access token"), stored=False)
    control_token_file: str | None = _setting(
        None, "EMK_CONTROL_TOKEN_FILE", N_("file that holds the control token of a mock server"), stored=False
    )
    allow_http: str | None = _setting(
        None,
        "EMK_ALLOW_HTTP",
        N_("hosts beside this machine where a mock may be spoken to by plain http, such as mock or mock:8080"),
        hosts,
    )
    passphrase_file: str | None = _setting(
        None, "EMK_PASSPHRASE_FILE", N_("file with the passphrase of what is kept encrypted; - for standard input")
    )
    client_id: str | None = _setting(None, "EMK_CLIENT_ID", N_("what the login provider knows this program by"), word)
    issuer: str | None = _setting(
        None, "EMK_ISSUER", N_("OpenID provider to log in at, when it is not the one the server names"), provider
    )
    scope: str | None = _setting(None, "EMK_SCOPE", N_("what a login asks for, instead of the usual"))
    redirect_uri: str = _setting(
        "http://127.0.0.1/callback",
        "EMK_REDIRECT_URI",
        N_("where the browser comes back to, as registered at the provider; any port unless one is named"),
        redirect,
    )
    completion_records: bool = _setting(
        False,
        "EMK_COMPLETION_RECORDS",
        N_("let Tab offer records and analytes: what was listed of them is kept in plain"),
        switch,
        table="completion",
    )
    origins: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def origin(self, setting: str) -> str:
        """`flag`, `env NAME`, `profile NAME` or `default`."""
        return self.origins.get(setting, "default")

    def is_said_now(self, setting: str) -> bool:
        """Whether it was said for this run, on the line or by a variable, and not by the profile."""
        return self.origin(setting).startswith(("flag", "env"))

    def value(self, setting: str) -> Any:
        """The value of a setting by its name, such as `timeout` or `limits.response`."""
        return getattr(self, _field_name(setting))


def _field_name(setting: str) -> str:
    return setting.replace(".", "_")


SETTING_METADATA: dict[str, Mapping[str, Any]] = {
    f.name.replace(f"{table}_", f"{table}.") if (table := f.metadata["table"]) else f.name: f.metadata
    for f in fields(Settings)
    if "env" in f.metadata
}
SETTING_NAMES = tuple(SETTING_METADATA)
STORED_SETTINGS = tuple(setting for setting, metadata in SETTING_METADATA.items() if metadata["stored"])


def resolve_settings(
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    profiles: Mapping[str, Mapping[str, Any]],
    *,
    forgiven: Container[str] = (),
) -> Settings:
    """The settings in force. `options` are those of the command line, already parsed; a wrong value counts as none where
    its origin (`env`, `profile`) is `forgiven`."""
    profile = _pick("profile", options, environ, {}, forgiven)[0] or "default"
    table = profiles.get(profile, {})
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for setting in SETTING_NAMES:
        value, origin = _pick(setting, options, environ, table, forgiven)
        if origin:
            values[_field_name(setting)] = value
            origins[setting] = f"profile {profile}" if origin == "profile" else origin
    if "url" in values and "backend" not in values:
        values["backend"], origins["backend"] = "http", origins["url"]
    tables = {name: value for name, value in table.items() if isinstance(value, dict)}
    return Settings(**values, tables=tables, origins=origins)


def parse_setting(setting: str, text: str, origin: str) -> Any:
    """A text as the setting's value; the error names where the text came from."""
    try:
        return SETTING_METADATA[setting]["parse"](text)
    except ValueError as rule:
        raise errors.Usage(
            _("{setting} ({origin}): {rule}").format(setting=setting, origin=origin, rule=rule),
            hint=f"emk config unset {setting}" if origin == "profile" else None,
        ) from None


def parse_option(setting: str, text: str) -> Any:
    """The same for an option of the command line, named as it is written there."""
    try:
        return SETTING_METADATA[setting]["parse"](text)
    except ValueError as rule:
        option = "--" + setting.replace("_", "-")
        raise errors.Usage(_("{option}: {rule}").format(option=option, rule=rule)) from None


def _pick(
    setting: str,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    table: Mapping[str, Any],
    forgiven: Container[str],
) -> tuple[Any, str]:
    if options.get(setting) is not None:
        return options[setting], "flag"
    env = SETTING_METADATA[setting]["env"]
    stored = _stored(setting, table) if SETTING_METADATA[setting]["stored"] else None
    for kind, origin, text in (("env", f"env {env}", environ.get(env) or None), ("profile", "profile", stored)):
        try:
            if text is not None:
                return parse_setting(setting, text, origin), origin
        except errors.Usage:
            if kind not in forgiven:
                raise
    return None, ""


def _stored(setting: str, profile: Mapping[str, Any]) -> str | None:
    """A setting as a profile has it, None where it has none."""
    table, dot, name = setting.rpartition(".")
    values = profile.get(table) if dot else profile
    if not isinstance(values, Mapping) or name not in values:
        return None
    value = values[name]
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
